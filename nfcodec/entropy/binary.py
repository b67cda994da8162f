"""Models of yes-no symbols: one small signed number for the odds of "yes" (``nfc-v1.md`` §7)."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from nfcodec.entropy import tables
from nfcodec.entropy.grouping import Models
from nfcodec.errors import DamagedFileError
from nfcodec.model.packed import PackedIntegers

Odds = npt.NDArray[np.int8]

#: Stored odds are in [-LIMIT, LIMIT]; four steps double (or halve) the odds.
LIMIT = 62
_TOP = (1 << tables.MAX_WIDTH) - 1
_STORED_BITS, _STORED_ZERO = 7, 64


def models(odds: Odds) -> Models:
    """One for each of the ``odds``: symbol 1 is likelier than 0 where they are positive."""
    levels = np.stack([_TOP - np.maximum(odds, 0), _TOP + np.minimum(odds, 0)], 1)
    return Models(tables.frequencies(levels.astype(np.uint8)))


@functools.cache
def _costs() -> npt.NDArray[np.float64]:
    """(odds, symbol): bits of each symbol under each of the odds."""
    every = np.arange(-LIMIT, LIMIT + 1).astype(np.int8)
    return np.asarray(24 - np.log2(models(every).frequencies.astype(np.float64)))


def best(zeros: npt.NDArray[np.integer], ones: npt.NDArray[np.integer]) -> Odds:
    """The cheapest odds for each pair of counts."""
    bits = _costs() @ np.stack([zeros, ones]).astype(np.float64)
    odds: Odds = (bits.argmin(0) - LIMIT).astype(np.int8)
    return odds


def cost(odds: Odds, zeros: npt.NDArray[np.integer], ones: npt.NDArray[np.integer]) -> float:
    """Bits that these counts take under ``odds``."""
    bits = _costs()[odds.astype(np.int64) + LIMIT]
    return float((bits[:, 0] * zeros + bits[:, 1] * ones).sum())


def pack(odds: Odds) -> npt.NDArray[np.uint32]:
    """The words that hold ``odds``, 7 bits each, plus 64."""
    return PackedIntegers.pack(odds.astype(np.int64) + _STORED_ZERO, _STORED_BITS).words


def packed_words(count: int) -> int:
    return (count * _STORED_BITS + 31) // 32


def unpack(words: npt.NDArray[np.uint32], count: int) -> Odds:
    """The inverse of :func:`pack`; DamagedFileError for odds beyond the limit."""
    stored = PackedIntegers(_STORED_BITS, count, words).unpack().astype(np.int16) - _STORED_ZERO
    if count and int(np.abs(stored).max()) > LIMIT:
        raise DamagedFileError(f"odds of {np.abs(stored).max()} in a table, {LIMIT} is the limit")
    return stored.astype(np.int8)
