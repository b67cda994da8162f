"""Posed images: both layouts, and each way a set can be wrong."""

from __future__ import annotations

import json
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nfcodec.data import decode, images, transforms
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError


def _pose(x: float = 0.0) -> list[list[float]]:
    return [[1, 0, 0, x], [0, 1, 0, 0], [0, 0, 1, 4.0], [0, 0, 0, 1]]


def _write_image(path: Path, seed: int, size: tuple[int, int] = (6, 4), mode: str = "RGBA") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    Image.fromarray(pixels, mode=None).save(path)


def _blender(folder: Path, counts: tuple[int, int] = (3, 2)) -> Path:
    for split, count in zip(("train", "test"), counts, strict=True):
        frames = []
        for i in range(count):
            _write_image(folder / split / f"r_{i}.png", i + 10 * (split == "test"))
            frames.append({"file_path": f"./{split}/r_{i}", "transform_matrix": _pose(i)})
        content = {"camera_angle_x": 0.7, "frames": frames}
        (folder / f"transforms_{split}.json").write_text(json.dumps(content))
    return folder


def _single(folder: Path, count: int = 10, missing: int = 0, **values: Any) -> Path:
    frames = []
    for i in reversed(range(count)):  # out of order: the reader sorts
        _write_image(folder / "images" / f"{i:03}.png", i, mode="RGB")
        frames.append({"file_path": f"images/{i:03}.png", "transform_matrix": _pose(i)})
    for i in range(missing):
        frames.insert(0, {"file_path": f"images/gone{i}.png", "transform_matrix": _pose()})
    content = {"fl_x": 5.0, "fl_y": 5.5, "cx": 3.2, "cy": 1.9, "w": 6, "h": 4, **values}
    (folder / "transforms.json").write_text(json.dumps({**content, "frames": frames}))
    return folder


def _edit(file: Path, frame: int | None, **values: Any) -> None:
    content = json.loads(file.read_text())
    target = content if frame is None else content["frames"][frame]
    for key, value in values.items():
        if value is None:
            target.pop(key)
        else:
            target[key] = value
    file.write_text(json.dumps(content))


def test_blender_layout(tmp_path: Path) -> None:
    _blender(tmp_path)
    posed = images.load(tmp_path, "train")
    assert posed.images.shape == (3, 4, 6, 4)
    assert posed.images.dtype == np.uint8
    assert posed.has_alpha
    assert posed.names == ("./train/r_0", "./train/r_1", "./train/r_2")
    assert posed.background == (1, 1, 1)
    assert (posed.width, posed.height, len(posed)) == (6, 4, 3)
    np.testing.assert_array_equal(posed.images[1], np.array(Image.open(tmp_path / "train/r_1.png")))
    camera = posed.cameras[2]
    assert camera.fx == pytest.approx(3 / np.tan(0.35))
    assert camera.fy == camera.fx
    assert (camera.cx, camera.cy) == (3, 2)
    assert camera.pose[0, 3] == 2
    assert camera.distortion is None
    assert len(images.load(tmp_path, "test")) == 2
    assert len(images.load(tmp_path, "all")) == 5


def test_color_is_straight_alpha_over_the_background(tmp_path: Path) -> None:
    posed = images.load(_blender(tmp_path))
    raw = posed.images[1].astype(np.float64) / 255
    over_white = raw[..., :3] * raw[..., 3:] + (1 - raw[..., 3:])
    np.testing.assert_allclose(posed.color(1), over_white, atol=1e-6)
    over_red = raw[..., :3] * raw[..., 3:] + (1 - raw[..., 3:]) * [1, 0, 0]
    np.testing.assert_allclose(posed.color(1, (1, 0, 0)), over_red, atol=1e-6)
    np.testing.assert_array_equal(posed.colors()[1], posed.color(1))
    np.testing.assert_allclose(posed.alpha(1), raw[..., 3], atol=1e-6)
    assert posed.colors().dtype == np.float32


def test_single_file_holds_out_every_eighth(tmp_path: Path) -> None:
    _single(tmp_path, 10, k1=0.05, k2=-0.08, p1=-1e-3, p2=2e-4, aabb_scale=4)
    test = images.load(tmp_path, "test")
    assert test.names == ("images/000.png", "images/008.png")
    train = images.load(tmp_path)
    assert train.names == tuple(f"images/{i:03}.png" for i in (1, 2, 3, 4, 5, 6, 7, 9))
    assert [c.pose[0, 3] for c in train.cameras] == [1, 2, 3, 4, 5, 6, 7, 9]
    assert len(images.load(tmp_path, "all")) == 10
    assert images.load(tmp_path / "transforms.json", "test").names == test.names
    camera = train.cameras[0]
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (5.0, 5.5, 3.2, 1.9)
    assert camera.distortion == (0.05, -0.08, -1e-3, 2e-4)
    assert not train.has_alpha
    assert train.background == (0, 0, 0)
    assert train.aabb_scale == 4
    assert train.missing == 0
    assert (train.alpha(0) == 1).all()
    np.testing.assert_allclose(train.color(0), train.images[0] / 255, atol=1e-6)


def test_missing_frames_give_one_warning_that_counts_them(tmp_path: Path) -> None:
    _single(tmp_path, 9, missing=3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        posed = images.load(tmp_path, "all")
    assert len(caught) == 1
    assert "3 of 12" in str(caught[0].message)
    assert posed.missing == 3
    assert len(posed) == 9


def test_frames_override_the_file(tmp_path: Path) -> None:
    _single(tmp_path, 2, k1=0.1)
    _edit(tmp_path / "transforms.json", 0, fl_x=9.0, k1=0.0)  # written in reverse: frame 001
    first, second = images.load(tmp_path, "all").cameras
    assert (first.fx, second.fx) == (5.0, 9.0)
    assert first.distortion == (0.1, 0, 0, 0)
    assert second.distortion is None


def test_intrinsics_of_another_size_are_scaled(tmp_path: Path) -> None:
    _single(tmp_path, 2, w=12, h=8)
    camera = images.load(tmp_path, "all").cameras[0]
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (2.5, 2.75, 1.6, 0.95)
    assert (camera.width, camera.height) == (6, 4)
    _edit(tmp_path / "transforms.json", None, h=12)
    with pytest.raises(DamagedFileError, match="aspect"):
        images.load(tmp_path)


def test_a_scaled_rotation_becomes_a_rotation(tmp_path: Path) -> None:
    _single(tmp_path, 1)
    pose = [[2, 0, 0, 1.0], [0, 2, 0, 0], [0, 0, 2, 3], [0, 0, 0, 1]]
    _edit(tmp_path / "transforms.json", 0, transform_matrix=pose)
    loaded = images.load(tmp_path, "test").cameras[0].pose
    np.testing.assert_array_equal(loaded[:3, :3], np.eye(3))
    np.testing.assert_array_equal(loaded[:3, 3], [1, 0, 3])


def test_subset(tmp_path: Path) -> None:
    posed = images.load(_blender(tmp_path))
    part = posed.subset([2, 0])
    assert part.names == (posed.names[2], posed.names[0])
    np.testing.assert_array_equal(part.images[0], posed.images[2])
    assert part.cameras[1] is posed.cameras[0]


def test_path_and_split_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        images.load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="validation"):
        images.load(_blender(tmp_path), "validation")  # type: ignore[arg-type]


def test_no_transforms(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="neither transforms_train"):
        images.load(tmp_path)
    _blender(tmp_path)
    (tmp_path / "transforms_test.json").unlink()
    images.load(tmp_path, "train")
    with pytest.raises(DamagedFileError, match="no transforms_test"):
        images.load(tmp_path, "all")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"frames": 3}', '{"frames": [3]}', '{"frames": [{"file_path": 3}]}',
     "[" * 100_000, '{"frames": [{}]}', '{"frames": []}', "\x00"],
)  # fmt: skip
def test_broken_transforms(tmp_path: Path, content: str) -> None:
    (tmp_path / "transforms.json").write_text(content)
    with pytest.raises(DamagedFileError, match=r"transforms\.json|lists no frames"):
        images.load(tmp_path)


def test_binary_transforms(tmp_path: Path) -> None:
    (tmp_path / "transforms.json").write_bytes(bytes(range(255, 0, -1)))
    with pytest.raises(DamagedFileError, match="not valid JSON"):
        images.load(tmp_path)


def test_no_image_exists(tmp_path: Path) -> None:
    frames = [{"file_path": name, "transform_matrix": _pose()} for name in ("a", "b\0", "c" * 9999)]
    (tmp_path / "transforms.json").write_text(json.dumps({"fl_x": 1, "frames": frames}))
    with pytest.raises(DamagedFileError, match="none of their images exists"):
        images.load(tmp_path)


def test_one_frame_is_a_test_view(tmp_path: Path) -> None:
    _single(tmp_path, 1)
    assert len(images.load(tmp_path, "test")) == 1
    with pytest.raises(DamagedFileError, match="held out"):
        images.load(tmp_path, "train")


def test_images_of_differing_size(tmp_path: Path) -> None:
    _blender(tmp_path)
    _write_image(tmp_path / "train/r_1.png", 0, size=(6, 5))
    with pytest.raises(DamagedFileError, match=r"r_1: images differ in size and share a lens"):
        images.load(tmp_path)  # an angle of view that suits one of them


def test_undecodable_images(tmp_path: Path) -> None:
    _blender(tmp_path)
    file = tmp_path / "train/r_1.png"
    whole = file.read_bytes()
    for damaged in (b"", b"hello", whole[:20], whole[: len(whole) - 40]):
        file.write_bytes(damaged)
        with pytest.raises(DamagedFileError, match=r"r_1\.png"):
            images.load(tmp_path)


def _png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [9_000, 10_000, 30_000])
def test_image_bombs_are_refused_unread(tmp_path: Path, side: int) -> None:
    _single(tmp_path, 1)
    (tmp_path / "images/000.png").write_bytes(_png_header(side, side))
    with pytest.raises(LimitError, match=r"000\.png"):
        images.load(tmp_path, "test")


def test_total_size_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _blender(tmp_path)
    monkeypatch.setattr(decode, "MAX_TOTAL_BYTES", 3 * 6 * 4 * 4)
    images.load(tmp_path)
    monkeypatch.setattr(decode, "MAX_TOTAL_BYTES", 3 * 6 * 4 * 4 - 1)
    with pytest.raises(LimitError, match="3 images of 6 x 4"):
        images.load(tmp_path)


def test_pixel_formats(tmp_path: Path) -> None:
    _single(tmp_path, 2)
    gray = np.arange(24, dtype=np.uint8).reshape(4, 6)
    Image.fromarray(gray).save(tmp_path / "images/000.png")
    posed = images.load(tmp_path, "all")
    np.testing.assert_array_equal(posed.images[0], np.repeat(gray[..., None], 3, axis=2))
    _write_image(tmp_path / "images/001.png", 3, mode="RGBA")
    posed = images.load(tmp_path, "all")  # an opaque image among transparent ones
    assert posed.has_alpha
    assert (posed.alpha(0) == 1).all()
    Image.fromarray(gray.astype(np.uint16) * 99).save(tmp_path / "images/000.png")
    with pytest.raises(UnsupportedError, match="I;16"):
        images.load(tmp_path, "all")


NAN_POSE = [[float("nan"), 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"transform_matrix": NAN_POSE}, "NaN"),
        ({"transform_matrix": [[1, 2], [3]]}, "transform_matrix"),
        ({"transform_matrix": [[1, 2], [3, 4]]}, "not 4 x 4"),
        ({"transform_matrix": "abc"}, "transform_matrix"),
        ({"transform_matrix": [[0.0] * 4] * 3}, "singular"),
        ({"transform_matrix": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 0]]}, "rotation"),
        ({"transform_matrix": None}, "not given"),
        ({"fl_x": float("inf")}, "fl_x"),
        ({"fl_x": -1}, "fl_x"),
        ({"fl_x": 10**400}, "fl_x"),
        ({"fl_x": "5"}, "fl_x"),
        ({"cx": True}, "cx"),
    ],
)
def test_bad_frame_values(tmp_path: Path, values: dict[str, Any], message: str) -> None:
    _single(tmp_path, 1)
    _edit(tmp_path / "transforms.json", 0, **values)
    with pytest.raises(DamagedFileError, match=message) as raised:
        images.load(tmp_path, "test")
    assert "images/000.png" in str(raised.value)


def test_focal_length_from_the_angle(tmp_path: Path) -> None:
    _single(tmp_path, 1)
    file = tmp_path / "transforms.json"
    _edit(file, None, fl_x=None, fl_y=None, cx=None, cy=None, w=None, h=None)
    with pytest.raises(DamagedFileError, match="neither fl_x nor"):
        images.load(tmp_path, "test")
    _edit(file, None, camera_angle_x=4.0)
    with pytest.raises(DamagedFileError, match="pi"):
        images.load(tmp_path, "test")
    _edit(file, None, camera_angle_x=1.0, camera_angle_y=0.8)
    camera = images.load(tmp_path, "test").cameras[0]
    assert camera.fx == pytest.approx(3 / np.tan(0.5))
    assert camera.fy == pytest.approx(2 / np.tan(0.4))


@pytest.mark.parametrize(
    "values", [{"camera_model": "OPENCV_FISHEYE"}, {"is_fisheye": True}, {"k3": 0.1}]
)
def test_other_lenses_are_unsupported(tmp_path: Path, values: dict[str, Any]) -> None:
    _single(tmp_path, 1, **values)
    with pytest.raises(UnsupportedError, match="supported"):
        images.load(tmp_path, "test")


def test_lego(data_dir: Path) -> None:
    posed = images.load(data_dir / "images/lego_200", "test")
    assert posed.images.shape == (25, 200, 200, 4)
    assert posed.cameras[0].fx == pytest.approx(277.7778, abs=1e-3)
    partial = posed.images[(posed.images[..., 3] > 0) & (posed.images[..., 3] < 255)]
    # Premultiplied storage could hold no color above its alpha; straight alpha does.
    assert (partial[:, :3].max(axis=1) > partial[:, 3]).mean() > 0.2


def test_fox(data_dir: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        posed = images.load(data_dir / "images/fox_quarter", "all")
    assert posed.images.shape == (50, 480, 270, 3)
    assert posed.cameras[0].distortion == (0.0578421, -0.0805099, -0.000980296, 0.00015575)


def test_transforms_files_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _single(tmp_path, 1)
    monkeypatch.setattr(transforms, "MAX_JSON_BYTES", 10)
    with pytest.raises(LimitError, match=r"transforms\.json"):
        images.load(tmp_path, "test")


@pytest.mark.parametrize("suffix", ["jpg", "webp", "png"])
def test_images_that_viewers_turn_are_read_as_stored(tmp_path: Path, suffix: str) -> None:
    file = _single(tmp_path) / "transforms.json"
    for number, image in enumerate(sorted((tmp_path / "images").iterdir())):
        exif = Image.Exif()
        exif[0x0112] = 6 if number else 1  # a quarter to the right
        with Image.open(image) as pixels:
            copy = pixels.copy()
        image.unlink()
        copy.save(image.with_suffix(f".{suffix}"), exif=exif)
    file.write_text(file.read_text().replace(".png", f".{suffix}"))
    with pytest.warns(UserWarning, match=r"asks viewers to turn 9 of 10 images \(the first: 001"):
        posed = images.load(tmp_path, "all")
    assert posed.images.shape == (10, 4, 6, 3)
