"""float16 arrays <-> sections: plain, or with their high bytes entropy coded (``nfc-v1.md`` §6).

The high byte of a float16 holds sign, exponent and two bits of the mantissa: in trained weights a
few of its 256 values do most of the work.
"""

from __future__ import annotations

import math

import numpy as np

from nfcodec.coded import HalfArray
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import symbols
from nfcodec.errors import UnsupportedError

PLAIN, SPLIT = 0, 1


def encode(values: HalfArray) -> Builder:
    """The shorter section for ``values``; their shape is not kept."""
    plain = Builder()
    plain.fields("I", PLAIN)
    plain.array(values)
    halves = np.ascontiguousarray(values, "<f2").view("<u2").reshape(-1)
    split = Builder()
    split.fields("I", SPLIT)
    split.append(symbols.encode(halves >> np.uint16(8), 256))
    split.array((halves & np.uint16(255)).astype(np.uint8))
    return min(plain, split, key=lambda section: section.size)


def decode(cursor: Cursor, *shape: int) -> HalfArray:
    """The inverse of :func:`encode`."""
    (form,) = cursor.fields("I")
    if form == PLAIN:
        return cursor.halves(*shape)
    if form != SPLIT:
        raise UnsupportedError(f"{cursor.label}: form {form} is not known to this build")
    count = math.prod(shape)
    high = symbols.decode(cursor, count, 256)
    halves: HalfArray = (high << np.uint16(8) | cursor.octets(count)).view(np.float16)
    return halves.reshape(shape)
