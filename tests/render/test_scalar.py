"""Scalar fields: volumes, planes, iso-surfaces and color bars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Occupancy
from nfcodec.render import render, render_frames, scalar, settings, views
from tests.fields import random_coded, random_field
from tests.render import reference
from tests.render.shapes import blobs, coded, expanded, sampled

BLUE = np.array([0.1, 0.2, 0.5])


def camera(width: int = 12, height: int = 9) -> Camera:
    return perspective(width, height, 0.8, look_at((1.5, -2.5, 1.4), (0.0, 0.0, 0.0)))


@pytest.mark.parametrize("layout", ["blobs", "dense", "octree", "none", "multigrid"])
def test_matches_the_slow_renderer(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SAMPLES_PER_SIDE", 40)
    if layout == "blobs":
        field = sampled(blobs, (16, 16, 16), "scalar")
        cells = np.random.default_rng(0).random((4, 4, 4)) < 0.7
        field = replace(field, occupancy=Occupancy(cells))
    else:
        field = random_field("scalar", layout)  # type: ignore[arg-type]
    module = FieldModule(field)
    view = views.default_camera(field, (12, 9))
    for lod in {0, field.num_lods - 1}:
        low, high = scalar.value_range(module, lod)
        slow = reference.draw_scalar(
            field, view, scalar.sample_step(module, lod),
            scalar.color_table("viridis").astype(float), low, high, BLUE, lod,
        )  # fmt: skip
        fast = render(module, view, lod=lod, background=BLUE)
        assert reference.psnr(fast, slow) >= 60.0
        assert np.abs(slow - BLUE).max() > 0.05


@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
def test_coded_fields_look_as_their_expansion(method: str) -> None:
    field = random_coded("scalar", "octree", method)  # type: ignore[arg-type]
    shown = {"value_range": (-1.0, 1.0), "device": "cpu"}
    view = views.default_camera(field, (12, 9))
    one, two = (render(f, view, **shown) for f in (field, expanded(field)))  # type: ignore[arg-type]
    assert reference.psnr(one, two) >= 55.0


def test_plane_shows_the_field_with_y_up() -> None:
    field = random_field("scalar", "dense2d")
    low, high = field.bounds
    view = views.default_camera(field)
    assert view.width / view.height == pytest.approx(0.5, abs=0.01)  # the box is 1 by 2
    image = render(field, view.resized(20, 40), value_range=(-1.0, 1.0), channel=1, device="cpu")
    y, x = np.mgrid[0:40, 0:20]
    share = np.stack([(x.ravel() + 0.5) / 20, 1.0 - (y.ravel() + 0.5) / 40], axis=1)
    values = evaluate(field, low + (high - low) * share)[:, 1]
    table = scalar.color_table("viridis")
    place = np.clip((values + 1.0) / 2.0, 0.0, 1.0)
    expected = np.stack(
        [np.interp(place, np.linspace(0, 1, 256), table[:, c]) for c in range(3)], axis=1
    )  # fmt: skip
    np.testing.assert_allclose(image.reshape(-1, 3), expected, atol=1e-3)


def test_plane_is_fitted_into_the_image() -> None:
    field = random_field("scalar", "dense2d")
    image = render(field, camera(40, 20), background=BLUE, device="cpu")
    np.testing.assert_allclose(image[:, :15], np.broadcast_to(BLUE, (20, 15, 3)), atol=1e-6)
    np.testing.assert_allclose(image[:, 25:], np.broadcast_to(BLUE, (20, 15, 3)), atol=1e-6)
    assert (np.abs(image[:, 15:25] - BLUE).max(axis=2) > 0.01).all()


def test_iso_surface_is_where_the_level_is() -> None:
    field = sampled(blobs, (40, 40, 40), "scalar")
    view = views.default_camera(field, (60, 60))
    few, many = (
        np.abs(render(field, view, mode="iso", level=level, device="cpu") - 1.0).max(axis=2) > 0.01
        for level in (0.75, 0.25)
    )
    assert 0 < few.sum() < many.sum()
    assert (many | ~few).all()  # the higher level lies inside the lower one
    # The one blob above 0.75 is round: a disc whose radius follows from the Gaussian.
    radius = np.sqrt(-0.06 * np.log(0.75))
    center, _ = view.project(np.array([[0.3, 0.2, 0.3]]))
    inside = np.argwhere(few)[:, ::-1] + 0.5
    distance = np.linalg.norm(view.pose[:3, 3] - [0.3, 0.2, 0.3])
    assert np.linalg.norm(inside.mean(axis=0) - center[0]) < 0.7
    assert np.sqrt(few.sum() / np.pi) == pytest.approx(radius / distance * view.fy, rel=0.1)


def test_range_comes_from_metadata_or_samples() -> None:
    field = sampled(blobs, (16, 16, 16), "scalar")
    low, high = scalar.value_range(FieldModule(field))
    assert 0.0 <= low < 0.01
    assert 0.85 < high <= 1.0
    stated = replace(field, metadata={"value_range": [-2, 3.5]})
    assert scalar.value_range(FieldModule(stated)) == (-2.0, 3.5)
    for nonsense in ([1.0], [2.0, 1.0], "high", [None, 2.0]):
        odd = replace(field, metadata={"value_range": nonsense})
        assert scalar.value_range(FieldModule(odd)) == (low, high)
    flat = sampled(lambda x: np.full(len(x), 2.0), (3, 3, 3), "scalar")
    assert scalar.value_range(FieldModule(flat)) == pytest.approx((1.5, 2.5))


def test_opacity_makes_a_volume_denser() -> None:
    field = coded(sampled(blobs, (16, 16, 16), "scalar"), None)
    thin, thick = (render(field, camera(), opacity=o, device="cpu").mean() for o in (0.3, 3.0))
    assert thick < thin < 1.0


@pytest.mark.parametrize("height", [64, 480])
def test_color_bar_shows_the_whole_table(height: int) -> None:
    table = scalar.color_table("magma")
    for background in ((1.0, 1.0, 1.0), (0.05, 0.05, 0.1)):
        bar = scalar.color_bar(height, -3.0, 12.5, table, background)
        assert bar.shape[0] == height
        assert bar.dtype == np.float32
        assert 0.0 <= bar.min() <= bar.max() <= 1.0
        middle = bar.shape[1] * 26 // 100  # a column within the strip
        column = bar[height // 10 : -height // 10, middle]
        nearest = np.abs(column[:, None] - table).max(axis=2)
        assert (nearest.min(axis=1) < 0.02).all()
        assert nearest.argmin(axis=1)[0] > 200 > 50 > nearest.argmin(axis=1)[-1]
        ink = np.abs(bar[:, bar.shape[1] // 2 :] - np.float32(background)).max()
        assert ink > 0.5  # numbers are there and can be read


def test_color_bar_stands_beside_the_image() -> None:
    field = sampled(blobs, (8, 8, 8), "scalar")
    view = camera(50, 40)
    plain = render(field, view, device="cpu")
    both = render(field, view, color_bar=True, device="cpu")
    np.testing.assert_array_equal(both[:, :50], plain)
    assert both.shape[0] == 40
    assert both.shape[1] > 60


def test_frames_share_one_range() -> None:
    """Without a stated range every frame still means the same by a color."""
    field = sampled(blobs, (16, 16, 16), "scalar")
    cameras = views.orbit(field, 3, size=(16, 12))
    frames = list(render_frames(field, cameras, device="cpu"))
    assert [f.shape for f in frames] == [(12, 16, 3)] * 3
    module = FieldModule(field)
    known = scalar.value_range(module)
    np.testing.assert_array_equal(frames[1], render(module, cameras[1], value_range=known))
    assert np.abs(frames[0] - frames[1]).max() > 0.05


def test_memory_does_not_grow_with_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    module = FieldModule(sampled(blobs, (8, 8, 8), "scalar"))
    calls: list[int] = []
    forward = FieldModule.forward

    def counted(self: FieldModule, points: torch.Tensor, *args: object) -> torch.Tensor:
        calls.append(len(points))
        return forward(self, points, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(FieldModule, "forward", counted)
    monkeypatch.setattr("nfcodec.render.surface.POINTS_PER_CALL", 1 << 13)
    render(module, camera(100, 80))
    assert max(calls) == 1 << 13


def test_impossible_requests() -> None:
    field = random_field("scalar", "dense")
    for options, words in (
        ({"mode": "normals"}, "shaded, iso"),
        ({"channel": 2}, "channel 2"),
        ({"colormap": "mud"}, "viridis"),
        ({"value_range": (1.0, 1.0)}, "low below high"),
        ({"mode": "iso", "color_bar": True}, "color bar"),
    ):
        with pytest.raises(UsageError, match=words):
            render(field, camera(), device="cpu", **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="2-D scalar"):
        render(random_field("scalar", "dense2d"), camera(), mode="iso", device="cpu")
