"""Bjontegaard rates: how much more a method needs for the same quality, averaged over a range.

Bjontegaard, Calculation of average PSNR differences between RD-curves (VCEG-M33, 2001), with
piecewise cubic (PCHIP) interpolation of log rate over quality, as the standards bodies do now.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence

from nfcodec.rd.plan import CURVE_POINTS

#: (bytes, quality), higher quality is better.
RatePoint = tuple[float, float]


def bd_rates(
    curves: Mapping[str, Sequence[RatePoint]],
) -> dict[str, dict[str, float | None]]:
    """{anchor: {method: percent}}: the rate of each method against each other one as anchor.

    Negative is smaller files. None (n/a) where a curve has fewer than four points that each buy
    quality with rate, or where the two share no range of quality.
    """
    return {
        anchor: {
            method: bd_rate(curves[anchor], curves[method]) for method in curves if method != anchor
        }
        for anchor in curves
    }


def bd_rate(anchor: Sequence[RatePoint], test: Sequence[RatePoint]) -> float | None:
    """The mean rate of ``test`` against ``anchor`` at equal quality in per cent, or None."""
    import bjontegaard

    one, two = pareto(anchor), pareto(test)
    if min(len(one), len(two)) < CURVE_POINTS:
        return None
    low, high = max(one[0][1], two[0][1]), min(one[-1][1], two[-1][1])
    if not low < high:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # overlap: judged above
        percent = bjontegaard.bd_rate(
            *zip(*one, strict=True), *zip(*two, strict=True), method="pchip",
            require_matching_points=False, min_overlap=0,
        )  # fmt: skip
    return float(percent) if math.isfinite(percent) else None


def pareto(points: Sequence[RatePoint]) -> list[RatePoint]:
    """The points that no other one beats in rate and quality, by rising rate."""
    kept: list[RatePoint] = []
    for rate, quality in sorted(points, key=lambda p: (p[0], -p[1])):
        if not kept or quality > kept[-1][1]:
            kept.append((rate, quality))
    return kept
