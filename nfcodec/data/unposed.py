"""Images without their cameras: those of an image set, or any in a folder.

Of a layout that :mod:`nfcodec.data.images` knows, the views of a split over the set's background.
Of any other folder the files with an image's suffix that lie in it, sorted by name, every eighth
beginning with the first held out as the ``test`` split; a single image is not held out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.data import decode, images, projections
from nfcodec.data.image_files import read_header, read_pixels
from nfcodec.data.images import HOLD_OUT_EVERY, Split
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")

_TRANSFORMS = ("transforms_train.json", "transforms.json")


@dataclass(frozen=True, eq=False)
class UnposedImages:
    """``pixels``: (H, W, 3) uint8, sRGB, of any sizes; ``names`` of the files."""

    pixels: tuple[npt.NDArray[np.uint8], ...]
    names: tuple[str, ...]
    path: Path

    def __len__(self) -> int:
        return len(self.pixels)


def load(path: str | Path, split: Split = "train") -> UnposedImages:
    """The images of ``split`` in a folder, an image set or a file of cameras.

    Transparent ones of a plain folder are laid over white, as those of sets are. Raises as
    :func:`nfcodec.data.images.load`; DamagedFileError if there is no image, or none to hold out.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"{path}: there is no such folder of images")
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        raise UsageError(f"{path} is one image; give the folder that it lies in")
    if (
        path.is_file()
        or projections.camera_file(path) is not None
        or any((path / name).is_file() for name in _TRANSFORMS)
    ):
        posed = images.load(path, split)
        if posed.counted is not None:
            raise UnsupportedError(
                f"{posed.path}: it has masks of the pixels that count (mask_path), which learning "
                "images does not heed; take mask_path out of the file"
            )
        found = tuple(_opaque(posed.image(v), posed.background) for v in range(len(posed)))
        return UnposedImages(found, posed.names, posed.path)
    files = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
    if not files:
        raise DamagedFileError(
            f"{path}: holds neither images ({', '.join(SUFFIXES)}) nor an image set"
        )
    if len(files) == 1 and split == "test":
        raise DamagedFileError(f"{path}: one image alone cannot be held out")
    if len(files) > 1 and split != "all":
        files = [f for i, f in enumerate(files) if (i % HOLD_OUT_EVERY == 0) == (split == "test")]
    headers = [read_header(file) for file in files]
    total = sum(3 * header.width * header.height for header in headers)
    if total > decode.MAX_TOTAL_BYTES:
        raise LimitError(f"{path}: {total} bytes of images, more than {decode.MAX_TOTAL_BYTES}")
    pixels = tuple(
        _opaque(read_pixels(file, "RGBA" if header.alpha else "RGB"), (1.0, 1.0, 1.0))
        for file, header in zip(files, headers, strict=True)
    )
    return UnposedImages(pixels, tuple(file.name for file in files), path)


def _opaque(
    image: npt.NDArray[np.uint8], background: tuple[float, float, float]
) -> npt.NDArray[np.uint8]:
    if image.shape[2] == 3:
        return image
    shown: npt.NDArray[np.uint8] = np.rint(images.over(image, background) * 255.0).astype(np.uint8)
    return shown
