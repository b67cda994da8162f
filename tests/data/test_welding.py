"""Seams that rounding has opened."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial import cKDTree

from nfcodec.data import meshes, welding
from tests.data.shapes import cube, sphere

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def soup(mesh: meshes.Mesh, noise: float, shift: float = 0.0) -> tuple[Floats, Ints]:
    """The faces with corners of their own, which ``noise`` times the half side sets apart."""
    corners = mesh.triangles.reshape(-1, 3)
    size = noise * np.abs(corners).max()
    moved = corners + np.random.default_rng(0).uniform(-size, size, corners.shape) + shift
    return moved, np.arange(len(moved)).reshape(-1, 3)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("shape", [cube(0.5), sphere()])
def test_copies_of_a_vertex_become_one(shape: meshes.Mesh, scale: float) -> None:
    vertices, faces = soup(shape, 2e-7)
    with pytest.warns(UserWarning, match="vertices lie next to others but for rounding") as said:
        mesh = meshes.clean(vertices * scale, faces)
    assert len(said) == 1
    assert mesh.watertight
    assert len(mesh.faces) == len(shape.faces)
    assert len(mesh.vertices) == len(shape.vertices)
    np.testing.assert_allclose(mesh.bounds, shape.bounds * scale, rtol=1e-6)


def test_single_precision_far_from_the_origin() -> None:
    vertices, faces = soup(sphere(), 0.0)
    far = vertices + 4.0
    rounded = far * (1 + np.random.default_rng(0).choice([-6e-8, 0, 6e-8], far.shape))
    with pytest.warns(UserWarning, match="joined"):
        assert meshes.clean(rounded, faces).watertight


def test_what_is_further_apart_is_kept() -> None:
    vertices, faces = soup(cube(0.5), 1e-4)
    mesh = meshes.clean(vertices, faces)
    assert not mesh.watertight
    assert len(mesh.vertices) == 36


def test_holes_stay() -> None:
    vertices, faces = soup(sphere(), 1e-7)
    with pytest.warns(UserWarning, match="joined"):
        mesh = meshes.clean(vertices, faces[7:])
    assert not mesh.watertight
    assert 0 < len(mesh.boundary_edges) <= 21


def test_a_closed_mesh_and_small_faces_are_left_alone() -> None:
    shape = sphere()
    joined, count = welding.welded(shape.vertices, shape.faces)
    assert count == 0
    assert joined is shape.faces
    vertices, faces = soup(cube(0.5), 1e-7)
    vertices[1] = vertices[0] + 1e-8  # a face that would lose its area
    assert welding.welded(vertices, faces)[1] == 0


def test_crowds_are_not_compared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many pairs as the square of the vertices would fill memory."""
    rng = np.random.default_rng(0)
    crowd = np.concatenate([rng.uniform(0, 1e-9, (3000, 3)), np.eye(3) * 100])
    faces = np.arange(len(crowd)).reshape(-1, 3)

    class Tree(cKDTree):
        def query_pairs(self, *_: Any, **__: Any) -> Any:
            raise MemoryError

    monkeypatch.setattr("scipy.spatial.cKDTree", Tree)
    assert welding.welded(crowd, faces)[1] == 0
    monkeypatch.setattr(welding, "_CROWD", 10**9)
    with pytest.raises(MemoryError):
        welding.welded(crowd, faces)
