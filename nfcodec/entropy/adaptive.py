"""Symbols coded by mixed counts of what is around them (``nfc-v1.md`` §11).

Sites are coded one after the other in raster order. A symbol is found by decisions down a Huffman
tree; each of them is looked at beside the symbol before it along x, along y and along z, beside
how many neighbors have another symbol than the commonest, and under the pattern of voxels around.
Nothing but the tree's weights is in the file: all else is learned while coding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import huffman, mixing, tables
from nfcodec.entropy.lattice import Lattice
from nfcodec.entropy.mixing import Coder
from nfcodec.entropy.symbols import MIXED, Symbols
from nfcodec.errors import DamagedFileError

#: The minor version that brought this form.
MINOR = 3

#: Larger alphabets would fill too many slots to learn from.
MAX_ALPHABET = 256
#: Sets of weights: decisions 1, 2, 3, and all later ones on the way to a symbol.
SETS = 4
_WIDTH = 5

#: (M, 3) x y z of the voxels between the sites; None where all are there.
Voxels = npt.NDArray[np.uint16] | None


def num_slots(alphabet: int) -> int:
    """How many contexts there are, over all inputs."""
    return alphabet * (6 * alphabet + 291)


@dataclass(frozen=True, eq=False)
class Tree:
    """A Huffman tree over K symbols.

    ``children``: (J, 2) by inner node and bit, the symbol or K plus the inner node; the last inner
    node is the root. ``length`` (K,): decisions to each symbol, 0 if it is not in the tree;
    ``path`` (K,): their bits, the first one lowest. ``top``: the symbol of greatest weight.
    """

    children: npt.NDArray[np.int32]
    path: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    top: int

    @staticmethod
    def of(levels: tables.Levels) -> Tree:
        """The tree of symbols with these table ``levels`` (K,).

        DamagedFileError if fewer than two symbols have a weight, or the weights sum to too much.
        """
        weights = tables.WEIGHTS[levels]
        children: huffman.Children = []
        root = huffman.grow(range(len(weights)), weights, children)
        if root is None or not children or weights.sum() > 1 << 24:
            raise DamagedFileError("weights that make no tree of symbols")
        path, length = huffman.paths([root], children, len(weights))
        return Tree(np.array(children, np.int32), path, length, int(weights.argmax()))

    def work(self, count: int) -> int:
        """What coding ``count`` symbols takes, beyond one each (``nfc-v1.md`` §9)."""
        return count * int(self.length.max()) // 4 + num_slots(len(self.path)) // 8


def write(symbols: Symbols, alphabet: int, lattice: Lattice, voxels: Voxels) -> Builder:
    """A section's fields for (N,) ``symbols`` below ``alphabet``, at least two of which occur."""
    levels = tables.quantize(np.bincount(symbols, minlength=alphabet), _WIDTH)
    tree = Tree.of(levels)
    encoder = mixing.Encoder.of(int(tree.length[symbols].sum()))
    _code(encoder, symbols.astype(np.uint16), tree, lattice, voxels)
    section = Builder(MINOR)
    section.fields("BBH", MIXED, _WIDTH, 0)
    section.array(tables.pack(levels, _WIDTH))
    mixing.write_bytes(section, encoder.finish())
    return section


def read_tree(cursor: Cursor, alphabet: int) -> Tree:
    """What precedes the symbols. DamagedFileError if it is not valid."""
    with cursor.part(f"{cursor.label} table"):
        form, width, nothing = cursor.fields("BBH")
        if (
            form != MIXED
            or nothing
            or not 2 <= alphabet <= MAX_ALPHABET
            or not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH
        ):
            raise DamagedFileError(
                f"{cursor.label}: form {form} of {alphabet} symbols with width {width}, {nothing}"
            )
        words = cursor.words((alphabet * width + 31) // 32)
        return Tree.of(tables.unpack(words, alphabet, width))


def read(cursor: Cursor, tree: Tree, lattice: Lattice, voxels: Voxels) -> Symbols:
    """The inverse of :func:`write`, behind :func:`read_tree`: symbols in raster order."""
    decoder = mixing.Decoder(mixing.read_bytes(cursor))
    symbols = np.zeros(lattice.sites.size, np.uint16)
    _code(decoder, symbols, tree, lattice, voxels)
    decoder.finish()
    return symbols


def _code(coder: Coder, symbols: Symbols, tree: Tree, lattice: Lattice, voxels: Voxels) -> None:
    from nfcodec.entropy import mixing_kernels

    alphabet = len(tree.path)
    model = mixing.Model.new(num_slots(alphabet), SETS, len(tree.children))
    cells = np.zeros((0, 3), np.uint16) if voxels is None else voxels
    first, last = mixing.arguments(coder, model)
    mixing_kernels.symbols(
        *first, symbols, lattice.sites, np.array(lattice.shape, np.int64), voxels is not None,
        cells, tree.children, tree.path, tree.top, *last,
    )  # fmt: skip
