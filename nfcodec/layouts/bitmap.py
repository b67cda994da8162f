"""A set of lattice sites that answers "the how-manieth member is this site?" in constant time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class RankedBitmap:
    """A bitmap with running counts: two words of memory for every 32 sites of the lattice.

    ``words``: (W,) uint32, bit ``s & 31`` of ``words[s >> 5]`` set if site ``s`` is a member.
    ``before``: (W,) uint32, the number of members before word w.
    """

    words: npt.NDArray[np.uint32]
    before: npt.NDArray[np.uint32]
    count: int

    @staticmethod
    def from_mask(mask: npt.NDArray[np.bool_]) -> RankedBitmap:
        """From a flat (or any-shaped, taken in C order) boolean mask over the lattice."""
        raw = np.packbits(mask.reshape(-1), bitorder="little")
        words = np.pad(raw, (0, -raw.size % 4)).view("<u4").astype(np.uint32, copy=False)
        ones = popcount(words).astype(np.int64)
        total = np.cumsum(ones)
        count = int(total[-1]) if total.size else 0
        return RankedBitmap(words, (total - ones).astype(np.uint32), count)

    def rank(self, sites: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Row of each site (any shape), -1 where the site is no member."""
        word = self.words[sites >> 5]
        bit = np.uint32(1) << (sites & 31).astype(np.uint32)
        row = self.before[sites >> 5].astype(np.int64) + popcount(word & (bit - np.uint32(1)))
        return np.where((word & bit) != 0, row, -1)

    def contains(self, sites: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether each site (any shape) is a member."""
        bit = np.uint32(1) << (sites & 31).astype(np.uint32)
        member: npt.NDArray[np.bool_] = (self.words[sites >> 5] & bit) != 0
        return member

    @property
    def nbytes(self) -> int:
        return int(self.words.nbytes + self.before.nbytes)


def popcount(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Set bits of each 32-bit word (``np.bitwise_count`` needs NumPy 2)."""
    w = words - ((words >> np.uint32(1)) & np.uint32(0x55555555))
    w = (w & np.uint32(0x33333333)) + ((w >> np.uint32(2)) & np.uint32(0x33333333))
    w = (w + (w >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    ones: npt.NDArray[np.uint32] = (w * np.uint32(0x01010101)) >> np.uint32(24)
    return ones
