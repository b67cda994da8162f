"""Recorded viewpoints: there and back, one view, no record, and records that make no sense."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec.errors import InvalidFieldError
from nfcodec.fit.viewpoints import MAX_VIEWS, _typical_spacing, recall, record
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Field
from tests.fields import random_field


def ring(count: int, scale: float = 1.0) -> list[Camera]:
    angles = np.arange(count) * 2 * np.pi / count
    eyes = np.stack([4 * np.cos(angles), 4 * np.sin(angles), 1 + 0 * angles], axis=1)
    return [perspective(40, 30, 0.6, look_at(eye * scale, (0, 0, 0))) for eye in eyes]


def noted(value: Any) -> Field:
    field = random_field("nerf", "octree")
    return replace(field, metadata={**field.metadata, "viewpoints": json.loads(json.dumps(value))})


def recalled(value: Any, count: int, size: int = 1000) -> list[Camera]:
    return recall(noted(value), count, size, np.random.default_rng(0))


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
def test_views_come_back_as_they_were(scale: float) -> None:
    views = ring(10, scale)
    found = recalled(record(views), 10)
    for a, b in zip(views, found, strict=True):
        assert (b.width, b.height) == (40, 30)
        assert b.fy == pytest.approx(a.fy, rel=1e-4)
        np.testing.assert_allclose(b.pose[:3, :3], a.pose[:3, :3], atol=5e-4)
        np.testing.assert_allclose(b.pose[:3, 3], a.pose[:3, 3], atol=2e-4 * 4 * scale)


def test_a_part_of_many_views_is_recorded_from_first_to_last() -> None:
    views = ring(200)
    poses = np.array(record(views)["poses"])
    assert poses.shape == (MAX_VIEWS, 9)
    for k, view in ((0, views[0]), (-1, views[-1])):
        np.testing.assert_allclose(poses[k, :3], view.pose[:3, 3], atol=1e-4)


def test_more_views_than_recorded_are_shifted_a_little() -> None:
    found = recalled(record(ring(8)), 24)
    eyes = np.stack([camera.pose[:3, 3] for camera in found])
    moved = np.linalg.norm(eyes[8:].reshape(2, 8, 3) - eyes[:8], axis=2)
    assert (moved > 0).all()
    assert moved.max() < 4.0
    for camera in found:
        assert np.linalg.det(camera.pose[:3, :3]) == pytest.approx(1.0)


def test_very_many_recorded_views_fit_into_memory() -> None:
    few = record(ring(8))
    many = {**few, "poses": [ring_pose for ring_pose in few["poses"] for _ in range(4000)]}
    tracemalloc.start()
    found = recalled(many, 3)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 3
    assert most < 200e6  # distances of all pairs would take 24 GB


@pytest.mark.parametrize("count", [MAX_VIEWS, MAX_VIEWS + 1])
def test_spacing_is_the_distance_to_the_next_view(count: int) -> None:
    eyes = np.stack([camera.pose[:3, 3] for camera in ring(count)])
    assert _typical_spacing(eyes) == pytest.approx(8 * np.sin(np.pi / count))


def test_large_images_are_made_smaller() -> None:
    assert {(c.width, c.height) for c in recalled(record(ring(3)), 3, size=20)} == {(20, 15)}


@pytest.mark.parametrize("views", [ring(1), ring(1) * 5])
def test_one_place_alone_is_looked_from_as_it_was(views: list[Camera]) -> None:
    for camera in recalled(record(views), 4):
        assert np.isfinite(camera.pose).all()
        np.testing.assert_allclose(camera.pose, views[0].pose, atol=1e-3)


def test_a_field_without_a_record_is_seen_from_all_around() -> None:
    field = random_field("nerf", "octree")
    found = recall(field, 40, 16, np.random.default_rng(0))
    towards = np.stack([c.pose[:3, 2] for c in found])
    assert np.linalg.norm(towards.mean(axis=0)) < 0.1
    for camera in found:
        at, depth = camera.project(np.zeros((1, 3)))  # the middle of the box
        np.testing.assert_allclose(at[0], [8, 8], atol=1e-6)
        assert depth[0] > 2.0


BROKEN: list[Any] = [
    5,
    [],
    {},
    {"poses": []},
    {"poses": [[0.0] * 8]},
    {"poses": [[float("nan")] + [0.0] * 8]},
    {"poses": [[1.0] * 9, [1.0] * 8]},
    {"poses": "far away"},
    {"poses": [[0.0] * 9]},
    {"poses": [[1e200] * 9]},
    {"width": 0},
    {"width": float("inf")},
    {"height": -3},
    {"vertical_fov": 0.0},
    {"vertical_fov": 4.0},
    {"vertical_fov": float("nan")},
    {"vertical_fov": "wide"},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_a_malformed_record_is_refused(change: Any) -> None:
    value = change
    if isinstance(change, dict):
        value = {**record(ring(4)), **change} if change else {}
    with pytest.raises(InvalidFieldError, match="'viewpoints' is malformed"):
        recalled(value, 4)
