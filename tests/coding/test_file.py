"""Chunks of a file: order, metadata, what is unknown, what may be missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.container import cbor
from nfcodec.errors import DamagedFileError, InvalidFieldError, UnsupportedError, UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Occupancy
from nfcodec.model.networks import Layer, Network
from nfcodec.model.packed import PackedIntegers
from tests.coding.equal import difference, equal
from tests.coding.surgery import chunks_of, with_chunks
from tests.container.test_frame import Ranges
from tests.fields import random_coded, random_field

CODED = random_coded("nerf", "octree")
DATA = coding.to_bytes(CODED)


def test_equal_notices_a_difference() -> None:
    level = CODED.levels[1]
    indices = level.code.indices.unpack()  # type: ignore[union-attr]
    indices[5] ^= 1
    code = replace(level.code, indices=PackedIntegers.pack(indices, 4))  # type: ignore[arg-type]
    grid = CODED.grids[0]
    changed = replace(
        CODED,
        grids=(replace(grid, levels=(grid.levels[0], replace(level, code=code), grid.levels[2])),),
    )
    assert equal(CODED, CODED)
    assert not equal(CODED, changed)
    assert difference(coding.open(coding.to_bytes(changed)), changed) is None


def test_unknown_ancillary_chunks_are_skipped_and_critical_ones_refused() -> None:
    chunks = chunks_of(DATA)
    for at in range(len(chunks) + 1):
        more = [*chunks[:at], ("wxyz", b"what is this?"), *chunks[at:]]
        data = with_chunks(DATA, more)
        assert equal(coding.open(data), CODED)
        assert "chunk wxyz" in {part["part"] for part in coding.describe(data)["parts"]}
        more[at] = ("Wxyz", b"what is this?")
        with pytest.raises(UnsupportedError, match="Wxyz"):
            coding.open(with_chunks(DATA, more))


def test_a_damaged_unknown_chunk_is_found_by_verify_alone() -> None:
    data = bytearray(with_chunks(DATA, [*chunks_of(DATA), ("wxyz", b"what")]))
    data[-1] ^= 1
    assert equal(coding.open(bytes(data)), CODED)
    with pytest.raises(DamagedFileError, match="wxyz"):
        coding.verify(bytes(data))


def test_order_and_number_of_chunks() -> None:
    chunks = chunks_of(DATA)
    networks = chunks[0]
    assert networks[0] == "NETW"
    for bad in (chunks[1:], [networks, *chunks], [*chunks[1:], networks], chunks[:-1]):
        with pytest.raises(DamagedFileError):
            coding.open(with_chunks(DATA, bad))


def test_what_is_left_over_in_a_chunk_is_damage() -> None:
    chunks = chunks_of(DATA)
    for at, (name, data) in enumerate(chunks):
        more = [*chunks[:at], (name, data + b"\0" * 4), *chunks[at + 1 :]]
        with pytest.raises(DamagedFileError, match=r"too many|follow the CBOR item"):
            coding.open(with_chunks(DATA, more))


def test_early_metadata_comes_before_the_levels_and_bulky_behind() -> None:
    metadata = {
        "name": "x",
        "background": [1.0, 0.5, 0.0],
        "camera": {"eye": [0.0] * 500},
        "metrics": {"psnr": 31.5, "views": 25},
        "source": {"text": "y" * 5000, "nothing": None, "yes": True},
    }
    coded = replace(CODED, metadata=metadata)
    data = coding.to_bytes(coded)
    assert equal(coding.open(data), coded)
    first = coding.describe(data)["lod_bytes"][0]
    prefix = coding.open(data[:first])
    assert dict(prefix.metadata) == {"name": "x", "background": [1.0, 0.5, 0.0]}


@pytest.mark.parametrize(
    "payload", [cbor.dumps([1]), cbor.dumps({1: 2}), cbor.dumps({"name": "again"}), b"\xff"]
)
def test_bad_metadata_is_damage(payload: bytes) -> None:
    with pytest.raises(DamagedFileError, match="metadata"):
        coding.open(with_chunks(DATA, [*chunks_of(DATA), ("meta", payload)]))


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, b"bytes", np.float64(1), 2**70, "\ud800"])
def test_metadata_that_json_cannot_express_is_refused_when_writing(value: object) -> None:
    with pytest.raises((InvalidFieldError, UsageError)):
        coding.to_bytes(replace(CODED, metadata={"x": value}))


def test_networks_must_be_representable_in_float16() -> None:
    network = CODED.networks[0]
    for value in (0.1, 1e6, 1e-12):
        layer = network.layers[0]
        weight = layer.weight.copy()
        weight[0, 0] = value
        broken = replace(network, layers=(replace(layer, weight=weight), *network.layers[1:]))
        with pytest.raises(UsageError, match="float16"):
            coding.to_bytes(replace(CODED, networks=(broken, *CODED.networks[1:])))


def test_invalid_fields_are_refused_when_writing() -> None:
    level = CODED.levels[0]
    codebook = level.code.codebook.copy()  # type: ignore[union-attr]
    codebook[0, 0] = np.inf
    broken = replace(level, code=replace(level.code, codebook=codebook))  # type: ignore[arg-type]
    grid = replace(CODED.grids[0], levels=(broken, *CODED.levels[1:]))
    with pytest.raises(InvalidFieldError, match="level 0"):
        coding.to_bytes(replace(CODED, grids=(grid,)))


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lego.nfc"
    path.write_bytes(DATA[:-30])
    with pytest.raises(DamagedFileError, match=r"lego\.nfc: the file is cut.*needed"):
        coding.open(path, lod=2)
    with pytest.raises(DamagedFileError, match=r"lego\.nfc: the file is cut"):
        coding.verify(path)
    with pytest.raises(UsageError, match=r"LOD 3.*0\.\.2"):
        coding.open(path, lod=3)
    path.write_bytes(b"a text file named .nfc")
    with pytest.raises(DamagedFileError, match=r"lego\.nfc: not a \.nfc file"):
        coding.open(path)


def test_a_lod_reads_only_its_chunks() -> None:
    data = coding.to_bytes(random_coded("sdf", "octree", "float16", levels=4))
    source = Ranges(data, len(data))
    coarse = coding.open(source, lod=0)
    assert (coarse.num_lods, coarse.total_lods) == (1, 4)
    ends = coding.describe(data)["lod_bytes"]
    assert all(offset + length <= max(ends[0], 4096) for offset, length in source.asked)
    unknown_size = coding.open(Ranges(data[: ends[2] + 5], None))
    assert (unknown_size.num_lods, unknown_size.total_lods) == (3, 4)


def test_joined_levels_that_are_missing_count_as_zero() -> None:
    coded = random_coded("scalar", "dense", levels=3)
    width = 12
    weight = np.resize(np.float32([0.5, -0.25, 1.0, 2.0]), (2, width))
    joined = replace(
        coded,
        grids=(
            replace(coded.grids[0], combine="concat"),
            Grid((replace(coded.levels[1], lod=1), replace(coded.levels[2], lod=2))),
        ),
        networks=(
            Network(
                "values",
                coded.networks[0].inputs,
                (Layer(np.resize(weight, (2, width + 4)), None),),
            ),
        ),
    )
    data = coding.to_bytes(joined)
    points = np.random.default_rng(0).uniform(coded.bounds[0], coded.bounds[1], (50, 3))
    for lod in range(3):
        expected = evaluate(joined, points, lod=lod)
        found = evaluate(coding.open(data, lod=lod), points)
        np.testing.assert_array_equal(found, expected)


def test_equal_octrees_are_stored_once() -> None:
    level = CODED.levels[2]
    one = replace(CODED, grids=(Grid((replace(level, lod=0),)),))
    two = replace(CODED, grids=(Grid((replace(level, lod=0), replace(level, lod=0))),))
    sizes = []
    for coded in (one, two):
        data = coding.to_bytes(coded)
        assert equal(coding.open(data), coded)
        sizes.append([line["part_bytes"]["topology"] for line in coding.describe(data)["levels"]])
    assert sizes[1] == [sizes[0][0], 4]


def one_level(layout: OctreeLayout | DenseLayout, rows: int) -> CodedField:
    code = VQCode(PackedIntegers.pack(np.zeros(rows, np.uint8), 1), np.ones((2, 4), np.float16))
    return replace(CODED, grids=(Grid((CodedLevel(layout, 0, code),)),))


@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        (OctreeLayout(0, np.zeros(1, np.uint64)), 8),
        (OctreeLayout(9, np.array([0, 8**9 - 1], np.uint64)), 16),
        (DenseLayout((1, 1, 1)), 1),
        (DenseLayout((1, 1, 7), align_corners=False, padding="zeros"), 7),
    ],
)
def test_extreme_layouts(layout: OctreeLayout | DenseLayout, rows: int) -> None:
    coded = one_level(layout, rows)
    assert equal(coding.open(coding.to_bytes(coded)), coded)


def test_octrees_that_are_not_nested() -> None:
    def level(depth: int, voxels: list[int], lod: int) -> CodedLevel:
        layout = OctreeLayout(depth, np.array(voxels, np.uint64))
        return (
            one_level(layout, 8 * len(voxels))
            .levels[0]
            .__class__(layout, lod, one_level(layout, 8 * len(voxels)).levels[0].code)
        )

    levels = (level(3, [0], 0), level(2, [63], 1), level(4, [8**4 - 1], 2))
    coded = replace(CODED, grids=(Grid(levels),))
    assert equal(coding.open(coding.to_bytes(coded)), coded)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 2), (16, 16, 16)])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_occupancy(shape: tuple[int, ...], share: float) -> None:
    cells = np.random.default_rng(0).random(shape) < share
    coded = replace(random_coded("nerf", "none"), occupancy=Occupancy(cells))
    assert equal(coding.open(coding.to_bytes(coded)), coded)


def test_occupancy_in_the_plane() -> None:
    cells = np.random.default_rng(0).random((9, 4)) < 0.5
    coded = replace(random_coded("sdf", "dense2d"), occupancy=Occupancy(cells))
    assert equal(coding.open(coding.to_bytes(coded)), coded)


def test_saving_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.nfc"
    assert coding.save(CODED, path) == len(DATA)
    with pytest.raises(UsageError):
        coding.save(CODED, path)
    coding.save(random_coded("sdf", "dense"), path, overwrite=True)
    assert coding.open(path).kind == "sdf"
    with pytest.raises(UsageError):
        coding.save(CODED, tmp_path / "nowhere" / "a.nfc")


@pytest.mark.parametrize("name", ["a.pt", "a.ply", "a", "a.nfc.gz"])
def test_a_coded_field_is_saved_under_its_own_suffix_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"saved as \.nfc.*export"):
        coding.save(CODED, tmp_path / name)
    assert not list(tmp_path.iterdir())
    coding.save(CODED, tmp_path / "A.NFC")


@pytest.mark.parametrize("name", ["a.nfc", "a.pt"])
def test_a_plain_field_is_told_what_to_call(tmp_path: Path, name: str) -> None:
    plain: Any = random_field("sdf", "octree")
    with pytest.raises(UsageError, match=r"encode.*export"):
        coding.save(plain, tmp_path / name)
    with pytest.raises(UsageError, match=r"encode.*export"):
        coding.to_bytes(plain)
    other: Any = {"levels": []}
    with pytest.raises(UsageError, match="not a dict"):
        coding.save(other, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_same_field_gives_the_same_bytes() -> None:
    assert coding.to_bytes(random_coded("nerf", "octree")) == DATA


def test_overhead_is_below_one_per_cent() -> None:
    info = coding.describe(coding.to_bytes(random_coded("nerf", "octree", levels=4)))
    frame = {"preamble", "chunk table", "header"}
    assert sum(part["bytes"] for part in info["parts"] if part["part"] in frame) < 1000
