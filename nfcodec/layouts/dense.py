"""The layout ``dense``: a full lattice of corners, of one to three dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import is_int
from nfcodec.container import Cursor, Section, limits
from nfcodec.container.tree import Node
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.layouts.interpolation import corners
from nfcodec.layouts.memory import Memory
from nfcodec.model.protocols import Array64, Cells, Described, Layout, MemoryCost, Rows, Tree
from nfcodec.model.sites import SiteSet

#: Frozen ids of paddings, by position.
PADDINGS = ("zeros", "border")


@dataclass(frozen=True)
class DenseLayout:
    """A full lattice of corners.

    ``shape`` is ``(nz, ny, nx)``, ``(ny, nx)`` or ``(nx,)``; vectors are stored in C order, x
    fastest. ``align_corners`` as in ``torch.nn.functional.grid_sample``: if true, u = -1 and u = 1
    lie on the first and last corner; if false, half a cell outside them. ``padding`` says what a
    corner outside the lattice contributes: ``zeros`` or, by clamping the point, the ``border``
    value.
    """

    shape: tuple[int, ...]
    align_corners: bool = True
    padding: Literal["zeros", "border"] = "border"

    tag: ClassVar[int] = 0
    name: ClassVar[str] = "dense"

    @property
    def dims(self) -> int:
        return len(self.shape)

    @property
    def num_rows(self) -> int:
        return math.prod(self.shape)

    @property
    def resolution(self) -> tuple[float, ...]:
        return tuple(
            float(max(n - 1, 1) if self.align_corners else n) for n in reversed(self.shape)
        )

    @property
    def occupied_shape(self) -> None:
        return None

    def occupied(self) -> Cells:
        raise ValueError("a dense layout does not say where it is empty")

    def keep(self, cells: Cells) -> tuple[Layout, Rows]:
        """Itself and all rows: a lattice has no gaps."""
        return self, np.arange(self.num_rows, dtype=np.int64)

    def locate(self, u: Array64) -> tuple[Rows, Array64]:
        """Rows (P, 2^D) of the corners around (P, D) points, and their weights."""
        extent = np.array(self.shape[::-1])
        if self.align_corners:
            at = (u + 1.0) * 0.5 * (extent - 1)
        else:
            at = ((u + 1.0) * extent - 1.0) * 0.5
        clamped = self.padding == "border"
        at = np.clip(at, 0, extent - 1) if clamped else np.clip(at, -2, extent + 1)
        return corners(at, extent, clamped)

    def lattices(self) -> tuple[SiteSet, ...]:
        """The whole lattice, with sides of 1 along axes that it does not have."""
        nz, ny, nx = (1,) * (3 - self.dims) + self.shape
        return (SiteSet((nz, ny, nx), lambda: np.arange(self.num_rows, dtype=np.int64)),)

    def check(self, dims: int, where: str) -> None:
        """Raise unless the shape has ``dims`` positive sizes within the limits."""
        shape = self.shape
        if len(shape) != dims or any(not is_int(n) or n < 1 for n in shape):
            raise InvalidFieldError(
                f"{where}: a dense layout needs {dims} positive sizes, got {shape}"
            )
        if math.prod(shape) > limits.CORNERS:
            raise LimitError(
                f"{where}: {' x '.join(map(str, shape))} corners; the limit is {limits.CORNERS}"
            )
        if max(shape) > limits.SIDE:
            raise LimitError(f"{where}: {max(shape)} cells a side; the limit is {limits.SIDE}")
        if self.padding not in ("zeros", "border"):
            raise InvalidFieldError(
                f"{where}: padding {self.padding!r} is not one of zeros, border"
            )

    def options(self) -> Described:
        return {
            "shape": [int(n) for n in self.shape],
            "align_corners": bool(self.align_corners),
            "padding": self.padding,
        }

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        return iter(())

    @classmethod
    def from_tree(cls, tree: Tree) -> DenseLayout:
        return cls(
            shape=tuple(tree.integers("shape")),
            align_corners=tree.value("align_corners", bool),
            padding=cast(Any, tree.text("padding")),
        )

    def header(self) -> list[int | bool]:
        return [bool(self.align_corners), PADDINGS.index(self.padding), *map(int, self.shape)]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], dims: int) -> DenseLayout:
        """The layout itself: its header says all of it."""
        node.need_values(values, 3, 5, cls.name)
        align = values[0].flag()
        padding = cast(Any, values[1].one_of(PADDINGS))
        shape = tuple(value.uint(limits.SIDE, 1) for value in values[2:])
        if len(shape) != dims:
            raise node.damage(f"has {len(shape)} dimensions in a space of {dims}")
        return cls(shape, align, padding)

    def memory(self) -> MemoryCost:
        return MemoryCost(0)

    def sections(self, memory: Memory) -> list[Section]:
        return []

    def decode(self, cursor: Cursor, memory: Memory) -> DenseLayout:
        return self

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {"shape": [int(n) for n in self.shape]}

    def __str__(self) -> str:
        return "dense " + "x".join(str(n) for n in reversed(self.shape))
