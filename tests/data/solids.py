"""Solids that are known exactly, as vertices and faces that look outwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.data import shapes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Surface = tuple[Floats, Ints]
Inside = Callable[[Floats], npt.NDArray[np.bool_]]

A = ((-1.0, -1.0, -1.0), (0.2, 0.2, 0.2))
B = ((-0.2, -0.2, -0.2), (1.0, 1.0, 1.0))


def box(low: Any = (-1, -1, -1), high: Any = (1, 1, 1), cuts: int = 1) -> Surface:
    """A box whose sides are cut into ``cuts`` squares each way."""
    axis = np.linspace(0, 1, cuts + 1)
    u, v = np.meshgrid(axis, axis, indexing="ij")
    grid = np.arange((cuts + 1) ** 2).reshape(cuts + 1, cuts + 1)
    quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], -1)
    triangles = quads.reshape(-1, 4)[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    sides = []
    for normal in range(3):
        for end in (0, 1):
            points = np.empty((u.size, 3))
            points[:, normal] = end
            points[:, (normal + 1) % 3], points[:, (normal + 2) % 3] = u.ravel(), v.ravel()
            sides.append((points, triangles if end else triangles[:, ::-1]))
    vertices, faces = join(*sides)
    low, high = np.asarray(low, float), np.asarray(high, float)
    return low + vertices * (high - low), faces


def ball(radius: float = 0.8, center: Any = (0, 0, 0)) -> Surface:
    mesh = shapes.sphere(radius, 24, 48)
    return mesh.vertices + np.asarray(center, float), mesh.faces


def ring() -> Surface:
    mesh = shapes.torus(0.6, 0.3, 48, 24)
    return mesh.vertices, mesh.faces


def join(*surfaces: Surface) -> Surface:
    vertices, faces, at = [], [], 0
    for v, f in surfaces:
        vertices.append(v)
        faces.append(f + at)
        at += len(v)
    return np.concatenate(vertices), np.concatenate(faces)


def turned(surface: Surface) -> Surface:
    return surface[0], surface[1][:, ::-1]


def opened(surface: Surface, faces: int = 4) -> Surface:
    """Without a few faces."""
    return surface[0], surface[1][faces:]


def in_box(p: Floats, low: Any = (-1, -1, -1), high: Any = (1, 1, 1)) -> npt.NDArray[np.bool_]:
    return np.asarray(((p > low) & (p < high)).all(axis=1))


def in_ball(p: Floats, radius: float = 0.8, center: Any = (0, 0, 0)) -> npt.NDArray[np.bool_]:
    return np.asarray(np.linalg.norm(p - np.asarray(center), axis=1) < radius)


def in_ring(p: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.hypot(np.hypot(p[:, 0], p[:, 1]) - 0.6, p[:, 2]) < 0.3)


def distance_to_box(p: Floats, low: Any, high: Any) -> Floats:
    center, half = np.add(low, high) / 2, np.subtract(high, low) / 2
    q = np.abs(p - center) - half
    return np.asarray(np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(axis=1), 0))


def overlap(mine: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((mine & true).sum() / (mine | true).sum())
