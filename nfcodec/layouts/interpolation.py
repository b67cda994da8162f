"""Rows and weights of multi-linear interpolation on a lattice, in float64."""

from __future__ import annotations

import numpy as np

from nfcodec.layouts.bitmap import RankedBitmap
from nfcodec.model.protocols import Array64, Rows


def corners(
    at: Array64, extent: Rows, clamped: bool, index: RankedBitmap | None = None
) -> tuple[Rows, Array64]:
    """The lattice points around ``at`` (P, D), in lattice units: rows and weights (P, 2^D).

    ``extent``: (D,) points of the lattice along x, y, z. ``clamped``: ``at`` lies on the lattice,
    whose last point then belongs to the last cell. ``index``: the rows of lattice points; by
    default all have one, in C order with x fastest.
    """
    points, dims = at.shape
    base = np.floor(at)
    if clamped:
        base = np.where((base == extent - 1) & (extent > 1), extent - 2, base)
    frac = at - base
    rows = np.empty((points, 1 << dims), np.int64)
    weights = np.empty((points, 1 << dims))
    for corner in range(1 << dims):
        offset = np.array([corner >> d & 1 for d in range(dims)])
        coordinates = (base + offset).astype(np.int64)
        inside = ((coordinates >= 0) & (coordinates < extent)).all(axis=1)
        safe = np.where(inside[:, None], coordinates, 0)
        site = np.ravel_multi_index(tuple(safe.T[::-1]), tuple(extent[::-1]))
        row = site if index is None else index.rank(site)
        rows[:, corner] = np.where(inside, row, -1)
        weights[:, corner] = np.where(offset == 1, frac, 1.0 - frac).prod(axis=1)
    return rows, weights
