"""Codes exchanged for cheaper ones: the least of errors for the most of bits, as far as wanted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nfcodec import quantize
from nfcodec.check.field import check_field
from nfcodec.codes import VQCode
from nfcodec.encoder import trimming
from nfcodec.encoder.trimming import Indices, Trimming, sensitivities
from nfcodec.entropy.tables import entropy
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.storage import FloatRows
from nfcodec.model.coded import CodedField
from nfcodec.progress import Silent
from nfcodec.quantize.contract import Context
from nfcodec.quantize.learning.supervision import objective_for
from tests.fields import random_field
from tests.interrupt import Recorder

FIELD = random_field("scalar", "dense", levels=2, seed=3)


@pytest.fixture(scope="module")
def coded() -> CodedField:
    return quantize.encode(FIELD, "kmeans", bits=4)


def matrices(coded: CodedField) -> list[np.ndarray]:
    """One corner in four is a hundred times as sensitive as the others."""
    found = []
    for level in coded.levels:
        row, column = np.triu_indices(level.num_features)
        much = np.where(np.arange(level.code.num_rows) % 4 == 0, 1.0, 0.01)
        found.append(((row == column) * much[:, None]).astype(np.float32))
    return found


def bits(indices: list[Indices]) -> float:
    """Zero-order bits of all levels."""
    return sum(entropy(np.bincount(index)) * len(index) for index in indices)


def total_bits(field: CodedField) -> float:
    codes = [level.code for level in field.levels]
    return bits([code.indices.unpack() for code in codes if isinstance(code, VQCode)])


def test_a_dearer_bit_means_fewer_bits(coded: CodedField) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    series = [bits(found.at(price)) for price in (0.0, 1e-3, 1e-2, 0.1, 1e3)]
    assert series == sorted(series, reverse=True)
    assert series[0] == bits(found.whole) > 100
    assert series[-1] == 0.0


def test_without_a_price_nothing_changes(coded: CodedField) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    same = found.field(found.at(0.0))
    for one, two in zip(coded.levels, same.levels, strict=True):
        np.testing.assert_array_equal(one.code.decode_rows(), two.code.decode_rows())
    assert same.networks is coded.networks


def test_what_matters_least_is_exchanged_first(coded: CodedField) -> None:
    found = Trimming(coded, matrices(coded), 0.0)
    changed = found.whole[1] != found.at(5e-2)[1]
    assert 0.05 < changed.mean() < 0.95
    assert changed[::4].mean() < 0.5 * changed.mean()


def test_codes_that_nobody_takes_are_left_out(coded: CodedField) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    few = found.field(found.at(3e-2))
    check_field(few, "trimmed")
    for level, given in zip(few.levels, coded.levels, strict=True):
        code, before = level.code, given.code
        assert isinstance(code, VQCode)
        assert isinstance(before, VQCode)
        assert len(code.codebook) < len(before.codebook)
        used = np.unique(code.indices.unpack())
        np.testing.assert_array_equal(used, np.arange(len(code.codebook)))
        assert code.indices.bits == max(1, (len(code.codebook) - 1).bit_length())


@pytest.mark.parametrize("share", [0.97, 0.8, 0.5, 0.1])
def test_the_search_ends_within_the_bounds(coded: CodedField, share: float) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    target = share * total_bits(coded)
    progress = Recorder()
    field, distance = found.search(
        lambda field: total_bits(field) / target - 1.0, -0.01, 0.0, 1e-4, progress
    )
    assert 0.99 * target <= total_bits(field) <= target
    assert distance == total_bits(field) / target - 1.0
    assert progress.started[0][0] == "trimming"
    assert progress.finished == 1
    assert len(progress.updates) <= progress.started[0][1]


def test_prices_that_jump_over_the_target_are_mixed(
    coded: CodedField, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    cheap = found.at(1e3)
    monkeypatch.setattr(found, "at", lambda price: found.whole if price < 1.0 else cheap)
    target = 0.6 * total_bits(coded)
    field, _ = found.search(
        lambda field: total_bits(field) / target - 1.0, -0.01, 0.0, 0.01, Silent()
    )
    assert 0.99 * target <= total_bits(field) <= target


def test_a_target_out_of_reach_gives_the_least(coded: CodedField) -> None:
    found = Trimming(coded, matrices(coded), 5.0)
    field, distance = found.search(
        lambda field: 1.0 + total_bits(field), -0.01, 0.0, 1e-4, Silent()
    )
    assert (total_bits(field), distance) == (0.0, 1.0)


def test_sensitivities_are_of_what_is_coded_and_leave_the_module_alone(coded: CodedField) -> None:
    module = FieldModule(FIELD)
    objective = objective_for(FIELD, module, Context(device="cpu"), 4)
    before = list(module.rows)
    found = sensitivities(module, objective, coded, 0)
    assert list(module.rows) == before
    assert all(isinstance(rows, FloatRows) for rows in module.rows)
    for level, matrix in zip(coded.levels, found, strict=True):
        width = level.num_features
        assert matrix.shape == (level.code.num_rows, width * (width + 1) // 2)
        assert (matrix > 0).any()
    # The values are linear in the vectors up to the network: elsewhere it is as sensitive to
    # others, so that codes of another field give other matrices.
    other = replace(coded, grids=quantize.encode(FIELD, "kmeans", bits=1).grids)
    assert not np.allclose(sensitivities(module, objective, other, 0)[1], found[1])


def test_the_search_is_bounded(coded: CodedField, monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure that no corner's codes move does not go on for ever."""
    looks: list[float] = []

    def distance(field: CodedField) -> float:
        looks.append(1.0)
        return 1.0 if len(looks) % 2 else -1.0

    found = Trimming(coded, matrices(coded), 5.0)
    _, best = found.search(distance, -0.01, 0.0, 1e-4, Silent())
    assert best == -1.0
    assert len(looks) <= trimming._PRICES + trimming._MIXTURES
