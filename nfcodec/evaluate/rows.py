"""How a level's vectors are stored in memory while it is evaluated, and read from there.

Codes stay coded: packed indices are looked up in the codebook at each corner a point touches, and
low-rank coefficients are interpolated before the basis multiplies them (interpolation is linear).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from nfcodec.evaluate import kernels
from nfcodec.evaluate.lookup import Locator, corner_weights, interpolate, mix_rows
from nfcodec.model.coded import CodedLevel, Float16Code, LowRankCode, VQCode
from nfcodec.model.field import Level


class Rows(nn.Module):
    """Vectors of one level. ``num_features``: the width F of what :meth:`forward` gives."""

    num_features: int

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        """(P, D) points to (P, F) interpolated vectors."""
        raise NotImplementedError


class FloatRows(Rows):
    """Trainable float32 vectors."""

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.num_features = int(features.shape[1])
        self.features = nn.Parameter(features)

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        return interpolate(u, self.features, locator, locator(u))


class CodedRows(Rows):
    """Base of what reads coded vectors: differentiable in the points, not in the codes."""

    def forward(self, u: Tensor, locator: Locator) -> Tensor:
        rows, frac = locator(u)
        if u.requires_grad:
            frac = frac + (u - u.detach()) * locator.scale.to(u.device)
            return mix_rows(self.vectors(rows), rows, frac)
        if u.device.type == "cpu":
            out = torch.zeros((rows.shape[0], self.gathered), dtype=torch.float32)
            self.gather(rows.numpy(), frac.numpy(), out.numpy())
            return self.finish(out, rows, frac)
        return mix_rows(self.vectors(rows), rows, frac)

    @property
    def gathered(self) -> int:
        """Width of what :meth:`gather` adds to."""
        return self.num_features

    def vectors(self, rows: Tensor) -> Tensor:
        """(P, C) rows to (P, C, F) float32 vectors, by tensor operations."""
        raise NotImplementedError

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        """The CPU kernel: add the mixed vectors to ``out``."""
        raise NotImplementedError

    def finish(self, out: Tensor, rows: Tensor, frac: Tensor) -> Tensor:
        """What is left to do after :meth:`gather`."""
        return out


class HalfRows(CodedRows):
    """float16 vectors."""

    def __init__(self, values: np.ndarray) -> None:
        super().__init__()
        self.num_features = int(values.shape[1])
        self.values: Tensor
        # Arrays that are read from a file may not be written to, which PyTorch does not know.
        self.register_buffer(
            "values", torch.from_numpy(np.require(values, requirements=["C", "W"]))
        )

    def vectors(self, rows: Tensor) -> Tensor:
        return self.values[rows.clamp_min(0).long()].float()

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        kernels.gather_float16(rows, frac, self.values.numpy().view(np.uint16), out)


class PackedRows(CodedRows):
    """Packed indices into a float16 codebook (held as float32: it is small)."""

    def __init__(self, code: VQCode) -> None:
        super().__init__()
        self.num_features = code.num_features
        self.bits = code.indices.bits
        words = np.append(code.indices.words, np.uint32(0)).view(np.int32)
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


class LowRankRows(CodedRows):
    """float16 coefficients and basis."""

    def __init__(self, code: LowRankCode) -> None:
        super().__init__()
        self.num_features = code.num_features
        self.coefficients: Tensor
        self.basis: Tensor
        self.mean: Tensor
        coefficients = np.require(code.coefficients, requirements=["C", "W"])
        self.register_buffer("coefficients", torch.from_numpy(coefficients))
        self.register_buffer("basis", torch.from_numpy(code.basis.astype(np.float32)))
        self.register_buffer("mean", torch.from_numpy(code.mean.astype(np.float32)))

    @property
    def gathered(self) -> int:
        return int(self.basis.shape[0])

    def vectors(self, rows: Tensor) -> Tensor:
        coefficients = self.coefficients[rows.clamp_min(0).long()].float()
        return coefficients @ self.basis + self.mean

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        kernels.gather_float16(rows, frac, self.coefficients.numpy().view(np.uint16), out)

    def finish(self, out: Tensor, rows: Tensor, frac: Tensor) -> Tensor:
        present = corner_weights(frac).masked_fill(rows < 0, 0.0).sum(dim=1, keepdim=True)
        return out @ self.basis + present * self.mean


def rows_of(level: Level | CodedLevel) -> Rows:
    """The storage for a level as it is."""
    if isinstance(level, Level):
        return FloatRows(torch.from_numpy(np.array(level.features, np.float32)))
    code = level.code
    if isinstance(code, Float16Code):
        return HalfRows(code.values)
    if isinstance(code, VQCode):
        return PackedRows(code)
    return LowRankRows(code)
