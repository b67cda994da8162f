"""A small file cannot ask for any amount of work (``nfc-v1.md`` §9)."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.coding import header as headers
from nfcodec.container import BytesSource, Cursor, Reader, limits
from nfcodec.container.work import Work
from nfcodec.entropy import float16
from nfcodec.errors import LimitError
from nfcodec.layouts import DenseLayout, OctreeLayout, children, morton, topology
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid
from nfcodec.model.packed import PackedIntegers
from tests.coding.equal import difference
from tests.fields import random_coded

VECTORS = Path(__file__).parents[2] / "formats" / "vectors" / "v1"
#: What each golden file takes; other decoders count the same.
WORK = json.loads(Path(__file__).with_name("work.json").read_text())

BOOK = np.array([[0.0], [1.0]], np.float16)


def test_all_golden_files_are_counted() -> None:
    assert sorted(WORK) == sorted(path.stem for path in VECTORS.glob("*.nfc"))


def counted(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> int:
    """What ``act`` counts."""
    total = 0

    def count(_: Work, amount: int) -> None:
        nonlocal total
        total += amount

    with monkeypatch.context() as patch:
        patch.setattr(Work, "count", count)
        act()
    return total


@pytest.mark.parametrize("name", sorted(WORK))
def test_golden_files_take_what_is_stated(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = VECTORS / f"{name}.nfc"
    monkeypatch.setattr(limits, "WORK", WORK[name])
    coding.open(path)
    if WORK[name]:
        monkeypatch.setattr(limits, "WORK", WORK[name] - 1)
        with pytest.raises(LimitError, match="work of decoding"):
            coding.open(path)


@pytest.mark.parametrize("name", sorted(WORK))
def test_what_is_written_counts_as_when_it_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded = coding.open(VECTORS / f"{name}.nfc")
    written = coding.to_bytes(coded)
    work = counted(monkeypatch, lambda: coding.open(written))
    assert counted(monkeypatch, lambda: coding.to_bytes(coded)) == work
    if work:
        # One less: something is written in another form, which takes less, or nothing is.
        monkeypatch.setattr(limits, "WORK", work - 1)
        less = None
        with suppress(LimitError):
            less = coding.to_bytes(coded)
        if less is not None:
            found = coding.open(less)
            assert difference(found, coded) is None


def test_steps_that_take_no_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A float16 section of some bytes may stand for any number of values."""
    section = float16.encode(np.zeros(1 << 20, np.float16))
    assert section.size < 40
    monkeypatch.setattr(limits, "WORK", 1 << 20)
    float16.decode(Cursor(section.data), 1 << 20, work=Work())
    monkeypatch.setattr(limits, "WORK", (1 << 20) - 1)
    with pytest.raises(LimitError, match="work of decoding"):
        float16.decode(Cursor(section.data), 1 << 20, work=Work())


@pytest.mark.slow
def test_large_codebooks_count_as_memory() -> None:
    """65,536 codes of 512 features in each of many levels of one corner."""
    indices = PackedIntegers.pack(np.zeros(1, np.uint16), 16)
    book = np.zeros((1 << 16, 512), np.float16)
    level = CodedLevel(DenseLayout((1, 1, 1)), 0, VQCode(indices, book))
    field = random_coded("sdf", "dense", features=512)
    grid = Grid((level,) * 200, "sum")
    with pytest.raises(LimitError, match="decoded size"):
        coding.to_bytes(CodedField(field.kind, field.bounds, (grid,), field.networks, metadata={}))


def test_octrees_of_their_own_stay_within_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """32 levels in layers, each with a full octree of depth 4 that it shares with none."""
    start = OctreeLayout(0, np.zeros(1, np.uint64))
    monkeypatch.setattr(topology, "_base", lambda *_: (topology.ROOT, start))
    indices = PackedIntegers.pack(np.arange(17**3) // 7 % 4, 2)
    code = VQCode(indices, np.arange(4.0, dtype=np.float16)[:, None])
    levels = [OctreeLayout(4, np.arange(8**4, dtype=np.uint64)) for _ in range(32)]
    grid = Grid(tuple(CodedLevel(layout, 0, code) for layout in levels), "sum")
    field = random_coded("sdf", "octree", features=1)
    data = coding.to_bytes(replace(field, grids=(grid,)), layers=2)
    del levels, grid
    coding.open(data)  # what is compiled or loaded once is not the file's
    tracemalloc.start()
    try:
        coding.open(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < headers.decoded_bytes(headers.from_bytes(Reader(BytesSource(data)).header))


def test_topology_counts_by_voxels_and_by_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Octrees of float16 vectors, depths 2, 3, 4: each refined from the one before."""
    coded = random_coded("sdf", "octree", "float16")
    depths = [level.layout.depth for level in coded.levels]  # type: ignore[union-attr]
    voxels = [level.layout.voxels.size for level in coded.levels]  # type: ignore[union-attr]
    assert depths == [2, 3, 4]
    assert voxels[0] == 64  # full: 1, 8, 64 voxels at depths 0, 1, 2
    # Masks for the first one, mixed counts for the others.
    taken = 2 * (1 + 8) + sum(mixed(level.layout) for level in coded.levels[:-1])
    taken += sum(voxels) + sum(level.code.num_rows for level in coded.levels)
    data = coding.to_bytes(coded)
    monkeypatch.setattr(limits, "WORK", taken)
    coding.open(data)
    monkeypatch.setattr(limits, "WORK", taken - 1)
    with pytest.raises(LimitError, match=r"level 2: .*work"):
        coding.open(data)


def mixed(layout: Any) -> int:
    """The work of the children of all voxels, whose planes reach from 0 to the farthest one."""
    width, height, _ = morton.decode(layout.voxels).max(0) + 1
    return 8 * layout.voxels.size + int(width) * int(height) // 2 + children.SLOTS // 8


def test_levels_that_share_an_octree_take_nothing_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    coded = random_coded("sdf", "octree", "float16")
    one = replace(coded, grids=(replace(coded.grids[0], levels=coded.levels[:1]),))
    monkeypatch.setattr(limits, "WORK", 2 * (1 + 8) + 64 + 5**3)
    twice = replace(one, grids=(replace(one.grids[0], levels=one.levels * 2),))
    assert len(coding.open(coding.to_bytes(twice)).levels) == 2


def test_what_a_file_may_ask_for_grows_with_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted chunk by chunk: bytes that come later allow nothing before."""
    assert (limits.FREE_WORK, limits.WORK_PER_BYTE) == (1 << 21, 256)
    path = VECTORS / "steps.nfc"
    reader = Reader(BytesSource(path.read_bytes()))
    size = sum(chunk.length for chunk in reader.chunks if chunk.type in ("NETW", "LEVL"))
    monkeypatch.setattr(limits, "WORK_PER_BYTE", 1)
    monkeypatch.setattr(limits, "FREE_WORK", WORK["steps"] - size)
    coding.open(path)
    monkeypatch.setattr(limits, "FREE_WORK", WORK["steps"] - size - 1)
    with pytest.raises(LimitError, match=r"for a file of .* bytes so far"):
        coding.open(path)


@pytest.mark.slow
@pytest.mark.parametrize("side", [100, 256, 300])
def test_a_level_of_one_value_stays_readable(side: int) -> None:
    """In 12 bytes for its indices, or, if it is too large for that, as they are."""
    count = side**3
    indices = PackedIntegers.pack(np.broadcast_to(np.uint16(1), count), 1)
    level = CodedLevel(DenseLayout((side,) * 3), 0, VQCode(indices, BOOK))
    field = random_coded("sdf", "dense", features=1)
    coded = CodedField(
        field.kind, field.bounds, (Grid((level,), "sum"),), field.networks, metadata={}
    )
    data = coding.to_bytes(coded)
    assert (len(data) < 2500) == (side <= 256)
    found = coding.open(data).levels[0].code
    assert isinstance(found, VQCode)
    assert np.array_equal(found.indices.words, indices.words)


def test_whole_codebooks_and_networks_of_zeros_stay_readable() -> None:
    zeros = np.zeros((1 << 12, 1 << 10), np.float16)
    work = Work()
    section = float16.encode(zeros, work=work)
    assert section.size > zeros.size
    read = Work()
    read.reach(section.size)
    assert not float16.decode(Cursor(section.data), *zeros.shape, work=read).any()
    assert read.done == work.done
