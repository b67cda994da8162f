"""Asymmetric numeral systems with integer frequencies: the only user of constriction.

The arithmetic is that of ``formats/nfc-v1.md`` §7: 32-bit words, a 64-bit state, frequencies that
sum to 2^24. ``Categorical(freq - 1, perfect=False)`` makes constriction use exactly the given
integers: its fast quantization gives each symbol one unit and shares the rest, 2^24 - n, in
proportion to the weights, whose float64 sum is that same integer.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import constriction
import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError

PRECISION = 24
TOTAL = 1 << PRECISION

Frequencies = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]


class Model:
    """A distribution over symbols 0..K-1; ``frequencies`` (K,) sum to 2^24, zeros allowed."""

    def __init__(self, frequencies: Frequencies) -> None:
        self.frequencies = frequencies
        self.present = frequencies.nonzero()[0]
        self._dense = self.present.size == frequencies.size

    @functools.cached_property
    def _categorical(self) -> constriction.stream.model.Categorical:
        weights = (self.frequencies[self.present] - 1).astype(np.float64)
        return constriction.stream.model.Categorical(weights, lazy=False, perfect=False)

    @functools.cached_property
    def _rank(self) -> npt.NDArray[np.int32]:
        rank: npt.NDArray[np.int32] = np.cumsum(self.frequencies > 0, dtype=np.int32) - 1
        return rank

    def encode(
        self, coder: constriction.stream.stack.AnsCoder, symbols: npt.NDArray[np.integer]
    ) -> None:
        """Push ``symbols`` so that they come back in this order."""
        if self.present.size > 1:
            coder.encode_reverse(self._rank[symbols], self._categorical)

    def decode(
        self, coder: constriction.stream.stack.AnsCoder, count: int
    ) -> npt.NDArray[np.integer]:
        if self.present.size == 1:  # its frequency is 2^24: the arithmetic leaves the state alone
            return np.full(count, self.present[0])
        ranks: npt.NDArray[np.int32] = coder.decode(self._categorical, count)
        return ranks if self._dense else self.present[ranks]


def encode(groups: Iterable[tuple[npt.NDArray[np.integer], Model]]) -> Words:
    """The words of all (symbols, model) ``groups``, in the order in which a decoder reads them."""
    coder = constriction.stream.stack.AnsCoder()
    for symbols, model in reversed(list(groups)):
        model.encode(coder, symbols)
    return np.ascontiguousarray(coder.get_compressed()[::-1])


class Decoder:
    """Takes symbols from ``words``, group by group in the order of :func:`encode`."""

    def __init__(self, words: Words) -> None:
        if words.size and not words[0]:
            raise DamagedFileError("entropy-coded words start with zero")
        self._coder = constriction.stream.stack.AnsCoder(np.ascontiguousarray(words[::-1]))

    def decode(self, model: Model, count: int) -> npt.NDArray[np.integer]:
        """The next ``count`` symbols, all under ``model``."""
        return model.decode(self._coder, count)

    def finish(self) -> None:
        """DamagedFileError unless exactly all words have been used up."""
        if not self._coder.is_empty():
            raise DamagedFileError(
                "entropy-coded words are damaged (they do not end in state zero)"
            )
