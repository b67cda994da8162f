"""What an error in a level's vectors costs, and codes chosen by that cost.

Let ``J`` be the derivative of a field's outputs (rendered colors, or values scaled as the loss
scales their errors) by the vector of one corner. Moving that vector by ``d`` then costs ``d H d``
with ``H = J^T J``, the Gauss-Newton matrix of the squared error. Features of a trained field are
sensitive in other directions, and to another degree, at every corner: codes chosen by ``H`` instead
of by Euclidean distance lose far less (docs/decisions/0013-one-lod-at-a-time.md).

``H`` is estimated as Hutchinson estimates traces: with random signs ``e`` on the outputs, the
gradient ``g`` of ``e . outputs`` has ``E[g g^T] = H``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from numba import prange
from torch import Tensor

from nfcodec.arrays import FloatArray
from nfcodec.errors import UsageError
from nfcodec.jit import Array, parallel, serial

#: Copies of the matrices at once: as measured, and made definite.
_COPIES = 2
#: Costs computed at a time.
_CHUNK = 1 << 20
#: The share by which matrices are made definite where codes are chosen; see :func:`rounded`.
ROUND = 0.1
#: Corners that a codebook is fitted on.
SAMPLE = 1 << 17


def measure(
    features: Sequence[Tensor], outputs: Callable[[torch.Generator], Tensor], rounds: int, seed: int
) -> list[FloatArray]:
    """Each level's matrices ``H``, from ``rounds`` random batches of ``outputs``.

    ``features``: leaf tensors (N, F) that the outputs depend on. Returns (N, F (F + 1) / 2) float32
    each: the upper triangles, row by row. UsageError if this machine cannot hold them.
    """
    _check_memory(features)
    found = [np.zeros((len(f), f.shape[1] * (f.shape[1] + 1) // 2), np.float32) for f in features]
    for grads in _gradients(features, outputs, rounds, seed):
        for grad, matrices in zip(grads, found, strict=True):
            if grad is not None:
                _add_outer_products(grad.cpu().contiguous().numpy(), matrices)
    return found


def _check_memory(features: Sequence[Tensor]) -> None:
    """UsageError if the matrices of ``features``, and copies of them, are beyond all memory.

    They grow with the square of the features: of 64 a corner has 8 kB.
    """
    corners = sum(len(f) for f in features)
    need = _COPIES * sum(len(f) * f.shape[1] * (f.shape[1] + 1) * 2 for f in features)
    there = _memory()
    if need > there:
        widest = max(f.shape[1] for f in features)
        raise UsageError(
            f"to learn codes of {widest} features at {corners:,} corners, what their errors cost "
            f"takes {need / 1e9:,.0f} GB, and this machine has {there / 1e9:,.0f} GB; choose a "
            "method without steps, as kmeans or lra"
        )


def _memory() -> float:
    """Bytes of memory that this machine has; infinite where the system does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):  # Windows has no sysconf
        return math.inf


def mean_costs(
    values: Sequence[Tensor], outputs: Callable[[torch.Generator], Tensor], rounds: int, seed: int
) -> list[float]:
    """What an error of one in a value costs, on average over each tensor: the diagonal of ``H``.

    ``values``: leaf tensors of any shape that the outputs depend on. Otherwise as :func:`measure`.
    """
    found = [0.0] * len(values)
    for grads in _gradients(values, outputs, rounds, seed):
        for number, grad in enumerate(grads):
            if grad is not None and grad.numel():
                found[number] += float(grad.square().mean())
    return found


def _gradients(
    values: Sequence[Tensor], outputs: Callable[[torch.Generator], Tensor], rounds: int, seed: int
) -> Iterator[tuple[Tensor | None, ...]]:
    """For each of ``rounds`` batches, that of its outputs with random signs by ``values``."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(rounds):
        batch = outputs(generator)
        signs = torch.randint(2, batch.shape, generator=generator).to(batch) * 2.0 - 1.0
        yield torch.autograd.grad((batch * signs).sum(), list(values), allow_unused=True)


def rounded(matrices: FloatArray, width: int, share: float) -> FloatArray:
    """``matrices`` made definite: ``share`` of the mean eigenvalue, all corners' and their own.

    A direction that no sample was sensitive to is not one that anything may be done along.
    """
    row, column = np.triu_indices(width)
    diagonal = row == column
    own = mean_eigenvalues(matrices, width)[:, None]
    everyone = float(own.mean()) if len(own) else 0.0
    out: FloatArray = matrices.copy()
    out[:, diagonal] += share * (own + (everyone if everyone > 0.0 else 1.0))
    return out


def mean_eigenvalues(matrices: FloatArray, width: int) -> FloatArray:
    """(N,) sensitivity of each corner averaged over directions: its trace over F = ``width``."""
    row, column = np.triu_indices(width)
    found: FloatArray = matrices[:, row == column].mean(axis=1)
    return found


def fit_codes(
    vectors: FloatArray, codebook: FloatArray, matrices: FloatArray, rounds: int, seed: int = 0
) -> FloatArray:
    """``codebook`` (K, F) after ``rounds`` of k-means whose distances are ``d H d``.

    Each corner of ``vectors`` (N, F) has its own ``H`` in ``matrices``, as :func:`measure` gives
    them, definite. Many corners are represented by a random part of them. A code that no corner
    takes goes to where the cost is greatest.
    """
    vectors, matrices = some_corners(vectors, matrices, SAMPLE, seed)
    codebook = np.array(codebook, np.float32)
    for _ in range(rounds):
        index, cost = cheapest(vectors, codebook, matrices, 1)
        taken = move_to_centroids(codebook, vectors, matrices, index[:, 0])
        worst = np.argsort(-cost[:, 0], kind="stable")
        free = np.flatnonzero(~taken)[: len(worst)]
        codebook[free] = vectors[worst[: len(free)]]
    return codebook


def some_corners(
    vectors: FloatArray, matrices: FloatArray, most: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """All rows, or a random part of them, in order, if there are more than ``most``."""
    if len(vectors) <= most:
        return vectors, matrices
    chosen = np.random.default_rng(seed).choice(len(vectors), most, replace=False)
    chosen.sort()
    return vectors[chosen], matrices[chosen]


def move_to_centroids(
    codebook: FloatArray, vectors: FloatArray, matrices: FloatArray, index: npt.NDArray[np.int16]
) -> npt.NDArray[np.bool_]:
    """Move codes to where their corners' costs are least; which codes (K,) have any."""
    width = codebook.shape[1]
    row, column = np.triu_indices(width)
    sums, moments = _sums(vectors, matrices, index.astype(np.int64), len(codebook))
    left = np.zeros((len(codebook), width, width))
    left[:, row, column] = left[:, column, row] = sums
    taken: npt.NDArray[np.bool_] = np.bincount(index, minlength=len(codebook)) > 0
    codebook[taken] = np.linalg.solve(left[taken], moments[taken][:, :, None])[:, :, 0]
    return taken


def cheapest(
    vectors: FloatArray, codebook: FloatArray, matrices: FloatArray, count: int,
    surcharge: FloatArray | None = None,
) -> tuple[npt.NDArray[np.int16], FloatArray]:  # fmt: skip
    """The ``count`` codes of least ``d H d`` for each corner, cheapest first, and these costs.

    ``surcharge``: (K,) what a code costs besides. Returns (N, count) int16 and float32. In pieces:
    memory does not grow with N x K.
    """
    # c H c - 2 c H v + v H v, as matrix products; H is packed, so that off its diagonal the
    # products of a code's values count twice. The origin near the vectors loses the fewest digits.
    center = codebook.mean(axis=0, dtype=np.float64).astype(np.float32)
    codes = codebook - center
    row, column = np.triu_indices(codes.shape[1])
    products = codes[:, row] * codes[:, column] * np.where(row == column, 1, 2).astype(np.float32)
    index = np.empty((len(vectors), count), np.int16)
    cost = np.empty((len(vectors), count), np.float32)
    chunk = max(1, _CHUNK // len(codes))
    for start in range(0, len(vectors), chunk):
        part = slice(start, start + chunk)
        v = np.ascontiguousarray(vectors[part] - center, np.float32)
        hv = np.empty_like(v)
        _multiply(matrices[part], v, hv)
        costs = matrices[part] @ products.T - 2.0 * (hv @ codes.T)
        costs += np.einsum("nf,nf->n", v, hv)[:, None]
        if surcharge is not None:
            costs += surcharge
        if count == 1:
            best = costs.argmin(axis=1)[:, None]
        elif count < len(codes):
            best = np.argpartition(costs, count - 1, axis=1)[:, :count]
        else:
            best = np.broadcast_to(np.arange(count), costs.shape)
        near = np.take_along_axis(costs, best, axis=1)
        order = np.argsort(near, axis=1, kind="stable")
        index[part] = np.take_along_axis(best, order, axis=1)
        cost[part] = np.take_along_axis(near, order, axis=1)
    return index, np.maximum(cost, 0.0)


@parallel
def _add_outer_products(grad: Array, matrices: Array) -> None:
    """Add the upper triangle of each row's outer product (N, F) to ``matrices``."""
    corners, width = grad.shape
    for n in prange(corners):
        at = 0
        for a in range(width):
            for b in range(a, width):
                matrices[n, at] += grad[n, a] * grad[n, b]
                at += 1


@parallel
def _multiply(matrices: Array, vectors: Array, out: Array) -> None:
    """``out`` (N, F): each vector (N, F) times its packed symmetric matrix."""
    corners, width = vectors.shape
    for n in prange(corners):
        out[n] = 0.0
        at = 0
        for a in range(width):
            out[n, a] += matrices[n, at] * vectors[n, a]
            at += 1
            for b in range(a + 1, width):
                out[n, a] += matrices[n, at] * vectors[n, b]
                out[n, b] += matrices[n, at] * vectors[n, a]
                at += 1


@serial
def _sums(vectors: Array, matrices: Array, index: Array, codes: int) -> tuple[Array, Array]:
    """Per code, over its corners: the sum of ``H`` (K, F (F + 1) / 2), and of ``H v`` (K, F)."""
    corners, width = vectors.shape
    sums = np.zeros((codes, matrices.shape[1]))
    moments = np.zeros((codes, width))
    for n in range(corners):
        code = index[n]
        at = 0
        for a in range(width):
            for b in range(a, width):
                h = matrices[n, at]
                sums[code, at] += h
                moments[code, a] += h * vectors[n, b]
                if b > a:
                    moments[code, b] += h * vectors[n, a]
                at += 1
    return sums, moments
