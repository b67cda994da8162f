"""One field in any unit, and in any numbers that compute the same, is coded alike by every method.

Factors that are powers of two change no mantissa: what is stored is then equal bit for bit. Other
factors round differently. Methods that learn still store the same bits in all units of length and
value, because they learn on one copy; of the others the quality is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
import pytest
import torch

from nfcodec import coding, quantize
from nfcodec.evaluate import FieldModule
from nfcodec.metrics import values
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Kind
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.quantize.units.unit_box import UnitBox
from nfcodec.quantize.units.unit_form import unit_form
from nfcodec.train.build import radiance_networks
from tests import units
from tests.data.shapes import torus
from tests.fields import random_field
from tests.quantize.test_contract import QUICK
from tests.train.scenes import ball

METHODS = list(quantize.METHODS)
LEARNED = [m for m in METHODS if quantize.method_class(m).learns]
Change: TypeAlias = Callable[[Field, float], Field]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    numba.set_num_threads(1)
    torch.set_num_threads(1)


@cache
def ordinary(kind: Kind) -> Field:
    """A field of summed levels whose hidden layer is of ReLU."""
    field = random_field(kind, "octree", levels=2)
    rng = np.random.default_rng(0)
    if kind == "nerf":
        return replace(field, networks=radiance_networks(4, 16, 1.0, rng))
    if kind != "sdf":
        return field
    layers = (
        Layer(rng.normal(size=(16, 7)).astype(np.float32), np.zeros(16, np.float32), "relu"),
        Layer(rng.normal(size=(1, 16)).astype(np.float32) / 8, np.zeros(1, np.float32)),
    )
    inputs = (Input("features"), Input("position"))
    return replace(field, networks=(Network("distance", inputs, layers),))


def encode(field: Field, method: str, **options: Any) -> CodedField:
    return quantize.encode(field, method, device="cpu", **{**QUICK[method], **options})


def quality(field: Field, coded: CodedField) -> float:
    """PSNR in dB of the values, read back from the file."""
    again = coding.open(coding.to_bytes(coded))
    reference, test = FieldModule(field), FieldModule(again)
    points = values.random_points(reference, test, 20_000, 0)
    step = values.sample_length(reference)
    found = [values.evaluate(module, points, None, step) for module in (reference, test)]
    return values.value_psnr(found[0], found[1], field.kind)


@pytest.fixture(scope="module")
def usual() -> Callable[[Kind, str], tuple[CodedField, float]]:
    """An ordinary field coded by a method, and how good it is."""

    @cache
    def found(kind: Kind, method: str) -> tuple[CodedField, float]:
        coded = encode(ordinary(kind), method)
        return coded, quality(ordinary(kind), coded)

    return found


#: By name: the kind of field, how it is changed, and the factors.
CHANGES: dict[str, tuple[Kind, Change, tuple[float, ...]]] = {
    "length of a distance": ("sdf", units.in_length, (1e-6, 1e6)),
    "length of a radiance field": ("nerf", units.in_length, (2.0**-20, 2.0**20)),
    "value": ("scalar", units.in_value, (1e-6, 1e6)),
    "features": ("sdf", units.with_features_times, (2.0**-20, 2.0**-10, 2.0**10, 2.0**20)),
    "hidden layer": ("scalar", units.with_hidden_times, (2.0**-20, 2.0**20)),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("change", CHANGES)
def test_quality_is_the_same_in_all_units(
    usual: Callable[[Kind, str], tuple[CodedField, float]], change: str, method: str
) -> None:
    kind, of, factors = CHANGES[change]
    _, wanted = usual(kind, method)
    for factor in factors:
        field = of(ordinary(kind), factor)
        found = quality(field, encode(field, method))
        assert found == pytest.approx(wanted, abs=0.5), factor


@pytest.mark.parametrize("method", METHODS)
def test_an_offset_costs_nothing(
    usual: Callable[[Kind, str], tuple[CodedField, float]], method: str
) -> None:
    """Values around 300 with a spread of about 1, in any unit."""
    _, wanted = usual("scalar", method)
    found = []
    for unit in (1e-6, 1.0, 1e6):
        field = units.in_value(units.with_offset(ordinary("scalar")), unit)
        found.append(quality(field, encode(field, method)))
    assert min(found) > wanted - 0.5
    # What float16 leaves of an error is a matter of single roundings.
    assert max(found) - min(found) < (3.0 if method == "float16" else 0.5)


def stored(coded: CodedField) -> list[npt.NDArray[np.float32]]:
    arrays = [level.code.decode_rows() for level in coded.levels]
    for network in coded.networks:
        for layer in network.layers:
            arrays += [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
    return arrays


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("kind", "of"), [("sdf", units.in_length), ("scalar", units.in_value)])
def test_codes_are_the_same_bit_for_bit(
    usual: Callable[[Kind, str], tuple[CodedField, float]], method: str, kind: Kind, of: Change
) -> None:
    coded, _ = usual(kind, method)
    found = encode(of(ordinary(kind), 2.0**20), method)
    for one, two in zip(stored(found), stored(coded), strict=True):
        np.testing.assert_array_equal(one, two)
    gains = [f.networks[-1].layers[-1].gain for f in (found, coded)]
    assert gains[0] == gains[1] * 2.0**20


def boxed(kind: Kind, unit: float) -> Field:
    """A field of a box that is not of ordinary size, nor around the origin, in another unit."""
    field = ordinary(kind)
    low = np.full(field.dims, -0.61)
    bounds = np.stack([low, low + np.array([1.47, 1.1, 1.3])])
    return units.in_length(replace(field, bounds=bounds), unit)


@pytest.mark.parametrize("method", LEARNED)
@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("sdf", boxed), ("nerf", boxed), ("scalar", boxed),
        ("scalar", lambda kind, unit: units.in_value(ordinary(kind), unit)),
    ],
)  # fmt: skip
def test_learned_codes_are_the_same_in_units_of_any_factor(
    method: str, kind: Kind, of: Callable[[Kind, float], Field]
) -> None:
    wanted = encode(of(kind, 1.0), method)
    for unit in (1e-6, 25.4):
        field = of(kind, unit)
        found = encode(field, method)
        for one, two in zip(stored(found), stored(wanted), strict=True):
            np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(found.bounds, field.bounds)
        assert quality(field, found) == pytest.approx(quality(of(kind, 1.0), wanted), abs=0.01)


@pytest.mark.parametrize("method", LEARNED)
def test_images_teach_the_same_in_units_of_any_factor(method: str) -> None:
    found = [
        encode(boxed("nerf", unit), method, data=units.scene_in(ball(4), unit))
        for unit in (1.0, 1e-3)
    ]
    for one, two in zip(stored(found[0]), stored(found[1]), strict=True):
        np.testing.assert_array_equal(one, two)


def test_viewpoints_are_in_the_units_of_the_copy() -> None:
    poses = [[1.47, 2.94, -1.47, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]]
    noted = {"width": 8, "height": 8, "vertical_fov": 0.5, "poses": poses}
    field = replace(
        boxed("nerf", 1.0), metadata={"viewpoints": noted, "camera": {"eye": [1, 2, 3]}}
    )
    box = UnitBox.of(unit_form(field)[0])
    assert box.half == pytest.approx(0.735)
    np.testing.assert_allclose(box.field.metadata["viewpoints"]["poses"][0][:3], [2.0, 4.0, -2.0])
    assert box.field.metadata["viewpoints"]["poses"][0][3:] == poses[0][3:]
    assert box.field.metadata["camera"] == {"eye": [1, 2, 3]}
    malformed = replace(field, metadata={"viewpoints": {"poses": "none"}})
    assert UnitBox.of(unit_form(malformed)[0]).field.metadata == malformed.metadata


def test_a_density_that_ends_with_exp_is_learned_as_it_is() -> None:
    field = ordinary("nerf")
    box = UnitBox.of(field)
    assert box.field is field
    assert box.data(ball(2)) is not None


@pytest.mark.parametrize("height", [3e-7, 1e-4, 0.1])
def test_a_flat_box_keeps_its_shape(height: float) -> None:
    field = random_field("scalar", "dense")
    field = replace(field, bounds=np.array([[0.0, 0.0, 0.0], [1.5, 1.5, height]]))
    box = UnitBox.of(unit_form(field)[0])
    sides = box.field.bounds[1] - box.field.bounds[0]
    assert sides[2] / sides[0] == pytest.approx(height / 1.5, rel=1e-4)
    quantize.encode(field, "vqad", bits=2, steps=1)


@pytest.mark.parametrize("method", LEARNED)
def test_a_mesh_teaches_the_same_in_all_units(method: str) -> None:
    found = []
    for unit in (1.0, 2.0**-20):
        field = units.in_length(ordinary("sdf"), unit)
        found.append(encode(field, method, data=units.mesh_in(torus(), unit)))
    for one, two in zip(stored(found[0]), stored(found[1]), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", ["nerf", "scalar"])
def test_a_field_of_ordinary_numbers_stays(kind: Kind) -> None:
    field = random_field(kind, "octree", levels=2)
    found, outputs = unit_form(field)
    assert outputs is None
    assert found.levels == field.levels
    for network, given in zip(found.networks, field.networks, strict=True):
        last = kind == "scalar"
        kept = slice(None, -1) if last else slice(None)
        assert network.layers[kept] == given.layers[kept]


def test_channels_of_very_different_scales_keep_their_digits() -> None:
    """Temperature in kelvin and a concentration of millionths."""
    field = random_field("scalar", "dense", levels=2)
    (network,) = field.networks
    hidden, last = network.layers
    assert last.bias is not None
    scale = np.array([1.0, 1e-6], np.float32)
    last = replace(last, weight=last.weight * scale[:, None],
                   bias=last.bias * scale + np.array([300.0, 0.0], np.float32))  # fmt: skip
    field = replace(field, networks=(replace(network, layers=(hidden, last)),))
    coded = encode(field, "float16")
    assert quality(field, coded) > 70.0
    assert [layer.weight.shape for layer in coded.networks[0].layers] == [(16, 4), (2, 16), (2, 2)]


def test_a_faint_channel_that_is_heard_keeps_its_digits() -> None:
    field = ordinary("sdf")
    factors = np.array([1e-9, 1.0, 1.0, 1.0], np.float32)
    network = field.networks[0]
    weight = network.layers[0].weight.copy()
    weight[:, :4] /= factors
    moved = field.with_features([level.features * factors for level in field.levels])
    layers = (replace(network.layers[0], weight=weight), network.layers[1])
    moved = replace(moved, networks=(replace(network, layers=layers),))
    assert quality(moved, encode(moved, "float16")) == pytest.approx(
        quality(field, encode(field, "float16")), abs=1.0
    )


@pytest.mark.parametrize("sizes", [(1e-7, 1e4), (1e-4, 1e-4), (1e6, 1e-3)])
@pytest.mark.parametrize("lods", [(0, 0), (0, 1)])
def test_factors_of_a_product_keep_their_digits(
    sizes: tuple[float, float], lods: tuple[int, int]
) -> None:
    plain = random_field("scalar", "dense", levels=2)
    weights = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)

    def of_sizes(one: float, two: float) -> Field:
        levels = tuple(
            replace(level, lod=lod, features=level.features * np.float32(size))
            for level, lod, size in zip(plain.levels, lods, (one, two), strict=True)
        )
        layer = Layer(weights / np.float32(one * two), None, gain=1.0)
        network = Network("values", (Input("features"),), (layer,))
        return replace(plain, grids=(Grid(levels, "product"),), networks=(network,))

    ordinary_size, moved = of_sizes(1.0, 1.0), of_sizes(sizes[0], 1.0 if lods[1] else sizes[1])
    found, _ = unit_form(moved)
    rng = np.random.default_rng(1)
    points = torch.from_numpy(rng.uniform(*plain.bounds, (500, 3)).astype(np.float32))
    with torch.no_grad():
        for lod in {0, lods[1]}:
            wanted, got = (FieldModule(f)(points, lod=lod).numpy() for f in (moved, found))
            np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())
    assert quality(moved, encode(moved, "float16")) == pytest.approx(
        quality(ordinary_size, encode(ordinary_size, "float16")), abs=3.0
    )


@pytest.mark.parametrize("combine", ["sum", "concat"])
def test_unit_form_computes_the_same(combine: Any) -> None:
    """Levels of many sizes, read at the entry and at a skip."""
    field = random_field("scalar", "dense", levels=2)
    levels = tuple(
        replace(level, features=level.features * np.float32(10.0 ** (6 - 12 * n)))
        for n, level in enumerate(field.levels)
    )
    width = 4 if combine == "sum" else 8
    rng = np.random.default_rng(1)
    layers = (
        Layer(rng.normal(size=(16, width + 3)).astype(np.float32), None, "relu"),
        Layer(rng.normal(size=(5, 16 + width + 3)).astype(np.float32) * 1e7, None, "tanh"),
        Layer(rng.normal(size=(2, 5)).astype(np.float32), np.ones(2, np.float32)),
    )
    inputs = (Input("position"), Input("features"))
    network = Network("values", inputs, layers, skips=(1,))
    field = replace(field, grids=(Grid(levels, combine),), networks=(network,))
    found, outputs = unit_form(field)
    assert outputs is None
    largest = [float(np.abs(level.features).max()) for level in found.levels]
    assert max(largest) < 4096
    if combine == "concat":
        assert min(largest) > 2.0**-8
    points = torch.from_numpy(
        np.random.default_rng(0).uniform(*field.bounds, (500, 3)).astype(np.float32)
    )
    with torch.no_grad():
        wanted, got = (FieldModule(f)(points).numpy() for f in (field, found))
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
