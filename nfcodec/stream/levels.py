"""Levels <-> sections of a level-of-detail chunk (``nfc-v1.md`` §4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from nfcodec.coded import Code, CodedLevel, Float16Code, LowRankCode, PackedIntegers, VQCode
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import symbols
from nfcodec.field import Layout, OctreeLayout
from nfcodec.stream import halves, topology
from nfcodec.stream.header import LevelHeader, OctreeHeader


@dataclass
class Memory:
    """What later levels may refer to: the octrees so far, by storage position."""

    octrees: dict[int, OctreeLayout] = field(default_factory=dict)


def encode(position: int, level: CodedLevel, memory: Memory) -> Builder:
    """The sections of the level at storage ``position``."""
    section = Builder()
    if isinstance(level.layout, OctreeLayout):
        section.append(topology.encode(level.layout, memory.octrees))
        memory.octrees[position] = level.layout
    code = level.code
    if isinstance(code, Float16Code):
        section.array(code.values)
    elif isinstance(code, LowRankCode):
        section.array(code.mean)
        section.array(code.basis)
        section.array(code.coefficients)
    else:
        section.append(halves.encode(code.codebook))
        section.append(symbols.encode(code.indices.unpack(), code.codebook.shape[0]))
    return section


def decode(cursor: Cursor, position: int, header: LevelHeader, memory: Memory) -> CodedLevel:
    """The inverse of :func:`encode`."""
    layout: Layout
    if isinstance(header.layout, OctreeHeader):
        with cursor.part("topology"):
            layout = topology.decode(cursor, header.layout, header.rows, memory.octrees)
        memory.octrees[position] = layout
    else:
        layout = header.layout
    return CodedLevel(layout, header.lod, _decode_code(cursor, header))


def _decode_code(cursor: Cursor, header: LevelHeader) -> Code:
    if header.code == "float16":
        with cursor.part("values"):
            return Float16Code(cursor.halves(header.rows, header.features))
    if header.code == "lowrank":
        (rank,) = header.size
        with cursor.part("basis"):
            mean = cursor.halves(header.features)
            basis = cursor.halves(rank, header.features)
        with cursor.part("coefficients"):
            return LowRankCode(cursor.halves(header.rows, rank), basis, mean)
    bits, codes = header.size
    with cursor.part("codebook"):
        codebook = halves.decode(cursor, codes, header.features)
    with cursor.part("indices"):
        indices = symbols.decode(cursor, header.rows, codes)
    return VQCode(PackedIntegers.pack(indices, bits), codebook)
