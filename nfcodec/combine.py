"""How the vectors of a grid's levels join: ``sum``, ``concat``, ``product``, ``finest``.

Each is one class, found by name or by its frozen id in :data:`COMBINES`. NumPy and PyTorch alike:
what is joined has ``+`` and ``*``.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from nfcodec.registry import Registry

#: A (P, F) array of NumPy or tensor of PyTorch.
A = TypeVar("A", bound=Any)
V = TypeVar("V")


class Combine(Protocol):
    """A way to join the vectors of a grid's levels."""

    tag: ClassVar[int]
    name: ClassVar[str]
    #: Whether a level that is not in use keeps its channels, as zeros; else it is left out.
    keeps_channels: ClassVar[bool]

    def width(self, widths: Sequence[int]) -> int:
        """Channels of the result; ValueError if levels of ``widths`` do not go together."""

    def sharing(self, levels: Sequence[V]) -> list[list[V]]:
        """The levels by the channels of the result that they give."""

    def factors(self, lods: Sequence[int]) -> list[list[int]]:
        """Sets of levels, by their places among those of one of :meth:`sharing`'s lists: a factor
        of a channel of all levels in a set is one of the result, at every LOD.

        ``lods``: of the levels of that list.
        """

    def in_use(self, numbers: Sequence[int]) -> Sequence[int]:
        """Those of the levels ``numbers``, in order, that the result depends on."""

    def columns(self, parts: Sequence[A | None], zeros: Callable[[int], A]) -> list[A]:
        """The result, as parts that are to be joined channel by channel.

        ``parts``: each level's (P, F), None for one that is not in use. ``zeros(i)``: zeros in
        the shape of level i.
        """


class Sum:
    """Levels of one width, added up."""

    tag: ClassVar[int] = 0
    name: ClassVar[str] = "sum"
    keeps_channels: ClassVar[bool] = False

    def width(self, widths: Sequence[int]) -> int:
        return _one_width(widths, "summed")

    def sharing(self, levels: Sequence[V]) -> list[list[V]]:
        return [list(levels)]

    def factors(self, lods: Sequence[int]) -> list[list[int]]:
        return [[*range(len(lods))]]

    def in_use(self, numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    def columns(self, parts: Sequence[A | None], zeros: Callable[[int], A]) -> list[A]:
        there = [part for part in parts if part is not None]
        return [functools.reduce(operator.add, there) if there else zeros(0)]


class Concat:
    """Levels side by side; one that is not in use counts as zeros."""

    tag: ClassVar[int] = 1
    name: ClassVar[str] = "concat"
    keeps_channels: ClassVar[bool] = True

    def width(self, widths: Sequence[int]) -> int:
        return sum(widths)

    def sharing(self, levels: Sequence[V]) -> list[list[V]]:
        return [[level] for level in levels]

    def factors(self, lods: Sequence[int]) -> list[list[int]]:
        return [[*range(len(lods))]]

    def in_use(self, numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    def columns(self, parts: Sequence[A | None], zeros: Callable[[int], A]) -> list[A]:
        return [zeros(i) if part is None else part for i, part in enumerate(parts)]


class Product:
    """Levels of one width, multiplied channel by channel, as planes and lines are.

    A level that is not in use is left out of the product; if none is in use, the result is zeros.
    """

    tag: ClassVar[int] = 2
    name: ClassVar[str] = "product"
    keeps_channels: ClassVar[bool] = False

    def width(self, widths: Sequence[int]) -> int:
        return _one_width(widths, "multiplied")

    def sharing(self, levels: Sequence[V]) -> list[list[V]]:
        return [list(levels)]

    def factors(self, lods: Sequence[int]) -> list[list[int]]:
        # Each of the first levels is a part of every product; later ones are left out of some.
        return [[i] for i, lod in enumerate(lods) if lod == min(lods)]

    def in_use(self, numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    def columns(self, parts: Sequence[A | None], zeros: Callable[[int], A]) -> list[A]:
        there = [part for part in parts if part is not None]
        return [functools.reduce(operator.mul, there) if there else zeros(0)]


class Finest:
    """Levels of one width, of which the last one in use stands for those before it."""

    tag: ClassVar[int] = 3
    name: ClassVar[str] = "finest"
    keeps_channels: ClassVar[bool] = False

    def width(self, widths: Sequence[int]) -> int:
        return _one_width(widths, "taken for one another")

    def sharing(self, levels: Sequence[V]) -> list[list[V]]:
        return [list(levels)]

    def factors(self, lods: Sequence[int]) -> list[list[int]]:
        return [[*range(len(lods))]]

    def in_use(self, numbers: Sequence[int]) -> Sequence[int]:
        return numbers[-1:]

    def columns(self, parts: Sequence[A | None], zeros: Callable[[int], A]) -> list[A]:
        there = [part for part in parts if part is not None]
        return [there[-1] if there else zeros(0)]


def _one_width(widths: Sequence[int], done: str) -> int:
    if len(set(widths)) != 1:
        raise ValueError(f"levels of widths {[*widths]} cannot be {done}")
    return widths[0]


COMBINES: Registry[Combine] = Registry("way to combine", "nfcodec.combines")
for _combine in (Sum(), Concat(), Product(), Finest()):
    COMBINES.add(_combine)


def combine_of(grid: Any) -> Combine:
    """The way that ``grid``, a :class:`nfcodec.model.field.Grid`, joins its levels."""
    return COMBINES.named(grid.combine, "grid")


def num_channels(grids: Sequence[Any]) -> int:
    """Channels of what ``grids`` give together; ValueError if levels do not go together."""
    return sum(
        combine_of(grid).width([level.num_features for level in grid.levels]) for grid in grids
    )
