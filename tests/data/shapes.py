"""Small meshes with known distances."""

from __future__ import annotations

import numpy as np

from nfcodec.data.meshes import Mesh, clean


def cube(half: float = 0.5) -> Mesh:
    """An axis-parallel cube around the origin, 12 triangles."""
    vertices = [[x, y, z] for z in (-half, half) for y in (-half, half) for x in (-half, half)]
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return clean(vertices, faces, "cube")


def sphere(radius: float = 0.6, rings: int = 12, turns: int = 24) -> Mesh:
    """A sphere by latitude and longitude."""
    theta = np.linspace(0, np.pi, rings + 1)
    phi = np.linspace(0, 2 * np.pi, turns, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    grid = radius * np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], axis=-1)
    grid[0], grid[-1] = (0, 0, radius), (0, 0, -radius)
    return clean(grid.reshape(-1, 3), _quads(rings + 1, turns, wrap=False), "sphere")


def torus(major: float = 0.5, minor: float = 0.2, turns: int = 24, rings: int = 12) -> Mesh:
    """A torus around the z axis: genus 1."""
    p, t = np.meshgrid(
        np.linspace(0, 2 * np.pi, turns, endpoint=False),
        np.linspace(0, 2 * np.pi, rings, endpoint=False),
        indexing="ij",
    )
    r = major + minor * np.cos(t)
    grid = np.stack([r * np.cos(p), r * np.sin(p), minor * np.sin(t)], axis=-1)
    return clean(grid.reshape(-1, 3), _quads(turns, rings, wrap=True), "torus")


def _quads(rows: int, columns: int, wrap: bool) -> list[tuple[int, int, int]]:
    faces = []
    for i in range(rows if wrap else rows - 1):
        for j in range(columns):
            a, b = i * columns + j, i * columns + (j + 1) % columns
            c, d = (i + 1) % rows * columns + j, (i + 1) % rows * columns + (j + 1) % columns
            faces += [(a, c, d), (a, d, b)]
    return faces
