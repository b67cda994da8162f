"""The corners of an octree level, found once and kept with its voxels."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from nfcodec.container import limits
from nfcodec.layouts import morton
from nfcodec.layouts.bitmap import RankedBitmap

Codes = npt.NDArray[np.uint64]
Sites = npt.NDArray[np.int64]
T = TypeVar("T")

#: The deepest level that there may be.
MAX_OCTREE_DEPTH = limits.OCTREE_DEPTH


class Voxels(Protocol):
    """Occupied voxels of a ``2^depth`` cube: their Morton codes, increasing."""

    @property
    def depth(self) -> int: ...
    @property
    def voxels(self) -> Codes: ...


def corner_sites(layout: Voxels) -> Sites:
    """(N,) int64 sites ``(z (R + 1) + y) (R + 1) + x`` of the level's corners, increasing.

    Kept with the layout. They take time and memory in proportion to the voxels, however large the
    lattice is.
    """
    return _kept(_SITES, layout, _find_corners)


def corner_bitmap(layout: Voxels) -> RankedBitmap:
    """The corners as a ranked bitmap over the (2^depth + 1)^3 lattice; kept with the layout.

    It is made for looking corners up, and as large as the lattice: 154 MB at depth 10.
    """
    return _kept(_BITMAPS, layout, _index_corners)


def _find_corners(layout: Voxels) -> Sites:
    if layout.depth > MAX_OCTREE_DEPTH:
        raise ValueError(f"octree depth {layout.depth} is above {MAX_OCTREE_DEPTH}")
    side = 2**layout.depth + 1
    x, y, z = morton.decode(layout.voxels).T
    if side**3 <= _DENSE * layout.voxels.size:
        mask = np.zeros((side, side, side), np.bool_)
        mask[z, y, x] = True
        for plane in mask:  # a corner is the lower or the upper end of a voxel along each axis
            plane[:, 1:] |= plane[:, :-1]
            plane[1:] |= plane[:-1]
        for k in range(side - 1, 0, -1):
            mask[k] |= mask[k - 1]
        found: Sites = np.flatnonzero(mask)
        return found
    sites: Sites = z.astype(np.int64)
    sites *= side
    sites += y
    sites *= side
    sites += x
    sites.sort()
    for step in (1, side, side * side):
        sites = _united(sites, step)
    return sites


def _united(sites: Sites, step: int) -> Sites:
    """The increasing ``sites`` and those a ``step`` above them, each once."""
    both = np.concatenate([sites, sites + step])
    both.sort(kind="stable")  # which merges two runs
    new = np.empty(both.size, np.bool_)
    new[:1] = True
    np.not_equal(both[1:], both[:-1], out=new[1:])
    united: Sites = both[new]
    return united


def _index_corners(layout: Voxels) -> RankedBitmap:
    return RankedBitmap.from_sites(corner_sites(layout), (2**layout.depth + 1) ** 3)


#: A lattice of up to this many sites to a voxel is filled as a mask, which is quicker.
_DENSE = 16

_Kept: TypeAlias = "dict[int, tuple[weakref.ref[Codes], T]]"
_SITES: _Kept[Sites] = {}
_BITMAPS: _Kept[RankedBitmap] = {}


def _kept(kept: _Kept[T], layout: Voxels, make: Callable[[Voxels], T]) -> T:
    """What ``make`` gives for ``layout``, made once for as long as its voxels are there."""
    key = layout.voxels.ctypes.data
    cached = kept.get(key)
    if cached is not None and cached[0]() is layout.voxels:
        return cached[1]
    made = make(layout)
    kept[key] = (weakref.ref(layout.voxels, functools.partial(_forget, kept, key)), made)
    return made


def _forget(kept: _Kept[Any], key: int, ref: weakref.ref[Codes]) -> None:
    if key in kept and kept[key][0] is ref:
        del kept[key]
