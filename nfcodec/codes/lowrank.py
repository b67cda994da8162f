"""The code ``lowrank``: vectors as a mean and a few multiples of common vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray, HalfArray, need_half
from nfcodec.codes.whole import WholeHeader
from nfcodec.container import Builder, Cursor, limits
from nfcodec.container.tree import Node
from nfcodec.errors import InvalidFieldError
from nfcodec.layouts.memory import Around
from nfcodec.model.protocols import Candidate, Described, MemoryCost
from nfcodec.model.sites import SiteSet


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

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        yield "mean", self.mean
        yield "basis", self.basis
        yield "coefficients", self.coefficients

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {"rank": self.rank}

    def header(self) -> list[int]:
        return [self.rank]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> LowRankHeader:
        node.need_values(values, 1, 1, cls.name)
        return LowRankHeader(values[0].within(1, features))

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        section = Builder()
        for _, array in self.arrays():
            section.array(array)
        return [Candidate((section.section(),), (self.rank,))]


@dataclass(frozen=True)
class LowRankHeader(WholeHeader):
    """The rank r."""

    rank: int

    name: ClassVar[str] = LowRankCode.name

    def memory(self, rows: int, features: int) -> MemoryCost:
        values = rows * self.rank + features * (self.rank + 1)
        return MemoryCost(limits.ESTIMATE["value"] * values)

    def decode(self, cursor: Cursor, rows: int, features: int, around: Around) -> LowRankCode:
        with cursor.part("basis"):
            mean = cursor.halves(features)
            basis = cursor.halves(self.rank, features)
        with cursor.part("coefficients"):
            return LowRankCode(cursor.halves(rows, self.rank), basis, mean)
