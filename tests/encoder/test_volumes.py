"""Volumes: bounds that hold, targets that are met, types and NaN that come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.data.volumes import Volume
from nfcodec.encoder.volumes import VolumeRequest, encode_volume
from nfcodec.errors import UsageError
from nfcodec.exporters import export


def _smooth(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Waves with a little noise, float64, about -1.5 to 1.5."""
    rng = np.random.default_rng(seed)
    axes = np.meshgrid(*[np.linspace(0, 3, n) for n in shape], indexing="ij")
    waves = sum(np.sin((2 + k) * axis + k) for k, axis in enumerate(axes))
    return np.asarray(waves / 2 + rng.normal(0, 0.01, shape))


def _back(values: np.ndarray, request: VolumeRequest, folder: Path) -> tuple[np.ndarray, int]:
    """What a file of ``values`` decodes to, and its bytes."""
    found = encode_volume(Volume.of(values), request)
    export(coding.open(found.data), folder / "back.npy", overwrite=True)
    return np.load(folder / "back.npy"), len(found.data)


@pytest.mark.parametrize("shape", [(9, 20, 31), (1, 17, 33), (30, 41), (3, 6, 9, 11), (2, 1, 1)])
@pytest.mark.parametrize("share", [0.05, 1e-3, 1e-6])
def test_bound_holds_at_every_value(shape: tuple[int, ...], share: float, tmp_path: Path) -> None:
    values = _smooth(shape).astype(np.float32)
    back, _ = _back(values, VolumeRequest(max_error=share), tmp_path)
    assert back.dtype == values.dtype
    assert back.shape == values.shape
    spread = float(values.max()) - float(values.min())
    assert np.abs(back.astype(np.float64) - values).max() <= share * spread


def test_bound_holds_far_from_zero(tmp_path: Path) -> None:
    values = (280 + 10 * _smooth((8, 16, 16))).astype(np.float32)
    back, _ = _back(values, VolumeRequest(max_error=1e-4), tmp_path)
    spread = float(values.max()) - float(values.min())
    assert np.abs(back.astype(np.float64) - values).max() <= 1e-4 * spread


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.03])
def test_integers(dtype: str, share: float, tmp_path: Path) -> None:
    info = np.iinfo(dtype)
    values = _smooth((12, 20, 20))
    values = (values - values.min()) / np.ptp(values) * (info.max - info.min) + info.min
    whole = np.rint(values).astype(dtype)
    back, size = _back(whole, VolumeRequest(max_error=share), tmp_path)
    assert back.dtype == whole.dtype
    bound = share * (int(whole.max()) - int(whole.min()))
    assert np.abs(back.astype(np.int64) - whole).max() <= bound
    assert size < whole.nbytes


@pytest.mark.parametrize("psnr", [30.0, 50.0])
def test_psnr_is_met_and_hardly_exceeded(psnr: float, tmp_path: Path) -> None:
    values = _smooth((16, 32, 32)).astype(np.float32)
    back, _ = _back(values, VolumeRequest(target_psnr=psnr), tmp_path)
    mean = np.square(back.astype(np.float64) - values).mean()
    assert 0 <= 20 * np.log10(np.ptp(values) / np.sqrt(mean)) - psnr < 0.5


def test_size_is_kept_and_used(tmp_path: Path) -> None:
    values = _smooth((16, 32, 32)).astype(np.float32)
    _, size = _back(values, VolumeRequest(target_size=4000), tmp_path)
    assert 3800 < size <= 4000


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    values = _smooth((10, 20, 20)).astype(np.float32)
    values[2:6, 5:15] = np.nan
    back, size = _back(values, VolumeRequest(max_error=0.01), tmp_path)
    assert (np.isnan(back) == np.isnan(values)).all()
    assert np.nanmax(np.abs(back - values)) <= 0.01 * (np.nanmax(values) - np.nanmin(values))
    filled = np.where(np.isnan(values), 0, values)
    assert size < _back(filled, VolumeRequest(max_error=0.01), tmp_path)[1] * 1.1


def test_constant_is_exact(tmp_path: Path) -> None:
    values = np.full((4, 5, 6), 0.3, np.float32)
    for request in (VolumeRequest(max_error=0.0), VolumeRequest(target_psnr=40.0)):
        back, size = _back(values, request, tmp_path)
        assert (back == values).all()
        assert size < 400


def test_requests_that_cannot_be_met() -> None:
    volume = Volume.of(_smooth((6, 7, 8)).astype(np.float32), "v.npy")
    for request, text in (
        (VolumeRequest(max_error=0.0), "for whole numbers"),
        (VolumeRequest(max_error=1e-9), "float32 cannot hold"),
        (VolumeRequest(target_size=10), "the smallest takes"),
        (VolumeRequest(target_psnr=200.0), "cannot be reached"),
    ):
        with pytest.raises(UsageError, match=text):
            encode_volume(volume, request)
    with pytest.raises(UsageError, match="exclude each other"):
        VolumeRequest(max_error=0.1, target_psnr=30.0)


def test_channels_with_different_gaps_are_refused() -> None:
    values = np.zeros((2, 4, 4, 4), np.float32)
    values[0, 0, 0, 0] = np.nan
    values[1] = 1
    with pytest.raises(UsageError, match="different places"):
        encode_volume(Volume.of(values))
