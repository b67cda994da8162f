"""Blosc2: bytes shuffled, then its Zstandard at level 9, of features in uniform steps.

Its own lossy filter, truncation of mantissas, is left out: at equal error it takes more bytes than
uniform steps.
"""

from __future__ import annotations

import blosc2
import numpy as np
import numpy.typing as npt

from peer_codecs import Arrays, Shapes
from peer_codecs.rounding import decode_integers, encode_integers

NAME = "blosc2"
LIBRARIES = ("blosc2",)
KNOB = "step"
VALUES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)


def _pack(values: npt.NDArray[np.generic]) -> bytes:
    packed = blosc2.compress2(
        values,
        codec=blosc2.Codec.ZSTD,
        clevel=9,
        typesize=values.itemsize,
        filters=[blosc2.Filter.SHUFFLE],
        nthreads=1,
    )
    return bytes(packed)


def _unpack(data: bytes, count: int, dtype: np.dtype[np.generic]) -> npt.NDArray[np.generic]:
    return np.frombuffer(blosc2.decompress2(data), dtype, count)


def encode(arrays: Arrays, value: float) -> bytes:
    return encode_integers(arrays, value, _pack)


def decode(data: bytes, shapes: Shapes) -> Arrays:
    return decode_integers(data, shapes, _unpack)
