"""VQ-AD: codebooks, indices and decoder learned together (Variable Bitrate Neural Fields).

The supervision is the user's own data or, without any, the field itself: its rendered views for a
radiance field, its values and slopes for a distance, its values for a scalar field.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.coded import Code, CodedField, PackedIntegers, VQCode
from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import SurfaceDistance
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.field import Field, Level, OctreeLayout
from nfcodec.fit.banks import (
    TEACHER_POINTS,
    TEACHER_VIEWS,
    distance_bank,
    teacher_points,
    teacher_views,
)
from nfcodec.fit.checkpoint import Checkpoint, digest
from nfcodec.fit.loop import Loss, Objective, adam, fit
from nfcodec.fit.points import ValueLoss
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.rays import RayBank
from nfcodec.quantize.contract import Context, Quantizer, check_bits, to_half, with_codes
from nfcodec.quantize.kmeans import drop_unused, fit_codebook, sort_codebook
from nfcodec.quantize.soft_rows import SoftRows

#: When, as shares of all steps, codes without corners are revived.
_REVIVALS = (0.1, 0.2, 0.3, 0.45)
#: Learning rates. That of the codes is relative to the spread of the level's vectors.
_LOGIT_RATE, _CODE_RATE, _NETWORK_RATE = 0.05, 0.02, 3e-3
#: Share of steps at the finest LOD.
_FINEST_SHARE = 0.9
#: How clearly a corner's first code is its nearest one; see SoftRows.
_SHARPNESS = 1.0
#: What one bit per corner may cost: this share of the loss. The distortion's own slope, where a bit
#: more lowers the loss by about a fifth, is several times as steep: only corners that hardly matter
#: are moved.
_BIT_PRICE = 0.02
#: Steps between two looks at how often each code is taken.
_MEASURE_EVERY = 10
#: Distances are learned relative to this share of the box's longest side plus their own size.
_FOCUS = 0.03
#: Weight of slopes beside values when a distance is learned.
_SLOPE_WEIGHT = 0.05


@dataclass(frozen=True)
class VQAD(Quantizer):
    """``2^bits`` code vectors per level, learned with the indices and the networks."""

    name: ClassVar[str] = "vqad"
    summary: ClassVar[str] = "learned vector quantisation (VQ-AD)"
    learns: ClassVar[bool] = True

    bits: int = 4
    steps: int = 2000

    def __post_init__(self) -> None:
        check_bits(self.bits)
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise UsageError(f"steps must be a whole number from 1, got {self.steps}")

    def quantize(self, field: Field, context: Context) -> CodedField:
        if not field.levels:
            return with_codes(field, [])
        device = pick(context.device)
        module = FieldModule(field, device, rows=_Starts(self.bits, context.seed))
        objective = _objective(field, module, context, self.steps)
        rows = [r for r in module.rows if isinstance(r, SoftRows)]
        optimizer = adam(
            [
                ([r.logits for r in rows], _LOGIT_RATE),
                *(([r.codebook], _CODE_RATE * _spread(r)) for r in rows),
                ([*module.networks.parameters()], _NETWORK_RATE),
            ]
        )
        objective = _Priced(objective, rows, _BIT_PRICE)
        revivals = {max(1, round(share * self.steps)) for share in _REVIVALS}

        def tend(done: int) -> None:
            if done % _MEASURE_EVERY == 0:
                for level in rows:
                    level.measure()
            if done in revivals:
                generator = torch.Generator().manual_seed(context.seed + done)
                for level in rows:
                    level.revive(generator)

        checkpoint = None
        if context.resume is not None:
            identity = {
                **asdict(self), "work": "encode vqad", "seed": context.seed,
                "field": digest(_arrays(field)), "data": digest(_arrays_of_data(context)),
            }  # fmt: skip
            checkpoint = Checkpoint(context.resume, identity)
        fit(
            module, objective, optimizer, self.steps,
            label=f"vqad {self.bits} bits", seed=context.seed, progress=context.progress,
            checkpoint=checkpoint, state=None if checkpoint is None else checkpoint.load(),
            after_step=tend,
        )  # fmt: skip
        return self._coded(field, module)

    def _coded(self, field: Field, module: FieldModule) -> CodedField:
        codes: list[Code] = []
        for number, rows in enumerate(module.rows):
            assert isinstance(rows, SoftRows)
            codebook = rows.codebook.detach().cpu().numpy()
            indices = rows.indices().cpu().numpy().astype(np.uint16)
            if len(indices):
                codebook, indices = drop_unused(*sort_codebook(codebook, indices))
            half = to_half(codebook, f"the codebook of level {number}")
            codes.append(VQCode(PackedIntegers.pack(indices, self.bits), half))
        networks = tuple(n.to_network() for n in module.networks if isinstance(n, NetworkModule))
        return with_codes(replace(field, networks=networks), codes)


class _Priced:
    """An objective that also lets every corner pay for the bits of its code.

    ``share``: the rise of the loss, relative to itself, that is taken for one bit per corner less.
    """

    def __init__(self, objective: Objective, rows: list[SoftRows], share: float) -> None:
        self.objective, self.rows = objective, rows
        self.share = share / max(sum(len(level.logits) for level in rows), 1)

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        loss = self.objective(step, generator)
        for level in self.rows:
            level.price = self.share * float(loss.value.detach())
        return loss


@dataclass(frozen=True)
class _Starts:
    """Makes the trainable codes of a level, starting from k-means."""

    bits: int
    seed: int

    def __call__(self, level: Level) -> SoftRows:
        codebook, _ = fit_codebook(level.features, 2**self.bits, self.seed, fast=True)
        return SoftRows(level.features, codebook, _SHARPNESS)


def _spread(rows: SoftRows) -> float:
    """Standard deviation of a level's codes; one if they are all alike."""
    spread = float(rows.codebook.detach().std()) if rows.codebook.numel() > 1 else 0.0
    return spread if spread > 0.0 else 1.0


def _objective(field: Field, module: FieldModule, context: Context, steps: int) -> Objective:
    data, seed = context.data, context.seed
    # Few steps see no more of the teacher than this, and need not wait for the rest.
    views = min(TEACHER_VIEWS, max(4, math.ceil(steps / 10)))
    points = min(TEACHER_POINTS, steps << 15)
    if field.kind == "nerf":
        if data is None:
            teacher = FieldModule(field, module.device)
            bank = teacher_views(teacher, field, seed, context.progress, views)
            return PhotometricLoss(module, bank, finest_share=_FINEST_SHARE)
        if not isinstance(data, PosedImages):
            raise UsageError("a nerf field learns from posed images; --data is a mesh")
        bank = RayBank(data.cameras, data.images, module.device)
        return PhotometricLoss(module, bank, background=data.background, finest_share=_FINEST_SHARE)
    if field.kind == "sdf":
        depths = [v.layout.depth for v in field.levels if isinstance(v.layout, OctreeLayout)]
        extent = float((field.bounds[1] - field.bounds[0]).max())
        reach = 0.5 * extent / 2 ** max(depths, default=7)
        if data is None:
            teacher = FieldModule(field, module.device)
            bank_ = teacher_points(teacher, field, seed, reach, points)
        elif isinstance(data, Mesh):
            bank_ = distance_bank(SurfaceDistance(data), field.bounds, points, seed)
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


def _arrays(field: Field) -> list[npt.NDArray[Any]]:
    """All numbers that say what ``field`` is."""
    arrays: list[npt.NDArray[Any]] = [field.bounds]
    for level in field.levels:
        arrays.append(level.features)
        if isinstance(level.layout, OctreeLayout):
            arrays.append(level.layout.voxels)
    for network in field.networks:
        for layer in network.layers:
            arrays += [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
    return arrays


def _arrays_of_data(context: Context) -> list[npt.NDArray[Any]]:
    data = context.data
    if isinstance(data, PosedImages):
        return [data.images, *(camera.pose for camera in data.cameras)]
    return [] if data is None else [data.vertices, data.faces]
