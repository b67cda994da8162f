"""Images without cameras."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nfcodec.data import decode, image_files, images, unposed
from nfcodec.errors import DamagedFileError, LimitError, UsageError


def write(folder: Path, count: int, mode: str = "RGB", size: tuple[int, int] = (6, 4)) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        rng = np.random.default_rng(i)
        channels = len(mode)
        values = rng.integers(0, 256, (size[1] + i % 2, size[0], channels), np.uint8)
        Image.fromarray(values, mode).save(folder / f"{i:02d}.png")
    return folder


def test_every_eighth_of_a_folder_is_held_out(tmp_path: Path) -> None:
    write(tmp_path / "p", 10)
    (tmp_path / "p" / "notes.txt").write_text("not an image")
    (tmp_path / "p" / ".hidden.png").write_text("not an image")
    (tmp_path / "p" / "folder.png").mkdir()
    test, train = (unposed.load(tmp_path / "p", split) for split in ("test", "train"))
    assert test.names == ("00.png", "08.png")
    assert train.names == tuple(f"{i:02d}.png" for i in range(10) if i % 8)
    assert len(unposed.load(tmp_path / "p", "all")) == 10
    assert [p.shape for p in train.pixels[:2]] == [(5, 6, 3), (4, 6, 3)]
    with Image.open(tmp_path / "p" / "01.png") as image:
        np.testing.assert_array_equal(train.pixels[0], np.asarray(image))


def test_one_image_alone_is_trained_on(tmp_path: Path) -> None:
    write(tmp_path / "p", 1)
    assert len(unposed.load(tmp_path / "p", "train")) == 1
    with pytest.raises(DamagedFileError, match="one image alone"):
        unposed.load(tmp_path / "p", "test")


def test_transparency_is_laid_over_white(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    values = np.zeros((2, 2, 4), np.uint8)
    values[0, 0] = 10, 20, 30, 255
    values[1, 1] = 100, 0, 0, 51
    Image.fromarray(values, "RGBA").save(folder / "a.png")
    found = unposed.load(folder).pixels[0]
    assert found[0, 0].tolist() == [10, 20, 30]
    assert found[0, 1].tolist() == [255, 255, 255]
    assert found[1, 1].tolist() == [224, 204, 204]


def test_an_image_set_keeps_its_own_split_and_background(tmp_path: Path) -> None:
    pose = np.eye(4)
    pose[2, 3] = 4.0
    for split, count in (("train", 3), ("test", 2)):
        write(tmp_path / split, count, "RGBA", (6, 5))
        for i in range(count):  # one size for a whole set
            with Image.open(tmp_path / split / f"{i:02d}.png") as image:
                image.crop((0, 0, 6, 5)).save(tmp_path / split / f"{i:02d}.png")
        frames = [
            {"file_path": f"./{split}/{i:02d}", "transform_matrix": pose.tolist()}
            for i in range(count)
        ]
        text = json.dumps({"camera_angle_x": 0.7, "frames": frames})
        (tmp_path / f"transforms_{split}.json").write_text(text)
    found = unposed.load(tmp_path, "train")
    posed = images.load(tmp_path, "train")
    assert len(found) == 3
    assert found.names == posed.names
    for i in range(3):
        np.testing.assert_allclose(found.pixels[i] / 255.0, posed.color(i), atol=0.51 / 255)
    assert len(unposed.load(tmp_path, "test")) == 2


def test_what_is_no_folder_of_images_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        unposed.load(tmp_path / "nowhere")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(DamagedFileError, match="neither images"):
        unposed.load(tmp_path)
    (tmp_path / "a.png").write_text("damaged")
    with pytest.raises(DamagedFileError, match=r"a\.png"):
        unposed.load(tmp_path)
    with pytest.raises(UsageError, match=r"a\.png is one image; give the folder"):
        unposed.load(tmp_path / "a.png")
    write(tmp_path / "p", 3)
    monkeypatch.setattr(decode, "MAX_TOTAL_BYTES", 100)
    with pytest.raises(LimitError, match="more than 100"):
        unposed.load(tmp_path / "p")


def test_sizes_that_no_compression_explains_are_refused(tmp_path: Path) -> None:
    """A TIFF of a few hundred bytes that states 67 million pixels; flat ones of PNG are sound."""
    Image.new("RGB", (8, 8)).save(tmp_path / "a.tiff")
    data = (tmp_path / "a.tiff").read_bytes()
    at = data.index(b"\x01\x01\x04\x00\x01\x00\x00\x00") + 8  # the tag of the height
    tall = data[:at] + (2**23).to_bytes(4, "little") + data[at + 4 :]
    (tmp_path / "a.tiff").write_bytes(tall)
    with pytest.raises(LimitError, match=r"8 x 8388608 pixels in \d+ bytes"):
        unposed.load(tmp_path, "all")
    (tmp_path / "a.tiff").unlink()
    Image.new("1", (8192, 8192), 1).save(tmp_path / "flat.png")
    assert (tmp_path / "flat.png").stat().st_size < 40_000
    assert image_files.read_header(tmp_path / "flat.png") == (8192, 8192, False, False)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_a_tiff_without_some_of_its_strips_is_refused(tmp_path: Path, compression: str) -> None:
    """Pillow leaves the rows of missing strips black, and says nothing."""
    pixels = np.full((12, 5, 3), 200, np.uint8)
    file = tmp_path / "a.tiff"
    Image.fromarray(pixels, "RGB").save(file, compression=compression)
    assert (unposed.load(tmp_path, "all").pixels[0] == pixels).all()
    data = file.read_bytes()
    height = re.search(rb"\x01\x01[\x03\x04]\x00\x01\x00\x00\x00", data)
    assert height
    at = height.end()
    file.write_bytes(data[:at] + (20).to_bytes(2, "little") + data[at + 2 :])
    with pytest.raises(DamagedFileError, match=r"a\.tiff: cannot be decoded"):
        unposed.load(tmp_path, "all")
