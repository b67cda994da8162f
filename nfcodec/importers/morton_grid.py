"""Where instant-ngp and its descendants draw: grids of 128^3 cells in Morton order, in cascades."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError
from nfcodec.layouts import morton, octree

SIDE = 128
#: Optical thickness of a smallest step above which instant-ngp samples a cell.
_THICKNESS = 0.01


def of_instant_ngp(
    data: bytes, side: int, source: str
) -> Callable[[Any], npt.NDArray[np.bool_]] | None:
    """Which points of instant-ngp's space it draws, of ``density_grid_binary``; None if empty.

    Cascade c covers the cube of side 2^c around 0.5. Cells next to one that is drawn count as
    well: theirs and ours do not coincide.
    """
    if not data:
        return None
    cells = SIDE**3
    if side != SIDE or len(data) % (2 * cells):
        raise DamagedFileError(
            f"{source}: a density grid of {side} cells a side and {len(data):,} bytes; float16 "
            f"values of {SIDE}^3 cells for each cascade are known"
        )
    values = np.frombuffer(data, "<f2").astype(np.float32).reshape(-1, cells)
    threshold = min(_THICKNESS, float(np.maximum(np.nan_to_num(values[0]), 0.0).mean()))
    halves = [2.0**number / 2.0 for number in range(len(values))]
    return _drawn(values > threshold, halves, 0.5)


def of_bits(
    bits: npt.NDArray[np.uint8], halves: Sequence[float], source: str
) -> Callable[[Any], npt.NDArray[np.bool_]]:
    """Which points are drawn, of a bit field: bit k of byte j is cell 8 j + k, in Morton order.

    ``halves``: half the side of each cascade's cube, around the origin.
    """
    if bits.size * 8 != SIDE**3 * len(halves):
        raise DamagedFileError(
            f"{source}: a bit field of {bits.size:,} bytes, where {len(halves)} cascades of "
            f"{SIDE}^3 cells take {SIDE**3 * len(halves) // 8:,}"
        )
    flags = np.unpackbits(bits.reshape(len(halves), -1), axis=1, bitorder="little")
    return _drawn(flags != 0, halves, 0.0)


def _drawn(
    flags: npt.NDArray[np.bool_], halves: Sequence[float], middle: float
) -> Callable[[Any], npt.NDArray[np.bool_]]:
    """``flags``: (C, 128^3) in Morton order, of cubes around ``middle``."""
    x, y, z = morton.decode(np.arange(SIDE**3, dtype=np.uint64)).T
    masks = []
    for cascade in flags:
        mask = np.zeros((SIDE,) * 3, np.bool_)
        mask[z, y, x] = cascade
        masks.append(octree.dilate(mask))

    def drawn(points: Any) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(points), np.bool_)
        for mask, half in zip(masks, halves, strict=True):
            cell = np.floor(SIDE * ((points - middle) / (2.0 * half) + 0.5)).astype(np.int64)
            inside = ((cell >= 0) & (cell < SIDE)).all(axis=1)
            i, j, k = cell[inside].T
            found[inside] |= mask[k, j, i]
        return found

    return drawn
