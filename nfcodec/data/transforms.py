"""Transforms files: what a JSON file says about its frames, and the camera of each."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.camera import Camera
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError

#: Bytes of a transforms file above which it is refused.
MAX_JSON_BYTES = 2**28

_SUFFIXES = ("", ".png", ".jpg", ".jpeg")
_PINHOLES = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")


@dataclass(frozen=True)
class Frame:
    """One entry of a transforms file; its own ``values`` go before those of the whole file."""

    name: str
    image: Path | None
    values: dict[str, Any]
    file: Path

    @property
    def where(self) -> str:
        return f"{self.file}, frame {self.name}"

    def number(self, key: str, *, positive: bool = False) -> float | None:
        """The finite number called ``key``, None if there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DamagedFileError(f"{self.where}: {key} is not a number: {value!r:.80}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number) or (positive and number <= 0):
            expected = "a positive number" if positive else "finite"
            raise DamagedFileError(f"{self.where}: {key} is {number}, expected {expected}")
        return number


def read_frames(file: Path) -> list[Frame]:
    """The frames a file lists, with or without an image.

    Raises DamagedFileError if it is not a transforms file, LimitError above MAX_JSON_BYTES.
    """
    size = file.stat().st_size
    if size > MAX_JSON_BYTES:
        raise LimitError(f"{file}: {size} bytes, more than the {MAX_JSON_BYTES} read at most")
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{file}: not valid JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list):
        raise DamagedFileError(f"{file}: expected an object with a list called frames")
    shared = {k: v for k, v in content.items() if k != "frames"}
    frames = []
    for index, entry in enumerate(content["frames"]):
        if not isinstance(entry, dict) or not isinstance(entry.get("file_path"), str):
            raise DamagedFileError(f"{file}: frame {index} has no file_path")
        name = entry["file_path"]
        values = {**shared, **entry}
        frames.append(Frame(name, _find_image(file.parent, name), values, file))
    return frames


def _find_image(folder: Path, name: str) -> Path | None:
    if "\0" in name:
        return None
    for suffix in _SUFFIXES:
        candidate = folder / (name + suffix)
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a name too long for the file system
            return None
    return None


def camera(frame: Frame, width: int, height: int) -> Camera:
    """The frame's camera; intrinsics given for another size than the image's are scaled."""
    _refuse_other_lenses(frame)
    w = frame.number("w", positive=True) or float(width)
    h = frame.number("h", positive=True) or float(height)
    if abs(w * height - h * width) > max(w, h):  # allows for sizes rounded to whole pixels
        raise DamagedFileError(
            f"{frame.where}: intrinsics are for {w:g} x {h:g} pixels, the image has "
            f"{width} x {height}, another aspect ratio"
        )
    fx = frame.number("fl_x", positive=True) or _focal(frame, "camera_angle_x", w)
    fy = frame.number("fl_y", positive=True) or _focal(frame, "camera_angle_y", h)
    if fx is None and fy is None:
        raise DamagedFileError(f"{frame.where}: neither fl_x nor camera_angle_x is given")
    fx = fx or fy
    fy = fy or fx
    assert fx is not None
    assert fy is not None
    cx, cy = frame.number("cx"), frame.number("cy")
    k1, k2, p1, p2 = (frame.number(key) or 0.0 for key in ("k1", "k2", "p1", "p2"))
    sx, sy = width / w, height / h
    return Camera(
        width=width,
        height=height,
        fx=fx * sx,
        fy=fy * sy,
        cx=(w / 2 if cx is None else cx) * sx,
        cy=(h / 2 if cy is None else cy) * sy,
        pose=_pose(frame),
        distortion=(k1, k2, p1, p2) if any((k1, k2, p1, p2)) else None,
    )


def _focal(frame: Frame, key: str, size: float) -> float | None:
    angle = frame.number(key, positive=True)
    if angle is None:
        return None
    if angle >= math.pi:
        raise DamagedFileError(f"{frame.where}: {key} is {angle}, expected less than pi radians")
    return 0.5 * size / math.tan(0.5 * angle)


def _refuse_other_lenses(frame: Frame) -> None:
    model = frame.values.get("camera_model", "OPENCV")
    if model not in _PINHOLES or frame.values.get("is_fisheye"):
        name = "fisheye" if frame.values.get("is_fisheye") else model
        raise UnsupportedError(f"{frame.where}: camera model {name}; only pinholes are supported")
    for key in ("k3", "k4"):
        if frame.number(key):
            raise UnsupportedError(
                f"{frame.where}: distortion {key}; only k1, k2, p1 and p2 are supported"
            )


def _pose(frame: Frame) -> npt.NDArray[np.float64]:
    try:
        given = np.asarray(frame.values.get("transform_matrix"), np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DamagedFileError(f"{frame.where}: transform_matrix holds no numbers") from error
    if given.shape not in ((4, 4), (3, 4)):
        raise DamagedFileError(f"{frame.where}: transform_matrix is not 4 x 4")
    if not np.isfinite(given).all():
        raise DamagedFileError(f"{frame.where}: transform_matrix holds NaN or infinity")
    pose = np.eye(4)
    pose[:3] = given[:3]
    lengths = np.linalg.norm(pose[:3, :3], axis=0)
    if lengths.min() < 1e-9:
        raise DamagedFileError(f"{frame.where}: transform_matrix is singular")
    rotation = pose[:3, :3] / lengths
    if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-2) or np.linalg.det(rotation) < 0:
        raise DamagedFileError(f"{frame.where}: transform_matrix is not a rotation and a shift")
    pose[:3, :3] = rotation
    return pose
