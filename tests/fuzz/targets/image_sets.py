"""Data sets of images: images, transforms files, and files of projection matrices."""

from __future__ import annotations

import contextlib
import io
import json
import math
import struct
import warnings
import zlib
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from nfcodec.data import images, unposed
from tests.fuzz import edits, scratch, zips
from tests.fuzz.target import Target
from tests.fuzz.targets.arrays import npy, npy_mutant

_NAMES = (
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"tEXt",
    b"zTXt", b"iTXt", b"eXIf", b"gAMA", b"ABCD",
)  # fmt: skip
_PIXELS = (np.arange(6 * 5 * 4).reshape(6, 5, 4) * 2 % 256).astype(np.uint8)


@cache
def unposed_seeds() -> dict[str, bytes]:
    """An image of 5 x 6 pixels in each kind of file."""
    rgba = Image.fromarray(_PIXELS, "RGBA")
    rgb = rgba.convert("RGB")
    return {
        "png": _saved(rgba, "PNG"),
        "png_palette": _saved(rgb.quantize(8), "PNG"),
        "png_interlaced": _saved(rgb.convert("L"), "PNG"),
        "jpeg": _saved(rgb, "JPEG"),
        "bmp": _saved(rgb, "BMP"),
        "tiff": _saved(rgba, "TIFF"),
        "tiff_packed": _saved(rgb, "TIFF", compression="tiff_lzw"),
        "webp": _saved(rgba, "WEBP", lossless=True),
    }


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def unposed_mutant(rng: Random) -> bytes:
    name, data = rng.choice(list(unposed_seeds().items()))
    if name.startswith("png") and rng.random() < 0.9:
        return _png_mutant(data, rng)
    near = data[:64] if rng.random() < 0.5 else data
    return edits.mutated(near, rng) + data[len(near) :]


def _png_mutant(data: bytes, rng: Random) -> bytes:
    """Chunks damaged, moved, doubled, renamed; checksums and lengths right again."""
    chunks, at = [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(chunks))
        name, body = chunks[at]
        kind = rng.randrange(10)
        if kind <= 4:
            header = name == b"IHDR" or not body
            chunks[at] = name, edits.mutated(body, rng)[: None if not header else 13]
        elif kind == 5 and name == b"IDAT":
            with contextlib.suppress(zlib.error):  # a stream that is damaged already stays
                body = zlib.compress(edits.mutated(zlib.decompress(body), rng))
            chunks[at] = name, body
        elif kind == 6:
            chunks[at:at] = [chunks[at]] * rng.choice((1, 2, 20))
        elif kind == 7:
            chunks[at] = rng.choice(_NAMES), body
        elif kind == 8 and len(chunks) > 1:
            del chunks[at]
        else:
            rng.shuffle(chunks)
    out = data[:8]
    for name, body in chunks:
        out += struct.pack(">I", len(body)) + name + body
        out += struct.pack(">I", zlib.crc32(name + body))
    return out


def read_unposed(data: bytes) -> Any:
    """The file as the one image of a folder, whatever kind it is."""
    folder = scratch.folder("images")
    (folder / "a.png").write_bytes(data)
    return unposed.load(folder, "all")


def check_unposed(found: unposed.UnposedImages) -> None:
    assert len(found) == 1
    for image in found.pixels:
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3


def _pose(at: float) -> list[list[float]]:
    c, s = math.cos(at), math.sin(at)
    return [[c, 0.0, s, 3 * s], [0.0, 1.0, 0.0, 0.5], [-s, 0.0, c, 3 * c], [0.0, 0.0, 0.0, 1.0]]


_TRANSFORMS: dict[str, Any] = {
    "camera_angle_x": 0.8,
    "fl_x": 8.0,
    "fl_y": 8.0,
    "cx": 2.5,
    "cy": 3.0,
    "w": 5,
    "h": 6,
    "k1": 0.01,
    "k2": 0.0,
    "p1": 0.0,
    "p2": 0.0,
    "camera_model": "OPENCV",
    "is_fisheye": False,
    "aabb_scale": 4,
    "scale": 0.33,
    "offset": [0.5, 0.5, 0.5],
    "aabb": [[0.0, 0, 0], [1.0, 1, 1]],
    "train_filenames": ["a.png", "b.png"],
    "val_filenames": [],
    "test_filenames": ["c.png"],
    "frames": [
        {"file_path": f"./{name}.png", "transform_matrix": _pose(i * 1.5), "sharpness": 20.5}
        for i, name in enumerate("abc")
    ],
}
_KEYS = (
    "mask_path", "depth_file_path", "k3", "k4", "k5", "distortion_params", "from_na",
    "sphere_center", "sphere_radius", "aabb_range", "applied_transform", "applied_scale",
    "ply_file_path", "rolling_shutter", "lens_mode", "latlong", "ftheta_p0", "intrinsic_matrix",
    "orientation_override", "n_extra_learnable_dims",
)  # fmt: skip


def transforms_mutant(rng: Random) -> bytes:
    tree = _TRANSFORMS
    kind = rng.randrange(12)
    if kind == 0:
        return edits.mutated(json.dumps(tree).encode(), rng)
    if kind == 1:
        value = rng.choice((True, 0, 1.5, "a.png", [0.0, 0, 0], [[1.0, 0], [0, 1]], None, {}))
        tree = {**tree, rng.choice(_KEYS): value}
    if kind == 2:  # without the lists of names and the boxes, which make most mutants unsound
        tree = {key: value for key, value in tree.items() if not isinstance(value, list)}
        tree["frames"] = _TRANSFORMS["frames"]
    text = json.dumps(edits.tree(tree, rng))
    if rng.random() < 0.1:
        text = text.replace("NaN", "nan").replace("Infinity", "1e400")
    return text.encode("utf-8", "surrogatepass")


def _image_folder(name: str) -> Any:
    folder = scratch.folder(name)
    places = folder / "image" if name == "projections" else folder
    places.mkdir(exist_ok=True)
    for image in ("a", "b", "c") if name == "transforms" else ("000", "001", "002"):
        path = places / f"{image}.png"
        if not path.exists():
            Image.fromarray(_PIXELS[..., :3], "RGB").save(path)
    return folder


def _reader(name: str, file: str) -> Callable[[bytes], images.PosedImages]:
    def read(data: bytes) -> images.PosedImages:
        folder = _image_folder(name)
        (folder / file).write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return images.load(folder, "all")

    return read


def check_images(found: images.PosedImages) -> None:
    assert len(found)
    assert len(found.names) == len(found)
    for camera in found.cameras:
        numbers = (camera.fx, camera.fy, camera.cx, camera.cy, *camera.pose.reshape(-1).tolist())
        assert all(map(math.isfinite, numbers)), "a camera is not finite"
        turn = camera.pose[:3, :3]
        assert np.allclose(turn.T @ turn, np.eye(3), atol=0.05), "a camera is sheared"


@cache
def _matrices() -> tuple[zips.Member, ...]:
    lens = np.array([[8.0, 0, 2.5, 0], [0, 8, 3, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    parts = []
    for i in range(3):
        pose = np.diag([1.0, -1, -1, 1]) @ np.linalg.inv(np.array(_pose(i * 1.5)))
        for name, matrix in (("world", lens @ pose), ("scale", np.eye(4))):
            parts.append(zips.Member(f"{name}_mat_{i}.npy".encode(), npy(matrix)))
    return tuple(parts)


def projections_mutant(rng: Random) -> bytes:
    parts = list(_matrices())
    kind = rng.randrange(10)
    at = rng.randrange(len(parts))
    if kind <= 2:
        parts[at] = zips.Member(parts[at].name, npy_mutant(parts[at].data, rng))
    elif kind <= 5:
        matrix = np.frombuffer(parts[at].data[-128:]).copy()
        matrix[rng.randrange(16)] = rng.choice(edits.FLOATS)
        parts[at] = zips.Member(parts[at].name, npy(matrix.reshape(4, 4)))
    elif kind <= 8:
        return zips.edited(parts, rng)
    else:
        return edits.mutated(zips.assemble(parts), rng)
    return zips.assemble(parts)


def targets() -> list[Target]:
    transforms = {"all": json.dumps(_TRANSFORMS).encode()}
    matrices = {"neus": zips.assemble(_matrices())}
    read_json = _reader("transforms", "transforms.json")
    read_npz = _reader("projections", "cameras_sphere.npz")
    return [
        Target(
            "images", unposed_seeds(), unposed_mutant, read_unposed, check_unposed, mebibytes=512
        ),
        Target("transforms", transforms, transforms_mutant, read_json, check_images),
        Target("projections", matrices, projections_mutant, read_npz, check_images),
    ]
