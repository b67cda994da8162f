"""Seams that rounding has opened: vertices that are one place but for their last digits.

Formats without shared vertices, STL above all, write a corner once for each face. Programs that
move or scale such faces round each copy by itself, and no two faces share an edge any more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.data import edges

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: How far apart copies of a vertex may lie, as a share of the mesh's extent and in spacings of
#: single-precision numbers at its coordinates; and the share that these may come to.
_APART, _SPACINGS, _MOST = 1e-6, 4.0, 1e-5
#: Copies of a vertex, on average, beyond which they are a crowd and no copies.
_CROWD = 64


def welded(vertices: Floats, faces: Ints) -> tuple[Ints, int]:
    """(T, 3) the faces with such vertices joined, and how many vertices were joined to another.

    Only vertices of edges that one face alone has are joined, and only if that closes some of
    these edges and takes no face's area. Of each group the first vertex stays.
    """
    from scipy.spatial import cKDTree

    rim = _open_edges(vertices, faces)
    if not len(rim):
        return faces, 0
    ends = np.unique(rim)
    tree, reach = cKDTree(vertices[ends]), _reach(vertices[ends])
    # Counting takes no memory, as pairs of crowded vertices would.
    if not len(ends) < tree.count_neighbors(tree, reach) <= _CROWD * len(ends):
        return faces, 0
    pairs = tree.query_pairs(reach, output_type="ndarray")
    label = edges.components(pairs[:, 0], pairs[:, 1], len(ends))
    _, first = np.unique(label, return_index=True)
    stands_for = np.arange(len(vertices))
    stands_for[ends] = ends[first[label]]
    joined = stands_for[faces]
    flat = (joined == np.roll(joined, 1, axis=1)).any(axis=1)
    if flat.any() or len(_open_edges(vertices, joined)) >= len(rim):
        return faces, 0
    return joined, len(ends) - len(first)


def _reach(points: Floats) -> float:
    extent = float((points.max(axis=0) - points.min(axis=0)).max())
    rounding = _SPACINGS * float(np.finfo(np.float32).eps) * float(np.abs(points).max())
    return min(max(_APART * extent, rounding), _MOST * extent)


def _open_edges(vertices: Floats, faces: Ints) -> Ints:
    """(B, 2) the vertices of edges that one face alone has."""
    run = edges.directed(faces)
    _, place, uses = np.unique(
        edges.keys(run, len(vertices)), return_index=True, return_counts=True
    )
    return np.asarray(run[place[uses == 1]])
