"""Huffman trees whose shape follows from the weights alone (``nfc-v1.md`` §8.1)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

#: By inner node, the children for bits 0 and 1: a symbol, or K plus an inner node.
Children = list[tuple[int, int]]


def grow(symbols: Iterable[int], weights: npt.NDArray[np.int64], children: Children) -> int | None:
    """Add the tree of those of ``symbols`` whose weight is above 0 to ``children``.

    ``weights``: (K,) of all symbols. Its inner nodes are numbered on from those that are there.
    The root, None if no symbol has a weight.
    """
    nodes = [(int(weights[symbol]), int(symbol)) for symbol in symbols if weights[symbol]]
    if not nodes:
        return None
    heapq.heapify(nodes)
    while len(nodes) > 1:
        light, one = heapq.heappop(nodes)
        heavy, zero = heapq.heappop(nodes)
        heapq.heappush(nodes, (light + heavy, len(weights) + len(children)))
        children.append((zero, one))
    return nodes[0][1]


def paths(
    roots: Iterable[int], children: Children, size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(K,) the bits from the root to each of ``size`` symbols, first one lowest, and how many."""
    path, length = np.zeros((2, size), np.int64)
    todo = [(root, 0, 0) for root in roots]
    while todo:
        node, bits, depth = todo.pop()
        if node < size:
            path[node], length[node] = bits, depth
            continue
        zero, one = children[node - size]
        todo += [(zero, bits, depth + 1), (one, bits | 1 << depth, depth + 1)]
    return path, length
