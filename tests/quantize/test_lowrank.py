"""Low-rank factors against a full SVD."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.quantize.lowrank import factorize
from tests.fields import random_field


def features(seed: int = 0, scale: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    strengths = np.array([4.0, 2.0, 1.0, 0.5, 0.1, 0.02])
    mixed = rng.normal(size=(500, 6)) * strengths @ rng.normal(size=(6, 6)) + 3.0
    return (scale * mixed).astype(np.float32)


@pytest.mark.parametrize("rank", [1, 2, 4, 6])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e3])
def test_the_error_is_that_of_the_best_approximation(rank: int, scale: float) -> None:
    rows = features(scale=scale)
    code = factorize(rows, rank)
    centered = rows - rows.mean(0)
    u, s, v = np.linalg.svd(centered, full_matrices=False)
    best = rows.mean(0) + (u * s)[:, :rank] @ v[:rank]
    spread = np.sqrt((centered**2).mean())
    error = np.sqrt(((code.decode_rows() - rows) ** 2).mean())
    least = np.sqrt(((best - rows) ** 2).mean())
    assert error <= least * 1.01 + 2e-3 * spread
    assert code.coefficients.shape == (500, rank)


def test_the_full_rank_of_few_rows_is_close() -> None:
    rows = features()[:3]
    code = factorize(rows, 6)
    assert code.basis.shape == (3, 6)
    np.testing.assert_allclose(code.decode_rows(), rows, rtol=5e-3, atol=5e-3)


def test_signs_do_not_depend_on_the_rows_order() -> None:
    rows = features()
    basis = factorize(rows, 4).basis
    again = factorize(rows[::-1].copy(), 4).basis
    np.testing.assert_allclose(again.astype(np.float32), basis.astype(np.float32), atol=2e-3)
    assert (np.take_along_axis(basis, np.abs(basis).argmax(1)[:, None], 1) > 0).all()


def test_half_the_features_are_kept_by_default() -> None:
    from nfcodec import quantize

    coded = quantize.encode(random_field("nerf", "octree", levels=2, features=6), "lra")
    assert [level.code.basis.shape for level in coded.levels] == [(3, 6)] * 2  # type: ignore[union-attr]
