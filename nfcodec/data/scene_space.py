"""Where a transforms file says that the scene is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nfcodec.data.json_values import array, number
from nfcodec.errors import DamagedFileError

#: Side of instant-ngp's unit cube in the units of its transforms files, and where in the cube their
#: origin lies, unless the file says otherwise.
_NGP_SCALE, _NGP_OFFSET = 0.33, 0.5

#: Numbers above which a place is a fault of the file.
_FARTHEST = 1e15

Ball = tuple[float, float, float, float]


@dataclass(frozen=True)
class Space:
    """A stated place of the scene; None where nothing is stated.

    ``sphere``: x, y, z and radius of a ball that holds the scene. ``cube``: the middle and half the
    side of a cube that does. ``aabb_scale``: instant-ngp's size of the scene alone, which stands
    for a cube around the origin.
    """

    sphere: Ball | None = None
    cube: Ball | None = None
    aabb_scale: float | None = None

    @property
    def default_cube(self) -> Ball | None:
        """The cube that ``aabb_scale`` alone stands for."""
        if self.aabb_scale is None:
            return None
        return 0.0, 0.0, 0.0, 0.5 * self.aabb_scale / _NGP_SCALE


def read_space(content: Mapping[str, Any], where: str) -> Space:
    """Where the scene is, by the keys of a whole file.

    Neuralangelo's sphere goes before its ``aabb_range``, and both before instant-ngp's keys: its
    ``aabb`` sets ``scale`` and ``offset``, with which a place p of the file lies at
    ``scale p + offset``, and the scene is the cube around (0.5, 0.5, 0.5) whose side is
    ``aabb_scale``. DamagedFileError for values that are no such place.
    """
    times = number(content, "aabb_scale", where, positive=True)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is no place
        found = Space(_sphere(content, where), _cube(content, where, times or 1.0), times)
    for place in (found.sphere, found.cube, found.default_cube):
        if place is not None and not _is_place(place):
            raise DamagedFileError(
                f"{where}: the scene's place is around ({place[0]:g}, {place[1]:g}, {place[2]:g}) "
                f"with half a side of {place[3]:g}, which is no box; check the keys that state it"
            )
    return found


def _sphere(content: Mapping[str, Any], where: str) -> Ball | None:
    center = array(content, "sphere_center", where, (3,))
    radius = number(content, "sphere_radius", where, positive=True)
    if (center is None) != (radius is None):
        raise DamagedFileError(f"{where}: sphere_center and sphere_radius belong together")
    if center is None or radius is None:
        return None
    x, y, z = (float(value) for value in center)
    return x, y, z, radius


def _cube(content: Mapping[str, Any], where: str, times: float) -> Ball | None:
    ranges = array(content, "aabb_range", where, (3, 2))
    if ranges is not None:
        return _around(ranges.min(axis=1), ranges.max(axis=1), 1.0, f"{where}: aabb_range")
    box = array(content, "aabb", where, (2, 3))
    if box is not None:
        return _around(box.min(axis=0), box.max(axis=0), times, f"{where}: aabb")
    scale = number(content, "scale", where, positive=True)
    offset = array(content, "offset", where, (3,), ())
    if scale is None and offset is None:
        return None
    per_unit = _NGP_SCALE if scale is None else scale
    shift = np.broadcast_to(_NGP_OFFSET if offset is None else offset, (3,))
    x, y, z = (float(value) for value in (0.5 - shift) / per_unit)
    return x, y, z, 0.5 * times / per_unit


def _is_place(place: Ball) -> bool:
    """Whether the cube around a ball has an extent and numbers of a scene."""
    x, y, z, half = place
    small = max(abs(x), abs(y), abs(z)) + half < _FARTHEST  # NaN is not either
    return small and all(c - half < c < c + half for c in (x, y, z))


def _around(lower: Any, upper: Any, times: float, what: str) -> Ball:
    half = 0.5 * times * float((upper - lower).max())
    if not half > 0.0:
        raise DamagedFileError(f"{what} is a box without extent")
    x, y, z = (float(value) for value in (lower + upper) / 2.0)
    return x, y, z, half
