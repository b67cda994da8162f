"""The camera of a frame of a transforms file: lens and pose."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nfcodec.data import transforms_keys as keys
from nfcodec.data.json_values import array
from nfcodec.data.transforms import Frame
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.camera import Camera

#: Distances from the origin, and lens terms, above which a number is a fault of the file.
_FARTHEST, _MOST_BENT = 1e15, 1e3
#: Focal lengths, in sides of the image, that no camera has.
_SHORTEST, _LONGEST = 1e-3, 1e4
#: Angles of view, in radians, that no camera has.
_NARROWEST = 1e-5
#: Focal length in widths of the image, 5.7 degrees, from which on a lens must state its size.
_TELE = 10.0
#: Where the optical axis of a lens lies that is the image's own, in sides of the image, unless it
#: is off the middle along one axis alone.
_CENTRAL = (0.3, 0.75)
#: How far, relatively, focal lengths that are stated twice may differ.
_AGREE = 0.02
#: Skew, in pixels, that counts as rounding.
_SKEW = 0.1
_SIZE = "state w and h, the size of the images that the lens is for"


def camera(frame: Frame, width: int, height: int) -> Camera:
    """The frame's camera; intrinsics given for another size than the image's are scaled.

    Raises DamagedFileError for an invalid lens or pose, UnsupportedError for pixels that are
    not rectangles.
    """
    stated = frame.number("w", positive=True), frame.number("h", positive=True)
    w, h = stated[0] or float(width), stated[1] or float(height)
    if abs(w * height - h * width) > max(w, h):  # allows for sizes rounded to whole pixels
        raise DamagedFileError(
            f"{frame.where}: intrinsics are for {w:g} x {h:g} pixels, the image has "
            f"{width} x {height}, another aspect ratio"
        )
    fx, fy, cx, cy = _pinhole(frame, w, h)
    if stated == (None, None):
        _check_own_size(frame, fx, cx, cy, width, height)
    terms = tuple(frame.number(key) or 0.0 for key in ("k1", "k2", "p1", "p2"))
    if max(map(abs, terms)) > _MOST_BENT:
        raise DamagedFileError(f"{frame.where}: k1, k2, p1, p2 are {terms}: the terms of no lens")
    sx, sy = width / w, height / h
    found = Camera(
        width=width,
        height=height,
        fx=fx * sx,
        fy=fy * sy,
        cx=(w / 2 if cx is None else cx) * sx,
        cy=(h / 2 if cy is None else cy) * sy,
        pose=_pose(frame),
        distortion=(terms[0], terms[1], terms[2], terms[3]) if any(terms) else None,
    )
    _check_lens(frame, found)
    return found


def _pinhole(frame: Frame, w: float, h: float) -> tuple[float, float, float | None, float | None]:
    """Focal lengths and, if stated, principal point, for images of ``w`` x ``h``."""
    fx, fy = _focal(frame, "x", w), _focal(frame, "y", h)
    cx, cy = frame.number("cx"), frame.number("cy")
    matrix = array(frame.values, "intrinsic_matrix", frame.where, (3, 3), (3, 4), (4, 4))
    if matrix is not None:
        if abs(matrix[0, 1]) > _SKEW or abs(matrix[1, 0]) > _SKEW:
            raise UnsupportedError(
                f"{frame.where}: intrinsic_matrix has a skew of {matrix[0, 1]:g} pixels; resample "
                "the images to square pixels"
            )
        own = (fx, fy, cx, cy)
        given = tuple(float(v) for v in (matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]))
        if any(
            a is not None and abs(a - b) > _AGREE * max(abs(b), 1.0)
            for a, b in zip(own, given, strict=True)
        ):
            raise DamagedFileError(
                f"{frame.where}: intrinsic_matrix and the focal lengths or cx, cy contradict "
                "each other"
            )
        fx, fy, cx, cy = (b if a is None else a for a, b in zip(own, given, strict=True))
    if fx is None and fy is None:
        raise DamagedFileError(f"{frame.where}: neither fl_x nor camera_angle_x is given")
    fx = fx or fy
    fy = fy or fx
    assert fx is not None
    assert fy is not None
    return fx, fy, cx, cy


def _focal(frame: Frame, axis: str, size: float) -> float | None:
    """The focal length along an axis, as instant-ngp chooses among its keys."""
    degrees = frame.number(f"{axis}_fov", positive=True)
    if degrees is not None:
        return _of_angle(frame, f"{axis}_fov", keys.radians(degrees), size)
    stated = frame.number(f"fl_{axis}", positive=True)
    if stated is not None:
        return stated
    angle = frame.number(f"camera_angle_{axis}", positive=True)
    return None if angle is None else _of_angle(frame, f"camera_angle_{axis}", angle, size)


def _of_angle(frame: Frame, key: str, angle: float, size: float) -> float:
    if not _NARROWEST < angle < math.pi:
        raise DamagedFileError(
            f"{frame.where}: {key} is {angle:g} radians, expected more than {_NARROWEST:g} and "
            "less than pi"
        )
    return 0.5 * size / math.tan(0.5 * angle)


def _check_own_size(
    frame: Frame, fx: float, cx: float | None, cy: float | None, width: int, height: int
) -> None:
    """DamagedFileError if a lens without w and h is that of images of another size."""
    if cx is not None and cy is not None:
        x, y = cx / width, cy / height
        low, high = _CENTRAL
        if not (0 < x < 1 and 0 < y < 1) or max(x, y) < low or min(x, y) > high:
            raise DamagedFileError(
                f"{frame.where}: cx {cx:g} and cy {cy:g} are far from the middle of an image of "
                f"{width} x {height}: the lens is that of another size; {_SIZE}"
            )
    if fx > _TELE * width:
        raise DamagedFileError(
            f"{frame.where}: fl_x {fx:g} is a view of {math.degrees(width / fx):.2g} degrees for "
            f"an image {width} pixels wide: the lens is that of another size; {_SIZE}"
        )
    angle = frame.number("camera_angle_x", positive=True)
    if angle is not None and frame.number("fl_x") is not None and angle < math.pi:
        wide = 2.0 * fx * math.tan(0.5 * angle)
        if abs(wide / width - 1.0) > _AGREE:
            raise DamagedFileError(
                f"{frame.where}: fl_x {fx:g} and camera_angle_x {angle:g} are those of images "
                f"{wide:.0f} pixels wide, the image has {width}; {_SIZE}"
            )


def _check_lens(frame: Frame, found: Camera) -> None:
    w, h = found.width, found.height
    if not (_SHORTEST < found.fx / w < _LONGEST and _SHORTEST < found.fy / h < _LONGEST):
        raise DamagedFileError(
            f"{frame.where}: its focal lengths, {found.fx:g} and {found.fy:g} pixels, are those of "
            f"no camera with images of {w} x {h}; {_SIZE}"
        )
    if not (-w < found.cx < 2 * w and -h < found.cy < 2 * h):
        raise DamagedFileError(
            f"{frame.where}: cx and cy, {found.cx:.0f} and {found.cy:.0f}, lie far from an image "
            f"of {w} x {h}; {_SIZE}"
        )


def _pose(frame: Frame) -> npt.NDArray[np.float64]:
    given = array(frame.values, "transform_matrix", frame.where, (4, 4), (3, 4))
    if given is None:
        raise DamagedFileError(f"{frame.where}: transform_matrix is not given")
    if len(given) == 4 and np.abs(given[3] - [0.0, 0.0, 0.0, 1.0]).max() > 1e-6:
        column = np.abs(given[:, 3] - [0.0, 0.0, 0.0, 1.0]).max() <= 1e-6
        raise DamagedFileError(
            f"{frame.where}: the last row of transform_matrix is not 0 0 0 1"
            + (": it is written column by column; transpose it" if column else "")
        )
    pose = np.eye(4)
    pose[:3] = given[:3]
    if np.abs(pose).max() > _FARTHEST:
        raise DamagedFileError(f"{frame.where}: transform_matrix holds numbers beyond 1e15")
    lengths = np.linalg.norm(pose[:3, :3], axis=0)
    if lengths.min() < 1e-9:
        raise DamagedFileError(f"{frame.where}: transform_matrix is singular")
    rotation = pose[:3, :3] / lengths
    if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-2) or np.linalg.det(rotation) < 0:
        raise DamagedFileError(f"{frame.where}: transform_matrix is not a rotation and a shift")
    pose[:3, :3] = rotation
    return pose
