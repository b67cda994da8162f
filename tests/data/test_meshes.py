"""Meshes: every format, cleaning, orientation, and each way a mesh can be unusable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec.data import mesh_files, meshes
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError
from tests.data.shapes import cube, sphere, torus


def _volume(mesh: meshes.Mesh) -> float:
    a, b, c = (mesh.triangles[:, i] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_measures_of_a_cube() -> None:
    mesh = cube(0.5)
    assert mesh.vertices.shape == (8, 3)
    assert mesh.faces.shape == (12, 3)
    assert mesh.watertight
    assert mesh.holes == 0
    assert _volume(mesh) == pytest.approx(1)
    np.testing.assert_allclose(mesh.areas, 0.5)
    np.testing.assert_array_equal(mesh.bounds, [[-0.5] * 3, [0.5] * 3])
    outward = (mesh.normals * mesh.triangles.mean(axis=1)).sum(axis=1)
    np.testing.assert_allclose(outward, 0.5)


@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl", ".glb"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    trimesh = pytest.importorskip("trimesh")
    mesh = torus()
    path = tmp_path / f"torus{suffix}"
    trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).export(path)
    loaded = meshes.load(path)
    assert loaded.watertight
    assert loaded.vertices.shape == mesh.vertices.shape  # STL's soup is merged
    assert loaded.faces.shape == mesh.faces.shape
    assert _volume(loaded) == pytest.approx(_volume(mesh), rel=1e-5)
    assert loaded.vertices.dtype == np.float64
    assert loaded.faces.dtype == np.int64
    assert loaded.source == str(path)


def test_scene_of_placed_parts(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    part = trimesh.Trimesh(cube().vertices, cube().faces, process=False)
    scene = trimesh.Scene()
    moved, mirrored = np.eye(4), np.diag([-1.0, 1, 1, 1])
    moved[0, 3], mirrored[0, 3] = 5, -5
    scene.add_geometry(part, transform=moved)
    scene.add_geometry(part, transform=mirrored)
    scene.export(tmp_path / "two.glb")
    mesh = meshes.load(tmp_path / "two.glb")
    np.testing.assert_allclose(mesh.bounds, [[-5.5, -0.5, -0.5], [5.5, 0.5, 0.5]])
    assert _volume(mesh) == pytest.approx(2)  # the mirrored part is not inside out


def test_seams_of_texture_charts_are_closed(tmp_path: Path) -> None:
    lines = []
    mesh = cube()
    for corner in mesh.triangles.reshape(-1, 3):  # no two faces share a vertex
        lines.append("v {} {} {}".format(*corner))
        lines.append("vt 0.1 0.2")
    for i in range(len(mesh.faces)):
        lines.append("f " + " ".join(f"{3 * i + j + 1}/{3 * i + j + 1}" for j in range(3)))
    (tmp_path / "seams.obj").write_text("mtllib gone.mtl\n" + "\n".join(lines))
    loaded = meshes.load(tmp_path / "seams.obj")
    assert loaded.vertices.shape == (8, 3)
    assert loaded.watertight


def test_zero_has_one_sign() -> None:
    mesh = meshes.clean([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [-0.0, 0, 0], [0, 0, 1]],
                        [[0, 2, 1], [3, 1, 4], [3, 4, 2], [1, 2, 4]])  # fmt: skip
    assert mesh.vertices.shape == (4, 3)
    assert mesh.watertight


def test_degenerate_faces_and_loose_vertices_go() -> None:
    base = cube()
    vertices = np.concatenate([base.vertices, [[9.0, 9, 9]]])
    faces = np.concatenate([base.faces, [[0, 0, 1], [2, 3, 2]]])
    mesh = meshes.clean(vertices, faces)
    assert mesh.faces.shape == (12, 3)
    assert mesh.bounds[1].max() == 0.5
    with pytest.raises(DamagedFileError, match="degenerate"):
        meshes.clean([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2]])
    with pytest.raises(DamagedFileError, match="degenerate"):
        meshes.clean([[0, 0, 0], [1, 0, 0]], [[0, 1, 1]])


def test_orientation_is_made_consistent_and_outward() -> None:
    base = sphere()
    rng = np.random.default_rng(0)
    flipped = base.faces.copy()
    some = rng.random(len(flipped)) < 0.3
    flipped[some] = flipped[some, ::-1]
    for faces, count in ((flipped, some.sum()), (base.faces[:, ::-1], len(flipped))):
        with pytest.warns(UserWarning, match=f"mesh: {count} of 528 faces, in 1 of 1 parts, faced"):
            mesh = meshes.clean(base.vertices, faces)
        assert _volume(mesh) == pytest.approx(_volume(base))
        assert ((mesh.normals * mesh.triangles.mean(axis=1)).sum(axis=1) > 0).all()


def test_each_part_keeps_the_way_of_most_of_its_faces() -> None:
    shell, cavity = sphere(0.6), sphere(0.3)
    inward = cavity.faces[:, ::-1] + len(shell.vertices)
    inward[0] = inward[0, ::-1]
    outward = shell.faces.copy()
    outward[5] = outward[5, ::-1]
    with pytest.warns(UserWarning, match="2 of 1056 faces, in 2 of 2 parts"):
        mesh = meshes.clean(np.concatenate([shell.vertices, cavity.vertices]),
                            np.concatenate([outward, inward]))  # fmt: skip
    assert _volume(mesh) == pytest.approx(_volume(shell) - _volume(cavity))


def test_one_sided_surface() -> None:
    turns = 12
    phi = np.linspace(0, 2 * np.pi, turns, endpoint=False)
    strip = [
        [(1 + w * np.cos(p / 2)) * np.cos(p), (1 + w * np.cos(p / 2)) * np.sin(p),
         w * np.sin(p / 2)] for p in phi for w in (-0.3, 0.3)
    ]  # fmt: skip
    faces = []
    for i in range(turns):
        a, b = 2 * i, 2 * i + 1
        c, d = (2 * i + 2, 2 * i + 3) if i < turns - 1 else (1, 0)  # the twist
        faces += [(a, c, b), (b, c, d)]
    with pytest.raises(DamagedFileError, match="one side"):
        meshes.clean(strip, faces)


def test_holes_are_counted() -> None:
    base = sphere()
    keep = np.ones(len(base.faces), np.bool_)
    keep[[0, 100, 101]] = False  # one triangle at the pole; two that share an edge
    mesh = meshes.clean(base.vertices, base.faces[keep], "ball.obj")
    assert not mesh.watertight
    assert mesh.holes == 2
    assert len(mesh.boundary_edges) == 3 + 4
    with pytest.raises(DamagedFileError, match=r"ball\.obj.*2 holes with 7 boundary.*--sign wind"):
        mesh.require_watertight()
    base.require_watertight()


def test_parts_that_touch_along_an_edge_are_watertight() -> None:
    one = cube()
    two = one.vertices + np.array([1.0, 1.0, 0.0])
    mesh = meshes.clean(np.concatenate([one.vertices, two]),
                        np.concatenate([one.faces, one.faces + 8]))  # fmt: skip
    assert len(mesh.vertices) == 14
    assert mesh.watertight


def test_no_faces(tmp_path: Path) -> None:
    (tmp_path / "points.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    with pytest.raises(DamagedFileError, match=r"points\.obj"):
        meshes.load(tmp_path / "points.obj")
    with pytest.raises(DamagedFileError, match="no faces"):
        meshes.clean([[0, 0, 0]], np.zeros((0, 3)))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_vertices_that_are_no_places(value: float) -> None:
    vertices = cube().vertices.copy()
    vertices[3, 1] = value
    with pytest.raises(DamagedFileError, match=r"1 of 8 vertices hold NaN.*vertex 3"):
        meshes.clean(vertices, cube().faces)


def test_faces_that_use_absent_vertices() -> None:
    with pytest.raises(DamagedFileError, match="vertex 8 of 8"):
        meshes.clean(cube().vertices, np.concatenate([cube().faces, [[0, 1, 8]]]))


@pytest.mark.parametrize("suffix", mesh_files.SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"hello world\n" * 20,
                                     b"ply\nformat binary_little_endian 1.0\n"
                                     b"element vertex 999999999999\nproperty float x\n"
                                     b"property float y\nproperty float z\n"
                                     b"end_header\n\x00"])  # fmt: skip
def test_damaged_files(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match="bad"):
        meshes.load(path)


@pytest.mark.filterwarnings("ignore:.*cut:UserWarning")
@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl", ".glb"])
def test_cut_files_raise_or_load(tmp_path: Path, suffix: str) -> None:
    trimesh = pytest.importorskip("trimesh")
    whole = tmp_path / f"whole{suffix}"
    trimesh.Trimesh(cube().vertices, cube().faces, process=False).export(whole)
    content = whole.read_bytes()
    path = tmp_path / f"cut{suffix}"
    for end in range(0, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:end])
        try:
            assert len(meshes.load(path).faces) <= 12
        except DamagedFileError as error:
            assert "cut" in str(error)  # noqa: PT017


def test_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no such file"):
        meshes.load(tmp_path / "none.obj")
    (tmp_path / "folder.obj").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        meshes.load(tmp_path / "folder.obj")
    (tmp_path / "mesh.fbx").write_text("x")
    with pytest.raises(UnsupportedError, match=r"\.fbx"):
        meshes.load(tmp_path / "mesh.fbx")
    (tmp_path / "mesh.obj").write_text("x" * 50)
    monkeypatch.setattr(mesh_files, "MAX_FILE_BYTES", 49)
    with pytest.raises(LimitError, match="50 bytes"):
        meshes.load(tmp_path / "mesh.obj")
    monkeypatch.setattr(meshes, "MAX_FACES", 11)
    with pytest.raises(LimitError, match="12 faces"):
        cube()


def test_bounding_cube() -> None:
    mesh = meshes.clean(torus().vertices * [1, 1, 3] + [5, 0, 0], torus().faces)
    bounds = meshes.bounding_cube(mesh, margin=0.1)
    np.testing.assert_allclose(bounds[1] - bounds[0], 1.4 * 1.1)
    np.testing.assert_allclose(bounds.mean(axis=0), [5, 0, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("name", "vertices", "holes"),
    [("spot", 2930, 0), ("bob", 5344, 0), ("armadillo", 49990, 0), ("bunny_holes", 2503, 4)],
)
def test_shared_meshes(data_dir: Path, name: str, vertices: int, holes: int) -> None:
    mesh = meshes.load(data_dir / f"meshes/{name}.obj")
    assert len(mesh.vertices) == vertices
    assert mesh.holes == holes
    assert mesh.watertight == (holes == 0)
