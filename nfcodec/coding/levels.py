"""Levels <-> sections of a level-of-detail chunk (``nfc-v1.md`` §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from nfcodec.coding.header import LevelHeader
from nfcodec.container import Cursor, Section
from nfcodec.layouts.memory import Around, Memory, sites_of
from nfcodec.model.coded import CodedLevel
from nfcodec.model.protocols import Candidate, Layout


class LevelCoder:
    """Codes levels and remembers how: a level that comes again is not coded again.

    Levels are identified by their content, so that equal codes are found again. What is
    remembered is bytes; it lives as long as the coder.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[bytes, int | None], list[Candidate]] = {}
        self._layouts: dict[tuple[bytes, ...], list[Section]] = {}
        #: Levels that had to be coded, of all that were asked for.
        self.coded, self.asked = 0, 0

    def topology(self, layout: Layout, memory: Memory) -> list[Section]:
        """Ways to code what the header does not say of ``layout``, given what came before."""
        there = b"".join(position.to_bytes(2, "little") for position in memory.layouts)
        key = (_digest(layout), there, *map(_digest, memory.layouts.values()))
        if key not in self._layouts:
            self._layouts[key] = layout.sections(memory)
        return self._layouts[key]

    def candidates(self, level: CodedLevel, layers: int | None = None) -> list[Candidate]:
        """Ways to code the vectors of ``level``; see :meth:`Code.candidates`."""
        self.asked += 1
        key = _level_digest(level), layers
        if key not in self._codes:
            self.coded += 1
            self._codes[key] = level.code.candidates(sites_of(level.layout), layers)
        return self._codes[key]


def _digest(layout: Layout) -> bytes:
    return _arrays_digest(f"{layout.name} {layout.options()}", layout.arrays())


def _level_digest(level: CodedLevel) -> bytes:
    code = level.code
    own = f"{code.name} {code.num_rows} {code.num_features} {code.header()}"
    return _digest(level.layout) + _arrays_digest(own, code.arrays())


def _arrays_digest(text: str, arrays: Iterator[tuple[str, npt.NDArray[Any]]]) -> bytes:
    found = hashlib.blake2b(text.encode())
    for name, array in arrays:
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(array.tobytes())
    return found.digest()


@dataclass(frozen=True)
class Encoded:
    """A level's sections: ``parts[0]`` goes into ``LEVL``, the others into one ``REFN`` each.

    ``candidate``: the way that its vectors are coded.
    """

    parts: tuple[Section, ...]
    candidate: Candidate


def encode(
    position: int, level: CodedLevel, memory: Memory, coder: LevelCoder, layers: int | None = None
) -> Encoded:
    """The sections of the level at storage ``position``: the shortest whose work is allowed.

    ``layers``: as in :meth:`LevelCoder.candidates`. The bytes of refinements come later in the
    file: their work is counted here, and the caller adds their bytes when the LOD is complete.
    """
    work = memory.work
    section = Section(b"")
    ways = coder.topology(level.layout, memory)
    if ways:
        section = work.choose(ways)
    memory.layouts[position] = level.layout
    candidates = coder.candidates(level, layers)
    chosen = candidates[-1]
    for candidate in candidates:
        if work.fits(candidate.cost, candidate.sections[0].size):
            chosen = candidate
            break
    first, *finer = chosen.sections
    work.reach(first.size)
    work.count(chosen.cost)
    return Encoded((section + first, *finer), chosen)


def decode(cursor: Cursor, position: int, header: LevelHeader, memory: Memory) -> CodedLevel:
    """The inverse of :func:`encode`; of a code in layers, the first one."""
    layout = header.layout.decode(cursor, memory)
    memory.layouts[position] = layout
    around = Around(layout, memory, memory.codes.get(position - 1))
    code = header.code.decode(cursor, header.rows, header.features, around)
    memory.codes[position] = code
    return CodedLevel(layout, header.lod, code, header.transform)


def refine(
    cursor: Cursor, header: LevelHeader, level: CodedLevel, layer: int, memory: Memory
) -> CodedLevel:
    """``level``, which is there in the layer before, in number ``layer`` from 1."""
    around = Around(level.layout, memory)
    return replace(level, code=header.code.refine(cursor, level.code, layer, around))
