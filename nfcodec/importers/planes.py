"""Planes and lines of other tools as levels of ours; no source of its own.

A plane is a dense level of two dimensions and a line one of one, whose transforms take the axes
that they see out of a point. Where a tool multiplies them, they are levels of a ``product`` grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nfcodec.importers.layers import float32
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Grid, Level
from nfcodec.model.protocols import Array64

Padding = Literal["zeros", "border"]


def level(
    values: Array64, axes: Sequence[int], padding: Padding = "zeros", signs: float = 1.0
) -> Level:
    """(C, ..., H, W) values on a lattice; the last axis runs along ``axes[0]`` of the box."""
    transform = np.zeros((len(axes), 4), np.float32)
    for row, axis in enumerate(axes):
        transform[row, axis] = signs
    layout = DenseLayout(values.shape[1:], align_corners=True, padding=padding)
    rows = float32(values.reshape(len(values), -1).T)
    return Level(layout, 0, rows, None if len(axes) == 3 and list(axes) == [0, 1, 2] else transform)


def products(levels: Sequence[Sequence[Level]]) -> tuple[Grid[Level], ...]:
    """A grid for each product of levels."""
    return tuple(Grid(tuple(factors), "product") for factors in levels)
