"""Posed images: a folder of images and the file that says from where each was taken.

These layouts are read, told apart by what is in the folder:

- **Blender** (NeRF-Synthetic): ``transforms_train.json`` and ``transforms_test.json``, each with
  ``camera_angle_x`` and frames whose ``file_path`` may lack its ``.png``.
- **Single file** (instant-ngp, nerfstudio): ``transforms.json`` with ``fl_x fl_y cx cy w h`` and
  OpenCV's ``k1 k2 p1 p2``, each of which a frame may override. If the file does not list what is
  held out (``train_filenames`` and the like), the frames are sorted by name and every eighth of
  those whose image exists, beginning with the first, is held out as the ``test`` split (the usual
  rule of LLFF and of mip-NeRF 360). All keys: :mod:`nfcodec.data.transforms_keys`.
- **Projection matrices** (NeuS, IDR, H3DS): ``cameras_sphere.npz`` or ``cameras.npz``, images in
  ``image/``, masks in ``mask/`` (:mod:`nfcodec.data.projections`). Views are in the order of their
  cameras, and every eighth, beginning with the first, is held out. Masks are the images' alpha;
  those stored as JPEG are cut at one half, as their noise would be transparency.

Alpha is *straight* (not premultiplied), as the PNG specification has it and as NeRF-Synthetic and
images down-sampled from it store it; color over a background is ``rgb * a + background * (1 - a)``
on the stored sRGB values, which is what all published NeRF-Synthetic PSNRs are computed on. Images
with alpha that are opaque throughout are images without alpha. Images are not turned by their
EXIF orientation, with a warning: poses refer to the pixels as stored.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from nfcodec.data import projections
from nfcodec.data.decode import Decoded, Source, decode_all
from nfcodec.data.other_layouts import no_set
from nfcodec.data.posed import BLACK, WHITE, PosedImages, over
from nfcodec.data.scene_space import Space
from nfcodec.data.transforms import Frame, Transforms, read_transforms, split_by_lists
from nfcodec.data.transforms_camera import camera
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.model.camera import Camera

__all__ = ["HOLD_OUT_EVERY", "PosedImages", "Split", "load", "numbered", "over"]

Split: TypeAlias = Literal["train", "test", "all"]
ViewT = TypeVar("ViewT")

#: Hold out every N-th view if the data set defines no split.
HOLD_OUT_EVERY = 8

_TRANSFORMS = ("transforms_train.json", "transforms.json")


def is_set(folder: Path) -> bool:
    """Whether ``folder`` holds cameras in a file that :func:`load` would read."""
    named = any((folder / name).is_file() for name in _TRANSFORMS)
    return named or projections.camera_file(folder) is not None


def load(path: str | Path, split: Split = "train") -> PosedImages:
    """Load the images of ``split`` from a folder, or from the folder of one file of cameras.

    Warns of frames whose image does not exist, with their number, and of what
    :func:`nfcodec.data.transforms.read_transforms` warns of.

    Raises UsageError if the path or the split does not exist, DamagedFileError if there is no
    file of cameras or it has no usable frame, for images or masks that cannot be decoded and for
    bad poses or intrinsics, UnsupportedError for other layouts, lenses and kinds of images, and
    LimitError above the limits of transforms files and of what is decoded.
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
    try:
        return _load_transforms(path, split)
    except RecursionError as error:
        raise DamagedFileError(f"{path}: values are nested too deeply") from error


def numbered(path: str | Path) -> Split:
    """The split in which the views of ``path`` are counted by whoever names one by its number.

    ``test`` where a file of its own lists what is held out, else ``all``: there views have the
    numbers of their images.
    """
    return "test" if _is_blender(Path(path)) else "all"


def _load_transforms(path: Path, split: Split) -> PosedImages:
    listings = [read_transforms(file) for file in _transforms_files(path, split)]
    frames = [frame for listing in listings for frame in listing.frames]
    present = [f for f in frames if f.image is not None]
    missing = len(frames) - len(present)
    if not present:
        if not frames:
            raise DamagedFileError(f"{path}: the transforms file lists no frames")
        raise DamagedFileError(
            f"{path}: {len(frames)} frames are listed, none of their images exists (the first "
            f"looked for: {frames[0].looked_for})"
        )
    if missing:
        first = next(f for f in frames if f.image is None)
        _warn_missing(
            path, missing, len(frames), f"listed frames have no image (the first: {first.name})"
        )
    if not _is_blender(path):
        present = _split(listings[0], present, split)
    decoded = decode_all(
        [Source(f.image, None, f.mask, f.inverted) for f in present if f.image is not None]
    )
    _check_lenses(present, decoded)
    cameras = (camera(f, *size) for f, size in zip(present, decoded.sizes, strict=True))
    return _posed(
        decoded, tuple(cameras), tuple(f.name for f in present), path, missing, listings[0].space
    )


def _split(listing: Transforms, present: list[Frame], split: Split) -> list[Frame]:
    """The frames of ``split`` that have an image, by name."""
    if listing.splits and split != "all":
        chosen = [f for f in split_by_lists(listing, split) if f.image is not None]
        if not chosen:
            raise DamagedFileError(
                f"{listing.file}: its lists of file names leave no view to "
                + ("be held out" if split == "test" else "train on")
            )
        return sorted(chosen, key=lambda f: f.name)
    return _hold_out(sorted(present, key=lambda f: f.name), split, listing.file)


def _check_lenses(frames: list[Frame], decoded: Decoded) -> None:
    """DamagedFileError for one lens of images whose sizes differ so that it cannot suit all.

    That is any difference for a lens in pixels, and one of aspect for an angle of view.
    """
    if len(set(decoded.sizes)) == 1:
        return
    suits: dict[tuple[float | None, ...], tuple[float, ...]] = {}
    for frame, size in zip(frames, decoded.sizes, strict=True):
        pixels = tuple(frame.number(key) for key in ("fl_x", "fl_y", "cx", "cy"))
        angles = tuple(frame.number(key) for key in ("camera_angle_x", "x_fov"))
        if frame.number("w") is not None or frame.number("h") is not None:
            continue
        wanted: tuple[float, ...] = size if any(pixels) else (size[0] / size[1],)
        if suits.setdefault((*pixels, *angles), wanted) != wanted:
            raise DamagedFileError(
                f"{frame.where}: images differ in size and share a lens without w and h; state for "
                "each frame its own fl_x, fl_y, cx, cy, w and h"
            )


def _load_projections(file: Path, split: Split) -> PosedImages:
    """The views that the matrices in ``file`` belong to."""
    found = projections.read_views(file)
    if found.missing:
        _warn_missing(
            file, found.missing, found.missing + len(found.views), "cameras have no image"
        )
    views = _hold_out(found.views, split, file.parent)
    decoded = decode_all([Source(v.image, v.mask) for v in views])
    cameras = (projections.camera(v, *size) for v, size in zip(views, decoded.sizes, strict=True))
    return _posed(
        decoded, tuple(cameras), tuple(v.name for v in views), file.parent, found.missing,
        Space(found.sphere),
    )  # fmt: skip


def _posed(
    decoded: Decoded, cameras: tuple[Camera, ...], names: tuple[str, ...], path: Path, missing: int,
    space: Space,
) -> PosedImages:  # fmt: skip
    if decoded.counted is not None and not decoded.counted.any():
        raise DamagedFileError(f"{path}: the masks leave no pixel of any view")
    return PosedImages(
        images=decoded.images,
        cameras=cameras,
        names=names,
        path=path,
        missing=missing,
        background=WHITE if decoded.images.shape[3] == 4 else BLACK,
        aabb_scale=space.aabb_scale,
        sphere=space.sphere,
        cube=space.cube,
        counted=decoded.counted,
    )


def _warn_missing(path: Path, missing: int, of: int, what: str) -> None:
    warnings.warn(f"{path}: {missing} of {of} {what}; they are left out", stacklevel=4)


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
    raise no_set(path)


def _hold_out(views: list[ViewT], split: Split, path: Path) -> list[ViewT]:
    if split == "all":
        return views
    chosen = [v for i, v in enumerate(views) if (i % HOLD_OUT_EVERY == 0) == (split == "test")]
    if not chosen:
        raise DamagedFileError(
            f"{path}: one frame alone cannot be split; it is held out as a test view"
        )
    return chosen
