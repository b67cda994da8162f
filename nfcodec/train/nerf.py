"""Fit a radiance field to posed images: a sparse octree of features (NGLOD-NeRF, VQ-AD).

Training runs in three stages over one octree that shrinks: coarse levels first, over the visual
hull where there is alpha and over everything where there is not; then, with the next level added,
over the voxels that were seen; at last, with all levels, over those that still are. With a surface
(:mod:`nfcodec.train.surface`) the density is a function of a signed distance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.data.hull import scene_bounds, visual_hull
from nfcodec.data.images import PosedImages
from nfcodec.data.viewed import check_precision
from nfcodec.errors import DamagedFileError, InvalidFieldError, NfcodecError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit import viewpoints
from nfcodec.fit.checkpoint import Checkpoint, digest
from nfcodec.fit.loop import adam, decay, fit
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.fit.sight import visible_weight
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.camera import Camera
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.train.build import (
    check_count,
    check_depths,
    check_positive,
    radiance_field,
    refine,
)
from nfcodec.train.surface import SurfaceLoss, SurfaceSettings, learn_sharpness, surface_field
from nfcodec.untrusted.faults import printable

#: Voxels that are kept at most for learning on, and begun with: with 16 features, gradients and
#: Adam's moments, 2^21 of them take about 1 GB.
_MOST_VOXELS, _MOST_AT_FIRST = 1 << 21, 1 << 22
#: Neighbors in all directions make a shell of voxels about this many times as many.
_DILATED = 4


@dataclass(frozen=True)
class NerfSettings:
    """``depths``: octree levels, one LOD each; by default four up to one voxel per 1.5 pixels.

    ``stages``: shares of ``steps``, of two stages or more. ``visible``: after each stage but the
    last, voxels whose samples weigh less than this in every pixel are dropped, and of those left
    all but the 2^21 that weigh most. ``surface``: how to train a signed distance as the density's
    cause, None for a density of its own. UsageError for fewer than two depths or stages, depths
    that do not increase or are too deep, and for numbers that are not positive.
    """

    depths: tuple[int, ...] = ()
    features: int = 16
    hidden: int = 64
    steps: int = 2400
    stages: tuple[float, ...] = (0.1, 0.3, 0.6)
    visible: tuple[float, ...] = (0.003, 0.01)
    feature_rate: float = 1e-2
    network_rate: float = 3e-3
    samples_per_step: int = 1 << 16
    samples_per_voxel: float = 1.0
    surface: SurfaceSettings | None = None

    def __post_init__(self) -> None:
        if self.depths:
            check_depths(self.depths, fewest=2)
        for name in ("features", "hidden", "steps", "samples_per_step"):
            check_count(name, getattr(self, name))
        for name in ("feature_rate", "network_rate", "samples_per_voxel"):
            check_positive(name, getattr(self, name))
        check_positive("stages", *self.stages)
        check_positive("visible", *self.visible)
        if len(self.stages) < 2:
            raise UsageError(f"stages must be two or more shares of the steps, got {self.stages}")
        if len(self.visible) != len(self.stages) - 1:
            raise UsageError(
                f"{len(self.stages)} stages need {len(self.stages) - 1} values of visible, "
                f"one after each stage but the last; got {len(self.visible)}"
            )


def train_nerf(
    posed: PosedImages,
    *,
    settings: NerfSettings | None = None,
    steps: int | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> Field:
    """A radiance field of the scene that ``posed`` shows, in the units of its cameras.

    ``checkpoint``: where an interrupted run keeps its state, and goes on from. Raises NfcodecError
    if nothing is left of the scene.
    """
    settings = settings or NerfSettings()
    if steps is not None:
        settings = replace(settings, steps=steps)
    settings, bounds = prepared(posed, settings)
    where = pick(device)
    bank = RayBank.of(posed, where)
    kept = state = None
    if checkpoint is not None:
        images = digest(posed.arrays())
        identity = {
            "work": "train nerf", "images": images, "seed": seed, "settings": plain(settings),
        }  # fmt: skip
        kept = Checkpoint(checkpoint, identity)
        state = kept.load()

    field: Field | None = None
    module: FieldModule | None = None
    at_first = levels_at_first(posed, bounds, settings)
    first, resumed = 0, None
    if state is not None:
        first, resumed = _where_it_was(state, settings, at_first, checkpoint)
    for number in range(first, len(settings.stages)):
        depths = depths_of_stage(number, settings, at_first)
        if resumed is not None:
            finest, resumed = resumed, None
        elif module is None:
            finest = _start(posed, bounds, settings.depths[-1], depths[-1])
        else:
            finest = seen_octree(module, bank, settings, depths[-1], settings.visible[number - 1])
        if module is None:
            field = untrained(posed, finest, depths, settings, seed)
        else:
            field = refine(module.to_field(), finest, depths)
        module = FieldModule(field, where)
        if settings.surface is not None:
            learn_sharpness(module)
        last = number == len(settings.stages) - 1
        fit(
            module,
            _loss(module, bank, posed, settings),
            adam(
                [
                    ([*module.rows.parameters()], settings.feature_rate),
                    ([*module.networks.parameters()], settings.network_rate),
                ]
            ),
            max(1, round(settings.stages[number] * settings.steps)),
            label=f"train nerf, stage {number + 1} of {len(settings.stages)}",
            seed=seed + number,
            progress=progress,
            checkpoint=kept,
            stage={
                "stage": number, "depth": finest.depth,
                "voxels": torch.from_numpy(finest.voxels.view(np.int64)),
            },
            state=state,
            schedule=decay if last else _warm_up,
        )  # fmt: skip
        state = None
    assert module is not None
    return module.to_field()


def prepared(
    posed: PosedImages, settings: NerfSettings
) -> tuple[NerfSettings, npt.NDArray[np.float64]]:
    """``settings`` with the depths that suit ``posed``, if they state none; the scene's bounds.

    UnsupportedError for a scene too far from the origin.
    """
    bounds = scene_bounds(posed)
    if not settings.depths:
        settings = replace(settings, depths=_depths(posed, bounds))
    check_precision(posed.cameras, bounds, 2 ** settings.depths[-1], posed.path)
    return settings, bounds


def untrained(
    posed: PosedImages, finest: OctreeLayout, depths: tuple[int, ...], settings: NerfSettings,
    seed: int,
) -> Field:  # fmt: skip
    """The field that training ``posed`` over the voxels ``finest`` begins with."""
    bounds = scene_bounds(posed)
    build = radiance_field if settings.surface is None else surface_field
    field = build(
        finest, bounds, depths, features=settings.features, hidden=settings.hidden, seed=seed
    )
    return replace(field, metadata=_metadata(posed, bounds, settings, seed))


def _loss(
    module: FieldModule, bank: RayBank, posed: PosedImages, settings: NerfSettings
) -> PhotometricLoss:
    options: dict[str, Any] = {
        "samples_per_step": settings.samples_per_step, "background": posed.background,
    }  # fmt: skip
    if settings.surface is None:
        return PhotometricLoss(module, bank, **options)
    return SurfaceLoss(module, bank, settings=settings.surface, **options)


def _depths(posed: PosedImages, bounds: npt.NDArray[np.float64]) -> tuple[int, ...]:
    """Four levels, the finest with a voxel for about 1.5 pixels of a typical view."""
    extent = float((bounds[1] - bounds[0]).max())
    middle = bounds.mean(axis=0)
    pixels = np.median([_pixels_across(camera, middle, extent) for camera in posed.cameras])
    finest = int(np.clip(round(np.log2(max(pixels, 32.0) / 1.5)), 6, 9))
    return tuple(range(finest - 3, finest + 1))


def _pixels_across(camera: Camera, middle: npt.NDArray[np.float64], extent: float) -> float:
    distance = max(float(np.linalg.norm(camera.pose[:3, 3] - middle)), 0.5 * extent)
    return camera.fx * extent / distance


def levels_at_first(
    posed: PosedImages, bounds: npt.NDArray[np.float64], settings: NerfSettings
) -> int:
    """How many of the levels are begun with: all but the finest, as far as voxels are few enough.

    Photographs, which do not show where the scene is not, have all voxels of a large box.
    """
    depths, share = settings.depths[:-1], 1.0
    if posed.has_alpha and 8 ** depths[-1] > _MOST_AT_FIRST:
        share = float(visual_hull(posed, bounds, 64).mean())
    fit = sum(1 for depth in depths if share * float(8**depth) <= _MOST_AT_FIRST)
    return max(1, fit)


def depths_of_stage(number: int, settings: NerfSettings, at_first: int) -> tuple[int, ...]:
    """The levels of a stage: ``at_first`` of them in the first, all in the last.

    Between, one more in each, so that a finer level is made only of voxels in which a coarser one
    has shown something.
    """
    last = number == len(settings.stages) - 1
    return settings.depths if last else settings.depths[: at_first + number]


def _where_it_was(
    state: dict[str, Any], settings: NerfSettings, at_first: int, checkpoint: Path | None
) -> tuple[int, OctreeLayout]:
    """The stage that an interrupted run was at, and its octree."""
    stage = state.get("stage")
    if type(stage) is not int or not 0 <= stage < len(settings.stages):
        raise DamagedFileError(
            f"{checkpoint}: says stage {str(stage)[:20]}, which this work does not have; delete it "
            "to start over"
        )
    depths = depths_of_stage(stage, settings, at_first)
    return stage, kept_octree(state, depths[-1], checkpoint)


def kept_octree(state: dict[str, Any], depth: int, checkpoint: Path | None) -> OctreeLayout:
    """The octree of ``depth`` kept by interrupted work; DamagedFileError if it is not one."""
    stated, voxels = state.get("depth"), state.get("voxels")
    if type(stated) is not int or stated != depth:
        raise DamagedFileError(
            f"{checkpoint}: not a checkpoint of radiance fields of depth {depth}; delete it to "
            "start over"
        )
    if not isinstance(voxels, torch.Tensor) or voxels.dtype != torch.int64:
        raise DamagedFileError(f"{checkpoint}: holds no voxels; delete it to start over")
    try:
        finest = OctreeLayout(depth, voxels.numpy().view(np.uint64))
        finest.check(3, str(checkpoint))
    except (TypeError, ValueError, InvalidFieldError) as error:
        raise DamagedFileError(
            f"{checkpoint}: its voxels are none of depth {depth}; delete it to start over"
        ) from error
    if not finest.voxels.size:
        raise DamagedFileError(f"{checkpoint}: holds no voxels; delete it to start over")
    return finest


def _start(
    posed: PosedImages, bounds: npt.NDArray[np.float64], finest: int, depth: int
) -> OctreeLayout:
    """The voxels of level ``depth`` that may hold something, before anything is known.

    Where there is alpha the visual hull is carved at level ``finest`` to be sharp.
    """
    if posed.has_alpha:
        return octree.coarsen(octree.from_cells(visual_hull(posed, bounds, 2**finest)), depth)
    return octree.from_cells(np.ones((2**depth,) * 3, np.bool_))


def seen_octree(
    module: FieldModule, bank: RayBank, settings: NerfSettings, depth: int, weight: float
) -> OctreeLayout:
    """The voxels of level ``depth`` with a sample that weighs ``weight`` or more in a pixel.

    Voxels of which that cannot be told are kept. Of too many voxels, those that weigh most. Around
    a surface that may still move, their neighbors as well, as far as ``module`` has them.
    """
    side = 2**depth
    weights = visible_weight(module, bank, side, weight).cpu().numpy()
    most = _MOST_VOXELS if settings.surface is None else _MOST_VOXELS // _DILATED
    site = np.flatnonzero(weights >= weight)
    if len(site) > most:
        site = site[np.argpartition(weights.ravel()[site], -most)[-most:]]
    cells = np.zeros(weights.shape, np.bool_)
    cells.ravel()[site] = True
    if settings.surface is not None:
        kept = octree.need_octree(module.field.levels[-1].layout)
        times = side // 2**kept.depth
        cells = octree.dilate(cells) & np.kron(
            octree.to_cells(kept), np.ones((times,) * 3, np.bool_)
        )
    if not cells.any():
        raise NfcodecError(
            "training lost the whole scene: every voxel became empty; check the poses and the "
            "background, or try another --seed"
        )
    return octree.from_cells(cells)


def _warm_up(step: int, steps: int) -> float:
    return decay(step, steps, floor=1.0)


def _metadata(
    posed: PosedImages, bounds: npt.NDArray[np.float64], settings: NerfSettings, seed: int
) -> dict[str, Any]:
    return {
        "name": printable(Path(posed.path).name),
        "background": list(posed.background),
        "camera": _hint(
            posed.cameras, np.zeros(3) if posed.sphere is None else bounds.mean(axis=0)
        ),
        "render": {"samples_per_voxel": settings.samples_per_voxel},
        "viewpoints": viewpoints.record(posed.cameras),
        **({} if settings.surface is None else {"surface": {"network": "distance"}}),
        "training": {"method": "nerf", "views": len(posed), "seed": seed, **plain(settings)},
    }


def _hint(cameras: Sequence[Camera], middle: npt.NDArray[np.float64]) -> dict[str, Any]:
    """The view that a viewer opens with: the training camera nearest to the mean height.

    It turns about a point before it that is as far away as ``middle``.
    """
    heights = np.array([camera.pose[2, 3] for camera in cameras])
    camera = cameras[int(np.abs(heights - heights.mean()).argmin())]
    eye, forward = camera.pose[:3, 3], -camera.pose[:3, 2]
    target = eye + forward * (float(np.linalg.norm(eye - middle)) or 1.0)
    # Four digits of what is looked at, in any unit.
    digits = 4 - math.floor(math.log10(float(np.linalg.norm(target - eye))))
    return {
        "width": camera.width,
        "height": camera.height,
        "vertical_fov": round(2.0 * float(np.arctan(0.5 * camera.height / camera.fy)), 5),
        "eye": eye.round(digits).tolist(),
        "target": target.round(digits).tolist(),
        "up": camera.pose[:3, 1].round(4).tolist(),
    }


def plain(settings: Any) -> dict[str, Any]:
    """A dataclass of settings as JSON-able values, tuples as lists."""

    def listed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: listed(item) for key, item in value.items()}
        return list(value) if isinstance(value, tuple) else value

    found: dict[str, Any] = listed(asdict(settings))
    return found
