"""Inputs of other tools' networks in terms of ours: theirs = matrix * ours + offset.

Tools encode positions and directions in many orders, scales and signs. Each of their encodings is a
linear image of one of ours, so that an importer multiplies the columns of a first layer by
``matrix``, adds ``offset`` to its bias, and keeps our few encodings. The same holds for what is
constant: a latent code, an appearance embedding, padding with ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nfcodec.model.networks import Encoding, Input
from nfcodec.model.protocols import Array64

#: How tools order the sines and cosines of D axes and K bands: see :func:`frequency`.
ORDERS = ("bands", "sines-bands", "sines-axes", "axes-pairs", "axes-sines")


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a network's input: ``inputs`` (ours), ``matrix`` (theirs, ours), ``offset``
    (theirs,)."""

    inputs: tuple[Input, ...]
    matrix: Array64
    offset: Array64

    @property
    def width(self) -> int:
        """Values of the other tool's input."""
        return len(self.offset)


def joined(blocks: Sequence[Block]) -> Block:
    """``blocks`` side by side."""
    rows, columns = (sum(block.matrix.shape[axis] for block in blocks) for axis in (0, 1))
    matrix = np.zeros((rows, columns))
    row = column = 0
    for block in blocks:
        height, width = block.matrix.shape
        matrix[row : row + height, column : column + width] = block.matrix
        row, column = row + height, column + width
    offsets = np.concatenate([block.offset for block in blocks])
    return Block(tuple(item for block in blocks for item in block.inputs), matrix, offsets)


def plain(
    source: str, width: int, scale: float = 1.0, channels: tuple[int, int] | None = None
) -> Block:
    """``width`` values of ``source`` times ``scale``."""
    item = Input(source, channels=channels)
    return Block((item,), np.eye(width) * scale, np.zeros(width))


def linear(source: str, weight: Array64, bias: Array64) -> Block:
    """``weight @ source + bias``: a layer without an activation, folded into the next one."""
    return Block((Input(source),), weight, bias)


def constant(values: Sequence[float] | Array64) -> Block:
    """Numbers that are the same at every point."""
    fixed = np.asarray(values, np.float64).reshape(-1)
    return Block((), np.zeros((len(fixed), 0)), fixed)


def frequency(
    source: str,
    bands: Sequence[float],
    order: str = "bands",
    raw: str = "first",
    scale: float = 1.0,
    dims: int = 3,
) -> Block:
    """Sines and cosines of ``band * scale * source`` for each of ``bands``.

    ``scale``: the tool's coordinate is ``scale * source``. ``raw``: whether its coordinate itself
    comes "first", "last" or not at all (""). ``order`` of the values, with sines before cosines:

    - "bands": band by band the sines of all axes, then their cosines (NeRF);
    - "sines-bands": all sines band by band, then all cosines (nerfacc);
    - "sines-axes": all sines axis by axis, then all cosines (TensoRF, nerfstudio);
    - "axes-pairs": axis by axis, band by band, sine and cosine (tiny-cuda-nn);
    - "axes-sines": axis by axis the sines of all bands, then their cosines (neuralangelo).
    """
    count, include = len(bands), bool(raw)
    first = dims if raw else 0
    inputs = _inputs(source, bands, include, scale)
    total = dims * (2 * count + include)
    matrix = np.zeros((total, total))
    start = dims if raw == "first" else 0
    for axis in range(dims):
        for band in range(count):
            for wave in range(2):
                theirs = start + _place(order, axis, band, wave, dims, count)
                matrix[theirs, first + 2 * dims * band + dims * wave + axis] = 1.0
        if include:
            matrix[axis if raw == "first" else 2 * dims * count + axis, axis] = scale
    return Block(inputs, matrix, np.zeros(total))


def _place(order: str, axis: int, band: int, wave: int, dims: int, count: int) -> int:
    """Where a tool puts the sine (0) or cosine (1) of a band and an axis."""
    places = {
        "bands": (2 * band + wave) * dims + axis,
        "sines-bands": (wave * count + band) * dims + axis,
        "sines-axes": (wave * dims + axis) * count + band,
        "axes-pairs": (axis * count + band) * 2 + wave,
        "axes-sines": (axis * 2 + wave) * count + band,
    }
    return places[order]


def _inputs(source: str, bands: Sequence[float], include: bool, scale: float) -> tuple[Input, ...]:
    """Our inputs, the values themselves first: one block if bands double, else one for each."""
    raw = (Input(source),) if include else ()
    if not bands:
        return raw
    if all(upper == 2.0 * lower for lower, upper in itertools.pairwise(bands)):
        encoding = Encoding("frequency", len(bands), scale * bands[0], include)
        return (Input(source, encoding),)
    each = tuple(
        Input(source, Encoding("frequency", 1, scale * band, include_input=False)) for band in bands
    )
    return raw + each


def doubling(count: int, base: float = 1.0) -> list[float]:
    """``count`` bands from ``base``, each twice the one before."""
    return [base * 2.0**k for k in range(count)]


def harmonics(degree: int = 4) -> Block:
    """Spherical harmonics of the direction, signs of tiny-cuda-nn, as torch-ngp and svox2 too."""
    count = degree**2
    encoding = Encoding("spherical_harmonics", degree=degree)
    return Block((Input("direction", encoding),), np.eye(count), np.zeros(count))


def harmonics_of_torch(degree: int = 4, halved: bool = True) -> Block:
    """nerfstudio's harmonics in PyTorch: all signs positive, taken at (d + 1) / 2 if ``halved``.

    On the unit sphere these polynomials of degree 3 are combinations of the 16 harmonics of d; the
    matrix is solved for at random directions, with a residual at rounding level.
    """
    from nfcodec.evaluate.harmonics import spherical_harmonics  # loads torch with its room

    d = np.random.default_rng(0).standard_normal((256, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    at = (d + 1.0) / 2.0 if halved else d
    signs = np.array([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1])[: degree**2]
    theirs = np.stack(spherical_harmonics(at[:, 0], at[:, 1], at[:, 2], degree), axis=1) * signs
    ours = np.stack(spherical_harmonics(d[:, 0], d[:, 1], d[:, 2], degree), axis=1)
    found = np.linalg.lstsq(ours, theirs, rcond=None)[0].T
    return Block(harmonics(degree).inputs, found, np.zeros(degree**2))
