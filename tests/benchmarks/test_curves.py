"""Curves against each other: the project's own BD-rate, fewer points, no overlap."""

from __future__ import annotations

import pytest
from rate.curves import against, best, bytes_at

from nfcodec.rd.bdrate import bd_rate

ANCHOR = [(100.0, 25.0), (150.0, 27.0), (240.0, 28.5), (400.0, 29.5), (410.0, 29.0)]
TEST = [(60.0, 26.0), (90.0, 27.5), (130.0, 28.7), (300.0, 30.0)]


def test_the_rate_is_the_projects_own() -> None:
    found = against(ANCHOR, TEST)
    assert found["bd_rate"] == pytest.approx(bd_rate(ANCHOR, TEST), abs=1e-9)
    assert found["overlap"] == [26.0, 29.5]
    assert found["points"] == [4, 4]  # the anchor's last point is dearer and worse than another


def test_two_points_are_a_curve() -> None:
    halved = [(rate / 2, quality) for rate, quality in ANCHOR[:2]]
    assert against(ANCHOR[:2], halved)["bd_rate"] == pytest.approx(-50.0)


def test_without_overlap_the_nearest_points_are_compared() -> None:
    found = against([(1000.0, 30.0), (2000.0, 31.0)], [(100.0, 28.0), (200.0, 29.0)])
    assert found["bd_rate"] is None
    assert found["nearest"] == {"ratio": 5.0, "qualities": [30.0, 29.0]}


def test_bytes_at_a_quality_are_between_in_their_logarithm() -> None:
    curve = [(100.0, 20.0), (1000.0, 30.0), (10000.0, 40.0)]
    assert bytes_at(curve, 25.0) == pytest.approx(10**2.5)
    assert bytes_at(curve, 30.0) == pytest.approx(1000.0)
    assert bytes_at(curve, 19.9) is None
    assert bytes_at(curve, 40.1) is None
    assert bytes_at(curve[:1], 20.0) is None


def test_the_best_curve_beats_most_others() -> None:
    curves = {"a": ANCHOR, "b": TEST, "c": [(2 * rate, quality) for rate, quality in ANCHOR]}
    assert best(curves) == "b"
    assert best({"alone": ANCHOR[:1]}) == "alone"
