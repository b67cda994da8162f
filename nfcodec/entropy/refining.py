"""Codes refined: which of its members each site's group stands for (``nfc-v1.md`` §12).

A coarse code is the group of finer ones. Its members are told apart by decisions down a tree of the
group's own, under mixed counts (:mod:`nfcodec.entropy.mixing`) of the finer codes before a site,
and of whether the groups behind it, which are known already, are its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import huffman, mixing, tables
from nfcodec.entropy.adaptive import MAX_ALPHABET, SETS, Voxels
from nfcodec.entropy.lattice import Lattice
from nfcodec.entropy.mixing import Coder
from nfcodec.entropy.symbols import Symbols, symbol_bits
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers

#: The minor version that brought refinements.
MINOR = 4

_FORM, _WIDTH = 0, 5
#: The root of a group that no code belongs to.
_EMPTY = -1


def num_contexts(alphabet: int) -> int:
    """In how many contexts each decision may be looked at, over all inputs."""
    return 9 * alphabet + 294


@dataclass(frozen=True, eq=False)
class Forest:
    """A Huffman tree for each of A groups of K codes.

    ``children``: (J, 2) by inner node and bit, the code or K plus the inner node. ``roots``: (A,).
    ``path``, ``length``: (K,) the decisions from the root to each code, as in
    :class:`nfcodec.entropy.adaptive.Tree`. ``top``: the code of greatest weight.
    """

    children: npt.NDArray[np.int32]
    roots: npt.NDArray[np.int32]
    path: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    top: int

    @staticmethod
    def of(levels: tables.Levels, group_of: npt.NDArray[np.integer], groups: int) -> Forest:
        """Of codes with these table ``levels`` (K,) in ``group_of`` (K,) ``groups``.

        DamagedFileError if the weights sum to nothing or to too much.
        """
        weights = tables.WEIGHTS[levels]
        if not 0 < weights.sum() <= 1 << 24:
            raise DamagedFileError("weights that make no trees of codes")
        children: huffman.Children = []
        roots = [
            huffman.grow(np.flatnonzero(group_of == group).tolist(), weights, children)
            for group in range(groups)
        ]
        there = [root for root in roots if root is not None]
        path, length = huffman.paths(there, children, len(weights))
        return Forest(
            np.array(children, np.int32).reshape(-1, 2),
            np.array([_EMPTY if root is None else root for root in roots], np.int32),
            path, length, int(weights.argmax()),
        )  # fmt: skip

    def work(self, count: int) -> int:
        """What refining ``count`` codes takes, beyond one each (``nfc-v1.md`` §9)."""
        alphabet = len(self.path)
        return count * int(self.length.max()) // 4 + alphabet * num_contexts(alphabet) // 8


def write(
    codes: Symbols, alphabet: int, group_of: npt.NDArray[np.uint16], groups: int,
    lattice: Lattice, voxels: Voxels,
) -> Builder:  # fmt: skip
    """A refinement of codes in ``groups`` to (N,) ``codes`` below ``alphabet``.

    ``group_of``: (K,) the group of each code.
    """
    levels = tables.quantize(np.bincount(codes, minlength=alphabet), _WIDTH)
    forest = Forest.of(levels, group_of, groups)
    encoder = mixing.Encoder.of(int(forest.length[codes].sum()))
    _code(encoder, codes.copy(), group_of[codes], forest, lattice, voxels)
    section = Builder(MINOR)
    section.fields("BBH", _FORM, _WIDTH, 0)
    section.array(PackedIntegers.pack(group_of, symbol_bits(groups)).words)
    section.array(tables.pack(levels, _WIDTH))
    mixing.write_bytes(section, encoder.finish())
    return section


def read_forest(cursor: Cursor, alphabet: int, groups: int) -> Forest:
    """What precedes the codes. DamagedFileError if it is not valid."""
    label = cursor.label
    with cursor.part(f"{label} table"):
        form, width, nothing = cursor.fields("BBH")
        if form != _FORM:
            raise UnsupportedError(f"{label}: form {form} is not known to this build")
        if (
            nothing
            or not groups < alphabet <= MAX_ALPHABET
            or not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH
        ):
            raise DamagedFileError(
                f"{label}: {groups} groups of {alphabet} codes with width {width}, {nothing}"
            )
        bits = symbol_bits(groups)
        words = cursor.words((alphabet * bits + 31) // 32)
        group_of = PackedIntegers(bits, alphabet, words).unpack()
        if int(group_of.max()) >= groups:
            raise DamagedFileError(f"{label}: group {group_of.max()} of {groups}")
        words = cursor.words((alphabet * width + 31) // 32)
        return Forest.of(tables.unpack(words, alphabet, width), group_of, groups)


def read(
    cursor: Cursor, forest: Forest, known: Symbols, lattice: Lattice, voxels: Voxels
) -> Symbols:
    """The inverse of :func:`write`, behind :func:`read_forest`: codes in raster order.

    ``known``: (N,) the group of each, below the number of groups.
    """
    empty = forest.roots[known] == _EMPTY
    if empty.any():
        group = int(known[np.argmax(empty)])
        raise DamagedFileError(f"{cursor.label}: group {group} is used but has no codes")
    decoder = mixing.Decoder(mixing.read_bytes(cursor))
    codes = np.zeros(known.size, np.uint16)
    _code(decoder, codes, known, forest, lattice, voxels)
    decoder.finish()
    return codes


def _code(
    coder: Coder, codes: Symbols, known: Symbols, forest: Forest, lattice: Lattice, voxels: Voxels
) -> None:
    from nfcodec.entropy import refining_kernels

    inner = len(forest.children)
    model = mixing.Model.new(inner * num_contexts(len(forest.path)), SETS, inner)
    cells = np.zeros((0, 3), np.uint16) if voxels is None else voxels
    first, last = mixing.arguments(coder, model)
    refining_kernels.refine(
        *first, known, codes, lattice.sites, np.array(lattice.shape, np.int64),
        voxels is not None, cells, forest.children, forest.path, forest.roots, forest.top, *last,
    )  # fmt: skip
