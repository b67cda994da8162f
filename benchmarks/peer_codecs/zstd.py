"""float16 in a file of Zstandard at its highest ordinary level, 19.

``step``: features are rounded to multiples of that share of their deviation first; 0 leaves them as
float16 has them.
"""

from __future__ import annotations

import zstandard

from peer_codecs import Arrays, Shapes, join, split, unhalves
from peer_codecs.rounding import rounded

NAME = "float16 + zstd-19"
LIBRARIES = ("zstandard",)
KNOB = "step"
VALUES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)


def pack(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=19).compress(data)


def unpack(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(data)


def encode(arrays: Arrays, value: float) -> bytes:
    return join([pack(part) for part in rounded(arrays, value)])


def decode(data: bytes, shapes: Shapes) -> Arrays:
    levels, networks = (unpack(part) for part in split(data))
    return Arrays(unhalves(levels, shapes.levels), unhalves(networks, shapes.networks))
