"""Octree occupancy <-> sections (``nfc-v1.md`` §5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nfcodec.container import Builder, Cursor, limits
from nfcodec.entropy import symbols
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.field import OctreeLayout
from nfcodec.layouts import num_corners, octree
from nfcodec.stream.header import OctreeHeader

#: Frozen ids of what a level's octree starts from.
ROOT, SAME, REFINE = 0, 1, 2

_ROOT_LAYOUT = OctreeLayout(0, np.zeros(1, np.uint64))


def encode(layout: OctreeLayout, earlier: Mapping[int, OctreeLayout]) -> Builder:
    """``layout`` given the octrees decoded ``earlier``, by storage position."""
    origin, base, start = ROOT, 0, _ROOT_LAYOUT
    for position, other in earlier.items():
        if other.depth == layout.depth and np.array_equal(other.voxels, layout.voxels):
            origin, base, start = SAME, position, other
            break
        if (
            start.depth < other.depth < layout.depth
            and np.isin(octree.coarsen(layout, other.depth).voxels, other.voxels).all()
        ):
            origin, base, start = REFINE, position, other
    section = Builder()
    section.fields("HH", origin, base)
    parents = start.voxels
    for depth in range(start.depth + 1, layout.depth + 1):
        children = octree.coarsen(layout, depth).voxels
        masks = octree.child_masks(parents, children)
        section.append(symbols.encode(masks.astype(np.uint16), 256))
        parents = children
    return section


def decode(
    cursor: Cursor, header: OctreeHeader, rows: int, earlier: Mapping[int, OctreeLayout]
) -> OctreeLayout:
    """The inverse of :func:`encode`; DamagedFileError if it does not give what the header says."""
    origin, base = cursor.fields("HH")
    if origin == ROOT:
        start = _ROOT_LAYOUT
    elif origin not in (SAME, REFINE):
        raise UnsupportedError(f"{cursor.label}: origin {origin} is not known to this build")
    elif base not in earlier:
        raise DamagedFileError(
            f"{cursor.label} refers to level {base}, which is not an earlier octree"
        )
    else:
        start = earlier[base]
    if (start.depth > header.depth) or ((start.depth == header.depth) != (origin == SAME)):
        raise DamagedFileError(f"{cursor.label} refers to a level of depth {start.depth}")
    voxels = start.voxels
    for depth in range(start.depth + 1, header.depth + 1):
        masks = symbols.decode(cursor, voxels.size, 256).astype(np.uint8)
        voxels = octree.expand(voxels, masks)
        limits.check(voxels.size, limits.VOXELS, f"{cursor.label}: voxels at depth {depth}")
    layout = start if origin == SAME else OctreeLayout(header.depth, voxels)
    if voxels.size != header.voxels or num_corners(layout) != rows:
        raise DamagedFileError(
            f"{cursor.label} gives {voxels.size} voxels and {num_corners(layout)} corners, "
            f"the header says {header.voxels} and {rows}"
        )
    return layout
