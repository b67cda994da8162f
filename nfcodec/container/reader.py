"""Lazy reading of a ``.nfc`` file: the front is read at once, each chunk when asked for."""

from __future__ import annotations

from nfcodec.container import limits
from nfcodec.container.frame import (
    ENTRY,
    MAGIC,
    MAJOR,
    PREAMBLE,
    Chunk,
    crc32c,
    padded,
)
from nfcodec.container.source import ByteRangeSource
from nfcodec.errors import DamagedFileError, UnsupportedError

#: Read at once in the hope that preamble, table and header are inside.
_FIRST_READ = 4096


class Reader:
    """The frame of one file.

    ``header``: the header's bytes. ``chunks``: the chunk table. ``front_bytes``: where the first
    chunk starts. The file may be cut anywhere after that. Raises DamagedFileError,
    UnsupportedError (a newer major version) or LimitError.
    """

    def __init__(self, source: ByteRangeSource) -> None:
        self._source = source
        front = source.read(0, _FIRST_READ)
        major, self.minor, count, header_bytes, crc = _preamble(front)
        self.version = (major, self.minor)
        limits.check(count, limits.CHUNKS, "the number of chunks")
        limits.check(header_bytes, limits.HEADER_BYTES, "the header's length in bytes")
        table_end = PREAMBLE.size + count * ENTRY.size
        self.front_bytes = padded(table_end + header_bytes)
        if len(front) < self.front_bytes:
            front += source.read(len(front), self.front_bytes - len(front))
        front = front[: self.front_bytes]
        if len(front) < self.front_bytes:
            raise DamagedFileError(
                f"cut inside the header: {len(front):,} bytes of {self.front_bytes:,} are there"
            )
        if crc32c(front[: PREAMBLE.size - 4] + front[PREAMBLE.size :]) != crc:
            raise DamagedFileError("header or chunk table is damaged (checksum differs)")
        if any(front[table_end + header_bytes :]):
            raise DamagedFileError("padding after the header is not zero")
        self.header = front[table_end : table_end + header_bytes]
        self.chunks = _table(front[PREAMBLE.size : table_end], self.front_bytes)
        size = source.size
        if size is not None and size > self.total_bytes:
            raise DamagedFileError(
                f"{size - self.total_bytes:,} bytes follow the last chunk, "
                f"which ends at byte {self.total_bytes:,}"
            )

    @property
    def total_bytes(self) -> int:
        """The length of the whole file, whether or not all of it is there."""
        return self.chunks[-1].end if self.chunks else self.front_bytes

    @property
    def present_bytes(self) -> int:
        """How much of the file is there; the whole of it if the source does not know."""
        size = self._source.size
        return self.total_bytes if size is None else min(size, self.total_bytes)

    def read(self, chunk: Chunk) -> bytes | None:
        """The checked payload, None if the file ends before the chunk does."""
        if chunk.end > self.present_bytes:
            return None
        data = self._source.read(chunk.offset, chunk.length)[: chunk.length]
        if len(data) < chunk.length:
            return None
        if crc32c(data) != chunk.crc:
            raise DamagedFileError(
                f"chunk {chunk.type} at byte {chunk.offset:,} is damaged (checksum differs)"
            )
        return data


def _preamble(front: bytes) -> tuple[int, int, int, int, int]:
    if not front:
        raise DamagedFileError("the file is empty")
    if front[: len(MAGIC)] != MAGIC[: len(front)]:
        if front[:4] == MAGIC[:4]:
            raise DamagedFileError(
                "the signature is damaged, as by a transfer in text mode; copy the file as binary"
            )
        raise DamagedFileError("not a .nfc file (no signature at its start)")
    if len(front) < PREAMBLE.size:
        raise DamagedFileError(
            f"cut inside the preamble: {len(front)} bytes of {PREAMBLE.size} are there"
        )
    _, major, minor, count, header_bytes, crc = PREAMBLE.unpack(front[: PREAMBLE.size])
    if major > MAJOR:
        raise UnsupportedError(
            f"format version {major}.{minor} is newer than {MAJOR}, the newest this build reads; "
            "update nfcodec"
        )
    if major < 1:
        raise DamagedFileError(f"format version {major}.{minor} does not exist")
    return major, minor, count, header_bytes, crc


def _table(raw: bytes, offset: int) -> tuple[Chunk, ...]:
    chunks: list[Chunk] = []
    for name, length, crc in ENTRY.iter_unpack(raw):
        if not (name.isascii() and name.isalpha()):
            raise DamagedFileError(f"chunk {len(chunks)}: type {name!r} is not four letters")
        if length != padded(length):
            raise DamagedFileError(f"chunk {len(chunks)}: length {length} is no multiple of 4")
        chunks.append(Chunk(name.decode("ascii"), offset, length, crc))
        offset += length
    return tuple(chunks)
