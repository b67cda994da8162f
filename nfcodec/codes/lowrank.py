"""The code ``lowrank``: vectors as a mean and a few multiples of common vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nfcodec.arrays import FloatArray, HalfArray, need_half
from nfcodec.errors import InvalidFieldError
from nfcodec.model.protocols import Described


@dataclass(frozen=True, eq=False)
class LowRankCode:
    """Low rank: row i is ``mean + coefficients[i] @ basis``, summed in float32.

    ``coefficients`` (N, r), ``basis`` (r, F), ``mean`` (F,), all float16.
    """

    coefficients: HalfArray
    basis: HalfArray
    mean: HalfArray

    tag: ClassVar[int] = 2
    name: ClassVar[str] = "lowrank"

    @property
    def num_rows(self) -> int:
        return int(self.coefficients.shape[0])

    @property
    def num_features(self) -> int:
        return int(self.basis.shape[1])

    @property
    def rank(self) -> int:
        return int(self.basis.shape[0])

    @property
    def nbytes(self) -> int:
        return int(self.coefficients.nbytes + self.basis.nbytes + self.mean.nbytes)

    @property
    def paper_bytes(self) -> int:
        return self.nbytes

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F).

        Products are summed channel by channel in rank order, so that the result is the same on
        every machine.
        """
        coefficients = self.coefficients[start:stop].astype(np.float32)
        rows: FloatArray = np.tile(self.mean.astype(np.float32), (len(coefficients), 1))
        for column, vector in zip(coefficients.T, self.basis.astype(np.float32), strict=True):
            rows += column[:, None] * vector
        return rows

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless the factors are finite and fit together."""
        need_half(self.coefficients, 2, f"{where}: coefficients")
        need_half(self.basis, 2, f"{where}: basis")
        need_half(self.mean, 1, f"{where}: mean")
        rank, features = self.basis.shape
        if self.coefficients.shape[1] != rank or self.mean.shape != (features,):
            raise InvalidFieldError(
                f"{where}: low-rank factors of shapes {self.coefficients.shape}, "
                f"{self.basis.shape} and {self.mean.shape} do not fit together"
            )

    def describe(self) -> Described:
        return {"rank": self.rank}
