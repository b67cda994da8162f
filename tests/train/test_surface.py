"""Surfaces from images: a signed distance as the cause of the density."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.data.images import PosedImages
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import surface as meshes
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.field import Field
from nfcodec.quantize import encode
from nfcodec.train.nerf import NerfSettings, train_nerf
from nfcodec.train.surface import SurfaceSettings, distances, learn_sharpness, surface_field
from tests.interrupt import Interrupter
from tests.train.scenes import RADIUS, ball
from tests.train.test_nerf import assert_same, quality

SMALL = NerfSettings(
    depths=(2, 3, 4), features=4, hidden=16, steps=140, samples_per_step=2048,
    surface=SurfaceSettings(),
)  # fmt: skip
BOX = np.array([[-2.0, -2, -2], [2, 2, 2]])


def train(posed: PosedImages, settings: NerfSettings = SMALL, **options: Any) -> Field:
    return train_nerf(posed, settings=settings, device="cpu", **options)


@pytest.fixture(scope="module")
def trained() -> Field:
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    return train(ball())


def assert_near_the_ball(mesh: meshes.Surface, voxel: float) -> None:
    """Vertices 1.2 voxels from the sphere on average (a pixel and a half), faces outwards."""
    radii = np.linalg.norm(mesh.vertices, axis=1)
    assert np.abs(radii - RADIUS).mean() < 1.2 * voxel
    assert np.abs(radii - RADIUS).max() < 2 * voxel
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    outward = np.einsum("fd,fd->f", np.cross(b - a, c - a), a + b + c)
    assert (outward > 0).mean() > 0.99
    # All around: every direction has a vertex near it.
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert (directions @ (mesh.vertices / radii[:, None]).T).max(axis=1).min() > 0.97


def test_a_ball_is_learned_as_an_image_and_as_a_surface(trained: Field) -> None:
    check_field(trained, "trained")
    assert quality(trained) > 19.0
    assert quality(trained, lod=0) > 16.0
    voxel = float((trained.bounds[1] - trained.bounds[0])[0]) / 16
    mesh = meshes.extract(trained, resolution=32, device="cpu")
    assert_near_the_ball(mesh, voxel)
    assert mesh.colors is not None
    found = json.loads(json.dumps(dict(trained.metadata)))
    assert found["surface"] == {"network": "distance"}
    assert found["training"]["surface"] == {"eikonal": 0.01, "mask": 0.1}


def test_the_distance_has_slope_one_near_the_surface(trained: Field) -> None:
    module = FieldModule(trained)
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(500, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    at = [torch.from_numpy((r * directions).astype(np.float32)) for r in (0.42, 0.5)]
    with torch.no_grad():
        inner, outer = (distances(module, points)[:, 0] for points in at)
    rise = float((outer - inner).mean()) / 0.08
    assert rise == pytest.approx(1.0, abs=0.35)


def test_the_surface_survives_coding(trained: Field) -> None:
    coded = coding.open(coding.to_bytes(encode(trained, "float16")))
    voxel = float((trained.bounds[1] - trained.bounds[0])[0]) / 16
    assert_near_the_ball(meshes.extract(coded, resolution=32, device="cpu"), voxel)


def test_a_level_is_one_of_the_density(trained: Field) -> None:
    sharpness = trained.network("density").layers[0].gain
    with pytest.raises(UsageError, match="no surface at level"):
        meshes.extract(trained, level=2 * sharpness, resolution=32, device="cpu")
    found = meshes.extract(trained, level=0.5 * sharpness, resolution=32, device="cpu")
    assert np.median(np.linalg.norm(found.vertices, axis=1)) == pytest.approx(RADIUS, abs=0.12)


def full(depth: int = 3) -> OctreeLayout:
    return octree.from_cells(np.ones((2**depth,) * 3, np.bool_))


def untrained(finest: OctreeLayout, depths: tuple[int, ...] = (2, 3)) -> Field:
    return surface_field(finest, BOX, depths, features=4, hidden=16, seed=0)


def test_the_density_is_the_logistic_one_of_the_distance() -> None:
    field = untrained(full())
    module = FieldModule(field)
    learn_sharpness(module).log_sharpness.data += 0.1
    field = module.to_field()
    check_field(field, "with its sharpness")
    k = field.network("density").layers[0].gain
    assert k == pytest.approx(50 / 4 * np.e, rel=1e-5)
    points = np.random.default_rng(0).uniform(-2, 2, (300, 3))
    s = distances(FieldModule(field), torch.from_numpy(points.astype(np.float32))).detach().numpy()
    expected = k / (1 + np.exp(k * s[:, 0].astype(np.float64)))
    directions = np.tile([0.0, 0.0, 1.0], (300, 1))
    np.testing.assert_allclose(
        evaluate(field, points, directions)[:, 0], expected, rtol=2e-3, atol=1e-6
    )


def test_light_passes_a_plane_as_a_logistic() -> None:
    k, s = 30.0, np.linspace(2.0, -0.3, 200_001)
    density = k / (1 + np.exp(k * s))
    depth = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)]) * (s[0] - s[1])
    np.testing.assert_allclose(np.exp(-depth), 1 / (1 + np.exp(-k * s)), atol=1e-6)


def test_a_full_box_begins_as_a_sphere() -> None:
    field = untrained(full(4), (4,))
    points = np.random.default_rng(0).uniform(-2, 2, (2000, 3)).astype(np.float32)
    with torch.no_grad():
        s = distances(FieldModule(field), torch.from_numpy(points))[:, 0].numpy()
    error = s - (np.linalg.norm(points, axis=1) - 1.0)
    assert np.abs(error).mean() < 0.05  # interpolated over voxels of 1/4, and random features


def test_a_hull_begins_at_its_outermost_voxels() -> None:
    cells = np.zeros((8,) * 3, np.bool_)
    cells[1:7, 1:7, 2:6] = True
    field = untrained(octree.from_cells(cells), (3,))
    x = np.array([2.0, 2.5, 3.0, 4.0]) / 4 * 2 - 2  # corner, mid-voxel, corner, middle
    points = torch.from_numpy(np.stack([x, 0 * x, 0 * x], axis=1).astype(np.float32))
    with torch.no_grad():
        s = distances(FieldModule(field), points)[:, 0].numpy()
    np.testing.assert_allclose(s, [0.25, 0.0, -0.25, -0.75], atol=0.08)


def test_a_scene_without_alpha_is_learned() -> None:
    field = train(ball(alpha=False), replace(SMALL, steps=200))
    assert quality(field, alpha=False) > 13.5


def test_resumed_training_ends_with_the_same_field(tmp_path: Path) -> None:
    settings, posed, state = replace(SMALL, steps=20), ball(4), tmp_path / "state"
    wanted = train(posed, settings)
    with pytest.raises(KeyboardInterrupt):
        train(posed, settings, checkpoint=state, progress=Interrupter(2, "stage 2"))
    found = train(posed, settings, checkpoint=state)
    assert_same(found, wanted)
    assert found.network("density").layers[0].gain == wanted.network("density").layers[0].gain
    with pytest.raises(UsageError, match="settings differ"):
        train(posed, replace(settings, surface=None), checkpoint=state)


def test_settings_that_make_no_sense_are_refused() -> None:
    for name in ("eikonal", "mask"):
        for value in (-0.1, float("nan"), float("inf")):
            with pytest.raises(UsageError, match=name):
                SurfaceSettings(**{name: value})
    with pytest.raises(UsageError, match="hidden"):
        train(ball(4), replace(SMALL, hidden=1))
