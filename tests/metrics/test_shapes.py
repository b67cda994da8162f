"""Shape metrics against hand-computed values."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.metrics import chamfer, giou, normal_error_deg


def test_giou_by_hand() -> None:
    assert giou([-1, -1, -1, 1], [-1, -2, 3, -1]) == 0.5
    assert giou([-1, 1], [1, -1]) == 0
    assert giou([-0.1, 2], [-5, 7]) == 1
    assert np.isnan(giou([1, 2], [3, 4]))  # both empty: neither good nor bad
    assert giou([1, 2], [3, -4]) == 0
    assert giou([0, -1], [-1, -1]) == 0.5  # the surface itself is not inside
    with pytest.raises(UsageError, match="shapes"):
        giou([1, 2], [1])
    with pytest.raises(UsageError, match="shapes"):
        giou([], [])


def test_giou_of_two_balls() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (400_000, 3))
    r = np.linalg.norm(points, axis=1)
    assert giou(r - 0.8, r - 0.6) == pytest.approx(0.75**3, abs=0.005)


def test_chamfer_by_hand() -> None:
    a = [[0, 0, 0], [1, 0, 0]]
    b = [[0, 0, 0.5]]
    there = (0.5 + np.sqrt(1.25)) / 2
    assert chamfer(a, b) == pytest.approx((there + 0.5) / 2)
    assert chamfer(b, a) == chamfer(a, b)
    assert chamfer(a, b, scale=4) == pytest.approx(chamfer(a, b) / 4)
    assert chamfer(a, a) == 0
    assert chamfer(a, np.zeros((0, 3))) == float("inf")
    with pytest.raises(UsageError, match=r"\(P, 3\)"):
        chamfer([1, 2, 3], b)
    with pytest.raises(UsageError, match="NaN"):
        chamfer([[np.nan, 0, 0]], b)
    with pytest.raises(UsageError, match="scale"):
        chamfer(a, b, scale=0)


def test_normal_error_by_hand() -> None:
    x, y, z = np.eye(3)
    assert normal_error_deg([x], [x]) == 0
    assert normal_error_deg([x], [-x]) == pytest.approx(180)
    assert normal_error_deg([x, y], [y, y]) == pytest.approx(45)
    assert normal_error_deg([2 * x], [x + z]) == pytest.approx(45)  # lengths do not matter
    assert normal_error_deg([x], [0 * x]) == pytest.approx(90)
    tiny = np.radians(1e-6)
    assert normal_error_deg([x], [[np.cos(tiny), np.sin(tiny), 0]]) == pytest.approx(1e-6)
    with pytest.raises(UsageError, match="1 normals with 2"):
        normal_error_deg([x], [x, y])
    with pytest.raises(UsageError, match="0 normals"):
        normal_error_deg(np.zeros((0, 3)), np.zeros((0, 3)))
