"""SZ3 with an absolute bound on every error. Networks, which are small, by Zstandard.

``bound``: as a share of the features' deviation. Of its predictors the one with the shortest result
is taken, for each level: on an octree's corners mostly none helps.
"""

from __future__ import annotations

import numpy as np
from pysz import sz, szAlgorithm, szConfig, szErrorBoundMode

from peer_codecs import Arrays, Floats, Shapes, halves, join, split, spread, unhalves
from peer_codecs.zstd import pack, unpack

NAME = "SZ3"
LIBRARIES = ("pysz", "zstandard")
KNOB = "bound"
VALUES = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5)

_PREDICTORS = (szAlgorithm.INTERP_LORENZO, szAlgorithm.LORENZO_REG, szAlgorithm.NOPRED)


def _shortest(level: Floats, bound: float) -> bytes:
    found = []
    for predictor in _PREDICTORS:
        config = szConfig()
        config.errorBoundMode = szErrorBoundMode.ABS
        config.absErrorBound = bound
        config.cmprAlgo = predictor
        packed, _ = sz.compress(np.ascontiguousarray(level), config)
        found.append(np.asarray(packed).tobytes())
    return min(found, key=len)


def encode(arrays: Arrays, value: float) -> bytes:
    bound = value * spread(arrays)
    parts = [_shortest(level, bound) for level in arrays.levels]
    return join([*parts, pack(halves(arrays.networks))])


def decode(data: bytes, shapes: Shapes) -> Arrays:
    *parts, networks = split(data)
    levels = []
    for part, shape in zip(parts, shapes.levels, strict=True):
        values, _ = sz.decompress(np.frombuffer(part, np.uint8), np.float32, shape)
        levels.append(np.asarray(values, np.float32).reshape(shape))
    return Arrays(levels, unhalves(unpack(networks), shapes.networks))
