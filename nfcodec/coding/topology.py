"""Octree occupancy <-> sections (``nfc-v1.md`` §5).

From one depth to the next, each voxel says of each of its eight children whether it is occupied
(:mod:`nfcodec.coding.children`): with static odds in eight passes, or with mixed counts, which
take fewer bytes and more time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.coding import children
from nfcodec.coding.work import Work
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import ans, binary, grouping, mixing
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.layouts import OctreeLayout, morton, octree

#: Frozen ids of what a level's octree starts from.
ROOT, SAME, REFINE = 0, 1, 2
#: Frozen ids of where the odds come from.
DEFAULT_ODDS, OWN_ODDS, MIXED = 0, 1, 2
#: The minor version that brought MIXED.
MIXED_MINOR = 3
#: Fewer decisions than this are not worth the slots.
MIN_MIXED = 2048

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
#: Odds that are less and less certain. They are taken where a file would be too short for what
#: reading it takes: odds of 20 cost each child 1/22 bit, odds of 0 a whole one.
_DULL_ODDS = (20, 10, 0)


def encode(
    layout: OctreeLayout, earlier: Mapping[int, OctreeLayout], work: Work,
    bounds: Bounds | None = None,
) -> Builder:  # fmt: skip
    """``layout`` given the octrees decoded ``earlier``, by storage position.

    ``work`` is told what decoding it takes. ``bounds``: what the header says of it.
    """
    bounds = bounds or Bounds(layout.depth, layout.voxels.size)
    origin, base, start = _origin(layout, earlier)
    if origin == SAME:
        section = Builder()
        section.fields("BBH", origin, DEFAULT_ODDS, base)
        work.reach(section.size)
        return section
    steps = list(children.passes(start, layout))
    ones, zeros = np.zeros((2, children.CONTEXTS), np.int64)
    for keys, bits in steps:
        seen = np.bincount(keys, minlength=children.CONTEXTS)
        yes = np.bincount(keys, bits, children.CONTEXTS).astype(np.int64)
        ones, zeros = ones + yes, zeros + seen - yes
    own = binary.best(zeros, ones)
    table_bits = 32 * binary.packed_words(children.CONTEXTS)
    is_own = binary.cost(own, zeros, ones) + table_bits < binary.cost(DEFAULT, zeros, ones)
    found = _plain(origin, base, steps, own if is_own else None)
    flags = sum(bits.size for _, bits in steps)
    taken = eight_passes = flags + bounds.places
    if flags >= MIN_MIXED:
        depths = range(start.depth + 1, layout.depth)
        parents = [start.voxels, *(octree.coarsen(layout, depth).voxels for depth in depths)]
        other = mixed(origin, base, parents, layout)
        more = children.MIXED_SLOTS // 8 + sum(map(children.planes_work, parents))
        if other.size < found.size and work.fits(taken + more, other.size):
            found, taken = other, taken + more
    for most in _DULL_ODDS:
        if work.fits(taken, found.size):
            break
        found, taken = _plain(origin, base, steps, own.clip(-most, most)), eight_passes
    work.reach(found.size)
    work.count(taken)
    return found


def _plain(
    origin: int,
    base: int,
    steps: Sequence[tuple[children.Keys, children.Bits]],
    own: binary.Odds | None,
) -> Builder:
    """The section in eight passes, with default odds or its ``own`` (80,)."""
    section = Builder()
    section.fields("BBH", origin, DEFAULT_ODDS if own is None else OWN_ODDS, base)
    if own is not None:
        section.array(binary.pack(own))
    models = binary.models(DEFAULT if own is None else own)
    words = ans.encode(
        group for keys, bits in steps for group in grouping.split(keys, bits, models)
    )
    section.fields("I", words.size)
    section.array(words)
    return section


def decode(
    cursor: Cursor, bounds: Bounds, earlier: Mapping[int, OctreeLayout], work: Work
) -> OctreeLayout:
    """The octree that :func:`encode` was given.

    ``bounds``: what is known of it from the header. Raises DamagedFileError if the section is not
    valid, LimitError if it takes too much ``work``.
    """
    depth = bounds.depth
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
    work.count(bounds.places)
    reader = _mixed_children(cursor, work) if table == MIXED else _plain_children(cursor, table)
    voxels = start.voxels
    for at in range(start.depth, depth):
        work.count(8 * voxels.size)
        masks = reader.read(voxels, at)
        bounds.check(cursor.label, masks)
        voxels = octree.expand(voxels, masks)
    reader.finish()
    return OctreeLayout(depth, voxels)


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

    def check(self, label: str, masks: npt.NDArray[np.uint8]) -> None:
        """DamagedFileError if voxels with children by ``masks`` have more than there may be."""
        if self.voxels is not None and int(_ONES[masks].sum(dtype=np.int64)) > self.voxels:
            raise DamagedFileError(f"{label} gives more than {self.voxels:,} voxels")


#: Set bits of a byte; voxels that are worked on at once.
_ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(1, dtype=np.uint8)
_CHUNK = 1 << 18


def _plain_children(cursor: Cursor, table: int) -> children.Reader:
    odds = DEFAULT
    if table == OWN_ODDS:
        odds = binary.unpack(
            cursor.words(binary.packed_words(children.CONTEXTS)), children.CONTEXTS
        )
    (size,) = cursor.fields("I")
    # About half a bit to a symbol: enough to tell whether loading the fast decoder pays.
    decoder = grouping.decoder(cursor.words(size), 64 * size)
    return children.PlainReader(decoder, binary.models(odds))


def _mixed_children(cursor: Cursor, work: Work) -> children.Reader:
    work.count(children.MIXED_SLOTS // 8)
    return children.MixedReader(mixing.Decoder(mixing.read_bytes(cursor)), work.count)


def mixed(
    origin: int, base: int, parents: Sequence[npt.NDArray[np.uint64]], layout: OctreeLayout
) -> Builder:
    """The section of :func:`encode` by mixed counts.

    ``parents``: the voxels of each depth from the start to the last but one.
    """
    encoder = mixing.Encoder.of(8 * sum(voxels.size for voxels in parents))
    model = mixing.Model.new(children.MIXED_SLOTS, sets=1, decisions=1)
    for voxels, below in zip(parents, [*parents[1:], layout.voxels], strict=True):
        children.code(encoder, model, voxels, octree.child_masks(voxels, below))
    section = Builder(MIXED_MINOR)
    section.fields("BBH", origin, MIXED, base)
    mixing.write_bytes(section, encoder.finish())
    return section


def encode_cells(cells: npt.NDArray[np.bool_], work: Work) -> Builder:
    """A (nz, ny, nx) or (ny, nx) grid of cells, as an octree that starts from the root."""
    coordinates = np.argwhere(cells)[:, ::-1]
    if cells.ndim == 2:
        coordinates = np.pad(coordinates, ((0, 0), (0, 1)))
    voxels = np.sort(morton.encode(coordinates))
    bounds = _cell_bounds(cells.shape)
    return encode(OctreeLayout(bounds.depth, voxels), {}, work, bounds)


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
