"""The numbers a picture is drawn with that follow from the field alone.

The same as :mod:`nfcodec.render.volume`, :mod:`~nfcodec.render.surface` and
:mod:`~nfcodec.render.scalar` use, so that samples lie in the same places; a test compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.coded import CodedField
from nfcodec.field import DenseLayout, Field, OctreeLayout
from nfcodec.layouts import lattice_shape
from nfcodec.render import scalar, surface
from nfcodec.render.volume import samples_per_voxel

Vector = npt.NDArray[np.float64]
AnyField = Field | CodedField


def radiance_step(subject: AnyField, lod: int) -> float:
    """The distance between samples of a radiance field, in its units."""
    depths = [
        level.layout.depth
        for level in subject.levels
        if isinstance(level.layout, OctreeLayout) and level.lod <= lod
    ]
    per_voxel = samples_per_voxel(subject.metadata)
    return float(_longest(subject) / 2 ** max(depths, default=7) / per_voxel)


def voxel_size(subject: AnyField, lod: int) -> float:
    """The smallest side of a voxel of the levels in use, in the field's units."""
    extent = subject.bounds[1] - subject.bounds[0]
    sides = []
    grids: Sequence[Any] = subject.grids
    for grid in grids:
        scale = np.ones(subject.dims)
        if grid.transform is not None:
            linear = grid.transform[:, :-1].astype(np.float64)
            scale = np.linalg.norm(linear, axis=1).clip(1e-6)
        for level in grid.levels:
            if level.lod <= lod:
                corners = np.array(lattice_shape(level.layout)[::-1], np.float64)
                whole = isinstance(level.layout, DenseLayout) and not level.layout.align_corners
                cells = corners if whole else np.maximum(corners - 1.0, 1.0)
                sides.append(float((extent / (cells * scale)).min()))
    return min(sides, default=_longest(subject) / surface.VOXELS_WITHOUT_GRID)


def shortest_step(subject: AnyField, voxel: float) -> float:
    """The shortest step of sphere tracing."""
    return min(surface.MIN_STEP_VOXELS * voxel, surface.MIN_STEP_SHARE * _longest(subject))


def scalar_step(subject: AnyField, lod: int) -> float:
    """The distance between samples of a scalar volume."""
    return min(voxel_size(subject, lod), _longest(subject) / scalar.SAMPLES_PER_SIDE)


def depth_range(subject: AnyField, eye: Vector) -> tuple[float, float]:
    """The distances of the nearest and the farthest point of the box from the eye."""
    low, high = subject.bounds
    nearest = float(np.linalg.norm(np.clip(eye, low, high) - eye))
    return nearest, float(np.linalg.norm(np.maximum(abs(eye - low), abs(eye - high))))


def _longest(subject: AnyField) -> float:
    return float((subject.bounds[1] - subject.bounds[0]).max())
