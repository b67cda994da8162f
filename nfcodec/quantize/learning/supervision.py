"""What codes are learned under: the user's data or, without any, the field itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import Sign, SurfaceDistance
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.banks import (
    TEACHER_POINTS,
    TEACHER_VIEWS,
    distance_bank,
    teacher_points,
    teacher_views,
)
from nfcodec.fit.loop import Loss
from nfcodec.fit.points import ValueLoss
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress
from nfcodec.quantize.contract import Context

#: Share of steps that train the finest LOD.
FINEST_SHARE = 0.9
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


@dataclass(frozen=True)
class Wanted:
    """What an objective is made of.

    ``views``, ``points``: how many of the teacher are worth their time.
    """

    field: Field
    module: FieldModule
    context: Context
    views: int
    points: int

    def teacher(self) -> FieldModule:
        return FieldModule(self.field, self.module.device)


def objective_for(field: Field, module: FieldModule, context: Context, steps: int) -> Objective:
    """The loss that ``module`` learns under, for about ``steps`` steps: of data, or of ``field``.

    UsageError if the context's data does not suit the field's kind.
    """
    # Few steps see no more of the teacher than this, and need not wait for the rest.
    views = min(TEACHER_VIEWS, max(4, math.ceil(steps / 10)))
    points = min(TEACHER_POINTS, steps << 15)
    make = _OBJECTIVES.get(field.kind) or kind_of(field).part("objective")
    if make is None:
        raise UsageError(f"a {field.kind} field cannot be learned; choose a method without steps")
    found: Objective = make(Wanted(field, module, context, views, points))
    return found


def _of_images(wanted: Wanted) -> Objective:
    """Posed images, or those that the teacher draws."""
    data, seed = wanted.context.data, wanted.context.seed
    if data is None:
        teacher = wanted.teacher()
        bank = teacher_views(teacher, wanted.field, seed, wanted.context.progress, wanted.views)
        return PhotometricLoss(wanted.module, bank, finest_share=FINEST_SHARE)
    if not isinstance(data, PosedImages):
        raise UsageError("a nerf field learns from posed images; --data is a mesh")
    bank = RayBank.of(data, wanted.module.device)
    return PhotometricLoss(
        wanted.module, bank, background=data.background, finest_share=FINEST_SHARE
    )


def _of_distances(wanted: Wanted) -> Objective:
    """Distances to a mesh, or those of the teacher."""
    data, seed = wanted.context.data, wanted.context.seed
    finest = wanted.field.finest_occupied()
    extent = float((wanted.field.bounds[1] - wanted.field.bounds[0]).max())
    reach = 0.5 * extent / (128 if finest is None else max(finest.resolution))
    if data is None:
        teacher = wanted.teacher()
        bank_ = teacher_points(teacher, wanted.field, seed, reach, wanted.points)
    elif isinstance(data, Mesh):
        # A field is there already, so a mesh with holes need not be asked about.
        rule: Sign = "pseudonormal" if data.watertight and not data.conflicts else "winding"
        bank_ = distance_bank(SurfaceDistance(data, rule), wanted.field.bounds, wanted.points, seed)
    else:
        raise UsageError("an sdf field learns from a mesh; --data is posed images")
    bank_ = bank_.to(wanted.module.device)
    return ValueLoss(
        wanted.module, bank_, norm=1, slope_weight=_SLOPE_WEIGHT, reach=reach,
        finest_share=FINEST_SHARE, focus=_FOCUS * extent,
    )  # fmt: skip


def _of_values(wanted: Wanted) -> Objective:
    """The teacher's values."""
    data, seed = wanted.context.data, wanted.context.seed
    if data is not None:
        raise UsageError("a scalar field is coded from itself; leave --data out")
    teacher = wanted.teacher()
    bank_ = teacher_points(teacher, wanted.field, seed, count=wanted.points)
    return ValueLoss(wanted.module, bank_, finest_share=FINEST_SHARE)


#: The objective of each kind of field; other kinds bring theirs as the part "objective".
_OBJECTIVES: dict[str, Callable[[Wanted], Objective]] = {
    "nerf": _of_images,
    "sdf": _of_distances,
    "scalar": _of_values,
}
