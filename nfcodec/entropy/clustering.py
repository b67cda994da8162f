"""Groups of codes whose vectors are alike, for the encoder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]


def group_vectors(
    vectors: Vectors, weights: npt.NDArray[np.integer], groups: int
) -> npt.NDArray[np.uint8]:
    """(K,) group of each of the (K, F) ``vectors``: weighted k-means from quantiles."""
    along = _along_first_axis(vectors, weights)
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


def _along_first_axis(
    vectors: Vectors, weights: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """(K,) coordinates along the weighted principal axis of greatest variance."""
    mass = (weights + 1e-6) / (weights + 1e-6).sum()
    centered = vectors - mass @ vectors
    _, directions = np.linalg.eigh(centered.T @ (centered * mass[:, None]))
    first = directions[:, ::-1][:, :1]
    # eigh leaves the sign open.
    first = first * np.where(first.sum(0) < 0, -1.0, 1.0)
    return np.asarray((centered @ first)[:, 0])
