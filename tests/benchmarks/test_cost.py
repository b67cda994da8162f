"""Fits of cost against size."""

from __future__ import annotations

import cost
import pytest

from nfcodec.check.field import check_field


def test_a_line_is_found() -> None:
    corners = [1e3, 1e4, 1e5, 1e6]
    found = cost.fitted(corners, [2.0 + 3e-6 * each for each in corners])
    assert found["constant"] == pytest.approx(2.0)
    assert found["slope"] == pytest.approx(3e-6)
    assert found["r2"] == pytest.approx(1.0)
    assert 0.0 < found["exponent"] < found["last_exponent"] < 1.0


def test_a_power_is_found() -> None:
    corners = [1e3, 1e4, 1e5, 1e6]
    found = cost.fitted(corners, [1e-9 * each**1.5 for each in corners])
    assert found["exponent"] == pytest.approx(1.5)
    assert found["r2"] < 0.999


def test_what_steps_cost_is_told_apart_from_what_begins_a_stage() -> None:
    costs = [7.0, 1.0, 1.0, 9.0, 2.0, 3.0, 8.0]
    at = {done: sum(costs[:done]) for done in range(1, 8)}
    step, together = cost.costs_of_steps(at, [3, 4])
    assert step == pytest.approx(3.0)
    assert together == pytest.approx(3 * 1.0 + 4 * (2.0 + 3.0 + 8.0) / 3)


def test_a_stage_too_short_to_time_is_refused() -> None:
    with pytest.raises(SystemExit, match="--steps"):
        cost.measured("ecq", 5, 3)


def test_made_up_fields_are_sound_and_four_times_as_large_by_depth() -> None:
    small, large = cost.made_up_field(5), cost.made_up_field(6)
    check_field(small, "small")
    check_field(large, "large")
    finest = [len(field.levels[-1].features) for field in (small, large)]
    assert 3.0 < finest[1] / finest[0] < 5.0
