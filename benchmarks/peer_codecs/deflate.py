"""float16 in a ``.npz``: a zip archive of deflated arrays, as ``numpy.savez_compressed`` writes it.

``step``: as for Zstandard.
"""

from __future__ import annotations

import io

import numpy as np

from peer_codecs import Arrays, Shapes, unhalves
from peer_codecs.rounding import rounded

NAME = "float16 + zip"
LIBRARIES = ("numpy",)
KNOB = "step"
VALUES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)


def encode(arrays: Arrays, value: float) -> bytes:
    levels, networks = rounded(arrays, value)
    file = io.BytesIO()
    np.savez_compressed(
        file, levels=np.frombuffer(levels, "<f2"), networks=np.frombuffer(networks, "<f2")
    )
    return file.getvalue()


def decode(data: bytes, shapes: Shapes) -> Arrays:
    with np.load(io.BytesIO(data)) as found:
        levels, networks = found["levels"].tobytes(), found["networks"].tobytes()
    return Arrays(unhalves(levels, shapes.levels), unhalves(networks, shapes.networks))
