"""From a field's skeleton to GPU programs and the layout of their buffers.

Everything here follows from what a file's header says, so that a field that is still arriving has
its buffers and programs before its levels. The page does the same in ``web/src/gpu/plan.ts``; that
both make the same programs and the same bytes is tested. Described in ``docs/renderer.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.errors import LimitError, UnsupportedError
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Encoding, Network
from nfcodec.render.gpu.size import check_program_size
from nfcodec.render.gpu.template import expand

#: What every WebGPU adapter can do (WebGPU, "Limits").
MAX_STORAGE_BYTES = 1 << 27
MAX_UNIFORM_BYTES = 1 << 16
#: Bytes of variables in WGSL's function and private address spaces, each.
MAX_PRIVATE_BYTES = 8192
WORD_BUFFERS, UNIFORM_BUFFERS = 3, 8
#: Sites in a block of an octree's corner index, and words of that block.
SITES_PER_BLOCK, BLOCK_WORDS = 96, 4
#: Blocks of the coarse occupancy bitmap have ``2^COARSER`` cells a side.
COARSER = 3

SITES_BINDING, WORDS_BINDING, WEIGHTS_BINDING, UNIFORM_BINDING = 4, 5, 8, 9

BufferKind: TypeAlias = Literal["words", "sites", "weights", "uniform"]
AnyField: TypeAlias = "Field | CodedField"


@dataclass(frozen=True)
class Part:
    """A run of ``length`` elements of a buffer: 4 bytes each in ``words``, else 16."""

    buffer: str
    offset: int
    length: int

    @property
    def described(self) -> dict[str, Any]:
        return {"buffer": self.buffer, "offset": self.offset}


@dataclass(frozen=True)
class Buffer:
    """One GPU buffer of the field. ``length`` is in elements (see :class:`Part`)."""

    name: str
    kind: BufferKind
    binding: int
    length: int

    @property
    def element_bytes(self) -> int:
        return 4 if self.kind == "words" else 16

    @property
    def nbytes(self) -> int:
        """Its size; a multiple of 16 and not zero, as bindings need it."""
        return max(16, -(-self.length * self.element_bytes // 16) * 16)


@dataclass(frozen=True)
class LevelParts:
    """Where one level is: the octree's ``sites``, packed ``codes``, and ``vectors`` (float16
    vectors, a codebook or low-rank coefficients, with ``basis``: the mean, then the basis)."""

    vectors: Part
    sites: Part | None = None
    codes: Part | None = None
    basis: Part | None = None


@dataclass(frozen=True)
class OccupancyParts:
    """A bitmap of occupied cells and one of blocks of cells.

    ``level``: the octree whose voxels these are; None for the field's own occupancy grid, or, if
    it has none, one cell that is the whole box. ``shape``: cells along x, y, z.
    """

    shape: tuple[int, int, int]
    level: int | None
    cells: Part
    blocks: Part


@dataclass(frozen=True)
class Plan:
    """Buffers and programs of one field.

    ``layers[n][i]`` is layer i of network n. ``occupancies`` are the different ones, and
    ``occupancy_of_lod[k]`` the number of that of LOD k; both empty where no program needs cells.
    """

    buffers: tuple[Buffer, ...]
    levels: tuple[LevelParts, ...]
    layers: tuple[tuple[Part, ...], ...]
    occupancies: tuple[OccupancyParts, ...]
    occupancy_of_lod: tuple[int, ...]
    programs: tuple[str, ...]
    description: dict[str, Any] = field(repr=False)

    def text(self, program: str) -> str:
        """The WGSL text of ``program``, one of :attr:`programs`."""
        walks = program in ("radiance", "volume", "points")
        values = {
            **self.description,
            "reads_points": program == "points",
            "reads_table": program in ("volume", "plane"),
            "cells": self.occupancies[0].cells.buffer if walks and self.occupancies else "",
        }
        return expand(f"{program}.wgsl", values)

    @property
    def nbytes(self) -> int:
        """Bytes of all buffers of the field."""
        return sum(buffer.nbytes for buffer in self.buffers)


def make_plan(subject: AnyField, max_storage: int = MAX_STORAGE_BYTES) -> Plan:
    """Plan the GPU memory and the programs of a field, plain or coded.

    ``max_storage``: the adapter's greatest storage binding in bytes. Raises LimitError for a field
    that does not fit or whose programs would be too large to compile, UnsupportedError for networks
    wider than a shader can hold and for factors beyond float32.
    """
    check_program_size(subject)
    room = _Room(max_storage)
    occupancies, of_lod = _occupancies(subject, room)
    levels = tuple(_place_level(level, room) for level in subject.levels)
    layers = tuple(
        tuple(
            room.weights(-(-layer.weight.shape[0] // 4) * (layer.weight.shape[1] + 1))
            for layer in network.layers
        )
        for network in subject.networks
    )
    description = _describe(subject, levels, layers)
    buffers = room.buffers()
    description["buffers"] = [
        {
            "name": buffer.name,
            "binding": buffer.binding,
            "length": buffer.length,
            **{f"is_{kind}": buffer.kind == kind
               for kind in ("words", "sites", "weights", "uniform")},
        }
        for buffer in buffers
    ]  # fmt: skip
    return Plan(buffers, levels, layers, occupancies, of_lod, _programs(subject), description)


def _programs(subject: AnyField) -> tuple[str, ...]:
    if subject.kind == "nerf":
        return ("points", "radiance")
    if subject.kind == "sdf":
        return ("points", "surface", "slope") if subject.dims == 3 else ("points",)
    if subject.dims == 2:
        return ("points", "plane", "range")
    return ("points", "volume", "surface", "slope", "range")


class _Room:
    """Hands out parts of buffers, in the order in which they are asked for."""

    def __init__(self, max_storage: int) -> None:
        self.max_storage = max_storage
        self.used: dict[str, int] = {}

    def words(self, length: int) -> Part:
        names = [f"words{i}" for i in range(WORD_BUFFERS)]
        return self._first_fit(names, length, self.max_storage // 4)

    def sites(self, length: int) -> Part:
        return self._first_fit(["sites"], length, self.max_storage // 16)

    def weights(self, length: int) -> Part:
        """Uniform buffers are read fastest where all threads read the same; what is too large
        for them is put into a storage buffer."""
        limit = MAX_UNIFORM_BYTES // 16
        for i in range(UNIFORM_BUFFERS):
            if self.used.get(f"uniform{i}", 0) + length <= limit:
                return self._take(f"uniform{i}", length)
        return self._first_fit(["weights"], length, self.max_storage // 16)

    def _first_fit(self, names: Sequence[str], length: int, limit: int) -> Part:
        for name in names:
            if self.used.get(name, 0) + length <= limit:
                return self._take(name, length)
        raise LimitError(
            f"the field does not fit into GPU buffers of {self.max_storage} bytes, which is what "
            "this adapter offers; use --device cpu, or a lower --lod"
        )

    def _take(self, name: str, length: int) -> Part:
        part = Part(name, self.used.get(name, 0), length)
        self.used[name] = part.offset + length
        return part

    def buffers(self) -> tuple[Buffer, ...]:
        order: list[tuple[str, BufferKind, int]] = [("sites", "sites", SITES_BINDING)]
        order += [(f"words{i}", "words", WORDS_BINDING + i) for i in range(WORD_BUFFERS)]
        order += [("weights", "weights", WEIGHTS_BINDING)]
        order += [(f"uniform{i}", "uniform", UNIFORM_BINDING + i) for i in range(UNIFORM_BUFFERS)]
        return tuple(
            Buffer(name, kind, binding, max(self.used[name], 1))
            for name, kind, binding in order
            if name in self.used
        )


def _occupancies(
    subject: AnyField, room: _Room
) -> tuple[tuple[OccupancyParts, ...], tuple[int, ...]]:
    if subject.kind == "sdf" or subject.dims == 2:
        return (), ()
    parts: list[OccupancyParts] = []
    of_lod = []
    sources: list[int | None] = []
    for lod in range(subject.num_lods):
        level, shape = _cells_of_lod(subject, lod)
        if level not in sources:
            x, y, z = shape
            cells = room.words(-(-x * y * z // 32))
            side = 1 << COARSER
            blocks = room.words(-(-(-(-x // side) * -(-y // side) * -(-z // side)) // 32))
            sources.append(level)
            parts.append(OccupancyParts(shape, level, cells, blocks))
        of_lod.append(sources.index(level))
    if any(part.cells.buffer != "words0" or part.blocks.buffer != "words0" for part in parts):
        raise LimitError(
            "the field's occupancy does not fit into one GPU buffer; use --device cpu, or a "
            "lower --lod"
        )
    return tuple(parts), tuple(of_lod)


def _cells_of_lod(subject: AnyField, lod: int) -> tuple[int | None, tuple[int, int, int]]:
    """Whose voxels are a field's occupied cells at ``lod``, and how many along x, y, z."""
    deepest: int | None = None
    depth = -1
    levels: Sequence[Level | CodedLevel] = subject.levels
    for index, level in enumerate(levels):
        tree = level.layout
        if isinstance(tree, OctreeLayout) and level.lod <= lod and tree.depth > depth:
            deepest, depth = index, tree.depth
    if deepest is not None:
        return deepest, (1 << depth, 1 << depth, 1 << depth)
    if subject.occupancy is None:
        return None, (1, 1, 1)
    z, y, x = subject.occupancy.cells.shape
    return None, (x, y, z)


def _place_level(level: Level | CodedLevel, room: _Room) -> LevelParts:
    sites = None
    if isinstance(level.layout, OctreeLayout):
        side = 2**level.layout.depth + 1
        sites = room.sites(-(-(side**3) // SITES_PER_BLOCK))
    pairs = -(-level.num_features // 2)
    if isinstance(level, Level):
        return LevelParts(room.words(level.layout.num_rows * 2 * pairs), sites)
    code = level.code
    if isinstance(code, Float16Code):
        return LevelParts(room.words(code.num_rows * pairs), sites)
    if isinstance(code, VQCode):
        bits = code.indices.bits
        codes = room.words(-(-code.num_rows * bits // 32) + int(32 % bits != 0))
        return LevelParts(room.words(len(code.codebook) * pairs), sites, codes)
    if not isinstance(code, LowRankCode):
        raise UnsupportedError(f"the GPU does not draw levels of code {code.name!r}")
    rank = len(code.basis)
    vectors = room.words(code.num_rows * -(-rank // 2))
    return LevelParts(vectors, sites, basis=room.words((1 + rank) * pairs))


def _describe(
    subject: AnyField, levels: Sequence[LevelParts], layers: Sequence[Sequence[Part]]
) -> dict[str, Any]:
    """What the templates of ``render/shaders`` are filled with."""
    described: list[dict[str, Any]] = []
    grids: list[dict[str, Any]] = []
    channel = mixed = 0
    subject_grids: Sequence[Grid[Any]] = subject.grids
    for number, grid in enumerate(subject_grids):
        own = []
        for level in grid.levels:
            index = len(described)
            entry = _describe_level(index, level, levels[index], channel)
            mixed = max(mixed, entry["width"])
            described.append(entry)
            own.append({"index": index, "lod": level.lod})
            if grid.combine == "concat":
                channel += level.num_features
        if grid.combine == "sum":
            channel += grid.levels[0].num_features
        shared = grid.shared_transform
        if grid.combine == "product" or (
            shared is None and any(level.transform is not None for level in grid.levels)
        ):
            raise UnsupportedError("the GPU does not draw products, or levels placed apart")
        rows = [] if shared is None else _transform_rows(shared)
        grids.append({"index": number, "levels": own, "transform": rows})
    widths = {"features": channel, "position": subject.dims, "direction": 3}
    networks = []
    for number, network in enumerate(subject.networks):
        networks.append(_describe_network(number, network, subject, widths, layers[number]))
        widths[network.name] = network.layers[-1].weight.shape[0]
    vectors = -(-channel // 4)
    held = 16 * (vectors + sum(n["outputs"] for n in networks) + 2) + 8 * mixed
    if held > MAX_PRIVATE_BYTES or any(
        16 * n["hidden"] * len(n["scratch"]) > MAX_PRIVATE_BYTES for n in networks
    ):
        raise UnsupportedError(
            "the field's vectors or networks are wider than a GPU program can hold "
            f"({MAX_PRIVATE_BYTES} bytes); use --device cpu"
        )
    names = [network.name for network in subject.networks]
    first = names.index("density") + 1 if subject.kind == "nerf" else len(names)
    return {
        "kind_nerf": subject.kind == "nerf",
        "kind_scalar": subject.kind == "scalar",
        "channels": subject.num_outputs,
        "features": vectors,
        "mixed": mixed,
        "octrees": any(level["octree"] for level in described),
        "levels": described,
        "grids": grids,
        "networks": networks,
        "harmonics": any(n["harmonics"] for n in networks),
        "first_networks": networks[:first],
        "last_networks": networks[first:],
        "density_network": first - 1,
        "last_network": len(networks) - 1,
    }


def _describe_level(
    index: int, level: Level | CodedLevel, parts: LevelParts, channel: int
) -> dict[str, Any]:
    width = -(-level.num_features // 2)
    code = level.code if isinstance(level, CodedLevel) else None
    gathered = -(-len(code.basis) // 2) if isinstance(code, LowRankCode) else width
    out: dict[str, Any] = {
        "index": index,
        "vq": isinstance(code, VQCode),
        "lowrank": isinstance(code, LowRankCode),
        "float32": code is None,
        "vectors": parts.vectors.described,
        "pitch": 2 * gathered if code is None else gathered,
        "pairs": [{"index": i, "first": 2 * i, "second": 2 * i + 1} for i in range(gathered)],
        "width": max(width, gathered),
        "stores": _stores(level.num_features, channel),
    }
    if isinstance(code, VQCode):
        assert parts.codes is not None
        bits = code.indices.bits
        out |= {
            "bits": bits,
            "mask": (1 << bits) - 1,
            "straddles": 32 % bits != 0,
            "codes": parts.codes.described,
        }
    if isinstance(code, LowRankCode):
        assert parts.basis is not None
        first, rank = parts.basis.offset, len(code.basis)
        out["basis"] = parts.basis.described
        out["finish"] = [
            {
                "index": pair,
                "mean": first + pair,
                "terms": [
                    {"coefficient": f"mixed[{r >> 1}].{'xy'[r & 1]}",
                     "at": first + (1 + r) * width + pair}
                    for r in range(rank)
                ],
            }
            for pair in range(width)
        ]  # fmt: skip
    layout = level.layout
    out["octree"] = isinstance(layout, OctreeLayout)
    if isinstance(layout, DenseLayout):
        size = (*layout.shape[::-1], 1)[:3]
        spans = [n - 1 if layout.align_corners else n for n in size]
        out |= {
            "size": ", ".join(map(str, size)),
            "half": ", ".join(map(_half, spans)),
            "shift": "0.0" if layout.align_corners else "0.5",
            "clamps": layout.padding == "border",
            "corners": 1 << layout.dims,
        }
    elif isinstance(layout, OctreeLayout):
        assert parts.sites is not None
        last = 1 << layout.depth
        out |= {"last": last, "half": _half(last), "sites": parts.sites.described}
    else:
        raise UnsupportedError(f"the GPU does not draw levels of layout {layout.name!r}")
    return out


def _half(n: int) -> str:
    return f"{n >> 1}.{5 * (n & 1)}"


def _stores(features: int, channel: int) -> list[str]:
    """Statements that add ``mixed`` to the channels from ``channel`` on."""
    lines = []
    i = 0
    while i < features:
        at = channel + i
        if at % 4 == 0 and i % 2 == 0 and i + 4 <= features:
            pairs = f"mixed[{i >> 1}], mixed[{(i >> 1) + 1}]"
            lines.append(f"features[{at >> 2}] += vec4<f32>({pairs});")
            i += 4
        else:
            lines.append(f"{_component('features', at)} += {_component('mixed', i, 2)};")
            i += 1
    return lines


def _component(array: str, index: int, width: int = 4) -> str:
    return f"{array}[{index // width}].{'xyzw'[index % width]}"


def _literal(value: float) -> str:
    """A float32 as WGSL text, the same wherever it is written.

    WGSL has no infinite constants: UnsupportedError for a number that float32 does not hold.
    """
    with np.errstate(over="ignore"):
        number = np.float32(value)
    if not np.isfinite(number):
        raise UnsupportedError(
            f"an encoding or a layer has the factor {value:g}, which is beyond the float32 that a "
            "GPU computes in; use --device cpu"
        )
    return f"bitcast<f32>(0x{int(number.view(np.uint32)):08x}u)"


def _transform_rows(transform: np.ndarray[Any, Any]) -> list[str]:
    rows = []
    for row in transform:
        factors = [_literal(value) for value in row[:-1]] + ["0.0"] * (4 - len(row))
        rows.append(f"dot(vec3<f32>({', '.join(factors)}), u) + {_literal(row[-1])}")
    return rows + ["0.0"] * (3 - len(rows))


def _describe_network(
    index: int, network: Network, subject: AnyField, widths: dict[str, int], parts: Sequence[Part]
) -> dict[str, Any]:
    names = {other.name: f"out_{i}" for i, other in enumerate(subject.networks[:index])}
    encoded: list[dict[str, str]] = []
    values: list[str] = []
    for item in network.inputs:
        width = widths[item.source]
        if item.source in ("position", "direction"):
            source = [f"{item.source}.{'xyz'[i]}" for i in range(width)]
        else:
            array = names.get(item.source, "features")
            source = [_component(array, i) for i in range(width)]
        if item.channels is not None:
            source = source[item.channels[0] : item.channels[1]]
        values += _encode(source, item.encoding, encoded)
    padded = values + ["0.0"] * (-len(values) % 4)
    entry = [
        {"index": i // 4, "value": f"vec4<f32>({', '.join(padded[i : i + 4])})"}
        for i in range(0, len(padded), 4)
    ]
    entered = [f"entry_{i >> 2}.{'xyzw'[i & 3]}" for i in range(len(values))]
    hidden = [-(-layer.weight.shape[0] // 4) for layer in network.layers[:-1]]
    layers = []
    inputs = entered
    for i, layer in enumerate(network.layers):
        if i in network.skips:
            inputs = inputs + entered
        outputs = int(layer.weight.shape[0])
        last = i == len(network.layers) - 1
        target = f"out_{index}" if last else "ab"[i & 1]
        layers.append(
            {
                "rows": -(-outputs // 4),
                "single": outputs <= 4,
                "stride": layer.weight.shape[1] + 1,
                "weights": parts[i].described,
                "columns": [{"index": 1 + c, "value": value} for c, value in enumerate(inputs)],
                "activation": layer.activation,
                "gain": "" if layer.gain == 1.0 else f" * {_literal(layer.gain)}",
                "target": target,
            }
        )
        inputs = [_component(target, c) for c in range(outputs)]
    return {
        "index": index,
        "encoded": encoded,
        "entry": entry,
        "scratch": ["a", "b"][: len(hidden)],
        "hidden": max(hidden, default=0),
        "layers": layers,
        "outputs": -(-int(network.layers[-1].weight.shape[0]) // 4),
        "harmonics": any(x.encoding.kind == "spherical_harmonics" for x in network.inputs),
    }


def _encode(source: list[str], encoding: Encoding, encoded: list[dict[str, str]]) -> list[str]:
    """The encoded values of ``source`` as expressions; adds what they refer to to ``encoded``."""

    def refer(value: str) -> str:
        encoded.append({"name": f"encoded_{len(encoded)}", "value": value})
        return encoded[-1]["name"]

    if encoding.kind == "identity":
        return source
    if encoding.kind == "spherical_harmonics":
        blocks = [
            refer(f"harmonics_{i}(vec3<f32>({', '.join(source)}))")
            for i in range(-(-(encoding.degree**2) // 4))
        ]
        return [f"{blocks[i >> 2]}.{'xyzw'[i & 3]}" for i in range(encoding.degree**2)]
    values = list(source) if encoding.include_input else []
    for k in range(encoding.frequencies):
        factor = _literal(encoding.scale * 2.0**k)
        for function in ("sine", "cosine"):
            for i in range(0, len(source), 4):
                part = source[i : i + 4]
                four = ", ".join(part + ["0.0"] * (4 - len(part)))
                name = refer(f"{function}(vec4<f32>({four}) * {factor})")
                values += [f"{name}.{'xyzw'[c]}" for c in range(len(part))]
    return values
