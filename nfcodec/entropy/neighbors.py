"""Codes coded beside their neighbors by mixed counts (``nfc-v1.md`` §8.1).

Codes may be known in part: each belongs to a group, and the group of every site is given. Codes of
which nothing is known are in one group. Decisions identify a code of a group, down a
Huffman tree of the group's own; each decision is looked at beside the codes before the site along
x, along y and along z, beside how many neighbors have another code than the most frequent one, and
under the pattern of voxels around. Nothing but groups and weights of codes is in the file: all else
is learned while coding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor, Section
from nfcodec.entropy import huffman, mixing, range_coder, tables
from nfcodec.entropy.ans import TOTAL
from nfcodec.entropy.range_coder import Coder
from nfcodec.entropy.symbols import NEIGHBORS, Symbols, symbol_bits
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.sites import SiteSet

#: Lattices of more sites than this are not walked over: coordinates are computed in 32 bits.
MAX_SITES = 1 << 28
#: Larger alphabets would fill too many slots to learn from.
MAX_ALPHABET = 256
#: Sets of weights: decisions 1, 2, 3, and all later ones on the way to a code.
SETS = 4
#: Counts of neighbors with an unusual code: 0 to 3 of one kind and 0 to 6 of another.
UNUSUAL = 4 * 7
#: Patterns of the eight voxels around a site.
PATTERNS = 256
#: Of sites along one axis: none follows, one of the same group, one of another group.
FOLLOWING = 3
#: Sites of a plane that take as much work to lay out as one symbol takes to decode, and decisions
#: and slots likewise.
_PLANE_SITES, _DECISIONS, _SLOTS = 32, 4, 8
#: Bits of a weight that encoders write.
_WIDTH = 5
#: The root of a group that no code belongs to.
_EMPTY = -1


def num_contexts(alphabet: int) -> int:
    """In how many contexts a decision may be looked at, over all inputs."""
    return 1 + 3 * FOLLOWING * (alphabet + 1) + UNUSUAL + PATTERNS


class Trees(NamedTuple):
    """The trees of all groups, for the kernels.

    ``children``: (J, 2) by inner node and bit, the code or K plus the inner node. ``roots``: (A,).
    ``path``: (K,) the bits from the root to each code, the first one lowest.
    """

    children: npt.NDArray[np.int32]
    roots: npt.NDArray[np.int32]
    path: npt.NDArray[np.int64]


class Walk(NamedTuple):
    """Where the codes lie, for the kernels: a :class:`SiteSet` as arrays.

    ``shape``: (3,) int64. ``cells`` say something only if ``sparse``.
    """

    sites: npt.NDArray[np.int64]
    shape: npt.NDArray[np.int64]
    cells: npt.NDArray[np.uint16]
    sparse: bool

    @staticmethod
    def of(sites: SiteSet) -> Walk:
        cells = np.zeros((0, 3), np.uint16) if sites.cells is None else sites.cells
        shape = np.array(sites.shape, np.int64)
        return Walk(sites.sites, shape, cells, sites.cells is not None)


@dataclass(frozen=True, eq=False)
class Forest:
    """A Huffman tree for each of A groups of K codes.

    ``length``: (K,) decisions from the root to each code. ``top``: the code of greatest weight.
    """

    trees: Trees
    length: npt.NDArray[np.int64]
    top: int

    @staticmethod
    def of(levels: tables.Levels, group_of: npt.NDArray[np.integer], groups: int) -> Forest:
        """Of codes with these table ``levels`` (K,) in ``group_of`` (K,) ``groups``.

        DamagedFileError if the weights sum to nothing or to too much.
        """
        weights = tables.WEIGHTS[levels]
        if not 0 < weights.sum() <= TOTAL:
            raise DamagedFileError("weights that make no trees of codes")
        children: huffman.Children = []
        roots = [
            huffman.grow(np.flatnonzero(group_of == group).tolist(), weights, children)
            for group in range(groups)
        ]
        there = [root for root in roots if root is not None]
        path, length = huffman.paths(there, children, len(weights))
        trees = Trees(
            np.array(children, np.int32).reshape(-1, 2),
            np.array([_EMPTY if root is None else root for root in roots], np.int32),
            path,
        )
        return Forest(trees, length, int(weights.argmax()))

    def cost(self, sites: SiteSet) -> int:
        """The work of decoding a code at each of the ``sites`` (``nfc-v1.md`` §9)."""
        alphabet = len(self.length)
        return (
            sites.count
            + sites.plane_size // _PLANE_SITES
            + sites.count * int(self.length.max()) // _DECISIONS
            + alphabet * num_contexts(alphabet) // _SLOTS
        )


def can_hold(alphabet: int, sites: SiteSet) -> bool:
    """Whether codes below ``alphabet`` at these ``sites`` may be coded beside their neighbors."""
    return alphabet <= MAX_ALPHABET and sites.lattice_size <= MAX_SITES


def write(
    codes: Symbols, alphabet: int, sites: SiteSet,
    group_of: npt.NDArray[np.uint16] | None = None, groups: int = 1,
) -> Section:  # fmt: skip
    """The section of (N,) ``codes`` below ``alphabet`` at the ``sites``.

    ``group_of``: (K,) which of the ``groups`` each code belongs to; a reader knows the group of
    every site.
    """
    of_code = np.zeros(alphabet, np.uint16) if group_of is None else group_of
    levels = tables.quantize(np.bincount(codes, minlength=alphabet), _WIDTH)
    forest = Forest.of(levels, of_code, groups)
    coder = range_coder.encoder(int(forest.length[codes].sum()))
    _code(coder, codes.copy(), of_code[codes], forest, sites)
    section = Builder()
    section.fields("BBH", NEIGHBORS, _WIDTH, 0)
    if groups > 1:
        section.array(PackedIntegers.pack(of_code, symbol_bits(groups)).words)
    section.array(tables.pack(levels, _WIDTH))
    range_coder.write(section, coder)
    return section.section(forest.cost(sites))


def read_forest(cursor: Cursor, alphabet: int, sites: SiteSet, groups: int = 1) -> Forest:
    """What precedes the codes of a section. DamagedFileError if it is not valid."""
    label = cursor.label
    with cursor.part(f"{label} table"):
        form, width, nothing = cursor.fields("BBH")
        if form > NEIGHBORS:
            raise UnsupportedError(f"{label}: form {form} is not known to this build")
        if form != NEIGHBORS or nothing or not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH:
            raise DamagedFileError(f"{label}: form {form} with width {width} and {nothing}")
        if not can_hold(alphabet, sites):
            raise DamagedFileError(
                f"{label}: {alphabet} codes beside their neighbors in a lattice of "
                f"{sites.lattice_size:,} sites"
            )
        group_of = np.zeros(alphabet, np.uint16)
        if groups > 1:
            bits = symbol_bits(groups)
            group_of = PackedIntegers(bits, alphabet, _packed(cursor, alphabet, bits)).unpack()
            if int(group_of.max()) >= groups:
                raise DamagedFileError(f"{label}: group {group_of.max()} of {groups}")
        levels = tables.unpack(_packed(cursor, alphabet, width), alphabet, width)
        return Forest.of(levels, group_of, groups)


def _packed(cursor: Cursor, count: int, bits: int) -> npt.NDArray[np.uint32]:
    return cursor.words((count * bits + 31) // 32)


def read(cursor: Cursor, forest: Forest, sites: SiteSet, known: Symbols | None = None) -> Symbols:
    """The codes of the ``sites``: the inverse of :func:`write`, after :func:`read_forest`.

    ``known``: (N,) the group of each site; None if there is one group.
    """
    groups = np.zeros(sites.count, np.uint16) if known is None else known
    empty = forest.trees.roots[groups] == _EMPTY
    if empty.any():
        group = int(groups[np.argmax(empty)])
        raise DamagedFileError(f"{cursor.label}: group {group} is used but has no codes")
    coder = range_coder.read(cursor)
    codes = np.zeros(sites.count, np.uint16)
    _code(coder, codes, groups, forest, sites)
    range_coder.finish(coder)
    return codes


def _code(coder: Coder, codes: Symbols, known: Symbols, forest: Forest, sites: SiteSet) -> None:
    from nfcodec.entropy import neighbor_kernels

    inner = len(forest.trees.children)
    mixer = mixing.new_mixer(inner * num_contexts(len(forest.length)), SETS, inner)
    neighbor_kernels.codes(coder, mixer, forest.trees, forest.top, Walk.of(sites), known, codes)
