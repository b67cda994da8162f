"""Faces that are there more than once: copies, both sides of one surface, walls between bodies.

Programs write each polygon a second time, seen from behind, so that both of its sides are drawn.
Signed measures of such a surface cancel out, so one of the two has to go. Bodies that touch have
two faces at one place as well, and there both have to go. Which of the two it is follows from the
rest of the surface: whether it is closed without them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.data import edges

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Two patches with one boundary are one polygon cut in two ways if the volume between them is below
#: this share of their area to the power of 3/2. A tetrahedron encloses ten times as much.
_FLAT = 0.005


@dataclass(frozen=True)
class Distinct:
    """``kept``: (T,) the faces that stay. ``copies``: faces left out that were there already, seen
    from the same side. ``backs``: those left out as the other side of one that stays."""

    kept: Mask
    copies: int
    backs: int


def distinct(vertices: Floats, faces: Ints, patch: Ints) -> Distinct:
    """Choose one of each set of faces at one place, or none where they part two bodies that touch.

    ``patch``: (T,) labels from 0 of the patches that edges shared by just two faces join; the faces
    of one patch are turned one way. At twins more than two faces meet, so each polygon there is a
    patch by itself. Polygons are compared, not triangles: seen from behind one may be cut along
    other diagonals.
    """
    number, edge_count = edges.numbered(faces, len(vertices))
    count = int(patch.max()) + 1
    group, ahead = _groups(vertices, faces, patch, number, edge_count, count)
    groups = int(group.max()) + 1
    size = np.bincount(patch, minlength=count)
    if groups == count:
        return Distinct(np.ones(len(faces), np.bool_), 0, 0)
    fore = np.bincount(group, ahead, minlength=groups).astype(np.int64)
    back = np.bincount(group, minlength=groups) - fore
    both = fore == back
    # The first patch of each group that looks the way that most of the group look.
    wanted = ahead == (fore >= back)[group]
    first = np.full(groups, count)
    np.minimum.at(first, group[wanted], np.flatnonzero(wanted))
    stays = np.zeros(groups, np.bool_)
    stays[~both] = True
    if both.any():
        one_each = np.zeros(count, np.bool_)
        one_each[first] = True
        ends = np.tile(one_each[patch], 3)
        owner, edge = np.tile(group[patch], 3)[ends], number[ends]
        stays |= _surface_of_pairs(owner, edge, edge_count, both, np.minimum(fore, back))
    kept_patches = np.zeros(count, np.bool_)
    kept_patches[first[stays]] = True
    lost = ~kept_patches & stays[group]
    same = lost & (ahead == ahead[first[group]])
    return Distinct(kept_patches[patch], int(size[same].sum()), int(size[lost & ~same].sum()))


def _groups(
    vertices: Floats, faces: Ints, patch: Ints, number: Ints, edge_count: int, count: int
) -> tuple[Ints, Mask]:
    """(count,) the group of each patch, those at one place being in one, and whether it looks the
    way the first of its group does."""
    rng = np.random.default_rng(0)  # hashes of sets: equal sets have equal sums
    edge_hash = rng.integers(1, 2**62, edge_count, np.uint64)
    vertex_hash = rng.integers(1, 2**62, len(vertices), np.uint64)
    boundary = np.zeros(count, np.uint64)  # edges within the patch are there twice and cancel
    np.bitwise_xor.at(boundary, np.tile(patch, 3), edge_hash[number])
    owner, vertex = np.divmod(
        np.unique(np.repeat(patch, 3) * len(vertices) + faces.reshape(-1)), len(vertices)
    )
    corners = np.zeros(count, np.uint64)
    np.add.at(corners, owner, vertex_hash[vertex])
    closed = boundary == 0
    boundary[closed] = np.flatnonzero(closed)  # each is alone
    _, first, group = np.unique(
        np.stack([boundary, corners, closed.astype(np.uint64)], axis=1),
        axis=0, return_index=True, return_inverse=True,
    )  # fmt: skip
    group = group.reshape(-1)
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    middle = np.stack([_sums(patch, (a + b + c)[:, d] / 3, count) for d in range(3)], axis=1)
    middle /= np.bincount(patch, minlength=count)[:, None]
    at = middle[first[group]][patch]  # one place for all of a group
    volume = _sums(patch, np.einsum("td,td->t", a - at, np.cross(b - at, c - at)) / 6, count)
    cross = np.cross(b - a, c - a) / 2
    vector = np.stack([_sums(patch, cross[:, d], count) for d in range(3)], axis=1)
    area = _sums(patch, np.linalg.norm(cross, axis=1), count)
    ahead = np.einsum("pd,pd->p", vector, vector[first[group]]) >= 0
    between = np.abs(np.where(ahead, volume, -volume) - volume[first[group]])
    apart = between > _FLAT * np.maximum(area, area[first[group]]) ** 1.5
    group = np.where(apart, len(first) + np.arange(count), group)
    return np.unique(group, return_inverse=True)[1].reshape(-1), ahead | apart


def _surface_of_pairs(owner: Ints, edge: Ints, edge_count: int, both: Mask, times: Ints) -> Mask:
    """(groups,) which groups that look both ways are a surface; the others are walls.

    ``owner``, ``edge``: the edges of one patch of each group, once for each face. ``both``: the
    groups seen as often from one side as from the other, ``times`` each.
    """
    groups = len(both)
    place, uses = np.unique(owner * edge_count + edge, return_counts=True)
    owner, edge = np.divmod(place[uses % 2 == 1], edge_count)  # the boundaries
    cluster = edges.components(owner, groups + edge, groups + edge_count)[:groups]
    clusters = int(cluster.max()) + 1

    def odd(chosen: Mask) -> Mask:
        """The edges at which an odd number of chosen groups meet."""
        return np.asarray(np.bincount(edge[chosen[owner]], minlength=edge_count) % 2 == 1)

    def odd_edges(at: Mask) -> Ints:
        """How many of those each cluster has."""
        where = np.full(edge_count, -1)
        where[edge] = cluster[owner]
        return np.bincount(where[at & (where >= 0)], minlength=clusters)

    # Where all is doubled a wall is there twice as often as the rest.
    least = np.full(clusters, np.iinfo(np.int64).max)
    np.minimum.at(least, cluster[both], times[both])
    candidate = both.copy()
    candidate[both] = times[both] // least[cluster[both]] % 2 == 1
    alone = np.bincount(cluster[~both], minlength=clusters) == 0
    open_without, open_with = odd(~both), odd(~both | candidate)
    without, within = odd_edges(open_without), odd_edges(open_with)
    surface = candidate & (alone | ((within == 0) & (without > 0)))[cluster]
    # Where neither closes all, each connected piece is judged by the edges that it ends at.
    unsure = candidate & ~surface & (without > 0)[cluster]
    if unsure.any():
        meets = np.bincount(edge[unsure[owner]], minlength=edge_count)
        inner = (meets == 2) & (np.bincount(edge[~both[owner]], minlength=edge_count) == 0)
        joint = unsure[owner] & inner[edge]
        piece = edges.components(owner[joint], groups + edge[joint], groups + edge_count)[:groups]
        rim = unsure[owner] & ~inner[edge]
        ends = np.bincount(piece[owner[rim]], minlength=groups + edge_count)
        fits = np.bincount(piece[owner[rim & open_without[edge]]], minlength=groups + edge_count)
        surface |= unsure & (2 * fits[piece] > ends[piece])
    return np.asarray(surface)


def _sums(keys: Ints, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(keys, values, minlength=count), np.float64)
