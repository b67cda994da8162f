"""What codes cost in context, for those who choose them."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.entropy import fitting, prices
from tests.entropy.test_contexts import of_mask, smooth

SHAPE = (20, 20, 20)
LATTICE = of_mask(np.ones(SHAPE, np.bool_))


@pytest.mark.parametrize("alphabet", [2, 16, 200])
def test_prices_are_about_what_a_section_takes(alphabet: int) -> None:
    values = smooth(SHAPE, alphabet, 1).reshape(-1)
    vectors = np.linspace(0, 1, alphabet)[:, None]
    found = prices.of_codes(values, vectors, LATTICE)
    assert found.cluster_of.shape == values.shape
    assert found.bits.shape == (int(found.cluster_of.max()) + 1, alphabet)
    assert found.bits.dtype == np.float32
    section, _ = fitting.encode(values, vectors, LATTICE, None)
    assert 0.7 * section.size < found.total(values) / 8 < 1.05 * section.size


def test_each_kind_of_surroundings_gives_probabilities() -> None:
    found = prices.of_codes(smooth(SHAPE, 16, 1).reshape(-1), np.arange(16.0)[:, None], LATTICE)
    np.testing.assert_allclose(np.exp2(-found.bits).sum(1), 1, atol=0.01)


def test_a_code_that_fits_its_surroundings_is_cheaper() -> None:
    values = np.zeros(SHAPE, np.uint16)
    values[10:] = 3
    found = prices.of_codes(values.reshape(-1), np.arange(4.0)[:, None], LATTICE)
    bits = found.bits[found.cluster_of].reshape(*SHAPE, 4)
    assert (bits[1:8, 1:-1, 1:-1, 0] < bits[1:8, 1:-1, 1:-1, 3]).mean() > 0.8
    assert (bits[12:, 1:-1, 1:-1, 3] < bits[12:, 1:-1, 1:-1, 0]).mean() > 0.8


def test_codes_that_do_not_occur_are_dear_but_not_out_of_reach() -> None:
    values = smooth(SHAPE, 8, 1).reshape(-1)
    found = prices.of_codes(values, np.arange(10.0)[:, None], LATTICE)
    assert np.isfinite(found.bits).all()
    seen = np.bincount(values, minlength=10) > 0
    assert not seen[8:].any()
    assert found.bits[:, 8:].min() > found.total(values) / values.size


def test_a_coarser_level_makes_codes_cheaper() -> None:
    fine = smooth((25, 25, 25), 8, 2)
    coarse = fine[::2, ::2, ::2]
    vectors = np.linspace(0, 1, 8)[:, None]
    below = prices.layer_of(coarse.reshape(-1), vectors, of_mask(np.ones(coarse.shape, np.bool_)))
    lattice = of_mask(np.ones(fine.shape, np.bool_))
    alone = prices.of_codes(fine.reshape(-1), vectors, lattice).total(fine.reshape(-1))
    after = prices.of_codes(fine.reshape(-1), vectors, lattice, below).total(fine.reshape(-1))
    assert after < 0.97 * alone


def test_one_code_costs_nothing() -> None:
    found = prices.of_codes(np.zeros(8000, np.uint16), np.ones((1, 3)), LATTICE)
    assert found.total(np.zeros(8000, np.uint16)) == 0
