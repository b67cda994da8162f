"""A run of symbols <-> a section of a chunk, in the form that takes the fewest bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import ans, tables
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers

Symbols = npt.NDArray[np.uint16]

#: Frozen ids of the forms; :mod:`nfcodec.entropy.contexts` has IN_CONTEXT,
#: :mod:`nfcodec.entropy.adaptive` MIXED.
CONSTANT, PACKED, ZERO_ORDER, IN_CONTEXT, MIXED = 0, 1, 2, 3, 4


def encode(symbols: Symbols, alphabet: int) -> Builder:
    """The shortest section without contexts for (N,) ``symbols`` below ``alphabet`` (1..65536)."""
    counts = np.bincount(symbols, minlength=alphabet)
    if np.count_nonzero(counts) <= 1:
        section = Builder()
        section.fields("BBH", CONSTANT, 0, int(symbols[0]) if symbols.size else 0)
        return section
    candidates = [packed(symbols, alphabet)]
    candidates += [_zero_order(symbols, counts, width) for width in (4, 5, 6)]
    return min(candidates, key=lambda section: section.size)


def decode(cursor: Cursor, count: int, alphabet: int) -> Symbols:
    """The inverse of :func:`encode`. DamagedFileError if the section is not valid."""
    form, width, argument = cursor.fields("BBH")
    if (form in (CONSTANT, PACKED) and width) or (form in (PACKED, ZERO_ORDER) and argument):
        raise DamagedFileError(f"{cursor.label}: form {form} with width {width} and {argument}")
    if form == CONSTANT:
        if argument >= alphabet:
            raise DamagedFileError(f"{cursor.label}: symbol {argument} of {alphabet}")
        return np.broadcast_to(np.uint16(argument), count)  # one number, however many it stands for
    if form == PACKED:
        return _decode_packed(cursor, count, alphabet)
    if form == ZERO_ORDER:
        return _decode_zero_order(cursor, count, alphabet, width)
    if form in (IN_CONTEXT, MIXED):
        raise DamagedFileError(f"{cursor.label}: contexts where there is no lattice")
    raise UnsupportedError(f"{cursor.label}: form {form} is not known to this build")


def symbol_bits(alphabet: int) -> int:
    """Bits that hold any symbol below ``alphabet``, at least 1."""
    return max(1, (alphabet - 1).bit_length())


def packed(symbols: Symbols, alphabet: int) -> Builder:
    """The section of (N,) ``symbols`` as they are: the longest, and the least work to decode."""
    section = Builder()
    section.fields("BBH", PACKED, 0, 0)
    section.array(PackedIntegers.pack(symbols, symbol_bits(alphabet)).words)
    return section


def _decode_packed(cursor: Cursor, count: int, alphabet: int) -> Symbols:
    bits = symbol_bits(alphabet)
    symbols = PackedIntegers(bits, count, cursor.words((count * bits + 31) // 32)).unpack()
    if symbols.size and int(symbols.max()) >= alphabet:
        raise DamagedFileError(f"{cursor.label}: symbol {symbols.max()} of {alphabet}")
    return symbols


def _zero_order(symbols: Symbols, counts: npt.NDArray[np.int64], width: int) -> Builder:
    levels = tables.quantize(counts, width)
    words = ans.encode([(symbols, ans.Model(tables.frequencies(levels)))])
    section = Builder()
    section.fields("BBH", ZERO_ORDER, width, 0)
    section.array(tables.pack(levels, width))
    section.fields("I", words.size)
    section.array(words)
    return section


def _decode_zero_order(cursor: Cursor, count: int, alphabet: int, width: int) -> Symbols:
    model = ans.Model(tables.frequencies(_decode_levels(cursor, alphabet, width)))
    (size,) = cursor.fields("I")
    decoder = ans.Decoder(cursor.words(size))
    symbols = decoder.decode(model, count).astype(np.uint16)
    decoder.finish()
    return symbols


def _decode_levels(cursor: Cursor, count: int, width: int) -> tables.Levels:
    if not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH:
        raise DamagedFileError(f"{cursor.label}: frequency table of {width} bits")
    with cursor.part(f"{cursor.label} table"):
        return tables.unpack(cursor.words((count * width + 31) // 32), count, width)
