"""Bjontegaard rates of curves whose distance is known."""

from __future__ import annotations

import pytest

from nfcodec.rd.bdrate import bd_rate, bd_rates, pareto

CURVE = [(100.0, 20.0), (200.0, 23.0), (400.0, 26.0), (800.0, 29.0)]


def scaled(factor: float, by: float = 0.0) -> list[tuple[float, float]]:
    return [(rate * factor, quality + by) for rate, quality in CURVE]


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_a_constant_factor_is_found(factor: float) -> None:
    assert bd_rate(CURVE, scaled(factor)) == pytest.approx(100 * (factor - 1), abs=1e-6)


def test_quality_gained_is_rate_saved() -> None:
    # 3 dB are worth a doubling on this curve.
    assert bd_rate(CURVE, scaled(1.0, 3.0)) == pytest.approx(-50.0, abs=0.1)


def test_the_order_of_points_does_not_matter() -> None:
    assert bd_rate(CURVE[::-1], scaled(2.0)[::-1]) == pytest.approx(100.0)


def test_what_cannot_be_told_is_none() -> None:
    assert bd_rate(CURVE, CURVE[:3]) is None
    assert bd_rate(CURVE, scaled(1.0, 50.0)) is None
    flat = [(rate, 25.0) for rate, _ in CURVE]
    assert bd_rate(CURVE, flat) is None
    assert bd_rate(CURVE, []) is None


def test_points_that_others_beat_do_not_count() -> None:
    worse = [(300.0, 22.0), (800.0, 28.0), (900.0, 29.0)]
    assert pareto([*CURVE, *worse]) == CURVE
    assert bd_rate([*CURVE, *worse], scaled(2.0)) == pytest.approx(100.0)


def test_every_method_is_set_against_every_other() -> None:
    rates = bd_rates({"a": CURVE, "b": scaled(2.0), "c": CURVE[:2]})
    assert rates["a"] == {"b": pytest.approx(100.0), "c": None}
    assert rates["b"]["a"] == pytest.approx(-50.0)
    assert rates["c"] == {"a": None, "b": None}
