"""Grouping for the encoder: contexts that behave alike, symbols whose vectors are alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]

#: The largest contexts are merged with each other, the others into them.
_SEEDS = 128


def merge_contexts(
    counts: Counts, table_bits: float, maximum: int
) -> tuple[npt.NDArray[np.uint8], float]:
    """Tables to share among contexts: (contexts,) cluster numbers, and the bits of the symbols.

    ``counts``: (contexts, symbols). Pairs of clusters are merged, the cheapest first, as long as a
    merge costs less than ``table_bits``, what a table costs, or there are more than ``maximum``.
    """
    totals = counts.sum(1)
    order = np.argsort(-totals, kind="stable")
    order = order[totals[order] > 0]
    cluster_of = np.zeros(len(counts), np.int64)
    tables = counts[order[:_SEEDS]].astype(np.float64)
    cluster_of[order[:_SEEDS]] = np.arange(len(tables))
    bits = _bits(tables)
    for context in order[_SEEDS:]:
        target = int((_bits(tables + counts[context]) - bits).argmin())
        tables[target] += counts[context]
        bits[target] = _bits(tables[target])
        cluster_of[context] = target
    size = len(tables)
    loss = np.full((size, size), np.inf)
    for i in range(size):
        loss[i, :i] = _bits(tables[i] + tables[:i]) - bits[i] - bits[:i]
    alive = np.ones(size, np.bool_)
    while alive.sum() > 1:
        i, j = divmod(int(loss.argmin()), size)
        if loss[i, j] >= table_bits and alive.sum() <= maximum:
            break
        tables[j] += tables[i]
        bits[j] = _bits(tables[j])
        alive[i] = False
        cluster_of[cluster_of == i] = j
        loss[i, :] = loss[:, i] = np.inf
        change = _bits(tables[j] + tables) - bits[j] - bits
        change[~alive] = np.inf
        loss[j, :j], loss[j + 1 :, j] = change[:j], change[j + 1 :]
    number = np.cumsum(alive) - 1
    return number[cluster_of].astype(np.uint8), float(bits[alive].sum())


def group_vectors(
    vectors: Vectors, weights: npt.NDArray[np.integer], groups: int
) -> npt.NDArray[np.uint8]:
    """(K,) group of each of the (K, F) ``vectors``: weighted k-means from quantiles."""
    along = principal_places(vectors, weights, 1)[:, 0]
    order = np.argsort(along, kind="stable")
    mass = np.cumsum(weights[order] + 1e-3)
    group = np.zeros(len(vectors), np.int64)
    group[order] = np.minimum(mass / mass[-1] * groups, groups - 1).astype(np.int64)
    for _ in range(12):
        centers = group_means(vectors, weights, group, groups)
        distance = (centers**2).sum(1) - 2 * vectors @ centers.T
        group = distance.argmin(1)
    return group.astype(np.uint8)


def group_means(
    vectors: Vectors,
    weights: npt.NDArray[np.integer],
    group: npt.NDArray[np.integer],
    groups: int,
) -> Vectors:
    """(groups, F) weighted means; an empty group lies at the mean of all."""
    mass = weights + 1e-6
    total = np.bincount(group, mass, groups)
    sums = np.stack([np.bincount(group, mass * column, groups) for column in vectors.T], 1)
    means = sums / np.maximum(total, 1e-12)[:, None]
    means[total == 0] = (mass @ vectors) / mass.sum()
    return np.asarray(means)


def principal_places(vectors: Vectors, weights: npt.NDArray[np.integer], axes: int) -> Vectors:
    """(K, axes) coordinates along the weighted principal axes, largest first."""
    mass = (weights + 1e-6) / (weights + 1e-6).sum()
    centered = vectors - mass @ vectors
    _, directions = np.linalg.eigh(centered.T @ (centered * mass[:, None]))
    directions = directions[:, ::-1][:, :axes]
    # eigh leaves the signs open.
    directions = directions * np.where(directions.sum(0) < 0, -1.0, 1.0)
    return np.asarray(centered @ directions)


def _bits(counts: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Entropy in bits of the symbols in each row of ``counts``."""
    total = counts.sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(counts > 0, counts * np.log2(total / counts), 0.0)
    return np.asarray(terms.sum(-1))
