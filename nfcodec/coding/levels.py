"""Levels <-> sections of a level-of-detail chunk (``nfc-v1.md`` §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.coding import float16, layering, topology
from nfcodec.coding.header import LevelHeader, OctreeHeader
from nfcodec.coding.layering import Layers
from nfcodec.coding.memory import Memory, need_sites, sites_of
from nfcodec.container import Builder, Cursor, Section
from nfcodec.entropy import neighbors, symbols
from nfcodec.entropy.symbols import Symbols
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.layouts import OctreeLayout
from nfcodec.model.coded import CodedLevel
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Layout

#: Levels of fewer symbols are not put in layers unasked: their tables would cost too much.
_MIN_LAYERED = 512


@dataclass(frozen=True)
class Candidate:
    """One way to code a level's vectors.

    ``sections``: the first one goes into ``LEVL``, the others into one ``REFN`` each. ``layers``:
    how the codebook has been taken apart, if there are several.
    """

    sections: tuple[Section, ...]
    layers: Layers | None = None

    @property
    def size(self) -> int:
        return sum(section.size for section in self.sections)

    @property
    def cost(self) -> int:
        """The work of decoding all layers."""
        return sum(section.cost for section in self.sections)


class LevelCoder:
    """Codes levels and remembers how: a level that comes again is not coded again.

    Levels are told apart by what is in them, so that equal codes made anew are found too. What is
    remembered is bytes; it lives as long as the coder.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[bytes, int | None], list[Candidate]] = {}
        self._layouts: dict[tuple[bytes, ...], list[Section]] = {}
        #: Levels that had to be coded, of all that were asked for.
        self.coded, self.asked = 0, 0

    def topology(self, layout: OctreeLayout, earlier: Mapping[int, OctreeLayout]) -> list[Section]:
        """Ways to code the octree, given those decoded ``earlier``."""
        there = b"".join(bytes([position & 255, position >> 8]) for position in earlier)
        key = (_digest(layout), there, *map(_digest, earlier.values()))
        if key not in self._layouts:
            bounds = topology.Bounds(layout.depth, layout.voxels.size, layout.num_rows)
            self._layouts[key] = topology.encode(layout, earlier, bounds)
        return self._layouts[key]

    def candidates(self, level: CodedLevel, layers: int | None = None) -> list[Candidate]:
        """Ways to code the vectors of ``level``, the best first, the cheapest to decode last.

        ``layers``: how many the indices are coded in if they can be; None for as many as are usual,
        if that takes hardly more bytes.
        """
        self.asked += 1
        key = _level_digest(level), layers
        if key not in self._codes:
            self.coded += 1
            self._codes[key] = _candidates(level, layers)
        return self._codes[key]


def _digest(layout: Layout) -> bytes:
    if isinstance(layout, OctreeLayout):
        return hashlib.blake2b(layout.voxels.tobytes(), salt=bytes([layout.depth])).digest()
    return repr(layout).encode()


def _level_digest(level: CodedLevel) -> bytes:
    code = level.code
    found = hashlib.blake2b(_digest(level.layout))
    found.update(f"{code.name} {code.num_rows} {code.num_features}".encode())
    if isinstance(code, Float16Code):
        found.update(code.values.tobytes())
    elif isinstance(code, LowRankCode):
        for array in (code.mean, code.basis, code.coefficients):
            found.update(array.tobytes())
    elif isinstance(code, VQCode):
        found.update(bytes([code.indices.bits]) + code.indices.words.tobytes())
        found.update(code.codebook.tobytes())
    return found.digest()


def _candidates(level: CodedLevel, layers: int | None) -> list[Candidate]:
    code = level.code
    section = Builder()
    if isinstance(code, Float16Code):
        section.array(code.values)
    elif isinstance(code, LowRankCode):
        section.array(code.mean)
        section.array(code.basis)
        section.array(code.coefficients)
    elif isinstance(code, VQCode):
        return _vq_candidates(level.layout, code, layers)
    else:
        raise UnsupportedError(f"a .nfc file cannot hold code {code.name!r}")
    return [Candidate((section.section(),))]


def _vq_candidates(layout: Layout, code: VQCode, wanted: int | None) -> list[Candidate]:
    indices, alphabet = code.indices.unpack(), len(code.codebook)
    books = sorted(float16.candidates(code.codebook), key=lambda section: section.size)
    sites = sites_of(layout)
    ways = [symbols.encode(indices, alphabet)]
    if sites is not None and not neighbors.can_hold(alphabet, sites):
        sites = None
    if sites is not None and np.ptp(indices):
        ways.append(neighbors.write(indices, alphabet, sites))
    ways.sort(key=lambda section: section.size)
    found = []
    if sites is not None and alphabet > 1 and (wanted is not None or indices.size >= _MIN_LAYERED):
        use = np.bincount(indices, minlength=alphabet)
        count = layering.USUAL if wanted is None else wanted
        layers = layering.split(code.codebook, use, count)
        if layers is not None:
            layered = layering.write(indices, layers, sites)
            whole = ways[0].size + books[0].size
            if wanted is not None or layered.size - ways[0].size <= layering.MOST_COST * whole:
                parts = [
                    float16.encode(codebook) + section
                    for codebook, section in zip(layers.codebooks, layered.sections, strict=True)
                ]
                found.append(Candidate(tuple(parts), layers))
    ways.append(symbols.packed(indices, alphabet))
    found += [Candidate((book + way,)) for way in ways for book in books]
    return found


@dataclass(frozen=True)
class Encoded:
    """A level's sections: ``parts[0]`` goes into ``LEVL``, the others into one ``REFN`` each.

    ``layers``: how its codebook has been taken apart if there are several.
    """

    parts: tuple[Section, ...]
    layers: Layers | None = None


def encode(
    position: int, level: CodedLevel, memory: Memory, coder: LevelCoder, layers: int | None = None
) -> Encoded:
    """The sections of the level at storage ``position``: the shortest whose work is allowed.

    ``layers``: as in :meth:`LevelCoder.candidates`. The bytes of refinements come later in the
    file: their work is counted here, and the caller adds their bytes when the LOD is complete.
    """
    work = memory.work
    section = Section(b"")
    if isinstance(level.layout, OctreeLayout):
        section = work.choose(coder.topology(level.layout, memory.octrees))
        memory.octrees[position] = level.layout
    candidates = coder.candidates(level, layers)
    chosen = candidates[-1]
    for candidate in candidates:
        if work.fits(candidate.cost, candidate.sections[0].size):
            chosen = candidate
            break
    first, *finer = chosen.sections
    work.reach(first.size)
    work.count(chosen.cost)
    return Encoded((section + first, *finer), chosen.layers)


def decode(cursor: Cursor, position: int, header: LevelHeader, memory: Memory) -> CodedLevel:
    """The inverse of :func:`encode`; of indices in layers, the first one."""
    layout: Layout
    if isinstance(header.layout, OctreeHeader):
        layout = _decode_octree(cursor, header.layout, memory)
        memory.octrees[position] = layout
    else:
        layout = header.layout
    code = _decode_code(cursor, header, layout, memory)
    return CodedLevel(layout, header.lod, code, header.transform)


def _decode_octree(cursor: Cursor, header: OctreeHeader, memory: Memory) -> OctreeLayout:
    with cursor.part("topology"):
        bounds = topology.Bounds(header.depth, header.voxels, header.corners)
        layout = topology.decode(cursor, bounds, memory.octrees, memory.work)
        if layout.voxels.size != header.voxels:
            raise DamagedFileError(
                f"topology gives {layout.voxels.size} voxels, the header says {header.voxels}"
            )
        if layout.num_rows != header.corners:
            raise DamagedFileError(
                f"topology gives {layout.num_rows} corners, the header says {header.corners}"
            )
    return layout


def _decode_code(cursor: Cursor, header: LevelHeader, layout: Layout, memory: Memory) -> Code:
    if header.code == "float16":
        with cursor.part("values"):
            return Float16Code(cursor.halves(header.rows, header.features))
    if header.code == "lowrank":
        return _decode_low_rank(cursor, header)
    bits, codes = header.size
    codes = header.layers[0] if header.layers else codes
    with cursor.part("codebook"):
        codebook = float16.decode(cursor, codes, header.features, work=memory.work)
    with cursor.part("indices"):
        indices = _decode_indices(cursor, header.rows, codes, layout, memory)
    return VQCode(PackedIntegers.pack(indices, bits), codebook)


def _decode_low_rank(cursor: Cursor, header: LevelHeader) -> LowRankCode:
    (rank,) = header.size
    with cursor.part("basis"):
        mean = cursor.halves(header.features)
        basis = cursor.halves(rank, header.features)
    with cursor.part("coefficients"):
        return LowRankCode(cursor.halves(header.rows, rank), basis, mean)


def _decode_indices(
    cursor: Cursor, rows: int, codes: int, layout: Layout, memory: Memory
) -> Symbols:
    form = cursor.peek()
    if form != symbols.NEIGHBORS:
        memory.work.count(symbols.cost(form, rows))
        return symbols.decode(cursor, rows, codes)
    sites = need_sites(memory.sites(layout), cursor.label)
    forest = neighbors.read_forest(cursor, codes, sites)
    memory.work.count(forest.cost(sites))
    return neighbors.read(cursor, forest, sites)
