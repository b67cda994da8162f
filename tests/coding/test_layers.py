"""Indices in layers: every cut behind one is a field, nearer to the whole one than the last."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec import coding, quantize
from nfcodec.codes import VQCode, layering
from nfcodec.codes.vq import VQHeader
from nfcodec.coding import contents
from nfcodec.coding import header as headers
from nfcodec.container import Builder, BytesSource, Cursor, Reader, limits
from nfcodec.container.source import ByteRangeSource
from nfcodec.container.work import Work
from nfcodec.entropy import float16
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel, to_field
from nfcodec.model.field import Grid
from nfcodec.model.packed import PackedIntegers
from tests.coding.equal import difference
from tests.coding.surgery import chunks_of, with_chunks, with_header
from tests.fields import random_coded, random_field
from tests.small import shrink_teachers


def header_of(data: bytes) -> headers.Header:
    return headers.from_bytes(Reader(BytesSource(data)).header)


def cuts_of(data: bytes) -> list[dict[str, int]]:
    found: list[dict[str, int]] = coding.describe(data)["cuts"]
    return found


@pytest.fixture(scope="module")
def learned() -> CodedField:
    """A small field with codes learned for it."""
    field = random_field("scalar", "octree", features=4, levels=4)
    with pytest.MonkeyPatch.context() as patch:
        shrink_teachers(patch)
        return quantize.encode(field, "vqad", bits=5, steps=60, device="cpu")


@pytest.mark.slow
@pytest.mark.parametrize("layers", [2, 3])
def test_every_cut_is_better_than_the_one_before(learned: CodedField, layers: int) -> None:
    data = coding.to_bytes(learned, layers=layers)
    cuts = cuts_of(data)
    assert [(cut["lod"], cut["layer"]) for cut in cuts] == [
        (lod, layer) for lod in range(4) for layer in range(layers)
    ]
    points = np.random.default_rng(0).uniform(0.0, 1.0, (4000, 3))
    points = learned.bounds[0] + points * (learned.bounds[1] - learned.bounds[0])
    whole = evaluate(learned, points)
    errors = []
    for cut in cuts:
        part = coding.open(data[: cut["bytes"]])
        assert part.num_lods == cut["lod"] + 1
        errors.append(float(((evaluate(part, points) - whole) ** 2).mean()))
    assert errors[-1] == 0
    assert all(finer < 0.99 * coarser for coarser, finer in itertools.pairwise(errors)), errors


def test_vectors_come_nearer_with_each_layer(learned: CodedField) -> None:
    data = coding.to_bytes(learned, layers=4)
    whole = to_field(learned).levels
    last: dict[int, float] = {}
    seen = 0
    for cut in cuts_of(data):
        levels = to_field(coding.open(data[: cut["bytes"]])).levels
        position = cut["lod"]
        error = float(((levels[position].features - whole[position].features) ** 2).mean())
        assert error < last.get(position, np.inf)
        seen += position in last
        last[position] = error
    assert seen >= 4
    assert set(last.values()) == {0.0}


@pytest.mark.parametrize("layers", [None, 1, 2, 3, 8])
@pytest.mark.parametrize("layout", ["octree", "dense", "dense2d", "multigrid"])
def test_a_prefix_is_what_a_cut_file_gives(layout: Any, layers: int | None) -> None:
    """Made from the codes, without a byte."""
    coded = replace(random_coded("sdf", layout, "vq", 6), metadata={"name": "n", "later": [1]})
    written = coding.write(coded, layers=layers)
    data = written.to_bytes()
    assert written.size == len(data)
    found = coding.describe(data)["cuts"]
    assert [(cut.lod, cut.layer, cut.size) for cut in written.cuts] == [
        (cut["lod"], cut["layer"], cut["bytes"]) for cut in found
    ]
    for cut in written.cuts:
        prefix = written.prefix(cut.lod, cut.layer)
        assert difference(prefix, coding.open(data[: cut.size])) is None


@pytest.mark.parametrize("layers", [None, 1, 2, 3, 8])
@pytest.mark.parametrize("layout", ["octree", "dense", "dense2d", "multigrid"])
def test_the_whole_field_is_the_same_in_any_number_of_layers(
    layout: Any, layers: int | None
) -> None:
    coded = random_coded("sdf", layout, "vq", 6)
    data = coding.to_bytes(coded, layers=layers)
    assert difference(coding.open(data), coded) is None
    coding.verify(data)
    there = max(len(level.layers) for level in header_of(data).levels)
    assert there <= (layers or layering.USUAL)
    if layers is not None:
        assert (there > 1) == (layers > 1)


class Arriving:
    """Bytes of which the size is not known, and more may come."""

    size = None

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.read_up_to = 0

    def read(self, offset: int, length: int) -> bytes:
        found = self.data[offset : offset + length]
        self.read_up_to = max(self.read_up_to, offset + len(found))
        return found


def test_over_byte_ranges_no_more_is_read_than_is_needed() -> None:
    data = coding.to_bytes(random_coded("sdf", "octree", "vq", 6), layers=3)
    ends = coding.describe(data)["lod_bytes"]
    for lod, end in enumerate(ends):
        source = Arriving(data)
        assert isinstance(source, ByteRangeSource)
        found = coding.open(source, lod=lod)
        assert difference(found, coding.open(data[:end]), metadata=False) is None
    for cut in cuts_of(data):
        found = coding.open(Arriving(data[: cut["bytes"] + 3]))
        assert difference(found, coding.open(data[: cut["bytes"]]), metadata=False) is None


def test_a_coarse_field_can_be_written_again() -> None:
    data = coding.to_bytes(random_coded("sdf", "octree", "vq", 6), layers=3)
    for cut in cuts_of(data):
        part = coding.open(data[: cut["bytes"]])
        again = coding.open(coding.to_bytes(replace(part, total_lods=0)))
        assert difference(again, replace(part, total_lods=0)) is None


def test_layers_that_are_asked_for_and_cannot_be() -> None:
    coded = random_coded("sdf", "octree", "vq", 4)
    for layers in (0, 9):
        with pytest.raises(UsageError, match="layers"):
            coding.to_bytes(coded, layers=layers)
    layout = DenseLayout((9, 9, 9))
    many = PackedIntegers.pack(np.arange(729) % 300, 9)
    code = VQCode(many, np.arange(1200.0).reshape(300, 4).astype(np.float16))
    grid = Grid((CodedLevel(layout, 0, code),))
    field = random_coded("scalar", "dense", "vq", 9)
    data = coding.to_bytes(replace(field, grids=(grid,)), layers=3)
    assert "REFN" not in dict(chunks_of(data))
    assert difference(coding.open(data), replace(field, grids=(grid,))) is None


def test_unasked_layers_must_hardly_cost_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    coded = random_coded("sdf", "octree", "vq", 6, levels=4)
    one, asked = (len(coding.to_bytes(coded, layers=n)) for n in (1, layering.USUAL))
    assert asked > one
    monkeypatch.setattr(layering, "MOST_COST", 1.0)
    assert "REFN" in dict(chunks_of(coding.to_bytes(coded)))
    monkeypatch.setattr(layering, "MOST_COST", -1.0)
    assert len(coding.to_bytes(coded)) == one


def test_info_adds_layers_up() -> None:
    data = coding.to_bytes(random_coded("sdf", "octree", "vq", 6), layers=3)
    described = coding.describe(data)
    assert sum(part["bytes"] for part in described["parts"]) == len(data)
    for line in described["levels"]:
        topology = line["part_bytes"]["topology"]
        assert sum(layer["bytes"] for layer in line["layers"]) + topology == line["bytes"]
        assert [layer["codes"] for layer in line["layers"]][-1] == line["codes"]
    cut = described["cuts"][-2]
    part = coding.describe(data[: cut["bytes"]])
    assert len(part["levels"][-1]["layers"]) == len(described["levels"][-1]["layers"]) - 1
    assert (part["lods_present"], part["complete"]) == (2, False)


class Walked(list[contents.Part]):
    """A list that counts how often it is gone through."""

    walks = 0

    def __iter__(self) -> Iterator[contents.Part]:
        self.walks += 1
        return super().__iter__()


def test_info_looks_at_each_part_a_few_times_however_many_levels_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A megabyte may hold 4096 levels in 8 layers: parts of levels are not looked for level by
    level, nor are levels listed anew for each of them."""
    found: list[contents.Contents] = []

    class Watched(contents.Contents):
        def __init__(self, reader: Reader) -> None:
            super().__init__(reader)
            self.parts = Walked()
            found.append(self)

    describing = importlib.import_module("nfcodec.coding.describe")
    monkeypatch.setattr(describing, "Contents", Watched)
    for levels in (1, 4):
        coded = random_coded("sdf", "octree", "vq", 4, levels=levels)
        coding.describe(coding.to_bytes(coded, layers=3))
    few, many = (each.parts for each in found)
    assert isinstance(few, Walked)
    assert isinstance(many, Walked)
    assert 1 <= many.walks == few.walks
    header = found[1].header
    assert header.levels is header.levels


LAYERED = coding.to_bytes(random_coded("sdf", "octree", "vq", 4), layers=3)
PLAIN = coding.to_bytes(random_coded("sdf", "octree", "vq", 4), layers=1)


def swapped(i: int, j: int) -> Callable[[list[Any]], list[Any]]:
    def change(chunks: list[Any]) -> list[Any]:
        chunks[i], chunks[j] = chunks[j], chunks[i]
        return chunks

    return change


def place(kind: str, number: int) -> int:
    return [i for i, (name, _) in enumerate(chunks_of(LAYERED)) if name == kind][number]


@pytest.mark.parametrize(
    "change",
    [
        swapped(place("LEVL", 0), place("REFN", 0)),
        swapped(place("LEVL", 1), place("REFN", 0)),
        lambda chunks: [*chunks, chunks[place("REFN", -1)]],
        lambda chunks: [chunk for chunk in chunks if chunk[0] != "REFN"],
        lambda chunks: [chunk for i, chunk in enumerate(chunks) if i != place("REFN", -1)],
        lambda chunks: [chunks[place("REFN", 0)], *chunks],
        lambda chunks: [chunk for chunk in chunks if chunk[0] != "LEVL"],
    ],
    ids=["before its LEVL", "behind the next LEVL", "twice", "none", "one missing", "first",
         "without LEVL"],
)  # fmt: skip
def test_refinements_in_wrong_places(change: Callable[[list[Any]], list[Any]]) -> None:
    with pytest.raises(DamagedFileError, match=r"REFN|LEVL"):
        coding.open(with_chunks(LAYERED, change(chunks_of(LAYERED))))


def test_refinements_that_the_header_does_not_have() -> None:
    chunks = [*chunks_of(PLAIN), ("REFN", b"")]
    with pytest.raises(DamagedFileError, match="REFN"):
        coding.open(with_chunks(PLAIN, chunks))


def refinement(number: int) -> tuple[list[tuple[str, bytes]], int, bytearray, int]:
    """All chunks, which one is refinement ``number``, its bytes, and where its fields begin."""
    chunks = chunks_of(LAYERED)
    index = place("REFN", number)
    level = header_of(LAYERED).levels[0]
    cursor = Cursor(chunks[index][1])
    float16.decode(cursor, level.layers[1 + number], level.features)
    return chunks, index, bytearray(chunks[index][1]), cursor.at


@pytest.mark.parametrize(
    ("at", "value", "error"),
    [(0, 4, UnsupportedError), (0, 2, DamagedFileError), (1, 0, DamagedFileError),
     (1, 7, DamagedFileError), (2, 1, DamagedFileError), (3, 9, DamagedFileError)],
)  # fmt: skip
def test_impossible_refinements(at: int, value: int, error: type[Exception]) -> None:
    chunks, index, payload, start = refinement(0)
    payload[start + at] = value
    chunks[index] = ("REFN", bytes(payload))
    with pytest.raises(error, match="level 0"):
        coding.open(with_chunks(LAYERED, chunks))


def test_refinements_cut_short_or_with_more() -> None:
    chunks, index, payload, _ = refinement(1)
    for broken in (payload[:-4], bytes(payload) + bytes(4), b""):
        chunks[index] = ("REFN", bytes(broken))
        with pytest.raises(DamagedFileError, match=r"level 0|REFN"):
            coding.open(with_chunks(LAYERED, chunks))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_no_numbers_are_refused_also_where_finer_ones_follow(value: float) -> None:
    chunks, index, payload, start = refinement(0)
    level = header_of(LAYERED).levels[0]
    book = np.zeros((level.layers[1], level.features), np.float16)
    book[3, 1] = value
    section = Builder()
    section.fields("I", float16.PLAIN)
    section.array(book)
    chunks[index] = ("REFN", section.data + bytes(payload[start:]))
    with pytest.raises(DamagedFileError, match=r"level 0: refinement codebook: .* infinite"):
        coding.open(with_chunks(LAYERED, chunks))


def test_damage_in_a_refinement_is_no_cut() -> None:
    """A checksum that differs is an error, even if what came before is sound."""
    cut = cuts_of(LAYERED)[1]["bytes"]
    data = bytearray(LAYERED)
    data[cut - 5] ^= 1
    with pytest.raises(DamagedFileError, match=r"REFN.*checksum"):
        coding.open(bytes(data))


def test_groups_that_are_none() -> None:
    """The header's first layer has fewer codes than the refinement has groups."""
    level = header_of(LAYERED).levels[0]
    few, *rest = level.layers
    assert few > 1

    def fewer(tree: Any) -> None:
        tree[2][0][1][0][3] = [1, few - 1, *rest]

    with pytest.raises(DamagedFileError, match="level 0"):
        coding.open(with_header(LAYERED, fewer))


def test_refinements_count_as_work(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    count = Work.count

    def listed(work: Work, amount: int) -> None:
        counted.append(amount)
        count(work, amount)

    with monkeypatch.context() as patch:
        patch.setattr(Work, "count", listed)
        coding.open(LAYERED)
    total = sum(counted)
    # Coder, tree and slots of each refinement are among them.
    for level in header_of(LAYERED).levels:
        for codes in level.layers[1:]:
            assert any(amount >= level.rows + codes * (9 * codes + 294) // 8 for amount in counted)
    monkeypatch.setattr(limits, "WORK", total)
    coding.open(LAYERED)
    monkeypatch.setattr(limits, "WORK", total - 1)
    with pytest.raises(LimitError, match="work"):
        coding.open(LAYERED)


def test_memory_of_refinements_is_estimated() -> None:
    def estimate(code: list[int]) -> int:
        found = header_of(PLAIN)
        level = replace(found.levels[-1], code=VQHeader(tuple(code)))
        grid = replace(found.grids[0], levels=(level,))
        return headers.decoded_bytes(replace(found, grids=(grid,)))

    slots = 4 * 256 * (9 * 256 + 294)
    assert estimate([16, 256]) >= estimate([256]) + slots


def test_codes_at_the_end_of_float16_have_finite_means() -> None:
    steps = np.linspace(60000, 65504, 30, dtype=np.float16)
    layers = layering.split(np.repeat(steps[:, None], 4, axis=1), np.full(30, 5), 3)
    assert layers is not None
    assert all(np.isfinite(codebook).all() for codebook in layers.codebooks)


def test_groups_are_those_of_codes_that_occur() -> None:
    rng = np.random.default_rng(0)
    codebook = rng.normal(size=(32, 3)).astype(np.float16)
    use: npt.NDArray[np.int64] = rng.integers(0, 3, 32) * rng.integers(0, 50, 32)
    found = layering.split(codebook, use, 4)
    assert found is not None
    assert list(found.sizes) == sorted(set(found.sizes))
    finest = np.flatnonzero(use).astype(np.uint16)
    for size, indices in zip(found.sizes, found.indices(finest), strict=True):
        assert size == 32 or set(indices.tolist()) == set(range(size))
    for few in (0, 1, 2):
        scarce = np.where(np.arange(32) < few, 9, 0)
        assert layering.split(codebook, scarce, 2) is None
