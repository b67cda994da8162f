"""Losses that compare a field's values, and slopes, with known ones at points."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule
from nfcodec.fit.loop import Loss
from nfcodec.fit.radiance import draw_lod
from nfcodec.progress import Progress

#: Directions of the four evaluations that a slope is estimated from (a tetrahedron's corners;
#: seen from above they are a square's).
_TETRAHEDRON = ((1.0, -1.0, -1.0), (-1.0, -1.0, 1.0), (-1.0, 1.0, -1.0), (1.0, 1.0, 1.0))
#: What a slope weighs beside a value where errors are squared: at a ``slope_weight`` of 0.05 about
#: its part of a loss of absolute errors of a tenth (docs/decisions/0024-steps-and-distances.md).
_SLOPE_OUTPUT = 0.25


@dataclass(frozen=True, eq=False)
class PointBank:
    """Points (P, D) with the field's values (P, C) and, where slopes matter, gradients (P, D)."""

    points: Tensor
    values: Tensor
    gradients: Tensor | None = None

    def to(self, device: torch.device) -> PointBank:
        """The same on another device."""
        gradients = None if self.gradients is None else self.gradients.to(device)
        return PointBank(self.points.to(device), self.values.to(device), gradients)


def numerical_gradient(
    module: Callable[..., Tensor], points: Tensor, reach: float, lod: int | None = None
) -> Tensor:
    """(P, D) slopes of a one-channel field from four values around each point.

    ``module``: a FieldModule, or what is called like it and gives (P, 1) values.
    ``reach``: the distance of the four from the point along each axis, in the field's units. Unlike
    an analytic derivative this sees over the border of a cell.
    """
    dims = points.shape[1]
    corners = torch.tensor(_TETRAHEDRON, device=points.device)[:, :dims]
    around = points[:, None] + reach * corners
    values = module(around.reshape(-1, dims), lod=lod).reshape(len(points), 4)
    slopes: Tensor = values @ corners / (4.0 * reach)
    return slopes


class ValueLoss:
    """Error of values, relative to their spread, plus ``slope_weight`` times that of the slopes.

    ``norm`` 2 is the mean square, 1 the mean absolute error. As in
    :class:`nfcodec.fit.radiance.PhotometricLoss` each step is at a random LOD. Slopes are compared
    at a quarter of the points, ``reach`` apart. With ``focus`` errors are relative to ``focus``
    plus the value's size instead: what is near zero, a distance's surface, counts most.
    """

    def __init__(
        self,
        module: FieldModule,
        bank: PointBank,
        *,
        norm: int = 2,
        slope_weight: float = 0.0,
        reach: float = 0.0,
        points_per_step: int = 1 << 15,
        finest_share: float = 0.5,
        focus: float | None = None,
    ) -> None:
        self.module, self.bank, self.focus = module, bank, focus
        self.norm, self.slope_weight, self.reach = norm, slope_weight, reach
        self.points_per_step, self.finest_share = points_per_step, finest_share
        spread = bank.values.std(dim=0, correction=0)
        # A channel that is constant but for rounding must not outweigh the others.
        size = bank.values.abs().amax(dim=0)
        constant = spread <= 1e-6 * size
        # Errors of a field that is constant all over count beside its value.
        widest = float((size if bool(constant.all()) else spread).max())
        self.spread = torch.where(constant, widest or 1.0, spread)
        self.peak = (bank.values.amax(dim=0) - bank.values.amin(dim=0)).max()

    def of(self, module: FieldModule) -> ValueLoss:
        """The same loss of another ``module``."""
        other = copy.copy(self)
        other.module = module
        return other

    @property
    def rays(self) -> None:
        """It follows none."""

    def of_field(self, module: FieldModule, progress: Progress | None = None) -> ValueLoss:
        """The same loss of ``module``."""
        return self.of(module)

    def everywhere(self) -> tuple[ValueLoss, float]:
        """This loss: it is of all points."""
        return self, 1.0

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        lod = draw_lod(self.module.num_lods, self.finest_share, generator)
        index = self._draw(generator)
        values = self.bank.values[index]
        error = self.module(self.bank.points[index], lod=lod) - values
        relative = error / self._scale(values)
        loss = relative.square().mean() if self.norm == 2 else relative.abs().mean()
        figures = {}
        slopes = self._slopes(index, lod)
        if slopes is not None:
            off = (slopes[0] - slopes[1]).square().sum(dim=1).mean()
            loss = loss + self.slope_weight * off
        figures["loss"] = float(loss.detach())
        if lod == self.module.num_lods - 1:
            # Of errors relative to the peak: squares of micrometers leave float32's range.
            peak = self.peak if float(self.peak) > 0.0 else self.spread.max()
            mean_square = float((error.detach() / peak).square().mean())
            figures["psnr"] = -10.0 * math.log10(max(mean_square, 1e-30))
        return Loss(loss, figures)

    def outputs(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Values at random points at ``lod``, and what they should be, as errors weigh.

        (P, C) each or, where the loss has slopes, (P C + (P // 4) D,) with these after the values.
        """
        index = self._draw(generator)
        values = self.bank.values[index]
        scale = self._scale(values)
        found, wanted = self.module(self.bank.points[index], lod=lod) / scale, values / scale
        slopes = self._slopes(index, lod)
        if slopes is not None:
            found = torch.cat([found.flatten(), _SLOPE_OUTPUT * slopes[0].flatten()])
            wanted = torch.cat([wanted.flatten(), _SLOPE_OUTPUT * slopes[1].flatten()])
        return found, wanted

    def _slopes(self, index: Tensor, lod: int) -> tuple[Tensor, Tensor] | None:
        """Slopes at the first quarter of the points ``index`` (P,), and what they should be.

        (P // 4, D) each; None where they do not count.
        """
        if not self.slope_weight or self.bank.gradients is None:
            return None
        some = index[: len(index) // 4]
        found = numerical_gradient(self.module, self.bank.points[some], self.reach, lod)
        return found, self.bank.gradients[some]

    def _draw(self, generator: torch.Generator) -> Tensor:
        count = min(self.points_per_step, len(self.bank.points))
        index = torch.randint(len(self.bank.points), (count,), generator=generator)
        return index.to(self.bank.points.device)

    def _scale(self, values: Tensor) -> Tensor:
        """The size of an error that counts as one, where the field has ``values``."""
        return self.spread if self.focus is None else values.abs() + self.focus


@torch.no_grad()
def values_at(module: FieldModule, points: np.ndarray, chunk: int = 1 << 17) -> Tensor:
    """(P, C) values of ``module`` at (P, D) points, in pieces, on the module's device."""
    parts = [
        module(torch.from_numpy(points[i : i + chunk]).to(module.device))
        for i in range(0, len(points), chunk)
    ]
    return torch.cat(parts)
