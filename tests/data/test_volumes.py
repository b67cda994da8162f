"""Arrays from files: what is read, and what is refused before anything is allocated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nfcodec.data import volumes
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError, UsageError


def test_forms(tmp_path: Path) -> None:
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    np.save(tmp_path / "a.npy", values)
    np.save(tmp_path / "f.npy", np.asfortranarray(values.astype(">u2")))
    np.savez_compressed(tmp_path / "a.npz", any_name=values)
    values.tofile(tmp_path / "a.raw")
    for name in ("a.npy", "f.npy", "a.npz", "a.raw"):
        path = tmp_path / name
        assert volumes.is_volume(path)
        form = {"shape": (3, 4, 5), "dtype": "<u2"} if name.endswith(".raw") else {}
        found = volumes.load(path, **form).values
        assert found.dtype == values.dtype
        assert found.dtype.isnative
        assert (found == values).all()


def test_files_that_are_no_volumes(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=np.zeros(3), b=np.zeros(3))
    for name in ("objects.npy", "two.npz", "missing.npy", "field.pt"):
        assert not volumes.is_volume(tmp_path / name)


def _header(path: Path, shape: tuple[int, ...], dtype: str) -> Path:
    with path.open("wb") as file:
        about = {"descr": dtype, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, about)
    return path


@pytest.mark.parametrize(
    ("shape", "dtype", "error", "text"),
    [
        ((1000, 1000, 1000), "<f4", LimitError, "1,000,000,000 values"),
        ((2, 70_000, 2), "<f4", LimitError, "sides of 65,536"),
        ((5, 5, 5), "<f4", DamagedFileError, "500 bytes"),
        ((5,), "<f4", UsageError, "two to four axes"),
        ((5, 0, 5), "<f4", UsageError, "none of them empty"),
        ((5, 5, 5), "<i4", UnsupportedError, "int32"),
        ((5, 5, 5), "<c8", UnsupportedError, "complex64"),
        ((5, 5, 5), "|S3", UnsupportedError, "type bytes"),
    ],
)
def test_headers_that_are_refused(
    shape: tuple[int, ...], dtype: str, error: type[NfcodecError], text: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=text):
        volumes.load(_header(tmp_path / "a.npy", shape, dtype))


def test_values_that_are_refused() -> None:
    infinite = np.zeros((2, 3, 4), np.float32)
    infinite[0, 1, 2] = -np.inf
    for values, text in (
        (infinite, "infinite"),
        (np.full((2, 2, 2), 1e300), "infinite"),
        (np.full((2, 2, 2), np.nan), "all 8 values are NaN"),
    ):
        with pytest.raises(UsageError, match=text):
            volumes.Volume.of(values)


def test_raw_needs_its_form(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(bytes(96))
    for form, text in (
        ({}, "--shape"),
        ({"shape": (2, 3, 5), "dtype": "<f4"}, "are 120 bytes, and the file has 96"),
        ({"shape": (2, 3, 4), "dtype": "nonsense"}, "no type of numbers"),
    ):
        with pytest.raises(UsageError, match=text):
            volumes.load(path, **form)
