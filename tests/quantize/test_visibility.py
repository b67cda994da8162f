"""Voxels that no view shows are left out, with their corners; nothing else changes."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from nfcodec.data.images import PosedImages
from nfcodec.evaluate import FieldModule
from nfcodec.fit.rays import RayBank
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.camera import look_at, perspective
from nfcodec.model.field import Field
from nfcodec.quantize import Context
from nfcodec.quantize.learning.visibility import kept_within, prune_invisible_voxels
from nfcodec.quantize.vq.ecq import ECQ
from nfcodec.quantize.vq.vqad import VQAD
from tests.fields import opaque_field, random_field


def two_walls() -> Field:
    """Two opaque walls at x = 2 and x = 6 of 8."""
    cells = np.zeros((8, 8, 8), np.bool_)
    cells[:, :, 2] = cells[:, :, 6] = True
    return opaque_field(cells, 7.0)


def seen_from(*eyes: tuple[float, float, float]) -> PosedImages:
    cameras = tuple(perspective(24, 24, 0.8, look_at(eye, (0.0, 0.0, 0.0))) for eye in eyes)
    images = np.zeros((len(eyes), 24, 24, 3), np.uint8)
    names = tuple(f"{n}.png" for n in range(len(eyes)))
    return PosedImages(images, cameras, names, Path("made-up"))


def octrees(field: Field) -> list[OctreeLayout]:
    return [v.layout for v in field.levels if isinstance(v.layout, OctreeLayout)]


def test_a_wall_behind_another_is_left_out_unless_some_view_shows_it() -> None:
    field = two_walls()
    module = FieldModule(field)
    for eyes, walls in (([(-4.0, 0.0, 0.0)], {2}), ([(-4.0, 0.0, 0.0), (4.0, 0.0, 0.0)], {2, 6})):
        posed = seen_from(*eyes)
        bank = RayBank(posed.cameras, posed.images, torch.device("cpu"))
        cells = octree.to_cells(octrees(prune_invisible_voxels(field, module, bank))[-1])
        assert set(np.argwhere(cells)[:, 2]) == walls


def test_what_is_kept_has_the_values_it_had() -> None:
    field = two_walls()
    cells = octree.to_cells(octrees(field)[-1])
    cells[:, :, 5:] = False
    kept = kept_within(field, cells)
    assert [tree.depth for tree in octrees(kept)] == [tree.depth for tree in octrees(field)]
    for old, new in zip(field.levels, kept.levels, strict=True):
        assert len(new.features) < len(old.features)
    points = torch.rand(500, 3) * 2.0 - 1.0
    inside = torch.from_numpy(cells)[tuple(((points + 1.0) * 4.0).long().flip(1).T)]
    assert 20 < int(inside.sum()) < 480
    direction = torch.nn.functional.normalize(torch.randn(500, 3), dim=1)
    before, after = (FieldModule(f)(points, direction) for f in (field, kept))
    assert torch.equal(before[inside], after[inside])
    assert not after[~inside][:, 0].any()


def test_finer_octrees_stay_within_coarser_ones() -> None:
    field = random_field("nerf", "octree", seed=3)
    finest = max(octrees(field), key=lambda tree: tree.depth)
    cells = octree.to_cells(finest) & (
        np.random.default_rng(0).random((2**finest.depth,) * 3) < 0.3
    )
    trees = octrees(kept_within(field, cells))
    assert np.array_equal(octree.to_cells(trees[-1]), cells)
    for coarse, fine in itertools.pairwise(trees):
        octree.child_masks(coarse.voxels, octree.coarsen(fine, coarse.depth + 1).voxels)


def test_a_field_without_octrees_or_of_which_nothing_is_seen_stays_as_it_is() -> None:
    posed = seen_from((-4.0, 0.0, 0.0))
    bank = RayBank(posed.cameras, posed.images, torch.device("cpu"))
    dense = random_field("nerf", "dense")
    assert prune_invisible_voxels(dense, FieldModule(dense), bank) is dense
    away = seen_from((-40.0, 0.0, 0.0))
    blind = RayBank(
        [perspective(4, 4, 0.1, look_at((-40.0, 0.0, 0.0), (-80.0, 0.0, 0.0)))],
        away.images[:, :4, :4], torch.device("cpu"),
    )  # fmt: skip
    field = two_walls()
    assert prune_invisible_voxels(field, FieldModule(field), blind) is field


@pytest.mark.parametrize(("method", "walls"), [(ECQ(steps=2), {2}), (VQAD(steps=2), {2, 6})])
def test_where_the_rate_counts_what_is_hidden_is_not_coded(method: VQAD, walls: set[int]) -> None:
    coded = method.quantize(two_walls(), Context(data=seen_from((-4.0, 0.0, 0.0))))
    layout = coded.levels[-1].layout
    assert isinstance(layout, OctreeLayout)
    assert set(np.argwhere(octree.to_cells(layout))[:, 2]) == walls
