"""The visual hull loses no surface, carves what is empty, and bounds the scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.data.hull import _pinhole, scene_bounds, visual_hull
from nfcodec.data.images import PosedImages
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.model.camera import Camera, look_at

CUBE = np.array([[-1.0, -1, -1], [1, 1, 1]])
LENS = (-0.2, 0.05, 1e-3, -2e-3)


def _silhouettes(
    center: npt.ArrayLike,
    radius: float,
    views: int = 24,
    size: int = 48,
    distortion: tuple[float, float, float, float] | None = None,
) -> PosedImages:
    """A sphere's alpha masks, exact by ray: a pixel is set if any of 9 rays through it hits."""
    rng = np.random.default_rng(3)
    cameras, masks = [], []
    for _ in range(views):
        direction = rng.normal(size=3)
        eye = 3.5 * direction / np.linalg.norm(direction)
        camera = Camera(size, size, 62, 58, 23, 25, look_at(eye, (0.1, 0, 0)), distortion)
        hit = np.zeros(size * size, np.bool_)
        y, x = np.mgrid[0:size, 0:size]
        for dy in (0.01, 0.5, 0.99):
            for dx in (0.01, 0.5, 0.99):
                pixels = np.stack([x.ravel() + dx, y.ravel() + dy], axis=1)
                o, d = camera.rays(pixels)
                to = np.asarray(center) - o
                along = (to * d).sum(axis=1)
                hit |= (to * to).sum(axis=1) - along**2 <= radius**2
        cameras.append(camera)
        masks.append(hit.reshape(size, size))
    images = np.zeros((views, size, size, 4), np.uint8)
    images[..., 3] = np.where(np.stack(masks), 255, 0)
    return PosedImages(images, tuple(cameras), tuple(map(str, range(views))), Path("set"))


def _cells_touching_ball(
    center: npt.ArrayLike, radius: float, resolution: int
) -> npt.NDArray[np.bool_]:
    at = (np.arange(resolution) + 0.5) * 2 / resolution - 1
    z, y, x = np.meshgrid(at, at, at, indexing="ij")
    gap = np.stack([np.abs(a - c) for a, c in zip((x, y, z), np.asarray(center), strict=True)])
    nearest = np.maximum(gap - 1 / resolution, 0)
    return np.asarray((nearest**2).sum(axis=0) <= radius**2)


@pytest.mark.parametrize("distortion", [None, LENS])
@pytest.mark.parametrize("radius", [0.5, 0.02])
def test_no_cell_of_the_object_is_lost(
    radius: float, distortion: tuple[float, float, float, float] | None
) -> None:
    center = (0.2, -0.1, 0.3)
    posed = _silhouettes(center, radius, distortion=distortion)
    hull = visual_hull(posed, CUBE, 64)
    truth = _cells_touching_ball(center, radius, 64)
    assert truth.any()
    assert not (truth & ~visual_hull(posed, CUBE, 64, dilate=0.0)).any()
    assert not (truth & ~hull).any()
    # and not everything is kept: within about three pixels of the ball, or five if resampled
    slack = 0.16 if distortion is None else 0.27
    assert not (hull & ~_cells_touching_ball(center, radius + slack, 64)).any()


def test_undistorted_masks_lose_no_pixel() -> None:
    rng = np.random.default_rng(5)
    mask = np.zeros((50, 40), np.bool_)
    rows, columns = rng.integers(2, 48, 60), rng.integers(2, 38, 60)
    mask[rows, columns] = True
    camera = Camera(40, 50, 50, 48, 19, 26, np.eye(4), LENS)
    plain, resampled, whole = _pinhole(camera, mask)
    assert whole
    assert plain.distortion is None
    assert resampled.shape == (plain.height, plain.width)
    assert plain.width > 40  # barrel distortion: the undistorted frame is larger
    inside = np.stack([columns, rows], axis=1) + rng.uniform(size=(50, 60, 2))
    origins, directions = camera.rays(inside.reshape(-1, 2))
    at, _ = plain.project(origins.astype(np.float64) + directions)
    column, row = np.floor(at).astype(np.int64).T
    assert resampled[row, column].all()
    assert resampled.mean() < 0.4
    mask[0, 5] = True  # the object may go on beyond the frame, so all that is there counts
    plain, resampled, whole = _pinhole(camera, mask)
    assert not whole
    assert resampled[0, 0]


def test_is_the_same_with_and_without_the_hierarchy() -> None:
    """Coarse-to-fine carving equals testing all fine cells: an odd resolution has no hierarchy."""
    posed = _silhouettes((0.1, 0.2, 0.0), 0.4)
    bounds = np.array([[-1.0, -1, -1], [1, 1, 1]])
    fine = visual_hull(posed, bounds, 64)
    step = 2 / 64
    # the first 63 of the 64 cells along each axis, as one odd grid
    flat = visual_hull(posed, np.stack([bounds[0], bounds[1] - step]), 63)
    np.testing.assert_array_equal(fine[:63, :63, :63], flat)


def test_dilation_and_threshold() -> None:
    posed = _silhouettes((0, 0, 0), 0.4)
    counts = [int(visual_hull(posed, CUBE, 32, dilate=d).sum()) for d in (0.0, 1.0, 3.0)]
    assert counts[0] < counts[1] < counts[2]
    posed.images[..., 3] //= 2  # 127
    assert visual_hull(posed, CUBE, 32, threshold=126).any()
    assert not visual_hull(posed, CUBE, 32, threshold=127).any()


def test_beyond_the_frame_is_unknown_unless_the_border_is_clear() -> None:
    camera = Camera(20, 20, 20, 20, 10, 10, look_at((0, -2, 0), (0, 0, 0)))
    images = np.zeros((1, 20, 20, 4), np.uint8)
    images[0, 8:12, 8:12, 3] = 255
    posed = PosedImages(images, (camera,), ("a",), Path("set"))
    other = Camera(20, 20, 20, 20, 10, 10, look_at((2, 0, 0), (0, 0, 0)))
    clear = visual_hull(posed, CUBE, 32)
    assert not clear[:, :, 0].any()
    everything = np.full((1, 20, 20, 4), 255, np.uint8)
    both = PosedImages(
        np.concatenate([images, everything]), (camera, other), ("a", "b"), Path("set")
    )
    np.testing.assert_array_equal(visual_hull(both, CUBE, 32), clear)  # b rules nothing out
    images[0, 10, 0, 3] = 255  # now the object may go on beyond the left edge
    assert visual_hull(both.subset([1]), CUBE, 32).any()
    cut = PosedImages(np.concatenate([images, everything]), both.cameras, both.names, both.path)
    assert visual_hull(cut, CUBE, 32).sum() > clear.sum()


def test_bounds_of_a_masked_scene_are_tight() -> None:
    center = np.array([0.2, -0.1, 0.3])
    bounds = scene_bounds(_silhouettes(center, 0.4))
    assert (bounds[0] <= center - 0.4).all()
    assert (bounds[1] >= center + 0.4).all()
    assert np.ptp(bounds[1] - bounds[0]) < 1e-9  # a cube
    assert (bounds[1] - bounds[0]).max() < 1.3 * 0.8


def test_bounds_without_alpha() -> None:
    posed = _silhouettes((0, 0, 0), 0.4)
    plain = PosedImages(
        posed.images[..., :3], posed.cameras, posed.names, posed.path, aabb_scale=4.0
    )
    np.testing.assert_allclose(scene_bounds(plain), [[-2 / 0.33] * 3, [2 / 0.33] * 3])
    plain = PosedImages(posed.images[..., :3], posed.cameras, posed.names, posed.path)
    bounds = scene_bounds(plain)
    np.testing.assert_allclose(bounds.mean(axis=0), (0.1, 0, 0), atol=1e-4)  # what all look at
    assert np.isfinite(scene_bounds(plain.subset([0]))).all()


def test_errors() -> None:
    posed = _silhouettes((0, 0, 0), 0.4, views=2)
    with pytest.raises(UsageError, match="no alpha"):
        visual_hull(PosedImages(posed.images[..., :3], posed.cameras, posed.names, posed.path),
                    CUBE, 8)  # fmt: skip
    with pytest.raises(UsageError, match="resolution"):
        visual_hull(posed, CUBE, 0)
    posed.images[...] = 0
    with pytest.raises(DamagedFileError, match="no point of space"):
        scene_bounds(posed)
