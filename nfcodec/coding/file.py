"""CodedField <-> chunks <-> file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from nfcodec.atomic import check_output, writing
from nfcodec.check.field import check_field
from nfcodec.coding import header as headers
from nfcodec.coding import images, levels, metadata, networks, previews, topology
from nfcodec.coding.contents import (
    IMAGE,
    LEVELS,
    METADATA,
    NETWORKS,
    OCCUPANCY,
    REFINEMENT,
    Contents,
    naming,
)
from nfcodec.coding.memory import Memory
from nfcodec.container import Builder, Source, assemble
from nfcodec.errors import DamagedFileError, InvalidFieldError, UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field

#: In how many layers indices come: in all LODs, or in some of them and as usual in the others.
LayerCount: TypeAlias = "int | Mapping[int, int] | None"


def to_bytes(coded: CodedField, *, contexts: bool = True, layers: LayerCount = None) -> bytes:
    """``coded`` as a ``.nfc`` file.

    ``contexts``: look for contexts of the indices; without, each level's are coded by one table
    and in one layer, which is quicker to write and for measuring what contexts save.
    ``layers``: in how many the indices of each level are, 1 to 8, the coarsest first; levels of few
    or of more than 256 codes have fewer. By default, and for LODs that a mapping does not have, two
    where that takes hardly more bytes.

    Raises InvalidFieldError if ``coded`` breaks its own rules, UsageError if it is no coded field,
    a network holds a value that float16 cannot represent or the metadata one that cannot be stored,
    and LimitError for what no decoder would read.
    """
    _require_coded(coded)
    counts = layers if isinstance(layers, Mapping) else dict.fromkeys(range(coded.num_lods), layers)
    for count in counts.values():
        if count is not None and not 1 <= count <= headers.MAX_LAYERS:
            raise UsageError(f"{count} layers; a level has 1 to {headers.MAX_LAYERS}")
    check_field(coded, "coded field")
    _header(coded, {})
    memory, coarser_of = Memory(contexts=contexts), _coarser(coded)
    parts: list[tuple[str, Builder]] = [(NETWORKS, networks.encode(coded.networks, memory.work))]
    if coded.occupancy is not None:
        cells = topology.encode_cells(coded.occupancy.cells, memory.work)
        parts.append((OCCUPANCY, cells))
    if coded.image is not None:
        parts.append((IMAGE, images.encode(coded.image, memory.work)))
    early, late = metadata.split(coded.metadata)
    if early:
        parts.append((METADATA, _builder(metadata.to_bytes(early))))
    sizes: dict[int, tuple[int, ...]] = {}
    for lod in range(coded.num_lods):
        payloads = [Builder()]
        for position, level in enumerate(coded.levels):
            if level.lod == lod:
                coarser = coarser_of[position]
                encoded = levels.encode(position, level, memory, coarser, counts.get(lod))
                sizes[position] = encoded.layers
                payloads += [Builder() for _ in encoded.parts[len(payloads) :]]
                for payload, part in zip(payloads, encoded.parts, strict=False):
                    payload.append(part)
        parts.append((LEVELS, payloads[0]))
        parts += [(REFINEMENT, payload) for payload in payloads[1:]]
    if late:
        parts.append((METADATA, _builder(metadata.to_bytes(late))))
    minor = max(part.minor for _, part in parts)
    chunks = [(kind, part.getvalue()) for kind, part in parts]
    return assemble(_header(coded, sizes), chunks, minor)


def _require_coded(coded: object) -> None:
    """UsageError that says what to call for anything but a coded field."""
    if isinstance(coded, CodedField):
        return
    if isinstance(coded, Field):
        raise UsageError(
            "a .nfc file holds a coded field, and this one is not coded yet: nfcodec.encode(field) "
            "codes it; nfcodec.export(field, path) writes it as it is, such as a .pt"
        )
    raise UsageError(f"a .nfc file holds a coded field, not a {type(coded).__name__}")


def _header(coded: CodedField, layers: Mapping[int, tuple[int, ...]]) -> bytes:
    """The header, which a decoder would accept."""
    header = headers.to_bytes(coded, layers)
    try:
        headers.from_bytes(header)
    except DamagedFileError as error:
        raise InvalidFieldError(f"coded field: {error}") from error
    return header


def save(
    coded: CodedField,
    path: str | os.PathLike[str],
    overwrite: bool = False,
    preview: Callable[[int], bytes | None] | None = None,
    layers: LayerCount = None,
) -> int:
    """Write ``coded`` to ``path``, aside first and then renamed; the number of bytes written.

    ``layers``: as in :func:`to_bytes`. ``preview``: gives the image to put at the end, if any,
    for the file's length without it.
    Raises what :func:`to_bytes` and :func:`nfcodec.atomic.writing` raise, and UsageError unless
    ``path`` ends in ``.nfc``: other suffixes are those of other forms.
    """
    _require_coded(coded)
    suffix = Path(path).suffix.lower()
    if suffix != ".nfc":
        raise UsageError(
            f"cannot write {os.fspath(path)}: a coded field is saved as .nfc; nfcodec.export(coded,"
            " path) writes it in other forms, such as .pt and .ply"
        )
    check_output(path, overwrite)
    data = to_bytes(coded, layers=layers)
    image = None if preview is None else preview(len(data))
    if image is not None:
        data = previews.add(data, image)
    with writing(path, overwrite=overwrite) as aside:
        aside.write_bytes(data)
    return len(data)


def open(source: Source, lod: int | None = None) -> CodedField:
    """Read a ``.nfc`` file: a path, its bytes, or a :class:`ByteRangeSource`.

    Only what is needed is read. With ``lod`` levels of detail 0..lod are read, by default all
    that the file, which may be cut or still arriving, holds; ``total_lods`` of the result tells
    how many there would be if that is not all of them. Of the last LOD of a cut file some layers
    may be missing: its levels then have coarser codes than in the whole file.

    Raises UsageError (no such file or LOD), DamagedFileError, UnsupportedError, LimitError.
    """
    with naming(source) as (reader, name):
        field = Contents(reader).decode(lod)
        check_field(field, name)
        return field


def kind(source: Source) -> str:
    """The kind of field in a ``.nfc`` file, of which the front alone is read; errors as
    :func:`open`."""
    with naming(source) as (reader, _):
        return headers.from_bytes(reader.header).kind


def _builder(data: bytes) -> Builder:
    part = Builder()
    part.raw(data)
    return part


def _coarser(coded: CodedField) -> list[int | None]:
    """For each level, in storage order, the level of its grid that is decoded just before it."""
    coarser: list[int | None] = []
    for grid in coded.grids:
        first = len(coarser)
        order = sorted(range(len(grid.levels)), key=lambda i: grid.levels[i].lod)
        before = dict(zip(order[1:], order, strict=False))
        coarser += [first + before[i] if i in before else None for i in range(len(grid.levels))]
    return coarser
