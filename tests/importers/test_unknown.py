"""What is no field is named, and its owner told what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save as safetensors

from nfcodec import importers
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError


def _checkpoint() -> bytes:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, buffer)
    return buffer.getvalue()


def _tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        info = tarfile.TarInfo("run/model.pt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    return buffer.getvalue()


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def _image(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, form)
    return buffer.getvalue()


def _array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


#: The bytes, what they are said to be, and a part of the remedy.
NAMED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "lfs": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:11\nsize 12\n",
        "a Git LFS pointer", "git lfs pull",
    ),
    "page": (
        lambda: b"\n<!DOCTYPE html><html><head><title>Quota exceeded</title>",
        "a web page (HTML) ('Quota exceeded')", "download again",
    ),
    "page with a mark": (lambda: b"\xef\xbb\xbf<html lang='en'>", "a web page", "download again"),
    "xml": (lambda: b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>", "an XML text", ""),
    "json": (lambda: b'{"lr": 1e-3}', "a JSON text", "the checkpoint itself"),
    "yaml": (lambda: b"!!python/object:nerfstudio.Config\nlr: 1\n", "a YAML text", ""),
    "obj": (lambda: b"# a cube\nv 0 0 0\nv 1 0 0\n", "a mesh (OBJ)", "nfcodec train sdf"),
    "zip": (lambda: _zip(model__pt=_checkpoint()), "a zip archive of model.pt", "unpack it"),
    "gzip": (
        lambda: gzip.compress(_checkpoint()),
        "a gzip file around a zip archive or PyTorch checkpoint", "gunzip",
    ),
    "gzip of hdf5": (lambda: gzip.compress(b"\x89HDF\r\n\x1a\n"), "a gzip file", "gunzip"),
    "tar": (lambda: _tar("w"), "a tar archive of run/model.pt", "unpack it"),
    "tar.gz": (lambda: _tar("w:gz"), "a gzip file around a tar archive of run/model.pt", "unpack"),
    "bz2": (lambda: bz2.compress(b"a"), "a bzip2 file", "unpack it"),
    "xz": (lambda: lzma.compress(b"a"), "an xz file", "unpack it"),
    "safetensors": (
        lambda: safetensors({"fc.weight": np.zeros(3, np.float32)}),
        "a safetensors file with fc.weight", "torch.save",
    ),
    "onnx": (lambda: b"\x08\x07\x12\x07pytorch\x1a\x051.9.0:", "an ONNX model", "checkpoint"),
    "png": (lambda: _image("png"), "a PNG image", "nfcodec train"),
    "jpeg": (lambda: _image("jpeg"), "a JPEG image", "nfcodec train"),
    "webp": (lambda: _image("webp"), "a WebP image", "nfcodec train"),
    "npy": (_array, "a NumPy array", ""),
    "pickle": (lambda: b"\x80\x04N.", "a Python pickle, which would be run", "state_dict"),
    "numbers": (
        lambda: np.random.default_rng(0).normal(0, 0.1, 500).astype("<f4").tobytes(),
        "a file of numbers without a header", "named tensors",
    ),
    "keras": (lambda: _zip(config__json=b"{}", model__weights__h5=b"a"), "a Keras model", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMED)
def test_what_can_be_named_is_unsupported_and_not_damaged(tmp_path: Path, kind: str) -> None:
    make, what, remedy = NAMED[kind]
    path = tmp_path / "model.ckpt"
    path.write_bytes(make())
    with pytest.raises(UnsupportedError) as caught:
        importers.load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: this is {what}")
    assert remedy in text.partition("Recognized are")[0]
    assert "\n" not in text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (bytes(4096), "a file of zeros"),
        (b"Hello, world. " * 9, "a text that begins with 'Hello, world."),
        (bytes(np.random.default_rng(0).integers(0, 256, 999, np.uint8)), "begins with"),
        (b"\x1f\x8b\x08 and no more", "a gzip file that is damaged"),
        (b"PK\x05\x06" + bytes(18), "an empty zip archive"),
    ],
)
def test_what_cannot_be_named_is_damaged(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(data)
    with pytest.raises(DamagedFileError) as caught:
        importers.load(path)
    assert what in str(caught.value)


TOOLS: dict[str, tuple[str, ...]] = {
    "nerfstudio": ("pipeline/_model.field.aabb",),
    "BACON": ("linear.0.weight", "filters.0.linear.weight"),
    "NeuS": ("nerf/pts_linears.0.weight", "sdf_network_fine/lin0.weight_v"),
    "DeepSDF": ("model_state_dict/module.lin0.weight_v",),
    "TensoRF": ("state_dict/density_plane.0", "alphaMask.mask"),
    "DirectVoxGO": ("model_state_dict/density.grid", "model_state_dict/k0.grid"),
    "NGLOD": ("features.0.fm",),
    "torch-ngp": ("model/encoder.embeddings",),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_checkpoints_of_other_tools_are_named(tmp_path: Path, tool: str) -> None:
    held: dict[str, object] = {"epoch": 1}
    for path in TOOLS[tool]:
        group, _, name = path.rpartition("/")
        inner = held.setdefault(group, {}) if group else held
        assert isinstance(inner, dict)
        inner[name] = torch.zeros(2, 2)
    torch.save(held, tmp_path / "x.ckpt")
    with pytest.raises(UnsupportedError) as caught:
        importers.load(tmp_path / "x.ckpt")
    assert f"this is a PyTorch checkpoint of {tool}" in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_program_of_torchscript_is_named(tmp_path: Path) -> None:
    module = torch.jit.trace(torch.nn.Linear(2, 1), torch.zeros(1, 2))
    torch.jit.save(module, tmp_path / "x.pt")
    with pytest.raises(UnsupportedError, match=r"a TorchScript program .*torch\.jit\.load"):
        importers.load(tmp_path / "x.pt")


def test_hdf5_files_of_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as root:
        root.attrs["keras_version"] = "2.4.0"
        root.create_group("dense")
    with pytest.raises(UnsupportedError, match="an HDF5 file of Keras weights"):
        importers.load(path)


def test_names_in_messages_stay_on_one_line(tmp_path: Path) -> None:
    torch.save({"a\nb\x1b[31m" + "c" * 500: torch.zeros(1)}, tmp_path / "x.pt")
    with pytest.raises(NfcodecError) as caught:
        importers.load(tmp_path / "x.pt")
    assert str(caught.value).isprintable()
    assert len(str(caught.value).partition("Recognized are")[0]) < 300
