"""Take a ``.nfc`` file apart, change a part, and put it together with right checksums.

Vectors are made from what the encoder writes and one change, so that they follow the format while
it may still change.
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nfcodec.coding import header as headers
from nfcodec.container import BytesSource, Reader, assemble, cbor
from nfcodec.model.packed import PackedIntegers

#: The names of entries in maps of the header, by the entry that holds the maps.
_NAMES = {
    "": headers.HEADER_KEYS, "grids": headers.GRID_KEYS, "levels": headers.LEVEL_KEYS,
    "networks": headers.NETWORK_KEYS, "inputs": headers.INPUT_KEYS, "layers": headers.LAYER_KEYS,
}  # fmt: skip
Path = Sequence["str | int"]
#: Stands for an entry that is to be taken out.
GONE = object()


@dataclass(frozen=True)
class Apart:
    """A file as its header, as a tree or as bytes, and its (type, payload) chunks."""

    tree: Any
    chunks: tuple[tuple[str, bytes], ...]
    header: bytes | None = None

    def put_together(self) -> bytes:
        """The file."""
        header = cbor.dumps(self.tree) if self.header is None else self.header
        return assemble(header, self.chunks)

    def edit(self, path: Path, value: Any) -> Apart:
        """With another ``value`` in the header; a number in a path that is no place adds one."""
        tree = copy.deepcopy(self.tree)
        place, key = _find(tree, path)
        if value is GONE:
            del place[key]
        elif isinstance(place, list) and key == len(place):
            place.append(value)
        else:
            place[key] = value
        return replace(self, tree=tree)

    def at(self, path: Path) -> Any:
        """What the header has at ``path``."""
        place, key = _find(self.tree, path)
        return place[key]

    def payload(self, kind: str, number: int = 0) -> bytes:
        """The payload of a chunk, counted among those of its ``kind``."""
        return [data for name, data in self.chunks if name == kind][number]

    def with_payload(self, kind: str, data: bytes, number: int = 0) -> Apart:
        """With another payload of a chunk."""
        chunks, seen = list(self.chunks), -1
        for i, (name, _) in enumerate(chunks):
            seen += name == kind
            if name == kind and seen == number:
                chunks[i] = (kind, data)
        return replace(self, chunks=tuple(chunks))

    def with_zero_networks(self) -> Apart:
        """With as many values of networks as the header asks for, all of them 0."""
        layers = [layer for network in self.at(("networks",)) for layer in network[2]]
        count = sum(layer[0] * (layer[1] + layer[3]) for layer in layers)
        steps = unit("II", 2, 1) + unit("IHHB", count, 1, 0, 24) + unit("BBH", 0, 0, 0)
        return self.with_payload("NETW", steps)

    def with_chunks(self, *chunks: tuple[str, bytes]) -> Apart:
        """With other chunks."""
        return replace(self, chunks=chunks)


def take_apart(data: bytes) -> Apart:
    """The parts of a sound file."""
    reader = Reader(BytesSource(data))
    chunks = tuple((chunk.type, reader.read(chunk) or b"") for chunk in reader.chunks)
    return Apart(cbor.loads(reader.header, "header"), chunks, None)


def _find(tree: Any, path: Path) -> tuple[Any, Any]:
    names, place, key = _NAMES[""], tree, None
    for step in path:
        if key is not None:
            place = place[key]
        if isinstance(step, str):
            key = next(number for number, name in names.items() if name == step)
            names = _NAMES.get(step, {})
        else:
            key = step
    return place, key


def packed(values: Sequence[int], bits: int) -> bytes:
    """``packed(n, bits)`` of the specification."""
    words = PackedIntegers.pack(np.array(values, np.uint16), bits).words
    return bytes(words.astype("<u4").tobytes())


def unit(layout: str, *values: int) -> bytes:
    """A field group: ``layout`` as :mod:`struct` has it, aligned."""
    return padded(struct.pack("<" + layout, *values))


def padded(data: bytes) -> bytes:
    """``data``, and zeros up to a multiple of 4 bytes."""
    return data.ljust(-(-len(data) // 4) * 4, b"\0")


def halves(*values: float) -> bytes:
    """An array of f16."""
    return padded(np.array(values, "<f2").tobytes())
