"""Damaged files: our error or exactly the same result, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.container import BytesSource, Reader
from nfcodec.errors import NfcodecError
from nfcodec.model.coded import CodedField
from tests.coding.equal import difference, equal
from tests.coding.surgery import chunks_of, with_chunks
from tests.formats.test_vectors import FILES

FLIPS = 2000


def open_or_error(data: bytes) -> CodedField | None:
    try:
        return coding.open(data)
    except NfcodecError:
        return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_cut(path: Path) -> None:
    data = path.read_bytes()
    whole = Reader(BytesSource(data))
    ends = [cut["bytes"] for cut in coding.describe(data)["cuts"]]
    whole_metadata = coding.open(data).metadata
    steps = [coding.open(data[:end]) for end in ends]
    for lod, end in enumerate(coding.describe(data)["lod_bytes"]):
        of_lod = coding.open(data, lod=lod)
        assert difference(of_lod, steps[ends.index(end)], metadata=False) is None
    for cut in range(len(data)):
        complete = sum(end <= cut for end in ends)
        if not complete:
            assert open_or_error(data[:cut]) is None
        if cut < whole.front_bytes:
            continue
        # What is decoded depends on which chunks are there: whole and right, or not at all.
        reader = Reader(BytesSource(data[:cut]))
        assert (reader.header, reader.chunks) == (whole.header, whole.chunks)
        for chunk in reader.chunks:
            expected = whole.read(chunk) if chunk.end <= cut else None
            assert reader.read(chunk) == expected
        if complete and any(cut - chunk.end in (-1, 0) for chunk in whole.chunks):
            found = coding.open(data[:cut])
            assert difference(found, steps[complete - 1], metadata=False) is None
            assert found.metadata.items() <= whole_metadata.items()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_random_flips(path: Path) -> None:
    data = path.read_bytes()
    good = coding.open(data)
    rng = np.random.default_rng(0)
    positions, bits = rng.integers(len(data), size=FLIPS), rng.integers(8, size=FLIPS)
    skipped = unknown_bytes(data)
    for position, bit in zip(positions.tolist(), bits.tolist(), strict=True):
        broken = bytearray(data)
        broken[position] ^= 1 << bit
        assert is_noticed(bytes(broken)) == (position not in skipped)
        found = open_or_error(bytes(broken))
        assert (found is not None) == (position in skipped)
        if found is not None:
            assert equal(found, good)


KNOWN = {"NETW", "OCCU", "LEVL", "REFN", "meta"}


def is_noticed(data: bytes) -> bool:
    """Whether reading all that `coding.open` reads ends in an error of ours."""
    try:
        reader = Reader(BytesSource(data))
        for chunk in reader.chunks:
            if chunk.type in KNOWN:
                reader.read(chunk)
    except NfcodecError:
        return True
    return False


def unknown_bytes(data: bytes) -> set[int]:
    """Positions in chunks that are skipped unread: the only ones that may be damaged unnoticed."""
    chunks = [chunk for chunk in Reader(BytesSource(data)).chunks if chunk.type not in KNOWN]
    return {position for chunk in chunks for position in range(chunk.offset, chunk.end)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_changes_that_checksums_cannot_see(path: Path) -> None:
    """Chunks made by a hostile writer: errors of ours, or some field, and no other exception."""
    data = path.read_bytes()
    chunks = chunks_of(data)
    rng = np.random.default_rng(1)
    for _ in range(25):
        which = int(rng.integers(len(chunks)))
        name, payload = chunks[which]
        broken = bytearray(payload)
        for _ in range(int(rng.integers(1, 4))):
            if broken:
                broken[rng.integers(min(len(broken), 200))] = int(rng.integers(256))
        if rng.random() < 0.2:
            del broken[int(rng.integers(len(broken) + 1)) & ~3 :]
        open_or_error(
            with_chunks(data, [*chunks[:which], (name, bytes(broken)), *chunks[which + 1 :]])
        )


_LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from nfcodec import coding
from nfcodec.errors import NfcodecError
from tests.coding.surgery import chunks_of, with_chunks

files = [Path(name).read_bytes() for name in sys.argv[1:]]
for data in files:
    coding.open(data)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20),) * 2)
rng = np.random.default_rng(2)
for data in files:
    for _ in range(15):
        chunks = chunks_of(data)
        which = int(rng.integers(len(chunks)))
        name, payload = chunks[which]
        broken = bytearray(payload)
        if broken:
            broken[rng.integers(min(len(broken), 64))] = 255
        try:
            chunks[which] = name, bytes(broken)
            coding.open(with_chunks(data, chunks))
        except NfcodecError:
            pass
        except MemoryError:
            sys.exit("a damaged file made the decoder ask for more than 64 MiB")
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc (Linux)")
def test_damage_never_asks_for_memory() -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", _LIMITED, *map(str, FILES)],
        cwd=root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
