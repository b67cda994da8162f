"""Codes that pay for their bits: fewer of them where a bit is dear, and never a worse bargain."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nfcodec import coding, quantize
from nfcodec.codes import VQCode
from nfcodec.entropy.float16 import MOST
from nfcodec.entropy.tables import entropy
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import values_at
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.vq import entropy_constrained
from nfcodec.quantize.vq import rounding as steps
from nfcodec.quantize.vq.entropy_constrained import RateTrial, fit_priced_codes
from nfcodec.quantize.vq.kmeans import fit_codebook
from nfcodec.quantize.vq.rounding import in_steps, network_in_steps, step_for, worthwhile_step
from nfcodec.quantize.vq.sensitivity import cheapest
from tests.fields import random_field

WIDTH = 3
ROW, COLUMN = np.triu_indices(WIDTH)


def level(rows: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors, and matrices of which one in ten is large."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    alike = (ROW == COLUMN) * np.where(rng.random(rows) < 0.1, 1.0, 0.01)[:, None]
    return vectors, alike.astype(np.float32)


def at_price(price: float) -> tuple[float, float, int]:
    """Error, bits per vector and codes of the made-up level."""
    vectors, matrices = level()
    book, _ = fit_codebook(vectors, 64, fast=True)
    codebook, surcharge = fit_priced_codes(vectors, book, matrices, price, 0.0, 12)
    index, cost = cheapest(vectors, codebook, matrices, 1, surcharge)
    counts = np.bincount(index[:, 0], minlength=len(codebook))
    return float((cost - surcharge[index]).sum()), entropy(counts), len(codebook)


def test_a_dearer_bit_means_fewer_bits_and_larger_errors() -> None:
    found = [at_price(price) for price in (1e-4, 1e-2, 1e-1, 1.0, 1e4)]
    errors, bits, codes = zip(*found, strict=True)
    assert list(errors) == sorted(errors)
    assert list(bits) == sorted(bits, reverse=True)
    assert list(codes) == sorted(codes, reverse=True)
    assert bits[0] > 5
    assert (bits[-1], codes[-1]) == (0.0, 1)


@pytest.mark.parametrize("price", [1e-2, 1e-1])
def test_the_bargain_is_better_than_that_of_codes_that_know_no_price(price: float) -> None:
    error, bits, _ = at_price(price)
    vectors, matrices = level()
    for log_codes in range(7):
        book, _ = fit_codebook(vectors, 2**log_codes, fast=True)
        index, cost = cheapest(vectors, book, matrices, 1)
        plain = float(cost.sum()) + price * len(vectors) * entropy(np.bincount(index[:, 0]))
        assert error + price * len(vectors) * bits < plain


def test_what_matters_gets_the_bits() -> None:
    vectors, matrices = level()
    book, _ = fit_codebook(vectors, 64, fast=True)
    codebook, surcharge = fit_priced_codes(vectors, book, matrices, 0.1, 0.0, 12)
    index, _ = cheapest(vectors, codebook, matrices, 1, surcharge)
    length = surcharge[index[:, 0]] / 0.1
    large = matrices[:, 0] > 0.5
    assert length[large].mean() > length[~large].mean() + 2


def test_codes_pay_for_their_place_in_the_file() -> None:
    vectors, matrices = level(600)
    book, _ = fit_codebook(vectors, 256, fast=True)
    free, _ = fit_priced_codes(vectors, book, matrices, 1e-3, 0.0, 12)
    paid, _ = fit_priced_codes(vectors, book, matrices, 1e-3, 400.0, 12)
    assert len(paid) < 0.5 * len(free)


def test_a_trial_on_a_part_tells_the_outcome_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, matrices = level(20000)
    whole = RateTrial(vectors, matrices, 5, 5.0, 0).at(0.02)
    monkeypatch.setattr(entropy_constrained, "_TRIAL_SAMPLE", 4000)
    part = RateTrial(vectors, matrices, 5, 5.0, 0).at(0.02)
    assert part.error == pytest.approx(whole.error, rel=0.15)
    assert part.bits == pytest.approx(whole.bits, rel=0.1)
    empty = RateTrial(vectors[:0], matrices[:0], 5, 5.0, 0)
    assert empty.at(1.0) == (0.0, 0.0)


@pytest.mark.parametrize("scale", [0.0, 1e-9, 1e-4, 1.0, 300.0, 60000.0])
@pytest.mark.parametrize("seed", range(3))
def test_steps_are_exact_in_float16_and_close(scale: float, seed: int) -> None:
    values = (scale * np.random.default_rng(seed).uniform(-1, 1, (7, 9))).astype(np.float32)
    found = in_steps(values)
    half = found.astype(np.float16)
    if scale <= MOST * 16:
        np.testing.assert_array_equal(half.astype(np.float32), found)
        assert not np.signbit(half[half == 0]).any()
    step = max(values.std() / 16, np.abs(values).max() / MOST, 2.0**-24)
    assert np.abs(found - values).max() <= step


def test_one_value_far_from_the_others_and_values_alike() -> None:
    far = np.array([1e-3] * 500 + [1000.0], np.float32)
    assert np.abs(in_steps(far) - far).max() <= 1000.0 / MOST
    alike = np.full(5, 0.3, np.float32)
    np.testing.assert_allclose(in_steps(alike), alike, atol=0.3 / MOST)


def test_the_step_that_pays_is_where_error_and_bits_are_balanced() -> None:
    cost, price = 3.0, 1e-4
    step = worthwhile_step(cost, price) / steps._LEARNED

    def total(at: float) -> float:
        return cost * at**2 / 12 - price * math.log2(at)

    assert total(step) < min(total(0.9 * step), total(1.1 * step))
    assert worthwhile_step(0.0, price) == math.inf


def test_steps_are_no_more_than_pays() -> None:
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    usual = step_for(values, 8)
    assert step_for(values, 8, math.inf) == usual
    assert step_for(values, 8, 0.3 * usual) == usual / 4
    # Never finer than what float16 holds exactly.
    assert (
        np.abs(values).max() / MOST <= step_for(values, 8, 0.0) <= 2 * np.abs(values).max() / MOST
    )


def test_a_distance_is_coded_in_steps_that_its_surface_can_do_with() -> None:
    field = random_field("sdf", "octree", levels=2, seed=3)
    fine, coarse = (
        quantize.encode(field, "ecq", steps=4, rate_weight=weight, device="cpu")
        for weight in (1e-4, 10.0)
    )

    def step(coded: CodedField) -> float:
        """The largest power of two that all of the first weights are multiples of."""
        weights = np.abs(coded.networks[0].layers[0].weight.astype(np.float64))
        powers = 2.0 ** np.arange(-24, 10)
        return float(max(p for p in powers if not np.fmod(weights, p).any()))

    assert step(fine) < step(coarse)


def test_arrays_that_were_zero_at_first_are_in_steps_as_well() -> None:
    field = random_field("scalar", "dense", levels=1, seed=3)
    (network,) = field.networks
    layers = (
        replace(v, bias=None if v.bias is None else np.zeros_like(v.bias)) for v in network.layers
    )
    field = replace(field, networks=(replace(network, layers=tuple(layers)),))
    coded = quantize.encode(field, "ecq", steps=8, device="cpu")
    biases = [v.bias for v in coded.networks[0].layers if v.bias is not None]
    assert all(bias.any() for bias in biases)
    for bias in biases:
        np.testing.assert_array_equal(in_steps(bias), bias)


def test_codes_that_leave_the_range_of_float16_do_not_cost_the_learning() -> None:
    field = random_field("scalar", "dense", levels=2, seed=3)
    features = [65504.0 * level.features / np.abs(level.features).max() for level in field.levels]
    large = field.with_features([f.astype(np.float32) for f in features])
    for level in quantize.encode(large, "ecq", steps=8, device="cpu").levels:
        assert isinstance(level.code, VQCode)
        assert np.isfinite(level.code.codebook).all()


def test_codes_are_distinct() -> None:
    field = random_field("sdf", "octree", levels=2, seed=3)
    for level in quantize.encode(field, "ecq", steps=4, rate_weight=0.01, device="cpu").levels:
        assert isinstance(level.code, VQCode)
        codes = level.code.codebook
        assert len(np.unique(codes, axis=0)) == len(codes)


def distilled(field: Field, **options: float) -> tuple[CodedField, int, float]:
    """The coded field, its bytes, and the mean squared error of its values."""
    coded = quantize.encode(field, "ecq", steps=30, device="cpu", **options)  # type: ignore[arg-type]
    points = np.random.default_rng(5).uniform(*field.bounds, (4000, 3))
    wanted, found = (values_at(FieldModule(f), points) for f in (field, coded))
    return coded, len(coding.to_bytes(coded)), float((found - wanted).square().mean())


def test_the_weight_of_the_rate_sets_the_rate() -> None:
    field = random_field("scalar", "dense", levels=2, seed=3)
    found = [distilled(field, rate_weight=weight) for weight in (0.02, 0.3, 20.0)]
    sizes, errors = [size for _, size, _ in found], [error for _, _, error in found]
    assert sizes == sorted(sizes, reverse=True)
    assert errors == sorted(errors)
    assert errors[0] < 0.5 * errors[-1]
    for coded, _, _ in found:
        for layer in (layer for network in coded.networks for layer in network.layers):
            np.testing.assert_array_equal(in_steps(layer.weight), layer.weight)
        for coded_level in coded.levels:
            code = coded_level.code
            assert isinstance(code, VQCode)
            assert code.indices.bits == max(1, math.ceil(math.log2(len(code.codebook))))
            assert len(np.unique(code.indices.unpack())) == len(code.codebook)
        assert coded.metadata["encoding"]["rate_weight"] in (0.02, 0.3, 20.0)


def test_rounded_networks_are_written_in_steps() -> None:
    field = random_field("nerf", "octree", levels=2)
    coded = quantize.encode(field, "kmeans", bits=3)
    rounded = CodedField(
        coded.kind, coded.bounds, coded.grids, tuple(map(network_in_steps, coded.networks)),
        coded.occupancy, coded.metadata,
    )  # fmt: skip
    plain, steps = coding.to_bytes(coded), coding.to_bytes(rounded)
    assert len(steps) < len(plain)


@pytest.mark.parametrize("weight", [0, -1.0, 1000.0, float("nan"), float("inf"), "0.1", True])
@pytest.mark.parametrize("method", ["ecq", "vqad"])
def test_weights_that_make_no_sense_are_refused(method: str, weight: object) -> None:
    with pytest.raises(UsageError, match="lambda must be a number"):
        quantize.configure(method, rate_weight=weight)
