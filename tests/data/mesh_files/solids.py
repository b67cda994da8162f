"""Solids with known volumes, and what a mesh file is held against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.data import meshes

#: A box of half side 1, its sides as outward quads of corners 0 to 7.
BOX = np.array([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])
QUADS = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
FACES = np.concatenate([QUADS[:, [0, 1, 2]], QUADS[:, [0, 2, 3]]])


def volume(mesh: meshes.Mesh) -> float:
    a, b, c = (mesh.triangles[:, i] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def check(
    path: Path,
    volume_is: float = 8.0,
    low: npt.ArrayLike = (-1, -1, -1),
    high: npt.ArrayLike = (1, 1, 1),
) -> meshes.Mesh:
    """The mesh in a file, which is closed and has this volume and these bounds."""
    mesh = meshes.load(path)
    assert mesh.watertight
    np.testing.assert_allclose(mesh.bounds, [low, high], atol=1e-6)
    np.testing.assert_allclose(volume(mesh), volume_is, rtol=1e-6)
    assert (mesh.areas > 0).all()
    return mesh
