"""What an error in a level's vectors costs, and codes chosen by that cost.

Let ``J`` be the derivative of a field's outputs (rendered colours, or values scaled as the loss
scales their errors) by the vector of one corner. Moving that vector by ``d`` then costs ``d H d``
with ``H = J^T J``, the Gauss-Newton matrix of the squared error. Features of a trained field are
sensitive in other directions, and to another degree, at every corner: codes chosen by ``H`` instead
of by Euclidean distance lose far less (docs/decisions/0013-one-lod-at-a-time.md).

``H`` is estimated as Hutchinson estimates traces: with random signs ``e`` on the outputs, the
gradient ``g`` of ``e . outputs`` has ``E[g g^T] = H``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from numba import prange
from torch import Tensor

from nfcodec.field import FloatArray
from nfcodec.jit import Array, inline, parallel, serial
from nfcodec.quantize.soft_rows import nearest_codes

#: Up to so many codes each corner looks at all of them; of more, at so many of the nearest.
_MOST_OPTIONS = 256
_NEAREST_OPTIONS = 64


def measure(
    features: Sequence[Tensor], outputs: Callable[[torch.Generator], Tensor], rounds: int, seed: int
) -> list[FloatArray]:
    """Each level's matrices ``H``, from ``rounds`` random batches of ``outputs``.

    ``features``: leaf tensors (N, F) that the outputs depend on. Returns (N, F (F + 1) / 2) float32
    each: the upper triangles, row by row.
    """
    generator = torch.Generator().manual_seed(seed)
    found = [np.zeros((len(f), f.shape[1] * (f.shape[1] + 1) // 2), np.float32) for f in features]
    for _ in range(rounds):
        batch = outputs(generator)
        signs = torch.randint(2, batch.shape, generator=generator).to(batch) * 2.0 - 1.0
        grads = torch.autograd.grad((batch * signs).sum(), list(features), allow_unused=True)
        for grad, matrices in zip(grads, found, strict=True):
            if grad is not None:
                _add_outer_products(grad.cpu().contiguous().numpy(), matrices)
    return found


def rounded(matrices: FloatArray, width: int, share: float) -> FloatArray:
    """``matrices`` made definite: ``share`` of the mean eigenvalue, all corners' and their own.

    A direction that no sample was sensitive to is not one that anything may be done along.
    """
    row, column = np.triu_indices(width)
    diagonal = row == column
    own = matrices[:, diagonal].mean(axis=1, keepdims=True)
    everyone = float(own.mean()) if len(own) else 0.0
    out: FloatArray = matrices.copy()
    out[:, diagonal] += share * (own + (everyone if everyone > 0.0 else 1.0))
    return out


def fit_codes(
    vectors: FloatArray, codebook: FloatArray, matrices: FloatArray, rounds: int
) -> FloatArray:
    """``codebook`` (K, F) after ``rounds`` of k-means whose distances are ``d H d``.

    Each corner of ``vectors`` (N, F) has its own ``H`` in ``matrices``, as :func:`measure` gives
    them, definite. A code that no corner takes goes to where the cost is greatest.
    """
    codebook = np.array(codebook, np.float32)
    width = codebook.shape[1]
    row, column = np.triu_indices(width)
    for _ in range(rounds):
        index, cost = cheapest(vectors, codebook, matrices, 1)
        sums, moments = _sums(vectors, matrices, index[:, 0].astype(np.int64), len(codebook))
        left = np.zeros((len(codebook), width, width))
        left[:, row, column] = left[:, column, row] = sums
        taken = np.bincount(index[:, 0], minlength=len(codebook)) > 0
        codebook[taken] = np.linalg.solve(left[taken], moments[taken][:, :, None])[:, :, 0]
        worst = np.argsort(-cost[:, 0], kind="stable")
        free = np.flatnonzero(~taken)[: len(worst)]
        codebook[free] = vectors[worst[: len(free)]]
    return codebook


def cheapest(
    vectors: FloatArray, codebook: FloatArray, matrices: FloatArray, count: int
) -> tuple[npt.NDArray[np.int16], FloatArray]:
    """The ``count`` codes of least ``d H d`` for each corner, cheapest first, and these costs.

    Returns (N, count) int16 and float32. With more than 256 codes, each corner looks at the 64 that
    are nearest to it only.
    """
    if len(codebook) <= _MOST_OPTIONS:
        options = np.arange(len(codebook), dtype=np.int16)[None]
    else:
        options, _ = nearest_codes(vectors, codebook, max(_NEAREST_OPTIONS, count))
    index = np.empty((len(vectors), count), np.int16)
    cost = np.empty((len(vectors), count), np.float32)
    _cheapest(
        np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(codebook, np.float32),
        matrices, options, index, cost,
    )  # fmt: skip
    return index, cost


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
def _cheapest(
    vectors: Array, codebook: Array, matrices: Array, options: Array, index: Array, cost: Array
) -> None:
    """``options`` (N, M), or (1, M) for all corners alike; ``index`` and ``cost`` (N, C) out."""
    shared = len(options) == 1
    for n in prange(len(vectors)):
        mine = options[0] if shared else options[n]
        _choose(vectors[n], codebook, matrices[n], mine, index[n], cost[n])


@inline
def _choose(
    vector: Array, codebook: Array, matrix: Array, options: Array, index: Array, cost: Array
) -> None:
    """One corner of :func:`_cheapest`: keep the best in order, by insertion."""
    width, slots = len(vector), len(index)
    d = np.empty(width, np.float32)
    filled = 0
    for code in options:
        for f in range(width):
            d[f] = vector[f] - codebook[code, f]
        at = 0
        total = np.float32(0.0)
        for a in range(width):
            # Twice the part above the diagonal, for that below.
            part = np.float32(0.5) * matrix[at] * d[a]
            at += 1
            for b in range(a + 1, width):
                part += matrix[at] * d[b]
                at += 1
            total += np.float32(2.0) * part * d[a]
        if filled < slots:
            filled += 1
        elif total >= cost[slots - 1]:
            continue
        place = filled - 1
        while place > 0 and cost[place - 1] > total:
            cost[place] = cost[place - 1]
            index[place] = index[place - 1]
            place -= 1
        cost[place] = total
        index[place] = code


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
