"""Losses on points: slopes by differences, relative errors, LODs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import PointBank, ValueLoss, numerical_gradient, values_at
from nfcodec.model.field import Field, Kind
from nfcodec.model.networks import Input, Layer, Network
from tests.fields import random_field


def linear(weight: np.ndarray, kind: Kind = "sdf") -> Field:
    """``weight @ u`` in the box [-2, 2]^D, where ``u = x / 2``."""
    outputs, dims = weight.shape
    layer = Layer(weight.astype(np.float32), np.full(outputs, 0.3, np.float32))
    bounds = np.stack([np.full(dims, -2.0), np.full(dims, 2.0)])
    return Field(kind, bounds, (), (Network("values", (Input("position"),), (layer,)),))


@pytest.mark.parametrize("dims", [2, 3])
def test_the_slope_of_a_linear_field_is_exact(dims: int) -> None:
    weight = np.array([[1.0, -2.0, 0.5]])[:, :dims]
    module = FieldModule(linear(weight))
    points = torch.rand((50, dims), generator=torch.Generator().manual_seed(0)) * 4 - 2
    slopes = numerical_gradient(module, points, reach=0.1)
    np.testing.assert_allclose(slopes.detach(), np.tile(weight / 2, (50, 1)), atol=1e-5)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("norm", [1, 2])
def test_the_loss_is_the_error_in_units_of_the_spread(norm: int) -> None:
    field = linear(np.array([[1.0, 0.0, 0.0], [0.0, 100.0, 0.0]]), "scalar")
    module = FieldModule(field)
    points = np.random.default_rng(0).uniform(-2, 2, (4000, 3))
    points = points.astype(np.float32)
    values = values_at(module, points, chunk=999)
    at = torch.from_numpy(points)
    exact = ValueLoss(module, PointBank(at, values), norm=norm)(0, generator())
    assert float(exact.value.detach()) < 1e-9
    off = values + values.std(dim=0) * torch.tensor([0.1, -0.3])
    loss = ValueLoss(module, PointBank(at, off), norm=norm)(0, generator())
    wanted = 0.2 if norm == 1 else (0.01 + 0.09) / 2
    assert float(loss.value.detach()) == pytest.approx(wanted, rel=1e-3)


def test_a_constant_channel_does_not_outweigh_the_others() -> None:
    module = FieldModule(linear(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), "scalar"))
    points = np.random.default_rng(0).uniform(-2, 2, (500, 3))
    values = values_at(module, points)
    with torch.no_grad():
        for parameter in module.networks.parameters():
            parameter.add_(1e-4)
    at = torch.from_numpy(points.astype(np.float32))
    loss = ValueLoss(module, PointBank(at, values))(0, generator())
    assert float(loss.value.detach()) < 1e-5


def with_slopes() -> tuple[FieldModule, PointBank, PointBank]:
    """A linear field with 400 of its values and slopes, and with slopes each 1 too much."""
    weight = np.array([[1.0, -2.0, 0.5]])
    module = FieldModule(linear(weight))
    points = np.random.default_rng(0).uniform(-2, 2, (400, 3))
    values = values_at(module, points)
    at = torch.from_numpy(points.astype(np.float32))
    slopes = torch.from_numpy(np.tile(weight / 2, (400, 1)).astype(np.float32))
    return module, PointBank(at, values, slopes), PointBank(at, values, slopes + 1.0)


def test_slopes_count_by_their_weight() -> None:
    module, right, wrong = with_slopes()
    options = {"norm": 1, "slope_weight": 0.5, "reach": 0.1}
    assert float(ValueLoss(module, right, **options)(0, generator()).value.detach()) < 1e-4
    loss = ValueLoss(module, wrong, **options)(0, generator())
    assert float(loss.value.detach()) == pytest.approx(0.5 * 3.0, rel=1e-3)


def test_outputs_hold_slopes_where_the_loss_has_them() -> None:
    module, _, wrong = with_slopes()
    options: dict[str, Any] = {"norm": 1, "reach": 0.1, "focus": 0.5}
    found, wanted = ValueLoss(module, wrong, slope_weight=0.05, **options).outputs(0, generator())
    assert found.shape == wanted.shape == (400 + 3 * 100,)
    np.testing.assert_allclose(found[:400].detach(), wanted[:400], atol=1e-5)
    np.testing.assert_allclose(wanted[400:] - found[400:].detach(), 0.25, atol=1e-4)
    plain, _ = ValueLoss(module, wrong, **options).outputs(0, generator())
    assert plain.shape == (400, 1)


def test_every_lod_is_asked_for_and_the_finest_in_half_of_the_steps() -> None:
    field = random_field("scalar", "dense")
    module = FieldModule(replace(field))
    asked: list[int] = []
    forward = module.forward

    def watch(points: torch.Tensor, directions: object = None, lod: int | None = None) -> object:
        asked.append(-1 if lod is None else lod)
        return forward(points, None, lod)

    module.forward = watch  # type: ignore[method-assign,assignment]
    bank = PointBank(torch.rand(8, 3), torch.rand(8, 2))
    loss, draws = ValueLoss(module, bank), generator()
    for step in range(400):
        figures = loss(step, draws).figures
        assert ("psnr" in figures) == (asked[-1] == 2)
    share = np.bincount(asked, minlength=3) / 400
    np.testing.assert_allclose(share, [0.25, 0.25, 0.5], atol=0.08)
