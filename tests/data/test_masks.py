"""Pixels that do not count, images of several sizes, and alpha that says nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nfcodec.data import images, unposed
from nfcodec.data.hull import visual_hull
from nfcodec.errors import DamagedFileError, UnsupportedError
from tests.data.sets import HEIGHT, LENS, WIDTH, bounds, load, put, save, write

MASK = np.zeros((HEIGHT, WIDTH), np.uint8)
MASK[2:, 3:] = 255
MASK[2, 4] = 1  # anything but black counts


def masked(folder: Path, suffix: str = ".png") -> dict[str, object]:
    content = write(folder)
    (folder / "masks").mkdir()
    for i, frame in enumerate(content["frames"]):
        Image.fromarray(MASK).save(folder / f"masks/{i:03}{suffix}", quality=100)
        frame["mask_path"] = f"masks\\{i:03}{suffix}"
    return put(folder, content)


def test_masks_say_which_pixels_count(tmp_path: Path) -> None:
    content = masked(tmp_path)
    posed, said = load(tmp_path)
    assert said == ""
    assert posed.counted is not None
    np.testing.assert_array_equal(posed.counted, np.stack([MASK > 0] * 10))
    original = np.asarray(Image.open(tmp_path / "images/004.png"))
    np.testing.assert_array_equal(posed.images[4], original * (MASK > 0)[..., None])
    assert posed.subset([4]).counts(0) is not None
    del content["frames"][3]["mask_path"]  # type: ignore[index]
    put(tmp_path, content)
    counts = load(tmp_path)[0].counts(3)
    assert counts is not None
    assert counts.all()
    del content["frames"][4]["mask_path"]  # type: ignore[index]
    arrays = posed.arrays()
    assert arrays[1] is posed.counted


def test_a_jpeg_of_a_mask_is_cut_at_one_half(tmp_path: Path) -> None:
    masked(tmp_path, ".jpg")
    posed, _ = load(tmp_path)
    assert posed.counted is not None
    assert not posed.counted[0, :2, :3].any()
    assert posed.counted[0, 4:, 5:].all()


def test_dynamic_masks_of_instant_ngp_are_what_does_not_count(tmp_path: Path) -> None:
    write(tmp_path)
    Image.fromarray(MASK).save(tmp_path / "images/dynamic_mask_002.png")
    posed, _ = load(tmp_path)
    np.testing.assert_array_equal(posed.counts(2), MASK == 0)
    counts = posed.counts(1)
    assert counts is not None
    assert counts.all()


def test_masks_that_cannot_be_meant(tmp_path: Path) -> None:
    masked(tmp_path)
    save(tmp_path / "masks/003.png", 0, (WIDTH, HEIGHT + 1), 1)
    with pytest.raises(DamagedFileError, match=r"003\.png: 8 x 7 pixels, but 003\.png has 8 x 6"):
        images.load(tmp_path)
    (tmp_path / "masks/003.png").unlink()
    with pytest.raises(DamagedFileError, match=r"images/003\.png: there is no mask"):
        images.load(tmp_path)
    for i in range(10):
        Image.fromarray(0 * MASK).save(tmp_path / f"masks/{i:03}.png")
    with pytest.raises(DamagedFileError, match="leave no pixel"):
        images.load(tmp_path)


def test_what_does_not_heed_masks_refuses_them(tmp_path: Path) -> None:
    masked(tmp_path)
    with pytest.raises(UnsupportedError, match="mask_path"):
        load(tmp_path)[0].need_whole("this")
    with pytest.raises(UnsupportedError, match="mask_path"):
        unposed.load(tmp_path)


def test_masked_pixels_rule_nothing_out_of_the_hull(tmp_path: Path) -> None:
    content = masked(tmp_path)
    for i in range(10):
        save(tmp_path / f"images/{i:03}.png", i, bands=4)
        with Image.open(tmp_path / f"images/{i:03}.png") as image:
            clear = np.array(image)
        clear[..., 3] = 0
        clear[3, 4, 3] = 255  # where it counts, one pixel shows something
        Image.fromarray(clear).save(tmp_path / f"images/{i:03}.png")
    cube = np.array([[-4.0] * 3, [4.0] * 3])
    some = visual_hull(load(tmp_path)[0], cube, 16)
    for frame in content["frames"]:  # type: ignore[attr-defined]
        del frame["mask_path"]
    put(tmp_path, content)
    all_ = visual_hull(load(tmp_path)[0], cube, 16)
    assert all_.sum() < some.sum() < some.size
    assert not (all_ & ~some).any()


def test_portrait_and_landscape_in_one_set(tmp_path: Path) -> None:
    content = write(tmp_path)
    for i in (1, 4):
        save(tmp_path / f"images/{i:03}.png", i, (HEIGHT, WIDTH))
        turned = {"w": HEIGHT, "h": WIDTH, "cx": 3.0, "cy": 4.0}
        content["frames"][i].update(turned)
    put(tmp_path, content)
    posed, _ = load(tmp_path)
    assert posed.mixed
    assert posed.images.shape == (10, WIDTH, WIDTH, 3)
    assert (posed.cameras[4].width, posed.cameras[4].height) == (HEIGHT, WIDTH)
    for view in (3, 4):
        wanted = np.asarray(Image.open(tmp_path / f"images/{view:03}.png"))
        np.testing.assert_array_equal(posed.image(view), wanted)
        np.testing.assert_allclose(posed.color(view), wanted / 255, atol=1e-6)
        assert posed.alpha(view).shape == wanted.shape[:2]
    assert bounds(tmp_path)[1] == ""
    assert [p.shape[:2] for p in unposed.load(tmp_path, "all").pixels[3:5]] == [(6, 8), (8, 6)]
    with pytest.raises(UnsupportedError, match="differ in size"):
        posed.need_whole("this")
    assert posed.subset([0, 4]).image(1).shape == (WIDTH, HEIGHT, 3)


def test_one_lens_does_not_suit_several_sizes(tmp_path: Path) -> None:
    write(tmp_path, w=None, h=None)
    save(tmp_path / "images/003.png", 3, (WIDTH, HEIGHT + 1))
    with pytest.raises(DamagedFileError, match=r"003\.png: images differ in size"):
        images.load(tmp_path)
    write(tmp_path, **{**dict.fromkeys(LENS), "camera_angle_x": 0.7})
    save(tmp_path / "images/003.png", 3, (2 * WIDTH, 2 * HEIGHT))  # an angle suits both
    assert load(tmp_path)[0].mixed


def test_alpha_that_is_opaque_throughout_is_none(tmp_path: Path) -> None:
    write(tmp_path, aabb_scale=2)
    plain, _ = load(tmp_path)
    box = bounds(tmp_path)[0]
    for file in (tmp_path / "images").iterdir():
        Image.open(file).convert("RGBA").save(file)
    opaque, _ = load(tmp_path)
    np.testing.assert_array_equal(opaque.images, plain.images)
    assert opaque.background == plain.background == (0, 0, 0)
    np.testing.assert_array_equal(bounds(tmp_path)[0], box)
    with Image.open(tmp_path / "images/005.png") as image:
        image.putpixel((2, 1), (9, 9, 9, 254))
        image.save(tmp_path / "images/005.png")
    assert load(tmp_path)[0].has_alpha
