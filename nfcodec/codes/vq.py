"""The code ``vq``: vector quantization, by indices into a codebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nfcodec.arrays import FloatArray, HalfArray, need_array, need_half
from nfcodec.entropy import tables
from nfcodec.errors import InvalidFieldError
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Described


@dataclass(frozen=True, eq=False)
class VQCode:
    """Vector quantization: row i is ``codebook[indices[i]]``; ``codebook`` (K, F), K <= 2^bits."""

    indices: PackedIntegers
    codebook: HalfArray

    tag: ClassVar[int] = 1
    name: ClassVar[str] = "vq"

    @property
    def num_rows(self) -> int:
        return self.indices.count

    @property
    def num_features(self) -> int:
        return int(self.codebook.shape[1])

    @property
    def nbytes(self) -> int:
        return self.indices.nbytes + int(self.codebook.nbytes)

    @property
    def paper_bytes(self) -> int:
        return -(-self.indices.count * self.indices.bits // 8) + int(self.codebook.nbytes)

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F)."""
        taken = self.indices.unpack()[start:stop]
        return np.take(self.codebook.astype(np.float32), taken, axis=0)

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless the codebook is finite and all indices lie in it."""
        need_half(self.codebook, 2, f"{where}: codebook")
        packed = self.indices
        if not 1 <= packed.bits <= 16 or packed.count < 0:
            raise InvalidFieldError(f"{where}: {packed.count} indices of {packed.bits} bits")
        need_array(packed.words, np.uint32, 1, f"{where}: indices")
        if packed.words.size != (packed.count * packed.bits + 31) // 32:
            raise InvalidFieldError(
                f"{where}: {packed.words.size} words for {packed.count} indices of "
                f"{packed.bits} bits"
            )
        entries = self.codebook.shape[0]
        if entries > 1 << packed.bits:
            raise InvalidFieldError(
                f"{where}: {entries} codewords for indices of {packed.bits} bits"
            )
        if packed.count and packed.max() >= entries:
            raise InvalidFieldError(f"{where}: an index is beyond the {entries} codewords")

    def describe(self) -> Described:
        """Bits of an index, codes, how many are in use, and their entropy in bits."""
        counts = np.bincount(self.indices.unpack(), minlength=len(self.codebook))
        return {
            "bits": self.indices.bits,
            "codes": len(self.codebook),
            "codes_used": int(np.count_nonzero(counts)),
            "zero_order_entropy": tables.entropy(counts),
        }


def vq_or_none(code: Code) -> VQCode | None:
    """``code`` if its rows are vector-quantized, for what is about indices and codebooks alone."""
    return code if isinstance(code, VQCode) else None
