"""One coding or decoding by nfcodec, or by hashed indices, in a process of its own.

    python work.py < request.json

A request comes as JSON on the standard input, figures go out as JSON on the last line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import peak_bytes

from nfcodec import exporters, quantize, stream
from nfcodec.field import Field
from nfcodec.rd.inputs import open_data, require_plain
from rate import skeleton
from rate.switches import applied

Request = dict[str, Any]


def encode(request: Request) -> Callable[[], bytes]:
    """``field``, ``data``, ``method``, ``options``, ``seed``, ``device``, ``resume``, ``patches``,
    ``contexts``."""
    field = require_plain(request["field"])
    options = dict(request["options"])
    cls = quantize.method_class(request["method"]) if request["method"] != "hashed" else None
    learns = cls is None or cls.learns
    data = None
    if learns and request["data"] is not None:
        data = open_data(request["data"], field.kind, "train")

    def hashed() -> bytes:
        from rate import hashed

        context = quantize.Context(data, request["device"], request["seed"])
        learned, index = hashed.learn(field, options["bits"], options["steps"], context)
        blob = hashed.to_bytes(learned, index, options["bits"])
        return skeleton.wrap(skeleton.build(field), blob)

    def ours() -> bytes:
        resume = {"resume": request["resume"]} if learns else {}
        with applied(request.get("patches", [])):
            coded = quantize.encode(
                field, request["method"], data=data, seed=request["seed"],
                device=request["device"], **resume, **options,
            )  # fmt: skip
            return stream.to_bytes(coded, contexts=request.get("contexts", True))

    return ours if cls is not None else hashed


def rewrite(request: Request) -> Callable[[], bytes]:
    """``source``: a ``.nfc`` file, to be written anew without its preview; ``contexts``."""
    coded = stream.open(request["source"])
    return lambda: stream.to_bytes(coded, contexts=request["contexts"])


def decode(request: Request) -> Callable[[], Field]:
    """``file``: of nfcodec, or of hashed indices."""
    data = Path(request["file"]).read_bytes()
    if request["file"].endswith(".nfc"):
        import nfcodec.entropy.kernels  # noqa: F401  compiled code is loaded before the clock runs
        from nfcodec.coded import to_field

        return lambda: to_field(stream.open(data))
    from rate import hashed

    return lambda: hashed.from_bytes(*skeleton.unwrap(data))


def main() -> None:
    request = json.load(sys.stdin)
    job = {"encode": encode, "rewrite": rewrite, "decode": decode}[request["do"]](request)
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = peak_bytes()
    if isinstance(result, bytes):
        Path(request["out"]).write_bytes(result)
    else:
        exporters.export(result, request["out"], overwrite=True)
    print("\n" + json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_rss": peak}))


if __name__ == "__main__":
    main()
