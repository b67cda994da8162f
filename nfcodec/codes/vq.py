"""The code ``vq``: vector quantization, by indices into a codebook."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray, HalfArray, need_array, need_half
from nfcodec.codes import layering
from nfcodec.container import Cursor, limits
from nfcodec.container.tree import Node
from nfcodec.entropy import float16, neighbors, symbols, tables
from nfcodec.entropy.symbols import Symbols
from nfcodec.errors import InvalidFieldError
from nfcodec.layouts.memory import Around
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Candidate, Code, Described, MemoryCost
from nfcodec.model.sites import SiteSet

#: Layers that indices may have.
MAX_LAYERS = 8
#: Levels of fewer rows are not put in layers unasked: their tables would cost too much.
MIN_LAYERED = 512


@dataclass(frozen=True, eq=False)
class VQCode:
    """Vector quantization: row i is ``codebook[indices[i]]``; ``codebook`` (K, F), K <= 2^bits."""

    indices: PackedIntegers
    codebook: HalfArray

    tag: ClassVar[int] = 1
    name: ClassVar[str] = "vq"

    @property
    def num_rows(self) -> int:
        return self.indices.count

    @property
    def num_features(self) -> int:
        return int(self.codebook.shape[1])

    @property
    def nbytes(self) -> int:
        return self.indices.nbytes + int(self.codebook.nbytes)

    @property
    def paper_bytes(self) -> int:
        return -(-self.indices.count * self.indices.bits // 8) + int(self.codebook.nbytes)

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F)."""
        taken = self.indices.unpack()[start:stop]
        return np.take(self.codebook.astype(np.float32), taken, axis=0)

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless the codebook is finite and all indices lie in it."""
        need_half(self.codebook, 2, f"{where}: codebook")
        packed = self.indices
        if not 1 <= packed.bits <= 16 or packed.count < 0:
            raise InvalidFieldError(f"{where}: {packed.count} indices of {packed.bits} bits")
        need_array(packed.words, np.uint32, 1, f"{where}: indices")
        if packed.words.size != (packed.count * packed.bits + 31) // 32:
            raise InvalidFieldError(
                f"{where}: {packed.words.size} words for {packed.count} indices of "
                f"{packed.bits} bits"
            )
        entries = self.codebook.shape[0]
        if entries > 1 << packed.bits:
            raise InvalidFieldError(
                f"{where}: {entries} codewords for indices of {packed.bits} bits"
            )
        if packed.count and packed.max() >= entries:
            raise InvalidFieldError(f"{where}: an index is beyond the {entries} codewords")

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        yield "indices", self.indices.words
        yield "codebook", self.codebook

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        """Bits of an index, codes, how many are in use, their entropy and size in bits."""
        counts = np.bincount(self.indices.unpack(), minlength=len(self.codebook))
        found: Described = {
            "bits": self.indices.bits,
            "codes": len(self.codebook),
            "codes_used": int(np.count_nonzero(counts)),
            "zero_order_entropy": tables.entropy(counts),
        }
        if part_bytes is not None:
            coded = sum(
                part_bytes.get(f"{part}{table}", 0)
                for part in ("indices", "refinement")
                for table in ("", " table")
            )
            found["bits_per_index"] = 8 * coded / max(self.num_rows, 1)
        return found

    def header(self) -> list[int]:
        return [len(self.codebook)]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> VQHeader:
        node.need_values(values, 1, MAX_LAYERS, cls.name)
        most = neighbors.MAX_ALPHABET if len(values) > 1 else 1 << limits.INDEX_BITS
        codes = tuple(value.within(1, most) for value in values)
        if any(finer <= coarser for coarser, finer in itertools.pairwise(codes)):
            raise node.damage("has layers that do not grow")
        return VQHeader(codes)

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        """Indices by one table, beside their neighbors, in layers, and packed."""
        indices, alphabet = self.indices.unpack(), len(self.codebook)
        books = sorted(float16.candidates(self.codebook), key=lambda section: section.size)
        ways = [symbols.encode(indices, alphabet)]
        if sites is not None and not neighbors.can_hold(alphabet, sites):
            sites = None
        if sites is not None and np.ptp(indices):
            ways.append(neighbors.write(indices, alphabet, sites))
        ways.sort(key=lambda section: section.size)
        found = []
        many = layers is not None or indices.size >= MIN_LAYERED
        if sites is not None and alphabet > 1 and many:
            most = math.inf
            if layers is None:
                most = ways[0].size + layering.MOST_COST * (ways[0].size + books[0].size)
            layered = _in_layers(indices, self.codebook, sites, layers, most)
            found += [] if layered is None else [layered]
        ways.append(symbols.packed(indices, alphabet))
        plain = [Candidate((book + way,), (alphabet,)) for way in ways for book in books]
        cheapest = min(plain, key=lambda one: (one.cost, one.size))
        return [*found, *plain, cheapest]


def _in_layers(
    indices: Symbols, codebook: HalfArray, sites: SiteSet, wanted: int | None, most: float
) -> Candidate | None:
    """The indices in layers; None if there is one, or if they take more than ``most`` bytes."""
    use = np.bincount(indices, minlength=len(codebook))
    layers = layering.split(codebook, use, layering.USUAL if wanted is None else wanted)
    if layers is None:
        return None
    layered = layering.write(indices, layers, sites)
    if layered.size > most:
        return None
    parts = [
        float16.encode(book) + section
        for book, section in zip(layers.codebooks, layered.sections, strict=True)
    ]
    return Candidate(tuple(parts), layers.sizes, VQLayers(layers))


@dataclass(frozen=True)
class VQLayers:
    """A code in layers."""

    layers: layering.Layers

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.layers.sizes

    def code(self, finest: VQCode, layer: int) -> VQCode:
        """What a reader of layers 0..``layer`` has of the code ``finest``."""
        indices = self.layers.indices(finest.indices.unpack())[layer]
        bits = symbols.symbol_bits(self.sizes[-1])
        return VQCode(PackedIntegers.pack(indices, bits), self.layers.codebooks[layer])


@dataclass(frozen=True)
class VQHeader:
    """The number of codes in each layer, coarsest first."""

    codes: tuple[int, ...]

    name: ClassVar[str] = VQCode.name

    @property
    def layers(self) -> tuple[int, ...]:
        return self.codes if len(self.codes) > 1 else ()

    @property
    def bits(self) -> int:
        """Bits that hold any index of the finest layer."""
        return symbols.symbol_bits(self.codes[-1])

    def memory(self, rows: int, features: int) -> MemoryCost:
        each, codes = limits.ESTIMATE, self.codes[-1]
        values = codes * features
        held = each["index"] * rows + each["value"] * values
        reading = each["readingIndex"] * rows + each["readingCode"] * values
        if self.layers:  # the indices of two layers at once
            held += each["index"] * rows
            reading += each["readingSlot"] * codes * neighbors.num_contexts(codes)
        return MemoryCost(held, reading)

    def describe(self) -> Described:
        return {"bits": self.bits, "codes": self.codes[-1]}

    def decode(self, cursor: Cursor, rows: int, features: int, around: Around) -> VQCode:
        codes = self.codes[0]
        with cursor.part("codebook"):
            codebook = float16.decode(cursor, codes, features, work=around.work)
        with cursor.part("indices"):
            form = cursor.peek()
            if form == symbols.NEIGHBORS:
                sites = around.need_sites(cursor.label)
                forest = neighbors.read_forest(cursor, codes, sites)
                around.work.count(forest.cost(sites))
                indices = neighbors.read(cursor, forest, sites)
            else:
                around.work.count(symbols.cost(form, rows))
                indices = symbols.decode(cursor, rows, codes)
        return VQCode(PackedIntegers.pack(indices, self.bits), codebook)

    def refine(self, cursor: Cursor, before: Code, layer: int, around: Around) -> VQCode:
        coarse = vq_or_none(before)
        if coarse is None:
            raise ValueError(f"a {before.name} code has no layers of indices")
        groups, codes = self.codes[layer - 1 : layer + 1]
        with cursor.part("refinement codebook"):
            codebook = float16.decode(cursor, codes, before.num_features, work=around.work)
        with cursor.part("refinement"):
            sites = around.need_sites(cursor.label)
            forest = neighbors.read_forest(cursor, codes, sites, groups)
            around.work.count(forest.cost(sites))
            found = neighbors.read(cursor, forest, sites, coarse.indices.unpack())
        return VQCode(PackedIntegers.pack(found, self.bits), codebook)


def vq_or_none(code: Code) -> VQCode | None:
    """``code`` if its rows are vector-quantized, for what is about indices and codebooks alone."""
    return code if isinstance(code, VQCode) else None
