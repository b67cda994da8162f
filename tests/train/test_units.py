"""One shape or scene in any unit of length is one piece of work with one result.

Factors that are powers of two change no mantissa: everything learned is then equal bit for bit.
Of others the rounding is another, and results are as good as equal.
"""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest
import torch

from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh, clean
from nfcodec.data.sdf import SurfaceDistance, sample_uniform
from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import values_at
from nfcodec.metrics import giou, psnr
from nfcodec.model.field import Field
from nfcodec.render import views
from nfcodec.render.volume import render_rays
from nfcodec.train.nerf import NerfSettings, train_nerf
from nfcodec.train.sdf import SdfSettings, train_sdf
from nfcodec.train.surface import SurfaceSettings
from tests.data.shapes import torus
from tests.train.scenes import ball

SDF = SdfSettings(depths=(2, 3, 4), features=4, hidden=16, steps=150, samples=4096)
NERF = NerfSettings(depths=(2, 3), features=4, hidden=16, steps=100, stages=(0.5, 0.5),
                    visible=(0.003,), samples_per_step=2048)  # fmt: skip
#: Powers of two, and the others.
EXACT, OTHERS = (2.0**-20, 2.0**20), (1e-6, 1e-3, 1e3, 1e6)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    numba.set_num_threads(1)


def scaled(mesh: Mesh, unit: float) -> Mesh:
    return clean(mesh.vertices * unit, mesh.faces, "scaled")


def scene(unit: float) -> PosedImages:
    posed = ball(8, 16)
    cameras = []
    for camera in posed.cameras:
        pose = camera.pose.copy()
        pose[:3, 3] *= unit
        cameras.append(replace(camera, pose=pose))
    return replace(posed, cameras=tuple(cameras))


def learned(field: Field) -> list[np.ndarray]:
    """All that is learned, but for the gains that hold the unit."""
    arrays = [level.features for level in field.levels]
    for network in field.networks:
        for layer in network.layers:
            assert layer.bias is not None or layer.weight.size == 1
            arrays += [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
    return arrays


def judge_sdf(field: Field, unit: float) -> tuple[float, float]:
    """gIoU, and PSNR of the distances in dB."""
    box = np.array(field.bounds) / unit
    points = sample_uniform(box, 20_000, 5, held_out=True)
    wanted = SurfaceDistance(torus()).signed(points)
    found = values_at(FieldModule(field), points * unit)[:, 0].numpy() / unit
    return giou(wanted, found), float(-10.0 * np.log10(np.square(found - wanted).mean()))


def judge_nerf(field: Field, unit: float) -> float:
    """PSNR of an image in dB."""
    camera = scene(unit).cameras[0]
    rays = (torch.from_numpy(a) for a in camera.rays())
    shown = render_rays(FieldModule(field), *rays, background=torch.ones(3)).color.numpy()
    return psnr(scene(1.0).colors()[0].reshape(-1, 3), shown)


@pytest.fixture(scope="module")
def distance() -> Field:
    torch.set_num_threads(1)
    return train_sdf(torus(), settings=SDF, device="cpu")


@pytest.mark.parametrize("unit", EXACT)
def test_a_distance_is_learned_bit_for_bit_alike(distance: Field, unit: float) -> None:
    field = train_sdf(scaled(torus(), unit), settings=SDF, device="cpu")
    np.testing.assert_array_equal(field.bounds, np.array(distance.bounds) * unit)
    for one, two in zip(learned(field), learned(distance), strict=True):
        np.testing.assert_array_equal(one, two)
    gains = [f.networks[-1].layers[-1].gain for f in (field, distance)]
    assert gains[0] == gains[1] * unit


@pytest.mark.parametrize("unit", OTHERS)
def test_a_distance_is_learned_as_well(distance: Field, unit: float) -> None:
    overlap, quality = judge_sdf(distance, 1.0)
    assert overlap > 0.9
    found = judge_sdf(train_sdf(scaled(torus(), unit), settings=SDF, device="cpu"), unit)
    assert found == pytest.approx((overlap, quality), abs=0.01)


def test_a_radiance_field_is_learned_bit_for_bit_alike() -> None:
    one, two = (train_nerf(scene(unit), settings=NERF, device="cpu") for unit in EXACT)
    for a, b in zip(learned(one), learned(two), strict=True):
        np.testing.assert_array_equal(a, b)
    gains = [f.network("density").layers[-1].gain for f in (one, two)]
    assert gains[0] == gains[1] * 2.0**40


def test_the_bias_of_the_density_holds_ordinary_units() -> None:
    field = train_nerf(scene(1.0), settings=replace(NERF, steps=2), device="cpu")
    assert [len(network.layers) for network in field.networks] == [1, 1, 2]


@pytest.mark.parametrize("surface", [None, SurfaceSettings()])
def test_a_radiance_field_is_learned_as_well(surface: SurfaceSettings | None) -> None:
    settings = replace(NERF, surface=surface)
    ordinary = train_nerf(scene(1.0), settings=settings, device="cpu")
    wanted = judge_nerf(ordinary, 1.0)
    assert wanted > 16.0
    for unit in (OTHERS[0], OTHERS[-1]):
        field = train_nerf(scene(unit), settings=settings, device="cpu")
        # Which voxels are kept may turn on a rounding.
        assert judge_nerf(field, unit) == pytest.approx(wanted, abs=0.5)
        # The camera that the field remembers looks at it.
        eye = views.default_camera(field, (8, 8)).pose[:3, 3] / unit
        np.testing.assert_allclose(
            eye, views.default_camera(ordinary, (8, 8)).pose[:3, 3], atol=1e-3
        )
