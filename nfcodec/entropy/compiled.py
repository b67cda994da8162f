"""The fast decoder: the arithmetic of :mod:`nfcodec.entropy.ans` and the contexts, compiled.

It gives what the decoder of ``ans`` and the NumPy passes of ``contexts`` give, which stay as its
reference and serve where loading Numba would take longer than it saves.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError

if TYPE_CHECKING:
    from nfcodec.entropy.ans import Frequencies, Model, Words

#: Numba takes about 0.2 s to load, in which the other decoder reads this many symbols.
LOAD_AFTER = 2_000_000

_seen = 0


def pays(count: int) -> bool:
    """Whether to read the next ``count`` symbols this way.

    It is so once Numba is there, or when the process has read so many symbols that loading it
    costs no more than has been spent already.
    """
    global _seen
    _seen += count
    return "numba" in sys.modules or _seen >= LOAD_AFTER


class Tables:
    """Models of one alphabet, ready for look-ups.

    ``cum``: (M, K + 1) uint32 cumulative frequencies. ``bucket``: (M, 257) int32, the last symbol
    whose cumulative frequency is not above b 2^16.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        models, symbols = frequencies.shape
        self.cum = np.zeros((models, symbols + 1), np.uint32)
        np.cumsum(frequencies, axis=1, out=self.cum[:, 1:])
        # The bucket from which on a symbol begins before the bucket does.
        after = (self.cum[:, 1:-1].astype(np.int64) + 0xFFFF) >> 16
        after += 257 * np.arange(models)[:, None]
        begun = np.bincount(after.reshape(-1), minlength=257 * models).reshape(models, 257)
        self.bucket = begun.cumsum(1, dtype=np.int32)


class Decoder:
    """Takes symbols from ``words`` as :class:`nfcodec.entropy.ans.Decoder` does."""

    def __init__(self, words: Words) -> None:
        if words.size and not words[0]:
            raise DamagedFileError("entropy-coded words start with zero")
        self._words = words.copy()  # writable, as all arguments: one compiled version
        state = 0
        taken = min(2, words.size)
        for word in words[:taken].tolist():
            state = state << 32 | word
        self._coder = np.array([state, taken], np.uint64)

    def decode(self, model: Model, count: int) -> npt.NDArray[np.uint16]:
        """The next ``count`` symbols, all under ``model``."""
        return self.groups(np.zeros(count, np.uint8), Tables(model.frequencies[None]))

    def groups(
        self, keys: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], tables: Tables
    ) -> npt.NDArray[np.uint16]:
        """The symbols (n,) of sites whose models ``keys`` name, read key by key."""
        from nfcodec.entropy import kernels

        found: npt.NDArray[np.uint16] = kernels.groups(
            self._words, self._coder, keys, tables.cum, tables.bucket
        )
        return found

    def classes(
        self,
        sites: npt.NDArray[np.int64],
        shape: tuple[int, int, int],
        tables: Tables,
        cluster_of: npt.NDArray[np.uint8],
        terms: npt.NDArray[np.uint16],
        places: npt.NDArray[np.uint32],
        coarse: Coarse | None,
    ) -> npt.NDArray[np.uint8]:
        """The classes (N,) of the ``sites`` of a lattice of ``shape`` (nz, ny, nx).

        ``places``: (G,) packed. ``terms``: (E, 2048), the axes' shares of a context's number;
        ``cluster_of``: (contexts,) the table of each context, one of ``tables``.
        """
        from nfcodec.entropy import kernels

        all_terms = np.zeros((3, 2048), np.uint16)
        all_terms[: len(terms)] = terms
        volume, coarse_places = np.zeros(0, np.uint8), np.zeros(0, np.uint32)
        steps = [np.zeros(0, np.int64)] * 3
        if coarse is not None:
            volume, coarse_places = coarse.volume(), coarse.places
            steps = coarse.steps(shape)
        found: npt.NDArray[np.uint8] = kernels.classes(
            self._words, self._coder, tables.cum, tables.bucket,
            sites, np.array(shape, np.int64), _from_one(places), all_terms, cluster_of,
            volume, _from_one(coarse_places), *steps,
        )  # fmt: skip
        return found

    def finish(self) -> None:
        """DamagedFileError unless exactly all words have been used up."""
        if self._coder[0] or int(self._coder[1]) != self._words.size:
            raise DamagedFileError(
                "entropy-coded words are damaged (they do not end in state zero)"
            )


@dataclass(frozen=True, eq=False)
class Coarse:
    """A coarser lattice: its ``sites``, their ``classes`` (n,), and packed ``places`` (G',)."""

    sites: npt.NDArray[np.int64]
    shape: tuple[int, int, int]
    classes: npt.NDArray[np.uint8]
    places: npt.NDArray[np.uint32]

    def volume(self) -> npt.NDArray[np.uint8]:
        """(nz' ny' nx',): classes plus 1, zeros between."""
        volume = np.zeros(math.prod(self.shape), np.uint8)
        volume[self.sites] = self.classes + np.uint8(1)
        return volume

    def steps(self, shape: tuple[int, int, int]) -> list[npt.NDArray[np.int64]]:
        """For each coordinate z, y, x of the finer lattice: what it adds to the element."""
        found = []
        stride = math.prod(self.shape)
        for fine, coarse in zip(shape, self.shape, strict=True):
            stride //= coarse
            found.append(np.arange(fine) * (coarse - 1) // max(fine - 1, 1) * stride)
        return found


def _from_one(places: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """(256,) places by class plus 1; 0 stands for no symbol."""
    table = np.zeros(256, np.uint32)
    table[1 : 1 + len(places)] = places
    return table
