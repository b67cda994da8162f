"""Fields that are learned from functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

import nfcodec
from nfcodec.errors import UsageError
from nfcodec.evaluate.function import of_field
from nfcodec.evaluate.reference import evaluate
from nfcodec.fit.viewpoints import recall
from nfcodec.model.function import FieldFunction
from nfcodec.train.refit import RefitSettings

Array = npt.NDArray[Any]
BOX = [[-1.0] * 3, [1.0] * 3]
SMALL = RefitSettings(depths=(3, 4, 5), steps=150, views=8, points=1 << 15)


def ball(points: Array, directions: Array) -> tuple[Array, Array]:
    """A ball of radius 0.6 whose color is where it is."""
    radius = np.linalg.norm(points, axis=1)
    return 60.0 * (radius < 0.6), 0.5 + 0.5 * points


@pytest.mark.slow
def test_a_radiance_field_of_a_function() -> None:
    field = nfcodec.refit(ball, bounds=BOX, kind="nerf", settings=SMALL)
    assert [level.layout.depth for level in field.levels] == [3, 4, 5]
    on = np.random.default_rng(0).standard_normal((200, 3))
    on /= np.linalg.norm(on, axis=1, keepdims=True)
    inside, outside = (evaluate(field, on * r, -on) for r in (0.55, 0.8))
    assert np.median(inside[:, 0]) > 10.0
    assert outside[:, 0].max() < 5.0
    color = evaluate(field, on * 0.59, -on)[:, 1:]
    assert np.abs(color - (0.5 + 0.5 * on * 0.59)).mean() < 0.08


@pytest.mark.slow
def test_distances_and_values_of_functions() -> None:
    def distance(points: Array) -> torch.Tensor:
        return torch.from_numpy(np.linalg.norm(points, axis=1) - 0.5)

    field = nfcodec.refit(distance, bounds=BOX, kind="sdf", settings=SMALL)
    x = np.random.default_rng(0).standard_normal((300, 3))
    x *= 0.5 / np.linalg.norm(x, axis=1, keepdims=True)
    assert np.abs(evaluate(field, x)).mean() < 0.01

    def waves(points: Array) -> Array:
        return np.stack([np.sin(3 * points[:, 0]), points[:, 1]], axis=1)

    field = nfcodec.refit(waves, bounds=BOX, kind="scalar", settings=SMALL)
    assert field.num_outputs == 2
    x = np.random.default_rng(0).uniform(-1, 1, (300, 3))
    assert np.abs(evaluate(field, x) - waves(x)).mean() < 0.05


def test_a_field_as_a_function_gives_its_values() -> None:
    from tests.fields import random_field

    field = random_field()
    x = np.random.default_rng(0).uniform(*field.bounds, (50, 3)).astype(np.float32)
    d = np.tile(np.float32([0, 0, 1]), (50, 1))
    expected = evaluate(field, x, d)
    function = of_field(field)
    if field.is_radiance:
        density, color = function.values(x, d)
        np.testing.assert_allclose(density, expected[:, 0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(color, expected[:, 1:], atol=1e-4)
        assert function.densities is not None
        np.testing.assert_allclose(function.densities(x), density, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("nerf", lambda p, d: np.zeros(len(p)), "gives two arrays"),
        ("nerf", lambda p, d: (np.zeros(len(p)), np.zeros((len(p), 3))), "no density that shows"),
        ("nerf", lambda p, d: (np.zeros((len(p), 2)), np.zeros((len(p), 3))), "densities of shape"),
        ("nerf", lambda p, d: (np.full(len(p), np.nan), np.zeros((len(p), 3))), "NaN or infinite"),
        ("sdf", lambda p: np.ones(len(p)) * 9, "no surface in its bounds"),
        ("sdf", lambda p: np.zeros((len(p), 2)), "this one 2 values"),
        ("scalar", lambda p: np.zeros(3), "values of shape"),
        ("scalar", lambda p: "none", "no array of numbers"),
        ("voxels", lambda p: p, "not 'voxels'"),
    ],
)  # fmt: skip
def test_what_a_function_gives_wrong_is_said(
    kind: str, values: Callable[..., Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        nfcodec.refit(values, bounds=BOX, kind=kind, settings=SMALL)


@pytest.mark.parametrize("box", [None, [[0, 0, 0]], [[1, 1, 1], [0, 0, 0]], "box"])
def test_bounds_that_are_no_box(box: Any) -> None:
    with pytest.raises(UsageError, match="bounds"):
        nfcodec.refit(ball, bounds=box, kind="nerf")


def test_a_box_becomes_a_cube_and_cameras_are_kept() -> None:
    from nfcodec.model.camera import look_at, perspective

    cameras = [perspective(16, 16, 0.7, look_at([3.0, 0, 0], [0, 0, 0]))] * 2
    function = FieldFunction("nerf", np.array([[-1.0, -1, -1], [1, 1, 0]]), ball)
    tiny = dataclasses.replace(SMALL, steps=1, depths=(3, 4))
    field = nfcodec.refit(function, cameras=cameras, settings=tiny)
    assert field.bounds.tolist() == [[-1.0, -1.0, -1.5], [1.0, 1.0, 0.5]]
    assert len(recall(field, 2, 16, np.random.default_rng(0))) == 2
    assert len(field.metadata["viewpoints"]["poses"]) == 2
