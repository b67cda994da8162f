"""pcodec at its highest level, of features in uniform steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pcodec import ChunkConfig, standalone

from peer_codecs import Arrays, Shapes
from peer_codecs.rounding import decode_integers, encode_integers

NAME = "pcodec"
LIBRARIES = ("pcodec",)
KNOB = "step"
VALUES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)


def _pack(values: npt.NDArray[np.generic]) -> bytes:
    config = ChunkConfig(compression_level=12, enable_8_bit=True)
    return bytes(standalone.simple_compress(values, config))


def _unpack(data: bytes, count: int, dtype: np.dtype[np.generic]) -> npt.NDArray[np.generic]:
    values = np.asarray(standalone.simple_decompress(data))
    assert values.size == count
    assert values.dtype == dtype
    return values


def encode(arrays: Arrays, value: float) -> bytes:
    return encode_integers(arrays, value, _pack)


def decode(data: bytes, shapes: Shapes) -> Arrays:
    return decode_integers(data, shapes, _unpack)
