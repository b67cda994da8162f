"""STL as text."""

from __future__ import annotations

import codecs
import re

import numpy as np

from nfcodec.data.mesh_files.polygons import triangulate
from nfcodec.data.mesh_files.source import Ints, MeshFile, Triangles, quoted
from nfcodec.data.mesh_files.text import blocks, plain, tables

_BEGIN = re.compile(rb"\s*(solid|facet)(?![a-z0-9_])", re.IGNORECASE)

#: Statements and how many words they have. "end solid" and the like are joined beforehand.
_WORDS = {b"facet": 5, b"outer": 2, b"vertex": 4, b"endloop": 1, b"endfacet": 1}
_IN_NONE, _IN_FACET, _IN_LOOP, _AFTER_LOOP = range(4)
_NEXT = {
    (_IN_NONE, b"facet"): _IN_FACET,
    (_IN_FACET, b"outer"): _IN_LOOP,
    (_IN_LOOP, b"vertex"): _IN_LOOP,
    (_IN_LOOP, b"endloop"): _AFTER_LOOP,
    (_AFTER_LOOP, b"outer"): _IN_LOOP,
    (_AFTER_LOOP, b"endfacet"): _IN_NONE,
}
_WHERE = ("outside of a facet", "in a facet", "in a loop", "after a loop")


def begins(head: bytes) -> bool:
    """Whether a file begins as text does; some binary files do as well."""
    return _BEGIN.match(head) is not None


def as_text(file: MeshFile) -> bytes | None:
    """The file as text, or None if it does not begin as STL text or goes on with zero bytes."""
    head = file.data[:1024]
    if b"\0" not in head:
        return plain(file, file.data) if begins(head.removeprefix(codecs.BOM_UTF8)) else None
    wide = head.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
    every_other = bytes(5) in (wide[0:10:2], wide[1:10:2])
    return plain(file, file.data) if every_other and begins(wide.replace(b"\0", b"")) else None


def read(file: MeshFile, text: bytes) -> Triangles:
    """The facets of all solids in ``text``. Capitals, line ends and the solids' names are free."""
    reader = _Reader(file)
    for first, lines in blocks(text):
        reader.read(first, lines)
    return reader.finish()


class _Reader:
    """What was read so far, and where in a facet that is."""

    def __init__(self, file: MeshFile) -> None:
        self.file = file
        self.vertices = [np.zeros((0, 3))]
        self.corners: list[int] = []  # of each loop
        self.state, self.loop = _IN_NONE, 0
        self.unknown: list[tuple[int, bytes]] = []
        self.open = False
        self.line = 0

    def read(self, first: int, lines: list[bytes]) -> None:
        rows: list[bytes] = []
        numbers: list[int] = []
        for number, line in enumerate(lines, first):
            words = line.split()
            while words:
                word = words[0].lower()
                if word == b"solid" and self.state == _IN_NONE:
                    self.open = True
                    break  # the rest of the line is a name
                if word not in _WORDS:
                    words, word = _joined(words, word)
                    if word == b"endsolid":
                        self._end_solid(number)
                        break
                    if word not in _WORDS:
                        self.unknown.append((number, word))
                        break
                if word == b"vertex":
                    if len(words) < 4:
                        raise self.file.damaged(f"line {number}: a vertex has three numbers")
                    rows.append(b" ".join(words[1:4]))
                    numbers.append(number)
                    self.loop += 1
                self._step(word, number)
                words = _after_normal(words) if word == b"facet" else words[_WORDS[word] :]
        self.line = first + len(lines) - 1
        for table in tables(self.file, rows, numbers, np.float64):
            self.vertices.append(table.values)

    def finish(self) -> Triangles:
        if self.state != _IN_NONE:
            raise self.file.damaged(
                f"line {self.line}: the text ends {_WHERE[self.state]}; the file is cut short"
            )
        if self.unknown:
            number, word = self.unknown[0]
            self.file.warn(
                f"left out {len(self.unknown)} lines that STL does not have (the first: "
                f"{quoted(word)} in line {number})"
            )
        if self.open:
            self.file.warn("the text ends without endsolid; the file may be cut short")
        counts = np.array(self.corners, np.int64)
        starts = np.cumsum(counts) - counts
        vertices = np.concatenate(self.vertices)
        polygons = (_numbers(starts[counts == n], int(n)) for n in np.unique(counts))
        return vertices, triangulate(self.file, vertices, polygons)

    def _end_solid(self, number: int) -> None:
        if self.state != _IN_NONE:
            raise self.file.damaged(f"line {number}: a solid ends {_WHERE[self.state]}")
        self.open = False

    def _step(self, word: bytes, number: int) -> None:
        after = _NEXT.get((self.state, word))
        if after is None:
            raise self.file.damaged(
                f"line {number}: '{word.decode()}' {_WHERE[self.state]}; the file is damaged"
            )
        if word == b"endloop":
            if self.loop < 3:
                raise self.file.damaged(
                    f"line {number}: a facet with {self.loop} corners; it has three"
                )
            self.corners.append(self.loop)
            self.loop = 0
        self.state = after


def _joined(words: list[bytes], word: bytes) -> tuple[list[bytes], bytes]:
    """``end solid``, ``end facet`` and ``end loop`` as one word."""
    if word == b"end" and len(words) > 1:
        word += words[1].lower()
        words = [word, *words[2:]]
    return words, word


def _after_normal(words: list[bytes]) -> list[bytes]:
    """What follows ``facet normal x y z``; the normal may be left out, and any three words."""
    for at, word in enumerate(words):
        if word.lower() == b"outer":
            return words[at:]
    return []


def _numbers(starts: Ints, count: int) -> Ints:
    """(P, count) numbers of the vertices of loops that begin at ``starts``."""
    return starts[:, None] + np.arange(count)
