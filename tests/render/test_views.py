"""Cameras: hints, framings and turntables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.model.camera import Camera
from nfcodec.model.field import Field
from nfcodec.render import views
from tests.fields import random_field
from tests.render.shapes import CENTER, RADIUS, sampled, sphere

HINT = {
    "width": 320, "height": 200, "vertical_fov": 0.7,
    "eye": [3.0, 1.0, 2.0], "target": [0.1, 0.2, 0.3], "up": [0.0, 0.0, 1.0],
}  # fmt: skip


def with_hint(**changes: Any) -> Field:
    hint = {k: v for k, v in (HINT | changes).items() if v != "left out"}
    return replace(sampled(sphere, (8, 8, 8)), metadata={"camera": hint})


def corners_of(box: np.ndarray) -> np.ndarray:
    return np.stack(np.meshgrid(*box.T, indexing="ij"), axis=-1).reshape(-1, 3)


def shown(camera: Camera, box: np.ndarray) -> np.ndarray:
    """Where a box's corners are in the image, as shares of its sides; all must be in front."""
    at, depth = camera.project(corners_of(box))
    assert (depth > 0).all()
    return at / [camera.width, camera.height]


def forward(camera: Camera) -> np.ndarray:
    return -camera.pose[:3, 2]


def test_content_box() -> None:
    tree = views.content_box(random_field("nerf", "octree"))
    assert (tree[0] > -1).any()
    assert (tree[0] < tree[1]).all()
    distance = views.content_box(sampled(sphere))
    np.testing.assert_allclose(distance, [CENTER - RADIUS, CENTER + RADIUS], atol=0.1)
    empty = sampled(lambda x: np.ones(len(x)), (4, 4, 4))
    np.testing.assert_array_equal(views.content_box(empty), empty.bounds)
    volume = random_field("scalar", "dense")
    np.testing.assert_array_equal(views.content_box(volume), volume.bounds)


def test_stray_cells_do_not_count() -> None:
    field = random_field("nerf", "dense")
    cells = np.zeros((32, 32, 32), np.bool_)
    cells[8:24, 8:24, 8:24] = True
    cells[0, 0, 0] = True
    assert field.occupancy is not None
    field = replace(field, occupancy=replace(field.occupancy, cells=cells))
    np.testing.assert_allclose(views.content_box(field), [[-0.5] * 3, [0.5] * 3])


@pytest.mark.parametrize("size", [(200, 200), (320, 120), (90, 200)])
@pytest.mark.parametrize("kind", ["sdf", "nerf", "scalar"])
def test_framing_shows_all_and_fills_the_image(kind: str, size: tuple[int, int]) -> None:
    field = sampled(sphere) if kind == "sdf" else random_field(kind, "dense")  # type: ignore[arg-type]
    camera = views.default_camera(field, size)
    assert (camera.width, camera.height) == size
    at = shown(camera, views.content_box(field))
    assert at.min() > 0.0
    assert at.max() < 1.0
    assert (at.max(axis=0) - at.min(axis=0)).max() > 0.7


def test_hint_is_followed() -> None:
    camera = views.default_camera(with_hint())
    assert (camera.width, camera.height) == (320, 200)
    np.testing.assert_allclose(camera.pose[:3, 3], HINT["eye"])
    towards = np.array(HINT["target"]) - HINT["eye"]
    np.testing.assert_allclose(forward(camera), towards / np.linalg.norm(towards), atol=1e-12)
    assert 2 * np.arctan(100 / camera.fy) == pytest.approx(0.7)
    assert views.default_camera(with_hint(), (64, 48)).width == 64


def test_parts_of_a_camera_can_be_given() -> None:
    field = with_hint()
    camera = views.camera(field, eye=(0.0, -5.0, 0.0))
    np.testing.assert_allclose(camera.pose[:3, 3], [0.0, -5.0, 0.0])
    aim = np.array(HINT["target"]) - [0.0, -5.0, 0.0]
    np.testing.assert_allclose(forward(camera), aim / np.linalg.norm(aim))
    plain = sampled(sphere)
    camera = views.camera(plain, target=(0.5, 0.5, 0.5), vertical_fov=0.3, up=(1.0, 0.0, 0.0))
    eye = camera.pose[:3, 3]
    np.testing.assert_allclose(
        forward(camera), ([0.5] * 3 - eye) / np.linalg.norm([0.5] * 3 - eye), atol=1e-12
    )
    assert camera.pose[0, 1] > 0.9  # x points up in the image
    camera = views.camera(plain, eye=(3.0, 0.0, 0.0))
    middle = views.content_box(plain).mean(axis=0)
    aim = middle - [3.0, 0.0, 0.0]
    np.testing.assert_allclose(forward(camera), aim / np.linalg.norm(aim))


@pytest.mark.parametrize(
    "changes",
    [
        {"eye": "left"}, {"eye": [1.0, 2.0]}, {"target": [0.0, float("nan"), 0.0]},
        {"up": [0.0, 0.0, 0.0]}, {"vertical_fov": 4.0}, {"vertical_fov": None},
        {"width": 10**9}, {"width": "wide"}, {"height": 0}, {"eye": HINT["target"]},
    ],
)  # fmt: skip
def test_hints_that_make_no_sense(changes: dict[str, Any]) -> None:
    """A file is not to be trusted: what it says about the view is checked like everything else."""
    with pytest.raises(UsageError):
        views.default_camera(with_hint(**changes))


@pytest.mark.parametrize("kind", ["sdf", "scalar"])
def test_orbit_goes_around_and_never_cuts(kind: str) -> None:
    field = sampled(sphere, kind=kind)  # type: ignore[arg-type]
    box = views.content_box(field)
    cameras = views.orbit(field, 8, size=(160, 90))
    eyes = np.array([c.pose[:3, 3] for c in cameras]) - box.mean(axis=0)
    distance = np.linalg.norm(eyes, axis=1)
    np.testing.assert_allclose(distance, distance[0])
    up = views.up_of(field)
    np.testing.assert_allclose(eyes @ up, (eyes @ up)[0], atol=1e-9)
    np.testing.assert_allclose(eyes.sum(axis=0) - up * (eyes @ up).sum(), 0.0, atol=1e-9)
    turns = np.cross(eyes, np.roll(eyes, -1, axis=0)) @ up
    assert (turns > 0).all()  # one way round
    for camera in cameras:
        at = shown(camera, box)
        assert at.min() > 0.0
        assert at.max() < 1.0
        assert camera.pose[:3, 1] @ up > 0.5


def test_orbit_starts_at_the_hint() -> None:
    field = with_hint()
    cameras = views.orbit(field, 4)
    np.testing.assert_allclose(cameras[0].pose, views.default_camera(field).pose, atol=1e-12)
    flat = views.orbit(field, 4, elevation=0.0)
    np.testing.assert_allclose([c.pose[2, 3] for c in flat], 0.3, atol=1e-12)


def test_impossible_orbits() -> None:
    with pytest.raises(UsageError, match="2-D"):
        views.orbit(random_field("scalar", "dense2d"), 4)
    with pytest.raises(UsageError, match="at least one"):
        views.orbit(sampled(sphere, (8, 8, 8)), 0)


def test_planes_are_shown_in_their_own_shape() -> None:
    camera = views.default_camera(random_field("scalar", "dense2d"))
    assert (camera.width, camera.height) == (400, 800)


@pytest.mark.parametrize(
    ("up", "front"), [((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0))]
)
def test_things_are_seen_from_the_front_right_and_above(
    up: tuple[float, ...], front: tuple[float, ...]
) -> None:
    towards = -forward(views.camera(sampled(sphere), up=up))
    assert towards @ front > 0.7
    assert towards @ np.cross(up, front) > 0.3
    assert towards @ up > 0.3
