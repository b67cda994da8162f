"""The body of a binary PLY file."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.ply_header import Element, Header, Property
from nfcodec.data.mesh_files.source import Floats, Ints, MeshFile
from nfcodec.data.mesh_files.text import Table

_STRUCT = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q"}
_LONG = 1 << 16  # values in a list above which rows are not expected to be alike
_CHUNK = 1 << 22  # bytes of lists taken out at a time


@dataclass
class Body:
    """``columns``: the wanted properties of vertices, (V,) each. ``lists``: those of other
    elements, by element, one table for each length of list."""

    columns: dict[str, Floats] = field(default_factory=dict)
    lists: dict[str, list[Table]] = field(default_factory=dict)


def read(file: MeshFile, header: Header, wanted: dict[str, tuple[str, ...]]) -> Body:
    """The ``wanted`` properties by element; elements are stepped over up to the last wanted one.

    DamagedFileError if the file is too short for what the header names, before anything is
    allocated.
    """
    body, at = Body({name: np.zeros(0) for name in wanted["vertex"]}), header.body
    for element in header.elements:
        need = element.rows * element.least_bytes
        if need > len(file.data) - at:
            raise file.damaged(
                f"byte {at}: {element.rows} rows of {element.name} (line {element.line}) need "
                f"{need} bytes or more, but {len(file.data) - at} are left; the file is cut short, "
                "or its header is wrong"
            )
        names = wanted.get(element.name, ())
        if not element.has_lists:
            if names and element.rows:
                kind = np.dtype([(p.name, header.order + p.kind) for p in element.properties])
                rows = np.frombuffer(file.data, kind, element.rows, at)
                body.columns |= {name: rows[name].astype(np.float64) for name in names}
            at += need
        elif element.rows:
            at = _Walk(file, header.order, element, names, at).into(body)
    if at < len(file.data):
        file.warn(f"{len(file.data) - at} bytes after the last element (byte {at}) are left out")
    return body


class _Walk:
    """One pass over an element with lists."""

    def __init__(
        self, file: MeshFile, order: str, element: Element, names: tuple[str, ...], at: int
    ) -> None:
        self.file, self.order, self.element, self.names, self.at = file, order, element, names, at

    def into(self, body: Body) -> int:
        """Adds the wanted properties to ``body``; gives the byte after the element."""
        alike = self._alike()
        if alike is not None:
            for p in self.element.properties:
                if p.name in self.names and p.count:
                    values = _numbers(alike[p.name], p)
                    body.lists[self.element.name] = [Table(np.arange(len(values)), values)]
                elif p.name in self.names:
                    body.columns[p.name] = alike[p.name].astype(np.float64)
            return self.at + alike.nbytes
        starts, lengths, end = self._walk()
        for slot, p in enumerate(self.element.properties):
            if p.name in self.names and p.count:
                tables = self._gather(p, np.asarray(starts[slot]), np.asarray(lengths[slot]))
                body.lists[self.element.name] = tables
            elif p.name in self.names:
                values = self._values(p, np.asarray(starts[slot]), 1)[:, 0]
                body.columns[p.name] = values.astype(np.float64)
        return end

    def _alike(self) -> npt.NDArray[Any] | None:
        """The rows, if in all of them lists have the lengths that they have in the first."""
        at, fields, lengths = self.at, [], {}
        for i, p in enumerate(self.element.properties):
            kind: tuple[Any, ...] = (p.name, self.order + p.kind)
            if p.count:
                code = np.dtype(self.order + p.count)
                if at + code.itemsize > len(self.file.data):
                    return None
                length = int(np.frombuffer(self.file.data, code, 1, at)[0])
                if not 0 <= length < _LONG:
                    return None
                fields.append((f" {i}", code))  # no property has a name with a blank
                lengths[f" {i}"] = length
                kind = (*kind, (length,))
                at += code.itemsize + (length - 1) * int(p.kind[1])
            fields.append(kind)
            at += int(p.kind[1])
        row = np.dtype(fields)
        if self.element.rows * row.itemsize > len(self.file.data) - self.at:
            return None
        rows = np.frombuffer(self.file.data, row, self.element.rows, self.at)
        return rows if all((rows[name] == n).all() for name, n in lengths.items()) else None

    def _walk(self) -> tuple[list[list[int]], list[list[int]], int]:
        """By property: where its values begin in each row and, for lists, how many there are."""
        data, at, size = self.file.data, self.at, len(self.file.data)
        properties = self.element.properties
        starts: list[list[int]] = [[] for _ in properties]
        lengths: list[list[int]] = [[] for _ in properties]
        steps = [
            (
                struct.Struct(self.order + _STRUCT[p.count]).unpack_from if p.count else None,
                p.least_bytes,
                int(p.kind[1]),
                p.name in self.names,
                starts[i].append,
                lengths[i].append,
            )
            for i, p in enumerate(properties)
        ]
        for row in range(self.element.rows):
            for count_of, skip, width, keep, add_start, add_length in steps:
                if count_of is None:
                    if keep:
                        add_start(at)
                    at += skip
                    continue
                if at + skip > size:
                    raise self._short(row, at)
                count = count_of(data, at)[0]
                at += skip
                if count < 0:
                    raise self.file.damaged(
                        f"byte {at - skip}: a list in {self.element.name} {row} (from 0) has the "
                        f"length {count}"
                    )
                if keep:
                    add_start(at)
                    add_length(count)
                at += count * width
            if at > size:
                raise self._short(row, at)
        return starts, lengths, at

    def _short(self, row: int, at: int) -> Exception:
        return self.file.damaged(
            f"{self.element.name} {row} (from 0) of {self.element.rows} would end at byte {at} or "
            f"later, but the file has {len(self.file.data)}; it is cut short, or a length is wrong"
        )

    def _gather(self, p: Property, starts: Ints, lengths: Ints) -> list[Table]:
        found = []
        order = np.argsort(lengths, kind="stable")
        edges = np.flatnonzero(np.diff(lengths[order])) + 1
        for rows in np.split(order, edges):
            if len(rows):
                values = self._values(p, starts[rows], int(lengths[rows[0]]))
                found.append(Table(rows, values))
        return found

    def _values(self, p: Property, starts: Ints, count: int) -> npt.NDArray[Any]:
        """(R, count) the values that begin at the bytes ``starts``."""
        size = count * int(p.kind[1])
        raw = np.frombuffer(self.file.data, np.uint8)
        step = max(1, _CHUNK // max(size, 1))
        parts = [np.zeros((0, count), np.int64)]
        for first in range(0, len(starts), step):
            some = starts[first : first + step]
            found = raw[some[:, None] + np.arange(size)].view(self.order + p.kind)
            parts.append(_numbers(found.reshape(len(some), count), p))
        return np.concatenate(parts)


def _numbers(values: npt.NDArray[Any], p: Property) -> npt.NDArray[Any]:
    """``values`` as float64 or int64; numbers beyond that become negative, which none may be."""
    return values.astype(np.float64 if p.kind.startswith("f") else np.int64)
