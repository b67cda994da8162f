"""Octree occupancy <-> sections (``nfc-v1.md`` §5).

From one depth to the next, each voxel says which of its eight children are occupied: by a mask,
which is a symbol, or by mixed counts (:mod:`nfcodec.layouts.children`), which take fewer bytes and
more time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor, Section, limits
from nfcodec.container.work import Work
from nfcodec.entropy import range_coder, symbols
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.layouts import OctreeLayout, children, morton, octree
from nfcodec.layouts.children import Masks, Voxels

#: Stored where an octree starts from the root, not from another level's octree.
ROOT = 0xFFFF
#: Frozen ids of how children are coded.
MASKS, MIXED = 0, 1
#: Work of each voxel by masks and by mixed counts, and slots that take as much as one child.
_MASK, _CHILDREN, _SLOTS = 2, 8, 8

_ROOT_LAYOUT = OctreeLayout(0, np.zeros(1, np.uint64))
#: Set bits of a byte.
_ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(1, dtype=np.uint8)
#: Voxels that are worked on at once.
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Bounds:
    """What a header says of an octree: its depth, and the ``voxels`` and ``corners`` of a level."""

    depth: int
    voxels: int | None = None
    corners: int | None = None

    @property
    def places(self) -> int:
        """The work of finding a level's corners; none for occupancy, which has none."""
        return 0 if self.corners is None or self.voxels is None else self.voxels + self.corners

    def check(self, label: str, masks: Masks) -> None:
        """DamagedFileError if voxels with children by ``masks`` have more than there may be."""
        if self.voxels is not None and int(_ONES[masks].sum(dtype=np.int64)) > self.voxels:
            raise DamagedFileError(f"{label} gives more than {self.voxels:,} voxels")


def encode(
    layout: OctreeLayout, earlier: Mapping[int, OctreeLayout], bounds: Bounds
) -> list[Section]:
    """Ways to code ``layout``, given the octrees decoded ``earlier``, by storage position."""
    base, start = _base(layout, earlier)
    if start.depth == layout.depth:
        return [_head(base, MASKS).section(bounds.places if base == ROOT else 0)]
    depths = range(start.depth + 1, layout.depth)
    parents = [start.voxels, *(octree.coarsen(layout, depth).voxels for depth in depths)]
    below = [*parents[1:], layout.voxels]
    masks = [octree.child_masks(*pair) for pair in zip(parents, below, strict=True)]
    ways = [_by_masks(base, masks, bounds.places, packed) for packed in range(len(masks) + 1)]
    cost = bounds.places + _mixing_cost(parents)
    # Few voxels can lie on huge planes. Mixing is tried if a file of the size that masks take may
    # ask for its work: it is written only where it is shorter.
    allowed = limits.FREE_WORK + limits.WORK_PER_BYTE * min(way.size for way in ways)
    if cost <= min(limits.WORK, allowed):
        ways.insert(0, _by_mixing(base, parents, masks, cost))
    return ways


def _head(base: int, form: int) -> Builder:
    section = Builder()
    section.fields("HBB", base, form, 0)
    return section


def _by_masks(base: int, masks: list[Masks], cost: int, packed: int) -> Section:
    """The masks of the first ``packed`` depths are packed: more bytes allow more work.

    A full grid of 256^3 cells could be told in 40 bytes.
    """
    section = _head(base, MASKS)
    for at, known in enumerate(masks):
        way = symbols.packed if at < packed else symbols.encode
        section.append(way(known.astype(np.uint16), 256))
        cost += _MASK * known.size
    return section.section(cost)


def _by_mixing(base: int, parents: list[Voxels], masks: list[Masks], cost: int) -> Section:
    coder = range_coder.encoder(8 * sum(voxels.size for voxels in parents))
    mixer = children.new_model()
    for voxels, known in zip(parents, masks, strict=True):
        children.code(coder, mixer, voxels, known)
    section = _head(base, MIXED)
    range_coder.write(section, coder)
    return section.section(cost)


def _mixing_cost(parents: list[Voxels]) -> int:
    """The work of decoding the children of all ``parents``, depth by depth, by mixed counts."""
    depths = (_CHILDREN * voxels.size + children.planes_cost(voxels) for voxels in parents)
    return children.SLOTS // _SLOTS + sum(depths)


def decode(
    cursor: Cursor, bounds: Bounds, earlier: Mapping[int, OctreeLayout], work: Work
) -> OctreeLayout:
    """The octree that :func:`encode` was given.

    ``bounds``: what is known of it from the header. Raises DamagedFileError if the section is not
    valid, LimitError if it takes too much ``work``.
    """
    depth = bounds.depth
    base, form, nothing = cursor.fields("HBB")
    start = _start(cursor.label, base, earlier)
    if form not in (MASKS, MIXED):
        raise UnsupportedError(f"{cursor.label}: form {form} is not known to this build")
    if nothing or start.depth > depth or (start.depth == depth and form != MASKS):
        raise DamagedFileError(
            f"{cursor.label} of form {form} starts from depth {start.depth}, with {nothing}"
        )
    if start.depth == depth and base != ROOT:
        return start
    work.count(bounds.places)
    if start.depth == depth:
        return start
    reader = _MixedReader(cursor, work) if form == MIXED else _MaskReader(cursor, work)
    voxels = start.voxels
    for _ in range(start.depth, depth):
        masks = reader.read(voxels)
        bounds.check(cursor.label, masks)
        voxels = octree.expand(voxels, masks)
    reader.finish()
    return OctreeLayout(depth, voxels)


class _Reader(Protocol):
    def read(self, voxels: Voxels) -> Masks:
        """The masks (M,) of the children of the next depth's ``voxels`` (M,)."""

    def finish(self) -> None:
        """DamagedFileError unless all that was coded has been read."""


class _MaskReader:
    def __init__(self, cursor: Cursor, work: Work) -> None:
        self._cursor, self._work = cursor, work

    def read(self, voxels: Voxels) -> Masks:
        self._work.count(_MASK * voxels.size)
        return symbols.decode(self._cursor, voxels.size, 256).astype(np.uint8)

    def finish(self) -> None:
        pass


class _MixedReader:
    def __init__(self, cursor: Cursor, work: Work) -> None:
        work.count(children.SLOTS // _SLOTS)
        self._work, self._coder = work, range_coder.read(cursor)
        self._mixer = children.new_model()

    def read(self, voxels: Voxels) -> Masks:
        self._work.count(_CHILDREN * voxels.size + children.planes_cost(voxels))
        masks = np.zeros(voxels.size, np.uint8)
        children.code(self._coder, self._mixer, voxels, masks)
        return masks

    def finish(self) -> None:
        range_coder.finish(self._coder)


def encode_cells(cells: npt.NDArray[np.bool_]) -> list[Section]:
    """Ways to code a (nz, ny, nx) or (ny, nx) grid of cells as an octree from the root."""
    coordinates = np.argwhere(cells)[:, ::-1]
    if cells.ndim == 2:
        coordinates = np.pad(coordinates, ((0, 0), (0, 1)))
    voxels = np.sort(morton.encode(coordinates))
    bounds = _cell_bounds(cells.shape)
    return encode(OctreeLayout(bounds.depth, voxels), {}, bounds)


def decode_cells(cursor: Cursor, shape: tuple[int, ...], work: Work) -> npt.NDArray[np.bool_]:
    """The inverse of :func:`encode_cells`."""
    layout = decode(cursor, _cell_bounds(shape), {}, work)
    sides = np.array([*shape[::-1], 1][:3])
    cells = np.zeros(shape, np.bool_)
    for start in range(0, layout.voxels.size, _CHUNK):
        places = morton.decode(layout.voxels[start : start + _CHUNK])
        if (places >= sides).any():
            raise DamagedFileError(f"{cursor.label}: a cell lies outside the grid")
        x, y, z = places.T
        cells[(z, y, x)[3 - len(shape) :]] = True
    return cells


def _cell_bounds(shape: tuple[int, ...]) -> Bounds:
    return Bounds(max(1, (max(shape) - 1).bit_length()))


def _base(layout: OctreeLayout, earlier: Mapping[int, OctreeLayout]) -> tuple[int, OctreeLayout]:
    """An equal octree if there is one, else the deepest one that holds all ancestors."""
    best = (ROOT, _ROOT_LAYOUT)
    for position, other in earlier.items():
        if other.depth == layout.depth and np.array_equal(other.voxels, layout.voxels):
            return position, other
        if best[1].depth < other.depth < layout.depth:
            ancestors = octree.coarsen(layout, other.depth).voxels
            if np.isin(ancestors, other.voxels).all():
                best = (position, other)
    return best


def _start(label: str, base: int, earlier: Mapping[int, OctreeLayout]) -> OctreeLayout:
    if base == ROOT:
        return _ROOT_LAYOUT
    if base not in earlier:
        raise DamagedFileError(f"{label} refers to level {base}, no earlier octree")
    return earlier[base]
