"""Clip the ears off polygons in the plane."""

from __future__ import annotations

import numpy as np

from nfcodec.jit import Array, inline, serial

_NO_EAR, _EAR, _GOOD_EAR = 0, 1, 2
_TIGHT = 1e-10  # sine of an angle that rounding alone may make


@inline
def _sine(points: Array, a: int, b: int, c: int) -> float:
    """Sine of the angle by which the way from a over b to c turns left."""
    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    vx, vy = points[c, 0] - points[b, 0], points[c, 1] - points[b, 1]
    size = np.sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy))
    return float((ux * vy - uy * vx) / size) if size > 0 else 0.0


@inline
def _blocks(points: Array, q: int, a: int, b: int, c: int, straight: float) -> bool:
    """Whether q lies in the triangle a b c, or on its sides, and is at none of its corners."""
    for corner in (a, b, c):
        if points[q, 0] == points[corner, 0] and points[q, 1] == points[corner, 1]:
            return False  # the two ends of a cut to a hole lie at one place
    least = min(_sine(points, a, b, q), _sine(points, b, c, q), _sine(points, c, a, q))
    return bool(least >= -straight)


@inline
def _kind(points: Array, before: Array, after: Array, turns: Array, b: int, straight: float) -> int:
    """Whether the corner b can be cut off, and well: without a corner left on the cut."""
    a, c = before[b], after[b]
    for kind, least in ((_GOOD_EAR, straight), (_EAR, _TIGHT)):
        free = turns[b] > least
        q = after[c]
        while free and q != a:
            free = not (turns[q] <= least and _blocks(points, q, a, b, c, least))
            q = after[q]
        if free:
            return kind
    return _NO_EAR


@serial
def clip(points: Array, starts: Array, straight: float) -> tuple[Array, Array]:
    """Triangles (T, 3) of the polygons with the corners ``points[starts[k]:starts[k + 1]]``.

    ``points`` (C, 2) go around to the left. ``straight``: the sine of the angle between sides up
    to which they count as one line. The second result (P,) tells the polygons whose triangles
    have more area than they do: those that cross themselves. n corners cost n^2.
    """
    polygons = len(starts) - 1
    triangles = np.empty((len(points) - 2 * polygons, 3), np.int64)
    wrong = np.zeros(polygons, np.bool_)
    before = np.empty(len(points), np.int64)
    after = np.empty(len(points), np.int64)
    turns = np.empty(len(points))
    kinds = np.empty(len(points), np.int64)
    written = 0
    for k in range(polygons):
        low, high = starts[k], starts[k + 1]
        area, covered = 0.0, 0.0
        for i in range(low, high):
            before[i] = i - 1 if i > low else high - 1
            after[i] = i + 1 if i < high - 1 else low
        for i in range(low, high):
            j = after[i]
            turns[i] = _sine(points, before[i], i, j)
            area += points[i, 0] * points[j, 1] - points[i, 1] * points[j, 0]
        for i in range(low, high):
            kinds[i] = _kind(points, before, after, turns, i, straight)
        left, at = high - low, low
        while left > 3:
            ear = at
            for _ in range(left):
                at = after[at]
                # Without any ear the polygon crosses itself: take the corner that turns most.
                if kinds[at] > kinds[ear] or (
                    kinds[ear] == _NO_EAR and kinds[at] == _NO_EAR and turns[at] > turns[ear]
                ):
                    ear = at
                if kinds[ear] == _GOOD_EAR:
                    break
            a, c = before[ear], after[ear]
            triangles[written, 0], triangles[written, 1], triangles[written, 2] = a, ear, c
            written += 1
            covered += abs(_doubled_area(points, a, ear, c))
            after[a], before[c] = c, a
            turns[a] = _sine(points, before[a], a, c)
            turns[c] = _sine(points, a, c, after[c])
            kinds[a] = _kind(points, before, after, turns, a, straight)
            kinds[c] = _kind(points, before, after, turns, c, straight)
            left, at = left - 1, c
        a, c = before[at], after[at]
        triangles[written, 0], triangles[written, 1], triangles[written, 2] = a, at, c
        written += 1
        covered += abs(_doubled_area(points, a, at, c))
        wrong[k] = covered > abs(area) * (1 + 1e-6) + 1e-12
    return triangles, wrong


@inline
def _doubled_area(points: Array, a: int, b: int, c: int) -> float:
    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    vx, vy = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    return float(ux * vy - uy * vx)
