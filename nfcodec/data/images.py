"""Posed images: a folder of pictures and the file that says from where each was taken.

These layouts are read, told apart by what is in the folder:

- **Blender** (NeRF-Synthetic): ``transforms_train.json`` and ``transforms_test.json``, each with
  ``camera_angle_x`` and frames whose ``file_path`` may lack its ``.png``.
- **Single file** (instant-ngp, nerfstudio): ``transforms.json`` with ``fl_x fl_y cx cy w h`` and
  OpenCV's ``k1 k2 p1 p2``, each of which a frame may override. There the frames are sorted by
  name and every eighth of those whose image exists, beginning with the first, is held out as the
  ``test`` split (the usual rule of LLFF and of mip-NeRF 360).
- **Projection matrices** (NeuS, IDR, H3DS): ``cameras_sphere.npz`` or ``cameras.npz``, pictures in
  ``image/``, masks in ``mask/`` (:mod:`nfcodec.data.projections`). Views are in the order of their
  cameras, and every eighth, beginning with the first, is held out. Masks are the images' alpha;
  those stored as JPEG are cut at one half, as their noise would be transparency.

Alpha is *straight* (not premultiplied), as the PNG specification has it and as NeRF-Synthetic and
images down-sampled from it store it; colour over a background is ``rgb * a + background * (1 - a)``
on the stored sRGB values, which is what all published NeRF-Synthetic PSNRs are computed on. EXIF
orientation is ignored: poses refer to the pixels as stored.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from nfcodec.camera import Camera
from nfcodec.data import projections
from nfcodec.data.transforms import Frame, camera, read_frames
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

Split: TypeAlias = Literal["train", "test", "all"]
ViewT = TypeVar("ViewT")

#: Every how-manieth view is held out where the data do not say which.
HOLD_OUT_EVERY = 8
#: Pixels of one image above which it is refused.
MAX_IMAGE_PIXELS = 2**26
#: Bytes of all images of a split, decoded, above which they are refused.
MAX_TOTAL_BYTES = 2**34

_MODES = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
_TRANSFORMS = ("transforms_train.json", "transforms.json")
_WHITE = (1.0, 1.0, 1.0)
_BLACK = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class PosedImages:
    """Images of one size with a camera each.

    ``images``: (V, H, W, 3 or 4) uint8, sRGB, straight alpha if there is a fourth channel.
    ``names``: the frames' file names as the transforms file gives them, or the pictures' own.
    ``missing``: frames listed, or cameras, whose image does not exist.
    ``background``: (3,) colour in [0, 1] behind transparent pixels: white where there is alpha (as
    everyone evaluates NeRF-Synthetic), black, and without effect on the images, where there is not.
    ``aabb_scale``: instant-ngp's scene size, if the transforms file gives it.
    ``sphere``: x, y, z and radius of a ball that holds the scene, in the cameras' units, if stated.
    """

    images: npt.NDArray[np.uint8]
    cameras: tuple[Camera, ...]
    names: tuple[str, ...]
    path: Path
    missing: int = 0
    background: tuple[float, float, float] = _WHITE
    aabb_scale: float | None = None
    sphere: tuple[float, float, float, float] | None = None

    def __len__(self) -> int:
        return len(self.cameras)

    @property
    def has_alpha(self) -> bool:
        return bool(self.images.shape[3] == 4)

    @property
    def height(self) -> int:
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        return int(self.images.shape[2])

    def colour(
        self, view: int, background: Sequence[float] | None = None
    ) -> npt.NDArray[np.float32]:
        """(H, W, 3) float32 in [0, 1]: one image over ``background`` (default: the set's own)."""
        return over(self.images[view], self.background if background is None else background)

    def colours(self, background: Sequence[float] | None = None) -> npt.NDArray[np.float32]:
        """(V, H, W, 3) float32 in [0, 1]: all images over ``background``."""
        return over(self.images, self.background if background is None else background)

    def alpha(self, view: int) -> npt.NDArray[np.float32]:
        """(H, W) float32 in [0, 1]: one image's opacity, 1 where the set has no alpha."""
        if not self.has_alpha:
            return np.ones(self.images.shape[1:3], np.float32)
        return _unit(self.images[view, ..., 3])

    def subset(self, views: Sequence[int]) -> PosedImages:
        """The given views, in the given order."""
        return replace(
            self,
            images=self.images[list(views)],
            cameras=tuple(self.cameras[v] for v in views),
            names=tuple(self.names[v] for v in views),
        )


def over(images: npt.NDArray[np.uint8], background: Sequence[float]) -> npt.NDArray[np.float32]:
    """(..., 3) float32 in [0, 1]: uint8 images (..., 3 or 4) over ``background``."""
    rgb = _unit(images[..., :3])
    if images.shape[-1] == 3:
        return rgb
    alpha = _unit(images[..., 3:])
    behind = np.asarray(background, np.float32)
    rgb -= behind
    rgb *= alpha
    rgb += behind
    np.clip(rgb, 0.0, 1.0, out=rgb)
    return rgb


def _unit(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = np.divide(values, np.float32(255), dtype=np.float32)
    return scaled


def load(path: str | Path, split: Split = "train") -> PosedImages:
    """Load the images of ``split`` from a folder, or from the folder of one file of cameras.

    Warns once, with their number, of frames whose image does not exist.

    Raises UsageError if the path or the split does not exist, DamagedFileError if there is no
    file of cameras or it has no usable frame, for images or masks that differ in size or cannot be
    decoded and for bad poses or intrinsics, UnsupportedError for other lens models, and LimitError
    above :data:`MAX_IMAGE_PIXELS`, :data:`MAX_TOTAL_BYTES`, or for a transforms file of more than
    256 MB.
    """
    if split not in ("train", "test", "all"):
        raise UsageError(f"unknown split {split!r}: choose train, test or all")
    path = Path(path)
    if not path.exists():
        raise UsageError(
            f"{path}: no such folder; give one that holds images and transforms files or "
            "cameras_sphere.npz"
        )
    if not any((path / name).is_file() for name in _TRANSFORMS):
        cameras = projections.camera_file(path)
        if cameras is not None:
            return _load_projections(cameras, split)
    frames: list[Frame] = []
    for file in _transforms_files(path, split):
        frames += read_frames(file)
    present = [f for f in frames if f.image is not None]
    missing = len(frames) - len(present)
    if not present:
        raise DamagedFileError(
            f"{path}: {len(frames)} frames are listed, none of their images exists"
            if frames
            else f"{path}: the transforms file lists no frames"
        )
    if missing:
        first = next(f for f in frames if f.image is None)
        _warn_missing(
            path, missing, len(frames), f"listed frames have no image (the first: {first.name})"
        )
    if not _is_blender(path):
        present = _hold_out(sorted(present, key=lambda f: f.name), split, path)
    images = _decode_all([f.image for f in present if f.image is not None])
    height, width = images.shape[1:3]
    return PosedImages(
        images=images,
        cameras=tuple(camera(f, int(width), int(height)) for f in present),
        names=tuple(f.name for f in present),
        path=path,
        missing=missing,
        background=_WHITE if images.shape[3] == 4 else _BLACK,
        aabb_scale=present[0].number("aabb_scale", positive=True),
    )


def numbered(path: str | Path) -> Split:
    """The split in which the views of ``path`` are counted by whoever names one by its number.

    ``test`` where the set says what is held out, else ``all``: there views have the numbers of
    their pictures, and every :data:`HOLD_OUT_EVERY`-th, beginning with 0, is held out.
    """
    return "test" if _is_blender(Path(path)) else "all"


def _load_projections(file: Path, split: Split) -> PosedImages:
    """The views that the matrices in ``file`` belong to."""
    found = projections.read_views(file)
    if found.missing:
        _warn_missing(
            file, found.missing, found.missing + len(found.views), "cameras have no image"
        )
    views = _hold_out(found.views, split, file.parent)
    images = _decode_all([v.image for v in views], [v.mask for v in views if v.mask is not None])
    height, width = images.shape[1:3]
    return PosedImages(
        images=images,
        cameras=tuple(projections.camera(v, int(width), int(height)) for v in views),
        names=tuple(v.name for v in views),
        path=file.parent,
        missing=found.missing,
        background=_WHITE if images.shape[3] == 4 else _BLACK,
        sphere=found.sphere,
    )


def _warn_missing(path: Path, missing: int, of: int, what: str) -> None:
    warnings.warn(f"{path}: {missing} of {of} {what}; they are left out", stacklevel=3)


def _is_blender(path: Path) -> bool:
    return path.is_dir() and (path / "transforms_train.json").is_file()


def _transforms_files(path: Path, split: Split) -> list[Path]:
    if path.is_file():
        return [path]
    if _is_blender(path):
        files = [path / f"transforms_{s}.json" for s in ("train", "test") if split in (s, "all")]
        for file in files:
            if not file.is_file():
                raise DamagedFileError(f"{path}: there is no {file.name} for the split {split!r}")
        return files
    if (path / "transforms.json").is_file():
        return [path / "transforms.json"]
    raise DamagedFileError(
        f"{path}: found neither transforms_train.json (Blender layout) nor transforms.json "
        "(instant-ngp, nerfstudio) nor cameras_sphere.npz or cameras.npz (NeuS, IDR, H3DS); is "
        "this the folder of an image set?"
    )


def _hold_out(views: list[ViewT], split: Split, path: Path) -> list[ViewT]:
    if split == "all":
        return views
    chosen = [v for i, v in enumerate(views) if (i % HOLD_OUT_EVERY == 0) == (split == "test")]
    if not chosen:
        raise DamagedFileError(
            f"{path}: one frame alone cannot be split; it is held out as a test view"
        )
    return chosen


def _decode_all(files: list[Path], masks: Sequence[Path] = ()) -> npt.NDArray[np.uint8]:
    """(V, H, W, 3 or 4) uint8; sizes are checked from the headers before anything is decoded.

    ``masks``: none, or one for each file, to be its alpha.
    """
    headers = [read_header(file) for file in (*files, *masks)]
    width, height, _ = headers[0]
    for file, (w, h, _) in zip((*files, *masks), headers, strict=True):
        if (w, h) != (width, height):
            raise DamagedFileError(
                f"{file}: {w} x {h} pixels, but {files[0].name} has {width} x {height}; "
                "all images of a set must have one size"
            )
    # An opaque image among transparent ones is one whose alpha is 1 throughout.
    mode = "RGBA" if masks or any(alpha for _, _, alpha in headers) else "RGB"
    total = len(files) * height * width * len(mode)
    if total > MAX_TOTAL_BYTES:
        raise LimitError(
            f"{files[0].parent}: {len(files)} images of {width} x {height} take {total} "
            f"bytes, more than {MAX_TOTAL_BYTES}; use smaller or fewer images"
        )
    out = np.empty((len(files), height, width, len(mode)), np.uint8)

    def decode(index: int) -> None:
        out[index] = read_pixels(files[index], mode)
        if masks:
            mask = read_pixels(masks[index], "L")
            noisy = masks[index].suffix.lower() in (".jpg", ".jpeg")
            out[index, ..., 3] = np.where(mask > 127, 255, 0) if noisy else mask

    with ThreadPoolExecutor() as pool:
        list(pool.map(decode, range(len(files))))
    return out


def read_header(file: Path) -> tuple[int, int, bool]:
    """Width, height and whether there is alpha, without decoding the pixels.

    Raises DamagedFileError, UnsupportedError or LimitError, as :func:`load`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                width, height = image.size
                mode = image.mode
                alpha = "A" in image.getbands() or "a" in image.getbands()
                alpha = alpha or "transparency" in image.info
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise LimitError(f"{file}: {error}") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise DamagedFileError(f"{file}: cannot be read as an image: {error}") from error
    if width * height > MAX_IMAGE_PIXELS:
        raise LimitError(
            f"{file}: {width} x {height} pixels, more than the {MAX_IMAGE_PIXELS} read at most"
        )
    if mode not in _MODES:
        raise UnsupportedError(f"{file}: pixel format {mode}; convert it to 8-bit RGB or RGBA")
    return width, height, alpha


def read_pixels(file: Path, mode: str) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, C) pixels in Pillow's ``mode``; DamagedFileError if they are damaged."""
    try:
        with Image.open(file) as image:
            return np.asarray(image.convert(mode))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise DamagedFileError(f"{file}: cannot be decoded: {error}") from error
