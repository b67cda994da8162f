"""Morton codes (z-order): bit 3i of the code is bit i of x, 3i + 1 of y, 3i + 2 of z."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: The deepest octree whose codes fit in 63 bits.
MAX_DEPTH = 21

_SPREAD = (
    (32, 0x1F00000000FFFF),
    (16, 0x1F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


def encode(coordinates: npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """(..., 3) non-negative integer x, y, z below 2^21 to (...) uint64 codes."""
    code = np.zeros(coordinates.shape[:-1], np.uint64)
    for axis in range(3):
        v = coordinates[..., axis].astype(np.uint64)
        for shift, mask in _SPREAD:
            v = (v | (v << np.uint64(shift))) & np.uint64(mask)
        code |= v << np.uint64(axis)
    return code


def decode(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """(...) uint64 codes to (..., 3) int32 x, y, z."""
    out = np.empty((*codes.shape, 3), np.int32)
    for axis in range(3):
        v = (codes >> np.uint64(axis)) & np.uint64(_SPREAD[-1][1])
        for (shift, _), mask in zip(
            reversed(_SPREAD), [m for _, m in reversed(_SPREAD[:-1])] + [0x1FFFFF], strict=True
        ):
            v = (v | (v >> np.uint64(shift))) & np.uint64(mask)
        out[..., axis] = v.astype(np.int32)
    return out
