"""Levels <-> sections of a level-of-detail chunk (``nfc-v1.md`` §4)."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nfcodec.coded import Code, CodedLevel, Float16Code, LowRankCode, PackedIntegers, VQCode
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import adaptive, contexts, fitting, symbols
from nfcodec.entropy.contexts import Layer
from nfcodec.entropy.lattice import MAX_SITES, Lattice
from nfcodec.errors import DamagedFileError
from nfcodec.field import DenseLayout, Layout, OctreeLayout
from nfcodec.layouts import lattice_shape, morton, num_corners, octree
from nfcodec.stream import halves, topology
from nfcodec.stream.header import LevelHeader, OctreeHeader
from nfcodec.stream.work import Work


@dataclass
class Memory:
    """What later levels may refer to, by storage position: octrees, symbols and their sites.

    ``work`` is what the levels so far, and the occupancy, have taken. ``contexts``: whether an
    encoder looks for contexts.
    """

    work: Work = field(default_factory=Work)
    contexts: bool = True
    octrees: dict[int, OctreeLayout] = field(default_factory=dict)
    layers: dict[int, Layer] = field(default_factory=dict)
    _unclassed: dict[int, tuple[Layout, VQCode]] = field(default_factory=dict)
    _lattices: dict[Hashable, Lattice] = field(default_factory=dict)

    def add(self, position: int, layout: Layout, code: VQCode) -> None:
        """A level whose symbols are their own classes."""
        if _num_sites(layout) <= MAX_SITES and len(code.codebook) <= contexts.MAX_CLASSES:
            self._unclassed[position] = layout, code

    def layer(self, position: int) -> Layer:
        """The layer of an earlier level; DamagedFileError if that cannot be referred to."""
        if position not in self.layers:
            if position not in self._unclassed:
                raise DamagedFileError(f"level {position} cannot be referred to")
            layout, code = self._unclassed[position]
            classes = code.indices.unpack().astype(np.uint8)
            self.layers[position] = Layer(self.lattice(layout), classes, len(code.codebook))
        return self.layers[position]

    def coarser(self, position: int) -> Layer:
        """:meth:`layer`, whose symbols a finer level is about to look at."""
        layer = self.layer(position)
        self.work.count(layer.classes.size + math.prod(layer.lattice.shape) // 8)
        return layer

    def lattice(self, layout: Layout) -> Lattice:
        """The corners of ``layout`` as sites; levels that share a layout share them."""
        key = layout.shape if isinstance(layout, DenseLayout) else id(layout)
        if key not in self._lattices:
            self._lattices[key] = _lattice(layout)
        return self._lattices[key]

    def has_layer(self, position: int) -> bool:
        return position in self.layers or position in self._unclassed


def encode(position: int, level: CodedLevel, memory: Memory, coarser: int | None = None) -> Builder:
    """The sections of the level at storage ``position``.

    ``coarser``: the position of a level, of the same piece of space, that has been encoded before.
    """
    section = Builder()
    if isinstance(level.layout, OctreeLayout):
        section.append(topology.encode(level.layout, memory.octrees, memory.work))
        memory.octrees[position] = level.layout
    code = level.code
    if isinstance(code, Float16Code):
        section.array(code.values)
    elif isinstance(code, LowRankCode):
        section.array(code.mean)
        section.array(code.basis)
        section.array(code.coefficients)
    else:
        section.append(halves.encode(code.codebook, work=memory.work))
        section.append(_encode_indices(position, level.layout, code, memory, coarser))
    return section


def _encode_indices(
    position: int, layout: Layout, code: VQCode, memory: Memory, coarser: int | None
) -> Builder:
    indices = code.indices.unpack()
    memory.work.count(indices.size)
    plain = symbols.encode(indices, len(code.codebook))
    memory.add(position, layout, code)
    if (
        not memory.contexts
        or indices.size < fitting.MIN_SYMBOLS
        or len(code.codebook) < 2
        or _num_sites(layout) > MAX_SITES
    ):
        return plain
    lattice = memory.lattice(layout)
    best = plain
    if len(code.codebook) <= adaptive.MAX_ALPHABET and np.ptp(indices):
        mixed = adaptive.write(indices, len(code.codebook), lattice, _voxels(layout))
        best = min(best, mixed, key=lambda section: section.size)
    below = None
    if coarser is not None and memory.has_layer(coarser):
        below = coarser, memory.layer(coarser)
    section, layer = fitting.encode(indices, code.codebook.astype(np.float64), lattice, below)
    if section.size < best.size:
        memory.layers[position] = layer
        best = section
    form, _, named = Cursor(best.getvalue()).fields("BBH")
    if form == symbols.IN_CONTEXT:
        memory.work.count(_num_sites(layout) // 8)
        if named != contexts.NO_COARSER:
            memory.coarser(named)
    elif form == symbols.MIXED:
        tree = adaptive.read_tree(Cursor(best.getvalue()), len(code.codebook))
        memory.work.count(_num_sites(layout) // 8 + tree.work(indices.size))
    return best


def decode(cursor: Cursor, position: int, header: LevelHeader, memory: Memory) -> CodedLevel:
    """The inverse of :func:`encode`."""
    layout: Layout
    if isinstance(header.layout, OctreeHeader):
        with cursor.part("topology"):
            layout = topology.decode(
                cursor, header.layout.depth, header.layout.voxels, memory.octrees, memory.work
            )
            if (layout.voxels.size, num_corners(layout)) != (header.layout.voxels, header.rows):
                raise DamagedFileError(
                    f"topology gives {layout.voxels.size} voxels and {num_corners(layout)} corners"
                    f", the header says {header.layout.voxels} and {header.rows}"
                )
        memory.octrees[position] = layout
    else:
        layout = header.layout
    if header.code == "float16":
        with cursor.part("values"):
            return _level(header, layout, Float16Code(cursor.halves(header.rows, header.features)))
    if header.code == "lowrank":
        return _level(header, layout, _decode_low_rank(cursor, header))
    bits, codes = header.size
    with cursor.part("codebook"):
        codebook = halves.decode(cursor, codes, header.features, work=memory.work)
    with cursor.part("indices"):
        indices, layer = _decode_indices(cursor, header.rows, codes, layout, memory)
    code = VQCode(PackedIntegers.pack(indices, bits), codebook)
    if layer is None:
        memory.add(position, layout, code)
    else:
        memory.layers[position] = layer
    return _level(header, layout, code)


def _decode_low_rank(cursor: Cursor, header: LevelHeader) -> LowRankCode:
    (rank,) = header.size
    with cursor.part("basis"):
        mean = cursor.halves(header.features)
        basis = cursor.halves(rank, header.features)
    with cursor.part("coefficients"):
        return LowRankCode(cursor.halves(header.rows, rank), basis, mean)


def _decode_indices(
    cursor: Cursor, rows: int, codes: int, layout: Layout, memory: Memory
) -> tuple[npt.NDArray[np.uint16], Layer | None]:
    memory.work.count(rows)
    if cursor.peek() == symbols.IN_CONTEXT:
        if _num_sites(layout) > MAX_SITES:
            raise DamagedFileError(f"contexts in a lattice of {_num_sites(layout):,} sites")
        memory.work.count(_num_sites(layout) // 8)
        return contexts.read(cursor, codes, memory.lattice(layout), memory.coarser)
    if cursor.peek() == symbols.MIXED:
        if _num_sites(layout) > MAX_SITES:
            raise DamagedFileError(f"contexts in a lattice of {_num_sites(layout):,} sites")
        tree = adaptive.read_tree(cursor, codes)
        memory.work.count(_num_sites(layout) // 8 + tree.work(rows))
        return adaptive.read(cursor, tree, memory.lattice(layout), _voxels(layout)), None
    return symbols.decode(cursor, rows, codes), None


def _level(header: LevelHeader, layout: Layout, code: Code) -> CodedLevel:
    return CodedLevel(layout, header.lod, code)


def _voxels(layout: Layout) -> adaptive.Voxels:
    """The cells between the corners that are there."""
    if isinstance(layout, DenseLayout):
        return None
    return morton.decode(layout.voxels).astype(np.uint16)


def _num_sites(layout: Layout) -> int:
    return math.prod(lattice_shape(layout))


def _lattice(layout: Layout) -> Lattice:
    """The corners as sites of a three-dimensional lattice."""
    shape = lattice_shape(layout)
    if isinstance(layout, DenseLayout):
        sites = np.arange(math.prod(shape))
    else:
        words = octree.corner_bitmap(layout).words
        used = np.flatnonzero(words)
        bits = np.unpackbits(words[used].astype("<u4").view(np.uint8), bitorder="little")
        set_bits = np.flatnonzero(bits.view(np.bool_))
        sites = (used[set_bits >> 5] << 5) + (set_bits & 31)
    return Lattice(sites, (shape[-3] if len(shape) == 3 else 1, shape[-2], shape[-1]))
