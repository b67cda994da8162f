"""The photometric loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from nfcodec.evaluate import FieldModule
from nfcodec.fit import banks
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.render.march import march
from nfcodec.render.volume import step_size
from tests.fields import random_field


@pytest.fixture(scope="module")
def scene() -> tuple[FieldModule, RayBank]:
    field = random_field("nerf", "octree")
    field = replace(field, metadata={"render": {"samples_per_voxel": 4.0}})
    module = FieldModule(field)
    size, banks.TEACHER_SIZE = banks.TEACHER_SIZE, 16
    try:
        return module, banks.teacher_views(module, field, 0, views=6)
    finally:
        banks.TEACHER_SIZE = size


def test_a_field_has_little_loss_on_its_own_views(scene: tuple[FieldModule, RayBank]) -> None:
    module, bank = scene
    finest = {"samples_per_step": 4096, "finest_share": 1.0}
    own = PhotometricLoss(module, bank, **finest)(0, torch.Generator().manual_seed(0))
    other = FieldModule(random_field("nerf", "octree", seed=1))
    off = PhotometricLoss(other, bank, **finest)(0, torch.Generator().manual_seed(0))
    assert float(own.value.detach()) < 1e-4
    assert float(off.value.detach()) > 10 * float(own.value.detach())
    assert own.figures["psnr"] == pytest.approx(-10 * np.log10(own.figures["loss"]))


def test_steps_take_about_as_many_samples_as_asked(scene: tuple[FieldModule, RayBank]) -> None:
    module, bank = scene
    loss = PhotometricLoss(module, bank, samples_per_step=20_000)
    for lod, rays in enumerate(loss.rays_per_step):
        origins, directions = bank.rays(torch.randint(len(bank), (rays,)))
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(lod),
            step_size(module, lod),
        )  # fmt: skip
        assert 0.8 < len(samples.ray) / 20_000 < 1.25
    assert PhotometricLoss(module, bank, samples_per_step=1).rays_per_step == [256] * 3


def test_the_loss_keeps_nothing_from_step_to_step(scene: tuple[FieldModule, RayBank]) -> None:
    module, bank = scene
    loss = PhotometricLoss(module, bank, samples_per_step=2000)
    draws = torch.Generator().manual_seed(5)
    for step in range(3):
        loss(step, draws)
    state = draws.get_state()
    went_on = float(loss(3, draws).value.detach())
    draws.set_state(state)
    anew = PhotometricLoss(module, bank, samples_per_step=2000)
    assert float(anew(3, draws).value.detach()) == went_on
