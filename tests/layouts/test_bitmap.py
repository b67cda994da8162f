"""Ranked bitmaps against a running count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nfcodec.layouts.bitmap import RankedBitmap, popcount


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=1, max_dims=3, max_side=50)))
def test_rank_counts_the_members_before(mask: np.ndarray) -> None:
    bitmap = RankedBitmap.from_mask(mask)
    flat = mask.reshape(-1)
    sites = np.arange(flat.size)
    expected = np.where(flat, np.cumsum(flat) - 1, -1)
    assert bitmap.count == int(flat.sum())
    assert np.array_equal(bitmap.rank(sites), expected)
    assert np.array_equal(bitmap.contains(sites), flat)
    assert np.array_equal(bitmap.rank(sites.reshape(1, -1)), expected[None])


@given(hnp.arrays(np.uint32, st.integers(0, 40)))
def test_popcount_counts_bits(words: np.ndarray) -> None:
    assert popcount(words).tolist() == [int(word).bit_count() for word in words]


@pytest.mark.parametrize("size", [0, 1, 223, 224, 225, 500])
def test_memory_is_eight_words_for_224_sites(size: int) -> None:
    bitmap = RankedBitmap.from_mask(np.ones(size, np.bool_))
    assert bitmap.count == size
    assert bitmap.nbytes == 32 * -(-size // 224)


@given(hnp.arrays(np.bool_, st.integers(0, 700)))
def test_words_are_the_mask(mask: np.ndarray) -> None:
    words = RankedBitmap.from_mask(mask).words
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    assert np.array_equal(bits[: mask.size], mask)
    assert not bits[mask.size :].any()
