"""Which files are recognized, and what is said of others."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.vqnerf import pretrained, vqvae_file


def test_names_are_distinct_and_described() -> None:
    names = [source.name for source in importers.REGISTRY]
    assert len(set(names)) == len(names)
    assert all(source.description for source in importers.REGISTRY)


def test_a_missing_file_and_a_folder_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        importers.load(tmp_path / "nothing.pt")
    with pytest.raises(UsageError, match="not a folder"):
        importers.load(tmp_path)


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.pt").touch()
    with pytest.raises(DamagedFileError, match="empty"):
        importers.load(tmp_path / "x.pt")


def test_what_is_known_is_listed_for_what_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x"
    cases = []

    def case(message: str, kind: type[NfcodecError] = UnsupportedError) -> None:
        with pytest.raises(kind) as caught:
            importers.load(path)
        assert type(caught.value) is kind
        assert importers.recognize(path) is None
        cases.append(message)
        assert message in str(caught.value)
        assert all(source.name in str(caught.value) for source in importers.REGISTRY)

    path.write_text("just some text")
    case("a text that begins with 'just some text'", DamagedFileError)
    torch.save({"state_dict": {"fc.weight": torch.zeros(2), "fc.bias": torch.zeros(1)}}, path)
    case("a PyTorch checkpoint with fc.bias, fc.weight under ['state_dict'], and no field")
    torch.save([1, 2], path)
    case("no named tensors")
    torch.save({f"w{i}": torch.zeros(1) for i in range(20)}, path)
    case(", ..., and no field")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    case("a zip archive of hello.txt")
    with open(path, "wb") as file:
        np.savez(file, weights=np.zeros(3))
    case("a NumPy archive of the arrays weights")
    with h5py.File(path, "w") as root:
        root["x"] = np.zeros(3)
    case("an HDF5 file of something else, with x")
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DamagedFileError, match="damaged or incomplete zip"):
        importers.load(path)
    assert len(cases) == 7


def test_an_encoded_field_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(b"\x89NFC\r\n\x1a\n" + bytes(100))
    with pytest.raises(UsageError, match="already encoded"):
        importers.load(path)


@pytest.mark.parametrize("stated", [[1, 2], [[1.0, 2.0]], 3])
def test_a_format_that_is_no_name_is_not_ours(stated: object, tmp_path: Path) -> None:
    pt, h5 = tmp_path / "x.pt", tmp_path / "x.h5"
    torch.save({"format": torch.tensor(stated)}, pt)
    with h5py.File(h5, "w") as root:
        root.attrs["format"] = np.array(stated)
    for path in (pt, h5):
        with pytest.raises(UnsupportedError, match="Recognized are"):
            importers.load(path)
    with pytest.raises(UnsupportedError, match="is no VQ-VAE"):
        vqvae_file.load(pt)
    with pytest.raises(UnsupportedError, match="is no VQ-VAE"):
        pretrained.load(pt)
