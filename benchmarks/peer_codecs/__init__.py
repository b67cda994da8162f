"""What nfcodec is measured against: one module per array codec, each run in its own environment.

A codec gets a field's features and networks as arrays and gives bytes; it imports nothing but NumPy
and its library, so that it can run where nfcodec cannot. Every module has

- ``NAME``: what tables call it; ``LIBRARIES``: the distributions whose versions count;
- ``KNOB``: the name of its rate option; ``VALUES``: where it is set by default, finest first;
- ``encode(arrays, value) -> bytes`` and ``decode(data, shapes) -> Arrays``, its inverse up to the
  loss.

Shapes, and with them the octrees, are not the codecs' part: every peer gets them in nfcodec's form,
and they count in its file.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Shape = tuple[int, ...]

#: Environment of each module, as ``environments.py`` makes them.
MODULES = {
    "deflate": "arrays",
    "zstd": "arrays",
    "blosc": "arrays",
    "zfp": "arrays",
    "sz3": "arrays",
    "pco": "arrays",
    "product": "arrays",
    "nnc": "nnc",
}


class Arrays(NamedTuple):
    """``levels``: features, channels first, (F, N) of an octree's corners or (F, ..., x) of a
    lattice; ``networks``: weights and biases. All float32, networks with float16's values."""

    levels: list[Floats]
    networks: list[Floats]


class Shapes(NamedTuple):
    """The shapes of :class:`Arrays`."""

    levels: list[Shape]
    networks: list[Shape]


def spread(arrays: Arrays) -> float:
    """The standard deviation of all features together: what steps and tolerances are shares of."""
    total = sum(level.size for level in arrays.levels)
    mean = sum(float(level.sum(dtype=np.float64)) for level in arrays.levels) / total
    squares = sum(float(np.square(level, dtype=np.float64).sum()) for level in arrays.levels)
    return float(np.sqrt(max(squares / total - mean**2, 1e-30)))


def join(parts: list[bytes]) -> bytes:
    """``parts`` behind their number and lengths."""
    lengths = np.array([len(parts), *map(len, parts)], "<u4")
    return lengths.tobytes() + b"".join(parts)


def split(data: bytes) -> list[bytes]:
    """The inverse of :func:`join`."""
    count = int(np.frombuffer(data, "<u4", 1)[0])
    lengths = np.frombuffer(data, "<u4", count, 4)
    ends = 4 + 4 * count + np.cumsum(lengths)
    return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def halves(arrays: list[Floats]) -> bytes:
    """``arrays`` as float16, one behind the other."""
    return b"".join(array.astype("<f2").tobytes() for array in arrays)


def unhalves(data: bytes, shapes: list[Shape]) -> list[Floats]:
    """The inverse of :func:`halves`."""
    flat = np.frombuffer(data, "<f2").astype(np.float32)
    sizes = [int(np.prod(shape)) for shape in shapes]
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def multiples(level: Floats, step: float) -> npt.NDArray[Any]:
    """``level`` in steps, as the narrowest integers that hold them."""
    rounded = np.rint(level / step)
    largest = float(np.abs(rounded).max(initial=0.0))
    kinds = (("<i1", 127), ("<i2", 32767), ("<i4", 2**31 - 1))
    return rounded.astype(next(kind for kind, most in kinds if largest <= most))
