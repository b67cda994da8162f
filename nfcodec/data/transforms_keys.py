"""The keys of transforms files: which are heeded, which do not matter, which are refused.

Sources: instant-ngp ``src/nerf_loader.cu``, nerfstudio ``nerfstudio_dataparser.py`` and its data
conventions, Neuralangelo ``convert_data_to_json.py``, NeuS2 ``DATA_CONVENTION.md``, the Blender
files of NeRF and D-NeRF. A key in none of these tables is named in a warning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfcodec.errors import UnsupportedError

#: Lens keys, which hold for the whole file and may be overridden by a frame.
LENS = frozenset(
    {
        "camera_angle_x", "camera_angle_y", "camera_model", "cx", "cy", "fl_x", "fl_y", "h",
        "intrinsic_matrix", "is_fisheye", "k1", "k2", "p1", "p2", "w", "x_fov", "y_fov",
    }
)  # fmt: skip
#: Keys that say where the scene is; of the whole file.
BOX = frozenset({"aabb", "aabb_range", "aabb_scale", "offset", "scale", "sphere_center",
                 "sphere_radius"})  # fmt: skip
#: Keys that say which views are held out, by file name; of the whole file.
SPLITS = ("train_filenames", "val_filenames", "test_filenames")

_HEEDED_FILE = LENS | BOX | {"frames", "n_frames", *SPLITS}
_HEEDED_FRAME = LENS | {"file_path", "mask_path", "transform_matrix"}

#: Keys that change neither the views nor what is learned from them here.
_HARMLESS_FILE = frozenset(
    {
        # nerfstudio: how the file's coordinates came about, which way is up, the sparse points
        "applied_scale", "applied_transform", "orientation_override", "ply_file_path",
        # instant-ngp: how its trainer samples, its viewer's up, the radius of a fisheye
        "enable_depth_loading", "enable_ray_loading", "fix_premult", "importance_sampling",
        "integer_depth_scale", "n_extra_learnable_dims", "rolling_shutter", "up",
        "fisheye_crop_radius",
        # Neuralangelo: that the poses were normalized
        "centered", "scaled",
    }
)  # fmt: skip
_HARMLESS_FRAME = frozenset(
    {"colmap_im_id", "image_id", "rotation", "rolling_shutter", "sharpness", "timestamp"}
)

#: Lens terms beyond the four heeded ones: a lens that has one is another lens.
_OTHER_TERMS = (
    "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4", "tau_x", "tau_y", "taux", "tauy",  # OpenCV
    "sk_x", "sk_y", "skew",  # Neuralangelo: pixels whose axes are not at right angles
    "xi", "alpha", "beta", "omega",  # omnidirectional, EUCM, double sphere, FOV
    "distortion_params", "distortion", "distortion_coefficients",
)  # fmt: skip
_OTHER_LENSES = ("equirectangular", "latlong", *(f"ftheta_p{i}" for i in range(5)))
#: The further terms of FULL_OPENCV are refused by their own keys.
_PINHOLES = (
    "FULL_OPENCV", "OPENCV", "PERSPECTIVE", "PINHOLE", "RADIAL", "SIMPLE_PINHOLE", "SIMPLE_RADIAL",
)  # fmt: skip
#: Keys that, if true, change what poses or pixels mean, with the remedy.
_REFUSED = {
    "from_na": "its poses are in NeuS2's axes (y down, looking along +z); turn the second and the "
    "third column of each transform_matrix about and take the key out",
    "normal_mts_args": "its poses are in Mitsuba's axes; convert them to OpenGL's (y up, looking "
    "along -z)",
    "white_transparent": "white pixels are to be transparent; store images with alpha",
    "black_transparent": "black pixels are to be transparent; store images with alpha",
}
_NAMED = 8


def refuse(values: Mapping[str, Any], where: str) -> None:
    """UnsupportedError for a lens or a meaning of poses that the keys in ``values`` ask for."""
    model = values.get("camera_model")
    model = "OPENCV" if model is None else model
    fisheye = bool(values.get("is_fisheye"))
    if fisheye or not (isinstance(model, str) and model.upper() in _PINHOLES):
        name = "fisheye" if fisheye else str(model)[:40]
        raise UnsupportedError(
            f"{where}: camera model {name}; only pinholes are supported: undistort the images "
            "(COLMAP's image_undistorter)"
        )
    for key in _OTHER_TERMS:
        if _says_something(values.get(key)):
            raise UnsupportedError(
                f"{where}: lens term {key}; only k1, k2, p1 and p2 are supported: undistort the "
                "images (COLMAP's image_undistorter)"
            )
    for key in _OTHER_LENSES:
        # Any coefficient of an f-theta lens, 0 too, makes it one.
        if values.get(key, False) not in (False, None):
            raise UnsupportedError(
                f"{where}: {key}; only pinholes are supported: resample the images to a pinhole"
            )
    for key, remedy in _REFUSED.items():
        if values.get(key):
            raise UnsupportedError(f"{where}: {key}: {remedy}")
    pose = values.get("transform_matrix")
    for key in ("transform_matrix_start", "transform_matrix_end"):
        if key in values and values[key] != pose:
            raise UnsupportedError(
                f"{where}: {key}: a camera that moves during the exposure is not supported; give "
                "one transform_matrix"
            )


def refuse_motion(entries: Sequence[Mapping[str, Any]], file: object) -> None:
    """UnsupportedError if frames show a scene at different times from 0 to 1, as D-NeRF's do."""
    times = {
        float(entry["time"])
        for entry in entries
        if isinstance(entry.get("time"), int | float) and abs(entry["time"]) <= 1
    }
    if len(times) > 1 and min(times) >= 0.0:
        raise UnsupportedError(
            f"{file}: frames have different times: a scene that moves is not supported; keep the "
            "frames of one moment"
        )


def not_read(content: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str | None:
    """The keys of a file and of its frames that nothing reads, in a few words; None without any."""
    refused = {*_OTHER_TERMS, *_OTHER_LENSES, *_REFUSED}
    moving = {"transform_matrix_start", "transform_matrix_end"}
    top = content.keys() - _HEEDED_FILE - _HARMLESS_FILE - refused
    below = {key for entry in entries for key in entry.keys() - _HEEDED_FRAME}
    names = sorted(top | (below - _HARMLESS_FRAME - refused - moving))
    if not names:
        return None
    shown = ", ".join(_shortened(name) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{shown}{more}"


def _shortened(name: str) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= 40 else plain[:37] + "..."


def _says_something(value: Any) -> bool:
    """Whether a lens term, a number or a list of them, is other than zero."""
    if value is None or value is False:
        return False
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError):
        return True
    return bool(not np.isfinite(numbers).all() or (numbers != 0.0).any())


def radians(degrees: float) -> float:
    """An angle of instant-ngp's ``x_fov`` and ``y_fov``, which are in degrees, in radians."""
    return degrees * math.pi / 180.0
