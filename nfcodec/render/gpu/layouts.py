"""Layouts on a GPU: what the table says of one, and an octree's corner index.

A layout that is drawn has a part here and a case in ``shaders/layouts.wgsl``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nfcodec.errors import UnsupportedError
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.layouts.bitmap import popcount
from nfcodec.layouts.corners import corner_bitmap
from nfcodec.model.protocols import Layout
from nfcodec.registry import Parts
from nfcodec.render.constants import count
from nfcodec.render.gpu.tables import Members, Words, tag

#: Words of a block of the corner index: a count, then a bit for each site.
BLOCK_WORDS = 4


class LayoutPart(Protocol):
    """How programs see a layout."""

    def members(self) -> Members:
        """What the table says of it (``struct Level`` of ``tables.json``)."""

    def num_blocks(self) -> int:
        """Blocks of its corner index, 0 if it has none."""

    def blocks(self) -> Words:
        """Its corner index: for each block the corners before it, and a bit for each site."""


LAYOUTS: Parts[Callable[[Any], LayoutPart]] = Parts("nfcodec.gpu.layouts")


def part_of(layout: Layout) -> LayoutPart:
    """How programs see ``layout``; UnsupportedError if they do not know it."""
    part = LAYOUTS.find(layout)
    if part is None:
        raise UnsupportedError(
            f"the GPU does not draw levels of layout {layout.name!r}; use --device cpu"
        )
    return part(layout)


@LAYOUTS.register(DenseLayout)
class DensePart:
    """A lattice: rows follow from the site's place."""

    def __init__(self, layout: DenseLayout) -> None:
        self.layout = layout

    def members(self) -> Members:
        layout = self.layout
        x, y, z = (*layout.shape[::-1], 1, 1)[:3]
        return {
            "layout_tag": tag("LAYOUT", layout.name),
            "size_x": x,
            "size_y": y,
            "size_z": z,
            "aligned": layout.align_corners,
            "border": layout.padding == "border",
            "corners": 1 << layout.dims,
        }

    def num_blocks(self) -> int:
        return 0

    def blocks(self) -> Words:
        return np.zeros(0, np.uint32)


@LAYOUTS.register(OctreeLayout)
class OctreePart:
    """Corners of voxels: rows are counted in a bitmap of the lattice's sites."""

    def __init__(self, layout: OctreeLayout) -> None:
        self.layout = layout
        self.side: int = 2**layout.depth + 1

    def members(self) -> Members:
        return {
            "layout_tag": tag("LAYOUT", self.layout.name),
            "size_x": self.side,
            "size_y": self.side,
            "size_z": self.side,
            "corners": 8,
        }

    def num_blocks(self) -> int:
        return -(-(self.side**3) // count("SITES_PER_BLOCK"))

    def blocks(self) -> Words:
        words = corner_bitmap(self.layout).words
        out = np.zeros((self.num_blocks(), BLOCK_WORDS), np.uint32)
        bits = np.zeros(len(out) * (BLOCK_WORDS - 1), np.uint32)
        bits[: min(len(words), len(bits))] = words[: len(bits)]
        out[:, 1:] = bits.reshape(len(out), -1)
        counts = popcount(out[:, 1:]).sum(axis=1, dtype=np.uint32)
        out[1:, 0] = np.cumsum(counts[:-1], dtype=np.uint32)
        return out.reshape(-1)
