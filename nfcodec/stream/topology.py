"""Octree occupancy <-> sections (``nfc-v1.md`` §5).

From one depth to the next, each voxel says of each of its eight children whether it is occupied.
With static odds that is done in eight passes, child 0 of all voxels first. A child's context is
what a decoder already knows around it: the voxels that share a face with the child's own, on the
child's side, and the children beside it that were decoded in earlier passes. With mixed counts the
children come one by one (:mod:`nfcodec.entropy.mixing`), which takes fewer bytes and more time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import ans, binary, grouping, mixing
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.field import OctreeLayout
from nfcodec.layouts import morton, octree
from nfcodec.stream.work import Work

#: Frozen ids of what a level's octree starts from.
ROOT, SAME, REFINE = 0, 1, 2
#: Frozen ids of where the odds come from.
DEFAULT_ODDS, OWN_ODDS, MIXED = 0, 1, 2
#: The minor version that brought MIXED.
MIXED_MINOR = 3
#: Slots of all contexts that mixed counts look at.
MIXED_SLOTS = 111168
#: Fewer decisions than this are not worth the slots.
MIN_MIXED = 2048

CONTEXTS = 80
_FIRST_CONTEXT = (0, 4, 22, 52)  # by the number of axes on which the child is the upper one

#: The odds of "occupied" in each context, fitted to surfaces and solids at depths 1 to 7.
DEFAULT = np.array([
    -29, -22, 0, 24,
    -44, -9, 0, -38, -16, 0, 4, 0, 0,
    -39, -14, 22, -30, 0, 24, 3, 14, 35,
    -51, -19, 3, 0, 0, -46, -30, -11, 0, 0,
    -50, -32, -12, 14, 0, -30, -25, 1, 23, 0,
    -42, -24, 1, 20, 39, -22, -14, 11, 22, 42,
    -44, -21, -7, 3, 0, 0, 0, -49, -43, -25, -8, 21, 0, 0,
    -34, -37, -22, 1, 22, 37, 0, -20, -20, -13, 7, 19, 33, 49,
], np.int8)  # fmt: skip

_ROOT_LAYOUT = OctreeLayout(0, np.zeros(1, np.uint64))
#: Up to this depth neighbours are found through a lattice, beyond it by binary search.
_LATTICE_DEPTH = 8

_NO_VOXEL = np.uint64(2**64 - 1)

Bits = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint8]


def encode(
    layout: OctreeLayout, earlier: Mapping[int, OctreeLayout], work: Work, corners: bool = True
) -> Builder:
    """``layout`` given the octrees decoded ``earlier``, by storage position.

    ``work`` is told what decoding it takes. ``corners``: it is a level's, whose corners count.
    """
    origin, base, start = _origin(layout, earlier)
    steps = list(passes(start, layout))
    if origin != SAME:
        work.count(_sites(layout.depth, corners) + sum(bits.size for _, bits in steps))
    ones, zeros = np.zeros((2, CONTEXTS), np.int64)
    for keys, bits in steps:
        seen = np.bincount(keys, minlength=CONTEXTS)
        yes = np.bincount(keys, bits, CONTEXTS).astype(np.int64)
        ones, zeros = ones + yes, zeros + seen - yes
    own = binary.best(zeros, ones)
    table_bits = 32 * binary.packed_words(CONTEXTS)
    is_own = binary.cost(own, zeros, ones) + table_bits < binary.cost(DEFAULT, zeros, ones)
    section = Builder()
    section.fields("BBH", origin, OWN_ODDS if is_own else DEFAULT_ODDS, base)
    if origin == SAME:
        return section
    if is_own:
        section.array(binary.pack(own))
    models = binary.models(own if is_own else DEFAULT)
    words = ans.encode(
        group for keys, bits in steps for group in grouping.split(keys, bits, models)
    )
    section.fields("I", words.size)
    section.array(words)
    if sum(bits.size for _, bits in steps) < MIN_MIXED:
        return section
    found = mixed(origin, base, start, layout)
    if found.size >= section.size:
        return section
    work.count(MIXED_SLOTS // 8)
    return found


def decode(
    cursor: Cursor, depth: int, most: int, earlier: Mapping[int, OctreeLayout], work: Work,
    corners: bool = True,
) -> OctreeLayout:  # fmt: skip
    """The octree of ``depth``, of at most ``most`` voxels, that :func:`encode` was given.

    Raises DamagedFileError if the section is not valid, LimitError if it takes too much ``work``.
    """
    origin, table, base = cursor.fields("BBH")
    start = _start(cursor.label, origin, base, earlier)
    if table not in (DEFAULT_ODDS, OWN_ODDS, MIXED):
        raise UnsupportedError(f"{cursor.label}: odds {table} are not known to this build")
    if origin == SAME:
        if start.depth != depth or table:
            raise DamagedFileError(f"{cursor.label} is that of a level of depth {start.depth}")
        return start
    if start.depth > depth or (origin == REFINE and start.depth == depth):
        raise DamagedFileError(f"{cursor.label} starts from a level of depth {start.depth}")
    if table == MIXED:
        return _decode_mixed(cursor, start, depth, most, work, corners)
    odds = DEFAULT
    if table == OWN_ODDS:
        odds = binary.unpack(cursor.words(binary.packed_words(CONTEXTS)), CONTEXTS)
    models = binary.models(odds)
    work.count(_sites(depth, corners))
    (size,) = cursor.fields("I")
    decoder = grouping.decoder(cursor.words(size), 2 * most)
    voxels = start.voxels
    for at in range(start.depth, depth):
        work.count(8 * voxels.size)
        walk = Children(voxels, at)
        for k in range(8):
            walk.bits[k, :-1] = grouping.decode(decoder, walk.contexts(k), models)
        masks = np.packbits(walk.bits[:, :-1], axis=0, bitorder="little")[0]
        if int(walk.bits.sum(dtype=np.int64)) > most:
            raise DamagedFileError(f"{cursor.label} gives more than {most:,} voxels")
        voxels = octree.expand(voxels, masks)
    decoder.finish()
    return OctreeLayout(depth, voxels)


def mixed(origin: int, base: int, start: OctreeLayout, layout: OctreeLayout) -> Builder:
    """The section of :func:`encode` by mixed counts."""
    depths = [
        octree.coarsen(layout, depth).voxels for depth in range(start.depth, layout.depth + 1)
    ]
    depths[0] = start.voxels
    encoder = mixing.Encoder.of(8 * sum(voxels.size for voxels in depths[:-1]))
    model = mixing.Model.new(MIXED_SLOTS, sets=1, decisions=1)
    for at, parents in enumerate(depths[:-1]):
        masks = octree.child_masks(parents, depths[at + 1])
        _code_children(encoder, model, parents, start.depth + at, masks)
    section = Builder(MIXED_MINOR)
    section.fields("BBH", origin, MIXED, base)
    mixing.write_bytes(section, encoder.finish())
    return section


def _decode_mixed(
    cursor: Cursor, start: OctreeLayout, depth: int, most: int, work: Work, corners: bool
) -> OctreeLayout:
    work.count(_sites(depth, corners) + MIXED_SLOTS // 8)
    decoder = mixing.Decoder(mixing.read_bytes(cursor))
    model = mixing.Model.new(MIXED_SLOTS, sets=1, decisions=1)
    voxels = start.voxels
    for at in range(start.depth, depth):
        work.count(8 * voxels.size)
        masks = np.zeros(voxels.size, np.uint8)
        _code_children(decoder, model, voxels, at, masks)
        if int(np.unpackbits(masks).sum(dtype=np.int64)) > most:
            raise DamagedFileError(f"{cursor.label} gives more than {most:,} voxels")
        voxels = octree.expand(voxels, masks)
    decoder.finish()
    return OctreeLayout(depth, voxels)


def _code_children(
    coder: mixing.Coder,
    model: mixing.Model,
    voxels: npt.NDArray[np.uint64],
    depth: int,
    masks: npt.NDArray[np.uint8],
) -> None:
    """Code the ``masks`` (M,) of the children of the ``voxels`` (M,) of ``depth``, or fill them."""
    from nfcodec.entropy import mixing_kernels

    xyz = morton.decode(voxels).astype(np.uint16)
    first, last = mixing.arguments(coder, model)
    mixing_kernels.children(*first, masks, xyz, 1 << depth, *last)


def encode_cells(cells: npt.NDArray[np.bool_], work: Work) -> Builder:
    """A (nz, ny, nx) or (ny, nx) grid of cells, as an octree that starts from the root."""
    coordinates = np.argwhere(cells)[:, ::-1]
    if cells.ndim == 2:
        coordinates = np.pad(coordinates, ((0, 0), (0, 1)))
    voxels = np.sort(morton.encode(coordinates))
    return encode(OctreeLayout(_cells_depth(cells.shape), voxels), {}, work, corners=False)


def decode_cells(cursor: Cursor, shape: tuple[int, ...], work: Work) -> npt.NDArray[np.bool_]:
    """The inverse of :func:`encode_cells`."""
    layout = decode(cursor, _cells_depth(shape), math.prod(shape), {}, work, corners=False)
    x, y, z = morton.decode(layout.voxels).T
    sides = np.array([*shape[::-1], 1][:3])
    if ((x >= sides[0]) | (y >= sides[1]) | (z >= sides[2])).any():
        raise DamagedFileError(f"{cursor.label}: a cell lies outside the grid")
    cells = np.zeros(shape, np.bool_)
    cells[(z, y, x)[3 - len(shape) :]] = True
    return cells


def _sites(depth: int, corners: bool) -> int:
    """The work of finding a level's corners; none for occupancy, which has none."""
    return (2**depth + 1) ** 3 // 64 if corners else 0


def _cells_depth(shape: tuple[int, ...]) -> int:
    return max(1, (max(shape) - 1).bit_length())


def passes(start: OctreeLayout, layout: OctreeLayout) -> Iterator[tuple[Keys, Bits]]:
    """(contexts, bits) of all passes from ``start`` to ``layout``, a level of the same tree."""
    parents = start.voxels
    for depth in range(start.depth, layout.depth):
        children = octree.coarsen(layout, depth + 1).voxels
        masks = octree.child_masks(parents, children)
        walk = Children(parents, depth)
        for k in range(8):
            keys = walk.contexts(k)
            walk.bits[k, :-1] = masks >> k & 1
            yield keys, walk.bits[k, :-1]
        parents = children


class Children:
    """The children of the voxels (M,) of one ``depth`` while they become known.

    ``bits``: (8, M + 1) uint8, whether child k is there; the last column stands for voxels that
    are not there and stays zero.
    """

    def __init__(self, voxels: npt.NDArray[np.uint64], depth: int) -> None:
        self.bits: Bits = np.zeros((8, voxels.size + 1), np.uint8)
        self._lower, self._upper = _neighbours(voxels, depth)
        self._count = voxels.size

    def contexts(self, k: int) -> Keys:
        """The context (M,) of each voxel's child ``k``, given children 0..k-1 of all voxels."""
        beside = above = below = np.zeros(self._count, np.uint8)
        axes = 0
        for axis in range(3):
            if k >> axis & 1:
                axes += 1
                earlier = self.bits[k ^ 1 << axis]
                rows = self._upper[axis]
                above = above + (rows < self._count)
                beside = beside + earlier[:-1] + earlier[rows]
            else:
                below = below + (self._lower[axis] < self._count)
        keys: Keys = (above * np.uint8(4 - axes) + below) * np.uint8(2 * axes + 1) + beside
        keys += np.uint8(_FIRST_CONTEXT[axes])
        return keys


def _neighbours(
    voxels: npt.NDArray[np.uint64], depth: int
) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]]:
    """Rows of the voxels one step down and up along x, y, z; M where there is none."""
    xyz = morton.decode(voxels).astype(np.int64)
    side = 2**depth + 2
    steps = [1, side, side * side]
    if depth <= _LATTICE_DEPTH:
        sites = (xyz + 1) @ np.array(steps)
        lattice = np.full(side**3, voxels.size, np.int32)
        lattice[sites] = np.arange(voxels.size)
        lower, upper = ([lattice[sites + s * step] for step in steps] for s in (-1, 1))
        return lower, upper
    found = []
    for direction in (-1, 1):
        rows = []
        for axis in range(3):
            moved = xyz.copy()
            moved[:, axis] += direction
            outside = (moved[:, axis] < 0) | (moved[:, axis] >= 2**depth)
            codes = morton.encode(np.where(outside[:, None], 0, moved))
            row = np.searchsorted(voxels, codes)
            hit = ~outside & (np.append(voxels, _NO_VOXEL)[row] == codes)
            rows.append(np.where(hit, row, voxels.size))
        found.append(rows)
    return found[0], found[1]


def _origin(
    layout: OctreeLayout, earlier: Mapping[int, OctreeLayout]
) -> tuple[int, int, OctreeLayout]:
    """An equal octree if there is one, else the deepest one that holds all ancestors."""
    best = (ROOT, 0, _ROOT_LAYOUT)
    for position, other in earlier.items():
        if other.depth == layout.depth and np.array_equal(other.voxels, layout.voxels):
            return SAME, position, other
        if best[2].depth < other.depth < layout.depth:
            ancestors = octree.coarsen(layout, other.depth).voxels
            if np.isin(ancestors, other.voxels).all():
                best = (REFINE, position, other)
    return best


def _start(label: str, origin: int, base: int, earlier: Mapping[int, OctreeLayout]) -> OctreeLayout:
    if origin == ROOT and not base:
        return _ROOT_LAYOUT
    if origin not in (ROOT, SAME, REFINE):
        raise UnsupportedError(f"{label}: origin {origin} is not known to this build")
    if origin == ROOT or base not in earlier:
        raise DamagedFileError(f"{label} refers to level {base}, no earlier octree")
    return earlier[base]
