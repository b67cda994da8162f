"""Views given by projection matrices: DTU and BlendedMVS as IDR and NeuS lay them out, and H3DS.

A folder holds ``cameras_sphere.npz`` (NeuS) or ``cameras.npz`` (IDR, H3DS), images in ``image/``
and, as a rule, masks in ``mask/``. For view i the matrix ``world_mat_i`` projects points of the
world to pixels whose centers are whole numbers, and ``scale_mat_i`` takes the unit sphere to a
sphere around the object.

Which image is view i: the one whose name's last number is i (``003.png``, ``img_0003.jpg``), if
all names' numbers are views; else the i-th by name, if there are as many images as views. NeuS
itself takes the i-th by name always, so images numbered from 1 on without a gap, beside a
``world_mat_0``, are counted so as well.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.data import npy
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError
from nfcodec.model.camera import Camera

#: The files that matrices are read from, the first that is there.
CAMERA_FILES = ("cameras_sphere.npz", "cameras.npz")
#: Arrays in such a file above which it is refused.
MAX_ARRAYS = 1 << 16

_MAX_ARRAY_BYTES = 4096
#: How far, in pixels, skewed axes may move a point of the image and count as rounding.
_SKEW = 0.1
_IMAGES = (".png", ".jpg", ".jpeg")

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class View:
    """An image, its mask if there are masks, and the (3, 4) matrix from the world to pixels."""

    name: str
    image: Path
    mask: Path | None
    matrix: Matrix
    where: str


@dataclass(frozen=True, eq=False)
class Listing:
    """What a folder holds: its ``views`` by number, how many more the camera file lists, and the
    ``sphere`` (x, y, z and radius, in the world's units) around the scene, if it is stated."""

    views: list[View]
    missing: int
    sphere: tuple[float, float, float, float] | None


def camera_file(path: Path) -> Path | None:
    """The file of matrices that ``path``, a folder or such a file itself, stands for, if any."""
    if path.is_file():
        return path if path.suffix.lower() == ".npz" else None
    return next((path / name for name in CAMERA_FILES if (path / name).is_file()), None)


def read_views(file: Path) -> Listing:
    """The views of the matrices in ``file`` whose images lie in ``image/`` beside it.

    Raises DamagedFileError if the file is damaged, images or masks are not there, or they cannot
    be matched with matrices, LimitError above :data:`MAX_ARRAYS`.
    """
    arrays = _matrices(file)
    numbers = sorted(int(name[10:]) for name in arrays if name.startswith("world_mat_"))
    if not numbers:
        raise DamagedFileError(
            f"{file}: holds no world_mat_0, world_mat_1, ...; is it a file of cameras as NeuS, "
            "IDR and H3DS have them?"
        )
    images = _numbered(_listed(file.parent / "image"), numbers, file)
    if (file.parent / "mask").is_dir():
        masks = _numbered(_listed(file.parent / "mask"), numbers, file)
        without = [image for number, image in images.items() if number not in masks]
        if without:
            raise DamagedFileError(
                f"{without[0]}: {len(without)} of {len(images)} images have no mask in "
                f"{file.parent / 'mask'}; add them, or take the folder of masks away"
            )
    else:
        masks = {}
    views = []
    for number, image in images.items():
        where = f"{file}, world_mat_{number}"
        views.append(
            View(image.name, image, masks.get(number), arrays[f"world_mat_{number}"], where)
        )
    return Listing(views, len(numbers) - len(views), _sphere(arrays, file, numbers[0]))


def camera(view: View, width: int, height: int) -> Camera:
    """The camera that projects as the view's matrix does, for an image of that size.

    The matrix is taken apart by RQ decomposition: lens, rotation, place. Raises DamagedFileError
    if it is not the projection of a camera, UnsupportedError if its pixels are not rectangular.
    """
    size = float(np.abs(view.matrix[:, :3]).max())
    matrix = view.matrix / size if size > 0.0 else view.matrix
    linear = matrix[:, :3]
    if size == 0.0 or np.linalg.cond(linear) > 1e12:
        raise DamagedFileError(f"{view.where}: is no projection of a camera: it is singular")
    eye = -np.linalg.solve(linear, matrix[:, 3])
    if not np.abs(eye).max() < 1e15:
        raise DamagedFileError(f"{view.where}: is no projection of a camera: its eye is far away")
    if np.linalg.det(linear) < 0.0:  # the sign of a projection has no meaning
        linear = -linear
    lens, rotation = _rq(linear)
    lens /= lens[2, 2]
    fx, fy = float(lens[0, 0]), float(lens[1, 1])
    if not (1e-3 < fx / width < 1e4 and 1e-3 < fy / height < 1e4):
        raise DamagedFileError(
            f"{view.where}: its focal lengths, {fx:g} and {fy:g} pixels, are those of no camera "
            f"with images of {width} x {height}; was it made for these images?"
        )
    # Whole numbers are the pixels' centers there; here these lie at one half.
    cx, cy = float(lens[0, 2]) + 0.5, float(lens[1, 2]) + 0.5
    skew = abs(float(lens[0, 1])) / fy * max(abs(cy), abs(height - cy))
    if skew > _SKEW:
        raise UnsupportedError(
            f"{view.where}: the pixels' axes are not at right angles (skew {lens[0, 1]:.4g} "
            "pixels); resample the images to square pixels"
        )
    if not (-width < cx < 2 * width and -height < cy < 2 * height):
        raise DamagedFileError(
            f"{view.where}: its optical axis meets the image's plane at {cx:.0f}, {cy:.0f}, far "
            f"from an image of {width} x {height}; was it made for these images?"
        )
    pose = np.eye(4)
    pose[:3, :3] = rotation.T * [1.0, -1.0, -1.0]  # from x right, y down, looking along z
    pose[:3, 3] = eye
    return Camera(width, height, fx, fy, cx, cy, pose)


def _rq(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """``matrix``, of positive determinant, as an upper triangle with positive diagonal times a
    rotation."""
    q, r = np.linalg.qr(matrix[::-1].T)
    triangle, rotation = r.T[::-1, ::-1], q.T[::-1]
    signs = np.sign(np.diag(triangle))
    return triangle * signs, signs[:, None] * rotation


def _sphere(
    arrays: dict[str, Matrix], file: Path, first: int
) -> tuple[float, float, float, float] | None:
    """Where the first view's ``scale_mat`` takes the unit sphere; the ball around an ellipsoid."""
    matrix = arrays.get(f"scale_mat_{first}")
    if matrix is None:
        return None
    radius = float(np.linalg.svd(matrix[:, :3], compute_uv=False)[0])
    if not 1e-20 < radius < 1e20:
        raise DamagedFileError(f"{file}, scale_mat_{first}: its sphere has radius {radius:g}")
    x, y, z = (float(value) for value in matrix[:, 3])
    if max(abs(x), abs(y), abs(z)) > 1e20:
        raise DamagedFileError(f"{file}, scale_mat_{first}: its sphere lies beyond 1e20")
    return x, y, z, radius


def _listed(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DamagedFileError(f"{folder}: there is no such folder of images beside the cameras")
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _IMAGES and not path.name.startswith(".")
    )
    if not found:
        raise DamagedFileError(f"{folder}: holds no images ({', '.join(_IMAGES)})")
    return found


def _numbered(images: list[Path], numbers: list[int], file: Path) -> dict[int, Path]:
    """Which image is which view; see the module docstring."""
    last = [re.findall(r"\d+", image.stem)[-1:] for image in images]
    named = [int(digits[0]) if digits and len(digits[0]) < 10 else -1 for digits in last]
    if sorted(named) == list(range(1, len(named) + 1)) and {0, len(named) - 1} <= set(numbers):
        if len(named) < len(numbers):
            warnings.warn(
                f"{images[0].parent}: images are numbered from 1 and cameras of {file.name} "
                "from 0; the i-th image is taken for world_mat_(i - 1), as NeuS has it. If only "
                "image 0 is missing, take world_mat_0 out of the file",
                stacklevel=5,
            )
        return {i - 1: image for i, image in sorted(zip(named, images, strict=True))}
    if set(named) <= set(numbers) and len(set(named)) == len(named):
        return dict(sorted(zip(named, images, strict=True)))
    if len(images) == len(numbers):
        return dict(zip(numbers, images, strict=True))
    raise DamagedFileError(
        f"{images[0].parent}: {len(images)} images, whose names do not number the "
        f"{len(numbers)} cameras of {file.name}; name them after their cameras (world_mat_3: "
        "003.png), or give as many images as cameras"
    )


def _matrices(file: Path) -> dict[str, Matrix]:
    """The (3, 4) matrices in ``file`` called world_mat or scale_mat and a number."""
    found = {}
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS:
                raise LimitError(f"{file}: {len(members)} arrays, more than {MAX_ARRAYS}")
            for member in members:
                name = member.filename.removesuffix(".npy")
                if re.fullmatch(r"(world|scale)_mat_(0|[1-9]\d{0,8})", name):
                    with archive.open(member) as stream:
                        found[name] = _matrix(stream.read(_MAX_ARRAY_BYTES + 1), f"{file}, {name}")
    except NfcodecError:
        raise
    except Exception as error:  # damaged archives lead zipfile and its decoders to raise anything
        raise DamagedFileError(
            f"{file}: cannot be read as a file of NumPy arrays "
            f"({error or type(error).__name__}); download it again"
        ) from error
    return found


def _matrix(data: bytes, where: str) -> Matrix:
    """The first three rows of the matrix in a ``.npy`` file's bytes; nothing is unpickled."""
    try:
        found = npy.array(data)
        if found.shape not in ((3, 4), (4, 4)) or found.dtype.kind not in "fiu":
            raise ValueError(f"it is {found.dtype} of shape {found.shape}, not 4 x 4 numbers")
        matrix = found.astype(np.float64)
    except ValueError as error:
        raise DamagedFileError(f"{where}: is no matrix of a camera ({error})") from error
    if not np.isfinite(matrix).all():
        raise DamagedFileError(f"{where}: holds NaN or infinity")
    if len(matrix) == 4:
        if abs(matrix[3, 3]) < 1e-12 or np.abs(matrix[3, :3]).max() > 1e-6 * abs(matrix[3, 3]):
            raise DamagedFileError(f"{where}: its last row is not 0 0 0 1")
        with np.errstate(over="ignore"):
            matrix = matrix / matrix[3, 3]
    if not np.isfinite(matrix).all():
        raise DamagedFileError(f"{where}: its last row is not 0 0 0 1")
    return matrix[:3]
