"""Files that are not served: each is refused with its exit code before anything is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from nfcodec.container.frame import MAGIC, PREAMBLE, crc32c
from tests.viewer.conftest import Run


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def preamble(major: int, chunks: int, header: int, rest: bytes = b"") -> bytes:
    start = PREAMBLE.pack(MAGIC, major, 0, chunks, header, 0)[:-4]
    return start + crc32c(start + rest).to_bytes(4, "little") + rest


def wrong(data: bytes) -> dict[str, tuple[bytes, int, str]]:
    """Damaged contents with the exit code and a word of the message for each."""
    return {
        "empty": (b"", 3, "empty"),
        "a page": (b"<!doctype html><title>404</title>", 3, "not a .nfc file"),
        "a text-mode copy": (data.replace(b"\r\n", b"\n", 1), 3, "signature is damaged"),
        "only the signature": (data[:8], 3, "cut inside the preamble"),
        "cut in the header": (data[:60], 3, "cut inside the header"),
        "cut in a chunk": (data[: len(data) // 2], 3, "cut"),
        "cut by a byte": (data[:-1], 3, "cut"),
        "longer": (data + b"\0", 3, "follow the last chunk"),
        "flipped in the table": (flipped(data, 24), 3, "checksum"),
        "flipped in the middle": (flipped(data, len(data) // 2), 3, "checksum"),
        "flipped at the end": (flipped(data, len(data) - 2), 3, "checksum"),
        "newer": (preamble(2, 0, 0), 4, "newer"),
        "version 0": (preamble(0, 0, 0), 3, "does not exist"),
        "a huge header": (preamble(1, 0, 0xFFFFFFFF), 5, "header's length"),
        "65535 chunks": (preamble(1, 65535, 0), 5, "number of chunks"),
        "a huge chunk": (
            preamble(1, 1, 0, b"NETW" + (0xFFFFFFFC).to_bytes(4, "little") + bytes(4)),
            3,
            "",
        ),
        "an unknown critical chunk": (preamble(1, 1, 0, b"WHAT" + bytes(8)), 3, ""),
    }


@pytest.mark.parametrize("name", wrong(bytes(64)))
def test_wrong_files_are_refused(nfcodec: Run, coded: Path, tmp_path: Path, name: str) -> None:
    content, code, word = wrong(coded.read_bytes())[name]
    file = tmp_path / "wrong.nfc"
    file.write_bytes(content)
    nfcodec("view", file, "--no-open").expect(code, "wrong.nfc", word)
    nfcodec("view", file, "--export", tmp_path / "site").expect(code, "wrong.nfc", word)
    assert not (tmp_path / "site").exists()


def test_one_wrong_file_among_several(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.nfc").write_bytes(coded.read_bytes()[:-4])
    nfcodec("view", coded, tmp_path / "cut.nfc", "--no-open").expect(3, "cut.nfc")


def test_missing_files_and_folders(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    nfcodec("view", tmp_path / "none.nfc", "--no-open").expect(2, "none.nfc", "no such file")
    nfcodec("view", coded, tmp_path / "none.nfc", "--no-open").expect(2, "none.nfc")
    assert nfcodec("view").code == 2
    nfcodec("view", tmp_path, "--no-open").expect(2, "folder")
