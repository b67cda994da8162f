"""Tables, plans and packed buffers; no GPU is needed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nfcodec.codes import LowRankCode
from nfcodec.errors import LimitError, UnsupportedError
from nfcodec.layouts import OctreeLayout
from nfcodec.layouts.corners import corner_sites
from nfcodec.model.coded import CodedField
from nfcodec.model.networks import Layer
from nfcodec.render.gpu.codes import half_words
from nfcodec.render.gpu.layouts import part_of
from nfcodec.render.gpu.networks import weight_words
from nfcodec.render.gpu.plan import MAX_PROGRAM_SIZE, make_plan, program_size
from nfcodec.render.gpu.tables import shader_file, tables
from tests.fields import random_coded
from tests.render.make_gpu_plans import EXPECTED, all_summaries


def test_golden_files_have_the_expected_programs_and_buffers() -> None:
    """The page is held against the same file (``web/test/gpu_plan.test.ts``)."""
    expected, found = json.loads(EXPECTED.read_text()), all_summaries()
    assert found.keys() == expected.keys()
    for name, summary in found.items():
        steps = [value for lengths in summary.pop("settings") for value in lengths.values()]
        wanted = [value for lengths in expected[name].pop("settings") for value in lengths.values()]
        assert steps == pytest.approx(wanted, rel=1e-12)
        assert summary == expected[name]


def test_corner_index_counts_and_marks_every_corner() -> None:
    layout = random_coded("sdf", "octree").levels[2].layout
    assert isinstance(layout, OctreeLayout)
    blocks = part_of(layout).blocks().reshape(-1, 4)
    bits = np.unpackbits(blocks[:, 1:].copy().view(np.uint8), bitorder="little")
    sites = corner_sites(layout)
    assert np.array_equal(np.flatnonzero(bits), sites)
    for number, (before, *_) in enumerate(blocks):
        assert before == (sites < 96 * number).sum()


def test_halves_begin_each_row_in_a_new_word() -> None:
    rows = np.arange(6, dtype=np.float16).reshape(2, 3)
    halves = half_words(rows).view(np.float16).reshape(2, 4)
    assert np.array_equal(halves[:, :3], rows)
    assert not halves[:, 3].any()


def test_weights_lie_in_blocks_of_four_outputs() -> None:
    rng = np.random.default_rng(0)
    layer = Layer(rng.normal(size=(6, 3)).astype("f4"), rng.normal(size=6).astype("f4"))
    lanes = np.array([0, -1, 1, 2])  # the second lane is of no channel
    blocks = weight_words(layer, lanes).view(np.float32).reshape(2, 5, 4)
    x = rng.normal(size=3).astype("f4")
    got = np.concatenate([b[0] + x[[0, 0, 1, 2]] @ b[1:] for b in blocks])
    assert layer.bias is not None
    np.testing.assert_allclose(got[:6], layer.weight @ x + layer.bias, rtol=1e-5)
    assert not got[6:].any()


def test_what_does_not_fit_is_spread_then_refused() -> None:
    field = random_coded("scalar", "dense", "float16")
    whole = make_plan(field)
    assert [b.name for b in whole.buffers if b.kind == "words"] == ["words0"]
    largest = max(parts["vectors"].length for parts in whole.levels)
    spread = make_plan(field, 4 * largest)
    used = {part.buffer for parts in spread.levels for part in parts.values()}
    assert used == {"words0", "words1"}
    assert "words1[at]" in spread.text("points")
    assert "words1[at]" not in whole.text("points")
    assert all(b.nbytes <= 4 * largest for b in spread.buffers if b.kind == "words")
    with pytest.raises(LimitError, match="--device cpu"):
        make_plan(field, 4 * largest - 4)


def test_networks_too_wide_for_a_program_are_refused() -> None:
    field = random_coded("sdf", "dense")
    network = field.networks[0]
    first, last = network.layers
    wide = (
        Layer(np.zeros((4096, first.weight.shape[1]), "f4"), None, "relu"),
        Layer(np.zeros((1, 4096), "f4"), None),
    )
    assert last.weight.shape[0] == 1
    with pytest.raises(UnsupportedError, match="wider"):
        make_plan(replace(field, networks=(replace(network, layers=wide),)))


@pytest.mark.parametrize("what", ["frequencies", "gain"])
def test_factors_beyond_float32_are_refused(what: str) -> None:
    """The page refuses the same: ``web/test/gpu_plan.test.ts``."""
    field = random_coded("sdf", "none")
    network = field.networks[0]
    (entry,) = network.inputs
    assert entry.encoding.kind == "frequency"
    if what == "frequencies":
        network = replace(
            network, inputs=(replace(entry, encoding=replace(entry.encoding, scale=3e38)),)
        )
    else:
        network = replace(
            network, layers=(replace(network.layers[0], gain=1e39), *network.layers[1:])
        )
    with pytest.raises(UnsupportedError, match=r"factor .* beyond the float32 .* --device cpu"):
        make_plan(replace(field, networks=(network,)))


def many_levels(count: int) -> CodedField:
    """A distance field of ``count`` levels of 16 channels, which it sums."""
    field = random_coded("sdf", "octree", features=16)
    grid = field.grids[0]
    return replace(field, grids=(replace(grid, levels=grid.levels[:1] * count),))


def test_programs_too_large_to_compile_are_refused() -> None:
    one, two = (program_size(make_plan(many_levels(count)).rows) for count in (1, 2))
    assert two - one == 100 + 2 * 16
    most = 1 + (MAX_PROGRAM_SIZE - one) // (two - one)
    make_plan(many_levels(most), 1 << 30)
    with pytest.raises(LimitError, match=r"GPU programs of size .* --device cpu"):
        make_plan(many_levels(most + 1), 1 << 30)


@pytest.mark.parametrize("what", ["terms", "columns"])
def test_what_is_unrolled_counts(what: str) -> None:
    field = random_coded("sdf", "dense", "lowrank")
    if what == "terms":  # of the greatest rank and width that the format has
        level = field.grids[0].levels[0]
        basis = np.broadcast_to(np.float16(0), (4096, 4096))
        mean = np.broadcast_to(np.float16(0), (4096,))
        rows = np.broadcast_to(np.float16(0), (level.code.num_rows, 4096))
        wide = replace(level, code=LowRankCode(rows, basis, mean))
        field = replace(field, grids=(replace(field.grids[0], levels=(wide,)),))
    else:
        hidden = Layer(np.broadcast_to(np.float32(0), (600, 600)), None)
        layers = (field.networks[0].layers[0], *[hidden] * 40, field.networks[0].layers[-1])
        field = replace(field, networks=(replace(field.networks[0], layers=layers),))
    with pytest.raises(LimitError, match="GPU programs of size"):
        make_plan(field)


@pytest.mark.parametrize(("width", "kind"), [(64, "uniform"), (256, "weights")])
def test_many_weights_go_to_storage(width: int, kind: str) -> None:
    field = random_coded("sdf", "dense")
    network = field.networks[0]
    inputs = network.layers[0].weight.shape[1]
    layers = (
        Layer(np.zeros((width, inputs), "f4"), None, "relu"),
        Layer(np.zeros((width, width), "f4"), None, "relu"),
        Layer(np.zeros((1, width), "f4"), None),
    )
    plan = make_plan(replace(field, networks=(replace(network, layers=layers),)))
    (buffer,) = [b for b in plan.buffers if b.name == "weights"]
    assert buffer.kind == kind
    assert ("var<uniform> weights" in plan.text("points")) == (kind == "uniform")


def test_four_bit_codes_take_a_quarter_of_float16s_memory_or_less() -> None:
    def planned(method: str) -> int:
        field: CodedField = random_coded(
            "nerf",
            "octree",
            method,
            bits=4,
            levels=5,
            features=16,  # type: ignore[arg-type]
        )
        return make_plan(field).nbytes

    assert planned("vq") <= 0.25 * planned("float16")


def test_parts_are_looked_up_by_class() -> None:
    """A layout or code of another distribution has no part here: it is refused by its name."""

    class Other:
        tag, name = 250, "other"

    with pytest.raises(UnsupportedError, match="layout 'other'; use --device cpu"):
        part_of(Other())  # type: ignore[arg-type]


def test_constants_have_a_type_and_programs_have_files() -> None:
    text = make_plan(random_coded("scalar", "dense")).text("volume")
    assert "const MIN_TRANSMITTANCE: f32 = 0.001;" in text
    assert "const SITES_PER_BLOCK: u32 = 96;" in text
    for files in tables()["programs"].values():
        for name in files:
            assert shader_file(f"{name}.wgsl").startswith("//")
