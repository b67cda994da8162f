"""Polygons to triangles: the polygon's own area, all of its corners, no triangle turned over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.data.mesh_files import polygons
from nfcodec.data.mesh_files.source import MeshFile
from nfcodec.errors import LimitError

FILE = MeshFile(Path("shape.obj"), b"")

SHAPES = {
    "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
    "arrowhead": [(0, 0), (2, 1), (0, 2), (1, 1)],
    "L": [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)],
    "triangle with a corner on a side": [(0, 0), (1, 0), (2, 0), (0, 2)],
    "square with corners on all sides": [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2),
                                         (0, 1)],
    "comb": [(0, 0), (9, 0), *[(9 - i, 5 if i % 2 else 1) for i in range(1, 9)]],
    "square with a square hole": [(0, 0), (3, 0), (3, 3), (0, 3), (0, 0), (1, 1), (1, 2), (2, 2),
                                  (2, 1), (1, 1)],
    "spiral": [(0, 0), (5, 0), (5, 5), (1, 5), (1, 2), (3, 2), (3, 3), (2, 3), (2, 4), (4, 4),
               (4, 1), (0, 1)],
}  # fmt: skip


def area(ring: npt.NDArray[np.float64]) -> float:
    x, y = ring.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def in_space(ring: npt.NDArray[np.float64], far: float = 0.0) -> npt.NDArray[np.float64]:
    """A ring in an oblique plane."""
    first, second = np.array([2.0, 2, 1]) / 3, np.array([-2.0, 1, 2]) / 3
    return ring[:, :1] * first + ring[:, 1:] * second + far


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("far", [0.0, 4.6e6])
def test_areas(name: str, far: float) -> None:
    ring = np.array(SHAPES[name], float)
    normal = np.cross(*np.array([[2.0, 2, 1], [-2.0, 1, 2]]) / 3)
    for first in range(len(ring)):
        for way in (1, -1):
            turned = np.roll(ring, -first, axis=0)[::way]
            places = in_space(turned, far)
            found = polygons.triangulate(FILE, places, [np.arange(len(ring))[None]])
            assert found.shape == (len(ring) - 2, 3)
            assert set(found.ravel()) == set(range(len(ring)))
            a, b, c = (places[found[:, i]] for i in range(3))
            areas = np.cross(b - a, c - a) @ normal / 2
            assert (areas * np.sign(area(turned)) > 1e-3).all()
            assert areas.sum() == pytest.approx(area(turned), rel=1e-6)


def test_quads_that_are_not_flat_keep_their_corners() -> None:
    places = np.array([[0, 0, 0], [1, 0, 0.3], [1, 1, 0], [0, 1, 0.3]])
    found = polygons.triangulate(FILE, places, [np.array([[0, 1, 2, 3]])])
    assert found.tolist() == [[0, 1, 2], [0, 2, 3]]
    places = np.array([[0, 0, 0], [2, 1, 0.1], [0, 2, 0], [0.5, 1, -0.1]])  # corner 3 is bent in
    found = polygons.triangulate(FILE, places, [np.array([[0, 1, 2, 3]])])
    assert {frozenset(row) for row in found.tolist()} == {
        frozenset({0, 1, 3}),
        frozenset({1, 2, 3}),
    }


def test_bent_polygons_are_cut_in_the_plane_that_fits_them() -> None:
    ring = np.array(SHAPES["L"], float)
    heights = 0.02 * np.cos(3.0 * np.arange(len(ring)))
    places = np.column_stack([ring, heights])
    found = polygons.triangulate(FILE, places, [np.arange(len(ring))[None]])
    a, b, c = (ring[found[:, i]] for i in range(3))
    u, v = b - a, c - a
    areas = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(3.0)


def test_a_star_turns_twice_and_is_said_to_cross_itself() -> None:
    angles = 4 * np.pi / 5 * np.arange(5)
    places = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(5)])
    file = MeshFile(Path("star.obj"), b"")
    found = polygons.triangulate(file, places, [np.arange(5)[None]])
    assert found.shape == (3, 3)
    assert "1 polygons cross themselves" in file.warnings[0]


def test_polygons_without_area() -> None:
    places = np.zeros((6, 3))
    places[:, 0] = [0, 1, 2, 3, 2, 1]
    for count in (3, 4, 5, 6):
        found = polygons.triangulate(FILE, places, [np.arange(count)[None]])
        assert found.shape == (count - 2, 3)
    places[2] = np.nan
    assert polygons.triangulate(FILE, places, [np.arange(6)[None]]).shape == (4, 3)


def test_random_rings() -> None:
    rng = np.random.default_rng(0)
    groups, places, total = [], [], 0.0
    for count in rng.integers(5, 60, 40):
        radius = rng.uniform(0.2, 1, count)
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        groups.append(sum(map(len, places)) + np.arange(count)[None])
        places.append(np.column_stack([ring, np.zeros(count)]))
        total += area(ring)
    corners = np.concatenate(places)
    found = polygons.triangulate(FILE, corners, groups)
    a, b, c = (corners[found[:, i]] for i in range(3))
    areas = np.cross(b - a, c - a)[:, 2] / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(total)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = np.column_stack([np.array(SHAPES["comb"], float), np.zeros(10)])
    monkeypatch.setattr(polygons, "MAX_CORNERS", 9)
    with pytest.raises(LimitError, match="up to 10 corners"):
        polygons.triangulate(FILE, ring, [np.arange(10)[None]])
