"""HDF5 files whose sizes and filters do not fit what the file holds."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nfcodec import importers
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError
from nfcodec.exporters import export
from nfcodec.fieldfile import h5
from nfcodec.untrusted import h5_values
from tests.fields import random_field
from tests.importers.helpers import same_field


def _with_features(folder: Path, **options: Any) -> Path:
    """A field whose features are written in a way of their own."""
    field = random_field("scalar", "dense", levels=1)
    path = export(field, folder / "a.h5", overwrite=True)
    with h5py.File(path, "r+") as root:
        level = root["grids/0/levels/0"]
        del level["features"]
        features = field.levels[0].features
        level.create_dataset("features", data=features, chunks=(7, 3), **options)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {}, {"compression": "gzip"}, {"compression": "lzf"}, {"fletcher32": True},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf", "shuffle": True, "fletcher32": True},
        {"maxshape": (None, None), "compression": 9},
    ],
)  # fmt: skip
def test_usual_filters_are_read(tmp_path: Path, options: dict[str, Any]) -> None:
    field = random_field("scalar", "dense", levels=1)
    assert same_field(importers.load(_with_features(tmp_path, **options)), field)


def test_chunks_that_deflate_did_not_make_smaller(tmp_path: Path) -> None:
    path = _with_features(tmp_path, compression="gzip")
    field = random_field("scalar", "dense", levels=1)
    with h5py.File(path, "r+") as root:
        features = root["grids/0/levels/0/features"]
        plain = np.zeros((7, 3), "<f4")
        plain[:] = field.levels[0].features[:7, :3]
        features.id.write_direct_chunk((0, 0), plain.tobytes(), filter_mask=1)
    assert same_field(importers.load(path), field)


@pytest.mark.parametrize("options", [{"scaleoffset": 3}, {"compression": "szip"}])
def test_other_filters_are_named(tmp_path: Path, options: dict[str, Any]) -> None:
    try:
        path = _with_features(tmp_path, **options)
    except ValueError as error:
        pytest.skip(str(error))
    with pytest.raises(UnsupportedError, match=r"features is compressed by .*h5repack"):
        importers.load(path)


def test_a_chunk_that_expands_beyond_its_size_is_refused(tmp_path: Path) -> None:
    path = _with_features(tmp_path, compression="gzip")
    with h5py.File(path, "r+") as root:
        bomb = zlib.compress(bytes(1 << 20))
        root["grids/0/levels/0/features"].id.write_direct_chunk((0, 0), bomb)
    with pytest.raises(DamagedFileError, match=r"expands beyond|larger than"):
        importers.load(path)


def test_chunks_larger_than_the_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as root:
        data = root.create_dataset("a", (2, 2), "f4", maxshape=(None, None), chunks=(1 << 13,) * 2)
        data.id.write_direct_chunk((0, 0), bytes(16), filter_mask=0)
    with h5py.File(path) as root, pytest.raises(LimitError, match="chunks of 268,435,456 bytes"):
        h5_values.values(root["a"], "a")
    monkeypatch.setattr(h5_values, "_MAX_CHUNKS", 2)
    with pytest.raises(LimitError, match="more than 2 chunks"):
        importers.load(_with_features(tmp_path, compression="gzip"))


def test_links_within_lists_are_not_followed(tmp_path: Path) -> None:
    path = export(random_field("scalar", "dense", levels=1), tmp_path / "a.h5")
    other = export(random_field("scalar", "dense", levels=1), tmp_path / "b.h5")
    with h5py.File(path, "r+") as root:
        del root["grids/0"]
        root["grids/0"] = h5py.ExternalLink(str(other), "/grids/0")
    for read in (importers.load, lambda p: h5.read_level(p, 0), h5.count_levels):
        with pytest.raises(UnsupportedError, match="not followed"):
            read(path)


def test_large_attributes_are_not_read(tmp_path: Path) -> None:
    path = export(random_field("scalar", "dense", levels=1), tmp_path / "a.h5")
    with h5py.File(path, "r+") as root:
        root.attrs["format"] = "x" * 60_000
    with pytest.raises(NfcodecError):
        importers.load(path)
    with h5py.File(path, "r+") as root:
        root.attrs["format"] = np.zeros(100)
    with pytest.raises(UnsupportedError, match="an HDF5 file of something else"):
        importers.load(path)
