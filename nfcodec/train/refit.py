"""Refit: anything that can be evaluated teaches a field of ours.

What is a large network, a product of planes or a Python function is not coded well, or not at all;
but its values can be asked for. A radiance field teaches by the images that it gives from where it
was trained, or from all around; a distance or a scalar field by its values where they matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.check.field import check_metadata, is_box
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit import viewpoints
from nfcodec.fit.banks import TEACHER_POINTS, teacher_points, teacher_views
from nfcodec.fit.function import FunctionModule, densities, plain_values
from nfcodec.fit.loop import adam, fit
from nfcodec.fit.points import ValueLoss
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.model.camera import Camera
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction
from nfcodec.progress import Progress, Silent
from nfcodec.train.build import check_count, check_depths, radiance_field, refine
from nfcodec.train.nerf import NerfSettings, seen_octree
from nfcodec.train.sdf import SdfSettings, sdf_field

Floats = npt.NDArray[np.float64]

KINDS = ("nerf", "sdf", "scalar")
#: A cell that lets more light than this pass through it is empty. Cells are looked at in several
#: places; neighbors of what holds something are kept.
_OPACITY = 0.01
#: Where cells are first looked at, and in how many places each.
_FIRST_DEPTH, _PLACES = 5, (8, 4, 2)
#: Half diagonals of a cell from the surface that still count as near, for functions whose slope is
#: not quite 1.
_NEAR = 1.5
#: Shares of the steps before and after voxels that nobody sees are dropped.
_STAGES = (0.35, 0.65)
#: Weight in a pixel below which a voxel is dropped.
_VISIBLE = 0.01


@dataclass(frozen=True)
class RefitSettings:
    """``depths``: octree levels, one LOD each. ``views``: images that a radiance field teaches by.

    ``points``: values that another field teaches by. UsageError for depths that do not increase,
    and for counts below 1.
    """

    depths: tuple[int, ...] = (4, 5, 6, 7)
    features: int = 8
    hidden: int = 64
    steps: int = 2000
    views: int = 60
    points: int = TEACHER_POINTS
    feature_rate: float = 1e-2
    network_rate: float = 3e-3

    def __post_init__(self) -> None:
        check_depths(self.depths, fewest=2)
        for name in ("features", "hidden", "steps", "views", "points"):
            check_count(name, getattr(self, name))


def refit(
    function: FieldFunction | Callable[..., Any],
    bounds: npt.ArrayLike | None = None,
    kind: str | None = None,
    *,
    cameras: Sequence[Camera] = (),
    settings: RefitSettings | None = None,
    steps: int | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
) -> Field:
    """A field of octrees that gives what ``function`` gives.

    Args:
        function: of (P, 3) points and, for "nerf", (P, 3) unit directions, float32 arrays. It gives
            (P,) densities and (P, 3) colors for "nerf", (P,) signed distances for "sdf", (P, C)
            values for "scalar". Tensors do as well as arrays.
        bounds: (2, 3), lower and upper corner of the box that holds it all.
        kind: "nerf", "sdf" or "scalar".
        cameras: where a "nerf" is looked at from; all around the box by default.

    UsageError for bounds that are no box, an unknown kind, a function that gives other shapes or no
    finite numbers, or one that gives nothing to see.
    """
    taught = _function(function, bounds, kind)
    settings = settings or RefitSettings()
    if steps is not None:
        settings = replace(settings, steps=steps)
    check_metadata(taught.metadata, "refit")
    if cameras:
        seen = {"viewpoints": viewpoints.record(cameras)}
        taught = replace(taught, metadata={**taught.metadata, **seen})
    where = pick(device)
    make = _nerf if taught.kind == "nerf" else _values
    module = make(taught, settings, seed, where, progress or Silent())
    told = {"method": "refit", "seed": seed, **asdict(settings), "depths": list(settings.depths)}
    return replace(module.to_field(), metadata={**taught.metadata, "training": told})


def _function(
    function: FieldFunction | Callable[..., Any], bounds: npt.ArrayLike | None, kind: str | None
) -> FieldFunction:
    if isinstance(function, FieldFunction):
        box = function.bounds if bounds is None else bounds
        function = replace(function, bounds=_box(box), kind=kind or function.kind)
    elif bounds is None or kind is None:
        raise UsageError("refit needs the bounds of a function, and its kind")
    else:
        function = FieldFunction(kind, _box(bounds), function)
    if function.kind not in KINDS:
        raise UsageError(f"refit gives fields of kind {', '.join(KINDS)}, not {function.kind!r}")
    return function


def _box(bounds: npt.ArrayLike) -> Floats:
    try:
        box = np.asarray(bounds, np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError("bounds are no array of numbers") from error
    if box.shape != (2, 3) or not is_box(box):
        raise UsageError(
            f"bounds {box.tolist()} are no box; (2, 3) numbers are needed, the lower corner first"
        )
    # Octree voxels are cubes where the box is one.
    middle, half = box.mean(axis=0), float((box[1] - box[0]).max()) / 2
    return np.stack([middle - half, middle + half])


def _nerf(
    function: FieldFunction, settings: RefitSettings, seed: int, device: torch.device,
    progress: Progress,
) -> FieldModule:  # fmt: skip
    """Learn from images of the function, and drop in between what they do not show."""
    finest = _occupied(function, settings.depths[-1], seed)
    field = replace(
        radiance_field(
            finest, function.bounds, settings.depths, features=settings.features,
            hidden=settings.hidden, seed=seed,
        ),
        metadata=dict(function.metadata),
    )  # fmt: skip
    teacher = FunctionModule(field, function, device)
    # Few steps see no more of the function than this, and need not wait for the rest.
    views = min(settings.views, max(8, settings.steps // 10))
    bank = teacher_views(teacher, field, seed, progress, views)
    module = FieldModule(field, device)
    for number, share in enumerate(_STAGES):
        if number:
            visible = seen_octree(module, bank, NerfSettings(), settings.depths[-1], _VISIBLE)
            field = refine(module.to_field(), visible, settings.depths)
            module = FieldModule(field, device)
        _learn(
            module, PhotometricLoss(module, bank), settings, share, seed + number, progress,
            f"refit, stage {number + 1} of {len(_STAGES)}",
        )  # fmt: skip
    return module


def _values(
    function: FieldFunction, settings: RefitSettings, seed: int, device: torch.device,
    progress: Progress,
) -> FieldModule:  # fmt: skip
    """Learn from values: of distances near the surface, of other fields where they change."""
    distance = function.kind == "sdf"
    depth = settings.depths[-1]
    cells = (
        _near(function, depth) if distance else octree.from_cells(np.ones((2**depth,) * 3, bool))
    )
    options = SdfSettings(settings.depths, settings.features, settings.hidden, settings.steps)
    field = replace(sdf_field(cells, function.bounds, options, seed), kind=function.kind)
    channels = plain_values(function, _points(function, np.full((1, 3), 0.5))).shape[1]
    if distance and channels != 1:
        raise UsageError(f"a function of kind sdf gives one distance, this one {channels} values")
    if not distance:
        field = _widened(field, channels, seed)
    teacher = FunctionModule(field, function, device)
    extent = float((function.bounds[1] - function.bounds[0]).max())
    reach = 0.5 * extent / 2**depth
    bank = teacher_points(teacher, field, seed, reach if distance else None, settings.points)
    module = FieldModule(field, device)
    loss = (
        ValueLoss(module, bank, norm=1, slope_weight=0.05, reach=reach, focus=0.03 * extent)
        if distance
        else ValueLoss(module, bank)
    )
    _learn(module, loss, settings, 1.0, seed, progress, "refit")
    return module


def _widened(field: Field, channels: int, seed: int) -> Field:
    """``field`` with ``channels`` outputs, which are no distances."""
    network = field.networks[0]
    last = network.layers[-1]
    spread = np.random.default_rng([seed, 2]).normal(
        scale=0.1, size=(channels, last.weight.shape[1])
    )
    layer = replace(
        last, weight=spread.astype(np.float32), bias=np.zeros(channels, np.float32), gain=1.0
    )
    return replace(field, networks=(replace(network, layers=(*network.layers[:-1], layer)),))


def _learn(
    module: FieldModule, loss: Any, settings: RefitSettings, share: float, seed: int,
    progress: Progress, label: str,
) -> None:  # fmt: skip
    groups = [
        ([*module.rows.parameters()], settings.feature_rate),
        ([*module.networks.parameters()], settings.network_rate),
    ]
    steps = max(1, round(share * settings.steps))
    fit(module, loss, adam(groups), steps, label=label, seed=seed, progress=progress)


def _points(function: FieldFunction, share: Floats) -> npt.NDArray[np.float32]:
    """Points at ``share`` (P, 3) of the box."""
    low, high = function.bounds
    return np.asarray(low + share * (high - low), np.float32)


def _occupied(function: FieldFunction, depth: int, seed: int) -> OctreeLayout:
    """The voxels of ``depth`` where the density stops light, coarse to fine."""
    rng = np.random.default_rng([seed, 3])
    size = float((function.bounds[1] - function.bounds[0]).max()) / 2**depth
    first = min(_FIRST_DEPTH, depth)
    cells = np.ones((2**first,) * 3, np.bool_)
    for level in range(first, depth + 1):
        side = 2**level
        if level > first:
            cells = cells.repeat(2, 0).repeat(2, 1).repeat(2, 2)
        at = np.argwhere(cells)
        most = np.zeros(len(at), np.float32)
        for _ in range(_PLACES[min(level - first, len(_PLACES) - 1)]):
            share = (at[:, ::-1] + rng.random((len(at), 3))) / side
            most = np.maximum(most, densities(function, _points(function, share)))
        held = np.zeros_like(cells)
        held[tuple(at[-np.expm1(-most * size) > _OPACITY].T)] = True
        cells = octree.dilate(held) & cells
    if not cells.any():
        low, high = function.bounds.tolist()
        raise UsageError(
            f"the function has no density that shows in the box {low} to {high}; give the bounds "
            "of what it holds, in its own coordinates"
        )
    return octree.from_cells(cells)


def _near(function: FieldFunction, depth: int) -> OctreeLayout:
    """The voxels of ``depth`` that the surface of a distance may pass, coarse to fine."""
    first = min(_FIRST_DEPTH, depth)
    cells = np.ones((2**first,) * 3, np.bool_)
    extent = float((function.bounds[1] - function.bounds[0]).max())
    for level in range(first, depth + 1):
        if level > first:
            cells = cells.repeat(2, 0).repeat(2, 1).repeat(2, 2)
        at = np.argwhere(cells)
        share = (at[:, ::-1] + 0.5) / 2**level
        values = np.abs(plain_values(function, _points(function, share))[:, 0])
        reach = _NEAR * np.sqrt(3.0) * 0.5 * extent / 2**level
        held = np.zeros_like(cells)
        held[tuple(at[values <= reach].T)] = True
        cells = held
    if not cells.any():
        raise UsageError(
            "the function has no surface in its bounds: no distance there is near zero"
        )
    return octree.from_cells(cells)
