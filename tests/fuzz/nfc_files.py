"""``.nfc`` files taken apart and put together again with damage inside and right checksums."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import cbor2

from nfcodec.container import BytesSource, Reader
from nfcodec.container.frame import ENTRY, MAGIC, PREAMBLE, crc32c, padded
from tests.fuzz import edits

_TYPES = (b"NETW", b"OCCU", b"LEVL", b"REFN", b"PICT", b"meta", b"prev", b"zzZz", b"ABCD", b"a1bc")


@dataclass(frozen=True)
class Parts:
    """A sound file in parts: its header as bytes and as a tree, and its chunks."""

    minor: int
    header: bytes
    chunks: tuple[tuple[bytes, bytes], ...]

    @cached_property
    def tree(self) -> Any:
        return cbor2.loads(self.header)


def parts(data: bytes) -> Parts:
    reader = Reader(BytesSource(data))
    chunks = [(chunk.type.encode(), reader.read(chunk) or b"") for chunk in reader.chunks]
    return Parts(reader.version[1], reader.header, tuple(chunks))


def assemble(
    header: bytes, chunks: Sequence[tuple[bytes, bytes]], minor: int, major: int = 1
) -> bytes:
    """A file with right lengths and checksums, whatever is in it."""
    payloads = [data.ljust(padded(len(data)), b"\0") for _, data in chunks]
    table = b"".join(
        ENTRY.pack(name, len(data), crc32c(data))
        for (name, _), data in zip(chunks, payloads, strict=True)
    )
    rest = table + header
    rest = rest.ljust(padded(len(rest)), b"\0")
    start = PREAMBLE.pack(MAGIC, major, minor, len(chunks), len(header), 0)[:-4]
    return b"".join([start, struct.pack("<I", crc32c(start + rest)), rest, *payloads])


def mutant(seeds: Sequence[Parts], rng: Random) -> bytes:
    """A seed with damage in its header, its chunks, their order, or its end."""
    seed = rng.choice(seeds)
    header, chunks, minor, major = seed.header, list(seed.chunks), seed.minor, 1
    for _ in range(rng.choice((1, 1, 1, 2))):
        kind = rng.randrange(20)
        if kind <= 5:
            header = _dumped(edits.tree(seed.tree, rng)) or header
        elif kind <= 7:
            header = edits.mutated(header, rng, [other.header for other in seeds])
        elif kind <= 15 and chunks:
            at = rng.randrange(len(chunks))
            name, payload = chunks[at]
            if name == b"meta" and kind <= 11:
                tree = edits.tree(_loaded(payload), rng)
                chunks[at] = name, _dumped(tree) or payload
            else:
                chunks[at] = name, _damaged(payload, rng, rng.choice(seeds))
        elif kind == 16:
            _reordered(chunks, rng, rng.choice(seeds))
        elif kind == 17:
            minor, major = rng.choice(
                ((min(minor + 1, 255), 1), (255, 1), (0, 1), (3, 1), (0, 2), (0, 0))
            )
        else:
            data = assemble(header, chunks, minor, major)
            return data[: rng.randrange(len(data) + 1)] + b"\0" * rng.choice((0, 0, 0, 1, 4))
    return assemble(header, chunks, minor, major)


def _damaged(payload: bytes, rng: Random, other: Parts) -> bytes:
    """The payload after edits, mostly near its front, where the forms and counts are."""
    near = rng.choice((16, 64, len(payload)))
    others = [data for _, data in other.chunks]
    return edits.mutated(payload[:near], rng, others) + payload[near:]


def _reordered(chunks: list[tuple[bytes, bytes]], rng: Random, other: Parts) -> None:
    at = rng.randrange(len(chunks)) if chunks else 0
    kind = rng.randrange(6)
    if not chunks or kind == 0:
        chunks[at:at] = rng.choices(other.chunks, k=1) if other.chunks else [(b"zzZz", b"")]
    elif kind == 1:
        chunks[at:at] = [chunks[at]] * rng.choice((1, 1, 3))
    elif kind == 2:
        del chunks[at]
    elif kind == 3:
        rng.shuffle(chunks)
    elif kind == 4:
        chunks[at] = rng.choice(_TYPES), chunks[at][1]
    else:
        chunks[at] = chunks[at][0], b"" if rng.random() < 0.5 else chunks[at][1] * 2


def _loaded(payload: bytes) -> Any:
    try:
        return cbor2.loads(payload)
    except Exception:
        return {}


def _dumped(tree: Any) -> bytes | None:
    """The tree as deterministic CBOR, or None for one that has none."""
    try:
        return cbor2.dumps(_finite(tree), canonical=True)
    except Exception:
        return None


def _finite(tree: Any) -> Any:
    """Without NaN and infinities, which the decoders refuse at once."""
    if isinstance(tree, float) and not math.isfinite(tree):
        return 1e300
    if isinstance(tree, list):
        return [_finite(item) for item in tree]
    if isinstance(tree, dict):
        return {key: _finite(item) for key, item in tree.items()}
    return tree
