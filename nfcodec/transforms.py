"""Where a level sits in the field's box: an affine map from the box to the level's own space.

A transform is a (d, D + 1) float32 array ``[M | t]``, or None for the identity: the level, of d
dimensions, sees ``M @ u + t`` where the field, of D >= d dimensions, sees ``u`` in [-1, 1]^D. A
plane or a line of a 3-D field has d = 2 or 1.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from nfcodec.arrays import FloatArray, need_array, need_finite
from nfcodec.errors import InvalidFieldError
from nfcodec.model.protocols import Array64

#: A (P, D) array of NumPy or tensor of PyTorch.
A = TypeVar("A", bound=Any)


def apply(transform: A | None, u: A) -> A:
    """(P, D) points to the (P, d) points that a level sees; both of NumPy or both of PyTorch."""
    if transform is None:
        return u
    placed: A = u @ transform[:, :-1].T + transform[:, -1]
    return placed


def check(transform: FloatArray | None, dims: int, where: str) -> int:
    """The dimensions d of a level with ``transform`` in a field of ``dims`` dimensions.

    InvalidFieldError unless the transform is finite and (d, dims + 1) with d from 1 to ``dims``.
    """
    if transform is None:
        return dims
    need_array(transform, np.float32, 2, f"{where}: transform")
    rows, columns = transform.shape
    if columns != dims + 1 or not 1 <= rows <= dims:
        raise InvalidFieldError(
            f"{where}: transform has shape {transform.shape}, (d, {dims + 1}) with d from 1 to "
            f"{dims} is needed"
        )
    need_finite(transform, f"{where}: transform")
    return int(rows)


def voxel_sides(
    transform: FloatArray | None, extent: Array64, resolution: tuple[float, ...]
) -> Array64:
    """(d,) sides of a level's voxels in a box of ``extent`` (D,), in the units of that.

    ``resolution``: the level's voxels along each of its axes. A transform that shrinks the level's
    share of the box shrinks its voxels with it. An axis of a plane or a line is measured along the
    axis of the box that it follows most.
    """
    voxels = np.array(resolution)
    if transform is None:
        return np.asarray(extent / voxels)
    linear = transform[:, :-1].astype(np.float64)
    if len(linear) != len(extent):
        extent = extent[np.abs(linear).argmax(axis=1)]
    return np.asarray(extent / (voxels * np.linalg.norm(linear, axis=1).clip(1e-6)))


def magnification(transform: FloatArray | None) -> float:
    """How many times finer than the level's own resolution it is along some axis of the box."""
    if transform is None:
        return 1.0
    return float(np.linalg.norm(transform[:, :-1], axis=0).max())
