"""What the pixels of posed images see of a field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.evaluate import FieldModule
from nfcodec.fit import sight
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.fit.sight import visible_weight
from nfcodec.model.camera import look_at, perspective
from nfcodec.render.march import march
from nfcodec.render.volume import gather_rays, step_size
from tests.fields import opaque_field


def test_cells_are_seen_if_dense_and_not_hidden() -> None:
    """One opaque wall of voxels before another: the second one is never seen."""
    cells = np.zeros((8, 8, 8), np.bool_)
    cells[:, :, 2] = cells[:, :, 6] = True  # x = 2 and x = 6
    module = FieldModule(opaque_field(cells, 7.0))  # opaque within a step
    eye = perspective(48, 48, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.zeros((1, 48, 48, 3), np.uint8), torch.device("cpu"))
    weight = visible_weight(module, bank, 8, 0.0).numpy()
    assert weight.shape == (8, 8, 8)
    assert (weight[1:7, 1:7, 2] > 0.5).all()
    assert (weight[1:7, 1:7, 6] < 1e-3).all()
    assert not weight[:, :, [0, 1, 3, 4, 5, 7]].any()


def test_through_fog_few_rays_are_followed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that meets nothing, then one in which each ray has dozens of samples."""
    module = FieldModule(opaque_field(np.ones((16, 16, 16), np.bool_), -2.0))
    eyes = [
        perspective(64, 64, 0.7, look_at((-4.0, 0.0, 0.0), at)) for at in ((-8, 0, 0), (0, 0, 0))
    ]
    bank = RayBank(eyes, np.zeros((2, 64, 64, 3), np.uint8), torch.device("cpu"))
    at_once = visible_weight(module, bank, 16, 0.0)
    assert at_once.max() > 0.0
    evaluated, run = [], module.run
    rays, held, walk = [], [], sight._walk

    def ran(networks: Any, sources: Any) -> torch.Tensor:
        evaluated.append(len(sources["position"]))
        return run(networks, sources)

    def walked(*options: Any) -> Any:
        for part in walk(*options):
            rays.append(len(part[0]))
            held.append(len(part[1].ray))
            yield part

    monkeypatch.setattr(module, "run", ran)
    monkeypatch.setattr(sight, "_walk", walked)
    monkeypatch.setattr(sight, "_SAMPLES", 500)
    monkeypatch.setattr(sight, "_HELD", 2000)
    torch.testing.assert_close(visible_weight(module, bank, 16, 0.0), at_once)
    assert max(evaluated) == 500
    assert 1000 < max(held) <= 2000
    assert sum(rays) == len(bank)


def test_a_voxel_that_few_rays_meet_is_looked_at_by_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Few rays of the first pass meet each voxel of a wall; it is kept whole all the same."""
    cells = np.zeros((32, 32, 32), np.bool_)
    cells[8:24, 8:24, 16] = True
    module = FieldModule(opaque_field(cells, 7.0))
    eye = perspective(96, 96, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.zeros((1, 96, 96, 3), np.uint8), torch.device("cpu"))
    every_ray = visible_weight(module, bank, 32, 0.5)
    assert int((every_ray >= 0.5).sum()) == cells.sum()
    assert torch.equal(visible_weight(module, bank, 32, 0.5, rays_per_face=1), every_ray)
    # Without the second pass most of it would be lost: the test could not fail otherwise.
    monkeypatch.setattr(sight, "_ENOUGH", 0)
    few = visible_weight(module, bank, 32, 0.5, rays_per_face=1) >= 0.5
    assert int(few.sum()) < 0.5 * cells.sum()


def test_what_too_many_rays_cross_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.zeros((16, 16, 16), np.bool_)
    cells[4:12, 4:12, 2] = cells[4:12, 4:12, 12] = True  # the second wall is hidden
    module = FieldModule(opaque_field(cells, 7.0))
    eye = perspective(64, 64, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.zeros((1, 64, 64, 3), np.uint8), torch.device("cpu"))
    weight = visible_weight(module, bank, 16, 0.5)
    assert float(weight[:, :, 12].max()) < 0.5
    monkeypatch.setattr(sight, "_MOST_SAMPLES", 60)
    weight = visible_weight(module, bank, 16, 0.5)
    assert int((weight >= 0.5).sum()) > 0.9 * cells.sum()
    assert not (weight.numpy() >= 0.5)[~cells].any()


def test_voxels_between_rays_are_kept_and_those_outside_every_view_are_not() -> None:
    """Sixteen pixels over a wall of 64 x 64 voxels, half of which the view does not show."""
    cells = np.zeros((64, 64, 64), np.bool_)
    cells[:, :, 32] = True
    module = FieldModule(opaque_field(cells, 7.0))
    eye = perspective(4, 4, 0.25, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.zeros((1, 4, 4, 3), np.uint8), torch.device("cpu"))
    kept = (visible_weight(module, bank, 64, 0.5) >= 0.5).numpy()
    half = 4.0 * np.tan(0.125)  # of the wall that the view shows
    center = np.abs((np.arange(64) + 0.5) / 32 - 1.0)
    shown = (center[:, None] < half - 0.05) & (center[None] < half - 0.05)
    beyond = (center[:, None] > half + 0.05) | (center[None] > half + 0.05)
    assert kept[:, :, 32][shown].all()
    assert not kept[:, :, 32][beyond].any()


def test_rays_are_followed_until_it_is_dark_and_only_where_they_meet_something() -> None:
    """The wall hides what is behind it: the colors are the same from fewer samples."""
    cells = np.zeros((8, 8, 8), np.bool_)
    cells[2:6, 2:6, 2:] = True
    module = FieldModule(opaque_field(cells, 6.0))  # dark within two samples
    eye = perspective(32, 32, 0.7, look_at((-4.0, 0.0, 0.0), (0, 0, 0)))
    bank = RayBank([eye], np.full((1, 32, 32, 3), 77, np.uint8), torch.device("cpu"))
    seen = sight.sight(module, bank)
    assert 0 < len(seen.index) < len(bank) / 2
    assert float(seen.far.max()) < 4.5  # the wall begins at 3.5 and ends at 5
    whole = PhotometricLoss(module, bank, samples_per_step=1 << 14)
    short = whole.of(module, seen)
    met = len(seen.index) / len(bank)
    assert short.rays_per_step[-1] > 1.2 * met * whole.rays_per_step[-1]
    assert short.rays_per_step[0] == whole.rays_per_step[0]
    colors, wanted = short.outputs(1, torch.Generator().manual_seed(0))
    assert colors.shape == wanted.shape == (short.rays_per_step[1], 3)
    # Every pixel once, followed to the end and as far as it sees.
    origins, directions = bank.rays(seen.index)
    images = []
    for far in (None, seen.far):
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(1),
            step_size(module, 1), far=far,
        )  # fmt: skip
        images.append(
            gather_rays(module, origins, directions, samples, 1, torch.ones(3)).color.detach()
        )
    assert float((images[0] - images[1]).abs().max()) < 2e-3
