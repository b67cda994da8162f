"""Edges of triangles: which faces meet where, and what hangs together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def directed(faces: Ints) -> Ints:
    """(3 T, 2) directed edges: all first edges, then all second, then all third ones."""
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def keys(edges: Ints, vertices: int) -> Ints:
    """One number for each undirected edge; ``vertices`` stays below 2^26, so they fit."""
    return np.asarray(edges.min(axis=1) * vertices + edges.max(axis=1))


def numbered(faces: Ints, vertices: int) -> tuple[Ints, int]:
    """(3 T,) numbers, from 0, of the undirected edges in the order of :func:`directed`, and how
    many there are."""
    found, number = np.unique(keys(directed(faces), vertices), return_inverse=True)
    return number.reshape(-1).astype(np.int64), len(found)


def pairs(number: Ints, count: int) -> tuple[Ints, Ints]:
    """Places in ``number`` of the two halves of each edge that exactly two faces share."""
    order = np.argsort(number, kind="stable")
    shared = np.bincount(number, minlength=count)
    starts = np.cumsum(shared) - shared
    twice = starts[shared == 2]
    return order[twice], order[twice + 1]


def components(one: npt.NDArray[Any], two: npt.NDArray[Any], count: int) -> Ints:
    """(count,) labels, from 0, of the components of a graph with the edges ``one`` to ``two``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(one), np.int8), (one, two)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def pieces(edges: Ints) -> int:
    """How many connected pieces (E, 2) edges form."""
    if len(edges) == 0:
        return 0
    nodes, inverse = np.unique(edges, return_inverse=True)
    a, b = inverse.reshape(edges.shape).T
    return int(components(a, b, len(nodes)).max()) + 1
