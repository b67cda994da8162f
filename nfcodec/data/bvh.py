"""A bounding volume hierarchy over triangles, and the queries it answers, compiled by Numba.

The tree is complete: level ``l`` splits the triangles, ordered so that it can, into ``2^l`` runs of
one length, so node ``i`` has the children ``2 i + 1`` and ``2 i + 2`` and no pointers are stored.
All numbers are float64. :mod:`nfcodec.data.sdf` is the interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from nfcodec.jit import inline, parallel
from nfcodec.layouts import morton

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Nodes nearer than this many radii are opened; the winding number is then right to about 0.06.
WINDING_BETA = 2.0

_LEAF = 3
#: Points that follow each other in one task; each starts from the face that its predecessor found.
_RUN = 256
#: A face is a sliver, treated as three segments, below this squared sine of its angles.
_SLIVER = 1e-20


@dataclass(frozen=True, eq=False)
class Tree:
    """A complete tree over triangles.

    ``faces``: (places,) the face in each place of the leaves. ``triangles``: (places, 3, 3) their
    corners. ``slivers``, ``copies``: (places,) bool, faces without area, and those that are there a
    second time because the leaves have to be full. ``lower``, ``upper``: (nodes, 3) the nodes'
    boxes. ``depth``: levels below the root.
    """

    faces: Ints
    triangles: Floats
    slivers: npt.NDArray[np.bool_]
    copies: npt.NDArray[np.bool_]
    lower: Floats
    upper: Floats
    depth: int


def build(triangles: Floats) -> Tree:
    """The tree of (T, 3, 3) triangles, split at the median of the longest axis on each level."""
    count = len(triangles)
    depth = max(0, int(np.ceil(np.log2(count / _LEAF))))
    runs = 2**depth
    size = -(-count // runs)
    order: Ints = np.minimum(np.arange(runs * size, dtype=np.int64), count - 1)[None]
    centers = triangles.mean(axis=1)
    for _ in range(depth):
        at = centers[order]
        axis = np.ptp(at, axis=1).argmax(axis=1)
        key = np.take_along_axis(at, axis[:, None, None], axis=2)[..., 0]
        half = order.shape[1] // 2
        # runs have an even length: size * 2^(levels below)
        split = np.argpartition(key, half, axis=1)
        order = np.take_along_axis(order, split, axis=1).reshape(2 * len(order), half)
    order = order.reshape(-1)
    corners = triangles[order]
    low = corners.min(axis=1).reshape(runs, size, 3).min(axis=1)
    high = corners.max(axis=1).reshape(runs, size, 3).max(axis=1)
    lower, upper = [low], [high]
    for _ in range(depth):
        lower.append(lower[-1].reshape(-1, 2, 3).min(axis=1))
        upper.append(upper[-1].reshape(-1, 2, 3).max(axis=1))
    copies = np.ones(len(order), np.bool_)
    copies[np.unique(order, return_index=True)[1]] = False
    return Tree(
        order, corners, _slivers(corners), copies, np.concatenate(lower[::-1]),
        np.concatenate(upper[::-1]), depth,
    )  # fmt: skip


def closest(tree: Tree, points: Floats) -> tuple[Floats, Ints, Floats, npt.NDArray[np.int8]]:
    """The nearest surface point of each of (P, 3) points.

    Squared distances (P,), faces (P,), weights of the faces' second and third corner (P, 2), and
    features (P,): 0..2 a corner, 3..5 the edge that begins there, 6 the face's inside.
    """
    order = _along_curve(points)
    found = _closest(
        points[order], tree.triangles, tree.slivers, tree.lower, tree.upper, tree.depth
    )
    square, place, weights, feature = (_scatter(part, order) for part in found)
    return square, tree.faces[place], weights, feature


def winding(tree: Tree, moments: Moments, points: Floats, beta: float) -> Floats:
    """(P,) generalized winding numbers: 1 inside, 0 outside, between them where there are holes.

    Barill et al., Fast Winding Numbers for Soups and Clouds (SIGGRAPH 2018), with the first two
    terms of the expansion for nodes farther away than ``beta`` radii.
    """
    order = _along_curve(points)
    found = _winding(
        points[order], tree.triangles, tree.copies, tree.depth,
        moments.centers, moments.normals, moments.firsts, moments.radii, beta,
    )  # fmt: skip
    return _scatter(found, order)


def _along_curve(points: Floats) -> Ints:
    """The order of the points along a Morton curve: neighbors take one path through the tree."""
    lower = points.min(axis=0, initial=np.inf)
    side = float((points.max(axis=0, initial=-np.inf) - lower).max())
    cell = (points - lower) * ((2**16 - 1) / side if side > 0 else 0.0)
    return np.argsort(morton.encode(cell.astype(np.int64)), kind="stable")


def _scatter(values: npt.NDArray[Any], order: Ints) -> npt.NDArray[Any]:
    out = np.empty_like(values)
    out[order] = values
    return out


def _slivers(corners: Floats) -> npt.NDArray[np.bool_]:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    cross = np.cross(b - a, c - a)
    longest = np.maximum.reduce([((p - q) ** 2).sum(axis=1) for p, q in ((a, b), (b, c), (c, a))])
    return np.asarray((cross**2).sum(axis=1) <= _SLIVER * longest**2)


@inline
def _nearest_on_segment(p: Any, a: Any, b: Any) -> Any:
    """Parameter t in [0, 1] and squared distance of ``p`` to ``a + t (b - a)``."""
    abx, aby, abz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    length = abx * abx + aby * aby + abz * abz
    t = 0.0
    if length > 0.0:
        t = ((p[0] - a[0]) * abx + (p[1] - a[1]) * aby + (p[2] - a[2]) * abz) / length
        t = min(1.0, max(0.0, t))
    dx, dy, dz = p[0] - a[0] - t * abx, p[1] - a[1] - t * aby, p[2] - a[2] - t * abz
    return t, dx * dx + dy * dy + dz * dz


@inline
def _nearest_on_triangle(p: Any, tri: Any, sliver: bool) -> Any:
    """Weights u, v of corners 1 and 2, and the feature: 0..2 corner, 3..5 edge from it, 6 face.

    Ericson, Real-Time Collision Detection, 5.1.5.
    """
    a, b, c = tri[0], tri[1], tri[2]
    if sliver:
        t0, d0 = _nearest_on_segment(p, a, b)
        t1, d1 = _nearest_on_segment(p, b, c)
        t2, d2 = _nearest_on_segment(p, c, a)
        if d0 <= d1 and d0 <= d2:
            return t0, 0.0, 0 if t0 == 0.0 else (1 if t0 == 1.0 else 3)
        if d1 <= d2:
            return 1.0 - t1, t1, 1 if t1 == 0.0 else (2 if t1 == 1.0 else 4)
        return 0.0, 1.0 - t2, 2 if t2 == 0.0 else (0 if t2 == 1.0 else 5)
    abx, aby, abz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    acx, acy, acz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    apx, apy, apz = p[0] - a[0], p[1] - a[1], p[2] - a[2]
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    if d1 <= 0.0 and d2 <= 0.0:
        return 0.0, 0.0, 0
    bpx, bpy, bpz = p[0] - b[0], p[1] - b[1], p[2] - b[2]
    d3 = abx * bpx + aby * bpy + abz * bpz
    d4 = acx * bpx + acy * bpy + acz * bpz
    if d3 >= 0.0 and d4 <= d3:
        return 1.0, 0.0, 1
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        return d1 / (d1 - d3), 0.0, 3
    cpx, cpy, cpz = p[0] - c[0], p[1] - c[1], p[2] - c[2]
    d5 = abx * cpx + aby * cpy + abz * cpz
    d6 = acx * cpx + acy * cpy + acz * cpz
    if d6 >= 0.0 and d5 <= d6:
        return 0.0, 1.0, 2
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        return 0.0, d2 / (d2 - d6), 5
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 1.0 - w, w, 4
    scale = 1.0 / (va + vb + vc)
    return vb * scale, vc * scale, 6


@inline
def _offset(p: Any, tri: Any, u: float, v: float, axis: int) -> Any:
    """One coordinate of the vector from the triangle's point (u, v) to ``p``."""
    w = 1.0 - u - v
    return p[axis] - (w * tri[0, axis] + u * tri[1, axis] + v * tri[2, axis])


@inline
def _box_distance(p: Any, lower: Any, upper: Any) -> Any:
    total = 0.0
    for axis in range(3):
        gap = max(lower[axis] - p[axis], 0.0, p[axis] - upper[axis])
        total += gap * gap
    return total


@parallel
def _closest(points: Any, triangles: Any, slivers: Any, lower: Any, upper: Any, depth: int) -> Any:
    """See :func:`closest`; gives places instead of faces."""
    count = points.shape[0]
    square = np.empty(count)
    place = np.empty(count, np.int64)
    weights = np.empty((count, 2))
    feature = np.empty(count, np.int8)
    first_leaf = 2**depth - 1
    size = triangles.shape[0] // (first_leaf + 1)
    for run in prange((count + _RUN - 1) // _RUN):
        node_stack = np.empty(64, np.int64)
        bound_stack = np.empty(64)
        last = 0
        for i in range(run * _RUN, min((run + 1) * _RUN, count)):
            p = points[i]
            best = np.inf
            for attempt in range(2):
                # First the face that the point before found, then the tree.
                if attempt == 0:
                    top = 0
                    k0, k1 = last, last + 1
                else:
                    node_stack[0] = 0
                    bound_stack[0] = _box_distance(p, lower[0], upper[0])
                    top = 1
                    k0, k1 = 0, 0
                while True:
                    if attempt == 1:
                        if top == 0:
                            break
                        top -= 1
                        if bound_stack[top] >= best:
                            continue
                        node = node_stack[top]
                        if node < first_leaf:
                            left, right = 2 * node + 1, 2 * node + 2
                            dl = _box_distance(p, lower[left], upper[left])
                            dr = _box_distance(p, lower[right], upper[right])
                            if dl > dr:
                                left, right, dl, dr = right, left, dr, dl
                            if dr < best:
                                node_stack[top], bound_stack[top] = right, dr
                                top += 1
                            if dl < best:
                                node_stack[top], bound_stack[top] = left, dl
                                top += 1
                            continue
                        k0 = (node - first_leaf) * size
                        k1 = k0 + size
                    for k in range(k0, k1):
                        tri = triangles[k]
                        u, v, f = _nearest_on_triangle(p, tri, slivers[k])
                        dx = _offset(p, tri, u, v, 0)
                        dy = _offset(p, tri, u, v, 1)
                        dz = _offset(p, tri, u, v, 2)
                        d = dx * dx + dy * dy + dz * dz
                        if d < best:
                            best = d
                            place[i] = k
                            weights[i, 0], weights[i, 1] = u, v
                            feature[i] = f
                    if attempt == 0:
                        break
            square[i] = best
            last = place[i]
    return square, place, weights, feature


@dataclass(frozen=True, eq=False)
class Moments:
    """What stands for each node from afar.

    ``centers``: (nodes, 3), weighted by area. ``normals``: (nodes, 3) sums of the faces' area
    vectors; ``firsts``: (nodes, 3, 3) their first moments about the center. ``radii``: (nodes,).
    """

    centers: Floats
    normals: Floats
    firsts: Floats
    radii: Floats


def moments(tree: Tree) -> Moments:
    """The moments of all nodes of a tree."""
    corners = tree.triangles
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    vectors = 0.5 * np.cross(b - a, c - a)
    vectors[tree.copies] = 0.0
    area = np.linalg.norm(vectors, axis=1) + np.finfo(np.float64).tiny
    middle = corners.mean(axis=1)
    centers, normals, firsts, radii = [], [], [], []
    for level in range(tree.depth + 1):
        nodes = 2**level
        weight = area.reshape(nodes, -1)
        at = middle.reshape(nodes, -1, 3)
        center = (weight[..., None] * at).sum(axis=1) / weight.sum(axis=1)[:, None]
        vector = vectors.reshape(nodes, -1, 3)
        centers.append(center)
        normals.append(vector.sum(axis=1))
        firsts.append(np.einsum("nki,nkj->nij", at - center[:, None], vector))
        reach = corners.reshape(nodes, -1, 3) - center[:, None]
        radii.append(np.sqrt((reach**2).sum(axis=2).max(axis=1)))
    return Moments(*(np.concatenate(part) for part in (centers, normals, firsts, radii)))


@inline
def _solid_angle(p: Any, tri: Any) -> Any:
    """Signed solid angle of a triangle over 2 (van Oosterom and Strackee 1983)."""
    ax, ay, az = tri[0, 0] - p[0], tri[0, 1] - p[1], tri[0, 2] - p[2]
    bx, by, bz = tri[1, 0] - p[0], tri[1, 1] - p[1], tri[1, 2] - p[2]
    cx, cy, cz = tri[2, 0] - p[0], tri[2, 1] - p[1], tri[2, 2] - p[2]
    la = np.sqrt(ax * ax + ay * ay + az * az)
    lb = np.sqrt(bx * bx + by * by + bz * bz)
    lc = np.sqrt(cx * cx + cy * cy + cz * cz)
    det = (
        ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
    )  # fmt: skip
    rest = (
        la * lb * lc
        + (ax * bx + ay * by + az * bz) * lc
        + (bx * cx + by * cy + bz * cz) * la
        + (cx * ax + cy * ay + cz * az) * lb
    )
    return np.arctan2(det, rest)


@parallel
def _winding(
    points: Any, triangles: Any, copies: Any, depth: int, centers: Any, normals: Any, firsts: Any,
    radii: Any, beta: float,
) -> Any:  # fmt: skip
    """See :func:`winding`."""
    count = points.shape[0]
    out = np.empty(count)
    first_leaf = 2**depth - 1
    size = triangles.shape[0] // (first_leaf + 1)
    for i in prange(count):
        stack = np.empty(64, np.int64)
        stack[0] = 0
        top = 1
        p = points[i]
        total = 0.0
        while top > 0:
            top -= 1
            node = stack[top]
            rx = centers[node, 0] - p[0]
            ry = centers[node, 1] - p[1]
            rz = centers[node, 2] - p[2]
            r2 = rx * rx + ry * ry + rz * rz
            reach = beta * radii[node]
            if r2 > reach * reach:
                inverse = 1.0 / np.sqrt(r2)
                cube = inverse / r2
                n, m = normals[node], firsts[node]
                far = (rx * n[0] + ry * n[1] + rz * n[2]) * cube
                trace = m[0, 0] + m[1, 1] + m[2, 2]
                quadratic = (
                    rx * (m[0, 0] * rx + m[0, 1] * ry + m[0, 2] * rz)
                    + ry * (m[1, 0] * rx + m[1, 1] * ry + m[1, 2] * rz)
                    + rz * (m[2, 0] * rx + m[2, 1] * ry + m[2, 2] * rz)
                )
                total += far + trace * cube - 3.0 * quadratic * cube / r2
            elif node < first_leaf:
                stack[top] = 2 * node + 1
                stack[top + 1] = 2 * node + 2
                top += 2
            else:
                start = (node - first_leaf) * size
                for k in range(start, start + size):
                    if not copies[k]:
                        total += 2.0 * _solid_angle(p, triangles[k])
        out[i] = total / (4.0 * np.pi)
    return out
