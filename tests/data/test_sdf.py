"""Distances, signs, samples and octrees, each against a slow and simple reference."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.data import bvh, orientation, sdf
from nfcodec.data.meshes import Mesh, bounding_cube, clean
from nfcodec.data.voxels import octree_from_surface
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.layouts import morton
from tests.data.shapes import cube, sphere, torus

Floats = npt.NDArray[np.float64]
BOX = np.array([[-1.0, -1, -1], [1, 1, 1]])


def _reference_distance(points: Floats, mesh: Mesh) -> Floats:
    """(P,) all triangles for all points: the plane's foot if inside, else the nearest edge."""
    best = np.full(len(points), np.inf)
    for a, b, c in mesh.triangles:
        for p, q in ((a, b), (b, c), (c, a)):
            t = np.clip((points - p) @ (q - p) / ((q - p) @ (q - p)), 0, 1)[:, None]
            best = np.minimum(best, np.linalg.norm(points - p - t * (q - p), axis=1))
        n = np.cross(b - a, c - a)
        if n @ n < 1e-24:
            continue
        height = (points - a) @ n / np.sqrt(n @ n)
        foot = points - height[:, None] * n / np.sqrt(n @ n)
        inside = np.ones(len(points), np.bool_)
        for p, q in ((a, b), (b, c), (c, a)):
            inside &= np.cross(q - p, foot - p) @ n >= 0
        best = np.where(inside, np.minimum(best, np.abs(height)), best)
    return best


def _reference_winding(points: Floats, mesh: Mesh) -> Floats:
    total = np.zeros(len(points))
    for tri in mesh.triangles:
        a, b, c = (corner - points for corner in tri)
        la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
        top = np.einsum("ij,ij->i", a, np.cross(b, c))
        bottom = la * lb * lc
        for u, v, w in ((a, b, lc), (b, c, la), (c, a, lb)):
            bottom = bottom + np.einsum("ij,ij->i", u, v) * w
        total += 2 * np.arctan2(top, bottom)
    return total / (4 * np.pi)


def _cube_sdf(points: Floats, half: float) -> Floats:
    q = np.abs(points) - half
    out = np.linalg.norm(np.maximum(q, 0), axis=1)
    return np.asarray(out + np.minimum(q.max(axis=1), 0))


def _points(count: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).uniform(-1, 1, (count, 3))


@pytest.mark.parametrize("mesh", [cube(), torus(), sphere(0.6, 9, 14)], ids=lambda m: m.source)
def test_distance_is_exact(mesh: Mesh) -> None:
    surface = sdf.SurfaceDistance(mesh)
    points = np.concatenate([_points(500), mesh.vertices, mesh.triangles.mean(axis=1)])
    found = surface.closest(points)
    np.testing.assert_allclose(found.distances, _reference_distance(points, mesh), atol=1e-14)
    np.testing.assert_allclose(
        np.linalg.norm(points - found.points, axis=1), found.distances, atol=1e-14
    )
    # the point given lies on the face given
    single = np.array([
        _reference_distance(p[None], Mesh(mesh.vertices, mesh.faces[[f]]))[0]
        for p, f in zip(found.points[:200], found.faces[:200], strict=True)
    ])  # fmt: skip
    np.testing.assert_allclose(single, 0, atol=1e-14)


def test_sign_and_distance_of_a_cube() -> None:
    points = np.concatenate([_points(3000), np.round(_points(1000) * 4) / 4])  # many on edges
    surface = sdf.SurfaceDistance(cube(0.5))
    np.testing.assert_allclose(surface.signed(points), _cube_sdf(points, 0.5), atol=1e-14)
    by_winding = sdf.SurfaceDistance(cube(0.5), "winding").signed(points)
    np.testing.assert_allclose(by_winding, _cube_sdf(points, 0.5), atol=1e-14)


@pytest.mark.parametrize("mesh", [torus(), sphere(0.6, 20, 30)], ids=lambda m: m.source)
def test_both_signs_agree_with_the_exact_winding_number(mesh: Mesh) -> None:
    points = _points(800, seed=2)
    inside = _reference_winding(points, mesh) > 0.5
    assert 0.01 < inside.mean() < 0.5
    np.testing.assert_array_equal(sdf.SurfaceDistance(mesh).signed(points) < 0, inside)
    np.testing.assert_array_equal(sdf.SurfaceDistance(mesh, "winding").signed(points) < 0, inside)


def test_pseudonormals_see_sharp_corners() -> None:
    """A spike whose tip faces points for which single face normals give the wrong sign."""
    spike = clean([[0, 0, 1.0], [0.1, 0, 0], [-0.05, 0.09, 0], [-0.05, -0.09, 0]],
                  [[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])  # fmt: skip
    points = np.random.default_rng(1).normal(size=(2000, 3)) * 0.3 + [0, 0, 1]
    inside = _reference_winding(points, spike) > 0.5
    np.testing.assert_array_equal(sdf.SurfaceDistance(spike).signed(points) < 0, inside)


def test_slivers_and_zero_area_faces() -> None:
    """A cube one of whose edges has a vertex more, closed by a face without area."""
    base = cube(0.5)
    start, end, other = (int(v) for v in base.faces[0])
    middle = base.vertices[[start, end]].mean(axis=0, keepdims=True)
    kept, new = base.faces[1:], [[start, 8, other], [8, end, other], [start, end, 8]]
    mesh = clean(np.concatenate([base.vertices, middle]), np.concatenate([kept, new]), "split")
    assert mesh.watertight
    assert (mesh.areas == 0).sum() == 1
    points = _points(2000, seed=5)
    signed = sdf.SurfaceDistance(mesh).signed(points)
    np.testing.assert_allclose(signed, _cube_sdf(points, 0.5), atol=1e-14)


def test_needle_triangles_are_exact() -> None:
    """Rounding leaves a thin triangle's plane and barycentric weights without meaning."""
    rng = np.random.default_rng(7)
    corners = rng.uniform(-1, 1, (120, 3, 3))
    for i, width in enumerate(np.repeat([0, 1e-17, 1e-15, 1e-13, 1e-11, 1e-3], 20)):
        t = rng.uniform(-1, 2)
        corners[i, 2] = corners[i, 0] * (1 - t) + corners[i, 1] * t + width * rng.normal(size=3)
        rng.shuffle(corners[i])
    points = _points(200, seed=8)
    for triangle in corners:
        mesh = Mesh(triangle, np.array([[0, 1, 2]]))
        found = sdf.NearestPoints(mesh)(points)
        np.testing.assert_allclose(found.distances, _reference_distance(points, mesh), atol=1e-10)


@pytest.mark.parametrize("faces", [1, 2, 3, 4, 5, 7, 13, 100])
def test_trees_of_any_size(faces: int) -> None:
    rng = np.random.default_rng(faces)
    corners = rng.uniform(-1, 1, (faces, 3, 3))
    mesh = Mesh(corners.reshape(-1, 3), np.arange(3 * faces).reshape(-1, 3))
    tree = bvh.build(mesh.triangles)
    np.testing.assert_array_equal(np.unique(tree.faces), np.arange(faces))
    assert (~tree.copies).sum() == faces
    points = _points(200)
    np.testing.assert_allclose(
        sdf.NearestPoints(mesh)(points).distances, _reference_distance(points, mesh), atol=1e-13
    )
    numbers = orientation.winding(mesh.triangles, points)
    np.testing.assert_allclose(numbers, _reference_winding(points, mesh), atol=0.06)


def test_winding_number_is_near_the_exact_one() -> None:
    mesh = sphere(0.6, 20, 30)
    points = _points(500, seed=3)
    error = np.abs(sdf.SurfaceDistance(mesh).winding(points) - _reference_winding(points, mesh))
    assert error.max() < 0.06
    assert error.mean() < 0.01
    tree = bvh.build(mesh.triangles)
    exact = bvh.winding(tree, bvh.moments(tree), points, 1e9)  # no node is far enough
    np.testing.assert_allclose(exact, _reference_winding(points, mesh), atol=1e-12)
    errors = [
        np.abs(bvh.winding(tree, bvh.moments(tree), points, beta) - exact).mean()
        for beta in (2.0, 4.0, 8.0)
    ]
    assert errors[1] < errors[0] / 3  # two terms: the error falls with the square of beta
    assert errors[2] < errors[1] / 3


def test_winding_sign_of_an_open_mesh() -> None:
    base = sphere(0.6, 20, 30)
    mesh = clean(base.vertices, base.faces[60:], "open")  # without two rings at the pole
    assert not mesh.watertight
    with pytest.raises(DamagedFileError, match="1 hole with"):
        sdf.SurfaceDistance(mesh)
    points = _points(1000, seed=4)
    far = np.abs(np.linalg.norm(points, axis=1) - 0.6) > 0.1
    away = points[:, 2] < 0.3
    signed = sdf.SurfaceDistance(mesh, "winding").signed(points)
    np.testing.assert_array_equal(
        signed[far & away] < 0, np.linalg.norm(points, axis=1)[far & away] < 0.6
    )


def test_bad_requests() -> None:
    with pytest.raises(UsageError, match="parity"):
        sdf.SurfaceDistance(cube(), "parity")  # type: ignore[arg-type]
    surface = sdf.SurfaceDistance(cube())
    with pytest.raises(UsageError, match="shape"):
        surface.signed([1.0, 2.0, 3.0])
    with pytest.raises(UsageError, match="NaN"):
        surface.signed([[0.0, np.nan, 0.0]])
    assert surface.signed(np.zeros((0, 3))).shape == (0,)
    np.testing.assert_allclose(surface.signed(np.zeros((1, 3))), [-0.5])


def test_surface_samples_are_even() -> None:
    mesh = torus()
    points, faces = sdf.sample_surface(mesh, 40_000, seed=1)
    assert sdf.SurfaceDistance(mesh).closest(points).distances.max() < 1e-14
    share = np.bincount(faces, minlength=len(mesh.faces)) / 40_000
    expected = mesh.areas / mesh.areas.sum()
    assert np.abs(share - expected).max() < 5 * np.sqrt(expected.max() / 40_000)
    # and even within a face: the mean of many uniform points is the centroid
    one = Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]]))
    inside, _ = sdf.sample_surface(one, 40_000, seed=2)
    np.testing.assert_allclose(inside.mean(axis=0), [1 / 3, 1 / 3, 0], atol=0.01)
    np.testing.assert_allclose((inside[:, 0] ** 2).mean(), 1 / 6, atol=0.01)


def test_training_samples() -> None:
    mesh = torus()
    surface = sdf.SurfaceDistance(mesh)
    bounds = bounding_cube(mesh)
    got = sdf.sample(surface, bounds, 5000, seed=3)
    assert got.points.shape == (5000, 3)
    assert got.points.dtype == got.distances.dtype == np.float32
    assert (got.points >= bounds[0].astype(np.float32)).all()
    assert (got.points <= bounds[1].astype(np.float32)).all()
    np.testing.assert_allclose(got.distances, surface.signed(got.points), atol=1e-6)
    assert (np.abs(got.distances) < 1e-6).mean() == pytest.approx(0.4, abs=0.01)
    assert (np.abs(got.distances) < 0.1).mean() > 0.75
    assert (got.distances[:500] == 0).mean() < 0.9  # shuffled
    again = sdf.sample(surface, bounds, 5000, seed=3)
    np.testing.assert_array_equal(got.points, again.points)
    other = sdf.sample(surface, bounds, 5000, seed=3, held_out=True)
    both = np.concatenate([got.points, other.points])
    assert len(np.unique(both, axis=0)) == len(both)
    uniform = sdf.sample_uniform(bounds, 1000, seed=3)
    assert not np.array_equal(uniform, sdf.sample_uniform(bounds, 1000, seed=3, held_out=True))
    assert (np.ptp(uniform, axis=0) > 0.95 * (bounds[1] - bounds[0])).all()


@pytest.mark.parametrize("mesh", [cube(0.5), torus(), sphere(0.7, 6, 8)], ids=lambda m: m.source)
def test_octree_holds_every_voxel_that_the_surface_touches(mesh: Mesh) -> None:
    depth = 4
    layout = octree_from_surface(mesh, BOX, depth)
    assert (np.diff(layout.voxels.astype(np.int64)) > 0).all()
    cells = morton.decode(layout.voxels)
    # every surface point's voxel is there
    points, _ = sdf.sample_surface(mesh, 100_000, seed=0)
    index = np.floor((points + 1) / 2 * 2**depth).astype(np.int64)
    assert np.isin(morton.encode(index), layout.voxels).all()
    # and every voxel is really touched: the surface is within half a diagonal of its center, and
    # a fine sampling comes close to the voxel itself
    side = 2 / 2**depth
    centers = -1 + (cells + 0.5) * side
    distance = sdf.SurfaceDistance(mesh).closest(centers).distances
    assert (distance <= np.sqrt(3) / 2 * side + 1e-9).all()
    from scipy.spatial import cKDTree

    gap = np.empty(len(cells))
    tree = cKDTree(points)
    for i, near in enumerate(tree.query_ball_point(centers, side)):
        outside = np.maximum(np.abs(points[near] - centers[i]) - side / 2, 0)
        gap[i] = np.linalg.norm(outside, axis=1).min(initial=np.inf)
    assert gap.max() < 0.02


def test_octree_takes_voxels_on_both_sides_of_a_shared_face() -> None:
    layout = octree_from_surface(cube(0.5), BOX, 2)  # faces lie exactly between voxels
    cells = {tuple(int(c) for c in cell) for cell in morton.decode(layout.voxels)}
    assert cells == {(x, y, z) for x in range(4) for y in range(4) for z in range(4)}


def test_octree_clips_to_the_bounds() -> None:
    layout = octree_from_surface(cube(0.5), np.array([[0.0, 0, 0], [1, 1, 1]]), 3)
    cells = morton.decode(layout.voxels)
    assert cells.max() == 4
    assert cells.min() == 0
    with pytest.raises(UsageError, match="inside the bounds"):
        octree_from_surface(cube(0.5), BOX + 10, 3)
    with pytest.raises(UsageError, match="depth"):
        octree_from_surface(cube(0.5), BOX, 11)


def test_octree_levels_nest() -> None:
    fine = octree_from_surface(torus(), BOX, 5)
    coarse = octree_from_surface(torus(), BOX, 4)
    assert np.isin(fine.voxels >> np.uint64(3), coarse.voxels).all()


@pytest.mark.parametrize(("wrong", "said"), [(1, 0), (2000, 1)])
def test_a_few_roundings_do_not_make_a_surface_cross_itself(
    monkeypatch: pytest.MonkeyPatch, wrong: int, said: int
) -> None:
    distance = sdf.SurfaceDistance(cube(0.5))
    points = sdf.sample_uniform(np.array([[-1.0] * 3, [1.0] * 3]), 200_000, 0)
    inside = distance.inside(points)
    inside[:wrong] ^= True
    monkeypatch.setattr(distance, "inside", lambda at: inside)
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        signed = distance.signed(points)
    assert len(given) == said
    np.testing.assert_array_equal(signed < 0, inside)
