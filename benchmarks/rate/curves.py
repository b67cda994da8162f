"""Curves of bytes over quality against each other: mean rates, rates at one quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from scipy.interpolate import PchipInterpolator

from nfcodec.rd.bdrate import RatePoint, pareto


def bytes_at(points: Sequence[RatePoint], quality: float) -> float | None:
    """The bytes that a curve needs for ``quality``, its logarithm interpolated as BD-rates do.

    None if the curve does not reach it, or has fewer than two points that each buy quality.
    """
    kept = pareto(points)
    if len(kept) < 2 or not kept[0][1] <= quality <= kept[-1][1]:
        return None
    return math.exp(float(_log_rate(kept)(quality)))


def against(anchor: Sequence[RatePoint], test: Sequence[RatePoint]) -> dict[str, Any]:
    """How many bytes ``test`` needs against ``anchor``.

    ``bd_rate`` in per cent (the formula of :mod:`nfcodec.rd.bdrate`, also for curves of two or
    three points) over ``overlap``, the qualities that both reach, with the ``points`` of each.
    Without an overlap ``bd_rate`` is None, and ``nearest`` has ``ratio``, the bytes of ``anchor``
    over those of ``test`` at the two points of most alike quality, and these ``qualities``.
    """
    one, two = pareto(anchor), pareto(test)
    found: dict[str, Any] = {"bd_rate": None, "points": [len(one), len(two)]}
    low, high = max(one[0][1], two[0][1]), min(one[-1][1], two[-1][1])
    if low < high:
        mean = (
            float(_log_rate(two).integrate(low, high)) - float(_log_rate(one).integrate(low, high))
        ) / (high - low)
        return {**found, "bd_rate": 100.0 * math.expm1(mean), "overlap": [low, high]}
    pairs = [(abs(a[1] - b[1]), a, b) for a in one for b in two]
    _, a, b = min(pairs)
    return {**found, "nearest": {"ratio": a[0] / b[0], "qualities": [a[1], b[1]]}}


def best(curves: dict[str, Sequence[RatePoint]]) -> str:
    """The curve that needs fewer bytes than most of the others."""

    def wins(name: str) -> int:
        rates = (against(curves[other], curves[name]) for other in curves if other != name)
        return sum(r["bd_rate"] is not None and r["bd_rate"] < 0 for r in rates)

    return max(curves, key=wins)


def _log_rate(points: Sequence[RatePoint]) -> PchipInterpolator:
    rates, qualities = zip(*points, strict=True)
    return PchipInterpolator(qualities, [math.log(rate) for rate in rates])
