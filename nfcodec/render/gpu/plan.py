"""From a field's skeleton to the layout of its GPU buffers and the tables that programs read.

Everything here follows from what a file's header says, so that a field that is still arriving has
its buffers before its levels. The page does the same in ``web/src/gpu/plan.ts``; what both must
agree on is data, in ``nfcodec/shaders``. Described in ``docs/renderer.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from nfcodec.combine import combine_of, num_channels
from nfcodec.errors import LimitError, UnsupportedError
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.kinds import kind_of
from nfcodec.render.constants import count
from nfcodec.render.gpu import codes, layouts
from nfcodec.render.gpu.networks import NetworkPlan, blocks_of, plan_networks
from nfcodec.render.gpu.tables import Members, Rows, program_text

#: What every WebGPU adapter can do (WebGPU, "Limits").
MAX_STORAGE_BYTES = 1 << 27
MAX_UNIFORM_BYTES = 1 << 16
#: Bytes of variables in WGSL's private address space.
MAX_PRIVATE_BYTES = 8192
WORD_BUFFERS = 3

BufferKind: TypeAlias = Literal["sites", "words", "weights", "uniform"]
AnyField: TypeAlias = "Field | CodedField"

_BINDINGS = {"sites": 4, "words0": 5, "words1": 6, "words2": 7, "weights": 8}


#: Programs have a call for each level and layer, and compilers unroll what these loop over. About
#: 13 s of llvmpipe, the slowest compiler at hand; 150 levels, or 16 layers of 900 columns, are
#: below the limit.
MAX_PROGRAM_SIZE = 16_000
#: Measured, in what a column of weights takes to compile: a level, a channel of it, a layer.
_LEVEL_SIZE, _CHANNEL_SIZE, _LAYER_SIZE = 100, 2, 10


@dataclass(frozen=True)
class Part:
    """A run of ``length`` elements of a buffer: 4 bytes each in ``words``, else 16."""

    buffer: str
    offset: int
    length: int


@dataclass(frozen=True)
class Buffer:
    """One GPU buffer of the field. ``length`` is in elements (see :class:`Part`)."""

    name: str
    kind: BufferKind
    length: int

    @property
    def binding(self) -> int:
        return _BINDINGS[self.name]

    @property
    def element_bytes(self) -> int:
        return 4 if self.kind == "words" else 16

    @property
    def nbytes(self) -> int:
        """Its size; a multiple of 16 and not zero, as bindings need it."""
        return max(16, -(-self.length * self.element_bytes // 16) * 16)


@dataclass(frozen=True)
class OccupancyParts:
    """A bitmap of occupied cells and one of blocks of cells.

    ``level``: the level whose cells these are; None for the field's own occupancy grid, or, if it
    has none, one cell that is the whole box. ``shape``: cells along x, y, z.
    """

    shape: tuple[int, int, int]
    level: int | None
    cells: Part
    blocks: Part


@dataclass(frozen=True)
class Plan:
    """Buffers, tables and programs of one field.

    ``levels[i]``: the parts of level i by name (``sites``, ``codes``, ``vectors``, ``basis``).
    ``occupancies`` are the different ones, and ``occupancy_of_lod[k]`` the number of that of LOD
    k; both empty where no program needs cells. ``rows``: levels, inputs and layers as
    programs see them.
    """

    buffers: tuple[Buffer, ...]
    levels: tuple[Mapping[str, Part], ...]
    networks: NetworkPlan
    occupancies: tuple[OccupancyParts, ...]
    occupancy_of_lod: tuple[int, ...]
    programs: tuple[str, ...]
    rows: Rows

    def text(self, program: str) -> str:
        """The WGSL text of ``program``, one of :attr:`programs`."""
        names = {buffer.name: buffer.kind for buffer in self.buffers}
        words = "words_three" if "words1" in names else "words_one"
        weights = "weights_uniform" if names["weights"] == "uniform" else "weights_storage"
        return program_text(program, self.rows, [words, weights])

    @property
    def nbytes(self) -> int:
        """Bytes of all buffers of the field."""
        return sum(buffer.nbytes for buffer in self.buffers)


def make_plan(subject: AnyField, max_storage: int = MAX_STORAGE_BYTES) -> Plan:
    """Plan the GPU memory and the programs of a field, plain or coded.

    ``max_storage``: the adapter's greatest storage binding in bytes. Raises LimitError for a field
    that does not fit or whose programs would be too large to compile, UnsupportedError for
    networks wider than a program can hold and for factors beyond float32.
    """
    room = _Allocator(max_storage)
    occupancies, of_lod = _occupancies(subject, room)
    entries, levels = _plan_levels(subject, room)
    channels = num_channels(subject.grids)
    scratch = max((blocks_of(int(entry.get("rank", 0))) for entry in entries), default=0)
    features = blocks_of(channels)
    places = {"features": 0, "position": features, "direction": features + 1}
    widths = {"features": channels, "position": subject.dims, "direction": 3}
    networks = plan_networks(subject.networks, places, widths, features + 2 + scratch)
    names = [network.name for network in subject.networks]
    radiance = kind_of(subject).has_color
    whole: Members = {
        "feature_blocks": features,
        "position": places["position"],
        "direction": places["direction"],
        "scratch": features + 2,
        "density": networks.places["density"] if radiance else 0,
        "output": networks.places[names[-1]],
        "channels": subject.num_outputs,
        "radiance": radiance,
    }
    rows = Rows(
        whole,
        entries,
        networks.inputs,
        networks.entries,
        networks.calls,
        names.index("density") + 1 if radiance else len(names),
        {
            "MEMORY": networks.memory,
            "OUTPUTS": blocks_of(subject.num_outputs),
            "WEIGHTS": max(1, networks.weights),
        },
    )
    check_program_size(rows)
    if 16 * (networks.memory + blocks_of(subject.num_outputs)) > MAX_PRIVATE_BYTES:
        raise UnsupportedError(
            "the field's vectors or networks are wider than a GPU program can hold "
            f"({MAX_PRIVATE_BYTES} bytes); use --device cpu"
        )
    buffers = room.buffers()
    if 16 * networks.weights <= MAX_UNIFORM_BYTES:
        buffers.append(Buffer("weights", "uniform", networks.weights))
    elif 16 * networks.weights <= max_storage:
        buffers.append(Buffer("weights", "weights", networks.weights))
    else:
        raise room.too_large()
    return Plan(tuple(buffers), levels, networks, occupancies, of_lod, _programs(subject), rows)


def check_program_size(rows: Rows) -> None:
    """LimitError if a field's programs would be larger than ``MAX_PROGRAM_SIZE``."""
    size = program_size(rows)
    if size > MAX_PROGRAM_SIZE:
        raise LimitError(
            f"the field's levels and networks make GPU programs of size {size:,}; the limit is "
            f"{MAX_PROGRAM_SIZE:,}; use --device cpu"
        )


def program_size(rows: Rows) -> int:
    """The size of a field's programs, from its levels and layers."""
    levels = sum(
        _LEVEL_SIZE + (_CHANNEL_SIZE + int(level.get("rank", 0))) * int(level["features"])
        for level in rows.levels
    )
    return levels + sum(
        _LAYER_SIZE + 4 * (int(layer["columns"]) + int(layer["entry_columns"]))
        for layer in rows.layers
    )


def _programs(subject: AnyField) -> tuple[str, ...]:
    if kind_of(subject).has_color:
        return ("points", "radiance")
    if kind_of(subject).is_distance:
        return ("points", "surface", "slope") if subject.dims == 3 else ("points",)
    if subject.dims == 2:
        return ("points", "plane", "range")
    return ("points", "volume", "surface", "slope", "range")


class _Allocator:
    """Hands out parts of buffers, in the order of the requests."""

    def __init__(self, max_storage: int) -> None:
        self.max_storage = max_storage
        self.used: dict[str, int] = {"sites": 0, "words0": 0}

    def words(self, length: int) -> Part:
        names = [f"words{i}" for i in range(WORD_BUFFERS)]
        return self._first_fit(names, length, self.max_storage // 4)

    def sites(self, length: int) -> Part:
        return self._first_fit(["sites"], length, self.max_storage // 16)

    def too_large(self) -> LimitError:
        return LimitError(
            f"the field does not fit into GPU buffers of {self.max_storage} bytes, which is what "
            "this adapter offers; use --device cpu, or a lower --lod"
        )

    def _first_fit(self, names: Sequence[str], length: int, limit: int) -> Part:
        for name in names:
            offset = self.used.get(name, 0)
            if offset + length <= limit:
                self.used[name] = offset + length
                return Part(name, offset, length)
        raise self.too_large()

    def buffers(self) -> list[Buffer]:
        found = [Buffer("sites", "sites", max(self.used["sites"], 1))]
        for i in range(WORD_BUFFERS):
            name = f"words{i}"
            # A program that reads more than one buffer declares all three.
            if i == 0 or "words1" in self.used or "words2" in self.used:
                found.append(Buffer(name, "words", max(self.used.get(name, 0), 1)))
        return found


def _plan_levels(
    subject: AnyField, room: _Allocator
) -> tuple[list[Members], tuple[Mapping[str, Part], ...]]:
    """Table entries and parts of all levels, in storage order."""
    entries: list[Members] = []
    placed: list[Mapping[str, Part]] = []
    channel = 0
    grids: Sequence[Grid[Any]] = subject.grids
    for grid in grids:
        for sharing in combine_of(grid).sharing(grid.levels):
            for number, level in enumerate(sharing):
                entry, parts = _place_level(level, room)
                rows = _transform(level.transform, subject.dims)
                entries.append(
                    {
                        **entry,
                        **_until(grid.combine, sharing[number + 1 :]),
                        "channel": channel,
                        "multiplies": _multiplies(grid.combine, sharing[:number]),
                        "x": rows[0],
                        "y": rows[1],
                        "z": rows[2],
                    }
                )
                placed.append(parts)
            channel += int(sharing[0].num_features)
    return entries, tuple(placed)


def _until(combine: str, after: Sequence[Any]) -> Members:
    """The LOD from which one of the levels ``after`` a level stands for it; empty if none does."""
    if combine != "finest" or not after:
        return {}
    return {"until": min(int(level.lod) for level in after)}


def _multiplies(combine: str, before: Sequence[Any]) -> int:
    """Member ``multiplies`` of a level that shares its channels with those ``before`` it."""
    if combine not in ("sum", "concat", "product", "finest"):
        raise UnsupportedError(f"the GPU does not draw grids of {combine!r}; use --device cpu")
    if combine != "product" or not before:
        return 0
    return 1 + min(int(level.lod) for level in before)


def _transform(matrix: Any, dims: int) -> Any:
    """(3, 4) float32: a level's map of three coordinates; rows that are not there are zero."""
    rows = np.zeros((3, 4), np.float32)
    if matrix is None:
        matrix = np.eye(dims, dims + 1)
    rows[: len(matrix), :dims] = matrix[:, :-1]
    rows[: len(matrix), 3] = matrix[:, -1]
    return rows


def _place_level(
    level: Level | CodedLevel, room: _Allocator
) -> tuple[dict[str, Any], Mapping[str, Part]]:
    parts: dict[str, Part] = {}
    entry: dict[str, Any] = {"lod": level.lod, "features": level.num_features}
    layout = layouts.part_of(level.layout)
    entry |= layout.members()
    count = layout.num_blocks()
    if count > 0:
        parts["sites"] = room.sites(count)
        entry["sites"] = parts["sites"].offset
    code = codes.part_of(level)
    entry |= code.members()
    for name, length in code.lengths().items():
        part = room.words(length)
        parts[name] = part
        entry[name] = part.offset
        entry[f"{name}_buffer"] = int(part.buffer.removeprefix("words"))
    return entry, parts


def _occupancies(
    subject: AnyField, room: _Allocator
) -> tuple[tuple[OccupancyParts, ...], tuple[int, ...]]:
    if kind_of(subject).is_distance or subject.dims == 2:
        return (), ()
    parts: list[OccupancyParts] = []
    of_lod = []
    sources: list[int | None] = []
    side = 1 << count("BLOCK_SHIFT")
    for lod in range(subject.num_lods):
        level, shape = _cells_of_lod(subject, lod)
        if level not in sources:
            x, y, z = shape
            cells = room.words(-(-x * y * z // 32))
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
    """Whose cells are a field's occupied cells at ``lod``, and how many along x, y, z."""
    finest = subject.finest_occupied(lod)
    if finest is not None:
        assert finest.occupied_shape is not None
        z, y, x = finest.occupied_shape
        return [level.layout for level in subject.levels].index(finest), (x, y, z)
    if subject.occupancy is None:
        return None, (1, 1, 1)
    z, y, x = subject.occupancy.cells.shape
    return None, (x, y, z)
