"""The frame of a file: signature, versions, checksums, cuts, byte ranges."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from nfcodec.container import BytesSource, PathSource, Reader, as_source, assemble, limits
from nfcodec.container.frame import MAGIC, PREAMBLE, crc32c
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

FILE = assemble(b"\xa0", [("ABCD", b"hello"), ("efgh", b""), ("IJKL", b"worldly!")])


def reader(data: bytes) -> Reader:
    return Reader(BytesSource(data))


def read_all(data: bytes) -> None:
    opened = reader(data)
    for chunk in opened.chunks:
        opened.read(chunk)


def signed(data: bytes) -> bytes:
    """``data`` with the front's checksum made right."""
    return data[:16] + struct.pack("<I", crc32c(data[:16] + data[20:])) + data[20:]


def test_checksum_is_castagnoli() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_chunks_follow_each_other() -> None:
    opened = reader(FILE)
    assert opened.header == b"\xa0"
    assert [(c.type, c.length, c.critical) for c in opened.chunks] == [
        ("ABCD", 8, True),
        ("efgh", 0, False),
        ("IJKL", 8, True),
    ]
    assert opened.chunks[0].offset == opened.front_bytes
    assert [opened.read(chunk) for chunk in opened.chunks] == [b"hello\0\0\0", b"", b"worldly!"]
    assert opened.total_bytes == opened.present_bytes == len(FILE)


def test_every_flip_is_noticed() -> None:
    for position in range(len(FILE)):
        for bit in range(8):
            broken = bytearray(FILE)
            broken[position] ^= 1 << bit
            with pytest.raises((DamagedFileError, UnsupportedError, LimitError)):
                read_all(bytes(broken))


def test_every_cut_is_noticed() -> None:
    front = reader(FILE).front_bytes
    for cut in range(len(FILE)):
        if cut < front:
            with pytest.raises(DamagedFileError):
                reader(FILE[:cut])
            continue
        opened = reader(FILE[:cut])
        for chunk in opened.chunks:
            there = chunk.end <= cut
            assert (opened.read(chunk) is not None) == there


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"The quick brown fox jumps over the lazy dog", "not a .nfc file"),
        (b"\x89NFC\n\x1a\n" + FILE[8:], "text mode"),
        (FILE[:12], "cut inside the preamble"),
        (FILE + b"\0", "follow the last chunk"),
    ],
)
def test_messages(data: bytes, message: str) -> None:
    with pytest.raises(DamagedFileError, match=message):
        reader(data)


def test_versions() -> None:
    newer = PREAMBLE.pack(MAGIC, 2, 0, 0, 0, 0)
    with pytest.raises(UnsupportedError, match="newer"):
        reader(newer)
    with pytest.raises(DamagedFileError):
        reader(PREAMBLE.pack(MAGIC, 0, 9, 0, 0, 0))
    minor = signed(PREAMBLE.pack(MAGIC, 1, 7, 0, 0, 0))
    assert reader(minor).version == (1, 7)


def test_limits_come_before_reading() -> None:
    with pytest.raises(LimitError, match="header"):
        reader(PREAMBLE.pack(MAGIC, 1, 0, 0, limits.HEADER_BYTES + 1, 0))
    with pytest.raises(LimitError, match="chunks"):
        reader(PREAMBLE.pack(MAGIC, 1, 0, limits.CHUNKS + 1, 0, 0))


@pytest.mark.parametrize("entry", [b"AB1D" + b"\0" * 8, b"ABCD\x03\0\0\0\0\0\0\0"])
def test_bad_table_entries(entry: bytes) -> None:
    data = signed(PREAMBLE.pack(MAGIC, 1, 0, 1, 0, 0) + entry)
    with pytest.raises(DamagedFileError):
        reader(data)


def test_padding_behind_the_header_is_zero() -> None:
    data = signed(PREAMBLE.pack(MAGIC, 1, 0, 0, 1, 0) + b"\xa0\0\0\x01")
    with pytest.raises(DamagedFileError, match="padding"):
        reader(data)


class Ranges:
    """A source that answers range requests and counts them."""

    def __init__(self, data: bytes, size: int | None) -> None:
        self.data, self._size = data, size
        self.asked: list[tuple[int, int]] = []

    @property
    def size(self) -> int | None:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return self.data[offset : offset + length]


def test_reading_is_lazy_and_by_ranges() -> None:
    data = assemble(b"\xa0", [("ABCD", b"x" * 100_000), ("IJKL", b"y" * 8)])
    source = Ranges(data, None)
    opened = Reader(source)
    assert sum(length for _, length in source.asked) <= 4096
    assert opened.read(opened.chunks[1]) == b"y" * 8
    assert source.asked[-1] == (opened.chunks[1].offset, 8)
    cut = Reader(Ranges(data[:-1], None))
    assert cut.read(cut.chunks[1]) is None


def test_a_header_longer_than_the_first_read() -> None:
    data = assemble(b"\xa0" * 9000, [("ABCD", b"x")])
    source = Ranges(data, len(data))
    assert Reader(source).header == b"\xa0" * 9000
    assert len(source.asked) == 2


def test_sources(tmp_path: Path) -> None:
    path = tmp_path / "a.nfc"
    path.write_bytes(FILE)
    for source in (path, str(path), FILE, bytearray(FILE), memoryview(FILE)):
        ranges, _ = as_source(source)
        assert Reader(ranges).total_bytes == len(FILE)
    assert as_source(path)[1] == str(path)
    with pytest.raises(UsageError, match="no such file"):
        PathSource(tmp_path / "b.nfc")
    with pytest.raises(UsageError, match="folder"):
        PathSource(tmp_path)
    with pytest.raises(UsageError, match="cannot read"):
        as_source(3)  # type: ignore[arg-type]
