"""Gauss-Newton matrices and the codes chosen by them, against slow twins."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nfcodec.errors import UsageError
from nfcodec.quantize.vq import sensitivity
from nfcodec.quantize.vq.sensitivity import cheapest, fit_codes, mean_costs, measure, rounded


def square(matrices: np.ndarray, width: int) -> np.ndarray:
    """(N, F, F) of upper triangles."""
    row, column = np.triu_indices(width)
    out = np.zeros((len(matrices), width, width))
    out[:, row, column] = out[:, column, row] = matrices
    return out


def packed(full: np.ndarray) -> np.ndarray:
    row, column = np.triu_indices(full.shape[1])
    return np.ascontiguousarray(full[:, row, column], np.float32)


def made_up(corners: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors, and matrices that are each sensitive along few directions."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(corners, width)).astype(np.float32)
    root = rng.normal(size=(corners, 2, width))
    return vectors, packed(np.einsum("nrf,nrg->nfg", root, root))


def costs(vectors: np.ndarray, codes: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    d = vectors[:, None].astype(np.float64) - codes[None]
    return np.einsum("nkf,nfg,nkg->nk", d, square(matrices, vectors.shape[1]), d)


def test_matrices_beyond_all_memory_are_refused_before_they_are_made() -> None:
    def outputs(generator: torch.Generator) -> torch.Tensor:
        raise AssertionError("the field was evaluated")

    features = torch.zeros(1, 1).expand(200_000_000, 1024)  # takes 4 bytes
    with pytest.raises(UsageError, match=r"1024 features at 200,000,000 corners,.* 839,680 GB"):
        measure([features], outputs, 1, 0)


def test_measured_matrices_are_those_of_the_jacobian() -> None:
    rng = np.random.default_rng(0)
    features = torch.zeros((3, 2), requires_grad=True)
    jacobian = torch.from_numpy(rng.normal(size=(40, 6)).astype(np.float32))

    def outputs(generator: torch.Generator) -> torch.Tensor:
        return jacobian @ features.reshape(6)

    (found,) = measure([features], outputs, 4000, seed=1)
    wanted = [jacobian[:, at : at + 2].T @ jacobian[:, at : at + 2] for at in (0, 2, 4)]
    np.testing.assert_allclose(
        square(found, 2) / 4000, torch.stack(wanted).numpy(), rtol=0.2, atol=4
    )


def test_mean_costs_are_those_of_the_jacobian() -> None:
    rng = np.random.default_rng(0)
    first, second = torch.zeros((3, 1), requires_grad=True), torch.zeros(2, requires_grad=True)
    idle = torch.ones(4, requires_grad=True)
    jacobian = torch.from_numpy(rng.normal(size=(40, 5)).astype(np.float32))

    def outputs(generator: torch.Generator) -> torch.Tensor:
        return jacobian @ torch.cat([first[:, 0], second])

    found = mean_costs([first, second, idle], outputs, 4000, seed=1)
    own = jacobian.square().sum(dim=0)
    wanted = [float(own[:3].mean()), float(own[3:].mean()), 0.0]
    np.testing.assert_allclose(np.array(found) / 4000, wanted, rtol=0.1)


def test_a_level_that_outputs_do_not_depend_on_has_no_sensitivity() -> None:
    used = torch.ones((2, 3), requires_grad=True)
    idle = torch.ones((4, 1), requires_grad=True)
    matrices = measure([used, idle], lambda _: used.sum(dim=1), 3, seed=0)
    assert matrices[0].shape == (2, 6)
    assert matrices[0].all()
    np.testing.assert_array_equal(matrices[1], np.zeros((4, 1)))


def test_rounded_matrices_are_definite() -> None:
    _, matrices = made_up(50, 5)
    matrices[7] = 0.0
    least = np.linalg.eigvalsh(square(rounded(matrices, 5, 0.1), 5)).min()
    assert least > 0.01
    untouched = np.zeros((3, 15), np.float32)
    assert np.linalg.eigvalsh(square(rounded(untouched, 5, 0.1), 5)).min() > 0.0
    assert rounded(untouched[:0], 5, 0.1).shape == (0, 15)


def test_mean_eigenvalues() -> None:
    _, matrices = made_up(30, 4)
    wanted = np.linalg.eigvalsh(square(matrices, 4)).mean(axis=1)
    np.testing.assert_allclose(sensitivity.mean_eigenvalues(matrices, 4), wanted, rtol=1e-4)


@pytest.mark.parametrize(("codes", "count"), [(1, 1), (9, 4), (16, 16), (256, 16)])
def test_the_cheapest_codes_are_found_in_order(codes: int, count: int) -> None:
    vectors, matrices = made_up(200, 4, seed=codes)
    codebook = np.random.default_rng(5).normal(size=(codes, 4)).astype(np.float32)
    index, cost = cheapest(vectors, codebook, matrices, count)
    wanted = costs(vectors, codebook, matrices)
    np.testing.assert_allclose(cost, np.sort(wanted, axis=1)[:, :count], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        np.take_along_axis(wanted, index.astype(int), axis=1), cost, rtol=1e-3, atol=1e-4
    )
    assert all(len(set(row)) == count for row in index.tolist())


def test_pieces_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, matrices = made_up(100, 3)
    codebook = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
    whole = cheapest(vectors, codebook, matrices, 16)
    monkeypatch.setattr(sensitivity, "_CHUNK", 300)
    pieces = cheapest(vectors, codebook, matrices, 16)
    np.testing.assert_array_equal(whole[0], pieces[0])
    np.testing.assert_allclose(whole[1], pieces[1], rtol=1e-4, atol=1e-5)


def test_a_part_of_many_corners_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, matrices = made_up(4000, 3)
    matrices = rounded(matrices, 3, 0.1)
    monkeypatch.setattr(sensitivity, "SAMPLE", 1000)
    some = fit_codes(vectors, vectors[:8], matrices, 4)
    monkeypatch.setattr(sensitivity, "SAMPLE", 4000)
    everyone = fit_codes(vectors, vectors[:8], matrices, 4)
    loss = [costs(vectors, codes, matrices).min(axis=1).sum() for codes in (some, everyone)]
    assert loss[1] < loss[0] < 1.15 * loss[1]


def test_products_are_those_of_a_slow_twin() -> None:
    vectors, matrices = made_up(50, 4)
    out = np.empty_like(vectors)
    sensitivity._multiply(matrices, vectors, out)
    wanted = np.einsum("nfg,ng->nf", square(matrices, 4), vectors)
    np.testing.assert_allclose(out, wanted, rtol=1e-4, atol=1e-5)


def test_codes_that_cost_less_than_those_of_k_means() -> None:
    vectors, matrices = made_up(2000, 6)
    matrices = rounded(matrices, 6, 0.05)
    start = vectors[:16].copy()
    before = costs(vectors, start, matrices).min(axis=1).sum()
    after = [
        costs(vectors, fit_codes(vectors, start, matrices, rounds), matrices).min(axis=1).sum()
        for rounds in (1, 2, 6)
    ]
    assert before > after[0] > after[1] > after[2]
    np.testing.assert_array_equal(start, vectors[:16])


def test_a_code_nobody_takes_goes_where_it_costs_most() -> None:
    vectors = np.array([[0.0], [0.1], [5.0]], np.float32)
    codebook = np.array([[0.0], [100.0]], np.float32)
    found = fit_codes(vectors, codebook, np.ones((3, 1), np.float32), 2)
    np.testing.assert_allclose(sorted(found[:, 0]), [0.05, 5.0], rtol=1e-5)


def test_sums_are_those_of_a_slow_twin() -> None:
    vectors, matrices = made_up(60, 3)
    index = np.random.default_rng(2).integers(0, 4, 60)
    sums, moments = sensitivity._sums(vectors, matrices, index, 4)
    for code in range(4):
        mine = index == code
        full = square(matrices[mine], 3)
        np.testing.assert_allclose(square(sums[code][None], 3)[0], full.sum(axis=0), rtol=1e-5)
        wanted = np.einsum("nfg,ng->f", full, vectors[mine])
        np.testing.assert_allclose(moments[code], wanted, rtol=1e-4, atol=1e-4)


def test_an_empty_level() -> None:
    vectors, matrices = np.zeros((0, 2), np.float32), np.zeros((0, 3), np.float32)
    codebook = np.ones((1, 2), np.float32)
    np.testing.assert_array_equal(fit_codes(vectors, codebook, matrices, 3), codebook)
    assert cheapest(vectors, codebook, matrices, 1)[0].shape == (0, 1)
