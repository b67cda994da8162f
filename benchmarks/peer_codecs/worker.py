"""One coding or decoding by an array codec, in a process of its own: a request comes as JSON on the
standard input, figures go out as JSON on the last line.

    python worker.py < request.json
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module, metadata
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import numpy as np

from peer_codecs import Arrays, Floats, Shapes


def save(arrays: Arrays, path: str) -> None:
    """``arrays`` as a ``.npz``."""
    parts = {"level": arrays.levels, "network": arrays.networks}
    named = {f"{kind}{i}": array for kind, each in parts.items() for i, array in enumerate(each)}
    np.savez(path, **named)


def load(path: str) -> Arrays:
    """The inverse of :func:`save`."""
    with np.load(path) as found:

        def all_of(kind: str) -> list[Floats]:
            names = sorted(
                (n for n in found.files if n.startswith(kind)), key=lambda n: int(n[len(kind) :])
            )
            return [found[name] for name in names]

        return Arrays(all_of("level"), all_of("network"))


def work(request: dict[str, Any]) -> dict[str, Any]:
    """``{"codec", "encode": path of arrays, "value", "out"}``, ``{"codec", "decode": path of bytes,
    "shapes", "out"}``, or ``{"codec"}`` alone, for what the codec is."""
    codec = import_module(f"peer_codecs.{request['codec']}")
    about = {
        "name": codec.NAME,
        "knob": codec.KNOB,
        "values": list(codec.VALUES),
        "libraries": {name: metadata.version(name) for name in codec.LIBRARIES},
    }
    if "encode" in request:
        arrays = load(request["encode"])
        wall, cpu = time.perf_counter(), time.process_time()
        data = codec.encode(arrays, request["value"])
        taken = time.perf_counter() - wall, time.process_time() - cpu
        with open(request["out"], "wb") as file:
            file.write(data)
    elif "decode" in request:
        with open(request["decode"], "rb") as file:
            data = file.read()
        shapes = Shapes(
            *([tuple(shape) for shape in request["shapes"][kind]] for kind in Shapes._fields)
        )
        wall, cpu = time.perf_counter(), time.process_time()
        arrays = codec.decode(data, shapes)
        taken = time.perf_counter() - wall, time.process_time() - cpu
        save(arrays, request["out"])
    else:
        return about
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    return {**about, "seconds": taken[0], "cpu_seconds": taken[1], "peak_rss": peak}


if __name__ == "__main__":
    print("\n" + json.dumps(work(json.load(sys.stdin))))
