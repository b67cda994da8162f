"""The numbers an image is drawn with that follow from the field alone.

All renderers take them from here, so that samples lie in the same places; the page's are in
``web/src/gpu/settings.ts``, and a test compares them. Lengths are in the field's units; ``lod`` is
the finest level of detail in use, all by default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.render.constants import count, number
from nfcodec.transforms import voxel_sides

RADIANCE_VOXELS_WITHOUT_OCTREE = count("RADIANCE_VOXELS_WITHOUT_OCTREE")
VOXELS_WITHOUT_GRID = count("VOXELS_WITHOUT_GRID")
MIN_STEP_VOXELS = number("MIN_STEP_VOXELS")
MIN_STEP_SHARE = number("MIN_STEP_SHARE")
SAMPLES_PER_SIDE = count("SAMPLES_PER_SIDE")
MIN_SAMPLES_PER_VOXEL = number("MIN_SAMPLES_PER_VOXEL")
MAX_SAMPLES_PER_VOXEL = number("MAX_SAMPLES_PER_VOXEL")
MAX_SLOPE = number("MAX_SLOPE")

Vector: TypeAlias = npt.NDArray[np.float64]
AnyField: TypeAlias = "Field | CodedField"


def radiance_step(field: AnyField, lod: int | None = None) -> float:
    """The distance between samples of a radiance field.

    A voxel of the finest octree in use divided by the metadata's :func:`samples_per_voxel`.
    """
    finest = field.finest_occupied(lod)
    voxels = RADIANCE_VOXELS_WITHOUT_OCTREE if finest is None else max(finest.resolution)
    return _longest_side(field) / voxels / samples_per_voxel(field.metadata)


def samples_per_voxel(metadata: Mapping[str, Any]) -> float:
    """The value in a field's metadata, clamped to 1/16..16; 1 if there is no valid one."""
    stated = metadata.get("render")
    samples = stated.get("samples_per_voxel") if isinstance(stated, Mapping) else None
    if isinstance(samples, bool) or not isinstance(samples, (int, float)) or not samples > 0:
        return 1.0
    if not math.isfinite(samples):
        return 1.0
    return min(max(float(samples), MIN_SAMPLES_PER_VOXEL), MAX_SAMPLES_PER_VOXEL)


def stated_slope(metadata: Mapping[str, Any]) -> float:
    """The steepest slope of a distance that the metadata state, at most 4; 0 if they state none."""
    stated = metadata.get("render")
    slope = stated.get("slope") if isinstance(stated, Mapping) else None
    if isinstance(slope, bool) or not isinstance(slope, (int, float)) or not slope > 0:
        return 0.0
    return min(float(slope), MAX_SLOPE)


def voxel_size(field: AnyField, lod: int | None = None) -> float:
    """The smallest side of a voxel of the levels in use."""
    extent = field.bounds[1] - field.bounds[0]
    levels: Sequence[Any] = field.levels
    sides = [
        float(voxel_sides(level.transform, extent, level.layout.resolution).min())
        for level in levels
        if _in_use(level, lod)
    ]
    return min(sides, default=_longest_side(field) / VOXELS_WITHOUT_GRID)


def shortest_step(field: AnyField, voxel: float) -> float:
    """The shortest step of sphere tracing where voxels have a side of ``voxel``."""
    return min(MIN_STEP_VOXELS * voxel, MIN_STEP_SHARE * _longest_side(field))


def scalar_step(field: AnyField, lod: int | None = None) -> float:
    """The distance between samples of a scalar volume."""
    return min(voxel_size(field, lod), _longest_side(field) / SAMPLES_PER_SIDE)


def depth_range(field: AnyField, eye: Vector) -> tuple[float, float]:
    """The distances of the nearest and the farthest point of the box from the eye (D,)."""
    low, high = field.bounds
    nearest = float(np.linalg.norm(np.clip(eye, low, high) - eye))
    return nearest, float(np.linalg.norm(np.maximum(abs(eye - low), abs(eye - high))))


def _in_use(level: Any, lod: int | None) -> bool:
    return lod is None or level.lod <= lod


def _longest_side(field: AnyField) -> float:
    return float((field.bounds[1] - field.bounds[0]).max())
