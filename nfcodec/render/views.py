"""Choosing where to look from: the field's own hint, a framing of its content, a turntable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of

#: Cosine above which a direction counts as an axis.
_ALONG_AXIS = 0.999

Vector = npt.NDArray[np.float64]
Size = tuple[int, int]

#: Radians: a little wider than a portrait lens.
VERTICAL_FOV = math.radians(35.0)
#: Free space around the content, as a share of its size.
MARGIN = 0.05
#: Where a framing stands: this far to the right of the front, and above the ground.
AZIMUTH, ELEVATION = math.radians(35.0), math.radians(20.0)
#: Share of occupied cells that the content box may leave out at either end of an axis, so that a
#: few stray cells do not make the object small.
STRAY = 0.002
#: Cells along each axis in which the surface of a distance without an octree is looked for.
SURFACE_CELLS = 24
DEFAULT_SIZE: Size = (800, 800)


def content_box(field: Field | CodedField) -> Vector:
    """(2, D) float64: the box of what is there, in the field's units.

    That of the occupied cells of the finest octree level, or of the occupancy grid; a distance
    without them is sampled for the cells its surface passes through; else it is ``bounds``.
    """
    cells = field.occupied()
    if cells is None and kind_of(field).is_distance:
        cells = _surface_cells(field)
    if cells is None or not cells.any():
        return np.array(field.bounds)
    shares = []
    for axis in (2, 1, 0):  # x, y, z
        counts = np.cumsum(cells.sum(axis=tuple(a for a in range(3) if a != axis)))
        first = int(np.searchsorted(counts, STRAY * counts[-1], side="right"))
        last = int(np.searchsorted(counts, (1.0 - STRAY) * counts[-1], side="left"))
        shares.append((first / len(counts), (last + 1) / len(counts)))
    low, high = field.bounds
    return np.asarray(low + (high - low) * np.array(shares).T, np.float64)


def _surface_cells(field: Field | CodedField) -> npt.NDArray[np.bool_]:
    """Which of ``SURFACE_CELLS``^3 cells of the box have corners of both signs."""
    axis = np.linspace(0.0, 1.0, SURFACE_CELLS + 1)
    zyx = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    low, high = field.bounds
    inside = evaluate(field, low + (high - low) * zyx[:, ::-1])[:, 0] <= 0.0
    corners = inside.reshape([len(axis)] * 3)
    of_cells = np.lib.stride_tricks.sliding_window_view(corners, (2, 2, 2))
    count = of_cells.sum(axis=(3, 4, 5))
    return np.asarray((count > 0) & (count < 8))


def up_of(field: Field | CodedField) -> Vector:
    """(3,) unit vector: the hint's ``up``; else y for shapes, z for everything else."""
    stated = _hint(field).get("up")
    if stated is not None:
        return _unit(_vector(stated, "camera.up"))
    return _usual_up(field)


def upright(field: Field | CodedField) -> Vector:
    """(3,) the axis that points upwards in the field's own space, for files of its surface.

    The hint's ``up`` counts if it is along an axis. A tilted one is a camera's, which looks down.
    """
    up = up_of(field)
    return np.rint(up) if np.abs(up).max() > _ALONG_AXIS else _usual_up(field)


def _usual_up(field: Field | CodedField) -> Vector:
    return np.array([0.0, 1.0, 0.0] if kind_of(field).is_distance else [0.0, 0.0, 1.0])


def default_camera(field: Field | CodedField, size: Size | None = None) -> Camera:
    """The view that metadata ``camera`` hints at; without it, the content seen from one side.

    ``size``: width and height in pixels, by default the hint's, else 800 x 800. Raises UsageError
    for a hint that makes no sense; pass an eye and a target of your own then.
    """
    return camera(field, size=size)


def camera(
    field: Field | CodedField,
    *,
    eye: Sequence[float] | None = None,
    target: Sequence[float] | None = None,
    up: Sequence[float] | None = None,
    vertical_fov: float | None = None,
    size: Size | None = None,
) -> Camera:
    """A view of ``field``; what is not given is taken from its hint, or frames its content.

    ``eye``, ``target``: points in the field's units. ``vertical_fov`` in radians. A
    ``target`` without ``eye`` is seen from the usual side at the usual distance.
    """
    hint = _hint(field)
    width, height = _size(size, hint, field)
    if field.dims == 2:
        return perspective(width, height, VERTICAL_FOV, np.eye(4))
    fov = _fov(vertical_fov, hint)
    upward = up_of(field) if up is None else _unit(_vector(up, "up"))
    box = content_box(field)
    if target is not None:
        aim = _vector(target, "target")
    elif "target" in hint:
        aim = _vector(hint["target"], "camera.target")
    else:
        aim = box.mean(axis=0)
    if eye is not None:
        place = _vector(eye, "eye")
    elif target is None and "eye" in hint:
        place = _vector(hint["eye"], "camera.eye")
    else:
        side = _side(upward, AZIMUTH, ELEVATION)
        place = aim + side * _distance(box, aim, side, upward, fov, width / height)
    if np.linalg.norm(place - aim) < 1e-9 * float((box[1] - box[0]).max()):
        raise UsageError(f"eye and target are the same point {place.tolist()}")
    return perspective(width, height, fov, look_at(place, aim, upward))


def orbit(
    field: Field | CodedField,
    count: int,
    *,
    size: Size | None = None,
    elevation: float | None = None,
    up: Sequence[float] | None = None,
    vertical_fov: float | None = None,
) -> tuple[Camera, ...]:
    """``count`` cameras of a full turn around the content, the first from the side of
    :func:`default_camera`.

    ``elevation``: radians above the plane of the turn, by default as in the first view.
    Raises UsageError for a 2-D field or a count below one.
    """
    if field.dims == 2:
        raise UsageError("a 2-D field has no other side to turn to; leave --orbit out")
    if count < 1:
        raise UsageError(f"an orbit needs at least one view, got {count}")
    first = camera(field, size=size, up=up, vertical_fov=vertical_fov)
    hint = _hint(field)
    upward = up_of(field) if up is None else _unit(_vector(up, "up"))
    box = content_box(field)
    center = _vector(hint["target"], "camera.target") if "target" in hint else box.mean(axis=0)
    arm = first.pose[:3, 3] - center
    if elevation is not None:
        flat = arm - upward * float(arm @ upward)
        reach = float(np.linalg.norm(arm))
        above = np.linalg.norm(flat) < 1e-9 * reach  # it has no direction to keep
        side = _side(upward, 0.0, 0.0) if above else _unit(flat / reach)
        arm = reach * (math.cos(elevation) * side + math.sin(elevation) * upward)
    arms = [_turned(arm, upward, 2.0 * math.pi * k / count) for k in range(count)]
    if "eye" not in hint:  # one distance for the whole turn, so that no view cuts the content off
        fov = 2.0 * math.atan(0.5 * first.height / first.fy)
        aspect = first.width / first.height
        reach = max(_distance(box, center, _unit(a), upward, fov, aspect) for a in arms)
        arms = [_unit(a) * reach for a in arms]
    return tuple(replace(first, pose=look_at(center + a, center, upward)) for a in arms)


def _hint(field: Field | CodedField) -> Mapping[str, Any]:
    hint = field.metadata.get("camera")
    return hint if isinstance(hint, Mapping) else {}


def _size(size: Size | None, hint: Mapping[str, Any], field: Field | CodedField) -> Size:
    if size is not None:
        width, height = size
    elif "width" in hint and "height" in hint:
        width, height = hint["width"], hint["height"]
    elif field.dims == 2:  # as large as the default, in the shape of the box
        extent = field.bounds[1] - field.bounds[0]
        sides = np.maximum(np.round(extent / extent.max() * max(DEFAULT_SIZE)), 1)
        width, height = int(sides[0]), int(sides[1])
    else:
        width, height = DEFAULT_SIZE
    if not all(isinstance(n, (int, np.integer)) and 0 < n <= 1 << 16 for n in (width, height)):
        raise UsageError(
            f"an image of {width!r} x {height!r} pixels is not possible: sides are 1 to 65536"
        )
    return int(width), int(height)


def _fov(given: float | None, hint: Mapping[str, Any]) -> float:
    fov = hint.get("vertical_fov", VERTICAL_FOV) if given is None else given
    if not isinstance(fov, (int, float)) or not 1e-3 < fov < math.pi - 1e-3:
        raise UsageError(f"a vertical field of view of {fov!r} radians is not possible")
    return float(fov)


def _vector(value: object, what: str) -> Vector:
    if isinstance(value, (Sequence, np.ndarray)) and len(value) == 3:
        try:
            vector = np.array([float(v) for v in value])
        except (TypeError, ValueError):
            vector = np.full(3, np.nan)
        if np.isfinite(vector).all():
            return vector
    raise UsageError(f"{what} must be three numbers, got {value!r}")


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        raise UsageError("an up direction must not be zero")
    return vector / length


def _distance(
    box: Vector, aim: Vector, side: Vector, up: Vector, vertical_fov: float, aspect: float
) -> float:
    """How far from ``aim``, in the direction ``side``, an eye must stand to see all of a box."""
    axes = look_at(aim + side, aim, up)[:3, :3]
    corners = np.stack(np.meshgrid(*box.T, indexing="ij"), axis=-1).reshape(-1, 3)
    x, y, nearer = ((corners - aim) @ axes).T
    tangent = math.tan(0.5 * vertical_fov)
    needed = nearer + np.maximum(np.abs(x) / (tangent * aspect), np.abs(y) / tangent)
    return float(needed.max()) * (1.0 + MARGIN)


def _side(up: Vector, azimuth: float, elevation: float) -> Vector:
    """The unit direction to the right of the front by an azimuth, and up by an elevation.

    The front of most things is at z where y is up, and at -y where z is up.
    """
    upright = int(np.abs(up).argmax()) == 2
    front = np.array([0.0, -1.0, 0.0] if upright else [0.0, 0.0, 1.0])
    front = _unit(front - up * float(front @ up))
    flat = math.cos(azimuth) * front + math.sin(azimuth) * np.cross(up, front)
    return np.asarray(math.cos(elevation) * flat + math.sin(elevation) * up)


def _turned(vector: Vector, axis: Vector, angle: float) -> Vector:
    """``vector`` turned about the unit ``axis``: Rodrigues' formula."""
    turned: Vector = (
        vector * math.cos(angle)
        + np.cross(axis, vector) * math.sin(angle)
        + axis * float(axis @ vector) * (1.0 - math.cos(angle))
    )
    return turned
