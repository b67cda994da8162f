"""Vectors in half precision in memory."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nfcodec.codes import Float16Code
from nfcodec.evaluate import kernels
from nfcodec.evaluate.lookup import rows_of
from nfcodec.evaluate.storage import STORAGES, CodedStorage


@STORAGES.register(Float16Code)
class Float16Storage(CodedStorage):
    """float16 vectors."""

    def __init__(self, code: Float16Code) -> None:
        super().__init__(code.num_features)
        self.values: Tensor
        # Arrays that are read from a file may not be written to, which PyTorch does not know.
        self.register_buffer(
            "values", torch.from_numpy(np.require(code.values, requirements=["C", "W"]))
        )

    def vectors(self, rows: Tensor) -> Tensor:
        return rows_of(self.values, rows).float()

    def gather(self, rows: np.ndarray, frac: np.ndarray, out: np.ndarray) -> None:
        kernels.gather_float16(rows, frac, self.values.numpy().view(np.uint16), out)
