"""An example scene, trained for a few hundred steps, is as good as it was: no surface is lost.

`benchmarks/quality.py` measures the figures of the README; this takes seconds and sees the same
faults. The scene is ray traced, so that every point of its surfaces is known.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest
import torch

from nfcodec.data import images
from nfcodec.data.images import PosedImages
from nfcodec.evaluate import FieldModule
from nfcodec.fit import sight
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.metrics import psnr
from nfcodec.model.field import Field
from nfcodec.render.volume import render_rays
from nfcodec.train import nerf
from nfcodec.train.nerf import NerfSettings, train_nerf

SCENES = Path(__file__).resolve().parents[2] / "examples" / "scenes"
SETTINGS = NerfSettings(
    depths=(3, 4, 5), features=8, hidden=32, samples_per_step=1 << 14, steps=300
)
#: The share of surface points that have to lie in a voxel, and dB on held-out views.
LEAST_COVERED, LEAST_PSNR = 0.995, 21.3


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A folder of 60 + 4 views of the still life at 64 x 64, and the scene that they show."""
    sys.path.insert(0, str(SCENES))
    try:
        import still_life  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(SCENES))
    folder = tmp_path_factory.mktemp("still_life")
    still_life.make(folder, train=60, test=4, size=64, lights=2)
    return folder, still_life.build()


def trained(posed: PosedImages) -> Field:
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    return train_nerf(posed, settings=SETTINGS, device="cpu")


def covered(field: Field, posed: PosedImages, trace: Callable[..., Any]) -> float:
    """The share of the surface points that ``posed`` shows which lie in a finest voxel."""
    finest = field.levels[-1].layout
    assert isinstance(finest, OctreeLayout)
    cells = octree.to_cells(finest)
    points: list[npt.NDArray[np.float32]] = []
    for camera in posed.cameras[::3]:
        origin, direction = camera.rays()
        distance, which = trace(origin, direction)
        points.append((origin + distance[:, None] * direction)[which >= 0])
    low, high = field.bounds
    cell = (np.concatenate(points) - low) / (high - low) * len(cells)
    x, y, z = np.clip(cell.astype(np.int64), 0, len(cells) - 1).T
    return float(cells[z, y, x].mean())


def quality(field: Field, posed: PosedImages) -> float:
    """PSNR on the views of ``posed``."""
    module, background = FieldModule(field), torch.tensor(posed.background)
    shown = []
    for camera in posed.cameras:
        rays = (torch.from_numpy(a) for a in camera.rays())
        shown.append(render_rays(module, *rays, background=background).color.numpy())
    return psnr(posed.colors(), np.stack(shown).reshape(posed.colors().shape))


def test_training_keeps_the_whole_surface(scene: tuple[Path, Any]) -> None:
    folder, truth = scene
    posed = images.load(folder, "train")
    field = trained(posed)
    assert covered(field, posed, truth.trace) > LEAST_COVERED
    assert quality(field, images.load(folder, "test")) > LEAST_PSNR


def test_the_bound_is_broken_where_voxels_that_no_ray_met_are_dropped(
    scene: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 8 rays per voxel face and no second look, training lost 2 dB of NeRF-Synthetic lego."""
    folder, truth = scene
    posed = images.load(folder, "train")
    monkeypatch.setattr(nerf, "visible_weight", lambda *given: sight.visible_weight(*given, 8))
    monkeypatch.setattr(sight, "_ENOUGH", 0)
    monkeypatch.setattr(
        sight, "_in_view", lambda site, *_: torch.zeros_like(site, dtype=torch.bool)
    )
    assert covered(trained(posed), posed, truth.trace) < LEAST_COVERED
