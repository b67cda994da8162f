"""Frequency tables: a few bits for each symbol in the stream, exact integers for the coder.

A table stores one *level* per symbol, a little unsigned float with two bits of mantissa: level 0
stands for a symbol that does not occur, levels 1..7 for the weights 1..7, and from there on every
four levels double the weight. Rounding weights so costs about 0.1 % of the bits they code.
``formats/nfc-v1.md`` §7 is the definition.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.entropy.ans import TOTAL, Frequencies
from nfcodec.errors import DamagedFileError
from nfcodec.model.packed import PackedIntegers

Levels = npt.NDArray[np.uint8]

#: Bits of a stored level.
MIN_WIDTH, MAX_WIDTH = 1, 6


def _weights_of_levels() -> npt.NDArray[np.int64]:
    level = np.arange(1 << MAX_WIDTH)
    return np.where(level < 8, level, (4 + (level & 3)) << np.maximum((level >> 2) - 1, 0))


WEIGHTS = _weights_of_levels()


def quantize(counts: npt.NDArray[np.integer], width: int) -> Levels:
    """Levels of ``width`` bits for (K,) ``counts``; a symbol that occurs keeps a level above 0."""
    top = int(WEIGHTS[(1 << width) - 1])
    scale = top / max(int(counts.max()), 1)
    while True:
        wanted = counts * scale
        # The nearest weight in ratio: thresholds are geometric means of neighbors.
        edges = np.sqrt(WEIGHTS[1 : (1 << width) - 1] * WEIGHTS[2 : 1 << width].astype(float))
        levels: Levels = np.searchsorted(edges, wanted).astype(np.uint8) + np.uint8(1)
        levels[counts == 0] = 0
        if int(WEIGHTS[levels].sum()) <= TOTAL:
            return levels
        scale /= 2


def frequencies(levels: Levels) -> Frequencies:
    """(..., K) integers of which each row sums to 2^24, by the specification's arithmetic.

    DamagedFileError if no symbol of a row occurs or its weights sum to more than 2^24.
    """
    weights = WEIGHTS[levels]
    total = weights.sum(-1, keepdims=True)
    if (total < 1).any() or (total > TOTAL).any():
        raise DamagedFileError("frequency table: weights do not sum to 1..2^24")
    scaled: Frequencies = weights * TOTAL // total
    rest = TOTAL - scaled.sum(-1, keepdims=True)
    largest = weights.argmax(-1)[..., None]
    np.put_along_axis(scaled, largest, np.take_along_axis(scaled, largest, -1) + rest, -1)
    return scaled


def cost(counts: npt.NDArray[np.integer], freq: Frequencies) -> float:
    """Bits that symbols with these ``counts`` take under ``freq``."""
    seen = counts > 0
    return float((counts[seen] * (24 - np.log2(freq[seen]))).sum())


def entropy(counts: npt.NDArray[np.integer]) -> float:
    """Zero-order entropy in bits per symbol; 0 for no symbols."""
    seen = counts[counts > 0].astype(np.float64)
    total = seen.sum()
    return float((seen * np.log2(total / seen)).sum() / total) if total else 0.0


def pack(levels: Levels, width: int) -> npt.NDArray[np.uint32]:
    """The words that hold ``levels``, ``width`` bits each."""
    return PackedIntegers.pack(levels.reshape(-1), width).words


def unpack(words: npt.NDArray[np.uint32], count: int, width: int) -> Levels:
    """The inverse of :func:`pack`."""
    return PackedIntegers(width, count, words).unpack().astype(np.uint8)
