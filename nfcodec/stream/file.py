"""CodedField <-> chunks <-> file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nfcodec.atomic import check_output, writing
from nfcodec.coded import CodedField, CodedLevel, Float16Code
from nfcodec.container import (
    Builder,
    Cursor,
    Reader,
    Source,
    as_source,
    assemble,
    limits,
)
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.field import DenseLayout, Grid, Network, Occupancy
from nfcodec.layouts.check import check_field
from nfcodec.stream import halves, levels, metadata, topology
from nfcodec.stream import header as headers
from nfcodec.stream.header import Header, LevelHeader

NETWORKS, OCCUPANCY, LEVELS, METADATA = "NETW", "OCCU", "LEVL", "meta"


def to_bytes(coded: CodedField) -> bytes:
    """``coded`` as a ``.nfc`` file.

    Raises InvalidFieldError if ``coded`` breaks its own rules, UsageError if a network holds a
    value that float16 cannot represent.
    """
    check_field(coded, "coded field")
    chunks = [(NETWORKS, _networks(coded.networks).getvalue())]
    if coded.occupancy is not None:
        chunks.append((OCCUPANCY, topology.encode_cells(coded.occupancy.cells).getvalue()))
    early, late = metadata.split(coded.metadata)
    if early:
        chunks.append((METADATA, metadata.to_bytes(early)))
    memory, coarser_of = levels.Memory(), _coarser(coded)
    for lod in range(coded.num_lods):
        payload = Builder()
        for position, level in enumerate(coded.levels):
            if level.lod == lod:
                coarser = coarser_of[position]
                payload.append(levels.encode(position, level, memory, coarser))
        chunks.append((LEVELS, payload.getvalue()))
    if late:
        chunks.append((METADATA, metadata.to_bytes(late)))
    return assemble(headers.to_bytes(coded), chunks)


def save(coded: CodedField, path: str | os.PathLike[str], overwrite: bool = False) -> int:
    """Write ``coded`` to ``path``, aside first and then renamed; the number of bytes written.

    Raises what :func:`to_bytes` and :func:`nfcodec.atomic.writing` raise.
    """
    check_output(path, overwrite)
    data = to_bytes(coded)
    with writing(path, overwrite=overwrite) as aside:
        aside.write_bytes(data)
    return len(data)


def open(source: Source, lod: int | None = None) -> CodedField:
    """Read a ``.nfc`` file: a path, its bytes, or a :class:`ByteRangeSource`.

    Only what is needed is read. With ``lod`` levels of detail 0..lod are read, by default all
    that the file, which may be cut or still arriving, holds; ``total_lods`` of the result tells
    how many there would be if that is not all of them.

    Raises UsageError (no such file or LOD), DamagedFileError, UnsupportedError, LimitError.
    """
    with naming(source) as (reader, name):
        parsed = Contents(reader)
        field = parsed.decode(lod)
        check_field(field, name)
        return field


@contextmanager
def naming(source: Source) -> Iterator[tuple[Reader, str]]:
    """A reader of ``source`` and its name, with which every error raised inside begins."""
    ranges, name = as_source(source)
    try:
        yield Reader(ranges), name
    except NfcodecError as error:
        if str(error).startswith(name):
            raise
        raise type(error)(f"{name}: {error}") from error


@dataclass(frozen=True)
class Part:
    """A labelled stretch of the file: which chunk, which level (storage position), what."""

    chunk: int
    level: int | None
    label: str
    bytes: int


class Contents:
    """One file's chunks, found and decoded.

    ``parts`` lists what has been decoded so far, ``decoded`` the levels by storage position.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.header = headers.from_bytes(reader.header)
        self.parts: list[Part] = []
        self.decoded: dict[int, CodedLevel] = {}
        found: dict[str, list[int]] = {NETWORKS: [], OCCUPANCY: [], LEVELS: [], METADATA: []}
        for i, chunk in enumerate(reader.chunks):
            if chunk.type in found:
                found[chunk.type].append(i)
            elif chunk.critical:
                raise UnsupportedError(f"chunk {i}: type {chunk.type} is not known to this build")
        self._metadata, self._levels = found[METADATA], found[LEVELS]
        self._first = found[NETWORKS] + found[OCCUPANCY]
        for name, wanted in (
            (NETWORKS, 1),
            (OCCUPANCY, int(self.header.occupancy is not None)),
            (LEVELS, self.header.lods),
        ):
            if len(found[name]) != wanted:
                raise DamagedFileError(
                    f"{len(found[name])} chunks of type {name}, the header asks for {wanted}"
                )
        if max(self._first) > min(self._levels):
            raise DamagedFileError("a level chunk comes before the networks or the occupancy")

    @property
    def lod_ends(self) -> list[int]:
        """How many bytes from the front of the file each LOD needs."""
        return [self.reader.chunks[i].end for i in self._levels]

    @property
    def lods_present(self) -> int:
        """LODs that are wholly there."""
        return sum(end <= self.reader.present_bytes for end in self.lod_ends)

    def decode(self, lod: int | None = None) -> CodedField:
        """LODs 0..``lod``, by default all that are there."""
        header = self.header
        if lod is not None and not 0 <= lod < header.lods:
            raise UsageError(f"no LOD {lod}; the file has LODs 0..{header.lods - 1}")
        networks = self._networks()
        occupancy = self._occupancy()
        memory = levels.Memory()
        decoded = self.decoded = {}
        present = 0
        for k, index in enumerate(self._levels):
            if lod is not None and k > lod:
                break
            cursor = self._cursor(index, required=k == 0 or lod is not None)
            if cursor is None:
                break
            for position in header.lod_levels(k):
                with self._decoding(cursor, index, position):
                    decoded[position] = levels.decode(
                        cursor, position, header.levels[position], memory
                    )
            self._finish(cursor, index)
            present = k + 1
        return CodedField(
            kind=header.kind,
            bounds=header.bounds,
            grids=_grids(header, decoded),
            networks=networks,
            occupancy=occupancy,
            metadata=self._read_metadata(),
            total_lods=0 if present == header.lods else header.lods,
        )

    def _networks(self) -> tuple[Network, ...]:
        index = self._first[0]
        cursor = self._need(index)
        shapes = [
            array.shape
            for network in self.header.networks
            for layer in network.layers
            for array in (layer.weight, layer.bias)
            if array is not None
        ]
        sizes = [int(np.prod(shape)) for shape in shapes]
        with self._decoding(cursor, index, None), cursor.part("networks"):
            values = halves.decode(cursor, sum(sizes)).astype(np.float32)
        self._finish(cursor, index)
        arrays = iter(np.split(values, np.cumsum(sizes)[:-1]))
        return tuple(
            replace(
                network,
                layers=tuple(
                    replace(
                        layer,
                        weight=next(arrays).reshape(layer.weight.shape),
                        bias=None if layer.bias is None else next(arrays),
                    )
                    for layer in network.layers
                ),
            )
            for network in self.header.networks
        )

    def _occupancy(self) -> Occupancy | None:
        shape = self.header.occupancy
        if shape is None:
            return None
        index = self._first[1]
        cursor = self._need(index)
        with self._decoding(cursor, index, None), cursor.part("occupancy"):
            cells = topology.decode_cells(cursor, shape)
        self._finish(cursor, index)
        return Occupancy(cells)

    def _read_metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index in self._metadata:
            chunk = self.reader.chunks[index]
            limits.check(chunk.length, limits.METADATA_BYTES, "the metadata's length in bytes")
            data = self.reader.read(chunk)
            if data is not None:
                metadata.add(found, data)
                self.parts.append(Part(index, None, "metadata", len(data)))
        return found

    def _need(self, index: int) -> Cursor:
        cursor = self._cursor(index, required=True)
        assert cursor is not None
        return cursor

    def _cursor(self, index: int, required: bool) -> Cursor | None:
        chunk = self.reader.chunks[index]
        data = self.reader.read(chunk)
        if data is not None:
            return Cursor(data)
        if not required:
            return None
        wanted = max(chunk.end, self.lod_ends[0])
        raise DamagedFileError(
            f"the file is cut: {self.reader.present_bytes:,} bytes are there, at least "
            f"{wanted:,} of {self.reader.total_bytes:,} are needed"
        )

    @contextmanager
    def _decoding(self, cursor: Cursor, index: int, level: int | None) -> Iterator[None]:
        """Errors inside say where; what was read is noted in :attr:`parts`."""
        where = f"chunk {self.reader.chunks[index].type}"
        if level is not None:
            where += f", level {level}"
        done = len(cursor.spans)
        try:
            yield
        except NfcodecError as error:
            raise type(error)(f"{where}: {error}") from error
        self.parts += [Part(index, level, *span) for span in cursor.spans[done:]]

    def _finish(self, cursor: Cursor, index: int) -> None:
        with self._decoding(cursor, index, None):
            cursor.finish()


def _networks(networks: tuple[Network, ...]) -> Builder:
    arrays = []
    for network in networks:
        for i, layer in enumerate(network.layers):
            for array in (layer.weight, layer.bias):
                if array is None:
                    continue
                with np.errstate(over="ignore"):
                    half = array.astype(np.float16)
                if not np.array_equal(half.astype(np.float32), array):
                    raise UsageError(
                        f"network {network.name!r}, layer {i} holds values that float16 cannot "
                        "represent; round the networks when encoding"
                    )
                arrays.append(half.reshape(-1))
    return halves.encode(np.concatenate(arrays))


def _coarser(coded: CodedField) -> list[int | None]:
    """For each level, in storage order, the level of its grid that is decoded just before it."""
    coarser: list[int | None] = []
    for grid in coded.grids:
        first = len(coarser)
        order = sorted(range(len(grid.levels)), key=lambda i: grid.levels[i].lod)
        before = dict(zip(order[1:], order, strict=False))
        coarser += [first + before[i] if i in before else None for i in range(len(grid.levels))]
    return coarser


def _grids(header: Header, decoded: Mapping[int, CodedLevel]) -> tuple[Grid[CodedLevel], ...]:
    """The grids with the levels that are there.

    Missing levels count as zero. Where leaving them out would change what enters the networks
    (joined levels; a grid of which nothing is there yet) a level of zeros stands in for them.
    """
    grids = []
    first = 0
    for grid in header.grids:
        positions = range(first, first + len(grid.levels))
        first += len(grid.levels)
        here = [decoded.get(position) for position in positions]
        if grid.combine == "concat":
            kept = [level or _zeros(want) for level, want in zip(here, grid.levels, strict=True)]
        else:
            kept = [level for level in here if level is not None] or [_zeros(grid.levels[0])]
        grids.append(Grid(tuple(kept), grid.combine, grid.transform))
    return tuple(grids)


def _zeros(level: LevelHeader) -> CodedLevel:
    dims = level.layout.dims if isinstance(level.layout, DenseLayout) else 3
    layout = DenseLayout((2,) * dims)
    return CodedLevel(layout, 0, Float16Code(np.zeros((2**dims, level.features), np.float16)))
