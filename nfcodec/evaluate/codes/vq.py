"""Indices that stay packed in memory."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nfcodec.codes import VQCode
from nfcodec.evaluate import kernels
from nfcodec.evaluate.storage import STORAGES, CodedStorage


@STORAGES.register(VQCode)
class VQStorage(CodedStorage):
    """Packed indices into a float16 codebook (held as float32: it is small)."""

    def __init__(self, code: VQCode) -> None:
        super().__init__(code.num_features)
        self.bits = code.indices.bits
        # The word after an index's first is read too, also where there are no indices.
        spare = 1 if len(code.indices.words) else 2
        words = np.pad(code.indices.words, (0, spare)).view(np.int32)
        self.words: Tensor
        self.codebook: Tensor
        self.register_buffer("words", torch.from_numpy(words))
        self.register_buffer("codebook", torch.from_numpy(code.codebook.astype(np.float32)))

    def vectors(self, rows: Tensor) -> Tensor:
        at = rows.clamp_min(0).long() * self.bits
        low = self.words[at >> 5].long() & 0xFFFFFFFF
        high = self.words[(at >> 5) + 1].long() & 0xFFFFFFFF
        # Bits 63 and up of the pair would be lost to the sign; an index needs 47 at most.
        both = low | ((high & 0x7FFFFFFF) << 32)
        return self.codebook[(both >> (at & 31)) & ((1 << self.bits) - 1)]

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        words = self.words.numpy().view(np.uint32)
        kernels.gather_packed(rows, frac, words, self.bits, self.codebook.numpy(), out)
