"""Grids of which some levels have not arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.codes import Float16Code
from nfcodec.combine import combine_of
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedLevel
from nfcodec.model.field import Grid


class _Layout(Protocol):
    @property
    def dims(self) -> int: ...


class Announced(Protocol):
    """What is known of a level before it arrives: its entry in a header, or the level itself."""

    @property
    def layout(self) -> _Layout: ...
    @property
    def num_features(self) -> int: ...
    @property
    def transform(self) -> FloatArray | None: ...


AnnouncedT = TypeVar("AnnouncedT", bound=Announced)


def present_grids(
    grids: Sequence[Grid[AnnouncedT]], there: Mapping[int, CodedLevel]
) -> tuple[Grid[CodedLevel], ...]:
    """``grids`` with the levels that are ``there``, by storage position.

    Missing levels count as zero. Where leaving them out would change what enters the networks
    (joined levels; a grid of which nothing is there yet) a level of zeros stands in for them.
    """
    found = []
    first = 0
    for grid in grids:
        wanted = dict(enumerate(grid.levels, first))
        first += len(grid.levels)
        if combine_of(grid).keeps_channels:
            kept = [there[at] if at in there else _zeros(level) for at, level in wanted.items()]
        else:
            kept = [there[at] for at in wanted if at in there] or [_zeros(grid.levels[0])]
        found.append(Grid(tuple(kept), grid.combine))
    return tuple(found)


def _zeros(level: Announced) -> CodedLevel:
    layout = DenseLayout((2,) * level.layout.dims)
    code = Float16Code(np.zeros((layout.num_rows, level.num_features), np.float16))
    return CodedLevel(layout, 0, code, level.transform)
