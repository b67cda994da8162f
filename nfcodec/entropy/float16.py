"""float16 arrays <-> sections: plain, high bytes entropy coded, or steps (``nfc-v1.md`` §6).

The high byte of a float16 holds sign, exponent and two bits of the mantissa: in trained weights a
few of its 256 values do most of the work. Values that an encoder has rounded to multiples of a
power of two are written as these multiples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import HalfArray, need_finite
from nfcodec.container import Builder, Cursor, Section
from nfcodec.container.work import Work
from nfcodec.entropy import symbols
from nfcodec.errors import DamagedFileError, UnsupportedError

PLAIN, SPLIT, STEPS = 0, 1, 2
#: A block's step is 2^(exponent - BIAS); multiples of it up to MOST are exact in float16.
BIAS, MAX_EXPONENT, MOST = 24, 28, 2048
MAX_BLOCKS = 4096


def encode(values: HalfArray, sizes: Sequence[int] = (), work: Work | None = None) -> Section:
    """The shortest section for ``values``; their shape is not kept.

    ``sizes``: of the arrays that ``values`` is made of, whose steps may differ. ``work``: of the
    file, which limits what the section may ask of decoders, and takes it in.
    """
    ways = candidates(values, sizes)
    return min(ways, key=lambda section: section.size) if work is None else work.choose(ways)


def candidates(values: HalfArray, sizes: Sequence[int] = ()) -> list[Section]:
    """Ways to code ``values``; see :func:`encode`."""
    found = [_plain(values), _split(values)]
    flat = values.reshape(-1)
    for cuts in {(flat.size,), tuple(sizes) or (flat.size,)}:
        steps = _steps(np.split(flat, np.cumsum(cuts)[:-1]))
        if steps is not None:
            found.append(steps)
    return found


def _plain(values: HalfArray) -> Section:
    section = Builder()
    section.fields("I", PLAIN)
    section.array(values)
    return section.section()


def _split(values: HalfArray) -> Section:
    halves = np.ascontiguousarray(values, "<f2").view("<u2").reshape(-1)
    section = Builder()
    section.fields("I", SPLIT)
    section.append(symbols.encode(halves >> np.uint16(8), 256))
    section.array((halves & np.uint16(255)).astype(np.uint8))
    return section.section()


def decode(cursor: Cursor, *shape: int, work: Work | None = None) -> HalfArray:
    """The inverse of :func:`encode`. DamagedFileError if it is not valid, or not finite."""
    found = _decode(cursor, shape, work)
    need_finite(found, cursor.label)
    return found


def _decode(cursor: Cursor, shape: tuple[int, ...], work: Work | None) -> HalfArray:
    (form,) = cursor.fields("I")
    if form == PLAIN:
        return cursor.halves(*shape)
    if form == STEPS:
        # Steps may take no bytes at all, where other forms take one for each value.
        if work is not None:
            work.count(math.prod(shape))
        return _decode_steps(cursor, math.prod(shape)).reshape(shape)
    if form != SPLIT:
        raise UnsupportedError(f"{cursor.label}: form {form} is not known to this build")
    count = math.prod(shape)
    high = symbols.decode(cursor, count, 256)
    halves: HalfArray = (high << np.uint16(8) | cursor.octets(count)).view(np.float16)
    return halves.reshape(shape)


def _steps(arrays: list[HalfArray]) -> Section | None:
    """The section with one block for each of ``arrays``; None if one is not made of steps."""
    if len(arrays) > MAX_BLOCKS:
        return None
    section = Builder()
    section.fields("II", STEPS, len(arrays))
    for values in arrays:
        found = _multiples(values)
        if found is None:
            return None
        exponent, multiples = found
        low = int(multiples.min(initial=0))
        alphabet = int(multiples.max(initial=0)) - low + 1
        section.fields("IHHB", values.size, alphabet, -low, exponent)
        section.append(symbols.encode((multiples - low).astype(np.uint16), alphabet))
    # Steps may take no bytes at all, where other forms take one for each value.
    return section.section(sum(values.size for values in arrays))


def _multiples(values: HalfArray) -> tuple[int, npt.NDArray[np.int64]] | None:
    """The exponent of the greatest step that ``values`` are multiples of, and the multiples.

    None if they are more than ``MOST`` steps from zero, or one of them is a negative zero.
    """
    whole = (values.astype(np.float64) * 2.0**BIAS).astype(np.int64)
    if (np.signbit(values) & (values == 0)).any():
        return None
    bits = int(np.bitwise_or.reduce(whole, initial=0))
    exponent = min((bits & -bits).bit_length() - 1, MAX_EXPONENT) if bits else 0
    multiples = whole >> exponent
    return None if np.abs(multiples).max(initial=0) > MOST else (exponent, multiples)


def _decode_steps(cursor: Cursor, count: int) -> HalfArray:
    (blocks,) = cursor.fields("I")
    if not 1 <= blocks <= MAX_BLOCKS:
        raise DamagedFileError(f"{cursor.label}: {blocks} blocks of steps")
    values = np.empty(count, np.float16)
    done = 0
    for _ in range(blocks):
        size, alphabet, origin, exponent = cursor.fields("IHHB")
        if (
            size > count - done
            or exponent > MAX_EXPONENT
            or origin > MOST
            or not 1 <= alphabet <= origin + MOST + 1
        ):
            raise DamagedFileError(
                f"{cursor.label}: impossible block of {size} steps (of {alphabet}, origin {origin},"
                f" exponent {exponent})"
            )
        multiples = np.arange(alphabet, dtype=np.float64) - origin
        table = (multiples * 2.0 ** (exponent - BIAS)).astype(np.float16)
        values[done : done + size] = table[symbols.decode(cursor, size, alphabet)]
        done += size
    if done != count:
        raise DamagedFileError(f"{cursor.label}: {done} values in steps instead of {count}")
    return values
