"""Image files: what they are by their first bytes, their size before decoding, their pixels."""

from __future__ import annotations

import io
import warnings
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError
from nfcodec.untrusted.faults import unreadable

#: Pixels of one image above which it is refused.
MAX_IMAGE_PIXELS = 2**26
#: Pixels of one image that any file may state, and how many more for each byte that it has. Flat
#: bilevel images, compressed as well as they can be, have half as many.
_FREE_PIXELS = 2**24
_PIXELS_PER_BYTE = 2**14

_MODES = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
#: Decoders that are tried. Pillow has others, among them one that starts another program (EPS).
_FORMATS = (
    "PNG", "JPEG", "MPO", "WEBP", "BMP", "DIB", "TIFF", "GIF", "PPM", "TGA", "JPEG2000", "AVIF",
    "QOI",
)  # fmt: skip
_CONVERT = "convert it to 8-bit PNG or JPEG"
#: First bytes of sound files that are not read, and what they are.
_OTHERS = (
    (b"\x76\x2f\x31\x01", "an OpenEXR image"),
    (b"#?RADIANCE", "a Radiance HDR image"),
    (b"#?RGBE", "a Radiance HDR image"),
    (b"8BPS", "a Photoshop document"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image"),
    (b"DDS ", "a DirectDraw surface"),
    (b"FUJIFILMCCD-RAW", "a camera's raw image"),
    (b"%!PS", "a PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"SIMPLE  =", "a FITS image"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\xabKTX", "a KTX texture"),
    (b"\x1a\x45\xdf\xa3", "a Matroska film"),
    (b"PF\n", "a portable float map"),
    (b"Pf\n", "a portable float map"),
)
#: Brands of the ISO base media format ("ftyp" at byte 4).
_BRANDS = {
    b"heic": "a HEIC image", b"heix": "a HEIC image", b"heim": "a HEIC image",
    b"hevc": "a HEIC image", b"mif1": "a HEIC image", b"msf1": "a HEIC image",
    b"avif": "an AVIF image", b"avis": "an AVIF image", b"crx ": "a camera's raw image",
}  # fmt: skip


#: EXIF's tag of the way in which viewers turn an image, and its values for "as it is stored".
_ORIENTATION, _AS_STORED = 0x0112, (None, 0, 1)


class Header(NamedTuple):
    """``turned``: viewers turn or mirror the image, as its EXIF orientation asks for."""

    width: int
    height: int
    alpha: bool
    turned: bool = False


def read_header(file: Path) -> Header:
    """Size and whether there is alpha, without decoding the pixels.

    Raises DamagedFileError for what is no image, UnsupportedError for one of another kind,
    LimitError above :data:`MAX_IMAGE_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_formats()) as image:
                width, height = image.size
                mode = image.mode
                alpha = "A" in image.getbands() or "a" in image.getbands()
                alpha = alpha or "transparency" in image.info
                turned = _is_turned(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise LimitError(f"{file}: {error}") from error
    except UnidentifiedImageError as error:
        raise _no_image(file) from error
    except OSError as error:
        if error.errno is None:  # Pillow's own, of a damaged file
            raise DamagedFileError(f"{file}: cannot be read as an image: {_text(error)}") from error
        raise unreadable(file, error) from error
    except Exception as error:  # decoders of damaged files raise about everything
        raise DamagedFileError(f"{file}: cannot be read as an image: {_text(error)}") from error
    if width * height > MAX_IMAGE_PIXELS:
        raise LimitError(
            f"{file}: {width} x {height} pixels, above the limit of {MAX_IMAGE_PIXELS}"
        )
    size = file.stat().st_size
    if width * height > _FREE_PIXELS + _PIXELS_PER_BYTE * size:
        raise LimitError(
            f"{file}: states {width} x {height} pixels in {size:,} bytes, more than any image "
            "compresses; is it damaged?"
        )
    if min(width, height) < 1:
        raise DamagedFileError(f"{file}: an image of {width} x {height} pixels")
    if mode not in _MODES:
        raise UnsupportedError(f"{file}: pixel format {mode}; convert it to 8-bit RGB or RGBA")
    return Header(width, height, alpha, turned)


def read_pixels(file: Path, mode: str) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, C) pixels in Pillow's ``mode``; DamagedFileError if they are damaged."""
    try:
        # From memory: of a file Pillow asks for as many bytes as a damaged chunk states.
        data = file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error
    try:
        with Image.open(io.BytesIO(data), formats=_formats()) as image:
            _check_strips(image)
            return np.asarray(image.convert(mode))
    except Exception as error:  # as above
        raise DamagedFileError(f"{file}: cannot be decoded: {_text(error)}") from error


def _is_turned(image: Image.Image) -> bool:
    # Pillow turns TIFF itself, and would decode a PNG to look for EXIF after its pixels.
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return False
    try:
        return image.getexif().get(_ORIENTATION) not in _AS_STORED
    except Exception:  # damaged EXIF, without which the image is sound
        return False


def _check_strips(image: Image.Image) -> None:
    """ValueError if strips of a TIFF are missing, whose pixels Pillow leaves black."""
    if image.format != "TIFF":
        return
    width, height = image.size
    covered = 0
    for tile in getattr(image, "tile", ()):
        left, upper, right, lower = tile[1]
        covered += (min(right, width) - left) * (min(lower, height) - upper)
    if covered < width * height:
        raise ValueError(f"only {covered} of its {width * height} pixels are there")


def kind_of(start: bytes) -> str | None:
    """What a file that begins with these bytes is, if it is no image that is read."""
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "a film or an image in a film's container")
    return next((name for magic, name in _OTHERS if start.startswith(magic)), None)


def is_lfs_pointer(start: bytes) -> bool:
    """Whether a file that begins so stands for one that Git LFS keeps."""
    return start.startswith(b"version https://git-lfs")


def _no_image(file: Path) -> NfcodecError:
    """The error for a file that no decoder knows."""
    try:
        with file.open("rb") as stream:
            start = stream.read(64)
    except OSError as error:
        return unreadable(file, error)
    if is_lfs_pointer(start):
        return DamagedFileError(
            f"{file}: a Git LFS pointer, not the image; run git lfs pull in its repository"
        )
    kind = kind_of(start)
    if kind is not None:
        return UnsupportedError(f"{file}: {kind}, which is not read; {_CONVERT}")
    if not start:
        return DamagedFileError(f"{file}: cannot be read as an image: it is empty")
    if start.lstrip()[:1] == b"<":
        return DamagedFileError(f"{file}: a web page or XML file, not an image; get it again")
    return DamagedFileError(f"{file}: cannot be read as an image: begins with {start[:8]!r}")


@cache
def _formats() -> tuple[str, ...]:
    """The decoders of :data:`_FORMATS` that this Pillow has."""
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
