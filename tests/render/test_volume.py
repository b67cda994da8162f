"""Marching and compositing against plain loops over the reference evaluator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.evaluate import FieldModule, OccupiedCells
from nfcodec.evaluate.reference import evaluate, inside
from nfcodec.model.field import Kind
from nfcodec.render import render
from nfcodec.render.march import Samples, box_interval, march, march_densely
from nfcodec.render.views import default_camera
from nfcodec.render.volume import gather_rays, render_rays, step_size
from tests.fields import random_field


def some_rays(count: int = 120, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    origins = rng.normal(size=(count, 3))
    origins *= 3.0 / np.linalg.norm(origins, axis=1, keepdims=True)
    origins[:5] *= 0.1  # some start inside the box
    directions = rng.normal(scale=0.5, size=(count, 3)) - origins
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions[5] = [0.0, 0.0, 1.0]  # parallel to two pairs of faces
    return torch.from_numpy(origins.astype("f4")), torch.from_numpy(directions.astype("f4"))


@pytest.mark.parametrize("layout", ["octree", "dense"])
def test_kernel_and_tensor_operations_give_the_same_samples(layout: str) -> None:
    module = FieldModule(random_field("nerf", layout))
    origins, directions = some_rays()
    offset = torch.rand(len(origins), generator=torch.Generator().manual_seed(1))
    cells = module.occupancy(None)
    far = torch.rand(len(origins), generator=torch.Generator().manual_seed(2)) * 3.0 + 0.5
    far[::3] = torch.inf
    one = march(origins, directions, module.low, module.high, cells, 0.037, offset, 0.1, far)
    assert (one.t < far[one.ray]).all()
    scale = 2.0 / (module.high - module.low)
    start, slope = (origins - module.low) * scale - 1.0, directions * scale
    two = march_densely(start, slope, cells, 0.037, offset, 0.1, far)
    pairs = [
        {(int(r), round(float(t) / 0.037)) for r, t in zip(s.ray, s.t, strict=True)}
        for s in (one, two)
    ]
    # A sample on the border of a cell may fall on either side in the last bit.
    assert len(pairs[0] ^ pairs[1]) <= 0.002 * len(pairs[0]) + 2
    assert len(pairs[0]) > 200
    assert (one.offsets[1:] - one.offsets[:-1] == torch.bincount(one.ray, minlength=120)).all()


@pytest.mark.parametrize("layout", ["octree", "dense", "none"])
def test_render_matches_a_plain_loop(layout: str) -> None:
    field = random_field("nerf", layout)
    module = FieldModule(field)
    origins, directions = some_rays(40)
    background = torch.tensor([0.2, 0.5, 0.9])
    for lod in {0, field.num_lods - 1}:
        step = step_size(module, lod)
        got = render_rays(module, origins, directions, lod=lod, background=background)
        expected = np.stack(
            [
                slow_pixel(field, o, d, lod, step, background.numpy())
                for o, d in zip(origins.numpy(), directions.numpy(), strict=True)
            ]
        )
        error = np.abs(got.color.numpy() - expected)
        assert np.sqrt((error**2).mean()) < 10 ** (-45 / 20)
        assert float(got.opacity.max()) <= 1.0 + 1e-6


def test_steps_of_many_rays_are_looked_at_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Recorded(OccupiedCells):
        def at(self, u: torch.Tensor) -> torch.Tensor:
            asked.append(len(u))
            return super().at(u)

    cells = Recorded(np.random.default_rng(0).random((5, 6, 7)) < 0.5)
    origins, directions = some_rays(100)
    args = origins, directions, cells, 0.037, torch.full((100,), 0.5), 0.0
    far = torch.full((100,), torch.inf)
    whole = march_densely(*args, far)
    assert len(asked) == 1
    monkeypatch.setattr("nfcodec.render.march.DENSE_STEPS", asked.pop() // 7)
    parts = march_densely(*args, far)
    assert len(asked) >= 7
    for name in ("ray", "t", "offsets"):
        torch.testing.assert_close(getattr(parts, name), getattr(whole, name), rtol=0, atol=0)


@pytest.mark.parametrize("kind", ["nerf", "scalar"])
def test_samples_that_are_held_together_are_bounded(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = FieldModule(random_field(kind, "dense"))
    camera = default_camera(module.field, (16, 12))
    whole, held = render(module, camera), []

    def recorded(*args: Any, **options: Any) -> Samples:
        held.append(march(*args, **options))
        return held[-1]

    monkeypatch.setattr(
        f"nfcodec.render.{'volume' if kind == 'nerf' else 'scalar'}.march", recorded
    )
    monkeypatch.setattr("nfcodec.render.march.HELD_SAMPLES", 5000)
    np.testing.assert_allclose(render(module, camera), whole, atol=1e-5)
    assert len(held) > 1
    assert 0 < max(len(samples.ray) for samples in held) <= 5000


def slow_pixel(field, origin, direction, lod, step, background):  # type: ignore[no-untyped-def]
    low, high = field.bounds
    scale = 2.0 / (high - low)
    start, slope = (origin - low) * scale - 1.0, direction * scale
    enter, leave = box_interval(torch.from_numpy(start[None]), torch.from_numpy(slope[None]), 0.0)
    color, transmittance, t = np.zeros(3), 1.0, float(enter) + 0.5 * step
    while t < float(leave):
        point = (origin + t * direction)[None].astype(np.float64)
        if inside(field, (point - low) * scale - 1.0, lod)[0]:
            density, *emitted = evaluate(field, point, direction[None], lod)[0]
            alpha = 1.0 - np.exp(-density * step)
            color += transmittance * alpha * np.array(emitted)
            transmittance *= 1.0 - alpha
        t += step
    return color + transmittance * background


def test_gradients_reach_features_and_networks() -> None:
    module = FieldModule(random_field("nerf", "octree"))
    origins, directions = some_rays(60)
    samples = march(
        origins, directions, module.low, module.high, module.occupancy(None), step_size(module)
    )
    seen = gather_rays(module, origins, directions, samples, None, torch.ones(3))
    still = render_rays(module, origins, directions)
    torch.testing.assert_close(seen.color, still.color, atol=3e-3, rtol=0)
    seen.color.square().mean().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert float(parameter.grad.abs().sum()) > 0, name


def test_rays_that_miss_see_the_background() -> None:
    module = FieldModule(random_field("nerf", "octree"))
    origins = torch.tensor([[0.0, 0.0, 5.0]])
    seen = render_rays(module, origins, torch.tensor([[0.0, 0.0, 1.0]]))
    assert seen.color.tolist() == [[1.0, 1.0, 1.0]]
    assert float(seen.opacity) == 0.0
    assert render_rays(module, origins[:0], origins[:0]).color.shape == (0, 3)
