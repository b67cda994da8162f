"""Surfaces by marching cubes in bricks: closed, facing outwards, of the right size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

from nfcodec.arrays import FloatArray
from nfcodec.errors import LimitError, UsageError
from nfcodec.exporters import bricks, export, surface
from nfcodec.exporters.bricks import Lattice, Surface
from nfcodec.layouts import DenseLayout, corner_coordinates, octree
from nfcodec.model.field import Field, Grid, Level, Occupancy
from nfcodec.model.networks import Input, Layer, Network
from tests.fields import placed_by, random_coded, random_field

CENTER = np.array([0.05, -0.1, 0.02])
RADIUS = 0.7


def _pass(name: str, *layers: Layer) -> Network:
    return Network(name, (Input("features"),), layers)


ONE = Layer(np.ones((1, 1), np.float32), None)


def _distance(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points - CENTER, axis=-1) - RADIUS


def sphere(kind: Any = "sdf", side: int = 33) -> Field:
    """The distance to a sphere (negated unless ``sdf``) on a lattice over [-1, 1]^3."""
    layout = DenseLayout((side,) * 3)
    points = corner_coordinates(layout) / (side - 1) * 2.0 - 1.0
    values = _distance(points)[:, None] * (1 if kind == "sdf" else -1)
    grid: Grid[Level] = Grid((Level(layout, 0, values.astype(np.float32)),))
    bounds = np.array([[-1.0, -1, -1], [1, 1, 1]])
    return Field(kind, bounds, (grid,), (_pass("values", ONE),))


def sphere_octree() -> Field:
    """The same sphere, the finer of its levels around the surface alone."""
    levels = []
    for lod, depth in enumerate((2, 4)):
        side = 2**depth
        axis = (np.arange(side) + 0.5) / side * 2 - 1
        z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
        near = np.abs(_distance(np.stack([x, y, z], -1))) < 1.8 / side
        layout = octree.from_cells(near | (lod == 0))
        points = corner_coordinates(layout) / side * 2.0 - 1.0
        values = _distance(points)
        if lod:  # what the coarse level does not say already
            values = values - _trilinear(levels[0].features, points)
        levels.append(Level(layout, lod, values[:, None].astype(np.float32)))
    return replace(sphere(), grids=(Grid(tuple(levels)),))


def _trilinear(features: FloatArray, points: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    cube = features.reshape(5, 5, 5)
    return np.asarray(map_coordinates(cube, ((points + 1) * 2).T[::-1], order=1))


def _mesh(found: Surface) -> trimesh.Trimesh:
    return trimesh.Trimesh(found.vertices, found.faces, process=False)


def _check_sphere(found: Surface, tolerance: float) -> None:
    mesh = _mesh(found)
    assert len(np.unique(found.vertices, axis=0)) == len(found.vertices)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.euler_number == 2
    assert np.abs(_distance(found.vertices)).max() < tolerance
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=2 * tolerance)
    outward = mesh.triangles_center - CENTER
    assert ((mesh.face_normals * outward).sum(1) > 0).all()


@pytest.mark.parametrize("resolution", [13, 16, 17, 40, 64])
def test_a_sphere_is_closed_across_bricks_and_faces_outwards(resolution: int) -> None:
    _check_sphere(surface.extract(sphere(), resolution=resolution, device="cpu"), 0.02)


@pytest.mark.parametrize("kind", ["scalar", "nerf"])
def test_inside_is_above_the_level_of_scalar_and_density(kind: Any) -> None:
    field = sphere(kind)
    if kind == "nerf":
        color = _pass("color", Layer(np.ones((3, 1), np.float32), None, "sigmoid"))
        field = replace(field, networks=(_pass("density", ONE), color))
    _check_sphere(surface.extract(field, level=0.0, resolution=40, device="cpu"), 0.02)
    shifted = surface.extract(field, level=0.3, resolution=40, device="cpu")
    assert _mesh(shifted).volume == pytest.approx(4 / 3 * np.pi * (RADIUS - 0.3) ** 3, rel=0.03)


def test_level_of_a_distance() -> None:
    grown = surface.extract(sphere(), level=0.1, resolution=40, device="cpu")
    assert _mesh(grown).volume == pytest.approx(4 / 3 * np.pi * (RADIUS + 0.1) ** 3, rel=0.02)


def test_an_octree_is_sampled_near_its_voxels_alone() -> None:
    field = sphere_octree()
    found = surface.extract(field, resolution=64, device="cpu")
    _check_sphere(found, 0.03)


def test_samples_far_from_the_surface_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    make = surface._sampler

    def counting(*arguments: Any) -> Any:
        sample = make(*arguments)

        def count(points: np.ndarray) -> Any:
            taken.append(len(points))
            return sample(points)

        return count

    monkeypatch.setattr(surface, "_sampler", counting)
    surface.extract(sphere(), resolution=96, device="cpu")
    assert sum(taken) < 0.7 * 97**3
    assert max(taken[1:]) <= 97**2  # one plane at a time after the coarse pass


def test_bricks_give_what_one_array_gives() -> None:
    field = sphere()
    found = surface.extract(field, resolution=32, device="cpu")
    cube = field.levels[0].features.reshape(33, 33, 33).transpose(2, 1, 0)
    vertices, faces, _, _ = marching_cubes(cube, 0.0, gradient_direction="descent")
    assert len(found.faces) == len(faces)
    assert len(found.vertices) == len(vertices)
    distance, _ = cKDTree(found.vertices).query(vertices / 32 * 2 - 1)
    assert distance.max() < 1e-5


def test_samples_on_the_level_leave_no_holes() -> None:
    """A box whose faces run exactly through lattice points."""
    layout = DenseLayout((17, 17, 17))
    points = corner_coordinates(layout) / 8.0 - 1.0
    values = np.abs(points).max(axis=1, keepdims=True) - 0.5
    grid: Grid[Level] = Grid((Level(layout, 0, values.astype(np.float32)),))
    field = replace(sphere(), grids=(grid,))
    for resolution in (16, 32, 48):
        mesh = _mesh(surface.extract(field, resolution=resolution, device="cpu"))
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(1.0, rel=0.1)  # marching cubes cuts edges off


def test_bounds_with_unequal_sides() -> None:
    field = replace(sphere(), bounds=np.array([[10.0, 0, -4], [14, 2, -1]]))
    found = surface.extract(field, resolution=50, device="cpu")
    scale = np.array([2.0, 1.0, 1.5])
    back = Surface((found.vertices - [12, 1, -2.5]) / scale, found.faces)
    _check_sphere(back, 0.02)
    lattice = Lattice.over(field, 50)
    assert lattice.cells == (50, 25, 38)


def test_density_is_looked_for_in_occupied_cells_alone() -> None:
    field = random_field("nerf", "dense")
    cells = np.zeros((4, 4, 4), np.bool_)
    cells[1, 2, 3] = True  # z, y, x
    field = replace(field, occupancy=Occupancy(cells))
    found = surface.extract(field, level=1e-3, resolution=40, device="cpu")
    low, high = found.vertices.min(0), found.vertices.max(0)
    assert (low >= np.array([0.5, 0, -0.5]) - 0.06).all()
    assert (high <= np.array([1.0, 0.5, 0]) + 0.06).all()


def test_default_resolution_follows_the_finest_level() -> None:
    assert surface.default_resolution(sphere(side=33)) == 128
    assert surface.default_resolution(sphere(side=141)) == 140
    assert surface.default_resolution(random_field("sdf", "none")) == 128
    placed = sphere(side=51)
    transform = np.array([[3, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], np.float32)
    placed = placed_by(placed, transform)
    assert surface.default_resolution(placed) == 150


@pytest.mark.parametrize("kind", ["scalar", "nerf"])
def test_a_level_is_needed_and_the_range_is_told(kind: Any) -> None:
    with pytest.raises(UsageError, match=r"needs --level; values seen in its box run from .* to"):
        surface.extract(random_field(kind, "octree"), resolution=20, device="cpu")


def test_a_level_nowhere_reached(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no surface at level 99; values seen"):
        export(sphere("scalar"), tmp_path / "a.ply", level=99, resolution=20, device="cpu")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_meshed() -> None:
    with pytest.raises(UsageError, match="3 dimensions"):
        surface.extract(random_field("scalar", "dense2d"), level=0, device="cpu")
    for resolution in (0, 5000):
        with pytest.raises(UsageError, match="resolution"):
            surface.extract(sphere(), resolution=resolution, device="cpu")


def test_too_many_triangles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bricks, "MAX_TRIANGLES", 100)
    with pytest.raises(LimitError, match="lower resolution"):
        surface.extract(sphere(), resolution=32, device="cpu")


@pytest.mark.parametrize("suffix", [".ply", ".glb", ".stl", ".PLY"])
def test_mesh_files_hold_the_surface(tmp_path: Path, suffix: str) -> None:
    path = export(sphere(), tmp_path / f"a{suffix}", resolution=24, device="cpu")
    mesh = trimesh.load(path, force="mesh", file_type=suffix[1:].lower())
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.03)


def test_coded_fields_and_lods_are_meshed(tmp_path: Path) -> None:
    coded = random_coded("sdf", "octree")
    volumes = []
    for lod in (0, 2):
        path = export(coded, tmp_path / f"{lod}.ply", lod=lod, resolution=24, device="cpu")
        volumes.append(trimesh.load(path).volume)
    assert volumes[0] != pytest.approx(volumes[1], rel=1e-3)


class _Log:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def start(self, label: str, total: int, done: int = 0) -> None:
        self.calls.append((label, total))

    def update(self, done: int, **figures: float) -> None:
        self.calls.append(done)

    def finish(self) -> None:
        self.calls.append("end")


def test_progress_counts_slabs() -> None:
    log = _Log()
    surface.extract(sphere(), resolution=40, device="cpu", progress=log)
    assert log.calls == [("marching cubes", 3), 1, 2, 3, "end"]


def test_normals_of_vertices_face_outwards() -> None:
    found = surface.extract(sphere(), resolution=24)
    outwards = (found.vertices - CENTER) / RADIUS
    assert (surface.vertex_normals(found) * outwards).sum(axis=1).min() > 0.98


@pytest.mark.parametrize("suffix", [".ply", ".glb"])
def test_a_radiance_field_has_its_colors(tmp_path: Path, suffix: str) -> None:
    color = np.array([0.2, 0.5, 0.9], np.float32)
    field = sphere("nerf")
    constant = Layer(np.zeros((3, 1), np.float32), color)
    field = replace(field, networks=(_pass("density", ONE), _pass("colour", constant)))
    path = export(field, tmp_path / f"out{suffix}", level=0.0, resolution=16)
    if suffix == ".ply":
        seen = trimesh.load(path, force="mesh").visual.vertex_colors[:, :3] / 255.0
    else:
        seen = glb_colors(path)[:, :3]
    wanted = color if suffix == ".ply" else ((color + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(seen, np.broadcast_to(wanted, seen.shape), atol=0.003)


def test_a_surface_without_colors_is_gray(tmp_path: Path) -> None:
    path = export(sphere(), tmp_path / "out.ply", resolution=12)
    assert len(np.unique(trimesh.load(path, force="mesh").visual.vertex_colors, axis=0)) == 1


def _glb(path: Path) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary chunk of a GLB."""
    data = path.read_bytes()
    length = int.from_bytes(data[12:16], "little")
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def glb_colors(path: Path) -> np.ndarray:
    tree, binary = _glb(path)
    accessor = tree["accessors"][tree["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"]]
    assert (accessor["componentType"], accessor["normalized"]) == (5123, True)
    view = tree["bufferViews"][accessor["bufferView"]]
    part = binary[view.get("byteOffset", 0) :][: view["byteLength"]]
    return np.frombuffer(part, np.uint16).reshape(accessor["count"], 4) / 65535.0


def test_a_mesh_for_gltf_has_normals_and_is_no_metal(tmp_path: Path) -> None:
    path = export(sphere(), tmp_path / "out.glb", resolution=12)
    tree, _ = _glb(path)
    (primitive,) = tree["meshes"][0]["primitives"]
    assert {"POSITION", "NORMAL", "COLOR_0"} <= primitive["attributes"].keys()
    material = tree["materials"][primitive["material"]]
    assert material["pbrMetallicRoughness"]["metallicFactor"] == 0.0
