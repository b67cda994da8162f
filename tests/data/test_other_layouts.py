"""What is no image set that is read: named, with the way on and the right exit code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nfcodec.data import images
from nfcodec.data.image_files import read_header
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError, UsageError
from tests.data.sets import load, put, save, write

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 20341\n"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("sparse/0/cameras.bin", "COLMAP"), ("sparse/cameras.txt", "COLMAP"),
        ("database.db", "COLMAP"), ("poses_bounds.npy", "LLFF"), ("meta_data.json", "SDFStudio"),
        ("intrinsics.txt", "NSVF"), ("keyframes/cameras/1.json", "Polycam"),
        ("EXR_RGBD/metadata.json", "Record3D"), ("cams/00000000_cam.txt", "MVSNet"),
        ("reconstruction.json", "OpenSfM"), ("bundle.out", "Bundler"),
    ],
)  # fmt: skip
def test_other_layouts_are_named(tmp_path: Path, file: str, name: str) -> None:
    save(tmp_path / "images/000.png", 0)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_bytes(b"{}")
    with pytest.raises(UnsupportedError, match=name):
        images.load(tmp_path)


def test_a_file_of_another_name_is_pointed_at(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "transforms.json").rename(tmp_path / "transform_train.json")
    with pytest.raises(DamagedFileError, match=r"it holds transform_train\.json.*give that file"):
        images.load(tmp_path)
    assert len(load(tmp_path / "transform_train.json")[0]) == 10  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["transforms.json", "transforms_train.json"])
def test_the_folder_above_a_set_points_to_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "lego").mkdir()
    write(tmp_path / "lego")
    (tmp_path / "lego/transforms.json").rename(tmp_path / "lego" / name)
    with pytest.raises(UsageError, match=r"holds no image set itself, but .*lego does"):
        images.load(tmp_path)


@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (b"PK\x03\x04" + bytes(60), UnsupportedError, "zip"),
        (b"\x1f\x8b" + bytes(60), UnsupportedError, "gzip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), UsageError, "one image"),
        (b"\xff\xd8\xff\xe0" + bytes(60), UsageError, "one image"),
        (b"\0\0\0\x18ftypheic" + bytes(60), UsageError, "one image"),
        (b"\x93NUMPY" + bytes(60), UnsupportedError, "LLFF"),
        (LFS, DamagedFileError, "git lfs pull"),
        (b"# a mesh\nv 0 0 0\nv 1 0 0\nf 1 2 3\n", UsageError, "train sdf"),
        (b"ply\nformat ascii 1.0\n", UsageError, "train sdf"),
        (b"PK\x03\x04" + bytes(26) + b"archive/data.pkl", UsageError, "checkpoint"),
        (b"\x89NFC\r\n", UsageError, "field"),
        (b"<!DOCTYPE html>", DamagedFileError, "web page"),
        (b"{", DamagedFileError, "not valid JSON"),
    ],
)
def test_what_is_given_instead_of_a_set(
    tmp_path: Path, start: bytes, error: type[NfcodecError], message: str
) -> None:
    file = tmp_path / "data"
    file.write_bytes(start)
    with pytest.raises(error, match=message) as raised:
        images.load(file)
    assert type(raised.value) is error


def test_frames_of_sdfstudio(tmp_path: Path) -> None:
    put(tmp_path, {"frames": [{"rgb_path": "0.png", "camtoworld": []}]})
    with pytest.raises(UnsupportedError, match="SDFStudio"):
        images.load(tmp_path)


@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (b"\x76\x2f\x31\x01\x02\0\0\0channels\0", UnsupportedError, "OpenEXR"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UnsupportedError, "HEIC"),
        (b"\0\0\0\x20ftypisom", UnsupportedError, "film"),
        (b"#?RADIANCE\n", UnsupportedError, "Radiance"),
        (b"8BPS", UnsupportedError, "Photoshop"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 6\n", UnsupportedError, "PostScript"),
        (LFS, DamagedFileError, "git lfs pull"),
        (b"<html>", DamagedFileError, "web page"),
        (b"", DamagedFileError, "empty"),
        (bytes(range(200)), DamagedFileError, "cannot be read as an image"),
    ],
)
def test_kinds_of_images(
    tmp_path: Path, start: bytes, error: type[NfcodecError], message: str
) -> None:
    write(tmp_path)
    file = tmp_path / "images/003.png"
    file.write_bytes(start if not start else start + bytes(300))
    with pytest.raises(error, match=message) as raised:
        images.load(tmp_path)
    assert type(raised.value) is error
    assert "003.png" in str(raised.value)


def test_damaged_images_of_all_formats_raise_no_other_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    for suffix in ("png", "jpg", "tif", "gif", "webp", "bmp", "tga", "ppm", "avif"):
        file = tmp_path / f"a.{suffix}"
        whole.save(file)
        data = np.frombuffer(file.read_bytes(), np.uint8)
        for _ in range(40):
            changed = data.copy()
            at = rng.integers(0, min(len(data), 120), 4)
            changed[at] = rng.integers(0, 256, 4)
            file.write_bytes(changed.tobytes()[: rng.integers(8, len(data) + 1)])
            try:
                width, height = read_header(file)[:2]
                assert width * height > 0
            except (DamagedFileError, UnsupportedError, LimitError):
                pass


def test_too_many_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setattr("nfcodec.data.transforms.MAX_FRAMES", 9)
    with pytest.raises(LimitError, match="10 frames"):
        images.load(tmp_path)
