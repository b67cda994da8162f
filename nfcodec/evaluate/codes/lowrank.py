"""Low-rank factors in memory: coefficients are mixed before the basis multiplies them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from nfcodec.codes import LowRankCode
from nfcodec.evaluate import kernels
from nfcodec.evaluate.lookup import rows_of
from nfcodec.evaluate.storage import STORAGES, CodedStorage


@STORAGES.register(LowRankCode)
class LowRankStorage(CodedStorage):
    """float16 coefficients and basis."""

    def __init__(self, code: LowRankCode) -> None:
        super().__init__(code.num_features)
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
        coefficients = rows_of(self.coefficients, rows).float()
        return coefficients @ self.basis + self.mean

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        kernels.gather_float16(rows, frac, self.coefficients.numpy().view(np.uint16), out)

    def finish(self, out: Tensor, rows: Tensor, weights: Callable[[], Tensor]) -> Tensor:
        present = weights().masked_fill(rows < 0, 0.0).sum(dim=1, keepdim=True)
        return out @ self.basis + present * self.mean
