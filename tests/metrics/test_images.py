"""PSNR and SSIM against hand-computed values and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.metrics import psnr, ssim


def test_psnr_by_hand() -> None:
    assert psnr(np.zeros((2, 5)), np.full((2, 5), 0.1)) == pytest.approx(20)
    assert psnr([0.0, 0.0], [0.1, 0.0]) == pytest.approx(10 * np.log10(200))
    assert psnr([0, 0], [255, 0], peak=255) == pytest.approx(10 * np.log10(2))
    assert psnr(np.uint8([10]), np.uint8([20]), peak=255) == pytest.approx(28.1308, abs=1e-4)
    assert psnr(np.uint8([20]), np.uint8([10]), peak=255) == psnr([10], [20], peak=255)
    assert psnr([1.0], [1.0]) == float("inf")
    assert np.isnan(psnr([np.nan], [1.0]))


def test_psnr_refuses() -> None:
    with pytest.raises(UsageError, match=r"\(2,\) and \(1, 2\)"):
        psnr([1, 2], [[1, 2]])
    with pytest.raises(UsageError, match="empty"):
        psnr([], [])
    with pytest.raises(UsageError, match="peak"):
        psnr([1.0], [2.0], peak=0)


@pytest.mark.parametrize("shape", [(40, 33), (25, 30, 3), (11, 11, 1)])
@pytest.mark.parametrize("peak", [1.0, 255.0])
def test_ssim_is_scikit_images(shape: tuple[int, ...], peak: float) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    rng = np.random.default_rng(0)
    a = rng.random(shape) * peak
    b = np.clip(a + rng.normal(size=shape) * 0.1 * peak, 0, peak)
    theirs = metrics.structural_similarity(
        a, b, data_range=peak, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        channel_axis=2 if len(shape) == 3 else None,
    )  # fmt: skip
    assert ssim(a, b, peak) == pytest.approx(theirs, abs=1e-12)


def test_ssim_by_hand() -> None:
    # Of two flat images only the first factor is left: (2 m n + c1) / (m^2 + n^2 + c1).
    a, b = np.full((12, 15, 3), 0.5), np.full((12, 15, 3), 0.25)
    assert ssim(a, b) == pytest.approx((0.25 + 1e-4) / (0.3125 + 1e-4))
    assert ssim(a, a) == pytest.approx(1)
    # Against its negative around the same mean, an image's structure is opposite.
    noise = np.random.default_rng(1).normal(size=(64, 64)) * 0.2
    assert ssim(0.5 + noise, 0.5 - noise) < -0.9


def test_ssim_refuses() -> None:
    with pytest.raises(UsageError, match="at least 11"):
        ssim(np.zeros((10, 30)), np.zeros((10, 30)))
    with pytest.raises(UsageError, match="SSIM needs"):
        ssim(np.zeros(30), np.zeros(30))
    with pytest.raises(UsageError, match="shapes"):
        ssim(np.zeros((20, 20)), np.zeros((20, 20, 3)))
