"""One coding or decoding by nfcodec, or by hashed indices, in a process of its own.

    python work.py < request.json

A request comes as JSON on the standard input, figures go out as JSON on the last line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import peak_bytes

from nfcodec import coding, exporters, quantize
from nfcodec.encoder.encode_file import encode_file
from nfcodec.encoder.request import EncodeRequest
from nfcodec.files import open_data, require_plain
from nfcodec.model.coded import CodedField, to_field
from nfcodec.model.field import Field
from rate import skeleton
from rate.switches import applied

Request = dict[str, Any]


def encode(request: Request) -> Callable[[], bytes]:
    """``field``, ``data``, ``method``, ``options``, ``seed``, ``device``, ``resume``; and of a
    switch ``stand_ins`` and ``one_lod``."""
    field = require_plain(request["field"])
    options, method = request["options"], request["method"]
    own = method in quantize.METHODS
    learns = not own or quantize.method_class(method).learns
    data = None
    if learns and request["data"] is not None:
        data = open_data(request["data"], field.kind, "train")

    def hashed_indices() -> bytes:
        from rate import hashed

        context = quantize.Context(data, request["device"], request["seed"])
        learned, index = hashed.learn(field, options["bits"], options["steps"], context)
        blob = hashed.to_bytes(learned, index, options["bits"])
        return skeleton.wrap(skeleton.build(field), blob)

    def published() -> bytes:
        from rate.published import PublishedVQAD

        quantizer = PublishedVQAD(**options)
        context = quantize.Context(data, request["device"], request["seed"])
        coded = quantizer.quantize(field, context)
        metadata = {key: each for key, each in coded.metadata.items() if key != "viewpoints"}
        return coding.to_bytes(
            replace(coded, metadata={**metadata, "encoding": quantizer.to_json()})
        )

    def ours() -> bytes:
        wanted = EncodeRequest.of(
            method, data=data, seed=request["seed"], device=request["device"], preview=False,
            resume=Path(request["resume"]) if learns else None, **options,
        )  # fmt: skip
        with applied(request.get("stand_ins", {})):
            found = encode_file(field, wanted)
        return coding.to_bytes(_one_lod(found.coded)) if request.get("one_lod") else found.data

    return ours if own else {"hashed": hashed_indices, "published": published}[method]


def _one_lod(coded: CodedField) -> CodedField:
    """``coded`` with all its levels in one level of detail."""
    grids = tuple(
        replace(grid, levels=tuple(replace(level, lod=0) for level in grid.levels))
        for grid in coded.grids
    )
    return replace(coded, grids=grids)


def rewrite(request: Request) -> Callable[[], bytes]:
    """``source``: a ``.nfc`` file, to be written anew without its preview; ``written``: options."""
    coded = coding.open(request["source"])
    return lambda: coding.to_bytes(coded, **request["written"])


def decode(request: Request) -> Callable[[], Field]:
    """``file``: of nfcodec, or of hashed indices."""
    data = Path(request["file"]).read_bytes()
    if request["file"].endswith(".nfc"):
        import nfcodec.entropy.neighbor_kernels  # noqa: F401  compiled code is loaded before the clock runs

        return lambda: to_field(coding.open(data))
    from rate import hashed

    return lambda: hashed.from_bytes(*skeleton.unwrap(data))


def run(request: Request) -> Request:
    """Do what is asked for, and write it to ``out``; the seconds and the memory it took."""
    job = {"encode": encode, "rewrite": rewrite, "decode": decode}[request["do"]](request)
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = peak_bytes()
    if isinstance(result, bytes):
        Path(request["out"]).write_bytes(result)
    else:
        exporters.export(result, request["out"], overwrite=True)
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_rss": peak}


if __name__ == "__main__":
    print("\n" + json.dumps(run(json.load(sys.stdin))))
