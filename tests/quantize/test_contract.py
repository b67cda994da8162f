"""What every quantizer must do, over all kinds and layouts of fields."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numba
import numpy as np
import numpy.typing as npt
import pytest

from nfcodec import coding, quantize
from nfcodec.check.field import check_field
from nfcodec.codes import LowRankCode, VQCode
from nfcodec.errors import InvalidFieldError, UsageError
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.methods import MethodOptions
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Encoding, Input, Layer
from nfcodec.quantize.contract import Quantizer
from nfcodec.quantize.float16 import Float16
from tests.fields import LAYOUTS, LayoutName, random_field

#: A quick setting of each method, and settings of growing rate. (Those of ecq, whose errors count
#: as they show, are in test_entropy_constrained.py.)
QUICK: dict[str, dict[str, Any]] = {
    "vqad": {"bits": 3, "steps": 3},
    "ecq": {"bits": 3, "steps": 3, "rate_weight": 0.05},
    "kmeans": {"bits": 3},
    "lra": {"rank": 2},
    "float16": {},
}
LADDER: dict[str, list[dict[str, Any]]] = {
    "vqad": [{"bits": b, "steps": 20} for b in (1, 3, 6)],
    "kmeans": [{"bits": b} for b in (1, 2, 4, 8)],
    "lra": [{"rank": r} for r in (1, 2, 3, 4)],
}
METHODS = list(quantize.METHODS)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    numba.set_num_threads(1)


def sample(layout: LayoutName = "octree", **options: Any) -> Field:
    kind = options.pop("kind", "scalar" if layout == "dense2d" else "nerf")
    return random_field(kind, layout, levels=2, **options)


def encode(field: Field, method: str, **options: Any) -> CodedField:
    return quantize.encode(field, method, device="cpu", **{**QUICK[method], **options})


def with_level(features: npt.NDArray[np.float32]) -> Field:
    """A dense scalar field whose second level holds ``features`` (60, 4)."""
    field = random_field("scalar", "dense", levels=1)
    first = field.levels[0]
    second = Level(first.layout, 1, features.astype(np.float32))
    return replace(field, grids=(Grid((first, second)),))


def same(a: CodedField, b: CodedField) -> bool:
    """Whether two coded fields stand for the same numbers."""
    arrays = [
        [level.code.decode_rows() for level in f.levels]
        + [x for n in f.networks for layer in n.layers for x in (layer.weight, layer.bias)]
        for f in (a, b)
    ]
    return all(np.array_equal(x, y) for x, y in zip(*arrays, strict=True))


def test_every_method_has_a_setting_here() -> None:
    assert set(QUICK) == set(quantize.METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_a_frozen_json_able_configuration(method: str) -> None:
    quantizer = quantize.quantizer_for(quantize.configure(method, **QUICK[method]))
    assert isinstance(quantizer, Quantizer)
    assert quantizer.name == method
    assert quantizer.summary
    for option in quantizer.options():
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(quantizer, option, 1)
    recorded = json.loads(json.dumps(quantizer.to_json()))
    assert recorded.pop("method") == method
    assert quantize.quantizer_for(quantize.configure(method, **recorded)) == quantizer


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_result_is_sound_and_has_the_fields_skeleton(method: str, layout: LayoutName) -> None:
    field = sample(layout)
    coded = encode(field, method)
    check_field(coded, "coded")
    assert (coded.kind, coded.occupancy) == (field.kind, field.occupancy)
    np.testing.assert_array_equal(coded.bounds, field.bounds)
    assert [g.combine for g in coded.grids] == [g.combine for g in field.grids]
    assert [v.transform is None for v in coded.levels] == [
        v.transform is None for v in field.levels
    ]
    for level, coded_level in zip(field.levels, coded.levels, strict=True):
        kept = coded_level.layout
        if method == "ecq" and isinstance(kept, OctreeLayout):  # what no view shows is left out
            assert isinstance(level.layout, OctreeLayout)
            assert kept.depth == level.layout.depth
            assert 0 < np.isin(kept.voxels, level.layout.voxels).sum() == kept.voxels.size
        else:
            assert kept is level.layout
        assert coded_level.lod == level.lod
        rows = coded_level.code.decode_rows()
        assert rows.shape == (kept.num_rows, level.num_features)
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()
    for network, coded_network in zip(field.networks, coded.networks, strict=True):
        assert (coded_network.name, coded_network.inputs) == (network.name, network.inputs)
        for layer, coded_layer in zip(network.layers, coded_network.layers, strict=True):
            assert coded_layer.weight.shape == layer.weight.shape
            assert coded_layer.weight.dtype == np.float32
            half = coded_layer.weight.astype(np.float16).astype(np.float32)
            np.testing.assert_array_equal(half, coded_layer.weight)


@pytest.mark.parametrize("method", METHODS)
def test_the_method_is_recorded_in_the_metadata(method: str) -> None:
    field = sample()
    coded = encode(field, method, seed=5)
    encoding = json.loads(json.dumps(dict(coded.metadata)))["encoding"]
    assert encoding.items() >= {"method": method, "seed": 5, **QUICK[method]}.items()
    assert coded.metadata["name"] == field.metadata["name"]
    assert "encoding" not in field.metadata


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["nerf", "sdf"])
def test_the_seed_decides_the_result(method: str, kind: Any) -> None:
    field = sample("octree", kind=kind)
    assert same(encode(field, method, seed=7), encode(field, method, seed=7))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(method: str, value: float) -> None:
    features = np.ones((60, 4), np.float32)
    features[7, 2] = value
    with pytest.raises(InvalidFieldError, match="level 1"):
        encode(with_level(features), method)


@pytest.mark.parametrize("method", METHODS)
def test_weights_that_float16_cannot_hold_together_are_refused_by_name(method: str) -> None:
    field = sample()
    network = field.networks[0]
    layer = network.layers[1]
    weight = layer.weight.copy()
    weight[0] *= 1e6
    large = Layer(weight, layer.bias, layer.activation)
    networks = (replace(network, layers=(network.layers[0], large)), *field.networks[1:])
    with pytest.raises(UsageError, match=r"layer 1 of network 'density'.*float16"):
        encode(replace(field, networks=networks), method)


@pytest.mark.parametrize("method", METHODS)
def test_encoded_features_beyond_float16_are_refused_by_level(method: str) -> None:
    features = np.linspace(-1, 1, 240, dtype=np.float32).reshape(60, 4)
    field = with_level(features * 1e6)
    network = field.networks[0]
    layer = network.layers[0]
    wide = replace(layer, weight=np.ones((len(layer.weight), 28), np.float32))
    encoding = Encoding("frequency", frequencies=3)
    network = replace(
        network, inputs=(Input("features", encoding),), layers=(wide, *network.layers[1:])
    )
    with pytest.raises(UsageError, match=r"level 1.*65504"):
        encode(replace(field, networks=(network,)), method)


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_level_and_constant_ones(method: str) -> None:
    field = sample("octree", kind="sdf")
    layout = OctreeLayout(4, np.zeros(0, np.uint64))
    empty = Level(layout, 1, np.zeros((0, 4), np.float32))
    constant = replace(field.levels[0], features=np.full_like(field.levels[0].features, 0.25))
    zero = replace(field.levels[1], features=np.zeros_like(field.levels[1].features))
    field = replace(field, grids=(Grid((constant, zero, empty)),))
    coded = encode(field, method)
    check_field(coded, "coded")
    if not quantize.method_class(method).learns:
        for level, coded_level in zip(field.levels, coded.levels, strict=True):
            np.testing.assert_array_equal(coded_level.code.decode_rows(), level.features)


@pytest.mark.parametrize("method", METHODS)
def test_a_level_of_one_corner(method: str) -> None:
    field = sample("dense", kind="scalar")
    one = Level(DenseLayout((1, 1, 1)), 0, np.array([[1, 2, 3, 4]], np.float32))
    field = replace(field, grids=(Grid((one,)),))
    rows = encode(field, method).levels[0].code.decode_rows()
    assert rows.shape == (1, 4)


@pytest.mark.parametrize("method", METHODS)
def test_the_stream_keeps_the_result(method: str) -> None:
    coded = encode(sample(), method)
    again = coding.open(coding.to_bytes(coded))
    assert same(coded, again)
    assert again.metadata["encoding"]["method"] == method


@pytest.mark.parametrize("method", list(LADDER))
def test_more_rate_is_not_worse(method: str) -> None:
    field = sample("octree", features=4)
    errors, sizes = [], []
    for options in LADDER[method]:
        coded = encode(field, method, **options)
        errors.append(
            sum(
                float(((c.code.decode_rows() - level.features) ** 2).sum())
                for level, c in zip(field.levels, coded.levels, strict=True)
            )
        )
        sizes.append(sum(level.code.nbytes for level in coded.levels))
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.5 * errors[0]


@pytest.mark.parametrize("method", ["vqad", "kmeans"])
@pytest.mark.parametrize("bits", [1, 5, 12])
def test_indices_have_the_asked_width(method: str, bits: int) -> None:
    for level in encode(sample(), method, bits=bits).levels:
        assert isinstance(level.code, VQCode)
        assert level.code.indices.bits == bits
        assert 1 <= len(level.code.codebook) <= 2**bits


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_factors_have_the_asked_rank(rank: int) -> None:
    for level in encode(sample(), "lra", rank=rank).levels:
        assert isinstance(level.code, LowRankCode)
        assert level.code.basis.shape == (rank, 4)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("jpeg", {}, "choose one of vqad, ecq, kmeans, lra, float16"),
        ("kmeans", {"bits": 0}, "from 1 to 12, got 0"),
        ("kmeans", {"bits": 99}, "from 1 to 12, got 99"),
        ("kmeans", {"bits": 2.5}, "whole number"),
        ("kmeans", {"rank": 2}, "not take 'rank'; it takes bits"),
        ("kmeans", {"steps": 10}, "not take 'steps'"),
        ("kmeans", {"data": object()}, "does not learn and does not take 'data'"),
        ("kmeans", {"resume": "state.pt"}, "not take 'resume'"),
        ("lra", {"rank": 0}, "at least 1, got 0"),
        ("lra", {"rank": 5}, "from 1 to the field's 4 features per corner, got 5"),
        ("lra", {"bits": 4}, "not take 'bits'; it takes rank"),
        ("float16", {"bits": 4}, "it takes no options"),
    ],
)
def test_bad_requests_are_refused(method: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        quantize.encode(sample(), method, **options)


def test_progress_is_reported_to_its_end() -> None:
    seen: list[Any] = []

    class Recorder:
        def start(self, label: str, total: int, done: int = 0) -> None:
            seen.append(("start", total))

        def update(self, done: int, **figures: float) -> None:
            seen.append(("update", done))

        def finish(self) -> None:
            seen.append("finish")

    quantize.encode(sample(), "kmeans", bits=2, progress=Recorder())
    assert seen == [("start", 2), ("update", 1), ("update", 2), "finish"]


def test_a_method_of_another_distribution_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclasses.dataclass(frozen=True)
    class Options(MethodOptions):
        name: ClassVar[str] = "theirs"
        summary: ClassVar[str] = "float16 by another name"

    class Theirs(Options, Quantizer):
        def quantize(self, field: Field, context: quantize.Context) -> CodedField:
            return Float16().quantize(field, context)

    members = {"nfcodec.methods": Options, "nfcodec.quantizers": Theirs}

    def entry_points(group: str, name: str) -> list[Any]:
        entry = SimpleNamespace(name="theirs", load=lambda: members[group])
        return [entry] if name == entry.name else []

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    monkeypatch.setattr("nfcodec.methods.METHODS", dict(quantize.METHODS))
    coded = quantize.encode(sample(), "theirs")
    assert coded.metadata["encoding"] == {"method": "theirs", "seed": 0}
