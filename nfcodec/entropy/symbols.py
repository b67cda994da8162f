"""A run of symbols <-> a section of a chunk (``nfc-v1.md`` §7)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor, Section
from nfcodec.entropy import ans, tables
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers

Symbols = npt.NDArray[np.uint16]

#: Frozen ids of the forms; :mod:`nfcodec.entropy.neighbors` has the last one.
CONSTANT, PACKED, ZERO_ORDER, NEIGHBORS = 0, 1, 2, 3
#: Widths of a table that encoders try: 4 bits suit short runs, 6 large alphabets (decision 35).
_WIDTHS = (4, 5, 6)
#: Symbols of one value that take as much work as one other symbol.
_CONSTANTS = 8


def encode(symbols: Symbols, alphabet: int) -> Section:
    """The shortest section without neighbors for (N,) ``symbols`` below ``alphabet`` (1..65536)."""
    counts = np.bincount(symbols, minlength=alphabet)
    if np.count_nonzero(counts) <= 1:
        section = Builder()
        section.fields("BBH", CONSTANT, 0, int(symbols[0]) if symbols.size else 0)
        return section.section(symbols.size // _CONSTANTS)
    models = [ans.Model(tables.frequencies(tables.quantize(counts, width))) for width in _WIDTHS]
    bits = [
        width * alphabet + tables.cost(counts, model.frequencies)
        for width, model in zip(_WIDTHS, models, strict=True)
    ]
    # Rounding to words may turn a difference of less than a word around: that is not worth a run.
    best = int(np.argmin(bits))
    plain = packed(symbols, alphabet)
    if bits[best] / 8 > plain.size:
        return plain
    return min(plain, _zero_order(symbols, counts, _WIDTHS[best]), key=lambda one: one.size)


def cost(form: int, count: int) -> int:
    """The work of decoding ``count`` symbols in a ``form`` without neighbors."""
    return count // _CONSTANTS if form == CONSTANT else count


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
    if form == NEIGHBORS:
        raise DamagedFileError(f"{cursor.label}: symbols beside neighbors where there are no sites")
    raise UnsupportedError(f"{cursor.label}: form {form} is not known to this build")


def symbol_bits(alphabet: int) -> int:
    """Bits that hold any symbol below ``alphabet``, at least 1."""
    return max(1, (alphabet - 1).bit_length())


def packed(symbols: Symbols, alphabet: int) -> Section:
    """The section of (N,) ``symbols`` at full width: the longest, and the least work to decode."""
    section = Builder()
    section.fields("BBH", PACKED, 0, 0)
    section.array(PackedIntegers.pack(symbols, symbol_bits(alphabet)).words)
    return section.section(symbols.size)


def _decode_packed(cursor: Cursor, count: int, alphabet: int) -> Symbols:
    bits = symbol_bits(alphabet)
    symbols = PackedIntegers(bits, count, cursor.words((count * bits + 31) // 32)).unpack()
    if symbols.size and int(symbols.max()) >= alphabet:
        raise DamagedFileError(f"{cursor.label}: symbol {symbols.max()} of {alphabet}")
    return symbols


def _zero_order(symbols: Symbols, counts: npt.NDArray[np.int64], width: int) -> Section:
    levels = tables.quantize(counts, width)
    words = ans.encode(symbols, ans.Model(tables.frequencies(levels)))
    section = Builder()
    section.fields("BBH", ZERO_ORDER, width, 0)
    section.array(tables.pack(levels, width))
    section.fields("I", words.size)
    section.array(words)
    return section.section(symbols.size)


def _decode_zero_order(cursor: Cursor, count: int, alphabet: int, width: int) -> Symbols:
    if not tables.MIN_WIDTH <= width <= tables.MAX_WIDTH:
        raise DamagedFileError(f"{cursor.label}: frequency table of {width} bits")
    with cursor.part(f"{cursor.label} table"):
        words = cursor.words((alphabet * width + 31) // 32)
        model = ans.Model(tables.frequencies(tables.unpack(words, alphabet, width)))
    (size,) = cursor.fields("I")
    return ans.decode(cursor.words(size), model, count).astype(np.uint16, copy=False)
