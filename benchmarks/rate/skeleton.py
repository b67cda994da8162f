"""What every array codec is given besides arrays: all of a field that is not its features' values.

That is a ``.nfc`` file with all-zero codes and networks: octrees in coded form, and a header. A
peer's file is its length (u32), the skeleton, and the codec's bytes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from peer_codecs import Arrays, Floats, Shapes

from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level, map_levels
from nfcodec.model.networks import Layer, Network
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Layout


def build(field: Field) -> bytes:
    """The skeleton of ``field``."""

    def empty(level: Level) -> CodedLevel:
        rows, width = level.features.shape
        indices = PackedIntegers.pack(np.zeros(rows, np.uint8), 1)
        code = VQCode(indices, np.zeros((1, width), np.float16))
        return CodedLevel(level.layout, level.lod, code, level.transform)

    grids = map_levels(field.grids, empty)
    networks = _with_arrays(field.networks, [np.zeros_like(a) for a in arrays_of(field).networks])
    # As our encoder does: where the field was trained from is of no use to who draws it.
    metadata = {key: value for key, value in field.metadata.items() if key != "viewpoints"}
    coded = CodedField(field.kind, field.bounds, grids, networks, field.occupancy, metadata)
    return coding.to_bytes(coded)


def wrap(skeleton: bytes, data: bytes) -> bytes:
    """A peer's file."""
    return np.uint32(len(skeleton)).astype("<u4").tobytes() + skeleton + data


def unwrap(file: bytes) -> tuple[CodedField, bytes]:
    """The skeleton in a peer's file, and the codec's bytes."""
    end = 4 + int(np.frombuffer(file, "<u4", 1)[0])
    return coding.open(file[4:end]), file[end:]


def arrays_of(field: Field) -> Arrays:
    """Features, channels first, and networks with float16's values."""
    levels = [
        np.ascontiguousarray(level.features.T).reshape(level.num_features, *_lattice(level.layout))
        for level in field.levels
    ]
    networks = [
        array.astype(np.float16).astype(np.float32)
        for network in field.networks
        for layer in network.layers
        for array in _arrays(layer)
    ]
    return Arrays(levels, networks)


def shapes_of(skeleton: CodedField) -> Shapes:
    """The shapes of the arrays that fill ``skeleton``."""
    levels = []
    for level in skeleton.levels:
        rows = _lattice(level.layout)
        rows = (level.code.num_rows,) if rows == (-1,) else rows
        levels.append((level.num_features, *rows))
    networks = [
        array.shape
        for network in skeleton.networks
        for layer in network.layers
        for array in _arrays(layer)
    ]
    return Shapes(levels, networks)


def fill(skeleton: CodedField, arrays: Arrays) -> Field:
    """The field of ``skeleton`` with the values of ``arrays``."""
    rest = iter(arrays.levels)

    def filled(level: CodedLevel) -> Level:
        rows = _rows(next(rest), level.num_features)
        return Level(level.layout, level.lod, rows, level.transform)

    return Field(
        skeleton.kind,
        skeleton.bounds,
        map_levels(skeleton.grids, filled),
        _with_arrays(skeleton.networks, arrays.networks),
        skeleton.occupancy,
        skeleton.metadata,
    )


def _rows(level: Floats, width: int) -> Floats:
    return np.ascontiguousarray(level.reshape(width, -1).T, np.float32)


def _lattice(layout: Layout) -> tuple[int, ...]:
    return layout.shape if isinstance(layout, DenseLayout) else (-1,)


def _arrays(layer: Layer) -> list[npt.NDArray[np.float32]]:
    return [array for array in (layer.weight, layer.bias) if array is not None]


def _with_arrays(networks: tuple[Network, ...], arrays: list[Floats]) -> tuple[Network, ...]:
    rest = iter(arrays)

    def filled(layer: Layer) -> Layer:
        weight = next(rest)
        return replace(layer, weight=weight, bias=None if layer.bias is None else next(rest))

    return tuple(replace(n, layers=tuple(map(filled, n.layers))) for n in networks)
