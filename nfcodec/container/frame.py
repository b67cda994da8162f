"""The frame of a ``.nfc`` file: preamble, chunk table, header, chunks. ``formats/nfc-v1.md`` §2."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import google_crc32c

from nfcodec.container import limits

MAGIC = b"\x89NFC\r\n\x1a\n"
MAJOR, MINOR = 1, 0
#: magic, major, minor, chunk count, header length, CRC-32C
PREAMBLE = struct.Struct("<8sBBHII")
#: type, length, CRC-32C
ENTRY = struct.Struct("<4sII")
#: Everything starts at a multiple of this.
ALIGNMENT = 4
#: What the table can express.
MAX_CHUNK_BYTES = (1 << 32) - ALIGNMENT


@dataclass(frozen=True)
class Chunk:
    """One entry of the chunk table; ``type`` is four ASCII letters, the first in lower case if a
    decoder may skip what it does not know."""

    type: str
    offset: int
    length: int
    crc: int

    @property
    def end(self) -> int:
        return self.offset + self.length

    @property
    def critical(self) -> bool:
        return self.type[0].isupper()


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), as in RFC 3720."""
    return int(google_crc32c.value(data))


def padded(size: int) -> int:
    """``size`` rounded up to the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def assemble(header: bytes, chunks: Sequence[tuple[str, bytes]]) -> bytes:
    """A whole file from its header and (type, payload) chunks, each padded with zeros.

    LimitError if a chunk is longer than the format allows.
    """
    payloads = [data.ljust(padded(len(data)), b"\0") for _, data in chunks]
    for (name, _), data in zip(chunks, payloads, strict=True):
        limits.check(len(data), MAX_CHUNK_BYTES, f"the length of chunk {name} in bytes")
    table = b"".join(
        ENTRY.pack(name.encode("ascii"), len(data), crc32c(data))
        for (name, _), data in zip(chunks, payloads, strict=True)
    )
    rest = table + header
    rest = rest.ljust(padded(len(rest)), b"\0")
    start = PREAMBLE.pack(MAGIC, MAJOR, MINOR, len(chunks), len(header), 0)[:-4]
    return b"".join([start, struct.pack("<I", crc32c(start + rest)), rest, *payloads])
