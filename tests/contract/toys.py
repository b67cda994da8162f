"""A layout and a code of another distribution, each registered by one entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray, is_int, need_array
from nfcodec.codes.whole import WholeHeader
from nfcodec.container import Builder, Cursor, Section, limits
from nfcodec.container.tree import Node
from nfcodec.errors import InvalidFieldError
from nfcodec.layouts.memory import Around, Memory
from nfcodec.model.protocols import (
    Array64,
    Candidate,
    Cells,
    Described,
    Layout,
    MemoryCost,
    Rows,
    Tree,
)
from nfcodec.model.sites import SiteSet


@dataclass(frozen=True)
class ScatterLayout:
    """``count`` vectors, of which a point takes the two that a hash of its cell names.

    Rows have no neighbors, and the layout does not say where it is empty.
    """

    cells: int
    count: int

    tag: ClassVar[int] = 200
    name: ClassVar[str] = "scatter"

    @property
    def dims(self) -> int:
        return 3

    @property
    def num_rows(self) -> int:
        return self.count

    @property
    def resolution(self) -> tuple[float, ...]:
        return (float(self.cells),) * 3

    @property
    def occupied_shape(self) -> None:
        return None

    def occupied(self) -> Cells:
        raise ValueError("scattered rows do not say where they are empty")

    def keep(self, cells: Cells) -> tuple[Layout, Rows]:
        return self, np.arange(self.count, dtype=np.int64)

    def locate(self, u: Array64) -> tuple[Rows, Array64]:
        place = np.clip((u + 1.0) * 0.5 * self.cells, 0, self.cells - 1e-9)
        cell = place.astype(np.int64)
        first = (cell @ np.array([1, 2654435761, 805459861])) % self.count
        share = (place - cell).mean(axis=1)
        rows = np.stack([first, (first + 1) % self.count], axis=1)
        return rows, np.stack([1.0 - share, share], axis=1)

    def lattices(self) -> tuple[SiteSet, ...]:
        return ()

    def check(self, dims: int, where: str) -> None:
        if dims != 3 or not (is_int(self.count) and is_int(self.cells) and self.count > 0):
            raise InvalidFieldError(f"{where}: no scatter of {self.count} rows")

    def options(self) -> Described:
        return {"cells": self.cells, "count": self.count}

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        return iter(())

    @classmethod
    def from_tree(cls, tree: Tree) -> ScatterLayout:
        return cls(tree.integer("cells"), tree.integer("count"))

    def header(self) -> list[int | bool]:
        return [self.cells, self.count]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], dims: int) -> ScatterLayout:
        node.need_values(values, 2, 2, cls.name)
        return cls(values[0].uint(limits.SIDE, 1), values[1].uint(limits.CORNERS, 1))

    def memory(self) -> MemoryCost:
        return MemoryCost(0)

    def sections(self, memory: Memory) -> list[Section]:
        return []

    def decode(self, cursor: Cursor, memory: Memory) -> ScatterLayout:
        return self

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {"cells": self.cells}

    def __str__(self) -> str:
        return f"scatter of {self.count}"


@dataclass(frozen=True, eq=False)
class StepCode:
    """Row i is ``values[i] * 2^exponent``, of small integers: ``values`` (N, F) int8."""

    values: npt.NDArray[np.int8]
    exponent: int

    tag: ClassVar[int] = 200
    name: ClassVar[str] = "steps"

    @property
    def num_rows(self) -> int:
        return len(self.values)

    @property
    def num_features(self) -> int:
        return int(self.values.shape[1])

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    @property
    def paper_bytes(self) -> int:
        return self.values.nbytes

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        return self.values[start:stop].astype(np.float32) * np.float32(2.0**self.exponent)

    def check(self, where: str) -> None:
        need_array(self.values, np.int8, 2, f"{where}: values")
        if not is_int(self.exponent) or abs(self.exponent) > 64:
            raise InvalidFieldError(f"{where}: exponent {self.exponent}")

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        yield "values", self.values

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {"step": 2.0**self.exponent}

    def header(self) -> list[int]:
        return [64 + self.exponent]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> StepHeader:
        node.need_values(values, 1, 1, cls.name)
        return StepHeader(values[0].within(0, 128) - 64)

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        section = Builder()
        section.array(self.values.view(np.uint8))
        return [Candidate((section.section(),), tuple(self.header()))]

    @classmethod
    def of(cls, rows: FloatArray) -> StepCode:
        """``rows`` rounded to steps of 127 to the greatest value."""
        exponent = math.ceil(math.log2(max(float(np.abs(rows).max(initial=0.0)), 1e-9) / 127))
        return cls(np.round(rows / 2.0**exponent).astype(np.int8), exponent)


@dataclass(frozen=True)
class StepHeader(WholeHeader):
    exponent: int

    name: ClassVar[str] = StepCode.name

    def memory(self, rows: int, features: int) -> MemoryCost:
        return MemoryCost(rows * features)

    def decode(self, cursor: Cursor, rows: int, features: int, around: Around) -> StepCode:
        with cursor.part("values"):
            octets = cursor.octets(rows * features)
        return StepCode(octets.view(np.int8).reshape(rows, features), self.exponent)
