"""CodedField -> chunks: every section is coded once, and nothing that was written is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from nfcodec.codes.vq import MAX_LAYERS
from nfcodec.coding import header as headers
from nfcodec.coding import levels, metadata, networks, previews
from nfcodec.coding.contents import (
    IMAGE,
    LEVELS,
    METADATA,
    NETWORKS,
    OCCUPANCY,
    PREVIEW,
    REFINEMENT,
)
from nfcodec.coding.levels import LevelCoder
from nfcodec.coding.prefix import present_grids
from nfcodec.coding.stages import chunk_of
from nfcodec.container import assemble
from nfcodec.container.frame import ENTRY, PREAMBLE, padded
from nfcodec.errors import DamagedFileError, InvalidFieldError, UsageError
from nfcodec.layouts import topology
from nfcodec.layouts.memory import Memory
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.protocols import Layers

#: In how many layers indices come: in all LODs, or in some of them and as usual in the others.
LayerCount: TypeAlias = "int | Mapping[int, int] | None"


@dataclass(frozen=True)
class Cut:
    """Where a file may be cut: after ``layer`` of ``lod``, at ``size`` bytes."""

    lod: int
    layer: int
    size: int


@dataclass(frozen=True, eq=False)
class Written:
    """A coded field as the parts of a ``.nfc`` file.

    ``chunks``: (type, payload). ``layers``: how codes have been taken apart, by the storage
    position of levels that come in several layers.
    """

    coded: CodedField
    header: bytes
    chunks: tuple[tuple[str, bytes], ...]
    layers: Mapping[int, Layers]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._front + sum(padded(len(payload)) for _, payload in self.chunks)

    @property
    def _front(self) -> int:
        return padded(PREAMBLE.size + ENTRY.size * len(self.chunks) + len(self.header))

    @property
    def cuts(self) -> list[Cut]:
        """Where the file may be cut, from front to back."""
        found: list[Cut] = []
        lod, layer, end = -1, 0, self._front
        for kind, payload in self.chunks:
            end += padded(len(payload))
            if kind == LEVELS:
                lod, layer = lod + 1, 0
            elif kind == REFINEMENT:
                layer += 1
            else:
                continue
            found.append(Cut(lod, layer, end))
        return found

    def to_bytes(self) -> bytes:
        """The file."""
        return assemble(self.header, self.chunks)

    def with_preview(self, image: bytes) -> Written:
        """The same file with a small image of the field at its end; UsageError if it is no such
        image."""
        return replace(self, chunks=(*self.chunks, (PREVIEW, previews.payload(image))))

    def prefix(self, lod: int, layer: int) -> CodedField:
        """What :func:`nfcodec.coding.open` gives of the file cut after ``layer`` of ``lod``.

        It is made from the codes: no byte is read.
        """
        there: dict[int, CodedLevel] = {}
        for position, level in enumerate(self.coded.levels):
            if level.lod > lod:
                continue
            layers = self.layers.get(position)
            if layers is not None and level.lod == lod and layer < len(layers.sizes) - 1:
                level = replace(level, code=layers.code(level.code, layer))
            there[position] = level
        lods = self.coded.num_lods
        early, _ = metadata.split(self.coded.metadata)
        return replace(
            self.coded,
            grids=present_grids(self.coded.grids, there),
            metadata=early,
            total_lods=0 if lod + 1 == lods else lods,
        )


def write(
    coded: CodedField, *, layers: LayerCount = None, coder: LevelCoder | None = None
) -> Written:
    """The parts of a file of ``coded``, which must be sound.

    ``layers``: as for :func:`nfcodec.coding.to_bytes`. ``coder``: remembers the levels of fields
    that are alike, such as those of a search for a size.
    """
    counts = layers if isinstance(layers, Mapping) else dict.fromkeys(range(coded.num_lods), layers)
    for count in counts.values():
        if count is not None and not 1 <= count <= MAX_LAYERS:
            raise UsageError(f"{count} layers; a level has 1 to {MAX_LAYERS}")
    header = _header(coded, {})  # before the work: it says what no decoder would read
    coder = LevelCoder() if coder is None else coder
    memory = Memory()
    chunks = [(NETWORKS, networks.encode(coded.networks, memory.work).data)]
    if coded.occupancy is not None:
        ways = topology.encode_cells(coded.occupancy.cells)
        chunks.append((OCCUPANCY, memory.work.choose(ways).data))
    if coded.image is not None:
        chunks.append((IMAGE, chunk_of(coded).encode(coded.image, memory.work).data))
    early, late = metadata.split(coded.metadata)
    if early:
        chunks.append((METADATA, metadata.to_bytes(early)))
    taken_apart: dict[int, Layers] = {}
    entries: dict[int, tuple[float, ...]] = {}
    for lod in range(coded.num_lods):
        payloads = [b""]
        for position, level in enumerate(coded.levels):
            if level.lod != lod:
                continue
            encoded = levels.encode(position, level, memory, coder, counts.get(lod))
            entries[position] = encoded.candidate.header
            if encoded.candidate.layers is not None:
                taken_apart[position] = encoded.candidate.layers
            payloads += [b""] * (len(encoded.parts) - len(payloads))
            for at, part in enumerate(encoded.parts):
                payloads[at] += part.data
        chunks.append((LEVELS, payloads[0]))
        chunks += [(REFINEMENT, payload) for payload in payloads[1:]]
        memory.work.reach(sum(len(payload) for payload in payloads[1:]))
    if late:
        chunks.append((METADATA, metadata.to_bytes(late)))
    if taken_apart:
        header = _header(coded, entries)
    return Written(coded, header, tuple(chunks), taken_apart)


def _header(coded: CodedField, codes: Mapping[int, tuple[float, ...]]) -> bytes:
    """The header. InvalidFieldError or LimitError if no decoder would accept it."""
    header = headers.to_bytes(coded, codes)
    try:
        headers.from_bytes(header)
    except DamagedFileError as error:
        raise InvalidFieldError(f"coded field: {error}") from error
    return header
