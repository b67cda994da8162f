"""The body of a PLY file written as text: one line for each row of each element."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.ply_binary import Body
from nfcodec.data.mesh_files.ply_header import Element, Header
from nfcodec.data.mesh_files.source import Floats, Ints, MeshFile
from nfcodec.data.mesh_files.text import Table, blocks, plain, tables

Mask = npt.NDArray[np.bool_]


def read(file: MeshFile, header: Header, wanted: dict[str, tuple[str, ...]]) -> Body:
    """The ``wanted`` properties by element; DamagedFileError names the line that is wrong."""
    lines = _Lines(file, plain(file, file.data[header.body :]), header.line)
    places = {name: [np.zeros(0)] for name in wanted["vertex"]}
    lists: dict[str, list[Table]] = {}
    for element in header.elements:
        names = wanted.get(element.name, ())
        for done, numbers, rows in lines.of(element):
            if not names:
                continue
            # A vertex per row of each chunk, in the rows' own order.
            chunk = {name: np.zeros(len(rows)) for name in places}
            for table in tables(file, rows, numbers, np.float64):
                cut = _Cut(file, element, table.values, np.asarray(numbers)[table.rows])
                for name in names:
                    if element.name == "vertex":
                        chunk[name][table.rows] = cut.values(name)
                    else:
                        lists.setdefault(element.name, []).extend(
                            Table(done + table.rows[some], found) for some, found in cut.lists(name)
                        )
            if element.name == "vertex":
                for name, values in chunk.items():
                    places[name].append(values)
    lines.check_end()
    return Body({name: np.concatenate(parts) for name, parts in places.items()}, lists)


class _Lines:
    """The lines of a body that are not blank."""

    def __init__(self, file: MeshFile, text: bytes, first: int) -> None:
        self.file = file
        self._blocks = blocks(text, first)
        self._rows: list[bytes] = []
        self._numbers: list[int] = []
        self._taken = 0

    def of(self, element: Element) -> Iterator[tuple[int, list[int], list[bytes]]]:
        """The lines of an element's rows in pieces: how many came before, numbers, lines."""
        done, total = 0, element.rows if element.properties else 0
        while done < total:
            numbers, rows = self._take(total - done)
            if not rows:
                raise self.file.damaged(
                    f"the file ends after {done} of the {total} rows of {element.name}; it is cut "
                    f"short, or the count in line {element.line} is wrong"
                )
            yield done, numbers, rows
            done += len(rows)

    def check_end(self) -> None:
        """A warning if lines are left."""
        numbers, _ = self._take(1)
        if numbers:
            self.file.warn(f"what follows the last element (from line {numbers[0]} on) is left out")

    def _take(self, most: int) -> tuple[list[int], list[bytes]]:
        while self._taken == len(self._rows):
            first, lines = next(self._blocks, (0, None))
            if lines is None:
                return [], []
            there = [(n, line) for n, line in enumerate(lines, first) if line.strip()]
            self._numbers = [n for n, _ in there]
            self._rows, self._taken = [line for _, line in there], 0
        some = slice(self._taken, self._taken + most)
        self._taken = min(self._taken + most, len(self._rows))
        return self._numbers[some], self._rows[some]


class _Cut:
    """Rows with equally many numbers, cut into an element's properties.

    ``table``: (R, W). ``where``: (R,) their lines.
    """

    def __init__(self, file: MeshFile, element: Element, table: Floats, where: Ints) -> None:
        self.file, self.element, self.table, self.where = file, element, table, where
        at = np.zeros(len(table), np.int64)
        self._starts: dict[str, Ints] = {}
        self._counts: dict[str, Ints] = {}
        for p in element.properties:
            if p.count is not None:
                counts = self._whole(self._pick(at, 1), at >= 0)[:, 0]
                wrong = (counts < 0) | (counts > table.shape[1])
                self._refuse(
                    wrong, f"has a list '{p.name}' of a length that its line does not hold"
                )
                at = at + 1
                self._counts[p.name] = counts
            self._starts[p.name] = at
            at = at + self._counts.get(p.name, np.ones(len(at), np.int64))
        self._refuse(
            at != table.shape[1],
            f"has {table.shape[1]} numbers, but the properties ({element.names()[:200]}) need "
            "another number of them",
        )

    def values(self, name: str) -> Floats:
        """(R,) a scalar property."""
        return self._pick(self._starts[name], 1)[:, 0]

    def lists(self, name: str) -> Iterator[tuple[Ints, Ints]]:
        """For each length of the list: which rows (of R) have it, and their values (., n)."""
        counts = self._counts[name]
        for count in np.unique(counts):
            some = counts == count
            found = self._pick(self._starts[name][some], int(count), some)
            yield np.flatnonzero(some), self._whole(found, some)

    def _pick(self, starts: Ints, count: int, some: Mask | None = None) -> Floats:
        """(r, count) numbers from column ``starts`` (r,) on, of the rows ``some``."""
        table = self.table if some is None else self.table[some]
        at = starts[:, None] + np.arange(count)
        beyond = np.zeros(len(self.table), np.bool_)
        beyond[slice(None) if some is None else some] = (at >= table.shape[1]).any(axis=1)
        self._refuse(beyond, f"ends before its properties ({self.element.names()[:200]}) do")
        return np.take_along_axis(table, at, axis=1)

    def _whole(self, values: Floats, some: Mask) -> Ints:
        """``values`` of the rows ``some`` as integers."""
        bad = ~((np.abs(values) < 2.0**53) & (values == np.rint(values)))
        wrong = np.zeros(len(self.table), np.bool_)
        wrong[some] = bad.any(axis=1)
        self._refuse(wrong, "has a fraction where a whole number belongs")
        return values.astype(np.int64)

    def _refuse(self, wrong: Mask, what: str) -> None:
        if wrong.any():
            line = self.where[int(wrong.argmax())]
            raise self.file.damaged(f"line {line}: a row of {self.element.name} {what}")
