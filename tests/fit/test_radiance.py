"""The photometric loss and what it says is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.camera import look_at, perspective
from nfcodec.evaluate import FieldModule
from nfcodec.fit import banks, radiance
from nfcodec.fit.radiance import PhotometricLoss, sight, visible_weight
from nfcodec.fit.rays import RayBank
from nfcodec.render.march import march
from nfcodec.render.volume import gather_rays, step_size
from tests.fields import opaque_field, random_field


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


def test_cells_are_seen_if_dense_and_not_hidden() -> None:
    """One opaque wall of voxels before another: the second one is never seen."""
    cells = np.zeros((8, 8, 8), np.bool_)
    cells[:, :, 2] = cells[:, :, 6] = True  # x = 2 and x = 6
    module = FieldModule(opaque_field(cells, 7.0))  # opaque within a step
    eye = perspective(48, 48, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.zeros((1, 48, 48, 3), np.uint8), torch.device("cpu"))
    weight = visible_weight(module, bank, 8).numpy()
    assert weight.shape == (8, 8, 8)
    assert (weight[1:7, 1:7, 2] > 0.5).all()
    assert (weight[1:7, 1:7, 6] < 1e-3).all()
    assert not weight[:, :, [0, 1, 3, 4, 5, 7]].any()
    some = visible_weight(module, bank, 8, every=3).numpy()
    assert (some <= weight + 1e-6).all()
    assert some.max() > 0.5


def test_through_fog_few_rays_are_followed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that meets nothing, then one in which each ray has dozens of samples."""
    module = FieldModule(opaque_field(np.ones((16, 16, 16), np.bool_), -2.0))
    eyes = [
        perspective(64, 64, 0.7, look_at((-4.0, 0.0, 0.0), at)) for at in ((-8, 0, 0), (0, 0, 0))
    ]
    bank = RayBank(eyes, np.zeros((2, 64, 64, 3), np.uint8), torch.device("cpu"))
    at_once = visible_weight(module, bank, 16)
    assert at_once.max() > 0.0
    evaluated, run = [], module.run
    rays, held, walk = [], [], radiance._walk

    def ran(networks: Any, sources: Any) -> torch.Tensor:
        evaluated.append(len(sources["position"]))
        return run(networks, sources)

    def walked(*options: Any) -> Any:
        for part in walk(*options):
            rays.append(len(part[0]))
            held.append(len(part[1].ray))
            yield part

    monkeypatch.setattr(module, "run", ran)
    monkeypatch.setattr(radiance, "_walk", walked)
    monkeypatch.setattr(radiance, "_SAMPLES", 500)
    monkeypatch.setattr(radiance, "_HELD", 2000)
    torch.testing.assert_close(visible_weight(module, bank, 16), at_once)
    assert max(evaluated) == 500
    assert 1000 < max(held) <= 2000
    assert sum(rays) == len(bank)


def test_rays_are_followed_until_it_is_dark_and_only_where_they_meet_something() -> None:
    """The wall hides what is behind it: the colours are the same from fewer samples."""
    cells = np.zeros((8, 8, 8), np.bool_)
    cells[2:6, 2:6, 2:] = True
    module = FieldModule(opaque_field(cells, 6.0))  # dark within two samples
    eye = perspective(32, 32, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.full((1, 32, 32, 3), 77, np.uint8), torch.device("cpu"))
    seen = sight(module, bank)
    assert 0 < len(seen.index) < len(bank) / 2
    assert float(seen.far.max()) < 4.5  # the wall begins at 3.5 and ends at 5
    whole = PhotometricLoss(module, bank, samples_per_step=1 << 14)
    short = whole.of(module, seen)
    met = len(seen.index) / len(bank)
    assert short.rays_per_step[-1] > 1.2 * met * whole.rays_per_step[-1]
    assert short.rays_per_step[0] == whole.rays_per_step[0]
    colours, wanted = short.outputs(1, torch.Generator().manual_seed(0))
    assert colours.shape == wanted.shape == (short.rays_per_step[1], 3)
    # Every pixel once, followed to the end and as far as it sees.
    origins, directions = bank.rays(seen.index)
    pictures = []
    for far in (None, seen.far):
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(1),
            step_size(module, 1), far=far,
        )  # fmt: skip
        pictures.append(
            gather_rays(module, origins, directions, samples, 1, torch.ones(3)).colour.detach()
        )
    assert float((pictures[0] - pictures[1]).abs().max()) < 2e-3
