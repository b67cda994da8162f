"""Banks of points and views: right distances, right slopes, the teacher's own values."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nfcodec.data.meshes import bounding_cube
from nfcodec.data.sdf import SurfaceDistance
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule, reference
from nfcodec.fit import banks
from nfcodec.fit.banks import distance_bank, teacher_points, teacher_views
from nfcodec.fit.viewpoints import record
from nfcodec.model.camera import look_at, perspective
from nfcodec.model.field import Kind
from tests.data.shapes import cube, sphere
from tests.fields import random_field


def test_distances_have_unit_slopes_that_point_away_from_the_inside() -> None:
    mesh = sphere(radius=0.6, rings=40, turns=80)
    bank = distance_bank(SurfaceDistance(mesh), bounding_cube(mesh), 4000, seed=0)
    assert bank.gradients is not None
    points, slopes = bank.points.numpy(), bank.gradients.numpy()
    np.testing.assert_allclose(np.linalg.norm(slopes, axis=1), 1.0, atol=1e-4)
    radius = np.linalg.norm(points, axis=1)
    np.testing.assert_allclose(bank.values[:, 0].numpy(), radius - 0.6, atol=4e-3)
    clear = radius > 0.1  # in the middle every direction is nearest
    cosine = np.einsum("pd,pd->p", slopes, points)[clear] / radius[clear]
    assert cosine.min() > 0.95
    inside = bank.values[:, 0] < 0
    assert 0.2 < float(inside.float().mean()) < 0.8


def test_slopes_are_differences_of_the_distances() -> None:
    mesh = cube()
    surface = SurfaceDistance(mesh)
    bank = distance_bank(surface, bounding_cube(mesh), 3000, seed=1)
    assert bank.gradients is not None
    points, slopes = bank.points.double().numpy(), bank.gradients.double().numpy()
    ahead, behind = (surface.signed(points + sign * 1e-5 * slopes) for sign in (1, -1))
    rate = (ahead - behind) / 2e-5
    # Some points lie where two faces are equally near: there is no slope there.
    assert np.mean(np.abs(rate - 1.0) < 1e-2) > 0.99


def test_the_seed_decides_the_points() -> None:
    surface, bounds = SurfaceDistance(cube()), bounding_cube(cube())
    one, two, other = (distance_bank(surface, bounds, 100, seed) for seed in (3, 3, 4))
    assert torch.equal(one.points, two.points)
    assert not torch.equal(one.points, other.points)


@pytest.mark.parametrize("layout", ["dense", "dense2d", "octree", "none"])
def test_a_scalar_teacher_gives_its_values_where_they_change(layout: str) -> None:
    field = random_field("scalar", layout)
    bank = teacher_points(FieldModule(field), field, seed=0, count=600)
    assert bank.points.shape == (600, field.dims)
    wanted = reference.evaluate(field, bank.points.numpy())
    np.testing.assert_allclose(bank.values.numpy(), wanted, atol=1e-4)
    low, high = field.bounds
    assert (bank.points.numpy() >= low - 1e-6).all()
    assert (bank.points.numpy() <= high + 1e-6).all()
    assert bank.gradients is None


def test_a_distance_teacher_is_asked_near_its_zero() -> None:
    field = random_field("sdf", "octree")
    bank = teacher_points(FieldModule(field), field, seed=0, reach=0.05, count=4000)
    near = bank.values[:, 0].abs() < 0.04
    evenly, chosen = near[:2000].float().mean(), near[2000:].float().mean()
    assert float(chosen) > 0.5
    assert float(chosen) > 3 * float(evenly)
    assert bank.gradients is not None
    step = 1e-2
    for axis in range(3):
        shift = np.zeros(3, np.float32)
        shift[axis] = step
        points = bank.points[:200].numpy()
        ahead, behind = (reference.evaluate(field, points + s * shift)[:, 0] for s in (1, -1))
        difference = (ahead - behind) / (2 * step)
        found = bank.gradients[:200, axis].numpy()
        assert np.corrcoef(found, difference)[0, 1] > 0.9


def test_a_constant_teacher_is_asked_all_over() -> None:
    field = random_field("scalar", "none")
    module = FieldModule(field)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    bank = teacher_points(module, field, seed=0, count=200)
    assert bank.points.std(dim=0).min() > 0.2
    assert not bank.values.any()


@pytest.mark.parametrize("kind", ["sdf", "scalar"])
def test_a_teacher_whose_values_overflow_is_refused(kind: Kind) -> None:
    field = random_field(kind, "dense")
    module = FieldModule(field)
    with torch.no_grad():
        for parameter in module.networks.parameters():
            parameter.fill_(3e38)
    with pytest.raises(UsageError, match=r"NaN or infinity at .* of its points"):
        teacher_points(module, field, seed=0, count=200)


def test_views_are_what_the_teacher_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banks, "TEACHER_SIZE", 12)
    field = random_field("nerf", "octree")
    eye = perspective(12, 12, 0.7, look_at((0, -3, 1), (0, 0, 0)))
    object.__setattr__(field, "metadata", {**field.metadata, "viewpoints": record([eye])})
    bank = teacher_views(FieldModule(field), field, seed=0, views=1)
    assert len(bank) == 144
    assert bank.has_alpha
    # A slow march along each ray, in the middle of the same steps.
    step = 2.0 / 2**4
    low, high = field.bounds
    origins, directions = (a.numpy().astype(np.float64) for a in bank.rays(torch.arange(144)))
    wanted = np.zeros((144, 3))
    for i, (o, d) in enumerate(zip(origins, directions, strict=True)):
        one, two = (low - o) / d, (high - o) / d
        enter, leave = np.minimum(one, two).max(), np.maximum(one, two).min()
        t = np.arange(enter + step / 2, leave, step) if leave > enter else np.zeros(0)
        if len(t) == 0:
            continue
        values = reference.evaluate(field, o + t[:, None] * d, np.tile(d, (len(t), 1)))
        alpha = 1 - np.exp(-values[:, 0] * step)
        weight = alpha * np.cumprod(np.append(1.0, 1 - alpha[:-1]))
        wanted[i] = weight @ values[:, 1:]
    shown = bank.colors(torch.arange(144), torch.zeros(3)).numpy()
    assert np.abs(shown - wanted).max() < 0.05  # a sample may fall on the other side of a cell
    assert np.abs(shown - wanted).mean() < 2e-3
    assert wanted.max() > 0.2
