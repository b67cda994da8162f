"""Templates, plans and packed buffers; no GPU is needed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nfcodec.codes import LowRankCode
from nfcodec.errors import LimitError, UnsupportedError
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.layouts.corners import corner_sites
from nfcodec.model.coded import CodedField
from nfcodec.model.networks import Layer
from nfcodec.render.gpu.pack import half_words, site_blocks, weight_words
from nfcodec.render.gpu.plan import make_plan
from nfcodec.render.gpu.size import MAX_PROGRAM_SIZE, program_size
from nfcodec.render.gpu.template import expand
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


def test_templates() -> None:
    files = {
        "main": "//#for x in list\n//#if x.on\na ${x.n}\n//#else\nb\n//#end\n//#end\n"
        "//#include part\n//#if none\nnever\n//#end",
        "part": "p ${deep.er}",
    }
    values = {
        "list": [{"on": True, "n": 1}, {"on": False, "n": 2}], "deep": {"er": 3}, "none": [],
    }  # fmt: skip
    assert expand("main", values, files.__getitem__) == "a 1\nb\np 3\n"
    with pytest.raises(KeyError):
        expand("main", {**values, "deep": {}}, files.__getitem__)
    with pytest.raises(ValueError, match="no end"):
        expand("main", values, {"main": "//#if none"}.__getitem__)


def test_corner_index_counts_and_marks_every_corner() -> None:
    layout = random_coded("sdf", "octree").levels[2].layout
    assert isinstance(layout, OctreeLayout)
    blocks = site_blocks(layout).reshape(-1, 4)
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
    blocks = weight_words(layer).view(np.float32).reshape(2, 4, 4)
    x = rng.normal(size=3).astype("f4")
    got = np.concatenate([b[0] + x @ b[1:] for b in blocks])
    assert layer.bias is not None
    np.testing.assert_allclose(got[:6], layer.weight @ x + layer.bias, rtol=1e-5)
    assert not got[6:].any()


def test_what_does_not_fit_is_spread_then_refused() -> None:
    field = random_coded("scalar", "dense", "float16")
    whole = make_plan(field)
    assert [b.name for b in whole.buffers if b.kind == "words"] == ["words0"]
    largest = max(part.vectors.length for part in whole.levels)
    spread = make_plan(field, 4 * largest)
    assert len([b for b in spread.buffers if b.kind == "words"]) == 2
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
    one, two = program_size(many_levels(1)), program_size(many_levels(2))
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


def test_large_layers_go_to_storage() -> None:
    field = random_coded("sdf", "dense")
    network = field.networks[0]
    inputs = network.layers[0].weight.shape[1]
    wide = (
        Layer(np.zeros((256, inputs), "f4"), None, "relu"),
        Layer(np.zeros((256, 256), "f4"), None, "relu"),
        Layer(np.zeros((1, 256), "f4"), None),
    )
    plan = make_plan(replace(field, networks=(replace(network, layers=wide),)))
    assert [part.buffer for part in plan.layers[0]] == ["uniform0", "weights", "uniform0"]
    assert all(b.nbytes <= 1 << 16 for b in plan.buffers if b.kind == "uniform")


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


def test_one_corner_a_side_needs_no_division() -> None:
    field = random_coded("scalar", "dense")
    level = replace(field.grids[0].levels[0], layout=DenseLayout((60, 1, 1)))
    assert level.code.num_rows == 60
    plan = make_plan(replace(field, grids=(replace(field.grids[0], levels=(level,)),)))
    assert "vec3<f32>(0.0, 0.0, 29.5)" in plan.text("points")
