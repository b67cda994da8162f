"""Chunks -> CodedField: what a file, or a prefix of one, holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nfcodec.coding import header as headers
from nfcodec.coding import levels, metadata, networks
from nfcodec.coding.header import Header
from nfcodec.coding.prefix import present_grids
from nfcodec.coding.stages import chunk_of
from nfcodec.container import Cursor, Reader, Source, as_source, cbor, limits
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.layouts import topology
from nfcodec.layouts.memory import Memory
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Occupancy

#: Chunk types.
NETWORKS, OCCUPANCY, LEVELS, METADATA = "NETW", "OCCU", "LEVL", "meta"
REFINEMENT, IMAGE, PREVIEW = "REFN", "PICT", "prev"


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
    """A labeled stretch of the file: which chunk, which level (storage position), what."""

    chunk: int
    level: int | None
    label: str
    bytes: int


@dataclass(frozen=True)
class Step:
    """A chunk after which the file may be cut: ``layer`` 0 of an LOD, or a refinement of it."""

    lod: int
    layer: int
    chunk: int
    end: int


class Contents:
    """One file's chunks, found and decoded.

    ``parts`` lists what has been decoded so far, ``decoded`` the levels by storage position.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.header: Header = headers.from_bytes(reader.header)
        self.parts: list[Part] = []
        self.decoded: dict[int, CodedLevel] = {}
        known = NETWORKS, OCCUPANCY, IMAGE, LEVELS, REFINEMENT, METADATA
        found: dict[str, list[int]] = {name: [] for name in known}
        for i, chunk in enumerate(reader.chunks):
            if chunk.type in found:
                found[chunk.type].append(i)
            elif chunk.critical:
                raise UnsupportedError(f"chunk {i}: type {chunk.type} is not known to this build")
        if sum(chunk.type == PREVIEW for chunk in reader.chunks) > 1:
            raise DamagedFileError(f"more than one chunk of type {PREVIEW}")
        self._networks, self._occupancy = found[NETWORKS], found[OCCUPANCY]
        self._image, self._metadata = found[IMAGE], found[METADATA]
        for name, wanted in (
            (NETWORKS, 1),
            (OCCUPANCY, int(self.header.occupancy is not None)),
            (IMAGE, int(self.header.image is not None)),
            (LEVELS, self.header.lods),
        ):
            if len(found[name]) != wanted:
                raise DamagedFileError(
                    f"{len(found[name])} chunks of type {name}, the header asks for {wanted}"
                )
        #: Chunks of levels in the order of the file.
        self.steps = self._steps(sorted(found[LEVELS] + found[REFINEMENT]))
        if max(self._before_levels) > self.steps[0].chunk:
            raise DamagedFileError(
                "a level chunk comes before the networks, the occupancy or the image stage"
            )

    def _steps(self, chunks: list[int]) -> list[Step]:
        """``chunks``, which have to be each LOD's ``LEVL`` and then its refinements."""
        wanted = [
            (lod, layer)
            for lod in range(self.header.lods)
            for layer in range(self.header.refinements(lod) + 1)
        ]
        types = [self.reader.chunks[index].type for index in chunks]
        if types != [REFINEMENT if layer else LEVELS for _, layer in wanted]:
            raise DamagedFileError(
                f"{types.count(REFINEMENT)} chunks of type {REFINEMENT} among those of type "
                f"{LEVELS}, the header asks for {len(wanted) - self.header.lods} or for another "
                "order"
            )
        return [
            Step(lod, layer, index, self.reader.chunks[index].end)
            for (lod, layer), index in zip(wanted, chunks, strict=True)
        ]

    @property
    def _before_levels(self) -> list[int]:
        """The chunks without which no level is of use."""
        return self._networks + self._occupancy + self._image

    @property
    def lod_ends(self) -> list[int]:
        """How many bytes from the front of the file each LOD needs, with all its layers."""
        return list({step.lod: step.end for step in self.steps}.values())

    @property
    def lods_present(self) -> int:
        """LODs that are wholly there."""
        return sum(end <= self.reader.present_bytes for end in self.lod_ends)

    def decode(self, lod: int | None = None) -> CodedField:
        """LODs 0..``lod``, by default all that are there.

        All checksums come before the first decoding.
        """
        header = self.header
        if lod is not None and not 0 <= lod < header.lods:
            raise UsageError(f"no LOD {lod}; the file has LODs 0..{header.lods - 1}")
        first = {index: self._need(index) for index in self._before_levels}
        chunks = self._fetch_levels(lod)
        found_metadata = self._read_metadata()

        memory = Memory()
        decoded_networks, occupancy, stage = header.networks, None, None
        for index in sorted(first):
            memory.work.reach(len(first[index]))
            with self._decoding(index, first[index]) as cursor:
                if index in self._networks:
                    with cursor.part("networks"):
                        decoded_networks = networks.decode(cursor, header.networks, memory.work)
                elif index in self._occupancy:
                    assert header.occupancy is not None
                    with cursor.part("occupancy"):
                        cells = topology.decode_cells(cursor, header.occupancy, memory.work)
                    occupancy = Occupancy(cells)
                else:
                    assert header.image is not None
                    stage = chunk_of(header).decode(cursor, header.image, memory.work)
        for step, data in zip(self.steps, chunks, strict=False):
            memory.work.reach(len(data))
            with self._decoding(step.chunk, data) as cursor:
                self._decode_step(step, cursor, memory)
        lods = self.steps[len(chunks) - 1].lod + 1
        return CodedField(
            kind=header.kind,
            bounds=header.bounds,
            grids=present_grids(header.grids, self.decoded),
            networks=decoded_networks,
            occupancy=occupancy,
            metadata=found_metadata,
            image=stage,
            total_lods=0 if lods == header.lods else header.lods,
        )

    def _decode_step(self, step: Step, cursor: Cursor, memory: Memory) -> None:
        for position in self.header.lod_levels(step.lod):
            level = self.header.levels[position]
            with self._noting(cursor, step.chunk, position):
                if step.layer == 0:
                    self.decoded[position] = levels.decode(cursor, position, level, memory)
                elif step.layer < len(level.layers):
                    self.decoded[position] = levels.refine(
                        cursor, level, self.decoded[position], step.layer, memory
                    )

    def _need(self, index: int) -> bytes:
        """The payload of a chunk without which nothing can be decoded."""
        chunk = self.reader.chunks[index]
        data = self.reader.read(chunk)
        if data is None:
            raise DamagedFileError(
                f"the file is cut: {self.reader.present_bytes:,} bytes are there, at least "
                f"{max(chunk.end, self.steps[0].end):,} of {self.reader.total_bytes:,} are needed"
            )
        return data

    def _fetch_levels(self, lod: int | None) -> list[bytes]:
        """The payloads of the steps of LODs 0..``lod``, by default of all that are there."""
        if lod is not None:
            return [self._need(step.chunk) for step in self.steps if step.lod <= lod]
        payloads = [self._need(self.steps[0].chunk)]
        for step in self.steps[1:]:
            data = self.reader.read(self.reader.chunks[step.chunk])
            if data is None:
                break
            payloads.append(data)
        return payloads

    def _read_metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        items = cbor.Items()
        for index in self._metadata:
            chunk = self.reader.chunks[index]
            limits.check(chunk.length, limits.METADATA_BYTES, "the metadata's length in bytes")
            data = self.reader.read(chunk)
            if data is not None:
                metadata.add(found, data, items)
                self.parts.append(Part(index, None, "metadata", len(data)))
        return found

    @contextmanager
    def _decoding(self, index: int, data: bytes) -> Iterator[Cursor]:
        """A cursor over a chunk, all of which has to be used up."""
        cursor = Cursor(data)
        with self._noting(cursor, index, None):
            yield cursor
            cursor.finish()

    @contextmanager
    def _noting(self, cursor: Cursor, index: int, level: int | None) -> Iterator[None]:
        """What is read inside is noted in :attr:`parts`; errors inside say where."""
        done = len(cursor.spans)
        try:
            yield
        except NfcodecError as error:
            where = f"chunk {self.reader.chunks[index].type}" if level is None else f"level {level}"
            raise type(error)(f"{where}: {error}") from error
        self.parts += [Part(index, level, *span) for span in cursor.spans[done:]]
        del cursor.spans[done:]
