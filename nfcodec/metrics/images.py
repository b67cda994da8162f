"""Image metrics: PSNR and SSIM. NumPy only, computed in float64."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError

Floats = npt.NDArray[np.float64]

_WINDOW = 11
_SIGMA = 1.5
_K1, _K2 = 0.01, 0.03


def psnr(reference: npt.ArrayLike, test: npt.ArrayLike, peak: float = 1.0) -> float:
    """Peak signal-to-noise ratio in dB, ``10 log10(peak^2 / mean squared error)``.

    Arrays of any one shape: images with ``peak`` 1, field values with ``peak`` their range. The
    mean is over all values together; for a set of views take the mean of the views' PSNRs, as the
    NeRF literature does. Infinite for equal arrays, NaN where one holds NaN.

    Raises UsageError for shapes that differ, for empty arrays and for a peak that is not positive.
    """
    a, b = _pair(reference, test)
    if not peak > 0:
        raise UsageError(f"peak {peak}: expected a positive number")
    error = float(np.mean((a - b) ** 2))
    with np.errstate(divide="ignore"):
        return float(10.0 * np.log10(np.float64(peak) ** 2 / np.float64(error)))


def ssim(
    reference: npt.ArrayLike,
    test: npt.ArrayLike,
    peak: float = 1.0,
    *,
    counted: npt.NDArray[np.bool_] | None = None,
) -> float:
    """Structural similarity of two images (H, W) or (H, W, C), both sides at least 11.

    Wang et al., Image Quality Assessment (2004): Gaussian window of 11 x 11 with sigma 1.5,
    K1 = 0.01, K2 = 0.03, over all places where the window lies inside, averaged over the channels.
    The same as scikit-image's with ``gaussian_weights=True, sigma=1.5,
    use_sample_covariance=False``. ``counted``: (H, W), the mean is over the windows around these
    pixels, if any window is.

    Raises UsageError for shapes that differ or images that are too small.
    """
    a, b = _pair(reference, test)
    if a.ndim not in (2, 3) or min(a.shape[:2]) < _WINDOW:
        raise UsageError(
            f"images of shape {a.shape}: SSIM needs (H, W) or (H, W, C), both sides at least "
            f"{_WINDOW}"
        )
    mean_a, mean_b = _blur(a), _blur(b)
    var_a = _blur(a * a) - mean_a**2
    var_b = _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    c1, c2 = (_K1 * peak) ** 2, (_K2 * peak) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    found: Floats = top / bottom
    if counted is not None:
        border = _WINDOW // 2
        centers = counted[border : border + found.shape[0], border : border + found.shape[1]]
        if centers.any():
            found = found[centers]
    return float(np.mean(found))


def _pair(reference: npt.ArrayLike, test: npt.ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(reference, np.float64), np.asarray(test, np.float64)
    if a.shape != b.shape:
        raise UsageError(f"cannot compare arrays of shapes {a.shape} and {b.shape}")
    if a.size == 0:
        raise UsageError("cannot compare empty arrays")
    return a, b


def _blur(image: Floats) -> Floats:
    """The Gaussian window's mean wherever the window lies inside the image."""
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        length = image.shape[axis] - _WINDOW + 1
        total = np.zeros((*image.shape[:axis], length, *image.shape[axis + 1 :]))
        for start, weight in enumerate(weights):
            part = [slice(None)] * image.ndim
            part[axis] = slice(start, start + length)
            total += weight * image[tuple(part)]
        image = total
    return image
