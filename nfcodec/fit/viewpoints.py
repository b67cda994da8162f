"""Where a radiance field was seen from, as metadata: a few views stand for all of them.

A field is only meaningful as seen from places like those it was trained on. ``train`` records some
of them under the metadata key ``viewpoints``, so that codes can be learned from the field alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Field

#: Views recorded at most.
MAX_VIEWS = 64
_DIGITS = 4
#: How far from the eye, in typical distances between views, the place is that shifts turn about.
_PIVOT = 8.0


def record(cameras: Sequence[Camera]) -> dict[str, Any]:
    """Up to ``MAX_VIEWS`` of ``cameras``, evenly chosen, as JSON-able values."""
    chosen = [cameras[i] for i in np.unique(np.linspace(0, len(cameras) - 1, MAX_VIEWS).round()
                                            .astype(int))]  # fmt: skip
    first = chosen[0]
    fovs = [2.0 * math.atan(0.5 * camera.height / camera.fy) for camera in chosen]
    eyes = np.stack([camera.pose[:3, 3] for camera in chosen])
    # Scenes come in all units: digits are counted from the size of the largest coordinate.
    size = float(np.abs(eyes).max())
    digits = _DIGITS - (math.floor(math.log10(size)) if size > 0.0 else 0)
    return {
        "width": first.width,
        "height": first.height,
        "vertical_fov": round(float(np.median(fovs)), 5),
        # Eye, direction of view and up direction, one row a view.
        "poses": [
            eye.round(digits).tolist()
            + np.concatenate([-c.pose[:3, 2], c.pose[:3, 1]]).round(_DIGITS).tolist()
            for eye, c in zip(eyes, chosen, strict=True)
        ],
    }


def recall(field: Field, count: int, size: int, rng: np.random.Generator) -> list[Camera]:
    """``count`` cameras of at most ``size`` pixels a side, like those ``field`` was trained on.

    Recorded viewpoints are repeated with small shifts; a field without them is looked at from all
    around. Raises InvalidFieldError if the record is not of the form that :func:`record` gives.
    """
    noted = field.metadata.get("viewpoints")
    if noted is None:
        return _all_around(field, count, size, rng)
    try:
        return _recorded(noted, count, size, rng)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidFieldError(f"metadata 'viewpoints' is malformed: {error!r}") from error


def _recorded(
    noted: Mapping[str, Any], count: int, size: int, rng: np.random.Generator
) -> list[Camera]:
    poses = np.asarray(noted["poses"], np.float64)
    if poses.ndim != 2 or poses.shape[1] != 9 or not (np.abs(poses) < 1e30).all():
        raise ValueError("poses must be rows of nine finite numbers")
    width, height, fov = int(noted["width"]), int(noted["height"]), float(noted["vertical_fov"])
    if width < 1 or height < 1 or not 0.0 < fov < math.pi:
        raise ValueError("width and height must be positive and vertical_fov between 0 and pi")
    if not (np.linalg.norm(poses[:, 3:6], axis=1) > 0.5).all():
        raise ValueError("directions of view must be unit vectors")
    shrink = min(1.0, size / max(width, height))
    eyes, forward, up = poses[:, :3], poses[:, 3:6], poses[:, 6:]
    spacing = _typical_spacing(eyes)
    pivot = _PIVOT * spacing if spacing > 0.0 else 1.0
    cameras = []
    for i in range(count):
        k = i % len(poses)
        shift = rng.normal(scale=0.25 * spacing, size=3) if i >= len(poses) else np.zeros(3)
        pose = look_at(eyes[k] + shift, eyes[k] + forward[k] * pivot, up[k])
        cameras.append(
            perspective(
                max(1, round(width * shrink)),
                max(1, round(height * shrink)),
                fov,
                pose,
            )
        )
    return cameras


def _typical_spacing(eyes: np.ndarray) -> float:
    """The median distance from a view to its nearest other."""
    if len(eyes) < 2:
        return 0.0
    if len(eyes) > MAX_VIEWS:  # a record of ours has no more; all pairs of many would fill memory
        from scipy.spatial import cKDTree

        return float(np.median(cKDTree(eyes).query(eyes, k=2)[0][:, 1]))
    distance = np.linalg.norm(eyes[:, None] - eyes[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    return float(np.median(distance.min(axis=1)))


def _all_around(field: Field, count: int, size: int, rng: np.random.Generator) -> list[Camera]:
    middle = field.bounds.mean(axis=0)
    radius = 0.5 * float(np.linalg.norm(field.bounds[1] - field.bounds[0]))
    fov = math.radians(40.0)
    cameras = []
    for i in range(count):
        # A spiral spreads the views evenly; its turn and a small shift are random.
        height = 1.0 - 2.0 * (i + 0.5) / count
        angle = math.pi * (3.0 - math.sqrt(5.0)) * i + rng.uniform(0.0, 0.5)
        around = math.sqrt(1.0 - height * height)
        towards = np.array([around * math.cos(angle), around * math.sin(angle), height])
        distance = radius / math.sin(fov / 2.0) * rng.uniform(0.8, 1.1)
        pose = look_at(middle + towards * distance, middle)
        cameras.append(perspective(size, size, fov, pose))
    return cameras
