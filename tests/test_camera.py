"""Cameras against OpenCV and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nfcodec.model.camera import Camera, _distort, _undistort, look_at, perspective

FOX = (0.0578421, -0.0805099, -0.000980296, 0.00015575)
STRONG = (-0.28, 0.07, 1e-3, -5e-4)


def _camera(distortion: tuple[float, float, float, float] | None = None) -> Camera:
    pose = look_at((1.0, -3.0, 2.0), (0.1, 0.2, 0.3))
    return Camera(270, 480, 343.88, 343.6225, 138.6395, 241.317, pose, distortion)


@pytest.mark.parametrize("coefficients", [FOX, STRONG])
def test_undistort_agrees_with_opencv(coefficients: tuple[float, float, float, float]) -> None:
    cv2 = pytest.importorskip("cv2")
    camera = _camera(coefficients)
    y, x = np.mgrid[0:480:7, 0:270:7]
    pixels = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1).astype(np.float64)
    matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-14)
    # OpenCV 5 merged undistortPointsIter into undistortPoints
    undistort = getattr(cv2, "undistortPointsIter", cv2.undistortPoints)
    theirs = undistort(
        pixels[:, None], matrix, np.array(coefficients), R=None, P=None, criteria=criteria
    )[:, 0]
    plane = (pixels - [camera.cx, camera.cy]) / [camera.fx, camera.fy]
    np.testing.assert_allclose(_undistort(plane, coefficients), theirs, atol=1e-9)


def test_project_agrees_with_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    camera = _camera(FOX)
    points = np.random.default_rng(0).uniform(-1, 1, (200, 3))
    world_to_camera = np.diag([1.0, -1.0, -1.0, 1.0]) @ np.linalg.inv(camera.pose)
    rotation = cv2.Rodrigues(world_to_camera[:3, :3])[0]
    matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
    theirs = cv2.projectPoints(points, rotation, world_to_camera[:3, 3], matrix, np.array(FOX))[0]
    pixels, depth = camera.project(points)
    np.testing.assert_allclose(pixels, theirs[:, 0], atol=1e-7)
    np.testing.assert_allclose(
        depth, (points @ world_to_camera[:3, :3].T)[:, 2] + world_to_camera[2, 3], atol=1e-12
    )


@pytest.mark.parametrize("distortion", [None, FOX, STRONG])
def test_project_inverts_rays(distortion: tuple[float, float, float, float] | None) -> None:
    camera = _camera(distortion)
    pixels = np.random.default_rng(1).uniform((0, 0), (270, 480), (300, 2))
    origins, directions = camera.rays(pixels)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-6)
    back, depth = camera.project(origins.astype(np.float64) + 2.5 * directions)
    assert (depth > 0).all()
    np.testing.assert_allclose(back, pixels, atol=1e-3)  # rays are float32


@pytest.mark.parametrize("coefficients", [FOX, STRONG, (0.3, -0.1, 0.01, -0.01)])
def test_undistort_inverts_the_model_to_rounding(
    coefficients: tuple[float, float, float, float],
) -> None:
    plane = np.random.default_rng(2).uniform((-0.7, -0.9), (0.7, 0.9), (500, 2))
    np.testing.assert_allclose(
        _undistort(_distort(plane, coefficients), coefficients), plane, atol=1e-14
    )


def test_undistort_stays_finite_beyond_the_fold() -> None:
    far = np.array([[3.0, 4.0], [-30.0, 2.0], [0.0, 0.0]])
    assert np.isfinite(_undistort(far, STRONG)).all()
    assert _undistort(far, STRONG)[2] == pytest.approx([0, 0], abs=1e-12)
    assert _distort(np.array([[0.5, 0.0]]), (1.0, 0.0, 0.0, 0.0))[0, 0] == pytest.approx(0.625)


def test_points_behind_the_eye_have_no_position() -> None:
    camera = perspective(10, 10, 1.0, np.eye(4))
    pixels, depth = camera.project(np.array([[0.0, 0, 1], [0, 0, -2]]))
    assert depth == pytest.approx([-1, 2])
    assert np.isnan(pixels[0]).all()
    assert pixels[1] == pytest.approx([5, 5])


def test_axes_of_rays() -> None:
    camera = perspective(4, 2, 2 * np.arctan(1.0), np.eye(4))  # focal length: one pixel
    _, d = camera.rays()
    assert d.shape == (8, 3)
    top_left = np.array([-1.5, 0.5, -1.0])
    np.testing.assert_allclose(d[0], top_left / np.linalg.norm(top_left), atol=1e-6)
    assert d[3, 0] > 0  # the first row runs to the right
    assert d[4, 1] < 0  # the second row lies below


def test_look_at() -> None:
    pose = look_at((0, -4, 0), (0, 0, 0))
    np.testing.assert_allclose(pose[:3, 0], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(pose[:3, 1], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(pose[:3, 2], [0, -1, 0], atol=1e-12)
    straight_down = look_at((0, 0, 5), (0, 0, 0))
    np.testing.assert_allclose(
        straight_down[:3, :3].T @ straight_down[:3, :3], np.eye(3), atol=1e-12
    )
    assert np.linalg.det(straight_down[:3, :3]) == pytest.approx(1)


def test_resized_sees_the_same() -> None:
    camera = _camera(FOX)
    half = camera.resized(135, 240)
    corner = np.array([[27.0, 48.0]])
    np.testing.assert_allclose(camera.rays(corner)[1], half.rays(corner / 2)[1], atol=1e-7)


def test_numbers_tell_cameras_apart() -> None:
    one = _camera()
    assert one.numbers().shape == (26,)
    np.testing.assert_array_equal(one.numbers(), _camera().numbers())
    moved = one.pose.copy()
    moved[1, 3] += 1e-9
    others = [
        replace(one, width=one.width + 1), replace(one, fx=one.fx * 1.01),
        replace(one, cy=one.cy + 0.5), replace(one, distortion=(0.1, 0.0, 0.0, 0.0)),
        replace(one, pose=moved),
    ]  # fmt: skip
    assert all(not np.array_equal(one.numbers(), other.numbers()) for other in others)
