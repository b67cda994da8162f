"""Untrained fields, and fields moved to another octree."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.check.field import check_field
from nfcodec.evaluate import reference
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.field import Field
from nfcodec.train.build import radiance_field, refine

BOUNDS = np.array([[-1.0] * 3, [1.0] * 3])


def cells(depth: int, share: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((2**depth,) * 3) < share


def field_on(mask: np.ndarray, depths: tuple[int, ...]) -> Field:
    finest = octree.from_cells(mask)
    return radiance_field(finest, BOUNDS, depths, features=4, hidden=8, seed=1)


def test_an_untrained_field_is_sound_and_slightly_foggy() -> None:
    field = field_on(cells(4, 0.1), (2, 3, 4))
    check_field(field, "untrained")
    for level, depth in zip(field.levels, (2, 3, 4), strict=True):
        assert isinstance(level.layout, OctreeLayout)
        assert level.layout.depth == depth
        assert level.features.shape == (level.layout.num_rows, 4)
    points = np.random.default_rng(0).uniform(-1, 1, (2000, 3))
    directions = np.tile([0.0, 0.0, 1.0], (2000, 1))
    density = reference.evaluate(field, points, directions)[:, 0]
    assert ((density == 0) | ((density > 1.0) & (density < 6.0))).all()
    assert 0 < np.mean(density > 0) < 0.3


@pytest.mark.parametrize("depths", [(2, 3), (2, 3, 4), (3, 4, 5)])
def test_refining_keeps_the_values_inside_what_stays(depths: tuple[int, ...]) -> None:
    before = field_on(cells(3, 0.5), (2, 3))
    rng = np.random.default_rng(3)
    before = before.with_features(
        [rng.normal(size=v.features.shape).astype(np.float32) for v in before.levels]
    )
    mask = octree.to_cells(octree.from_cells(cells(3, 0.5)))
    for _ in range(depths[-1] - 3):
        mask = mask.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    mask &= cells(depths[-1], 0.4, seed=4)  # a part of it stays
    after = refine(before, octree.from_cells(mask), depths)
    check_field(after, "refined")
    if 2 not in depths:  # the level that is dropped no longer counts
        silent = [np.zeros_like(before.levels[0].features), before.levels[1].features]
        before = before.with_features(silent)
    points = rng.uniform(-1, 1, (3000, 3))
    directions = np.tile([0.6, 0.0, 0.8], (3000, 1))
    old = reference.evaluate(before, points, directions)
    new = reference.evaluate(after, points, directions)
    inside = reference.inside(after, points, after.num_lods - 1)
    assert 200 < inside.sum() < 2500
    np.testing.assert_allclose(new[inside], old[inside], rtol=1e-10)
    assert not new[~inside, 0].any()
