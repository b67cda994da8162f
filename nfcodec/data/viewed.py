"""Where a scene can be by its cameras alone, and what makes that doubtful."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UnsupportedError
from nfcodec.model.camera import Camera

Floats = npt.NDArray[np.float64]

#: A camera this many times as far from the middle of all as the median one is left out of the box.
_FAR_OFF = 10.0
#: Mean square of the sine between the views' axes below which these do not meet: 1.8 degrees.
_PARALLEL = 1e-3
#: How far, in reaches of the cameras around their middle, what parallel views show is taken to lie:
#: half the box, which begins at the cameras.
_AHEAD = 8.0
#: How many finest voxels float32 may round coordinates by. Images of 32 pixels, 40 steps: with 0.4
#: nothing is lost to the same images at the origin, with 4 it is 2 dB, with 5 3.5 dB.
_ROUNDING = 0.25
#: Cameras within this share of their coordinates are at one place, which tells no scale. Small
#: scenes in map coordinates are apart by 1e-7 of them.
_POINT = 1e-9
#: Cameras at one place get a box of this share of their distance from the origin, which at least is
#: in their unit, for half its side.
_BLIND = 0.25
#: Rays along each side of an image by which it is found out whether it shows the box.
_GRID = 5
_STATE = "state where the scene is (aabb, or sphere_center and sphere_radius)"


def look(cameras: Sequence[Camera], names: Sequence[str], path: Path) -> tuple[Floats, float]:
    """The point that the views look at and how far the cameras are from it at most.

    That is the point nearest to all optical axes, by least squares. With axes that are parallel it
    lies before the cameras, at a guess. Cameras far off from all others do not count. Warns of
    these, of parallel axes, and of views that all look away from the point.
    """
    eyes, forward = _axes(cameras)
    distances = np.linalg.norm(eyes - np.median(eyes, axis=0), axis=1)
    typical = float(np.median(distances))
    near = distances <= _FAR_OFF * typical
    if typical > 0.0 and not near.all():
        _warn_far(names, distances, near, path)
        eyes, forward = eyes[near], forward[near]
    focus, parallel = _meeting_point(eyes, forward)
    if len(eyes) > 1 and float(distances.max()) <= _POINT * float(np.abs(eyes).max()):
        warnings.warn(
            f"{path}: all cameras are at one place, which does not tell how far away anything is; "
            "if the matrices are world to camera, invert them",
            stacklevel=3,
        )
    elif parallel:
        return _ahead(eyes, forward, path)
    else:
        _warn_if_away(eyes, forward, focus, path)
    reach = float(np.linalg.norm(eyes - focus, axis=1).max())
    return focus, reach if reach > _POINT * float(np.abs(eyes).max()) else _blind_reach(eyes)


def check_seen(cameras: Sequence[Camera], bounds: Floats, path: Path) -> None:
    """Warn if most views show nothing of a stated box (2, 3), or look away from each other."""
    blind = sum(not _shows(camera, bounds) for camera in cameras)
    if blind > 0.5 * len(cameras):
        warnings.warn(
            f"{path}: {blind} of {len(cameras)} views show nothing of the box that is stated for "
            f"the scene, from {_text(bounds[0])} to {_text(bounds[1])}; check its numbers and the "
            "poses' axes (OpenGL's: x right, y up, looking along -z)",
            stacklevel=3,
        )
        return
    eyes, forward = _axes(cameras)
    focus, parallel = _meeting_point(eyes, forward)
    if not parallel:
        _warn_if_away(eyes, forward, focus, path)


def _axes(cameras: Sequence[Camera]) -> tuple[Floats, Floats]:
    """(V, 3) eyes and directions of view."""
    eyes = np.stack([c.pose[:3, 3] for c in cameras])
    return eyes, -np.stack([c.pose[:3, 2] for c in cameras])


def _meeting_point(eyes: Floats, forward: Floats) -> tuple[Floats, bool]:
    """The point nearest to all axes, and whether these are too parallel for it to mean anything."""
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    # A weak pull to the eyes' center keeps the point finite where the axes are almost parallel.
    system = across.mean(axis=0) + 1e-6 * np.eye(3)
    target = np.einsum("vij,vj->i", across, eyes) / len(eyes) + 1e-6 * eyes.mean(axis=0)
    focus = np.linalg.solve(system, target)
    parallel = len(eyes) > 1 and float(np.linalg.eigvalsh(system)[0]) < _PARALLEL
    return focus, parallel


def _blind_reach(eyes: Floats) -> float:
    """Half the box's side where all ``eyes`` (V, 3) are at one place; 1 at the origin."""
    return _BLIND * float(np.linalg.norm(eyes.mean(axis=0))) or 1.0


def _warn_if_away(eyes: Floats, forward: Floats, focus: Floats, path: Path) -> None:
    ahead = np.einsum("vj,vj->v", focus - eyes, forward)
    behind = ahead < -_POINT * np.abs(eyes).max()
    if len(eyes) > 1 and behind.mean() > 0.5:
        warnings.warn(
            f"{path}: {int(behind.sum())} of {len(eyes)} views look away from the point where "
            "their axes meet. If they should look at it, the poses are not in OpenGL's axes (x "
            "right, y up, looking along -z): with OpenCV's, turn the second and the third column "
            f"of each matrix about. If they look outwards, {_STATE}",
            stacklevel=4,
        )


def check_precision(cameras: Sequence[Camera], bounds: Floats, cells: int, path: Path) -> None:
    """UnsupportedError if float32 cannot tell the points of ``bounds`` (2, 3) apart well enough.

    ``cells``: along a side of the box, at the finest level.
    """
    eyes = np.stack([c.pose[:3, 3] for c in cameras])
    inside = np.abs(bounds).max()
    largest = max(float(inside), float(np.median(np.abs(eyes).max(axis=1))))
    side = float((bounds[1] - bounds[0]).max())
    if largest * 2.0**-23 > _ROUNDING * side / cells:
        middle = bounds.mean(axis=0)
        raise UnsupportedError(
            f"{path}: its scene is {side:.3g} wide and lies {largest:.6g} from the origin, where "
            f"numbers of 32 bits are {largest * 2.0**-23:.2g} apart; move the origin: "
            f"subtract ({', '.join(f'{value:.0f}' for value in middle)}) from the place of each "
            "camera, the last column of its transform_matrix"
        )


def _ahead(eyes: Floats, forward: Floats, path: Path) -> tuple[Floats, float]:
    """A cube before parallel views, for want of a point where their axes meet."""
    middle = eyes.mean(axis=0)
    spread = float(np.linalg.norm(eyes - middle, axis=1).max())
    apart = spread > _POINT * float(np.abs(eyes).max())
    half = _AHEAD * spread if apart else _blind_reach(eyes)
    along = forward.mean(axis=0)
    length = float(np.linalg.norm(along))
    if length < 0.5:  # back to back: nothing is ahead
        along, length = np.zeros(3), 1.0
    focus = middle + along / length * half
    warnings.warn(
        f"{path}: the views' axes are parallel, which does not tell how far away the scene is; "
        f"taken is a cube of {2.0 * half:.3g} before the cameras. Better {_STATE}",
        stacklevel=4,
    )
    return focus, half


def _warn_far(
    names: Sequence[str], distances: Floats, near: npt.NDArray[np.bool_], path: Path
) -> None:
    far = np.flatnonzero(~near)
    worst = int(distances.argmax())
    warnings.warn(
        f"{path}: {len(far)} of {len(near)} cameras are far from all others and left out of the "
        f"scene's box (the farthest: {names[worst]}, {distances[worst]:.4g} away, where half of "
        f"all are within {float(np.median(distances)):.4g}); check their poses",
        stacklevel=4,
    )


def _shows(camera: Camera, bounds: Floats) -> bool:
    """Whether any of some rays of ``camera``, or the one to the middle, meets the box."""
    eye = camera.pose[:3, 3]
    x, y = np.meshgrid(
        np.linspace(0.0, camera.width, _GRID), np.linspace(0.0, camera.height, _GRID)
    )
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    at, depth = camera.project(bounds.mean(axis=0)[None])
    if depth[0] > 0 and (at[0] >= 0).all() and (at[0] <= [camera.width, camera.height]).all():
        return True
    _, directions = camera.rays(pixels)
    step = np.where(directions == 0.0, 1e-30, directions.astype(np.float64))
    first, last = (bounds[0] - eye) / step, (bounds[1] - eye) / step
    enter = np.minimum(first, last).max(axis=1)
    leave = np.maximum(first, last).min(axis=1)
    return bool((leave > np.maximum(enter, 0.0)).any())


def _text(point: Floats) -> str:
    return f"({', '.join(f'{value:.6g}' for value in point)})"
