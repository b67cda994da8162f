"""Symbols coded in the light of their neighbors and of the coarser level (``nfc-v1.md`` §8).

Each symbol belongs to a class, and each class has a place in a small space of one to three axes:
the encoder puts classes whose vectors are alike near each other. A site's context is the mean
place of its visited neighbors and of the coarser site below it, rounded to a few bins per axis.
Contexts that behave alike share a frequency table over the classes; within a class, symbols follow
one table of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import ans, compiled, grouping, tables
from nfcodec.entropy.lattice import Lattice, Volume
from nfcodec.errors import DamagedFileError
from nfcodec.model.packed import PackedIntegers

#: The frozen id of this form, beside those of :mod:`nfcodec.entropy.symbols`.
FORM = 3

MAX_CLASSES = 64
MAX_AXES = 3
MAX_CONTEXTS = 1024
MAX_CLUSTERS = 256
#: Bits of a place on an axis, and of a bin.
PLACE_BITS, BIN_BITS = 5, 4
PLACES, MAX_BINS = 1 << PLACE_BITS, 1 << BIN_BITS
#: Stored where no coarser level is used.
NO_COARSER = 0xFFFF

Classes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Layer:
    """What a finer level may look at: sites and the classes (N,) of their symbols."""

    lattice: Lattice
    classes: Classes
    num_classes: int


@dataclass(frozen=True)
class Rules:
    """How contexts are found.

    ``class_of``: (K,) class of each symbol. ``places``: (G, E), ``coarse_places``: (G', E) or None.
    ``bin_of``: (E, 32), the bin of each mean place. ``cluster_of``: (contexts,) table of each
    context; the last context is that of a site with nothing around it.
    """

    class_of: Classes
    places: Places
    coarse_places: Places | None
    bin_of: npt.NDArray[np.uint8]
    cluster_of: npt.NDArray[np.uint8]


def num_contexts(bin_of: npt.NDArray[np.uint8]) -> int:
    return int(np.prod(bin_of.max(1).astype(np.int64) + 1)) + 1


def packed_places(places: Places) -> Volume:
    """(G,) words that can be summed: places in bytes 0..2, a one in byte 3 to count them."""
    words = np.full(len(places), 1 << 24, np.uint32)
    for axis in range(places.shape[1]):
        words |= places[:, axis].astype(np.uint32) << np.uint32(8 * axis)
    return words


class Surroundings:
    """What is known around the sites of one pass after the other."""

    def __init__(
        self,
        lattice: Lattice,
        places: Places,
        coarser: Layer | None,
        coarse_places: Places | None,
    ) -> None:
        self._lattice = lattice
        self._words = packed_places(places)
        self._visited = lattice.visited()
        self._coarse: tuple[Lattice, Volume] | None = None
        if coarser is not None and coarse_places is not None:
            words = packed_places(coarse_places)[coarser.classes]
            self._coarse = coarser.lattice, coarser.lattice.spread(words)

    def totals(self, p: int) -> Volume:
        """For the sites of pass ``p``: the sum of the packed places around them."""
        total = self._lattice.beside(self._visited, p)
        if self._coarse is not None:
            total += self._lattice.above(*self._coarse, p)
        return total

    def visit(self, p: int, classes: Classes) -> None:
        """The classes of the sites of pass ``p`` are known."""
        self._visited[p][self._lattice.offsets[p]] = self._words[classes]


def mean_places() -> npt.NDArray[np.uint8]:
    """(2048,) the rounded mean by ``256 count + sum``."""
    count, total = np.arange(8)[:, None], np.arange(256)[None, :]
    mean = np.minimum((2 * total + count) // np.maximum(2 * count, 1), PLACES - 1)
    flat: npt.NDArray[np.uint8] = mean.astype(np.uint8).reshape(-1)
    return flat


def sums_on(totals: Volume, axis: int) -> Volume:
    """``256 count + sum`` of the places on one axis."""
    count = totals >> np.uint32(24) << np.uint32(8)
    sums: Volume = totals >> np.uint32(8 * axis) & np.uint32(255)
    sums |= count
    return sums


class ContextTable:
    """Contexts by what is around a site: for each axis in turn one of ``terms`` (E, 2048)."""

    def __init__(self, bin_of: npt.NDArray[np.uint8]) -> None:
        mean = mean_places()
        stride = 1
        self.terms = []
        for axis, bins in enumerate(bin_of):
            term = bins[mean].astype(np.uint16) * np.uint16(stride)
            # With nothing to take the mean of, the first axis gives the last context.
            term[:256] = 0 if axis else num_contexts(bin_of) - 1
            self.terms.append(term)
            stride *= int(bins.max()) + 1

    def __call__(self, totals: Volume) -> npt.NDArray[np.uint16]:
        """The contexts of sites with ``totals`` around them."""
        count = totals >> np.uint32(24) << np.uint32(8)
        found = np.zeros(totals.size, np.uint16)
        for axis, term in enumerate(self.terms):
            found += term[totals >> np.uint32(8 * axis) & np.uint32(255) | count]
        return found


def write(
    section: Builder,
    symbols: npt.NDArray[np.uint16],
    by_pass: list[npt.NDArray[np.uint8]],
    keys: list[npt.NDArray[np.uint8]],
    rules: Rules,
    coarser: int | None,
    class_levels: tables.Levels,
    symbol_levels: tables.Levels | None,
    width: int,
) -> None:
    """Append the form's fields, tables and words.

    ``by_pass``: classes, ``keys``: their clusters, pass by pass. ``class_levels``: (C, G) table
    levels of ``width`` bits. ``symbol_levels``: (K,), None if each symbol is its own class.
    """
    classes, axes = len(rules.places), rules.places.shape[1]
    clusters = len(class_levels)
    section.fields("BBH", FORM, width, NO_COARSER if coarser is None else coarser)
    section.fields("BBH", axes, classes, clusters)
    if symbol_levels is not None:
        _pack(section, rules.class_of, _bits(classes))
    _pack(section, rules.places, PLACE_BITS)
    if rules.coarse_places is not None:
        _pack(section, rules.coarse_places, PLACE_BITS)
    _pack(section, rules.bin_of, BIN_BITS)
    if clusters > 1:
        _pack(section, rules.cluster_of, _bits(clusters))
    _pack(section, class_levels, width)
    models = grouping.Models(tables.frequencies(class_levels))
    groups = [
        group
        for symbols_of_pass, keys_of_pass in zip(by_pass, keys, strict=True)
        for group in grouping.split(keys_of_pass, symbols_of_pass, models)
    ]
    if symbol_levels is not None:
        _pack(section, symbol_levels, width)
        within = _models_within(symbol_levels, rules.class_of, classes)
        groups += grouping.split(within.row[rules.class_of[symbols]], symbols, within.models)
    words = ans.encode(groups)
    section.fields("I", words.size)
    section.array(words)


def read(
    cursor: Cursor,
    alphabet: int,
    lattice: Lattice,
    layer: Callable[[int], Layer],
) -> tuple[npt.NDArray[np.uint16], Layer]:
    """The inverse of :func:`write`: symbols in raster order, and what finer levels may look at.

    ``layer`` gives the layer of an earlier level or raises DamagedFileError.
    """
    label = cursor.label
    with cursor.part(f"{label} table"):
        form, width, coarser_at = cursor.fields("BBH")
        axes, classes, clusters = cursor.fields("BBH")
        if (
            form != FORM
            or not 1 <= axes <= MAX_AXES
            or not 2 <= classes <= min(MAX_CLASSES, alphabet)
            or not 1 <= clusters <= MAX_CLUSTERS
            or not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH
        ):
            raise DamagedFileError(f"{label}: impossible context parameters")
        coarser = None
        if coarser_at != NO_COARSER:
            coarser = layer(coarser_at)
        split = classes < alphabet
        class_of = np.arange(alphabet, dtype=np.uint8) if not split else None
        if class_of is None:
            class_of = _unpack(cursor, alphabet, _bits(classes), classes)
        places = _unpack(cursor, classes * axes, PLACE_BITS).reshape(classes, axes)
        coarse_places = None
        if coarser is not None:
            count = coarser.num_classes
            coarse_places = _unpack(cursor, count * axes, PLACE_BITS).reshape(count, axes)
        bin_of = _unpack(cursor, axes * PLACES, BIN_BITS).reshape(axes, PLACES)
        if num_contexts(bin_of) > MAX_CONTEXTS:
            raise DamagedFileError(f"{label}: {num_contexts(bin_of)} contexts")
        cluster_of = np.zeros(num_contexts(bin_of), np.uint8)
        if clusters > 1:
            cluster_of = _unpack(cursor, cluster_of.size, _bits(clusters), clusters)
        levels = _unpack(cursor, clusters * classes, width).reshape(clusters, classes)
        models = grouping.Models(tables.frequencies(levels))
        within = None
        if split:
            within = _models_within(_unpack(cursor, alphabet, width), class_of, classes)
        (size,) = cursor.fields("I")
    decoder = grouping.decoder(cursor.words(size), lattice.sites.size)
    rules = Rules(class_of, places, coarse_places, bin_of, cluster_of)
    of_site = _read_classes(decoder, rules, models, lattice, coarser)
    symbols = of_site.astype(np.uint16)
    if within is not None:
        used = np.bincount(of_site, minlength=classes) > 0
        if (used & ~within.there).any():
            missing = int(np.argmax(used & ~within.there))
            raise DamagedFileError(f"{label}: class {missing} is used but has no symbols")
        symbols = grouping.decode(decoder, within.row[of_site], within.models)
    decoder.finish()
    return symbols, Layer(lattice, of_site, classes)


def _read_classes(
    decoder: grouping.Decoder,
    rules: Rules,
    models: grouping.Models,
    lattice: Lattice,
    coarser: Layer | None,
) -> Classes:
    """The classes of the sites of ``lattice`` in raster order."""
    context_of = ContextTable(rules.bin_of)
    sparse = lattice.is_sparse or (coarser is not None and coarser.lattice.is_sparse)
    if isinstance(decoder, compiled.Decoder) and not sparse:
        coarse = None
        if coarser is not None and rules.coarse_places is not None:
            below, packed = coarser.lattice, packed_places(rules.coarse_places)
            coarse = compiled.Coarse(below.sites, below.shape, coarser.classes, packed)
        return decoder.classes(
            lattice.sites, lattice.shape, models.tables, rules.cluster_of,
            np.stack(context_of.terms), packed_places(rules.places), coarse,
        )  # fmt: skip
    around = Surroundings(lattice, rules.places, coarser, rules.coarse_places)
    by_pass = []
    for p in range(8):
        keys = rules.cluster_of[context_of(around.totals(p))]
        found = grouping.decode(decoder, keys, models).astype(np.uint8)
        around.visit(p, found)
        by_pass.append(found)
    return lattice.gather(by_pass)


@dataclass(frozen=True)
class _Within:
    """``models`` of the symbols of the classes that are ``there`` (G,); ``row`` (G,) of each."""

    models: grouping.Models
    there: npt.NDArray[np.bool_]
    row: npt.NDArray[np.uint8]


def _models_within(levels: tables.Levels, class_of: Classes, classes: int) -> _Within:
    rows = (np.where(class_of == value, levels, 0) for value in range(classes))
    own = {value: row for value, row in enumerate(rows) if row.any()}
    frequencies = np.empty((len(own), levels.size), np.int64)
    for at, row in enumerate(own.values()):
        frequencies[at] = tables.frequencies(row)
    there = np.isin(np.arange(classes), list(own))
    row_of = np.maximum(np.cumsum(there) - 1, 0).astype(np.uint8)
    return _Within(grouping.Models(frequencies), there, row_of)


def _bits(count: int) -> int:
    return max(1, (count - 1).bit_length())


def _pack(section: Builder, values: npt.NDArray[np.uint8], bits: int) -> None:
    section.array(PackedIntegers.pack(values.reshape(-1), bits).words)


def _unpack(
    cursor: Cursor, count: int, bits: int, below: int | None = None
) -> npt.NDArray[np.uint8]:
    words = cursor.words((count * bits + 31) // 32)
    values = PackedIntegers(bits, count, words).unpack().astype(np.uint8)
    if below is not None and count and int(values.max()) >= below:
        raise DamagedFileError(f"{cursor.label}: {values.max()} of {below}")
    return values
