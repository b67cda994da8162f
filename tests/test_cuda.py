"""What a CUDA device computes is what the CPU computes. Skipped where there is none.

``NFCODEC_TEST_DEVICE`` names another device: on ``cpu`` the tests try themselves.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

import nfcodec
from nfcodec.evaluate import FieldModule
from nfcodec.fit import sight
from nfcodec.fit.rays import RayBank
from nfcodec.quantize import METHODS
from nfcodec.train.nerf import NerfSettings, train_nerf
from nfcodec.train.sdf import SdfSettings, train_sdf
from tests.data.shapes import sphere
from tests.fields import random_field
from tests.train.scenes import ball

DEVICE = os.environ.get("NFCODEC_TEST_DEVICE", "cuda")
pytestmark = pytest.mark.skipif(
    DEVICE.startswith("cuda") and not torch.cuda.is_available(), reason="no CUDA device here"
)
KINDS = ("nerf", "sdf", "scalar")


def values(field: nfcodec.Field | nfcodec.CodedField, device: str) -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    points = torch.rand((4096, 3), generator=draw) * 2.0 - 1.0
    towards = torch.nn.functional.normalize(torch.randn((4096, 3), generator=draw), dim=1)
    module = FieldModule(field, device)
    with torch.no_grad():
        found: torch.Tensor = module(points.to(device), towards.to(device)).cpu()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_those_of_the_cpu(kind: str) -> None:
    field = random_field(kind, "octree")  # type: ignore[arg-type]
    torch.testing.assert_close(values(field, DEVICE), values(field, "cpu"), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_method_codes(kind: str, method: str) -> None:
    """What was coded on the device has the same values on both."""
    field = random_field(kind, "octree")  # type: ignore[arg-type]
    steps = {"steps": 5} if method in ("vqad", "ecq") else {}
    coded = nfcodec.encode(field, method, device=DEVICE, seed=0, **steps)
    torch.testing.assert_close(values(coded, DEVICE), values(coded, "cpu"), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_images_are_those_of_the_cpu(kind: str) -> None:
    field = random_field(kind, "octree")  # type: ignore[arg-type]
    camera = nfcodec.render.views.camera(field, size=(48, 48))
    shown, wanted = (
        nfcodec.render.render(FieldModule(field, device), camera) for device in (DEVICE, "cpu")
    )
    assert -10.0 * np.log10(max(np.square(shown - wanted).mean(), 1e-10)) > 40.0


def test_rays_see_the_same_cells() -> None:
    field, posed = random_field("nerf", "octree"), ball(6)
    seen = []
    for device in (DEVICE, "cpu"):
        bank = RayBank(posed.cameras, posed.images, torch.device(device))
        seen.append(sight.visible_weight(FieldModule(field, device), bank, 16, 0.1).cpu())
    assert float(((seen[0] - seen[1]).abs() < 1e-2).float().mean()) > 0.99


def test_radiance_is_learned() -> None:
    settings = NerfSettings(depths=(2, 3, 4), features=4, hidden=16, samples_per_step=4096)
    field = train_nerf(ball(), settings=settings, steps=20, device=DEVICE)
    assert all(np.isfinite(level.features).all() for level in field.levels)
    assert float(values(field, DEVICE)[:, 0].max()) > 1.0


def test_distances_are_learned() -> None:
    settings = SdfSettings(depths=(2, 3, 4), features=4, hidden=16)
    field = train_sdf(sphere(), settings=settings, steps=60, device=DEVICE)
    module = FieldModule(field, DEVICE)
    with torch.no_grad():
        middle = module(torch.zeros((1, 3), device=DEVICE), None)
    assert float(middle) < 0.0
