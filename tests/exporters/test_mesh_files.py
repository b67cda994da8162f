"""What mesh files keep: which way is up, dark colors, and places far from the origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UsageError
from nfcodec.exporters import export, mesh_files
from nfcodec.exporters.bricks import Surface
from nfcodec.exporters.samples import write as write_samples
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Layer, Network
from tests.data.solids import box
from tests.exporters.test_surface import glb_colors

UTM = np.array([500_000.0, 4_600_000.0, 120.0])
RADIUS = 6.0


def far_ball(half: float = 10.0, side: int = 65) -> Field:
    """The distance to a sphere of 6 m in map coordinates."""
    axis = np.linspace(-half, half, side)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    values = np.sqrt(x**2 + y**2 + z**2).reshape(-1, 1) - 0.6 * half
    layer = Layer(np.ones((1, 1), np.float32), None, "none")
    return Field(
        "sdf", np.array([UTM - half, UTM + half]),
        (Grid((Level(DenseLayout((side,) * 3), 0, values.astype(np.float32)),)),),
        (Network("distance", (Input("features"),), (layer,)),),
    )  # fmt: skip


def places(path: Path) -> np.ndarray:
    """(V, 3) vertices as a reader places them, in double precision."""
    loaded: Any = trimesh.load(path, process=False)
    return np.asarray(loaded.to_mesh().vertices if path.suffix == ".glb" else loaded.vertices)


@pytest.mark.parametrize("suffix", [".ply", ".glb"])
def test_a_surface_far_from_the_origin_is_where_it_is(tmp_path: Path, suffix: str) -> None:
    path = export(far_ball(), tmp_path / f"ball{suffix}", resolution=64, device="cpu")
    off = np.linalg.norm(places(path) - UTM, axis=1) - RADIUS
    assert np.abs(off).max() < 0.01


def test_stl_cannot_hold_places_far_from_the_origin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"single precision.* size 12 at .* 4\.6e\+06.*\.ply"):
        export(far_ball(), tmp_path / "ball.stl", resolution=32, device="cpu")
    assert not list(tmp_path.iterdir())
    near = replace(far_ball(), bounds=np.array([[90.0] * 3, [110.0] * 3]))
    path = export(near, tmp_path / "near.stl", resolution=32, device="cpu")
    assert np.abs(np.linalg.norm(places(path) - 100, axis=1) - RADIUS).max() < 0.02


def test_samples_far_from_the_origin_are_the_field(tmp_path: Path) -> None:
    write_samples(far_ball(), tmp_path / "a.npz", resolution=20, device="cpu")
    values = np.load(tmp_path / "a.npz")["values"][..., 0]
    axis = np.arange(20) + 0.5 - 10
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    np.testing.assert_allclose(values, np.sqrt(x**2 + y**2 + z**2) - RADIUS, atol=0.05)


def test_a_field_too_far_for_single_precision_is_told_what_to_do() -> None:
    with pytest.raises(InvalidFieldError, match=r"no box in single precision.* origin"):
        check_field(replace(far_ball(), bounds=np.array([UTM - 1, UTM + 1])), "it")


def test_single_precision_is_kept_where_it_is_enough(tmp_path: Path) -> None:
    near = replace(far_ball(), bounds=np.array([[-1.0] * 3, [1.0] * 3]))
    path = export(near, tmp_path / "near.ply", resolution=16, device="cpu")
    assert b"property float x" in path.read_bytes()[:200]
    path = export(far_ball(), tmp_path / "far.ply", resolution=16, device="cpu")
    assert b"property double x" in path.read_bytes()[:200]


@pytest.mark.parametrize(
    ("up", "wanted"),
    [
        ((0, 1, 0), (1, 2, 3)),
        ((0, 0, 1), (1, 3, -2)),
        ((0, 0, -1), (1, -3, 2)),
        ((1, 0, 0), (-2, 1, 3)),
        ((0, -1, 0), (1, -2, -3)),
    ],
)
def test_a_glb_has_y_upwards(
    tmp_path: Path, up: tuple[float, ...], wanted: tuple[float, ...]
) -> None:
    """Turned, not mirrored: an asymmetric box has its far corner where it belongs."""
    corner = np.array([1.0, 2.0, 3.0])
    vertices, faces = box(corner - 0.25, corner + 0.25)
    for suffix in (".glb", ".ply"):
        path = tmp_path / f"a{suffix}"
        mesh_files.write(Surface(vertices, faces), path, np.array(up, float))
        found: Any = trimesh.load(path, process=False)
        mesh = found.to_mesh() if suffix == ".glb" else found
        assert mesh.volume == pytest.approx(0.125, rel=1e-5)
        middle = mesh.vertices.mean(axis=0)
        np.testing.assert_allclose(middle, wanted if suffix == ".glb" else corner, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "hint", "up"),
    [
        ("nerf", None, "z"),
        ("scalar", None, "z"),
        ("sdf", None, "y"),
        ("sdf", [0, 0, 1], "z"),
        ("nerf", [0, 1, 0], "y"),
        ("nerf", [0, 0.6, 0.8], "z"),  # a camera's that looks down: no more than its own
        ("sdf", [0, 0.6, 0.8], "y"),
    ],
)
def test_a_glb_stands_as_images_show_the_field(
    tmp_path: Path, kind: Any, hint: Any, up: str
) -> None:
    """A tower along z: upright in the file if z is up, lying if y is."""
    axis = np.linspace(-1, 1, 17)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    distance = np.maximum(np.maximum(np.abs(x), np.abs(y)) - 0.2, np.abs(z) - 0.8)
    sign = 1.0 if kind == "sdf" else -10.0
    values = (sign * distance).reshape(-1, 1).astype(np.float32)
    inputs, one = (Input("features"),), np.ones((1, 1), np.float32)
    networks = [Network("density" if kind == "nerf" else "value", inputs, (Layer(one, None),))]
    if kind == "nerf":
        networks.append(Network("colour", inputs, (Layer(np.ones((3, 1), np.float32), None),)))
    field = Field(
        kind, np.array([[-1.0] * 3, [1.0] * 3]),
        (Grid((Level(DenseLayout((17,) * 3), 0, values),)),), tuple(networks),
        metadata={} if hint is None else {"camera": {"up": hint}},
    )  # fmt: skip
    level = None if kind == "sdf" else 0.0
    path = export(field, tmp_path / "a.glb", level=level, resolution=16, device="cpu")
    size = np.ptp(places(path), axis=0)
    assert size.argmax() == (1 if up == "z" else 2)


def test_dark_colors_keep_their_steps(tmp_path: Path) -> None:
    vertices, faces = box(cuts=8)
    steps = np.arange(1, 21, dtype=np.float32) / 255
    colors = np.repeat(np.resize(steps, len(vertices))[:, None], 3, axis=1)
    mesh_files.write(Surface(vertices, faces, colors), tmp_path / "a.glb")
    seen = glb_colors(tmp_path / "a.glb")
    assert len(np.unique(seen[:, 0])) == 20
    assert (seen[:, 3] == 1).all()
