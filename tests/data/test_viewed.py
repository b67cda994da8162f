"""Boxes by the cameras alone: what is doubtful is said before training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec.data.hull import scene_bounds
from nfcodec.data.viewed import check_precision
from nfcodec.errors import UnsupportedError
from nfcodec.model.camera import look_at
from tests.data.sets import bounds, load, poses, write

BEHIND = np.diag([1.0, -1.0, -1.0, 1.0])


def test_ordinary_views_are_not_doubted(tmp_path: Path) -> None:
    write(tmp_path, poses(24, (1, 2, 3)))
    found, said = bounds(tmp_path)
    assert said == ""
    np.testing.assert_allclose(found, [[-3, -2, -1], [5, 6, 7]], atol=1e-4)


@pytest.mark.parametrize("distance", [60.0, 970.0, 1e9])
def test_cameras_far_from_all_others_do_not_count(tmp_path: Path, distance: float) -> None:
    views = poses(24)
    views[11] = look_at((distance, 0.3 * distance, 0.2 * distance), (0, 0, 0))
    views[17] = look_at((0, 0, -distance), (5, 0, 0))
    write(tmp_path, views)
    found, said = bounds(tmp_path)
    np.testing.assert_allclose(found, [[-4] * 3, [4] * 3], atol=1e-4)
    assert "2 of 21 cameras are far from all others" in said
    assert "images/011.png" in said


def test_a_tripod_has_no_far_cameras(tmp_path: Path) -> None:
    turns = [look_at((0, 0, 0), (np.cos(t), np.sin(t), 0.3)) for t in range(9)]
    write(tmp_path, [*turns, look_at((1, 0, 0), (0, 0, 0)), look_at((0, 1, 0), (0, 0, 0))])
    assert "far from" not in bounds(tmp_path)[1]


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e6])
def test_cameras_at_one_place(tmp_path: Path, unit: float) -> None:
    views = [np.linalg.inv(pose) for pose in poses()]  # world to camera
    for pose in views:
        pose[:3, 3] *= unit
    write(tmp_path, views)
    found, said = bounds(tmp_path)
    assert "all cameras are at one place" in said
    np.testing.assert_allclose(found / unit, [[-1, -1, -5], [1, 1, -3]], atol=1e-4)


def test_cameras_at_the_origin_tell_no_scale(tmp_path: Path) -> None:
    write(tmp_path, [look_at((0, 0, 0), (np.cos(t), np.sin(t), 0.3)) for t in range(9)])
    found, _ = bounds(tmp_path)
    np.testing.assert_allclose(found, [[-1] * 3, [1] * 3], atol=1e-4)


@pytest.mark.parametrize("unit", [1.0, 1e-4])
def test_parallel_views_show_what_lies_before_them(tmp_path: Path, unit: float) -> None:
    places = unit * np.array([(x, y, 0) for y in (-0.6, 0, 0.6) for x in (-0.9, -0.3, 0.3, 0.9)])
    write(tmp_path, [look_at(at, at - [0, 0, unit], (0, 1, 0)) for at in places])
    found, said = bounds(tmp_path)
    assert "axes are parallel" in said
    assert "sphere_center" in said
    # a ball of radius one, five before the cameras, and no more than forty diameters
    assert (found[0] < np.array([-1, -1, -6]) * unit).all()
    assert (found[1] > np.array([1, 1, -4]) * unit).all()
    assert (found[1] - found[0]).max() < 40 * 2 * unit


@pytest.mark.parametrize(
    "keys", [{}, {"aabb_scale": 8}, {"sphere_center": [0, 0, 0], "sphere_radius": 1.2}]
)
def test_views_that_look_away(tmp_path: Path, keys: dict[str, object]) -> None:
    write(tmp_path, [pose @ BEHIND for pose in poses()], **keys)
    _, said = bounds(tmp_path)
    assert "OpenGL's" in said
    assert "8 of 8 views look away" in said or "8 of 8 views show nothing" in said
    write(tmp_path, poses(), **keys)
    assert bounds(tmp_path)[1] == ""


def test_a_stated_box_that_no_view_shows(tmp_path: Path) -> None:
    write(tmp_path, poses(), sphere_center=[0, 40, 0], sphere_radius=1.0)
    _, said = bounds(tmp_path)
    assert "views show nothing of the box" in said
    assert "(-1, 39, -1) to (1, 41, 1)" in said


def test_a_scene_far_from_the_origin_is_refused(tmp_path: Path) -> None:
    far = (431_250.0, 5_410_900.0, 212.0)
    write(tmp_path, poses(10, far, 12.0))
    posed, _ = load(tmp_path, "train")
    found = scene_bounds(posed)
    np.testing.assert_allclose(found.mean(axis=0), far, atol=1e-3)
    with pytest.raises(
        UnsupportedError, match=r"move the origin: subtract \(431250, 5410900, 212\)"
    ):
        check_precision(posed.cameras, found, 64, posed.path)
    # of a town, numbers of 32 bits are exact enough
    wide = found.mean(axis=0) + 1000.0 * (found - found.mean(axis=0))
    check_precision(posed.cameras, wide, 512, posed.path)
    # digits are those of the voxels
    with pytest.raises(UnsupportedError):
        check_precision(posed.cameras, wide, 2**17, posed.path)
