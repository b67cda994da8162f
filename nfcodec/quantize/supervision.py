"""What codes are learned under: the user's data or, without any, the field itself."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import Sign, SurfaceDistance
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.banks import (
    TEACHER_POINTS,
    TEACHER_SIZE,
    TEACHER_VIEWS,
    distance_bank,
    teacher_points,
    teacher_views,
)
from nfcodec.fit.features import FeatureLoss
from nfcodec.fit.loop import Loss
from nfcodec.fit.points import ValueLoss
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.fit.viewpoints import recall
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.quantize.contract import Context

#: Share of steps whose loss is that of the finest LOD.
_FINEST_SHARE = 0.9
#: Distances are learned relative to this share of the box's longest side plus their own size.
_FOCUS = 0.03
#: Weight of slopes beside values when a distance is learned.
_SLOPE_WEIGHT = 0.05


class Objective(Protocol):
    """A loss that also tells the outputs whose errors it is made of, or about so of distances.

    ``norm``: 1 if it is the mean of absolute errors, 2 of squares.
    """

    norm: int

    @property
    def rays(self) -> RayBank | None:
        """The rays that it follows through the field, if it does."""

    def __call__(self, step: int, generator: torch.Generator) -> Loss: ...

    def outputs(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor]: ...

    def of_field(self, module: FieldModule, progress: Progress | None = None) -> Objective:
        """The same loss of another field, a part of the first."""

    def everywhere(self) -> tuple[Objective, float]:
        """The loss of all outputs, and which share of them this one is of."""


def objective_for(field: Field, module: FieldModule, context: Context, steps: int) -> Objective:
    """The loss that ``module`` learns under, for about ``steps`` steps: of data, or of ``field``.

    UsageError if the context's data does not suit the field's kind.
    """
    data, seed = context.data, context.seed
    # Few steps see no more of the teacher than this, and need not wait for the rest.
    views = min(TEACHER_VIEWS, max(4, math.ceil(steps / 10)))
    points = min(TEACHER_POINTS, steps << 15)
    if field.kind == "vq-nerf":
        if isinstance(data, Mesh):
            raise UsageError("a vq-nerf field learns from posed images; --data is a mesh")
        teacher = FieldModule(field, module.device)
        if data is None:
            cameras = recall(field, views, TEACHER_SIZE, np.random.default_rng(seed))
        else:
            cameras = list(data.cameras)
        return FeatureLoss(module, teacher, cameras, finest_share=_FINEST_SHARE)
    if field.kind == "nerf":
        if data is None:
            teacher = FieldModule(field, module.device)
            bank = teacher_views(teacher, field, seed, context.progress, views)
            return PhotometricLoss(module, bank, finest_share=_FINEST_SHARE)
        if not isinstance(data, PosedImages):
            raise UsageError("a nerf field learns from posed images; --data is a mesh")
        bank = RayBank.of(data, module.device)
        return PhotometricLoss(module, bank, background=data.background, finest_share=_FINEST_SHARE)
    if field.kind == "sdf":
        finest = field.finest_occupied()
        extent = float((field.bounds[1] - field.bounds[0]).max())
        reach = 0.5 * extent / (128 if finest is None else max(finest.resolution))
        if data is None:
            teacher = FieldModule(field, module.device)
            bank_ = teacher_points(teacher, field, seed, reach, points)
        elif isinstance(data, Mesh):
            # A field is there already, so a mesh with holes need not be asked about.
            rule: Sign = "pseudonormal" if data.watertight and not data.conflicts else "winding"
            bank_ = distance_bank(SurfaceDistance(data, rule), field.bounds, points, seed)
        else:
            raise UsageError("an sdf field learns from a mesh; --data is posed images")
        bank_ = bank_.to(module.device)
        return ValueLoss(
            module, bank_, norm=1, slope_weight=_SLOPE_WEIGHT, reach=reach,
            finest_share=_FINEST_SHARE, focus=_FOCUS * extent,
        )  # fmt: skip
    if data is not None:
        raise UsageError("a scalar field is coded from itself; leave --data out")
    teacher = FieldModule(field, module.device)
    bank_ = teacher_points(teacher, field, seed, count=points)
    return ValueLoss(module, bank_, finest_share=_FINEST_SHARE)
