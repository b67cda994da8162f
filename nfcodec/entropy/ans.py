"""Asymmetric numeral systems with integer frequencies: the only user of constriction.

The arithmetic is that of ``formats/nfc-v1.md`` §7: 32-bit words, a 64-bit state, frequencies that
sum to 2^24. ``Categorical(freq - 1, perfect=False)`` makes constriction use exactly the given
integers: its fast quantization gives each symbol one unit and shares the rest, 2^24 - n, in
proportion to the weights, whose float64 sum is that same integer.
"""

from __future__ import annotations

import functools

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
    def categorical(self) -> constriction.stream.model.Categorical:
        weights = (self.frequencies[self.present] - 1).astype(np.float64)
        return constriction.stream.model.Categorical(weights, lazy=False, perfect=False)

    @functools.cached_property
    def _rank(self) -> npt.NDArray[np.int32]:
        rank: npt.NDArray[np.int32] = np.cumsum(self.frequencies > 0, dtype=np.int32) - 1
        return rank

    def ranks(self, symbols: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """The number of each symbol among those that occur."""
        ranks: npt.NDArray[np.int32] = self._rank[symbols]
        return ranks

    def symbols(self, ranks: npt.NDArray[np.int32]) -> npt.NDArray[np.integer]:
        """The inverse of :meth:`ranks`."""
        return ranks if self._dense else self.present[ranks]

    @property
    def is_certain(self) -> bool:
        """Whether one symbol alone occurs: the coder's state then stays as it is."""
        return self.present.size == 1


def encode(symbols: npt.NDArray[np.integer], model: Model) -> Words:
    """The words of (N,) ``symbols``, in the order in which a decoder reads them."""
    coder = constriction.stream.stack.AnsCoder()
    if not model.is_certain:
        coder.encode_reverse(model.ranks(symbols), model.categorical)
    return np.ascontiguousarray(coder.get_compressed()[::-1])


def decode(words: Words, model: Model, count: int) -> npt.NDArray[np.integer]:
    """``count`` symbols: the inverse of :func:`encode`.

    DamagedFileError unless they use up exactly all ``words``.
    """
    if words.size and not words[0]:
        raise DamagedFileError("entropy-coded words start with zero")
    coder = constriction.stream.stack.AnsCoder(np.ascontiguousarray(words[::-1]))
    if model.is_certain:
        symbols: npt.NDArray[np.integer] = np.full(count, model.present[0])
    else:
        symbols = model.symbols(coder.decode(model.categorical, count))
    if not coder.is_empty():
        raise DamagedFileError("entropy-coded words are damaged (they do not end in state zero)")
    return symbols
