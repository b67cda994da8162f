"""The layout ``octree``: occupied voxels, and the corners that carry vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import is_int, need_array
from nfcodec.container import Cursor, Section, limits
from nfcodec.container.tree import Node
from nfcodec.errors import DamagedFileError, InvalidFieldError, LimitError
from nfcodec.layouts import morton
from nfcodec.layouts.corners import (
    MAX_OCTREE_DEPTH,
    Codes,
    corner_bitmap,
    corner_sites,
)
from nfcodec.layouts.interpolation import corners
from nfcodec.layouts.memory import Memory
from nfcodec.model.protocols import Array64, Cells, Described, Layout, MemoryCost, Rows, Tree
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

    def header(self) -> list[int | bool]:
        return [int(self.depth), int(self.voxels.size), self.num_rows]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], dims: int) -> OctreeHeader:
        node.need_values(values, 3, 3, cls.name)
        if dims != 3:
            raise node.damage(f"is an octree in {dims} dimensions")
        depth = values[0].uint(limits.OCTREE_DEPTH)
        voxels = values[1].uint(limits.VOXELS, 1)
        if voxels > 8**depth:
            raise node.damage(f"has {voxels} voxels at depth {depth}")
        corners = values[2].uint(limits.CORNERS)
        if not 8 <= corners <= 8 * voxels:
            raise values[2].damage(f"is {corners}, impossible for {voxels} voxels")
        return OctreeHeader(depth, voxels, corners)

    def sections(self, memory: Memory) -> list[Section]:
        from nfcodec.layouts import topology

        bounds = topology.Bounds(self.depth, self.voxels.size, self.num_rows)
        return topology.encode(self, earlier_octrees(memory), bounds)

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        found: Described = {"depth": int(self.depth), "voxels": int(self.voxels.size)}
        if part_bytes is not None:
            found["topology_bits_per_voxel"] = 8 * part_bytes["topology"] / self.voxels.size
        return found

    def __str__(self) -> str:
        return f"octree {2**self.depth}^3, {self.voxels.size} voxels"


@dataclass(frozen=True)
class OctreeHeader:
    """An octree level before its topology is read: depth, occupied voxels and their corners."""

    depth: int
    voxels: int
    corners: int

    @property
    def dims(self) -> int:
        return 3

    @property
    def num_rows(self) -> int:
        return self.corners

    def memory(self) -> MemoryCost:
        each = limits.ESTIMATE
        held = each["voxel"] * self.voxels + each["corner"] * self.corners
        return MemoryCost(held, each["readingVoxel"] * self.voxels)

    def decode(self, cursor: Cursor, memory: Memory) -> OctreeLayout:
        from nfcodec.layouts import topology

        with cursor.part("topology"):
            bounds = topology.Bounds(self.depth, self.voxels, self.corners)
            layout = topology.decode(cursor, bounds, earlier_octrees(memory), memory.work)
            if layout.voxels.size != self.voxels:
                raise DamagedFileError(
                    f"topology gives {layout.voxels.size} voxels, the header says {self.voxels}"
                )
            if layout.num_rows != self.corners:
                raise DamagedFileError(
                    f"topology gives {layout.num_rows} corners, the header says {self.corners}"
                )
        return layout


def earlier_octrees(memory: Memory) -> dict[int, OctreeLayout]:
    """The octrees among the earlier levels of a file, by storage position."""
    return {
        position: layout
        for position, layout in memory.layouts.items()
        if isinstance(layout, OctreeLayout)
    }


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
