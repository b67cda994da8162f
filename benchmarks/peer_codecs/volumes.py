"""Coders of volumes, by ``imagecodecs`` and ``blosc2``: float32 arrays to bytes and back.

Each takes a finite array and a tolerance in its values' unit. A coder of three dimensions gets an
array of four with its leading axes joined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

import blosc2
import imagecodecs
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Coder:
    """``encode(values, tolerance)`` and ``decode(data, shape)``.

    ``bounded``: whether no error exceeds the tolerance. ``steps``: how many tolerances there are to
    a factor of two; 1 if only powers of two differ.
    """

    name: str
    encode: Callable[[Floats, float], bytes]
    decode: Callable[[bytes, tuple[int, ...]], Floats]
    bounded: bool = True
    steps: int = 64


def versions() -> dict[str, str]:
    """The versions of all libraries in use."""
    return {
        "imagecodecs": metadata.version("imagecodecs"),
        "blosc2": metadata.version("blosc2"),
        "SZ3": imagecodecs.sz3_version(),
        "ZFP": imagecodecs.zfp_version(),
        "SPERR": imagecodecs.sperr_version(),
        "libjxl": imagecodecs.jpegxl_version(),
    }


def joined(values: Floats) -> Floats:
    """``values`` with the leading axes joined into one, so that there are three."""
    return np.ascontiguousarray(values.reshape(-1, *values.shape[-2:]))


def _sz3(values: Floats, tolerance: float) -> bytes:
    return bytes(imagecodecs.sz3_encode(values, mode="abs", abs=tolerance))


def _un_sz3(data: bytes, shape: tuple[int, ...]) -> Floats:
    return np.asarray(imagecodecs.sz3_decode(data, shape, np.float32))


def _zfp(values: Floats, tolerance: float) -> bytes:
    return bytes(imagecodecs.zfp_encode(values, tolerance, mode="a"))


def _un_zfp(data: bytes, shape: tuple[int, ...]) -> Floats:
    return np.asarray(imagecodecs.zfp_decode(data)).reshape(shape)


def _sperr(mode: str) -> Callable[[Floats, float], bytes]:
    def encode(values: Floats, tolerance: float) -> bytes:
        level = tolerance
        if mode == "psnr":  # of a step of 2 * tolerance that rounds everything
            spread = float(values.max()) - float(values.min())
            level = 20 * np.log10(spread / tolerance * np.sqrt(3))
        return bytes(imagecodecs.sperr_encode(joined(values), level, mode=mode))

    return encode


def _un_sperr(data: bytes, shape: tuple[int, ...]) -> Floats:
    return np.asarray(imagecodecs.sperr_decode(data)).reshape(shape)


def levels(values: Floats, tolerance: float) -> npt.NDArray[np.uint32]:
    """Multiples of twice the tolerance, from 0."""
    rounded = np.rint(values.astype(np.float64) / (2 * tolerance)).astype(np.int64)
    return (rounded - rounded.min()).astype(np.uint32)


def blosc(found: npt.NDArray[np.uint32]) -> int:
    """Bytes of ``levels`` by Zstandard 9 after shuffling."""
    narrow = found.astype(np.uint16 if found.max() < 65536 else np.uint32)
    packed = blosc2.compress2(
        narrow, typesize=narrow.itemsize, clevel=9, codec=blosc2.Codec.ZSTD,
        filters=[blosc2.Filter.SHUFFLE],
    )  # fmt: skip
    return len(packed)


def jxl(found: npt.NDArray[np.uint32]) -> int | None:
    """Bytes of ``levels`` by JPEG XL, lossless, slice by slice; None beyond 16 bits."""
    if found.max() >= 65536:
        return None
    kind = np.uint8 if found.max() < 256 else np.uint16
    slices = found.reshape(-1, *found.shape[-2:]).astype(kind)
    return sum(
        len(imagecodecs.jpegxl_encode(each, lossless=True, effort=7, usecontainer=False))
        for each in slices
    )


CODERS = (
    Coder("SZ3", _sz3, _un_sz3),
    Coder("ZFP", _zfp, _un_zfp, steps=1),
    Coder("SPERR", _sperr("pwe"), _un_sperr),
    Coder("SPERR", _sperr("psnr"), _un_sperr, bounded=False),
)
