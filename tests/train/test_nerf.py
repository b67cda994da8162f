"""Radiance fields from images of a scene that is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch

from nfcodec.check.field import check_field
from nfcodec.data.images import PosedImages
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.fit.rays import RayBank
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.metrics import psnr
from nfcodec.model.field import Field
from nfcodec.render.volume import render_rays
from nfcodec.train import nerf
from nfcodec.train.nerf import NerfSettings, train_nerf
from nfcodec.train.surface import SurfaceSettings
from tests.interrupt import Interrupter
from tests.train.scenes import ball

SMALL = NerfSettings(depths=(2, 3, 4), features=4, hidden=16, steps=200, samples_per_step=4096)


def train(posed: Any = None, settings: NerfSettings = SMALL, **options: Any) -> Field:
    return train_nerf(
        ball() if posed is None else posed, settings=settings, device="cpu", **options
    )


def quality(field: Field, alpha: bool = True, lod: int | None = None) -> float:
    """PSNR on views between those trained on."""
    held_out = ball(4, alpha=alpha, turn=1.0)
    module = FieldModule(field)
    background = torch.tensor(held_out.background)
    shown = []
    for camera in held_out.cameras:
        rays = (torch.from_numpy(a) for a in camera.rays())
        shown.append(render_rays(module, *rays, lod=lod, background=background).color.numpy())
    return psnr(held_out.colors(), np.stack(shown).reshape(held_out.colors().shape))


@pytest.fixture(scope="module")
def trained() -> Field:
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    return train()


def test_the_scene_is_learned_and_every_prefix_is_an_image(trained: Field) -> None:
    check_field(trained, "trained")
    by_lod = [quality(trained, lod=lod) for lod in range(3)]
    assert by_lod == sorted(by_lod)
    assert by_lod[0] > 12.0
    assert by_lod[-1] > 23.0


def test_only_voxels_that_are_seen_are_kept(trained: Field) -> None:
    finest = trained.levels[-1].layout
    assert isinstance(finest, OctreeLayout)
    assert finest.depth == 4
    assert 0 < len(finest.voxels) < 0.8 * 16**3
    for coarse, fine in zip(trained.levels, trained.levels[1:], strict=False):
        parents = np.unique(fine.layout.voxels >> np.uint64(3))
        assert np.isin(parents, coarse.layout.voxels).all()


def test_what_was_done_is_recorded(trained: Field) -> None:
    kept = json.loads(json.dumps(dict(trained.metadata)))
    assert kept["background"] == [1.0, 1.0, 1.0]
    assert kept["training"]["steps"] == 200
    assert kept["training"]["depths"] == [2, 3, 4]
    assert len(kept["viewpoints"]["poses"]) == 12
    assert kept["camera"]["eye"] != kept["camera"]["target"]


def test_a_scene_without_alpha_is_learned_coarse_to_fine() -> None:
    settings = replace(SMALL, depths=(3, 4, 5))
    field = train(ball(alpha=False), settings)
    assert quality(field, alpha=False) > 20.0
    finest = field.levels[-1].layout
    assert isinstance(finest, OctreeLayout)
    assert len(finest.voxels) < 0.5 * 32**3


def depths_of(field: Field) -> list[int]:
    layouts = [level.layout for level in field.levels]
    return [layout.depth for layout in layouts if isinstance(layout, OctreeLayout)]


def opaque(posed: PosedImages) -> PosedImages:
    """The same in files with an alpha channel that says nothing."""
    pixels = np.full((*posed.images.shape[:3], 4), 255, np.uint8)
    pixels[..., :3] = posed.images
    return replace(posed, images=pixels)


def test_levels_are_added_one_by_one_where_voxels_are_many() -> None:
    def stages(posed: PosedImages, *depths: int, box: float = 0.6) -> list[tuple[int, ...]]:
        settings = replace(SMALL, depths=depths)
        at_first = nerf.levels_at_first(posed, np.array([[-box] * 3, [box] * 3]), settings)
        return [nerf.depths_of_stage(number, settings, at_first) for number in range(3)]

    photographs = ball(6, alpha=False)
    for posed in (photographs, opaque(photographs)):
        assert stages(posed, 6, 7, 8, 9) == [(6, 7), (6, 7, 8), (6, 7, 8, 9)]
        assert stages(posed, 5, 6, 7, 8) == [(5, 6, 7), (5, 6, 7, 8), (5, 6, 7, 8)]
        assert stages(posed, 8, 10) == [(8,), (8, 10), (8, 10)]  # there is no coarser one
    # A thing is carved out of the box: if it is small, it has few.
    whole = [(6, 7, 8), (6, 7, 8, 9), (6, 7, 8, 9)]
    assert stages(ball(6), 6, 7, 8, 9, box=0.6)[0] == (6, 7)
    assert stages(ball(6), 6, 7, 8, 9, box=1.0) == whole


def test_a_scene_is_begun_coarse_and_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(nerf, "_MOST_AT_FIRST", 4**3)
    posed, settings = ball(6, alpha=False), replace(SMALL, depths=(2, 3, 4), steps=30)
    wanted = train(posed, settings)
    assert depths_of(wanted) == [2, 3, 4]
    state = tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        train(posed, settings, checkpoint=state, progress=Interrupter(2, "stage 2"))
    assert torch.load(state, weights_only=True)["depth"] == 3
    assert_same(train(posed, settings, checkpoint=state), wanted)


@pytest.mark.parametrize("surface", [False, True])
def test_of_too_many_voxels_those_that_weigh_most_are_kept(
    monkeypatch: pytest.MonkeyPatch, trained: Field, surface: bool
) -> None:
    posed, settings = ball(4), SMALL
    if surface:
        settings = replace(SMALL, surface=SurfaceSettings())
        monkeypatch.setattr(octree, "dilate", lambda cells: cells)
        monkeypatch.setattr(octree, "to_cells", lambda layout: np.ones((16, 16, 16), np.bool_))
    rng = np.random.default_rng(0)
    weights = rng.permutation(16**3).reshape(16, 16, 16).astype(np.float32) / 16**3
    monkeypatch.setattr(nerf, "visible_weight", lambda *_: torch.from_numpy(weights))
    module = FieldModule(trained)
    bank = RayBank(posed.cameras, posed.images, torch.device("cpu"))

    def kept(weight: float) -> np.ndarray:
        return octree.from_cells(weights >= weight).voxels

    few = nerf.seen_octree(module, bank, settings, 4, 0.5)
    np.testing.assert_array_equal(few.voxels, kept(0.5))
    monkeypatch.setattr(nerf, "_MOST_VOXELS", 400)
    most = 100 if surface else 400
    some = nerf.seen_octree(module, bank, settings, 4, 0.5)
    assert len(some.voxels) == most
    np.testing.assert_array_equal(some.voxels, kept(1.0 - (most + 0.5) / 16**3))


@pytest.mark.parametrize("alpha", [True, False])
def test_a_single_step_is_enough_for_a_field(alpha: bool) -> None:
    field = train(ball(4, alpha=alpha), steps=1)
    check_field(field, "trained")
    assert field.num_lods == 3


def test_the_seed_decides_the_field() -> None:
    one, two, other = (train(ball(4), steps=6, seed=seed) for seed in (1, 1, 2))
    assert_same(one, two)
    assert not np.array_equal(one.levels[0].features, other.levels[0].features)


def assert_same(one: Field, two: Field) -> None:
    for a, b in zip(one.levels, two.levels, strict=True):
        np.testing.assert_array_equal(a.layout.voxels, b.layout.voxels)
        np.testing.assert_array_equal(a.features, b.features)
    for m, n in zip(one.networks, two.networks, strict=True):
        for x, y in zip(m.layers, n.layers, strict=True):
            np.testing.assert_array_equal(x.weight, y.weight)
            np.testing.assert_array_equal(x.bias, y.bias)
    assert one.metadata == two.metadata


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_resumed_training_ends_with_the_same_field(stage: int, tmp_path: Path) -> None:
    settings = replace(SMALL, steps=20)
    posed, state = ball(4), tmp_path / "state"
    wanted = train(posed, settings)
    with pytest.raises(KeyboardInterrupt):
        train(posed, settings, checkpoint=state, progress=Interrupter(2, f"stage {stage}"))
    assert state.exists()
    assert_same(train(posed, settings, checkpoint=state), wanted)


def test_a_checkpoint_of_other_work_or_damaged_is_refused(tmp_path: Path) -> None:
    posed, state = ball(4), tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        train(posed, steps=9, checkpoint=state, progress=Interrupter(1))
    others: list[tuple[Any, dict[str, Any], str]] = [
        (posed, {"steps": 10}, "settings differ"),
        (posed, {"steps": 9, "seed": 1}, "seed differ"),
        (ball(4, turn=0.1), {"steps": 9}, "images differ"),
    ]
    for images, options, message in others:
        with pytest.raises(UsageError, match=message):
            train(images, checkpoint=state, **options)
    identity = torch.load(state, weights_only=True)["identity"]
    one = torch.zeros(1, dtype=torch.int64)
    for content in (
        {},
        {"stage": 9, "depth": 4, "voxels": one},
        {"stage": torch.ones(2), "depth": 4, "voxels": one},
        {"stage": 1, "depth": 3, "voxels": one},  # that of stage 0
        {"stage": 1, "depth": 4, "voxels": one + (1 << 12)},  # outside
        {"stage": 1, "depth": 4, "voxels": torch.tensor([2, 1])},  # not in order
        {"stage": 1, "depth": 4, "voxels": one[:0]},
        {"stage": 1, "depth": float("inf"), "voxels": one},
        {"stage": 1, "depth": 4, "voxels": torch.zeros(2, requires_grad=True)},
    ):
        Checkpoint(state, identity).save(content)
        with pytest.raises(DamagedFileError, match="delete it"):
            train(posed, steps=9, checkpoint=state)


def test_images_of_nothing_are_refused() -> None:
    posed = ball(4)
    with pytest.raises(DamagedFileError, match="alpha masks"):
        train(replace(posed, images=np.zeros_like(posed.images)))


def test_a_scene_that_fades_away_is_an_error() -> None:
    with pytest.raises(NfcodecError, match="lost the whole scene"):
        train(ball(4), replace(SMALL, visible=(2.0, 2.0), steps=3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be a whole number from 1, got 0"),
        ({"steps": 2.5}, "steps"),
        ({"features": 0}, "features"),
        ({"hidden": -1}, "hidden"),
        ({"samples_per_step": 0}, "samples_per_step"),
        ({"depths": (4,)}, "2 or more increasing"),
        ({"depths": (3, 3)}, "increasing"),
        ({"depths": (5, 4)}, "increasing"),
        ({"depths": (5, 11)}, "0 to 10"),
        ({"depths": (-1, 3)}, "0 to 10"),
        ({"feature_rate": 0.0}, "feature_rate must be above 0"),
        ({"network_rate": float("nan")}, "network_rate"),
        ({"samples_per_voxel": -1.0}, "samples_per_voxel"),
        ({"stages": (0.5, 0.5, 0.0)}, "stages"),
        ({"visible": (0.1, float("inf"))}, "visible"),
        ({"visible": (0.1,)}, "3 stages need 2 values"),
        ({"stages": (1.0,), "visible": ()}, "two or more"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        NerfSettings(**options)
    if "steps" in options:
        with pytest.raises(UsageError, match=message):
            train(**options)


def test_levels_follow_the_size_of_the_images() -> None:
    field = train(ball(4), replace(SMALL, depths=(), steps=1))
    assert depths_of(field) == [3, 4, 5, 6]


def test_what_lies_under_a_mask_leaves_no_trace() -> None:
    plain = ball(6, 16, alpha=False)
    counted = np.ones(plain.images.shape[:3], np.bool_)
    counted[:, :5] = False
    fields = []
    for clutter in (0, 255):
        images = np.where(counted[..., None], plain.images, np.uint8(clutter))
        fields.append(
            train(replace(plain, images=images, counted=counted), replace(SMALL, steps=6))
        )
    for one, other in zip(fields[0].levels, fields[1].levels, strict=True):
        np.testing.assert_array_equal(one.features, other.features)
    whole = train(plain, replace(SMALL, steps=6)).levels[-1].features
    assert not np.array_equal(whole, fields[0].levels[-1].features)


def test_a_scene_far_from_the_origin_is_refused_before_training() -> None:
    posed = ball(6, 16)
    far = []
    for camera in posed.cameras:
        pose = camera.pose.copy()
        pose[:3, 3] += (431_250.0, 5_410_900.0, 212.0)
        far.append(replace(camera, pose=pose))
    with pytest.raises(UnsupportedError, match="move the origin"):
        train(replace(posed, cameras=tuple(far)))
