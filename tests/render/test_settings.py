"""The lengths that all renderers take their samples with, on fields whose voxels are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nfcodec.evaluate import FieldModule
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field
from nfcodec.render import scalar, settings, surface, volume
from nfcodec.render.settings import samples_per_voxel, stated_slope
from tests.fields import placed_by
from tests.render.shapes import octree_sphere, sampled, sphere

BOX = [[-1.0, -2.0, -3.0], [1.0, 2.0, 5.0]]


def box_of(align_corners: bool = True) -> Field:
    """5 x 9 x 33 corners along x, y, z of a box of 2 x 4 x 8."""
    field = sampled(sphere, (33, 9, 5), bounds=BOX)
    level = replace(field.levels[0], layout=DenseLayout((33, 9, 5), align_corners))
    return replace(field, grids=(replace(field.grids[0], levels=(level,)),))


def test_voxels_of_dense_grids() -> None:
    assert settings.voxel_size(box_of()) == pytest.approx(8 / 32)
    assert settings.voxel_size(box_of(align_corners=False)) == pytest.approx(8 / 33)


def test_a_transform_shrinks_voxels() -> None:
    field = box_of()
    transform = np.array([[4, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], np.float32)
    field = placed_by(field, transform)
    assert settings.voxel_size(field) == pytest.approx(2 / (4 * 4))


def test_finer_levels_have_smaller_voxels() -> None:
    field = octree_sphere((3, 5))
    assert [settings.voxel_size(field, lod) for lod in (0, 1, None)] == [2 / 8, 2 / 32, 2 / 32]
    assert [settings.radiance_step(field, lod) for lod in (0, 1)] == [2 / 8, 2 / 32]
    dense = replace(field, metadata={"render": {"samples_per_voxel": 2.0}})
    assert settings.radiance_step(dense) == 2 / 64


def test_fields_without_grids() -> None:
    field = replace(box_of(), grids=())
    assert settings.voxel_size(field) == 8 / 256
    assert settings.radiance_step(field) == 8 / 128
    assert settings.scalar_step(field) == 8 / 256


def test_steps_are_bounded_by_the_box() -> None:
    field = box_of()
    assert settings.shortest_step(field, 0.01) == pytest.approx(0.0025)
    assert settings.shortest_step(field, 1.0) == pytest.approx(8 / 512)
    assert settings.scalar_step(field) == pytest.approx(8 / 192)


def test_depths_of_a_box() -> None:
    field = box_of()
    nearest, farthest = settings.depth_range(field, np.array([4.0, 6.0, 0.0]))
    assert (nearest, farthest) == pytest.approx((5.0, np.sqrt(25 + 64 + 25)))
    assert settings.depth_range(field, np.zeros(3))[0] == 0.0


def test_modules_are_drawn_with_their_field_s() -> None:
    field = octree_sphere((3, 5))
    module = FieldModule(field)
    for lod in (0, 1, None):
        assert volume.step_size(module, lod) == settings.radiance_step(field, lod)
        assert surface.voxel_size(module, lod) == settings.voxel_size(field, lod)
        assert scalar.sample_step(module, lod) == settings.scalar_step(field, lod)


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [(1.5, 1.5), (1e38, 4.0), (float("inf"), 4.0), (0, 0.0), (-1, 0.0), ("x", 0.0), (True, 0.0),
     (float("nan"), 0.0)],
)  # fmt: skip
def test_slopes_that_make_no_sense_are_not_taken(stated: object, wanted: float) -> None:
    assert stated_slope({"render": {"slope": stated}}) == wanted
    assert stated_slope({"render": stated}) == 0.0


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [(2.0, 2.0), (1e38, 16.0), (1e-9, 1 / 16), (0, 1.0), (-1, 1.0), ("x", 1.0), (None, 1.0),
     (True, 1.0), (float("inf"), 1.0)],
)  # fmt: skip
def test_steps_that_make_no_sense_are_not_taken(stated: object, wanted: float) -> None:
    assert samples_per_voxel({"render": {"samples_per_voxel": stated}}) == wanted
    assert samples_per_voxel({"render": stated}) == 1.0
