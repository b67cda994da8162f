"""Keys of transforms files that change a set's meaning: heeded, refused, or named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec.data import images
from nfcodec.data.transforms_keys import (
    _HARMLESS_FILE,
    _HARMLESS_FRAME,
    _HEEDED_FILE,
    _HEEDED_FRAME,
    _REFUSED,
    not_read,
)
from nfcodec.errors import DamagedFileError, UnsupportedError
from tests.data.sets import HEIGHT, WIDTH, bounds, load, poses, put, save, write

CENTER = (9.0, -4.0, 2.0)
SHIFT = [0.5 - 0.25 * c for c in CENTER]


def cube(center: tuple[float, ...], half: float) -> Any:
    return np.array([np.subtract(center, half), np.add(center, half)])


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        # instant-ngp: place = scale p + offset, in a cube from 0 to 1 times aabb_scale
        ({"scale": 0.25, "offset": SHIFT, "aabb_scale": 1}, cube(CENTER, 2.0)),
        ({"scale": 0.25, "offset": SHIFT, "aabb_scale": 4}, cube(CENTER, 8.0)),
        ({"scale": 0.25, "offset": SHIFT}, cube(CENTER, 2.0)),
        ({"scale": 0.5, "offset": 0.25}, cube((0.5, 0.5, 0.5), 1.0)),
        ({"scale": 0.1}, cube((0, 0, 0), 5.0)),
        ({"offset": [0.5, 0.5, 0.17]}, cube((0, 0, 1), 0.5 / 0.33)),
        ({"aabb_scale": 2}, cube((0, 0, 0), 1 / 0.33)),
        # instant-ngp: the longest side of the box, which takes the place of scale and offset
        ({"aabb": [[8, -5, 1], [10, -3, 4]]}, cube((9, -4, 2.5), 1.5)),
        ({"aabb": [[8, -5, 1], [10, -3, 4]], "aabb_scale": 2}, cube((9, -4, 2.5), 3.0)),
        ({"aabb": [[10, -3, 4], [8, -5, 1]], "scale": 7.0}, cube((9, -4, 2.5), 1.5)),
        # Neuralangelo: the sphere, whatever else is stated
        ({"sphere_center": CENTER, "sphere_radius": 1.4, "aabb_scale": 16}, cube(CENTER, 1.4)),
        (
            {"sphere_center": CENTER, "sphere_radius": 3, "aabb_range": [[0, 1], [0, 1], [0, 1]]},
            cube(CENTER, 3.0),
        ),
        ({"aabb_range": [[7, 11], [-5, -3], [3, 1]]}, cube(CENTER, 2.0)),
    ],
)
def test_the_stated_place_of_the_scene(tmp_path: Path, keys: dict[str, Any], wanted: Any) -> None:
    write(tmp_path, poses(9, CENTER), **keys)
    np.testing.assert_allclose(bounds(tmp_path)[0], wanted, atol=1e-9)


@pytest.mark.parametrize(
    "keys",
    [
        {"scale": 0}, {"scale": "big"}, {"offset": [1, 2]}, {"offset": [1, 2, float("nan")]},
        {"aabb": [[0, 0, 0]]}, {"aabb": [[1, 1, 1], [1, 1, 1]]}, {"aabb": "all"},
        {"aabb": {"min": 0}}, {"aabb_range": [[0, 1], [0, 1]]}, {"aabb_scale": -1},
        {"sphere_center": [0, 0, 0]}, {"sphere_radius": 1.0}, {"n_frames": 2.5},
        {"sphere_radius": 0, "sphere_center": [0, 0, 0]}, {"n_frames": -1},
        {"sphere_radius": 1e-9, "sphere_center": [1e9, 0, 0]}, {"offset": 1e200},
        {"scale": 1e-300}, {"aabb": [[-1e300] * 3, [1e300] * 3]}, {"aabb_scale": 1e300},
        {"train_filenames": "all"}, {"test_filenames": [3]}, {"val_filenames": ["nowhere.png"]},
    ],
)  # fmt: skip
def test_values_that_say_nothing(tmp_path: Path, keys: dict[str, Any]) -> None:
    write(tmp_path, **keys)
    with pytest.raises(DamagedFileError, match=next(iter(keys)) + "|which is no box"):
        images.load(tmp_path, "train")


@pytest.mark.parametrize(
    "keys",
    [
        {"k3": 0.1}, {"k4": -0.1}, {"k5": 0.2}, {"k6": 0.2}, {"s1": 0.05}, {"sk_x": 2.0},
        {"xi": 0.9}, {"distortion_params": [0.3, 0.1, 0, 0]}, {"distortion_params": "fisheye"},
        {"ftheta_p0": 0.0, "ftheta_p1": 0.9}, {"latlong": True}, {"equirectangular": True},
        {"camera_model": "EQUIRECTANGULAR"}, {"camera_model": ["OPENCV"]}, {"from_na": True},
        {"normal_mts_args": {}, "white_transparent": True}, {"black_transparent": True},
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused(tmp_path: Path, keys: dict[str, Any]) -> None:
    content = write(tmp_path, **keys)
    with pytest.raises(UnsupportedError, match=r"camera model|" + "|".join(keys)):
        images.load(tmp_path, "all")
    # of a frame alone as well
    for key in keys:
        del content[key]
    content["frames"][3].update(keys)
    put(tmp_path, content)
    with pytest.raises(UnsupportedError, match=r"images/003\.png"):
        images.load(tmp_path, "all")


def test_keys_that_say_nothing_new_are_passed_over_in_silence(tmp_path: Path) -> None:
    frame = {"sharpness": 30.0, "rotation": 0.01, "colmap_im_id": 3, "k3": 0, "from_na": False}
    content = write(
        tmp_path, k3=0.0, k4=0, s1=0.0, is_fisheye=False, from_na=False, camera_model="Pinhole",
        distortion_params=[0, 0, 0, 0], applied_transform=[[1, 0, 0, 0]], applied_scale=0.5,
        ply_file_path="sparse.ply", orientation_override="none", up=[0, 0, 1], n_frames=400,
    )  # fmt: skip
    content["frames"] = [{**f, **frame} for f in content["frames"]]
    put(tmp_path, content)
    posed, said = load(tmp_path)
    assert said == ""
    assert len(posed) == 10


@pytest.mark.parametrize("model", [None, "FULL_OPENCV", "opencv", "Perspective"])
def test_camera_models_of_pinholes(tmp_path: Path, model: str | None) -> None:
    content = write(tmp_path, k1=0.1)
    put(tmp_path, {**content, "camera_model": model, "k4": None})
    posed, said = load(tmp_path)
    assert said == ""
    assert posed.cameras[0].distortion == (0.1, 0.0, 0.0, 0.0)
    put(tmp_path, {**content, "camera_model": model, "k4": 0.01})
    with pytest.raises(UnsupportedError, match="k4"):
        images.load(tmp_path)


def test_other_keys_are_named_once(tmp_path: Path) -> None:
    content = write(tmp_path, abb_scale=4, k1_=0.4, depth_unit=1.0)
    for frame in content["frames"]:
        frame.update(depth_file_path="d.png", aabb_scale=3)  # the scene's size is the file's
    put(tmp_path, content)
    posed, said = load(tmp_path)
    assert said == (
        f"{tmp_path / 'transforms.json'}: keys that are not read: aabb_scale, abb_scale, "
        "depth_file_path, depth_unit, k1_"
    )
    assert posed.aabb_scale is None
    many = not_read({f"key{i:02}\n": 1 for i in range(20)}, [{"x" * 100: 1}])
    assert many is not None
    assert many.startswith("key00?, key01?")
    assert many.endswith("and 13 more")
    assert "x" * 100 not in str(not_read({}, [{"x" * 100: 1}]))


def test_the_guide_has_the_keys() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text("utf-8")
    section = guide[guide.index("## The keys of transforms files") :]
    known = {*_HEEDED_FILE, *_HEEDED_FRAME, *_HARMLESS_FILE, *_HARMLESS_FRAME, *_REFUSED}
    assert [key for key in sorted(known - {"frames"}) if f"`{key}`" not in section] == []


def test_the_lists_of_a_file_are_its_split(tmp_path: Path) -> None:
    content = write(tmp_path)
    names = [frame["file_path"] for frame in content["frames"]]
    lists = {"train_filenames": names[:6], "val_filenames": names[6:8]}
    put(tmp_path, {**content, **lists, "test_filenames": ["./" + name for name in names[8:]]})
    assert load(tmp_path, "train")[0].names == tuple(names[:6])
    assert load(tmp_path, "test")[0].names == tuple(names[8:])
    assert len(load(tmp_path, "all")[0]) == 10
    put(tmp_path, {**content, **lists})  # without test views those for validation are held out
    assert load(tmp_path, "test")[0].names == tuple(names[6:8])
    assert load(tmp_path, "train")[0].names == tuple(names[:6])
    put(tmp_path, {**content, "test_filenames": names[3:5]})
    assert load(tmp_path, "train")[0].names == (*names[:3], *names[5:])
    put(tmp_path, {**content, "train_filenames": names[3:5]})
    assert load(tmp_path, "test")[0].names == (*names[:3], *names[5:])
    put(tmp_path, {**content, "train_filenames": names, "test_filenames": names[:2]})
    posed, said = load(tmp_path, "train")
    assert len(posed) == 10
    assert "2 views are listed both" in said
    put(tmp_path, {**content, "train_filenames": names})
    with pytest.raises(DamagedFileError, match="leave no view to be held out"):
        images.load(tmp_path, "test")
    put(tmp_path, {**content, "test_filenames": names})
    with pytest.raises(DamagedFileError, match="leave no view to train on"):
        images.load(tmp_path, "train")


def test_n_frames_keeps_the_first_by_number(tmp_path: Path) -> None:
    write(tmp_path, poses(12), name="images/r_{}.png", n_frames=11)
    names = load(tmp_path)[0].names
    assert len(names) == 11
    assert "images/r_11.png" not in names


def test_a_scene_that_moves_is_refused(tmp_path: Path) -> None:
    content = write(tmp_path)
    for i, frame in enumerate(content["frames"]):
        frame["time"] = i / 9
    put(tmp_path, content)
    with pytest.raises(UnsupportedError, match="a scene that moves"):
        images.load(tmp_path, "all")
    for frame in content["frames"]:
        frame["time"] = 0.5
    put(tmp_path, content)
    assert "not read: time" in load(tmp_path)[1]
    content["frames"][2]["transform_matrix_end"] = poses()[0].tolist()
    put(tmp_path, content)
    with pytest.raises(UnsupportedError, match="moves during the exposure"):
        load(tmp_path)


def test_each_image_is_taken_once(tmp_path: Path) -> None:
    content = write(tmp_path)
    again = {**content["frames"][2], "file_path": "./images/002.png", "sharpness": 3}
    put(tmp_path, {**content, "frames": [*content["frames"], again]})
    posed, said = load(tmp_path)
    assert len(posed) == 10
    assert "1 of 11 frames list an image again" in said
    again["transform_matrix"] = poses()[5].tolist()
    put(tmp_path, {**content, "frames": [*content["frames"], again]})
    with pytest.raises(DamagedFileError, match=r"002\.png.* with another transform_matrix"):
        images.load(tmp_path, "all")


def test_focal_lengths_in_every_spelling(tmp_path: Path) -> None:
    content = write(tmp_path, fl_x=None, fl_y=None, x_fov=60.0, camera_angle_x=0.3)
    camera = load(tmp_path)[0].cameras[0]
    assert camera.fx == camera.fy == pytest.approx(4 / np.tan(np.pi / 6))  # degrees, and first
    matrix = [[7.0, 0, 4.5, 0], [0, 6.0, 3.5, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    content["frames"][0]["intrinsic_matrix"] = matrix
    put(tmp_path, content)
    camera = load(tmp_path)[0].cameras[0]
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (7.0, 6.0, 4.5, 3.5)
    content["frames"][0]["fl_x"] = 9.0
    put(tmp_path, content)
    with pytest.raises(DamagedFileError, match="contradict"):
        images.load(tmp_path, "all")
    del content["frames"][0]["fl_x"]
    matrix[0][1] = 0.5
    put(tmp_path, content)
    with pytest.raises(UnsupportedError, match="skew"):
        images.load(tmp_path, "all")
    del content["frames"][0]["intrinsic_matrix"]
    content["frames"][0]["camera_angle_x"] = 0.9  # of a frame: before what the file says
    put(tmp_path, content)
    assert load(tmp_path)[0].cameras[0].fx == pytest.approx(4 / np.tan(0.45))


@pytest.mark.parametrize(
    "lens",
    [
        {"cx": 400.0, "cy": 300.0, "fl_x": 1111.1}, {"cx": 8.0, "cy": 6.0}, {"fl_x": 81.0},
        {"cx": 2.0, "cy": 1.5}, {"cx": 6.5, "cy": 4.9}, {"cx": -1.0}, {"fl_x": 90_000.0},
        {"camera_angle_x": 0.4}, {"fl_x": None, "fl_y": None, "camera_angle_x": 5e-324},
        {"cx": 1e4, "w": WIDTH, "h": HEIGHT}, {"k1": 1e9},
        {"fl_x": 1e-3, "w": WIDTH, "h": HEIGHT},
    ],
)  # fmt: skip
def test_a_lens_of_another_size_is_found_out(tmp_path: Path, lens: dict[str, Any]) -> None:
    write(tmp_path, **{"w": None, "h": None, **lens})
    with pytest.raises(DamagedFileError, match=r"000\.png: .*(cx|focal|fl_x|k1|angle)"):
        images.load(tmp_path, "test")


def test_a_lens_off_the_middle_along_one_axis_is_taken(tmp_path: Path) -> None:
    write(tmp_path, w=None, h=None, cx=6.5, cy=2.9, camera_angle_x=2 * np.arctan(4 / 9))
    assert load(tmp_path)[0].cameras[0].cx == 6.5


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0, 0, 0, 2.0], "last row"),
        ([0, 0, 0, 0], "last row"),
        ([1e-3, 0, 0, 1], "last row"),
        ([1, 2, 3, 1], "last row"),
    ],
)
def test_the_last_row_of_a_pose(tmp_path: Path, row: list[float], message: str) -> None:
    content = write(tmp_path)
    content["frames"][0]["transform_matrix"][3] = row
    put(tmp_path, content)
    with pytest.raises(DamagedFileError, match=message):
        images.load(tmp_path, "all")
    content["frames"][0]["transform_matrix"] = poses()[0].T.tolist()
    put(tmp_path, content)
    with pytest.raises(DamagedFileError, match=r"frame images/000\.png.*transpose"):
        images.load(tmp_path, "all")
    content["frames"][0]["transform_matrix"] = (poses()[0][:3] * [1, 1, 1, 1e18]).tolist()
    put(tmp_path, content)
    with pytest.raises(DamagedFileError, match="1e15"):
        images.load(tmp_path, "all")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_files_of_other_encodings(tmp_path: Path, encoding: str) -> None:
    write(tmp_path)
    file = tmp_path / "transforms.json"
    file.write_bytes(file.read_text().encode(encoding))
    assert len(load(tmp_path)[0]) == 10


def test_rays_and_alpha_beside_an_image_are_refused(tmp_path: Path) -> None:
    content = write(tmp_path)
    (tmp_path / "images/rays_003.dat").write_bytes(b"")
    with pytest.raises(UnsupportedError, match=r"rays_003\.dat"):
        images.load(tmp_path, "all")
    put(tmp_path, {**content, "enable_ray_loading": False})
    images.load(tmp_path, "all")
    save(tmp_path / "images/004.png.alpha.png", 0)
    with pytest.raises(UnsupportedError, match=r"004\.png\.alpha\.png"):
        images.load(tmp_path, "all")
