"""Locating points among the corners of an octree."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import prange
from torch import Tensor

from nfcodec.evaluate.locators import LOCATORS, Locator, surrounding
from nfcodec.jit import Array, inline, parallel
from nfcodec.layouts import OctreeLayout
from nfcodec.layouts.bitmap import WORDS_PER_BLOCK
from nfcodec.layouts.corners import corner_bitmap

_WORDS = np.uint64(WORDS_PER_BLOCK)


@LOCATORS.register(OctreeLayout)
class OctreeLocator(Locator):
    """The existing ones of the eight corners of the voxel around a point."""

    def __init__(self, layout: OctreeLayout) -> None:
        self.depth = layout.depth
        self.extent = np.full(3, 2**layout.depth + 1, np.int64)
        super().__init__((self.extent - 1.0) * 0.5)
        self.blocks: Tensor
        blocks = corner_bitmap(layout).blocks
        # int32 because PyTorch has few operations on uint32; the bits are the same.
        self.register_buffer("blocks", torch.from_numpy(blocks.view(np.int32)), persistent=False)

    def on_cpu(self, u: Tensor) -> tuple[Tensor, Tensor]:
        rows = torch.empty((len(u), 8), dtype=torch.int32)
        frac = torch.empty((len(u), 3), dtype=torch.float32)
        blocks = self.blocks.numpy().view(np.uint32)
        locate_octree(u.numpy(), self.depth, blocks, rows.numpy(), frac.numpy())
        return rows, frac

    def as_tensor_operations(self, u: Tensor) -> tuple[Tensor, Tensor]:
        u = u.detach().float()
        extent = torch.from_numpy(self.extent).to(u.device)
        site, inside, frac = surrounding((u + 1.0) * 0.5 * (extent - 1), extent, True)
        at = site >> 5
        block, inner = at // WORDS_PER_BLOCK, at % WORDS_PER_BLOCK
        word = self.blocks[block, 1 + inner].long() & 0xFFFFFFFF
        bit = torch.ones_like(site) << (site & 31)
        inside &= (word & bit) != 0
        row = (self.blocks[block, 0].long() & 0xFFFFFFFF) + _count_bits(word & (bit - 1))
        for earlier in range(WORDS_PER_BLOCK - 1):
            word = self.blocks[block, 1 + earlier].long() & 0xFFFFFFFF
            row += _count_bits(word).masked_fill_(inner <= earlier, 0)
        return torch.where(inside, row, -1).int(), frac


def _count_bits(w: Tensor) -> Tensor:
    w = w - ((w >> 1) & 0x55555555)
    w = (w & 0x33333333) + ((w >> 2) & 0x33333333)
    w = (w + (w >> 4)) & 0x0F0F0F0F
    return ((w * 0x01010101) >> 24) & 0xFF


@inline
def _popcount(w: Any) -> Any:
    w = w - ((w >> np.uint32(1)) & np.uint32(0x55555555))
    w = (w & np.uint32(0x33333333)) + ((w >> np.uint32(2)) & np.uint32(0x33333333))
    w = (w + (w >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    return np.uint32(w * np.uint32(0x01010101)) >> np.uint32(24)


@parallel
def locate_octree(u: Array, depth: int, blocks: Array, rows: Array, frac: Array) -> None:
    """Points ``u`` (P, 3) in [-1, 1] to ``rows`` (P, 8) int32 and ``frac`` (P, 3) float32.

    ``blocks``: (B, 8) uint32, those of a ``RankedBitmap``.
    """
    n = 1 << depth
    side = np.int64(n + 1)
    for p in prange(u.shape[0]):
        bx = by = bz = 0
        for d in range(3):
            g = min(
                max((u[p, d] + np.float32(1.0)) * np.float32(0.5 * n), np.float32(0.0)),
                np.float32(n),
            )
            b = min(max(int(g), 0), n - 1)  # what NaN becomes is out of bounds
            frac[p, d] = g - b
            if d == 0:
                bx = b
            elif d == 1:
                by = b
            else:
                bz = b
        for yz in range(4):
            site = ((bz + (yz >> 1)) * side + by + (yz & 1)) * side + bx
            # Two neighbors along x have neighboring rows: one count serves both.
            at = np.uint64(site) >> np.uint64(5)
            block = at // _WORDS
            inner = at - block * _WORDS
            shift = np.uint32(site & 31)
            word = blocks[block, inner + np.uint64(1)]
            left = (word >> shift) & np.uint32(1)
            if shift < 31:
                right = (word >> (shift + np.uint32(1))) & np.uint32(1)
            else:
                after = at + np.uint64(1)
                right = blocks[after // _WORDS, after % _WORDS + np.uint64(1)] & np.uint32(1)
            row = np.uint32(0)
            if left | right:
                row = blocks[block, 0]
                for k in range(inner):
                    row += _popcount(blocks[block, k + np.uint64(1)])
                row += _popcount(np.uint32(word & ((np.uint32(1) << shift) - np.uint32(1))))
            rows[p, 2 * yz] = np.int32(row) if left else -1
            rows[p, 2 * yz + 1] = np.int32(row + left) if right else -1
