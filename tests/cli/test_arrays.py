"""Arrays of values, from the command line and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run


@pytest.fixture
def array(tmp_path: Path) -> Path:
    path = tmp_path / "head.npy"
    axes = np.meshgrid(*[np.linspace(0, 3, n) for n in (8, 20, 24)], indexing="ij")
    np.save(path, np.sin(axes[0] + axes[1] * axes[2]).astype(np.float32))
    return path


def test_there_and_back(nfcodec: Run, array: Path, tmp_path: Path) -> None:
    found = nfcodec("encode", array, "--max-error", "0.5%", "--json")
    assert found.code == 0, found
    output = array.with_suffix(".nfc")
    assert found.json["bytes"] == output.stat().st_size < array.stat().st_size / 5
    assert nfcodec("verify", output).code == 0
    assert nfcodec("decode", output, "-o", tmp_path / "back.npy").code == 0
    values, back = np.load(array), np.load(tmp_path / "back.npy")
    assert np.abs(back - values).max() <= 0.005 * np.ptp(values)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-m", "vqad"], "coded by method lattice"),
        (["--bits", 4], "--bits does not apply"),
        (["--max-error", "0"], "for whole numbers"),
        (["--max-error", "1%", "--target-psnr", 40], "exclude each other"),
        (["--shape", "8,20,24"], "for .raw files"),
    ],
)
def test_one_clear_error(nfcodec: Run, array: Path, arguments: list[object], text: str) -> None:
    found = nfcodec("encode", array, *arguments)
    assert found.code == 2
    assert text in found.err
    assert not array.with_suffix(".nfc").exists()
