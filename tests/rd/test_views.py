"""Images against images: pixels that do not count, and images of several sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec.data.images import PosedImages
from nfcodec.metrics import psnr, ssim
from nfcodec.metrics.views import image_metrics
from nfcodec.model.camera import look_at, perspective


def posed(counted: np.ndarray | None, sizes: tuple[tuple[int, int], ...]) -> PosedImages:
    images = np.random.default_rng(0).integers(0, 256, (len(sizes), 16, 20, 3), np.uint8)
    cameras = tuple(perspective(w, h, 0.7, look_at((3, i, 1), (0, 0, 0)))
                    for i, (w, h) in enumerate(sizes))  # fmt: skip
    names = tuple(map(str, range(len(sizes))))
    return PosedImages(images, cameras, names, Path("set"), background=(0, 0, 0), counted=counted)


def test_pixels_that_do_not_count_are_not_measured_on() -> None:
    counted = np.ones((3, 16, 20), np.bool_)
    counted[0, :, :9] = counted[2] = False  # of the last view nothing counts
    images = posed(counted, ((20, 16),) * 3)
    noise = np.random.default_rng(1).normal(0, 0.05, (3, 16, 20, 3)).astype(np.float32)
    shown = [images.color(v) + noise[v] for v in range(3)]
    found = image_metrics(images, shown, lambda a, b: float(np.abs(a - b).sum()))
    wanted = (psnr(images.color(0)[:, 9:], shown[0][:, 9:]) + psnr(images.color(1), shown[1])) / 2
    assert found["psnr"] == pytest.approx(wanted)
    for view in range(3):
        shown[view] = np.where(counted[view][..., None], shown[view], 7.0)
    assert image_metrics(images, shown, lambda a, b: float(np.abs(a - b).sum())) == found
    assert found["ssim"] < 1.0


def test_images_of_several_sizes_are_measured_each_at_its_own() -> None:
    images = posed(None, ((20, 16), (12, 15)))
    shown = [images.color(v) * np.float32(0.9) for v in range(2)]
    assert shown[1].shape == (15, 12, 3)
    found = image_metrics(images, shown, None)
    pairs = [(images.color(v), shown[v]) for v in range(2)]
    assert found["psnr"] == pytest.approx(np.mean([psnr(a, b) for a, b in pairs]))
    assert found["ssim"] == pytest.approx(np.mean([ssim(a, b) for a, b in pairs]))
