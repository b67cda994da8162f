"""Decoding the images of a set, with masks, into one array."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec.data.image_files import read_header, read_pixels
from nfcodec.errors import DamagedFileError, LimitError

#: Bytes of all images of a split, decoded, above which they are refused.
MAX_TOTAL_BYTES = 2**34


@dataclass(frozen=True)
class Source:
    """An image file; a file that is its ``alpha``; a ``mask`` of the pixels that count, or with
    ``inverted`` of those that do not."""

    image: Path
    alpha: Path | None = None
    mask: Path | None = None
    inverted: bool = False


@dataclass(frozen=True, eq=False)
class Decoded:
    """``images`` (V, H, W, 3 or 4) uint8, each in the top left corner of its H x W; their ``sizes``
    (width, height); ``counted`` (V, H, W) bool, the pixels that masks leave, None without masks.

    Pixels that do not count are 0 throughout.
    """

    images: npt.NDArray[np.uint8]
    sizes: tuple[tuple[int, int], ...]
    counted: npt.NDArray[np.bool_] | None


def decode_all(sources: Sequence[Source]) -> Decoded:
    """Decode ``sources``; sizes are checked from the headers before anything is decoded.

    There are four channels if any image has alpha, of which any is less than 1 where pixels count.
    Raises DamagedFileError for files that are damaged or masks of another size than their image,
    UnsupportedError for other kinds of images, LimitError above :data:`MAX_TOTAL_BYTES`.
    """
    headers = [read_header(source.image) for source in sources]
    for source, header in zip(sources, headers, strict=True):
        for mask in filter(None, (source.alpha, source.mask)):
            other = read_header(mask)
            if other[:2] != header[:2]:
                raise DamagedFileError(
                    f"{mask}: {other.width} x {other.height} pixels, but {source.image.name} has "
                    f"{header.width} x {header.height}; a mask must have its image's size"
                )
    turned = [s.image for s, header in zip(sources, headers, strict=True) if header.turned]
    if turned:
        warnings.warn(
            f"{turned[0].parent}: EXIF asks viewers to turn {len(turned)} of {len(sources)} images "
            f"(the first: {turned[0].name}); they are read as stored, and poses and lenses must be "
            "for that",
            stacklevel=4,
        )
    sizes = tuple((header.width, header.height) for header in headers)
    alpha = any(source.alpha for source in sources) or any(header.alpha for header in headers)
    masked = any(source.mask for source in sources)
    shape = len(sources), max(h for _, h in sizes), max(w for w, _ in sizes)
    channels = 4 if alpha else 3
    total = shape[0] * shape[1] * shape[2] * (channels + masked)
    if total > MAX_TOTAL_BYTES:
        raise LimitError(
            f"{sources[0].image.parent}: {shape[0]} images of {shape[2]} x {shape[1]} take {total} "
            f"bytes, more than {MAX_TOTAL_BYTES}; use smaller or fewer images"
        )
    images = np.zeros((*shape, channels), np.uint8)
    counted = np.zeros(shape, np.bool_) if masked else None

    def decode(index: int) -> bool:
        width, height = sizes[index]
        image = images[index, :height, :width]
        _fill(image, sources[index])
        counts = None
        if counted is not None:
            counts = counted[index, :height, :width]
            counts[:] = _counts(sources[index], (height, width))
            image[~counts] = 0
        opaque = image[..., -1] == 255
        return bool(opaque.all() if counts is None else opaque[counts].all())

    # Filters are the whole program's: threads must not change them.
    with warnings.catch_warnings(), ThreadPoolExecutor() as pool:
        warnings.simplefilter("ignore")  # Pillow's, of harmless faults
        opaque = list(pool.map(decode, range(len(sources))))
    if alpha and all(opaque):
        images = _without_alpha(images)
    return Decoded(images, sizes, counted)


def _fill(image: npt.NDArray[np.uint8], source: Source) -> None:
    """The pixels of ``source`` into ``image`` (H, W, 3 or 4)."""
    image[:] = _sized(source.image, "RGBA" if image.shape[2] == 4 else "RGB", image.shape[:2])
    if source.alpha is not None:
        mask = _sized(source.alpha, "L", image.shape[:2])
        image[..., 3] = np.where(mask > 127, 255, 0) if _is_noisy(source.alpha) else mask


def _counts(source: Source, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """(H, W) bool: the pixels of ``source`` that count."""
    if source.mask is None:
        return np.ones(shape, np.bool_)
    mask = _sized(source.mask, "L", shape)
    set_: npt.NDArray[np.bool_] = mask > (127 if _is_noisy(source.mask) else 0)
    return ~set_ if source.inverted else set_


def _is_noisy(mask: Path) -> bool:
    """Whether a mask's format changes 0 and 255 a little."""
    return mask.suffix.lower() in (".jpg", ".jpeg")


def _sized(file: Path, mode: str, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    pixels = read_pixels(file, mode)
    if pixels.shape[:2] != shape:
        raise DamagedFileError(f"{file}: decodes to another size than its header states")
    return pixels


def _without_alpha(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The first three channels of ``images``, whose memory they take over."""
    kept = images.reshape(-1)[: images[..., :3].size].reshape(*images.shape[:3], 3)
    for view in range(len(images)):
        kept[view] = images[view, ..., :3]
    return kept
