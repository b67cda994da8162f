"""Polygons to triangles that fill the polygon's own inside and use each of its corners.

Every polygon of n corners becomes n - 2 triangles. Convex ones are fans from their first corner;
others lose one ear after another (Meisters, Polygons have ears, 1975) in the plane that fits them
best, that of their area vector (Newell's method). No corner is dropped, not even one on a straight
side: the neighbor on that side may use it, and a mesh that was closed stays closed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.source import Floats, Ints, MeshFile
from nfcodec.errors import LimitError

#: Sine of the angle between two sides up to which they count as one straight line: numbers are
#: rounded where they are far from zero, and written with six digits.
STRAIGHT = 1e-4
#: Corners of a polygon that is not convex, and the sum of the squares of their numbers, which is
#: what clipping takes: some minutes.
MAX_CORNERS, MAX_WORK = 1 << 16, 1 << 35

_CHUNK = 1 << 20  # corners looked at at a time


def triangulate(file: MeshFile, vertices: Floats, polygons: Iterable[Ints]) -> Ints:
    """(T, 3) triangles of ``polygons``, each a (P, n) array of numbers below ``len(vertices)``.

    LimitError above :data:`nfcodec.data.mesh_files.source.MAX_FACES` triangles, and for polygons
    that are not convex and have too many corners.
    """
    groups = [group for group in polygons if len(group) and group.shape[1] >= 3]
    file.check_faces(sum(len(group) * (group.shape[1] - 2) for group in groups))
    found = [np.zeros((0, 3), np.int64)]
    bent: list[Ints] = []
    for group in groups:
        count = group.shape[1]
        if count == 3:
            found.append(group)
            continue
        step = max(1, _CHUNK // count)
        for start in range(0, len(group), step):
            part = group[start : start + step]
            if count == 4:
                found.append(_quads(vertices, part))
            else:
                convex = _convex(_corner_sines(vertices, part))
                found.append(_fans(part[convex]))
                bent.append(part[~convex])
    if any(map(len, bent)):
        found.append(_clipped(file, vertices, bent))
    return np.concatenate(found)


def _fans(group: Ints) -> Ints:
    """(P (n - 2), 3) triangles from each polygon's first corner."""
    count = group.shape[1]
    pattern = np.stack(
        [np.zeros(count - 2, np.int64), *(np.arange(k, count - 2 + k) for k in (1, 2))]
    )
    return group[:, pattern.T].reshape(-1, 3)


def _quads(vertices: Floats, group: Ints) -> Ints:
    """(2 P, 3): along the diagonal through a corner that is not convex, else through the first."""
    sines, _ = _corner_sines(vertices, group)
    across = sines[:, [1, 3]].min(axis=1) < np.minimum(sines[:, [0, 2]].min(axis=1), STRAIGHT)
    return _fans(np.where(across[:, None], np.roll(group, -1, axis=1), group))


def _corner_sines(vertices: Floats, group: Ints) -> tuple[Floats, Floats]:
    """(P, n) sines and cosines of the angles by which polygons turn at their corners, seen so that
    they turn left on the whole."""
    corners = vertices[group]
    corners = corners - corners[:, :1]
    corners = corners / np.maximum(np.abs(corners).max(axis=(1, 2), keepdims=True), 1e-300)
    area = np.cross(corners, np.roll(corners, -1, axis=1)).sum(axis=1)
    area /= np.maximum(np.linalg.norm(area, axis=1, keepdims=True), 1e-300)
    after = np.roll(corners, -1, axis=1) - corners
    after -= (after @ area[:, :, None]) * area[:, None]
    after /= np.maximum(np.linalg.norm(after, axis=2, keepdims=True), 1e-300)
    before = np.roll(after, 1, axis=1)
    sines = (np.cross(before, after) @ area[:, :, None])[..., 0]
    return sines, (before * after).sum(axis=2)


def _convex(turns: tuple[Floats, Floats]) -> npt.NDArray[np.bool_]:
    """(P,) whether all corners turn left, once around in all (a star turns twice)."""
    sines, cosines = turns
    once = np.arctan2(sines, cosines).sum(axis=1) < 3 * np.pi
    return np.asarray((sines > STRAIGHT).all(axis=1) & once)


def _clipped(file: MeshFile, vertices: Floats, bent: list[Ints]) -> Ints:
    """The triangles of polygons that are not convex."""
    from nfcodec.data.mesh_files.ears import clip

    counts = np.concatenate([np.full(len(group), group.shape[1]) for group in bent])
    if counts.max() > MAX_CORNERS or (counts.astype(np.float64) ** 2).sum() > MAX_WORK:
        raise LimitError(
            f"{file.path}: polygons that are not convex have up to {counts.max()} corners, "
            f"{counts.sum()} in all, too many to be cut into triangles; triangulate the mesh"
        )
    starts = np.concatenate([[0], np.cumsum(counts)])
    corners = np.concatenate([group.ravel() for group in bent])
    points = np.concatenate([_flat(vertices[group]).reshape(-1, 2) for group in bent])
    triangles, wrong = clip(points, starts, STRAIGHT)
    if wrong.any():
        first = int(wrong.argmax())
        numbers = corners[starts[first] : starts[first + 1]][:6] + 1
        file.warn(
            f"{int(wrong.sum())} polygons cross themselves (the first has the vertices "
            f"{', '.join(map(str, numbers))}, ..., from 1): where such a polygon has its inside is "
            "not defined"
        )
    return corners[triangles]


def _flat(corners: Floats) -> Floats:
    """(P, n, 2) places in the planes of the area vectors, each polygon about 1 large, in which the
    (P, n, 3) ``corners`` turn left on the whole."""
    corners = corners - corners[:, :1]
    corners = corners / np.maximum(np.abs(corners).max(axis=(1, 2), keepdims=True), 1e-300)
    area = np.cross(corners, np.roll(corners, -1, axis=1)).sum(axis=1)
    normal = area / np.maximum(np.linalg.norm(area, axis=1, keepdims=True), 1e-300)
    first = np.cross(normal, np.eye(3)[np.abs(normal).argmin(axis=1)])
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-300)
    axes = np.stack([first, np.cross(normal, first)], axis=2)
    return np.asarray(np.nan_to_num(corners @ axes))
