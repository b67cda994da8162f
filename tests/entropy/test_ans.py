"""Entropy coding is exact, and its bits are what the specification's arithmetic says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import ans, tables
from nfcodec.errors import DamagedFileError
from tests.formats import by_spec


@st.composite
def messages(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Table levels, and symbols that occur in the table."""
    levels = draw(st.lists(st.integers(0, 63), min_size=1, max_size=40).filter(any))
    present = [s for s, level in enumerate(levels) if level]
    return levels, draw(st.lists(st.sampled_from(present), max_size=300))


@given(messages())
@settings(max_examples=60, deadline=None)
def test_the_specified_arithmetic_decodes_what_is_encoded(
    message: tuple[list[int], list[int]],
) -> None:
    levels, symbols = message
    model = ans.Model(tables.frequencies(np.array(levels, np.uint8)))
    words = ans.encode(np.array(symbols, np.uint16), model)
    section = Builder()
    section.fields("I", words.size)
    section.array(words)
    slow = by_spec.Ans(by_spec.Payload(section.data))
    freq = by_spec.frequencies(levels)
    assert [slow.symbol(freq) for _ in symbols] == symbols
    slow.finish()
    assert ans.decode(words, model, len(symbols)).tolist() == symbols


@given(st.lists(st.integers(0, 63), min_size=1, max_size=300).filter(any))
@settings(max_examples=100, deadline=None)
def test_frequencies_are_those_of_the_specification(levels: list[int]) -> None:
    found = tables.frequencies(np.array(levels, np.uint8))
    assert found.tolist() == by_spec.frequencies(levels)
    assert int(found.sum()) == 1 << 24
    assert ((found > 0) == (np.array(levels) > 0)).all()


def test_frequencies_row_by_row() -> None:
    levels = np.random.default_rng(0).integers(0, 64, (7, 9)).astype(np.uint8)
    rows = [tables.frequencies(row) for row in levels]
    assert (tables.frequencies(levels) == rows).all()


@pytest.mark.parametrize("levels", [[0, 0, 0], [63] * 200])
def test_impossible_tables_are_damage(levels: list[int]) -> None:
    with pytest.raises(DamagedFileError):
        tables.frequencies(np.array(levels, np.uint8))


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=50).filter(any), st.integers(4, 6))
@settings(max_examples=100, deadline=None)
def test_quantized_tables_keep_every_symbol_and_cost_little(counts: list[int], width: int) -> None:
    seen = np.array(counts)
    levels = tables.quantize(seen, width)
    assert ((levels > 0) == (seen > 0)).all()
    assert int(levels.max()) < 1 << width
    if width == 6:
        ideal = tables.entropy(seen) * seen.sum()
        assert tables.cost(seen, tables.frequencies(levels)) <= 1.01 * ideal + 0.01 * seen.sum()


def test_a_table_for_every_symbol_of_the_largest_alphabet() -> None:
    counts = np.arange(1, 65537)
    freq = tables.frequencies(tables.quantize(counts, 6))
    assert int(freq.min()) >= 1


def test_words_that_do_not_end_in_state_zero_are_damage() -> None:
    model = ans.Model(tables.frequencies(np.array([9, 5, 20], np.uint8)))
    symbols = np.arange(500, dtype=np.uint16) % 3
    words = ans.encode(symbols, model)
    for bad in (words[:-1], np.append(words, np.uint32(7)), np.array([0, 1], np.uint32)):
        with pytest.raises(DamagedFileError):
            ans.decode(bad, model, 500)


def test_cursor_refuses_words_beyond_the_end() -> None:
    with pytest.raises(DamagedFileError, match="runs over the end"):
        Cursor(b"\0" * 8).words(1 << 30)
