"""Coders of volumes on real volumes: bytes at a PSNR and under a bound of the error.

    pip install imagecodecs blosc2
    NFCODEC_DATA=... python benchmarks/volumes.py [--only ct_pitch,...]

Every array goes in as float32, whole; to nfcodec in its own type, and its bytes are those of the
whole file, mask included. PSNR and errors are of the range max - min over valid voxels.
Each figure is the smallest file found that holds the target: the tolerance is bisected; SPERR is
the better of its PSNR and its bound mode. *levels + ...*: rounding to a step of twice the error,
then blosc2 (Zstandard 9, shuffle) or JPEG XL lossless slice by slice. Where a volume has NaN, peers
get the mean in their place and the mask, by Zstandard 19, counts in their bytes.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import volume_data
from common import RESULTS, write
from peer_codecs.volumes import CODERS, Coder, blosc, jxl, levels, versions

from nfcodec import coding
from nfcodec.data.volumes import Volume as Array
from nfcodec.encoder.volumes import VolumeRequest, encode_volume
from nfcodec.exporters import export

Floats = npt.NDArray[np.float32]
PSNRS, BOUNDS = (35.0, 45.0, 55.0), (1e-2, 1e-3)
OURS = "nfcodec"
NAMES = (OURS, "SZ3", "ZFP", "SPERR", "levels + blosc2", "levels + JPEG XL")


@dataclass(frozen=True)
class Volume:
    """``values``: as they came. ``filled``: the same in float32, the mean in place of NaN.

    ``extra``: bytes of the mask.
    """

    values: npt.NDArray[Any]
    filled: Floats
    valid: npt.NDArray[np.bool_]
    spread: float
    extra: int

    @staticmethod
    def of(values: npt.NDArray[Any]) -> Volume:
        floats = np.ascontiguousarray(values, np.float32)
        valid = np.isfinite(floats)
        filled = np.where(valid, floats, floats[valid].mean(dtype=np.float64)).astype(np.float32)
        mask = imagecodecs.zstd_encode(np.packbits(valid).tobytes(), 19)
        spread = float(filled.max()) - float(filled.min())
        return Volume(values, filled, valid, spread, 0 if valid.all() else len(mask))

    def errors(self, decoded: npt.NDArray[Any]) -> tuple[float, float]:
        """PSNR in dB and the largest error, of the range."""
        error = (decoded.astype(np.float64) - self.filled.astype(np.float64))[self.valid]
        mean = float((error**2).mean())
        psnr = 20 * math.log10(self.spread / math.sqrt(mean)) if mean else math.inf
        return psnr, float(np.abs(error).max()) / self.spread


def largest(holds: Callable[[float], bool], high: float, steps: int) -> float | None:
    """The largest tolerance in ``high`` / 2^(k / steps) that holds; None if none of them does.

    Holding is taken to be monotonic.
    """
    low, top = 0, 24 * steps
    if not holds(high * 2 ** (-top / steps)):
        return None
    while low < top:
        middle = (low + top) // 2
        if holds(high * 2 ** (-middle / steps)):
            top = middle
        else:
            low = middle + 1
    return high * 2 ** (-top / steps)


def targets() -> Iterator[tuple[str, float | None, float | None]]:
    """Name, PSNR and bound of each."""
    for psnr in PSNRS:
        yield f"{psnr:g} dB", psnr, None
    for bound in BOUNDS:
        yield f"error {bound:g}", None, bound


def _suffices(found: tuple[float, float], psnr: float | None, bound: float | None) -> bool:
    return found[0] >= psnr if psnr is not None else found[1] <= (bound or 0.0)


def by_coder(volume: Volume, coder: Coder, psnr: float | None, bound: float | None) -> Any:
    """The smallest file of ``coder`` that holds the target, with what it came to."""
    if bound is not None and not coder.bounded:
        return None
    tried: dict[float, tuple[int, tuple[float, float]]] = {}

    def holds(tolerance: float) -> bool:
        data = coder.encode(volume.filled, tolerance)
        decoded = coder.decode(data, volume.filled.shape)
        tried[tolerance] = len(data) + volume.extra, volume.errors(decoded)
        return _suffices(tried[tolerance][1], psnr, bound)

    # A coder that keeps a bound is given it; one that stays far below it is searched.
    high = volume.spread * (0.5 if bound is None else bound * (1 if coder.steps > 1 else 32))
    if bound is not None and coder.steps > 1:
        found = high if holds(high) else high * 0.999
        if not holds(found):
            return None
    else:
        start = 2.0 ** math.ceil(math.log2(high)) if coder.steps == 1 else high
        best = largest(holds, start, coder.steps)
        if best is None:
            return None
        found = best
    return tried[found]


def by_levels(volume: Volume, psnr: float | None, bound: float | None) -> Any:
    """The multiples that hold the target, and what they come to."""

    def errors(tolerance: float) -> tuple[float, float]:
        step = 2 * tolerance
        return volume.errors(np.rint(volume.filled.astype(np.float64) / step) * step)

    if bound is not None:
        tolerance: float | None = bound * volume.spread
    else:
        tolerance = largest(lambda t: _suffices(errors(t), psnr, None), volume.spread / 2, 64)
    assert tolerance is not None
    return levels(volume.filled, tolerance), errors(tolerance)


def by_us(volume: Volume, psnr: float | None, bound: float | None) -> Any:
    """The whole ``.nfc`` file: its bytes, and what decoding it comes to."""
    found = encode_volume(Array.of(volume.values), VolumeRequest(bound, psnr))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decoded.npy"
        export(coding.open(found.data), path)
        return len(found.data), volume.errors(np.load(path))


def measure(volume: Volume) -> dict[str, dict[str, Any]]:
    """Bytes, PSNR and error by target and coder."""
    found: dict[str, dict[str, Any]] = {}
    for name, psnr, bound in targets():
        row: dict[str, tuple[int, tuple[float, float]]] = {OURS: by_us(volume, psnr, bound)}
        for coder in CODERS:
            point = by_coder(volume, coder, psnr, bound)
            if point is not None and (coder.name not in row or point[0] < row[coder.name][0]):
                row[coder.name] = point
        rounded, errors = by_levels(volume, psnr, bound)
        row["levels + blosc2"] = blosc(rounded) + volume.extra, errors
        if (size := jxl(rounded)) is not None:
            row["levels + JPEG XL"] = size + volume.extra, errors
        found[name] = {
            coder: {"bytes": size, "psnr": round(errors[0], 2), "error": float(f"{errors[1]:.4g}")}
            for coder, (size, errors) in row.items()
        }
    return found


def _least(row: dict[str, dict[str, Any]]) -> int:
    return min(each["bytes"] for each in row.values())


def tables(results: dict[str, Any], names: tuple[str, ...]) -> str:
    """Markdown: one table for each target, and how far each coder is from the best."""
    text = ["# Coders of volumes", "", *(__doc__ or "").splitlines()[4:], ""]
    for target, _, _ in targets():
        text += [f"Bytes at {target}:", "", "| volume | " + " | ".join(names) + " |"]
        text.append("| --- |" + " --- |" * len(names))
        for volume, rows in results.items():
            row = rows[target]
            least = _least(row)
            cells = [
                "-" if name not in row
                else f"**{row[name]['bytes']:,}**" if row[name]["bytes"] == least
                else f"{row[name]['bytes']:,}"
                for name in names
            ]  # fmt: skip
            text.append(f"| {volume} | " + " | ".join(cells) + " |")
        text.append("")
    text += ["Times the best of its row, geometric mean over the volumes:", ""]
    text += ["| | " + " | ".join(target for target, _, _ in targets()) + " |"]
    text.append("| --- |" + " --- |" * len(list(targets())))
    for name in names:
        cells = []
        for target, _, _ in targets():
            rows = [each[target] for each in results.values() if name in each[target]]
            logs = [math.log(row[name]["bytes"] / _least(row)) for row in rows]
            cells.append(f"{math.exp(sum(logs) / len(logs)):.2f}" if logs else "-")
        text.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(text) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="volumes, by commas")
    options = parser.parse_args()
    only = options.only.split(",") if options.only else None
    results: dict[str, Any] = {}
    for name, values in volume_data.load(only).items():
        begun = time.perf_counter()
        results[name] = measure(Volume.of(values))
        print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)
    settings = {"versions": versions(), "psnr": PSNRS, "bounds": BOUNDS}
    write("volumes", settings, results)
    (RESULTS / "volumes.md").write_text(tables(results, NAMES))


if __name__ == "__main__":
    main()
