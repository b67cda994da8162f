"""Prices of a bit: the search for the one that leads to a target, as trials and attempts tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

#: Prices that are tried are within this factor of the first.
REACH = 4.0**6
#: A price is at most this factor away from the one before: trials say little of farther ones.
FAR = 8.0
#: Halvings of the stretch in which the price lies that trials say leads to the target, before the
#: rest is interpolated.
_HALVINGS = 2
#: A price next to one that led to the wrong side of the target is at least this factor away.
_NEXT = 1.2


def leading_from(
    price: float, change: float, origin: float, distance: Callable[[float], float]
) -> float:
    """The price by which the ``distance`` from a target is ``change`` more than by ``price``.

    ``distance``: in nats, what trials lead to at a price, but for a constant; it falls as bits get
    dearer. ``origin``: the first price, of which all others are within :data:`REACH`.
    """
    expected = cache(distance)
    wanted = expected(price) + change
    least, most = origin / REACH, origin * REACH
    low = high = min(max(price, least), most)
    while expected(low) < wanted and low > least:
        low, high = max(low / 4.0, least), low
    while expected(high) > wanted and high < most:
        low, high = high, min(high * 4.0, most)
    if expected(low) <= wanted or expected(high) >= wanted:
        return low if expected(low) <= wanted else high
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if expected(middle) > wanted else (low, middle)
    share = float((expected(low) - wanted) / (expected(low) - expected(high)))
    return low * math.exp(share * math.log(high / low))


def between(price: float, tried: Sequence[tuple[float, float]]) -> float:
    """``price``, or another if it lies where ``tried`` say that the wanted one does not.

    They are prices and how far above what is wanted each of them led.
    """
    dear = min((one for one, off in tried if off < 0.0), default=math.inf)
    cheap = max((one for one, off in tried if off >= 0.0), default=0.0)
    if cheap < price < dear or not cheap < dear:
        return price
    if cheap > 0.0 and dear < math.inf:
        return math.sqrt(cheap * dear)
    return cheap * _NEXT if cheap > 0.0 else dear / _NEXT
