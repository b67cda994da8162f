"""The layout ``octree``: occupied voxels, and the corners that carry vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import is_int, need_array
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.layouts import morton
from nfcodec.layouts.corners import (
    MAX_OCTREE_DEPTH,
    Codes,
    corner_bitmap,
    corner_sites,
)
from nfcodec.layouts.interpolation import corners
from nfcodec.model.protocols import Array64, Cells, Described, Layout, Rows, Tree
from nfcodec.model.sites import SiteSet


@dataclass(frozen=True, eq=False)
class OctreeLayout:
    """The corners of the occupied voxels of a ``2^depth`` cube of voxels (VQ-AD, NGLOD).

    ``voxels``: (M,) uint64, the Morton codes of the occupied voxels, strictly increasing (bit 3i
    is bit i of x, 3i+1 of y, 3i+2 of z). The level has one vector for each distinct corner of
    these voxels, ordered by ``(z * (2^depth + 1) + y) * (2^depth + 1) + x``. Points in no
    occupied voxel may still touch corners; corners that do not exist contribute zero.
    """

    depth: int
    voxels: Codes

    tag: ClassVar[int] = 1
    name: ClassVar[str] = "octree"

    @property
    def dims(self) -> int:
        return 3

    @property
    def num_rows(self) -> int:
        return int(corner_sites(self).size)

    @property
    def resolution(self) -> tuple[float, ...]:
        return (float(2**self.depth),) * 3

    @property
    def occupied_shape(self) -> tuple[int, ...]:
        return (2**self.depth,) * 3

    def occupied(self) -> Cells:
        """The occupied voxels as a mask (2^depth, 2^depth, 2^depth) [z, y, x]."""
        return to_cells(self)

    def keep(self, cells: Cells) -> tuple[Layout, Rows]:
        """The voxels that hold one of ``cells``, a cube of a power of two, and their rows."""
        inside = coarsen(from_cells(cells), self.depth)
        kept = OctreeLayout(self.depth, np.intersect1d(self.voxels, inside.voxels))
        return kept, np.searchsorted(corner_sites(self), corner_sites(kept))

    def locate(self, u: Array64) -> tuple[Rows, Array64]:
        """Rows (P, 8) of the corners around (P, 3) points, and their weights."""
        extent = np.full(3, 2**self.depth + 1)
        at = np.clip((u + 1.0) * 0.5 * (extent - 1), 0, extent - 1)
        return corners(at, extent, True, corner_bitmap(self))

    def lattices(self) -> tuple[SiteSet, ...]:
        """The corners among those of all voxels of the cube."""
        side = 2**self.depth + 1

        def cells() -> npt.NDArray[np.uint16]:
            return morton.decode(self.voxels).astype(np.uint16)

        return (SiteSet((side, side, side), lambda: corner_sites(self), cells),)

    def check(self, dims: int, where: str) -> None:
        """Raise unless the voxels increase and lie in the cube, in 3 dimensions."""
        if dims != 3:
            raise InvalidFieldError(f"{where}: an octree needs 3 dimensions, the field has {dims}")
        if not is_int(self.depth) or self.depth < 0:
            raise InvalidFieldError(f"{where}: octree depth {self.depth!r} is not a depth")
        if self.depth > MAX_OCTREE_DEPTH:
            raise LimitError(f"{where}: octree depth {self.depth}; the limit is {MAX_OCTREE_DEPTH}")
        voxels = self.voxels
        need_array(voxels, np.uint64, 1, f"{where}: voxels")
        if voxels.size > limits.CORNERS:
            raise LimitError(f"{where}: {voxels.size} voxels; the limit is {limits.CORNERS}")
        if voxels.size and int(voxels[-1]) >> (3 * self.depth):
            raise InvalidFieldError(
                f"{where}: voxel code {int(voxels[-1])} lies outside an octree of depth "
                f"{self.depth}"
            )
        if voxels.size > 1 and not bool((voxels[1:] > voxels[:-1]).all()):
            at = int(np.argmin(voxels[1:] > voxels[:-1]))
            raise InvalidFieldError(f"{where}: voxel codes do not increase at position {at + 1}")

    def options(self) -> Described:
        return {"depth": int(self.depth)}

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        yield "voxels", self.voxels

    @classmethod
    def from_tree(cls, tree: Tree) -> OctreeLayout:
        """Voxels may be int64 where a form has no uint64."""
        voxels = tree.array("voxels")
        if voxels.dtype == np.int64:
            if voxels.size and int(voxels.min()) < 0:
                raise InvalidFieldError(f"{tree.where}: a negative voxel code")
            voxels = voxels.view(np.uint64)
        return cls(tree.integer("depth"), voxels)

    def describe(self) -> Described:
        return {"depth": int(self.depth), "voxels": int(self.voxels.size)}

    def __str__(self) -> str:
        return f"octree {2**self.depth}^3, {self.voxels.size} voxels"


def need_octree(layout: Layout) -> OctreeLayout:
    """``layout``, for what is about octrees alone; TypeError if it is another."""
    if isinstance(layout, OctreeLayout):
        return layout
    raise TypeError(f"an octree is needed, not a layout {layout.name}")


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
