"""Two decoders, written apart from one specification, agree on files nobody meant to write.

The golden files are changed at random, with all checksums made right again, so that the changes
reach the decoders' insides. Both must refuse the same files and read the same values from the rest.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pytest

from formats.make_vectors import FOLDER, expected
from nfcodec import coding
from nfcodec.errors import NfcodecError
from tests.web import node

FILES = sorted(FOLDER.glob("*.nfc"))
CHANGED_FILES = 120


def repaired(file: bytearray) -> bytes:
    """The file with the checksums of its front and of all chunks that are there."""

    def number(at: int) -> int:
        return int.from_bytes(file[at : at + 4], "little")

    def put_checksum(at: int, of: bytes) -> None:
        file[at : at + 4] = int(google_crc32c.value(of)).to_bytes(4, "little")

    count = int.from_bytes(file[10:12], "little")
    front = -(-(20 + 12 * count + number(12)) // 4) * 4
    offset = front
    if front > len(file):
        return bytes(file)
    for at in range(20, 20 + 12 * count, 12):
        end = offset + number(at + 4)
        if end > len(file):
            break
        put_checksum(at + 8, bytes(file[offset:end]))
        offset = end
    put_checksum(16, bytes(file[:16] + file[20:front]))
    return bytes(file)


def changed(file: bytes, rng: np.random.Generator) -> bytes:
    """One to three bytes replaced, or changed by a bit or by one; in four of ten in the header."""
    new = bytearray(file)
    count, header = int.from_bytes(file[10:12], "little"), int.from_bytes(file[12:16], "little")
    start = 20 + 12 * count
    in_header = rng.random() < 0.4
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(start, start + header) if in_header else rng.integers(len(new)))
        change = rng.integers(3)
        if change == 0:
            new[at] = int(rng.integers(256))
        elif change == 1:
            new[at] ^= 1 << int(rng.integers(8))
        else:
            new[at] = (new[at] + int(rng.choice([-1, 1]))) % 256
    return repaired(new)


def reference(path: Path, file: bytes) -> dict[str, Any]:
    path.write_bytes(file)
    try:
        field = coding.open(path)
    except NfcodecError as error:
        return {"error": str(error)}
    said: dict[str, Any] = json.loads(json.dumps(expected(field)))
    return {"field": said}


@pytest.mark.slow
def test_both_decoders_say_the_same(tmp_path: Path) -> None:
    node.require()
    assert FILES
    rng = np.random.default_rng(20)
    files = [
        (path.stem, changed(path.read_bytes(), rng)) for path in FILES for _ in range(CHANGED_FILES)
    ]
    lines = "".join(base64.b64encode(file).decode() + "\n" for _, file in files)
    answers = [
        json.loads(line) for line in node.run(["node", "scripts/answers.js"], lines).splitlines()
    ]
    counts: Counter[str] = Counter()
    for (name, file), found in zip(files, answers, strict=True):
        wanted = reference(tmp_path / "changed.nfc", file)
        about = (name, file.hex(), found.get("message"), wanted.get("error"))
        assert ("error" in found) == ("error" in wanted), about
        if "field" in found:
            assert found["field"] == wanted["field"], about
        elif "lods" in found:
            assert found["lods"] == wanted["field"]["lods"], about
        counts["refused" if "error" in found else "read"] += 1
    assert min(counts["refused"], counts["read"]) > len(files) // 5, counts
