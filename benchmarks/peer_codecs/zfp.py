"""zfp in its fixed-accuracy mode. Networks, which it has no lossless float16 for, by Zstandard.

``tolerance``: of one value, as a share of the features' deviation. Errors stay well below it. An
octree's corners are coded as an image of channels by corners; a lattice channel by channel.
"""

from __future__ import annotations

import numpy as np
import zfpy

from peer_codecs import Arrays, Floats, Shapes, halves, join, split, spread, unhalves
from peer_codecs.zstd import pack, unpack

NAME = "zfp"
LIBRARIES = ("zfpy", "zstandard")
KNOB = "tolerance"
VALUES = (1.0, 2.0, 4.0, 8.0, 16.0)


def _blocks(level: Floats) -> list[Floats]:
    return [level] if level.ndim == 2 else list(level)


def encode(arrays: Arrays, value: float) -> bytes:
    tolerance = value * spread(arrays)
    parts = [
        zfpy.compress_numpy(np.ascontiguousarray(block), tolerance=tolerance)
        for level in arrays.levels
        for block in _blocks(level)
    ]
    return join([*parts, pack(halves(arrays.networks))])


def decode(data: bytes, shapes: Shapes) -> Arrays:
    *parts, networks = split(data)
    rest = iter(parts)
    levels = []
    for shape in shapes.levels:
        count = 1 if len(shape) == 2 else shape[0]
        blocks = [zfpy.decompress_numpy(next(rest)) for _ in range(count)]
        levels.append(np.stack(blocks).reshape(shape))
    return Arrays(levels, unhalves(unpack(networks), shapes.networks))
