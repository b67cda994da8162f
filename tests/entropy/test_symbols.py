"""Symbol sections: exact in every form, and never longer than packed integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import symbols
from nfcodec.errors import DamagedFileError, UnsupportedError


@given(st.integers(1, 4096), st.integers(0, 400), st.integers(0, 2**32 - 1), st.floats(0.1, 8))
@settings(max_examples=80, deadline=None)
def test_exact(alphabet: int, count: int, seed: int, skew: float) -> None:
    rng = np.random.default_rng(seed)
    values = (alphabet * rng.random(count) ** skew).astype(np.uint16)
    section = symbols.encode(values, alphabet)
    packed = 4 + 4 * -(-count * symbols.symbol_bits(alphabet) // 32)
    assert section.size <= max(packed, 4)
    cursor = Cursor(section.data)
    assert (symbols.decode(cursor, count, alphabet) == values).all()
    cursor.finish()


def test_one_distinct_symbol_costs_four_bytes() -> None:
    section = symbols.encode(np.full(10**6, 3000, np.uint16), 4096)
    assert section.size == 4
    assert (symbols.decode(Cursor(section.data), 10**6, 4096) == 3000).all()


def test_skewed_symbols_cost_their_entropy() -> None:
    rng = np.random.default_rng(0)
    values = np.minimum(rng.geometric(0.4, 20000), 16).astype(np.uint16) - np.uint16(1)
    counts = np.bincount(values, minlength=16)
    ideal = -(counts[counts > 0] * np.log2(counts[counts > 0] / counts.sum())).sum() / 8
    assert symbols.encode(values, 16).size <= 1.005 * ideal + 40


@pytest.mark.parametrize(
    "fields",
    [
        (symbols.CONSTANT, 0, 16),  # a symbol that is not there
        (symbols.CONSTANT, 1, 0),
        (symbols.PACKED, 0, 1),
        (symbols.ZERO_ORDER, 0, 0),
        (symbols.ZERO_ORDER, 7, 0),
        (symbols.NEIGHBORS, 5, 0),
    ],
)
def test_impossible_fields_are_damage(fields: tuple[int, int, int]) -> None:
    section = Builder()
    section.fields("BBH", *fields)
    section.raw(b"\0" * 64)
    with pytest.raises(DamagedFileError):
        symbols.decode(Cursor(section.data), 20, 16)


def test_unknown_form_is_unsupported() -> None:
    section = Builder()
    section.fields("BBH", 9, 0, 0)
    with pytest.raises(UnsupportedError):
        symbols.decode(Cursor(section.data), 20, 16)


def test_packed_symbols_beyond_the_alphabet_are_damage() -> None:
    section = Builder()
    section.fields("BBH", symbols.PACKED, 0, 0)
    section.raw(b"\xff" * 8)
    with pytest.raises(DamagedFileError):
        symbols.decode(Cursor(section.data), 20, 7)
