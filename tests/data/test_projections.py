"""Posed images in the layouts of NeuS, IDR and H3DS, and each way such a folder can be wrong."""

from __future__ import annotations

import io
import json
import pickle
import warnings
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nfcodec.data import images, projections
from nfcodec.data.hull import scene_bounds
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError
from nfcodec.files import open_data
from nfcodec.model.camera import Camera, look_at

WIDTH, HEIGHT = 8, 6
CENTER, RADIUS = np.array([10.0, -20.0, 30.0]), 5.0


def true_camera(view: int) -> Camera:
    """View number ``view`` of an object around ``CENTER``, its optical axis off the middle."""
    angle = 0.7 * view
    eye = CENTER + 4 * RADIUS * np.array([np.cos(angle), np.sin(angle), 0.3])
    return Camera(WIDTH, HEIGHT, 9.5, 9.25, 4.3, 2.6, look_at(eye, CENTER))


def matrix_of(camera: Camera, skew: float = 0.0) -> np.ndarray:
    """(4, 4) from the world to pixels whose centers are whole numbers."""
    lens = np.array(
        [[camera.fx, skew, camera.cx - 0.5], [0, camera.fy, camera.cy - 0.5], [0, 0, 1.0]]
    )
    to_camera = np.linalg.inv(camera.pose @ np.diag([1.0, -1.0, -1.0, 1.0]))
    whole = np.eye(4)
    whole[:3] = lens @ to_camera[:3]
    return whole


def matrices(views: int, dtype: Any = np.float64) -> dict[str, np.ndarray]:
    scale = np.diag([RADIUS, RADIUS, RADIUS, 1.0])
    scale[:3, 3] = CENTER
    found = {}
    for i in range(views):
        found[f"world_mat_{i}"] = matrix_of(true_camera(i)).astype(dtype)
        found[f"scale_mat_{i}"] = scale.astype(dtype)
    return found


def pixels(view: int, channels: int = 3) -> np.ndarray:
    shape = (HEIGHT, WIDTH, channels) if channels > 1 else (HEIGHT, WIDTH)
    return np.random.default_rng([view, channels]).integers(0, 256, shape, np.uint8)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def neus(folder: Path, views: int = 10, masks: bool = True, **arrays: Any) -> Path:
    """The layout of DTU and BlendedMVS as NeuS ships them."""
    folder.mkdir(exist_ok=True)
    for i in range(views):
        save(folder / "image" / f"{i:06}.png", pixels(i))
        if masks:
            save(folder / "mask" / f"{i:03}.png", pixels(i, 1))
    np.savez(folder / "cameras_sphere.npz", **matrices(views) | arrays)
    return folder


def h3ds(folder: Path, views: int = 10) -> Path:
    for i in range(views):
        save(folder / "image" / f"img_{i:04}.jpg", pixels(i))
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[:, WIDTH // 2 :] = 255
        path = folder / "mask" / f"mask_{i:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(path, quality=20)
    np.savez(folder / "cameras.npz", **matrices(views, np.float32))  # type: ignore[arg-type]
    (folder / "full_head.obj").write_text("v 0 0 0\n")
    return folder


def assert_same_camera(found: Camera, wanted: Camera, rtol: float = 1e-9) -> None:
    assert (found.width, found.height) == (wanted.width, wanted.height)
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), rel=rtol)
    np.testing.assert_allclose(found.pose, wanted.pose, rtol=rtol, atol=50 * rtol)


def test_the_layout_of_neus(tmp_path: Path) -> None:
    posed = images.load(neus(tmp_path), "all")
    assert posed.images.shape == (10, HEIGHT, WIDTH, 4)
    np.testing.assert_array_equal(posed.images[3, ..., :3], pixels(3))
    np.testing.assert_array_equal(posed.images[3, ..., 3], pixels(3, 1))
    assert posed.names[3] == "000003.png"
    assert posed.background == (1, 1, 1)
    assert posed.path == tmp_path
    for i, camera in enumerate(posed.cameras):
        assert_same_camera(camera, true_camera(i))
    assert posed.sphere == (*CENTER, RADIUS)


def test_points_appear_where_the_matrix_takes_them(tmp_path: Path) -> None:
    posed = images.load(neus(tmp_path, 2), "all")
    points = CENTER + np.random.default_rng(0).normal(size=(20, 3)) * RADIUS
    seen = np.c_[points, np.ones(20)] @ matrix_of(true_camera(1))[:3].T
    at, depth = posed.cameras[1].project(points)
    np.testing.assert_allclose(at, seen[:, :2] / seen[:, 2:] + 0.5, atol=1e-9)
    np.testing.assert_allclose(depth, seen[:, 2], atol=1e-9)


@pytest.mark.parametrize("factor", [-1.0, 1e-3, -250.0, 1e200])
def test_the_scale_and_sign_of_a_matrix_mean_nothing(tmp_path: Path, factor: float) -> None:
    scaled = matrix_of(true_camera(0))[:3] * factor
    posed = images.load(neus(tmp_path, 1, world_mat_0=scaled), "test")
    assert_same_camera(posed.cameras[0], true_camera(0))


def test_the_layout_of_h3ds(tmp_path: Path) -> None:
    posed = images.load(h3ds(tmp_path), "all")
    assert posed.names[4] == "img_0004.jpg"
    assert posed.images.shape == (10, HEIGHT, WIDTH, 4)
    # A JPEG's noise around the edge of a mask is no transparency.
    assert set(np.unique(posed.images[..., 3])) == {0, 255}
    assert (posed.images[..., 0, 3] == 0).all()
    assert (posed.images[..., -1, 3] == 255).all()
    for i, camera in enumerate(posed.cameras):
        assert_same_camera(camera, true_camera(i), rtol=1e-5)


def test_images_numbered_from_1_are_counted_as_neus_does(tmp_path: Path) -> None:
    neus(tmp_path, 9)
    for folder in ("image", "mask"):
        files = sorted((tmp_path / folder).iterdir())
        for i, file in reversed([*enumerate(files)]):
            file.rename(file.with_name(f"{i + 1:06}.png"))
    posed = images.load(tmp_path, "all")  # as many as cameras
    assert_same_camera(posed.cameras[0], true_camera(0))
    for folder in ("image", "mask"):
        (tmp_path / folder / "000009.png").unlink()
    with pytest.warns(UserWarning, match=r"world_mat_\(i - 1\)"):
        posed = images.load(tmp_path, "all")
    assert posed.names == tuple(f"{i:06}.png" for i in range(1, 9))
    for i, camera in enumerate(posed.cameras):
        assert_same_camera(camera, true_camera(i))


def test_every_eighth_view_is_held_out(tmp_path: Path) -> None:
    neus(tmp_path, 10)
    test, train = images.load(tmp_path, "test"), images.load(tmp_path)
    assert test.names == ("000000.png", "000008.png")
    assert len(train) == 8
    assert_same_camera(test.cameras[1], true_camera(8))
    assert_same_camera(train.cameras[7], true_camera(9))
    measured = open_data(tmp_path, "nerf", "test")
    assert isinstance(measured, images.PosedImages)
    assert measured.names == test.names
    assert images.load(tmp_path / "cameras_sphere.npz", "test").names == test.names


def test_the_sphere_bounds_the_scene(tmp_path: Path) -> None:
    posed = images.load(neus(tmp_path, masks=False), "all")
    assert not posed.has_alpha
    cube = np.stack([CENTER - RADIUS, CENTER + RADIUS])
    np.testing.assert_allclose(scene_bounds(posed), cube)
    opaque = np.full((10, HEIGHT, WIDTH, 4), 255, np.uint8)
    inside = scene_bounds(replace(posed, images=opaque))
    step = 2 * RADIUS / 64
    assert (inside[0] >= cube[0] - 2 * step).all()
    assert (inside[1] <= cube[1] + 2 * step).all()


def test_an_ellipsoid_is_held_by_a_sphere_and_none_is_needed(tmp_path: Path) -> None:
    wide = np.diag([RADIUS, 2 * RADIUS, RADIUS, 1.0])
    assert images.load(neus(tmp_path / "a", 1, scale_mat_0=wide), "all").sphere == (0, 0, 0, 10)
    neus(tmp_path / "b", 2)
    alone = {k: v for k, v in matrices(2).items() if k.startswith("world")}
    np.savez(tmp_path / "b" / "cameras_sphere.npz", **alone)  # type: ignore[arg-type]
    assert images.load(tmp_path / "b", "all").sphere is None


def test_images_are_matched_by_number_else_by_order(tmp_path: Path) -> None:
    neus(tmp_path / "gap", 10)
    for i in (2, 5):
        (tmp_path / "gap" / "image" / f"{i:06}.png").unlink()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        posed = images.load(tmp_path / "gap", "all")
    assert len(caught) == 1
    assert "2 of 10 cameras have no image" in str(caught[0].message)
    assert posed.missing == 2
    assert_same_camera(posed.cameras[2], true_camera(3))
    np.testing.assert_array_equal(posed.images[2, ..., 3], pixels(3, 1))

    neus(tmp_path / "named", 2, masks=False)
    for i, name in enumerate(("left.png", "right.png")):
        (tmp_path / "named" / "image" / f"{i:06}.png").rename(tmp_path / "named/image" / name)
    posed = images.load(tmp_path / "named", "all")
    assert posed.names == ("left.png", "right.png")
    assert_same_camera(posed.cameras[1], true_camera(1))

    # Numbers that are no cameras' (of frames of a video, say) count as names.
    (tmp_path / "named" / "image" / "left.png").rename(tmp_path / "named/image/0120.png")
    (tmp_path / "named" / "image" / "right.png").rename(tmp_path / "named/image/0400.png")
    assert images.load(tmp_path / "named", "all").names == ("0120.png", "0400.png")
    save(tmp_path / "named" / "image" / "0500.png", pixels(0))
    with pytest.raises(DamagedFileError, match=r"image: 3 images.* 2 cameras of cameras_sphere"):
        images.load(tmp_path / "named", "all")


def test_transforms_come_first(tmp_path: Path) -> None:
    neus(tmp_path, 2)
    frame = {"file_path": "image/000001.png", "transform_matrix": np.eye(4).tolist()}
    (tmp_path / "transforms.json").write_text(json.dumps({"fl_x": 5, "frames": [frame]}))
    assert images.load(tmp_path, "all").names == ("image/000001.png",)


def test_missing_masks_and_images(tmp_path: Path) -> None:
    neus(tmp_path, 3)
    (tmp_path / "mask" / "001.png").unlink()
    with pytest.raises(DamagedFileError, match=r"000001\.png: 1 of 3 images have no mask"):
        images.load(tmp_path, "all")
    neus(tmp_path, 3)
    save(tmp_path / "mask" / "002.png", np.zeros((5, WIDTH), np.uint8))
    with pytest.raises(
        DamagedFileError, match=r"002\.png: 8 x 5 pixels, but 000002\.png has 8 x 6"
    ):
        images.load(tmp_path, "all")
    (tmp_path / "mask" / "002.png").write_bytes(b"damaged")
    with pytest.raises(DamagedFileError, match=r"002\.png"):
        images.load(tmp_path, "all")
    for file in (tmp_path / "image").iterdir():
        file.unlink()
    with pytest.raises(DamagedFileError, match="image: holds no images"):
        images.load(tmp_path)
    (tmp_path / "image").rmdir()
    with pytest.raises(DamagedFileError, match="image: there is no such folder"):
        images.load(tmp_path)


def skewed(by: float) -> np.ndarray:
    return matrix_of(true_camera(0), by)


BENT = matrix_of(true_camera(0))
BENT[3, 0] = 1.0
FAR = matrix_of(true_camera(0))
FAR[:3, 3] = 1e30


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros((3, 4)), "singular"),
        (np.ones((4, 4)), "last row"),
        (BENT, "last row"),
        (np.full((4, 4), np.nan), "NaN"),
        (np.eye(3), r"shape \(3, 3\)"),
        (np.array("text"), "not 4 x 4 numbers"),
        (np.eye(4) * 1j, "not 4 x 4 numbers"),
        (np.broadcast_to(np.eye(4), (9, 4, 4)), "not 4 x 4"),
        (FAR, "far away"),
        (np.diag([1e-6, 1e-6, 1, 1]), "focal lengths"),
        (np.array([[9.0, 0, 900, 0], [0, 9, 2, 0], [0, 0, 1, 0]]), "optical axis"),
    ],
)
def test_matrices_of_no_camera(tmp_path: Path, value: np.ndarray, message: str) -> None:
    neus(tmp_path, 1, world_mat_0=value)
    with pytest.raises(DamagedFileError, match=message) as raised:
        images.load(tmp_path, "test")
    assert "cameras_sphere.npz, world_mat_0" in str(raised.value)


def test_skewed_pixels_are_refused_and_rounding_is_not(tmp_path: Path) -> None:
    neus(tmp_path, 1, world_mat_0=skewed(1e-4))
    assert_same_camera(images.load(tmp_path, "test").cameras[0], true_camera(0), rtol=1e-3)
    neus(tmp_path, 1, world_mat_0=skewed(0.5))
    with pytest.raises(UnsupportedError, match="right angles"):
        images.load(tmp_path, "test")


def test_a_sphere_without_size(tmp_path: Path) -> None:
    neus(tmp_path, 1, scale_mat_0=np.diag([0, 0, 0, 1.0]))
    with pytest.raises(DamagedFileError, match="scale_mat_0: its sphere has radius 0"):
        images.load(tmp_path, "test")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was run",))


def test_damaged_files(tmp_path: Path) -> None:
    file = neus(tmp_path, 2) / "cameras_sphere.npz"
    whole = file.read_bytes()
    for damaged in (b"", b"hello", whole[:200], whole[:-30], pickle.dumps(Bomb())):
        file.write_bytes(damaged)
        with pytest.raises(DamagedFileError, match=r"cameras_sphere\.npz: cannot be read"):
            images.load(tmp_path)
    np.savez(file, something=np.eye(4))
    with pytest.raises(DamagedFileError, match="holds no world_mat_0"):
        images.load(tmp_path)
    np.savez(file, world_mat_0=np.array([Bomb()], object))
    with pytest.raises(DamagedFileError, match="world_mat_0: is no matrix"):
        images.load(tmp_path)
    rng = np.random.default_rng(0)
    for _ in range(200):  # whatever a byte does, it is an error of ours or another matrix
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        file.write_bytes(broken)
        with suppress(DamagedFileError, UnsupportedError, LimitError):
            images.load(tmp_path, "all")


def test_what_a_header_states_is_not_allocated(tmp_path: Path) -> None:
    file = neus(tmp_path, 1) / "cameras_sphere.npz"
    for shape in ((4, 4), (1 << 40, 4)):
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "<f8", "fortran_order": False, "shape": shape}
        )
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("world_mat_0.npy", stream.getvalue() + bytes(1 << 24))
        with pytest.raises(DamagedFileError, match="world_mat_0: is no matrix"):
            images.load(tmp_path, "all")


def test_the_number_of_arrays_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    neus(tmp_path, 2)
    monkeypatch.setattr(projections, "MAX_ARRAYS", 4)
    images.load(tmp_path, "all")
    monkeypatch.setattr(projections, "MAX_ARRAYS", 3)
    with pytest.raises(LimitError, match="4 arrays"):
        images.load(tmp_path, "all")


def test_other_npz_files_are_no_cameras(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="nor cameras_sphere"):
        images.load(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        images.load(tmp_path / "cameras_sphere.npz")


def test_dtu(data_dir: Path) -> None:
    posed = images.load(data_dir / "images/dtu_scan24_quarter", "all")
    assert posed.images.shape == (49, 300, 400, 4)
    assert posed.sphere is not None
    camera = posed.cameras[0]
    assert camera.fx == pytest.approx(723.083, abs=1e-3)
    center = np.array([posed.sphere[:3]])
    at = np.concatenate([c.project(center)[0] for c in posed.cameras])
    assert ((at > [100, 75]) & (at < [300, 225])).all()
    assert len(images.load(data_dir / "images/dtu_scan24_quarter", "test")) == 7
