"""Uniform steps before lossless codecs: as float16, or as integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from peer_codecs import Arrays, Shape, Shapes, halves, join, multiples, split, spread, unhalves


def step_of(arrays: Arrays, share: float) -> float:
    """A ``share`` of the features' deviation, in four significant bits: its multiples are then the
    same as float16 and as integers, and one measurement serves both."""
    step = share * spread(arrays)
    unit = 2.0 ** (np.floor(np.log2(step)) - 3) if step else 1.0
    return float(np.rint(step / unit) * unit)


def rounded(arrays: Arrays, share: float) -> tuple[bytes, bytes]:
    """Levels, in multiples of a ``share`` of their deviation, and networks, both as float16."""
    step = step_of(arrays, share)
    levels = [np.rint(level / step) * step if share else level for level in arrays.levels]
    return halves(levels), halves(arrays.networks)


def encode_integers(
    arrays: Arrays, share: float, pack: Callable[[npt.NDArray[np.generic]], bytes]
) -> bytes:
    """Levels as integers, multiples of a ``share`` of their deviation, and networks as float16.

    ``pack``: codes one flat array.
    """
    step = step_of(arrays, share)
    integers = [multiples(level, step) for level in arrays.levels]
    widths = bytes(level.dtype.itemsize for level in integers)
    networks = np.frombuffer(halves(arrays.networks), "<f2")
    parts = [pack(np.ascontiguousarray(level).reshape(-1)) for level in integers]
    return join([np.float32(step).tobytes() + widths, *parts, pack(networks)])


def decode_integers(
    data: bytes,
    shapes: Shapes,
    unpack: Callable[[bytes, int, np.dtype[np.generic]], npt.NDArray[np.generic]],
) -> Arrays:
    """The inverse; ``unpack`` gets a part, how many values it holds and of what type."""
    head, *parts = split(data)
    step, widths = np.frombuffer(head[:4], "<f4")[0], head[4:]

    def level(part: bytes, width: int, shape: Shape) -> npt.NDArray[np.float32]:
        values = unpack(part, int(np.prod(shape)), np.dtype(f"<i{width}"))
        return (values.astype(np.float32) * step).reshape(shape)

    levels = [level(*each) for each in zip(parts[:-1], widths, shapes.levels, strict=True)]
    size = sum(int(np.prod(shape)) for shape in shapes.networks)
    networks = unpack(parts[-1], size, np.dtype("<f2"))
    return Arrays(levels, unhalves(networks.tobytes(), shapes.networks))
