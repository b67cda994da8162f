"""Which side of a surface is outside: faces turned one way, and each part outwards.

What a file says is kept wherever it makes sense: a shell that faces inwards, inside of one that
faces outwards, is a cavity. What makes none is turned: faces against their neighbors, a part that
would enclose less than nothing, a scan with a hole that looks inwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.data import edges
from nfcodec.errors import DamagedFileError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: A part is a solid with holes, and not a sheet, if closing them takes no more than this share of
#: its own area; half a sphere is at the limit.
_CAPS = 0.5
#: Volume below which a part is flat, as a share of its area to the power of 3/2.
_FLAT = 1e-9
#: How far off a face the space next to it is looked at, in sides of the box.
OFFSET = 1e-6
#: Places on each part that tell where it lies.
_PLACES = 32
#: Mean winding number in front of a part below which it looks inwards.
_INWARDS = -0.6
#: Mean winding number beside a part, on its fuller side, below which it is a sheet: 1 for a closed
#: surface, 0.8 for half a sphere, 0.65 for a bowl as wide as 90 degrees of one, 0.5 for a flat one.
_SHEET = 0.7


def consistent(vertices: Floats, faces: Ints, source: str) -> tuple[Ints, Ints]:
    """(T, 3) the faces, those of each patch turned the way of most of them, and (T,) its label.

    Edges that exactly two faces share join them to patches, unless one face is folded back onto the
    other. Every face is two nodes of a graph, as given and turned; edges join the states that
    agree. DamagedFileError if two states of a face are joined: it lies on a one-sided surface.
    """
    count = len(faces)
    number, edge_count = edges.numbered(faces, len(vertices))
    one, two = edges.pairs(number, edge_count)
    f, g = one % count, two % count
    start = edges.directed(faces)[:, 0]
    against = start[one] == start[two]  # both run the edge the same way
    normals = _crosses(vertices, faces)
    sizes = np.linalg.norm(normals, axis=1)
    cosine = np.einsum("ed,ed->e", normals[f], normals[g]) * np.where(against, -1, 1)
    folded = cosine <= -(1 - 1e-12) * sizes[f] * sizes[g]
    f, g, against = (a[~folded | (sizes[f] * sizes[g] == 0)] for a in (f, g, against))
    if not against.any():
        return faces, edges.components(f, g, count)
    rows = np.concatenate([f, f + count])
    columns = np.concatenate([g + count * against, g + count * ~against])
    label = edges.components(rows, columns, 2 * count)
    given, turned = label[:count], label[count:]
    if (given == turned).any():
        raise DamagedFileError(
            f"{source}: the surface has one side only (like a Moebius strip), so there is no "
            "inside; a signed distance needs an orientable mesh"
        )
    # A patch and its mirror image carry two labels: take the one with more faces as given.
    patch = np.minimum(given, turned)
    votes = np.bincount(patch, np.where(given < turned, 1, -1), minlength=2 * count)
    flip = (given < turned) != (votes[patch] >= 0)
    patch = np.unique(patch, return_inverse=True)[1].reshape(-1)
    return np.where(flip[:, None], faces[:, ::-1], faces), patch


@dataclass(frozen=True, eq=False)
class Parts:
    """Bodies of a mesh, P of them.

    ``part``: (T,) the part of each face. ``volumes``: (P,) signed, positive where faces look
    outwards, with holes closed by fans to their centers. ``solid``: (P,) whether that makes sense:
    the part is closed or nearly so. ``closed``: (P,) whether it has no holes.
    """

    part: Ints
    volumes: Floats
    solid: Mask
    closed: Mask


def parts_of(vertices: Floats, faces: Ints, patch: Ints) -> Parts:
    """Join patches that end at the same edges to parts, and measure these."""
    number, edge_count = edges.numbered(faces, len(vertices))
    owner = np.tile(patch, 3)
    count = int(patch.max()) + 1
    place, uses = np.unique(owner * edge_count + number, return_counts=True)
    ends = place[uses % 2 == 1]
    joined = edges.components(ends // edge_count, count + ends % edge_count, count + edge_count)
    part = np.unique(joined[:count], return_inverse=True)[1].reshape(-1)[patch]
    count = int(part.max()) + 1
    # Edges that a part runs more often one way than the other are the rims of its holes.
    run = edges.directed(faces)
    way = np.where(run[:, 0] < run[:, 1], 1, -1)
    place, which = np.unique(np.tile(part, 3) * edge_count + number, return_inverse=True)
    which = which.reshape(-1)
    surplus = np.bincount(which, way).astype(np.int64)
    example = np.empty(len(place), np.int64)
    example[which] = np.arange(len(which))
    rim = np.flatnonzero(surplus)
    ends_of = run[example[rim]]
    back = (way[example[rim]] > 0) == (surplus[rim] > 0)  # caps run the rim the other way
    a, b = np.where(back, ends_of[:, ::-1].T, ends_of.T)
    rim_part = place[rim] // edge_count
    weight = np.abs(surplus[rim]).astype(np.float64)
    center = _means(part, vertices[faces].mean(axis=1), count)
    p, q, r = (vertices[faces[:, i]] - center[part] for i in range(3))
    volumes = np.bincount(part, np.einsum("td,td->t", p, np.cross(q, r)), minlength=count) / 6
    areas = np.bincount(part, np.linalg.norm(np.cross(q - p, r - p), axis=1), minlength=count) / 2
    caps = np.zeros(count)
    if len(rim):
        ids = rim_part * len(vertices)
        names, ends_at = np.unique(np.concatenate([ids + a, ids + b]), return_inverse=True)
        one, two = ends_at.reshape(2, -1)
        loop = edges.components(one, two, len(names))
        loops = int(loop.max()) + 1
        middle = _means(loop[one], vertices[a], loops)[loop[one]]
        p, q, r = (at - center[rim_part] for at in (vertices[a], vertices[b], middle))
        volumes += (
            np.bincount(
                rim_part, weight * np.einsum("td,td->t", p, np.cross(q, r)), minlength=count
            )
            / 6
        )
        cap = weight * np.linalg.norm(np.cross(q - p, r - p), axis=1)
        caps = np.bincount(rim_part, cap, minlength=count) / 2
    closed = np.bincount(rim_part, minlength=count) == 0
    solid = (caps <= _CAPS * areas) & (np.abs(volumes) > _FLAT * areas**1.5)
    return Parts(part, volumes, solid, closed)


def outward(vertices: Floats, faces: Ints, patch: Ints) -> tuple[Ints, Ints]:
    """(T, 3) the faces with parts that make no sense as given turned, and (T,) their parts.

    Bodies that lie in no other look outwards. A shell within a body is a cavity if it looks
    inwards; within a cavity it is a body again and looks outwards. If a body is turned, what is in
    it is turned along if most of it looks outwards too: then it was the whole that was inside out.
    Loose patches, none of which is a solid by itself, are turned where they enclose something on
    the side that they look to: just in front of a closed surface the winding number is 0 if it
    looks outwards and -1 if inwards; in front of a sheet it is -1/2.
    """
    parts = parts_of(vertices, faces, patch)
    turn = np.zeros(len(parts.solid), np.bool_)
    if parts.solid.any():
        turn = _turned_solids(vertices, faces, parts)
    loose = ~parts.solid[parts.part]
    if loose.any():
        front, _, owner = _beside(vertices[faces[loose]], parts.part[loose])
        turn |= ~parts.solid & (_averages(owner, front, len(turn)) < _INWARDS)
    flip = turn[parts.part]
    return np.where(flip[:, None], faces[:, ::-1], faces), parts.part


def _turned_solids(vertices: Floats, faces: Ints, parts: Parts) -> Mask:
    """(P,) the solid parts to turn."""
    inward = parts.solid & (parts.volumes < 0)
    solids = np.flatnonzero(parts.solid)
    if not inward.any() or len(solids) == 1:
        return inward
    now = np.where(inward, -1, 1)  # the way each part looks, as given at first
    chosen = parts.solid[parts.part]
    triangles, part = vertices[faces[chosen]], parts.part[chosen]
    outwards = np.where(inward[part][:, None, None], triangles[:, ::-1], triangles)
    low, high = _boxes(outwards, part, len(now))
    places, owner = _outside(outwards, part)
    depth = np.full(len(now), 0)
    around = np.rint(winding(outwards, places)).astype(np.int64)
    depth[solids] = np.iinfo(np.int64).max
    np.minimum.at(depth, owner, np.maximum(around, 0))
    for level in range(int(depth[solids].max()) + 1):
        bad = parts.solid & (depth == level) & (now < 0)
        if not bad.any():
            continue
        if level:  # a cavity as long as there is something to be hollow
            seen = np.where(now[part][:, None, None] < 0, outwards[:, ::-1], outwards)
            mine = bad[owner]
            around = np.rint(winding(seen, places[mine])).astype(np.int64)
            most = np.full(len(now), np.iinfo(np.int64).min)
            np.maximum.at(most, owner[mine], around)
            bad &= most <= 0
        for body in np.flatnonzero(bad):
            now[body] = 1
            within = parts.solid & (depth > level)
            within &= ((low >= low[body]) & (high <= high[body])).all(axis=1)
            if within.any():
                mine = within[owner]
                inside = np.zeros(len(now))
                hits = winding(outwards[part == body], places[mine]) > 0.5
                np.add.at(inside, owner[mine], np.where(hits, 1, -1))
                within &= inside > 0
                if now[within & (depth == level + 1)].sum() > 0:
                    now[within] *= -1
    return np.asarray(parts.solid & ((now < 0) != inward))


def enclosing(vertices: Floats, faces: Ints, source: str) -> Mask:
    """(T,) the faces of parts that enclose something; the others are sheets, bent or flat."""
    faces, patch = consistent(vertices, faces, source)
    parts = parts_of(vertices, faces, patch)
    loose = ~parts.solid[parts.part]
    if not loose.any():
        return ~loose
    front, back, owner = _beside(vertices[faces[loose]], parts.part[loose])
    full = _averages(owner, np.maximum(np.abs(front), np.abs(back)), len(parts.solid))
    return np.asarray((parts.solid | (full > _SHEET))[parts.part])


def _beside(triangles: Floats, part: Ints) -> tuple[Floats, Floats, Ints]:
    """(S,) winding numbers just in front of and behind places on each part, and (S,) whose."""
    places, owner = _outside(triangles, part)
    behind, _ = _outside(triangles[:, ::-1], part)
    return winding(triangles, places), winding(triangles, behind), owner


def _averages(keys: Ints, values: Floats, count: int) -> Floats:
    size = np.bincount(keys, minlength=count)
    return np.asarray(np.bincount(keys, values, minlength=count) / np.maximum(size, 1))


def _outside(triangles: Floats, part: Ints) -> tuple[Floats, Ints]:
    """(S, 3) places just in front of up to :data:`_PLACES` triangles of each part, (S,) whose."""
    cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(cross, axis=1)
    order = np.argsort(part, kind="stable")
    order = order[length[order] > 0]
    size = np.bincount(part[order], minlength=int(part.max()) + 1)
    rank = np.arange(len(order)) - (np.cumsum(size) - size)[part[order]]
    every = -(-size // _PLACES)[part[order]]
    order = order[rank % every == 0]
    offset = clearance(triangles.reshape(-1, 3))
    normals = cross[order] / length[order, None]
    return triangles[order].mean(axis=1) + offset * normals, part[order]


def clearance(points: Floats) -> float:
    """How far off a surface with these points the space next to it is looked at."""
    low, high = points.min(axis=0), points.max(axis=0)
    return max(OFFSET * float((high - low).max()), 1e-13 * float(np.abs(points).max()))


def winding(triangles: Floats, points: Floats) -> Floats:
    """(S,) generalized winding numbers of (S, 3) points, right to about 0.06."""
    from nfcodec.data import bvh

    tree = bvh.build(triangles)
    return bvh.winding(tree, bvh.moments(tree), np.ascontiguousarray(points), bvh.WINDING_BETA)


def _boxes(triangles: Floats, part: Ints, count: int) -> tuple[Floats, Floats]:
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, part, triangles.min(axis=1))
    np.maximum.at(high, part, triangles.max(axis=1))
    return low, high


def _means(keys: Ints, points: Floats, count: int) -> Floats:
    size = np.maximum(np.bincount(keys, minlength=count), 1)
    sums = np.stack([np.bincount(keys, points[:, d], minlength=count) for d in range(3)], axis=1)
    return np.asarray(sums / size[:, None])


def _crosses(vertices: Floats, faces: Ints) -> Floats:
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return np.cross(b - a, c - a)
