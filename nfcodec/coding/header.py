"""The header: a coded field's skeleton without its arrays, as a CBOR map (``nfc-v1.md`` §3)."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.check.field import is_box
from nfcodec.codes import CODES
from nfcodec.coding.stages import StageHeader, chunk_of
from nfcodec.combine import COMBINES, combine_of
from nfcodec.container import cbor, limits
from nfcodec.container.tree import Node
from nfcodec.layouts import LAYOUTS
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Kind
from nfcodec.model.kinds import KINDS, kind_of
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.model.protocols import CodeHeader, LayoutHeader

# Frozen ids are positions in these tuples: append, never reorder.
ACTIVATIONS = (
    "none", "relu", "leaky_relu", "sine", "softplus", "exp", "sigmoid", "tanh", "snake_alt",
    "elu", "silu",
)  # fmt: skip
ENCODING_IDS = {
    0: ("identity", (0,)),
    1: ("frequency", (3,)),
    2: ("spherical_harmonics", (1,)),
}

HEADER_KEYS = {
    0: "kind", 1: "bounds", 2: "grids", 3: "networks", 4: "occupancy",
    5: "image",
}  # fmt: skip
GRID_KEYS = {0: "combine", 1: "levels", 2: "transform"}  # of all its levels
LEVEL_KEYS = {0: "lod", 1: "layout", 2: "features", 3: "code", 4: "transform"}
NETWORK_KEYS = {0: "name", 1: "inputs", 2: "layers", 3: "skips"}
INPUT_KEYS = {0: "source", 1: "encoding", 2: "channels"}
LAYER_KEYS = {0: "outputs", 1: "inputs", 2: "activation", 3: "bias", 4: "gain"}


@dataclass(frozen=True)
class LevelHeader:
    """A level without its arrays."""

    lod: int
    layout: LayoutHeader
    features: int
    code: CodeHeader
    transform: FloatArray | None = None

    @property
    def num_features(self) -> int:
        return self.features

    @property
    def rows(self) -> int:
        """N, the number of vectors."""
        return self.layout.num_rows

    @property
    def layers(self) -> tuple[int, ...]:
        """The sizes of the layers that the code comes in, if there are several."""
        return self.code.layers


@dataclass(frozen=True)
class Header:
    """All that the header says. Networks have arrays of the right shapes without memory."""

    kind: Kind
    bounds: npt.NDArray[np.float64]
    grids: tuple[Grid[LevelHeader], ...]
    networks: tuple[Network, ...]
    occupancy: tuple[int, ...] | None
    image: StageHeader | None = None

    @functools.cached_property
    def levels(self) -> tuple[LevelHeader, ...]:
        """All levels in storage order."""
        return tuple(level for grid in self.grids for level in grid.levels)

    @property
    def lods(self) -> int:
        """The number of levels of detail."""
        return max((level.lod for level in self.levels), default=0) + 1

    def lod_levels(self, lod: int) -> list[int]:
        """Storage positions of the levels that ``lod`` adds, in the order they are stored."""
        return [i for i, level in enumerate(self.levels) if level.lod == lod]

    def refinements(self, lod: int) -> int:
        """How many chunks refine the levels that ``lod`` adds."""
        layers = (len(level.layers) for level in self.levels if level.lod == lod)
        return max(max(layers, default=0), 1) - 1


def to_bytes(coded: CodedField, codes: Mapping[int, Sequence[float]] | None = None) -> bytes:
    """The header of ``coded``.

    ``codes``: the entries of levels' codes, after the id, by storage position; by default those of
    codes in one layer.
    """
    tree: dict[int, Any] = {
        0: kind_of(coded).tag,
        1: coded.bounds.astype("<f8").tobytes(),
        2: _grids_tree(coded, codes or {}),
        3: [_network_tree(network) for network in coded.networks],
    }
    if coded.occupancy is not None:
        tree[4] = list(coded.occupancy.cells.shape)
    if coded.image is not None:
        tree[5] = chunk_of(coded).header_tree(coded.image)
    return cbor.dumps(tree)


def _grids_tree(coded: CodedField, codes: Mapping[int, Sequence[float]]) -> list[dict[int, Any]]:
    positions = itertools.count()
    return [
        _grid_tree(grid, [codes.get(next(positions)) for _ in grid.levels]) for grid in coded.grids
    ]


def _grid_tree(grid: Grid[Any], codes: list[Sequence[float] | None]) -> dict[int, Any]:
    shared = grid.shared_transform
    tree: dict[int, Any] = {
        0: combine_of(grid).tag,
        1: [
            _level_tree(level, code, shared is None)
            for level, code in zip(grid.levels, codes, strict=True)
        ],
    }
    if shared is not None:
        tree[2] = shared.astype("<f4").tobytes()
    return tree


def _level_tree(level: CodedLevel, code: Sequence[float] | None, placed: bool) -> dict[int, Any]:
    """``placed``: with the level's transform, if it has one."""
    tree: dict[int, Any] = {
        0: level.lod,
        1: [level.layout.tag, *level.layout.header()],
        2: level.num_features,
        3: [level.code.tag, *(level.code.header() if code is None else code)],
    }
    if placed and level.transform is not None:
        tree[4] = level.transform.astype("<f4").tobytes()
    return tree


def _network_tree(network: Network) -> dict[int, Any]:
    tree: dict[int, Any] = {
        0: network.name,
        1: [_input_tree(block) for block in network.inputs],
        2: [
            {
                0: int(layer.weight.shape[0]),
                1: int(layer.weight.shape[1]),
                2: ACTIVATIONS.index(layer.activation),
                3: layer.bias is not None,
                4: float(layer.gain),
            }
            for layer in network.layers
        ],
    }
    if network.skips:
        tree[3] = list(network.skips)
    return tree


def _input_tree(block: Input) -> dict[int, Any]:
    encoding = block.encoding
    tree: dict[int, Any] = {0: block.source}
    if encoding.kind == "identity":
        tree[1] = [0]
    elif encoding.kind == "frequency":
        tree[1] = [1, encoding.frequencies, float(encoding.scale), encoding.include_input]
    else:
        tree[1] = [2, encoding.degree]
    if block.channels is not None:
        tree[2] = list(block.channels)
    return tree


def from_bytes(data: bytes) -> Header:
    """Read and check a header.

    Raises DamagedFileError for what breaks the format's rules, UnsupportedError for ids and
    entries that this build does not know, LimitError for sizes above :mod:`limits`.
    """
    root = Node(cbor.loads(data, "header"), "header:")
    entries = root.fields(HEADER_KEYS, optional=(4, 5))
    bounds = np.frombuffer(entries[1].raw(32, 48), "<f8").astype(np.float64).reshape(2, -1)
    if not is_box(bounds):
        raise entries[1].damage("is not a box")
    dims = bounds.shape[1]
    grids = tuple(_grid(node, dims) for node in entries[2].items(limits.GRIDS))
    header = Header(
        kind=KINDS.tagged(entries[0].frozen_id(), entries[0].path).name,
        bounds=bounds,
        grids=grids,
        networks=tuple(_network(node) for node in entries[3].items(limits.NETWORKS, 1)),
        occupancy=_occupancy(entries[4], dims) if 4 in entries else None,
    )
    if (5 in entries) != kind_of(header).has_image_stage:
        raise entries[0].damage(
            f"is {header.kind}, with" + ("" if 5 in entries else "out") + " an image entry"
        )
    if 5 in entries:
        header = replace(header, image=chunk_of(header).read_header(entries[5]))
    limits.check(len(header.levels), limits.LEVELS, "header: the number of levels")
    if ({level.lod for level in header.levels} or {0}) != set(range(header.lods)):
        raise entries[2].damage(f"have {header.lods} levels of detail, some without a level")
    values = sum(level.rows * level.features for level in header.levels)
    limits.check(values, limits.VALUES, "header: the number of feature values")
    limits.check(decoded_bytes(header), limits.DECODED_BYTES, "header: the decoded size in bytes")
    return header


def decoded_bytes(header: Header) -> int:
    """What decoding holds at once, in bytes, by the estimate of ``nfc-v1.md`` §9."""
    each = limits.ESTIMATE
    weights = sum(
        layer.weight.size + layer.weight.shape[0]
        for network in header.networks
        for layer in network.layers
    )
    if header.image is not None:
        weights += header.image.num_values
    held: int = each["weight"] * weights
    reading = each["readingCell"] * math.prod(header.occupancy or (0,))
    for level in header.levels:
        layout, code = level.layout.memory(), level.code.memory(level.rows, level.features)
        held += layout.held + code.held
        reading = max(reading, layout.reading + code.reading)
    return 2 * held + reading


def _grid(node: Node, dims: int) -> Grid[LevelHeader]:
    entries = node.fields(GRID_KEYS, optional=(2,))
    way = COMBINES.tagged(entries[0].frozen_id(), entries[0].path)
    shared = _transform(entries[2], dims) if 2 in entries else None
    levels = tuple(_level(level, dims, shared) for level in entries[1].items(limits.LEVELS, 1))
    try:
        way.width([level.features for level in levels])
    except ValueError as error:
        raise entries[1].damage(f"do not go together: {error}") from error
    return Grid(levels, way.name)


def _transform(node: Node, dims: int) -> FloatArray:
    raw = node.raw(*(4 * d * (dims + 1) for d in range(1, dims + 1)))
    transform = np.frombuffer(raw, "<f4").astype(np.float32).reshape(-1, dims + 1)
    if not np.isfinite(transform).all():
        raise node.damage("holds a NaN or an infinity")
    return transform


def _level(node: Node, dims: int, transform: FloatArray | None) -> LevelHeader:
    """``transform``: that of the grid, of whose levels none then has its own."""
    entries = node.fields(LEVEL_KEYS, optional=(4,))
    if 4 in entries:
        if transform is not None:
            raise entries[4].damage("is there although the grid has a transform")
        transform = _transform(entries[4], dims)
    if transform is not None:
        dims = len(transform)
    features = entries[2].uint(limits.FEATURES, 1)
    tag, values = entries[1].tagged()
    layout = LAYOUTS.tagged(tag, entries[1].path).read_header(entries[1], values, dims)
    tag, values = entries[3].tagged()
    code = CODES.tagged(tag, entries[3].path).read_header(entries[3], values, features)
    lod = entries[0].uint(limits.LODS - 1)
    found = LevelHeader(lod, layout, features, code, transform)
    limits.check(found.rows, limits.CORNERS, f"{node.path}: the number of vectors")
    return found


def _occupancy(node: Node, dims: int) -> tuple[int, ...]:
    shape = tuple(side.uint(limits.SIDE, 1) for side in node.exactly(dims))
    limits.check(math.prod(shape), limits.OCCUPANCY_CELLS, f"{node.path}: cells")
    return shape


def _network(node: Node) -> Network:
    entries = node.fields(NETWORK_KEYS, optional=(3,))
    layers = tuple(_layer(layer) for layer in entries[2].items(limits.LAYERS, 1))
    listed = entries[3].items(limits.LAYERS) if 3 in entries else ()
    skips = tuple(skip.within(1, len(layers) - 1) for skip in listed)
    inputs = tuple(_input(block) for block in entries[1].items(limits.INPUTS, 1))
    return Network(entries[0].text(), inputs, layers, skips)


def _layer(node: Node) -> Layer:
    entries = node.fields(LAYER_KEYS)
    outputs = entries[0].uint(limits.WIDTH, 1)
    inputs = entries[1].uint(limits.WIDTH, 1)
    zero = np.zeros((), np.float32)
    return Layer(
        np.broadcast_to(zero, (outputs, inputs)),
        np.broadcast_to(zero, (outputs,)) if entries[3].flag() else None,
        entries[2].one_of(ACTIVATIONS),
        entries[4].real(),
    )


def _input(node: Node) -> Input:
    entries = node.fields(INPUT_KEYS, optional=(2,))
    name, values = entries[1].variant(ENCODING_IDS)
    if name == "frequency":
        encoding = Encoding(
            name, values[0].uint(limits.FREQUENCIES), values[1].real(), values[2].flag()
        )
    elif name == "spherical_harmonics":
        encoding = Encoding(name, degree=values[0].within(1, 4))
    else:
        encoding = Encoding()
    channels = None
    if 2 in entries:
        start, stop = (value.within(0, limits.WIDTH) for value in entries[2].exactly(2))
        if start >= stop:
            raise entries[2].damage("is an empty range")
        channels = (start, stop)
    return Input(entries[0].text(), encoding, channels)
