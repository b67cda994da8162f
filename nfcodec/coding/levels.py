"""Levels <-> sections of a level-of-detail chunk (``nfc-v1.md`` §4)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.coding import float16, layering, topology
from nfcodec.coding.header import LevelHeader, OctreeHeader
from nfcodec.coding.layering import Written
from nfcodec.coding.memory import (
    CONSTANTS,
    Memory,
    need_passable,
    num_sites,
    planes_work,
    symbols_work,
)
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import adaptive, contexts, fitting, symbols
from nfcodec.entropy.contexts import Layer
from nfcodec.entropy.lattice import MAX_SITES
from nfcodec.entropy.symbols import Symbols
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.layouts import OctreeLayout
from nfcodec.model.coded import CodedLevel
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Layout


@dataclass(frozen=True)
class Encoded:
    """A level's sections: ``parts[0]`` goes into ``LEVL``, the others into one ``REFN`` each.

    ``layers``: the sizes of the codebooks in them if there are several.
    """

    parts: list[Builder]
    layers: tuple[int, ...] = ()


def encode(
    position: int, level: CodedLevel, memory: Memory, coarser: int | None = None,
    layers: int | None = None,
) -> Encoded:  # fmt: skip
    """The sections of the level at storage ``position``.

    ``coarser``: the position of a level, of the same piece of space, that has been encoded before.
    ``layers``: how many the indices are coded in if they can be; None for as many as are usual,
    if that takes hardly more bytes.
    """
    section = Builder()
    if isinstance(level.layout, OctreeLayout):
        layout, work = level.layout, memory.work
        bounds = topology.Bounds(layout.depth, layout.voxels.size, layout.num_rows)
        section.append(topology.encode(layout, memory.octrees, work, bounds))
        memory.octrees[position] = level.layout
    code = level.code
    if isinstance(code, Float16Code):
        section.array(code.values)
    elif isinstance(code, LowRankCode):
        section.array(code.mean)
        section.array(code.basis)
        section.array(code.coefficients)
    elif isinstance(code, VQCode):
        return _encode_vq(section, position, level.layout, code, memory, coarser, layers)
    else:
        raise UnsupportedError(f"a .nfc file cannot hold code {code.name!r}")
    memory.work.reach(2 * code.num_rows)  # at least
    return Encoded([section])


def _encode_vq(
    section: Builder, position: int, layout: Layout, code: VQCode, memory: Memory,
    coarser: int | None, wanted: int | None,
) -> Encoded:  # fmt: skip
    """``section``, to which the codes are appended, and the refinements of these."""
    indices, alphabet = code.indices.unpack(), len(code.codebook)
    book = float16.encode(code.codebook)

    def fits(symbols: Builder) -> bool:
        taken = symbols_work(symbols, indices.size, alphabet, layout, memory)
        return memory.work.fits(taken, book.size + symbols.size)

    found = _Found(symbols.encode(indices, alphabet))
    if memory.contexts and alphabet > 1 and num_sites(layout) <= MAX_SITES:
        many = indices.size >= fitting.MIN_SYMBOLS
        if many:
            below = None
            if coarser is not None and memory.has_layer(coarser):
                below = coarser, memory.layer(coarser)
            found = _in_context(found, fits, indices, code, layout, memory, below)
        if many or wanted is not None:
            layered = _in_layers(found, indices, code, layout, memory, wanted)
            if layered is not None and memory.work.fits(layered.work(layout, memory)):
                books = layered.count(layout, memory)
                section.append(books[0])
                return Encoded([section, *books[1:]], layered.layers.sizes)
    section.append(float16.encode(code.codebook, work=memory.work))
    if not fits(found.section):
        found = _Found(symbols.packed(indices, alphabet))
    memory.work.reach(found.section.size)
    memory.work.count(symbols_work(found.section, indices.size, alphabet, layout, memory))
    memory.add(position, layout, code)
    if found.layer is not None:
        memory.layers[position] = found.layer
    section.append(found.section)
    return Encoded([section])


@dataclass(frozen=True)
class _Found:
    """A symbol section, and what finer levels see of it if it has classes."""

    section: Builder
    layer: Layer | None = None


def _in_context(
    found: _Found, fits: Callable[[Builder], bool], indices: Symbols, code: VQCode,
    layout: Layout, memory: Memory, below: tuple[int, Layer] | None,
) -> _Found:  # fmt: skip
    """``found``, or the shortest section in which symbols are coded beside their neighbors.

    ``fits``: whether the file may ask for the work of a section.
    """
    lattice, alphabet = memory.lattice(layout), len(code.codebook)
    if alphabet <= adaptive.MAX_ALPHABET and np.ptp(indices):
        mixed = adaptive.write(indices, alphabet, lattice, memory.voxels(layout))
        if mixed.size < found.section.size and fits(mixed):
            found = _Found(mixed)
    section, layer = fitting.encode(indices, code.codebook.astype(np.float64), lattice, below)
    shorter = section.size < found.section.size and fits(section)
    return _Found(section, layer) if shorter else found


def _in_layers(
    found: _Found, indices: Symbols, code: VQCode, layout: Layout, memory: Memory,
    wanted: int | None,
) -> Written | None:  # fmt: skip
    """The indices in ``wanted`` layers; None if there is one, or if they are too dear unasked."""
    use = np.bincount(indices, minlength=len(code.codebook))
    parts = layering.split(code.codebook, use, layering.USUAL if wanted is None else wanted)
    if parts is None:
        return None
    written = layering.write(indices, parts, memory.lattice(layout), memory.voxels(layout))
    whole = found.section.size + float16.encode(code.codebook).size
    most = math.inf if wanted is not None else layering.MOST_COST * whole
    return written if written.size - found.section.size <= most else None


def decode(cursor: Cursor, position: int, header: LevelHeader, memory: Memory) -> CodedLevel:
    """The inverse of :func:`encode`."""
    layout: Layout
    if isinstance(header.layout, OctreeHeader):
        with cursor.part("topology"):
            voxels = header.layout.voxels
            bounds = topology.Bounds(header.layout.depth, voxels, header.rows)
            layout = topology.decode(cursor, bounds, memory.octrees, memory.work)
            if layout.voxels.size != voxels:
                raise DamagedFileError(
                    f"topology gives {layout.voxels.size} voxels, the header says {voxels}"
                )
            if layout.num_rows != header.rows:
                raise DamagedFileError(
                    f"topology gives {layout.num_rows} corners, the header says {header.rows}"
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
    codes = header.layers[0] if header.layers else codes
    with cursor.part("codebook"):
        codebook = float16.decode(cursor, codes, header.features, work=memory.work)
    with cursor.part("indices"):
        indices, layer = _decode_indices(cursor, header.rows, codes, layout, memory)
    code = VQCode(PackedIntegers.pack(indices, bits), codebook)
    if header.layers:
        pass  # no level may refer to codes that will be refined
    elif layer is not None:
        memory.layers[position] = layer
    else:
        memory.add(position, layout, code)
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
) -> tuple[Symbols, Layer | None]:
    form = cursor.peek()
    memory.work.count(rows // CONSTANTS if form == symbols.CONSTANT else rows)
    if form not in (symbols.IN_CONTEXT, symbols.MIXED):
        return symbols.decode(cursor, rows, codes), None
    need_passable(layout)
    if form == symbols.IN_CONTEXT:
        memory.work.count(rows)
        return contexts.read(cursor, codes, memory.lattice(layout), memory.coarser)
    tree = adaptive.read_tree(cursor, codes)
    memory.work.count(planes_work(layout) + tree.work(rows))
    return adaptive.read(cursor, tree, memory.lattice(layout), memory.voxels(layout)), None


def _level(header: LevelHeader, layout: Layout, code: Code) -> CodedLevel:
    return CodedLevel(layout, header.lod, code, header.transform)
