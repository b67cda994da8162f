"""What a file holds and where its bytes go; whether it is whole."""

from __future__ import annotations

from typing import Any

from nfcodec.check.field import check_field
from nfcodec.coding.contents import Contents, Part, naming
from nfcodec.coding.header import LevelHeader
from nfcodec.container import Source
from nfcodec.container.frame import ENTRY, PREAMBLE
from nfcodec.errors import DamagedFileError
from nfcodec.model.coded import CodedField, CodedLevel


def verify(source: Source) -> None:
    """Read and check every byte of a ``.nfc`` file.

    Raises DamagedFileError if anything is damaged, missing or too much; UnsupportedError,
    LimitError or InvalidFieldError as :func:`nfcodec.coding.open` does.
    """
    with naming(source) as (reader, name):
        for chunk in reader.chunks:
            if reader.read(chunk) is None:
                raise DamagedFileError(
                    f"the file is cut: {reader.present_bytes:,} bytes of "
                    f"{reader.total_bytes:,} are there"
                )
        check_field(Contents(reader).decode(), name)


def describe(source: Source) -> dict[str, Any]:
    """Everything ``nfcodec info`` shows, as JSON-able values.

    ``parts`` lists stretches of the file as ``{"part", "bytes"}``, with ``level`` or ``lod`` where
    it applies; their bytes sum to ``bytes``, the length of the file as far as it is there.
    ``cuts`` says how many bytes from the front each layer of each LOD needs.
    Raises what :func:`nfcodec.coding.open` raises.
    """
    with naming(source) as (reader, _):
        contents = Contents(reader)
        field = contents.decode()
        header = contents.header
        of_level: dict[int | None, list[Part]] = {}
        for part in contents.parts:
            of_level.setdefault(part.level, []).append(part)
        return {
            "format": f"{reader.version[0]}.{reader.version[1]}",
            "bytes": reader.present_bytes,
            "complete": reader.present_bytes == reader.total_bytes,
            "total_bytes": reader.total_bytes,
            "kind": header.kind,
            "bounds": header.bounds.tolist(),
            "lods": header.lods,
            "lods_present": contents.lods_present,
            "lod_bytes": contents.lod_ends,
            "cuts": [
                {"lod": step.lod, "layer": step.layer, "bytes": step.end} for step in contents.steps
            ],
            "levels": [
                _level(contents, position, level, of_level[position])
                for position, level in sorted(contents.decoded.items())
            ],
            "networks": [
                {
                    "name": network.name,
                    "layers": [list(layer.weight.shape) for layer in network.layers],
                    "activations": [layer.activation for layer in network.layers],
                    "parameters": sum(
                        layer.weight.size + (0 if layer.bias is None else layer.bias.size)
                        for layer in network.layers
                    ),
                }
                for network in header.networks
            ],
            "occupancy": None if header.occupancy is None else list(header.occupancy),
            "image": None if header.image is None else header.image.describe(),
            "metadata": dict(field.metadata),
            "chunks": [
                {"type": chunk.type, "offset": chunk.offset, "bytes": chunk.length}
                for chunk in reader.chunks
            ],
            "parts": _parts(contents),
            "paper_bytes": _paper_bytes(field),
        }


def _parts(contents: Contents) -> list[dict[str, Any]]:
    reader = contents.reader
    header_bytes = len(reader.header)
    table = ENTRY.size * len(reader.chunks)
    parts: list[dict[str, Any]] = [
        {"part": "preamble", "bytes": PREAMBLE.size},
        {"part": "chunk table", "bytes": table},
        {"part": "header", "bytes": header_bytes},
        {"part": "padding", "bytes": reader.front_bytes - PREAMBLE.size - table - header_bytes},
    ]
    merged: dict[int, dict[tuple[int | None, str], int]] = {}
    for part in contents.parts:
        sizes = merged.setdefault(part.chunk, {})
        key = (part.level, part.label)
        sizes[key] = sizes.get(key, 0) + part.bytes
    for index, chunk in enumerate(reader.chunks):
        for (level, label), size in merged.get(index, {}).items():
            line: dict[str, Any] = {"part": label, "bytes": size}
            if level is not None:
                line["level"] = level
            parts.append(line)
        if index not in merged:
            there = max(0, min(reader.present_bytes, chunk.end) - chunk.offset)
            label = "incomplete" if there < chunk.length else f"chunk {chunk.type}"
            parts.append({"part": label, "bytes": there})
    return [part for part in parts if part["bytes"]]


def _level(
    contents: Contents, position: int, level: CodedLevel, parts: list[Part]
) -> dict[str, Any]:
    header = contents.header.levels[position]
    sizes: dict[str, int] = {}
    for part in parts:
        sizes[part.label] = sizes.get(part.label, 0) + part.bytes
    line: dict[str, Any] = {
        "level": position,
        "lod": header.lod,
        "layout": level.layout.name,
        "rows": header.rows,
        "features": header.features,
        "code": header.code.name,
        "bytes": sum(sizes.values()),
        "part_bytes": sizes,
        "lattice": str(level.layout),
        **level.layout.describe(sizes),
        **level.code.describe(sizes),
        **header.code.describe(),
    }
    layers = _layers(contents, header, parts)
    if layers:
        line["layers"] = layers
    return line


def _layers(contents: Contents, header: LevelHeader, parts: list[Part]) -> list[dict[str, int]]:
    """Codes and bytes of each layer that is there of a level whose indices have several."""
    if not header.layers:
        return []
    of_chunk = {step.chunk: step.layer for step in contents.steps if step.lod == header.lod}
    there = [0] * len(header.layers)
    for part in parts:
        if part.label != "topology":
            there[of_chunk[part.chunk]] += part.bytes
    pairs = zip(header.layers, there, strict=True)
    return [{"codes": codes, "bytes": count} for codes, count in pairs if count]


def _paper_bytes(field: CodedField) -> int:
    """The accounting of the papers: codes at full width, codebooks and decoder in float16."""
    codes = sum(level.code.paper_bytes for level in field.levels)
    decoder = sum(
        2 * (layer.weight.size + (0 if layer.bias is None else layer.bias.size))
        for network in field.networks
        for layer in network.layers
    )
    return codes + decoder
