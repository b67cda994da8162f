"""A set of lattice sites that gives the rank of a site (the members before it) in constant time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Words of bitmap in a block of a :class:`RankedBitmap`, and the sites that they stand for.
WORDS_PER_BLOCK = 7
SITES_PER_BLOCK = 32 * WORDS_PER_BLOCK


@dataclass(frozen=True, eq=False)
class RankedBitmap:
    """A bitmap with running counts, in blocks of 32 bytes for every 224 sites of the lattice.

    ``blocks``: (B, 8) uint32. Block b holds the number of members before it, then seven words of
    bitmap: with ``w = s >> 5``, bit ``s & 31`` of ``blocks[w // 7, 1 + w % 7]`` is set if site
    ``s`` is a member. A member's row is found within one cache line.
    """

    blocks: npt.NDArray[np.uint32]
    count: int

    @staticmethod
    def from_mask(mask: npt.NDArray[np.bool_]) -> RankedBitmap:
        """From a flat (or any-shaped, taken in C order) boolean mask over the lattice."""
        raw = np.packbits(mask.reshape(-1), bitorder="little")
        raw = np.pad(raw, (0, -raw.size % (SITES_PER_BLOCK // 8)))
        words = raw.view("<u4").reshape(-1, WORDS_PER_BLOCK)
        blocks = np.zeros((len(words), 1 + WORDS_PER_BLOCK), np.uint32)
        blocks[:, 1:] = words
        total = np.cumsum(popcount(blocks[:, 1:]).sum(axis=1, dtype=np.int64))
        blocks[1:, 0] = total[:-1]
        return RankedBitmap(blocks, int(total[-1]) if total.size else 0)

    @staticmethod
    def from_sites(sites: npt.NDArray[np.integer], size: int) -> RankedBitmap:
        """From the increasing ``sites`` (N,) of a lattice of ``size`` sites."""
        blocks = np.zeros((-(-size // SITES_PER_BLOCK), 1 + WORDS_PER_BLOCK), np.uint32)
        word = sites >> 5
        first = np.flatnonzero(np.diff(word, prepend=-1))
        if first.size:
            bits = np.uint32(1) << (sites & 31).astype(np.uint32)
            block, inner = np.divmod(word[first], WORDS_PER_BLOCK)
            blocks[block, 1 + inner] = np.bitwise_or.reduceat(bits, first)
        starts = np.arange(len(blocks), dtype=np.int64) * SITES_PER_BLOCK
        blocks[:, 0] = np.searchsorted(sites, starts)
        return RankedBitmap(blocks, int(sites.size))

    @property
    def words(self) -> npt.NDArray[np.uint32]:
        """The plain bitmap, (7 B,): bit ``s & 31`` of ``words[s >> 5]`` stands for site ``s``."""
        return self.blocks[:, 1:].reshape(-1)

    def rank(self, sites: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Row of each site (any shape), -1 where the site is no member."""
        block, inner = np.divmod(sites >> 5, WORDS_PER_BLOCK)
        bit = np.uint32(1) << (sites & 31).astype(np.uint32)
        word = self.blocks[block, 1 + inner]
        row = self.blocks[block, 0] + popcount(word & (bit - np.uint32(1)))
        for earlier in range(WORDS_PER_BLOCK - 1):
            row += np.where(earlier < inner, popcount(self.blocks[block, 1 + earlier]), 0)
        return np.where((word & bit) != 0, row.astype(np.int64), -1)

    def contains(self, sites: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether each site (any shape) is a member."""
        block, inner = np.divmod(sites >> 5, WORDS_PER_BLOCK)
        bit = np.uint32(1) << (sites & 31).astype(np.uint32)
        member: npt.NDArray[np.bool_] = (self.blocks[block, 1 + inner] & bit) != 0
        return member

    @property
    def nbytes(self) -> int:
        return int(self.blocks.nbytes)


def popcount(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Set bits of each 32-bit word (``np.bitwise_count`` needs NumPy 2)."""
    w = words - ((words >> np.uint32(1)) & np.uint32(0x55555555))
    w = (w & np.uint32(0x33333333)) + ((w >> np.uint32(2)) & np.uint32(0x33333333))
    w = (w + (w >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    ones: npt.NDArray[np.uint32] = (w * np.uint32(0x01010101)) >> np.uint32(24)
    return ones
