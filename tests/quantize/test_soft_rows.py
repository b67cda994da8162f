"""Soft indices: gradients, candidates, memory and the revival of dead codes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch

from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.storage import FloatRows
from nfcodec.layouts import DenseLayout
from nfcodec.quantize.vq import sensitivity, soft_rows
from nfcodec.quantize.vq.sensitivity import cheapest
from nfcodec.quantize.vq.soft_rows import MAX_CANDIDATES, SoftRows, logit_grad


def nearest_codes(
    vectors: np.ndarray, codebook: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest codes where every corner is as sensitive along every axis."""
    row, column = np.triu_indices(vectors.shape[1])
    alike = np.tile((row == column).astype(np.float32), (len(vectors), 1))
    return cheapest(vectors, codebook, alike, count)


def at_nearest(vectors: np.ndarray, codebook: np.ndarray) -> SoftRows:
    """Every corner at its nearest code, free to choose among those near by."""
    near = nearest_codes(vectors, codebook, min(MAX_CANDIDATES, len(codebook)))
    return SoftRows(codebook, *near, 1.0)


def made_up(rows: int = 60, codes: int = 8, features: int = 5, seed: int = 0) -> SoftRows:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, features)).astype(np.float32)
    return at_nearest(vectors, rng.normal(size=(codes, features)).astype(np.float32))


def slow_nearest(vectors: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    square = ((vectors[:, None].astype(np.float64) - codes[None]) ** 2).sum(-1)
    order = square.argsort(axis=1, kind="stable")
    return order, np.take_along_axis(square, order, 1)


@pytest.mark.parametrize("codes", [1, 2, 16, 40])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_candidates_are_the_nearest_codes(
    codes: int, offset: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitivity, "_CHUNK", 1000)
    rng = np.random.default_rng(codes)
    vectors = (rng.normal(size=(300, 4)) + offset).astype(np.float32)
    codebook = (rng.normal(size=(codes, 4)) + offset).astype(np.float32)
    count = min(MAX_CANDIDATES, codes)
    index, square = nearest_codes(vectors, codebook, count)
    order, wanted = slow_nearest(vectors, codebook)
    np.testing.assert_allclose(square, wanted[:, :count], atol=1e-4)
    assert np.mean(index == order[:, :count]) > 0.99  # but for ties within rounding
    assert all(len(set(row)) == count for row in index.tolist())


def test_all_of_4096_codes_can_be_named() -> None:
    codebook = np.arange(4096, dtype=np.float32)[:, None]
    index, _ = nearest_codes(codebook, codebook, MAX_CANDIDATES)
    np.testing.assert_array_equal(index[:, 0], np.arange(4096))
    rows = at_nearest(codebook, codebook)
    assert torch.equal(rows.indices(), torch.arange(4096))


def test_every_corner_starts_at_its_nearest_code() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(500, 3)).astype(np.float32)
    codebook = rng.normal(size=(64, 3)).astype(np.float32)
    rows = at_nearest(vectors, codebook)
    np.testing.assert_array_equal(rows.indices().numpy(), slow_nearest(vectors, codebook)[0][:, 0])
    logits = rows.logits.detach()
    assert (logits[:, :-1] >= logits[:, 1:]).all()
    unit = ((vectors - codebook[rows.indices()]) ** 2).sum(1).mean()
    square = slow_nearest(vectors, codebook)[1][:, :MAX_CANDIDATES]
    wanted = np.maximum((square[:, :1] - square) / unit, -10.0)
    np.testing.assert_allclose(logits, wanted, rtol=1e-3, atol=1e-3)


def test_forward_takes_whole_codes() -> None:
    rows, locator = made_up(), locator_of(DenseLayout((3, 4, 5)))
    with torch.no_grad():
        rows.logits.copy_(torch.randn(60, 8, generator=torch.Generator().manual_seed(0)))
    hard = FloatRows(rows.codebook.detach()[rows.indices()])
    u = torch.rand((40, 3), generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert torch.equal(rows(u, locator), hard(u, locator))


def mixture(rows: SoftRows, grad: torch.Tensor, price: torch.Tensor) -> torch.Tensor:
    """Gradient of the logits through the softmax mixture of the candidates, by autograd."""
    logits = rows.logits.detach().double().requires_grad_()
    p = torch.softmax(logits, dim=1)
    candidates = rows.candidates.long()
    mixed = torch.einsum("nc,ncf->nf", p, rows.codebook.detach().double()[candidates])
    cost = (p * price.double()[candidates]).sum()
    ((mixed * grad.double()).sum() + cost).backward()
    assert logits.grad is not None
    return logits.grad


@pytest.mark.parametrize("price", [0.0, 0.3])
@pytest.mark.parametrize("codes", [1, 2, 8, 50])
def test_the_logits_get_the_gradient_of_the_softmax_mixture(codes: int, price: float) -> None:
    rows = made_up(codes=codes)
    grad = torch.randn((60, 5), generator=torch.Generator().manual_seed(1))
    grad[::3] = 0.0  # corners that no point touched
    with torch.no_grad():
        rows.logits.mul_(0.3)
    rows.measure()
    rows.price = price
    prices = price * rows.lengths
    wanted = mixture(rows, grad, prices)
    as_tensors = logit_grad(
        grad, rows.codebook.detach(), rows.logits.detach(), rows.candidates, prices
    )
    torch.testing.assert_close(as_tensors.double(), wanted, atol=1e-5, rtol=1e-4)
    soft_rows._Select.apply(rows.codebook, rows.logits, rows).backward(grad)
    assert rows.logits.grad is not None
    torch.testing.assert_close(rows.logits.grad.double(), wanted, atol=1e-5, rtol=1e-4)
    if not price:
        assert not rows.logits.grad[::3].any()


def test_rare_codes_are_long() -> None:
    rows = made_up(codes=4)
    with torch.no_grad():
        rows.logits.zero_()
        rows.logits[:30, 1] = 1.0
        rows.logits[30:45, 2] = 1.0
        rows.logits[45:, 3] = 1.0
    rows.measure()
    counts = torch.bincount(rows.indices(), minlength=4)
    order = torch.argsort(counts)
    assert (rows.lengths[order].diff() <= 0).all()
    assert float((2.0**-rows.lengths).sum()) == pytest.approx(1.0, abs=1e-3)


def test_the_codes_get_the_gradient_of_the_corners_that_take_them() -> None:
    rows = made_up(codes=6)
    grad = torch.randn((60, 5), generator=torch.Generator().manual_seed(1))
    soft_rows._Select.apply(rows.codebook, rows.logits, rows).backward(grad)
    index = rows.indices()
    assert rows.codebook.grad is not None
    for code in range(6):
        torch.testing.assert_close(rows.codebook.grad[code], grad[index == code].sum(0))


def test_logits_far_apart_stay_finite() -> None:
    rows = made_up(codes=4)
    with torch.no_grad():
        rows.logits[:, 0] = -1e12
        rows.logits[:, 1] = 1e4
    soft_rows._Select.apply(rows.codebook, rows.logits, rows).backward(torch.ones((60, 5)))
    assert rows.logits.grad is not None
    assert torch.isfinite(rows.logits.grad).all()


def test_descent_on_logits_moves_a_corner_to_the_better_code() -> None:
    codebook = np.array([[-1.0], [1.0]], np.float32)
    rows = at_nearest(np.array([[-0.1]], np.float32), codebook)
    assert rows.indices().tolist() == [0]
    optimizer = torch.optim.Adam([rows.logits], lr=0.5)
    for _ in range(20):
        optimizer.zero_grad()
        value = soft_rows._Select.apply(rows.codebook, rows.logits, rows)
        (value - 1.0).square().sum().backward()
        optimizer.step()
    assert rows.indices().tolist() == [1]


def test_memory_does_not_grow_with_the_number_of_codes() -> None:
    rng = np.random.default_rng(0)
    count, features = 60_000, 4
    vectors = rng.normal(size=(count, features)).astype(np.float32)
    codebook = vectors[:256].copy()
    tracemalloc.start()
    rows = at_nearest(vectors, codebook)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows.logits.shape == rows.candidates.shape == (count, MAX_CANDIDATES)
    assert rows.candidates.dtype == torch.int16
    assert all(t.numel() <= count * MAX_CANDIDATES for t in (*rows.parameters(), *rows.buffers()))
    assert peak < 0.6 * count * 256 * 4  # float32 of corners x codes


def test_dead_codes_get_corners() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 3)).astype(np.float32)
    codebook = np.concatenate([vectors[:4], 1e3 + rng.normal(size=(4, 3))]).astype(np.float32)
    rows = at_nearest(vectors, codebook)
    before = np.bincount(rows.indices(), minlength=8)
    assert (before[4:] == 0).all()
    revived = rows.revive(torch.Generator().manual_seed(0))
    after = np.bincount(rows.indices(), minlength=8)
    assert revived == 4
    assert (after > 0).all()
    assert after.sum() == 400
    # Each takes about half of one busy code's corners, and lies beside it.
    codes = rows.codebook.detach().numpy()
    order = np.argsort(-before, kind="stable")
    for dead, busy in zip(range(4, 8), order, strict=False):
        assert after[dead] + after[busy] == before[busy]
        assert 0.25 * before[busy] < after[dead] < 0.75 * before[busy]
        assert np.linalg.norm(codes[dead] - codes[busy]) < 0.5 * np.linalg.norm(codes.std(0))
    assert all(len(set(row)) == 8 for row in rows.candidates.tolist())


def test_reviving_is_left_alone_where_there_is_nothing_to_share() -> None:
    few = at_nearest(np.zeros((3, 2), np.float32), np.array([[0, 0], [9, 9]], np.float32))
    assert few.revive(torch.Generator()) == 0
    alive = at_nearest(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32))
    before = alive.codebook.detach().clone()
    assert alive.revive(torch.Generator()) == 0
    assert torch.equal(alive.codebook, before)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [0, 1, 7])
def test_one_code_and_levels_without_corners(rows: int) -> None:
    one = at_nearest(np.ones((rows, 3), np.float32), np.ones((1, 3), np.float32))
    assert one.indices().tolist() == [0] * rows
    assert one.revive(torch.Generator()) == 0
    value = soft_rows._Select.apply(one.codebook, one.logits, one)
    value.sum().backward()
    assert one.logits.grad is not None
    assert not one.logits.grad.any()
