"""Sparse octrees: occupied voxels by level, and the corners that carry vectors."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from nfcodec.layouts import morton
from nfcodec.layouts.bitmap import RankedBitmap
from nfcodec.model.field import OctreeLayout

Codes = npt.NDArray[np.uint64]
Sites = npt.NDArray[np.int64]
T = TypeVar("T")

#: The deepest level that there may be.
MAX_OCTREE_DEPTH = 10


def from_cells(cells: npt.NDArray[np.bool_]) -> OctreeLayout:
    """The level whose occupied voxels are the true ``cells``, a (2^d, 2^d, 2^d) mask [z, y, x]."""
    depth = int(cells.shape[0]).bit_length() - 1
    if cells.shape != (2**depth,) * 3:
        raise ValueError(f"expected a cube of 2^depth cells, got {cells.shape}")
    zyx = np.argwhere(cells)
    return OctreeLayout(depth, np.sort(morton.encode(zyx[:, ::-1])))


def to_cells(layout: OctreeLayout) -> npt.NDArray[np.bool_]:
    """The inverse of :func:`from_cells`."""
    cells = np.zeros((2**layout.depth,) * 3, np.bool_)
    x, y, z = morton.decode(layout.voxels).T
    cells[z, y, x] = True
    return cells


def coarsen(layout: OctreeLayout, depth: int) -> OctreeLayout:
    """The level ``depth``, at most the layout's own, of the same tree: its voxels' ancestors."""
    steps = layout.depth - depth
    if steps < 0:
        raise ValueError(f"cannot coarsen depth {layout.depth} to {depth}")
    return OctreeLayout(depth, np.unique(layout.voxels >> np.uint64(3 * steps)))


def dilate(cells: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """``cells`` grown by one cell in all 26 directions."""
    for axis in range(cells.ndim):
        grown = cells.copy()
        lower = [slice(None)] * cells.ndim
        upper = [slice(None)] * cells.ndim
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        grown[tuple(upper)] |= cells[tuple(lower)]
        grown[tuple(lower)] |= cells[tuple(upper)]
        cells = grown
    return cells


def child_masks(parents: Codes, children: Codes) -> npt.NDArray[np.uint8]:
    """For each of the sorted ``parents`` the byte whose bit k says that child ``8 p + k`` is there.

    ValueError if a child's parent is not in ``parents``.
    """
    row = np.searchsorted(parents, children >> np.uint64(3))
    found = np.append(parents, np.uint64(2**64 - 1))[row] == children >> np.uint64(3)
    if not found.all():
        raise ValueError("a voxel has no parent on the level above")
    masks = np.zeros(parents.size, np.uint8)
    np.bitwise_or.at(masks, row, np.uint8(1) << (children & np.uint64(7)).astype(np.uint8))
    return masks


def expand(parents: Codes, masks: npt.NDArray[np.uint8]) -> Codes:
    """The sorted children that ``masks``, one byte per parent, name: undoes :func:`child_masks`."""
    bits = np.unpackbits(masks[:, None], axis=1, bitorder="little").astype(np.bool_)
    children = (parents[:, None] << np.uint64(3)) | np.arange(8, dtype=np.uint64)
    named: Codes = children[bits]
    return named


def corner_sites(layout: OctreeLayout) -> Sites:
    """(N,) int64 sites ``(z (R + 1) + y) (R + 1) + x`` of the level's corners, increasing.

    Kept with the layout. They take time and memory in proportion to the voxels, however large the
    lattice is.
    """
    return _kept(_SITES, layout, _find_corners)


def corner_bitmap(layout: OctreeLayout) -> RankedBitmap:
    """The corners as a ranked bitmap over the (2^depth + 1)^3 lattice; kept with the layout.

    It is made for looking corners up, and as large as the lattice: 154 MB at depth 10.
    """
    return _kept(_BITMAPS, layout, _index_corners)


def _find_corners(layout: OctreeLayout) -> Sites:
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


def _index_corners(layout: OctreeLayout) -> RankedBitmap:
    return RankedBitmap.from_sites(corner_sites(layout), (2**layout.depth + 1) ** 3)


#: A lattice of up to this many sites to a voxel is filled as a mask, which is quicker.
_DENSE = 16

_Kept: TypeAlias = "dict[int, tuple[weakref.ref[Codes], T]]"
_SITES: _Kept[Sites] = {}
_BITMAPS: _Kept[RankedBitmap] = {}


def _kept(kept: _Kept[T], layout: OctreeLayout, make: Callable[[OctreeLayout], T]) -> T:
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
