"""The code ``float16``: unquantized vectors in half precision."""

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
from nfcodec.layouts.memory import Around
from nfcodec.model.protocols import Candidate, Described, MemoryCost
from nfcodec.model.sites import SiteSet


@dataclass(frozen=True, eq=False)
class Float16Code:
    """Uncompressed: ``values`` (N, F) float16."""

    values: HalfArray

    tag: ClassVar[int] = 0
    name: ClassVar[str] = "float16"

    @property
    def num_rows(self) -> int:
        return int(self.values.shape[0])

    @property
    def num_features(self) -> int:
        return int(self.values.shape[1])

    @property
    def nbytes(self) -> int:
        return int(self.values.nbytes)

    @property
    def paper_bytes(self) -> int:
        return self.nbytes

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F)."""
        return self.values[start:stop].astype(np.float32)

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless the values are a finite (N, F) array."""
        need_half(self.values, 2, f"{where}: values")

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        yield "values", self.values

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {}

    def header(self) -> list[int]:
        return []

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> Float16Header:
        node.need_values(values, 0, 0, cls.name)
        return Float16Header()

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        section = Builder()
        section.array(self.values)
        return [Candidate((section.section(),), ())]


@dataclass(frozen=True)
class Float16Header(WholeHeader):
    """There is nothing to say."""

    name: ClassVar[str] = Float16Code.name

    def memory(self, rows: int, features: int) -> MemoryCost:
        return MemoryCost(limits.ESTIMATE["value"] * rows * features)

    def decode(self, cursor: Cursor, rows: int, features: int, around: Around) -> Float16Code:
        with cursor.part("values"):
            return Float16Code(cursor.halves(rows, features))
