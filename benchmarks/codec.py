"""Encoding and decoding: throughput, peak memory, and what entropy coding saves, by method.

    python benchmarks/codec.py --field lego.pt [--coded lego.nfc ...] [--rounds 7]

``--field`` is a trained field of any importable kind; it is quantized by each method. ``--coded``
adds files that are coded already, as by ``vqad``. Every figure is taken on one thread, quantizing,
encoding and decoding each in a process of its own. Writes ``benchmarks/results/codec.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import fresh, interleaved, peak_bytes, write

from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.model.coded import CodedField

METHODS: dict[str, dict[str, Any]] = {
    "float16": {"method": "float16"},
    "kmeans 1 bit": {"method": "kmeans", "bits": 1},
    "kmeans 4 bits": {"method": "kmeans", "bits": 4},
    "kmeans 8 bits": {"method": "kmeans", "bits": 8},
    "kmeans 12 bits": {"method": "kmeans", "bits": 12},
    "lra rank 4": {"method": "lra", "rank": 4},
}
#: The bars: symbols per second out of the entropy coder, and bits left of each at 4 bits.
SPEED_BAR, SIZE_BAR = 10e6, 0.85
ONE_THREAD = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def quantize(path: str, out: str, options: dict[str, Any]) -> dict[str, Any]:
    """In its own process: the field at ``path``, coded, to the file ``out``."""
    from nfcodec.importers import load
    from nfcodec.quantize import encode

    field = load(path)
    before, start = peak_bytes(), time.perf_counter()
    coded = encode(field, device="cpu", **options)
    seconds = time.perf_counter() - start
    peak = peak_bytes()
    coding.save(coded, out, overwrite=True)
    return {"seconds": round(seconds, 2), "peak_rss_mb": _mb(peak), "before_mb": _mb(before)}


def encode(path: str, rounds: int) -> dict[str, Any]:
    """In its own process: CodedField to bytes."""
    coded = coding.open(path)
    before = peak_bytes()
    times = interleaved({"all": lambda: coding.to_bytes(coded)}, rounds)["all"]
    memory = {"peak_rss_mb": _mb(peak_bytes()), "before_mb": _mb(before)}
    return {**_rates(coded, times.summary()), **memory}


def decode(path: str, rounds: int) -> dict[str, Any]:
    """In its own process: bytes to CodedField, and where its time goes.

    First as a process starts, then with Numba loaded; the figures of parts are of the second.
    """
    data = Path(path).read_bytes()
    before = peak_bytes()
    coded = coding.open(data)
    peak = peak_bytes()
    before_numba = interleaved({"all": lambda: coding.open(data)}, min(rounds, 3))["all"]
    import nfcodec.entropy.neighbor_kernels  # noqa: F401

    times = interleaved({"all": lambda: coding.open(data)}, rounds)["all"]
    assert "torch" not in sys.modules, "reading a file must not load PyTorch"
    result = {
        **_rates(coded, times.summary()),
        "peak_rss_mb": _mb(peak),
        "before_mb": _mb(before),
        "cpu_ms_before_numba": before_numba.summary()["cpu_ms"],
        "cpu_ms_by_part": _parts(data, rounds),
    }
    if any(isinstance(level.code, VQCode) for level in coded.levels):
        result["indices"] = _indices(data, coded, result["cpu_ms_by_part"])
    return result


def _indices(data: bytes, coded: CodedField, parts: dict[str, float]) -> dict[str, Any]:
    """Rate and speed of the index sections; every cost of the lattice is in the speed."""
    symbols = sum(level.code.num_rows for level in coded.levels)
    levels = coding.describe(data)["levels"]
    stored = sum(line["bits_per_index"] * line["rows"] for line in levels)
    full = sum(line["bits"] * line["rows"] for line in levels)
    return {
        "symbols": symbols,
        "bits_each": round(stored / symbols, 3),
        "of_full_width": round(stored / full, 3),
        "zero_order_bits_each": round(
            sum(line["zero_order_entropy"] * line["rows"] for line in levels) / symbols, 3
        ),
        "million_symbols_per_s": round(symbols / parts["indices"] / 1e3, 2),
        "million_symbols_per_s_at_best": round(symbols / parts["indices, least"] / 1e3, 2),
        "million_symbols_per_s_with_topology": round(
            symbols / (parts["indices"] + parts["topology"]) / 1e3, 2
        ),
    }


def _parts(data: bytes, rounds: int) -> dict[str, float]:
    """Processor time of decoding's parts."""
    from nfcodec.coding import levels
    from nfcodec.entropy import neighbors
    from nfcodec.layouts import memory, topology

    watched: list[tuple[str, Any, str]] = [
        ("topology", topology, "decode"),
        ("indices", levels, "_decode_indices"),
        ("indices: sites", memory, "sites_of"),
        ("indices: decisions", neighbors, "_code"),
    ]
    taken: dict[str, list[float]] = {name: [] for name, _, _ in watched}
    for _ in range(rounds + 1):
        with _watching(watched) as spent:
            coding.open(data)
        for name in taken:
            taken[name].append(spent[name])
    found = {name: statistics.median(values[1:]) for name, values in taken.items()}
    found["indices, least"] = min(taken["indices"][1:])
    return {name: round(1e3 * seconds, 2) for name, seconds in found.items()}


@contextmanager
def _watching(watched: list[tuple[str, Any, str]]) -> Iterator[dict[str, float]]:
    """Processor time inside the named functions meanwhile; parts of indices only within them."""
    spent = dict.fromkeys((name for name, _, _ in watched), 0.0)
    inside: list[str] = []

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            inside.append(name)
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                inside.pop()
                if ":" not in name or name.split(":")[0] in inside:
                    spent[name] += time.process_time() - start

        return run

    originals = [(owner, attribute, getattr(owner, attribute)) for _, owner, attribute in watched]
    for (name, owner, attribute), (_, _, original) in zip(watched, originals, strict=True):
        setattr(owner, attribute, timed(name, original))
    try:
        yield spent
    finally:
        for owner, attribute, original in originals:
            setattr(owner, attribute, original)


def _rates(coded: CodedField, summary: dict[str, Any]) -> dict[str, Any]:
    """Throughput by processor time, counted in codes: indices, or float16 numbers."""
    symbols = sum(
        level.code.num_rows if isinstance(level.code, VQCode) else level.code.nbytes // 2
        for level in coded.levels
    )
    seconds = summary["cpu_ms"] / 1e3
    held = sum(level.code.nbytes for level in coded.levels)
    return {
        **summary,
        "symbols": symbols,
        "million_symbols_per_s": round(symbols / seconds / 1e6, 2),
        "mb_per_s": round(held / seconds / 1e6, 2),
    }


def _mb(count: int) -> float:
    return round(count / 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--field", help="a trained field")
    parser.add_argument("--coded", nargs="*", default=[], help=".nfc files to measure as well")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work, path, *rest = options.worker
        if work == "quantize":
            result = quantize(path, rest[0], json.loads(rest[1]))
        else:
            result = {"encode": encode, "decode": decode}[work](path, options.rounds)
        print(json.dumps(result))
        return
    if not options.field:
        parser.error("--field is needed")

    def worker(*arguments: str) -> Any:
        command = ("--rounds", str(options.rounds), "--worker", *arguments)
        return fresh(__file__, *command, environment=ONE_THREAD)

    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {Path(path).stem: path for path in options.coded}
        for name, method in METHODS.items():
            paths[name] = os.path.join(folder, name.replace(" ", "_") + ".nfc")
            results[name] = {
                "quantize": worker("quantize", options.field, paths[name], json.dumps(method))
            }
        for name, path in paths.items():
            results.setdefault(name, {}).update(
                file_bytes=os.path.getsize(path),
                encode=worker("encode", path),
                decode=worker("decode", path),
            )
    decoded = {name: case["decode"] for name, case in results.items()}
    indices = {name: case["indices"] for name, case in decoded.items() if "indices" in case}
    speed = {name: case["million_symbols_per_s"] for name, case in indices.items()}
    share = {name: case["of_full_width"] for name, case in indices.items() if "4 bits" in name}
    results["bars"] = {
        "million_index_symbols_per_s": {
            "bar": SPEED_BAR / 1e6,
            **speed,
            "met": min(speed.values()) >= SPEED_BAR / 1e6,
        },
        "of_4_bits": {"bar": SIZE_BAR, **share, "met": max(share.values()) <= SIZE_BAR},
    }
    settings = {"field": Path(options.field).name, "rounds": options.rounds, "threads": 1}
    write("codec", settings, results)


if __name__ == "__main__":
    main()
