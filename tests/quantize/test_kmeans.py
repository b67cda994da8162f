"""K-means codebooks: fit quality, exact assignment, canonical order."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.quantize.vq import kmeans
from nfcodec.quantize.vq.kmeans import drop_unused, fit_codebook, nearest, sort_codebook


def clusters(count: int, rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """``rows`` vectors in ``count`` tight, well separated clusters, and their centers."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(count, 5)) * 4
    vectors = centers[rng.integers(count, size=rows)] + rng.normal(size=(rows, 5)) * 0.01
    return vectors.astype(np.float32), centers


def slow_nearest(vectors: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    difference = vectors[:, None].astype(np.float64) - codebook[None].astype(np.float64)
    return (difference**2).sum(-1).argmin(1)


def test_separate_clusters_are_found() -> None:
    vectors, centers = clusters(8, 3000)
    codebook, indices = fit_codebook(vectors, 8, seed=1)
    assert codebook.shape == (8, 5)
    gap = np.linalg.norm(centers[:, None] - codebook[None], axis=-1).min(axis=1)
    assert gap.max() < 0.02
    assert np.abs(vectors - codebook[indices]).max() < 0.1


@pytest.mark.parametrize("fast", [False, True])
def test_more_vectors_than_k_means_begins_with(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = clusters(16, 3000)
    monkeypatch.setattr(kmeans, "_SAMPLE", 500)
    codebook, indices = fit_codebook(vectors, 16, fast=fast)
    np.testing.assert_array_equal(indices, slow_nearest(vectors, codebook))
    assert ((vectors - codebook[indices]) ** 2).mean() < 0.5


def test_codes_are_float16_values_and_vectors_go_to_the_rounded_ones() -> None:
    rng = np.random.default_rng(3)
    vectors = (rng.normal(size=(2000, 4)) + 100).astype(np.float32)
    codebook, indices = fit_codebook(vectors, 32)
    np.testing.assert_array_equal(codebook, codebook.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(indices, slow_nearest(vectors, codebook))
    assert indices.dtype == np.uint16
    assert set(indices) == set(range(len(codebook)))


@pytest.mark.parametrize("distinct", [1, 2, 5, 16])
def test_fewer_distinct_vectors_than_codes_are_coded_exactly(distinct: int) -> None:
    rng = np.random.default_rng(distinct)
    values = rng.normal(size=(distinct, 3)).astype(np.float16).astype(np.float32)
    vectors = values[np.concatenate([np.arange(distinct), rng.integers(distinct, size=500)])]
    codebook, indices = fit_codebook(vectors, 16)
    assert len(codebook) == distinct
    np.testing.assert_array_equal(codebook[indices], vectors)


def test_distinct_vectors_that_show_late_are_not_missed() -> None:
    vectors = np.zeros((1000, 2), np.float32)
    vectors[-40:] = np.random.default_rng(0).normal(size=(40, 2))
    codebook, indices = fit_codebook(vectors, 8)
    assert 2 <= len(codebook) <= 8
    assert ((vectors - codebook[indices]) ** 2).sum() < (vectors**2).sum()


def test_minus_zero_is_zero() -> None:
    codebook, indices = fit_codebook(np.array([[0.0], [-0.0], [1.0]], np.float32), 4)
    assert len(codebook) == 2
    assert indices[0] == indices[1]


def test_an_empty_level_has_one_code() -> None:
    codebook, indices = fit_codebook(np.zeros((0, 3), np.float32), 16)
    np.testing.assert_array_equal(codebook, np.zeros((1, 3)))
    assert indices.shape == (0,)


def test_nearest_breaks_ties_by_the_first_code() -> None:
    codebook = np.array([[-1.0], [1.0], [1.0]], np.float32)
    np.testing.assert_array_equal(nearest(np.array([[0.0], [2.0]], np.float32), codebook), [0, 1])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 300), st.integers(1, 40), st.integers(1, 6))
def test_nearest_agrees_with_the_slow_one(seed: int, rows: int, codes: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, width)).astype(np.float32)
    codebook = rng.normal(size=(codes, width)).astype(np.float32)
    np.testing.assert_array_equal(nearest(vectors, codebook), slow_nearest(vectors, codebook))


def test_nearest_makes_no_array_of_vectors_times_codes() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(20_000, 2)).astype(np.float32)
    codebook = rng.normal(size=(2048, 2)).astype(np.float32)
    nearest(vectors[:10], codebook)
    tracemalloc.start()
    nearest(vectors, codebook)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6  # all distances would take 328 MB


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_sorting_keeps_every_vector(seed: int, codes: int) -> None:
    rng = np.random.default_rng(seed)
    codebook = rng.integers(-3, 4, (codes, 3)).astype(np.float32)
    indices = rng.integers(codes, size=50).astype(np.uint16)
    result, place = sort_codebook(codebook, indices)
    np.testing.assert_array_equal(result[place], codebook[indices])
    np.testing.assert_array_equal(np.unique(result, axis=0), np.unique(codebook, axis=0))


def test_the_order_depends_on_the_set_alone() -> None:
    rng = np.random.default_rng(0)
    codebook = rng.normal(size=(20, 4)).astype(np.float32)
    indices = rng.integers(20, size=200).astype(np.uint16)
    result, _ = sort_codebook(codebook, indices)
    other = rng.permutation(20)
    again, _ = sort_codebook(codebook[other], np.argsort(other).astype(np.uint16)[indices])
    np.testing.assert_array_equal(again, result)


def test_sorted_neighbors_are_similar() -> None:
    axis = np.array([3.0, 4.0]) / 5
    codebook = (np.arange(9)[:, None] * axis).astype(np.float32)
    shuffled = np.random.default_rng(0).permutation(9)
    result, _ = sort_codebook(codebook[shuffled], np.arange(9, dtype=np.uint16))
    np.testing.assert_array_equal(result, codebook)


def test_codes_that_nobody_uses_are_dropped() -> None:
    codebook = np.arange(5, dtype=np.float32)[:, None]
    indices = np.array([4, 1, 1], np.uint16)
    kept, place = drop_unused(codebook, indices)
    np.testing.assert_array_equal(kept, [[1], [4]])
    np.testing.assert_array_equal(place, [1, 0, 0])
