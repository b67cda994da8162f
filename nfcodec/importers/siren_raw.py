"""SIREN without a header: float32 weights and biases of its layers, and nothing else.

Facts (dmitrylala, noir-nik): 3 inputs, n hidden layers of S values, one output, each layer's matrix
(out, in) before its bias. The length has to fit one S and n alone. A network of distances is told
from other numbers by its values: small, and on both sides of zero.
"""

from __future__ import annotations

import itertools

import numpy as np

from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.importers.layers import Linear, checked
from nfcodec.importers.siren import of_layers
from nfcodec.model.field import Field
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.source import InputFile, Source

NAME = "SIREN (raw weights)"
#: Values of a file; widths of its hidden layers; their number.
_MOST = 1 << 24
_WIDTHS = tuple(2**k for k in range(4, 12))
_HIDDEN = range(1, 17)
#: The largest weight of a network of sines; SIREN's own start is below 1.
_LARGEST = 100.0


def _shapes(count: int) -> list[tuple[int, int]]:
    """Widths and numbers of hidden layers after the first that make ``count`` values."""
    return [(s, n) for s in _WIDTHS for n in _HIDDEN if 5 * s + n * (s * s + s) + 1 == count]


def recognize(file: InputFile) -> bool:
    size = file.path.stat().st_size
    if size % 4 or size > 4 * _MOST or not _shapes(size // 4):
        return False
    values = np.frombuffer(file.head[: len(file.head) // 4 * 4], "<f4")
    return bool(
        np.isfinite(values).all()
        and np.abs(values).max() <= _LARGEST
        and np.count_nonzero(np.abs(values) > 1e-9) > len(values) // 2
        and 0.1 < (values > 0).mean() < 0.9
    )


def read(file: InputFile) -> Field:
    size = file.path.stat().st_size
    shapes = _shapes(size // 4)
    if len(shapes) > 1:
        listed = " or ".join(f"{n + 1} layers of {s}" for s, n in shapes)
        raise UnsupportedError(f"{file.name}: raw weights that fit {listed}; save named tensors")
    try:
        values = np.fromfile(file.path, "<f4").astype(np.float64)
    except OSError as error:
        raise unreadable(file.name, error) from error
    if not np.isfinite(values).all():
        raise DamagedFileError(f"{file.name}: raw weights, some NaN or infinite")
    width, hidden = shapes[0]
    sizes = [3, *[width] * (hidden + 1), 1]
    layers: list[Linear] = []
    at = 0
    for i, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        end = at + fan_in * fan_out
        weight = values[at:end].reshape(fan_out, fan_in)
        layers.append(checked(weight, values[end : end + fan_out], f"{file.name}: layer {i}"))
        at = end + fan_out
    return of_layers(file, layers)


SOURCE = Source(NAME, "the same as float32 values without a header", recognize, read)
