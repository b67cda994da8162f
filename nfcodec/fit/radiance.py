"""Losses that compare rendered rays of a radiance field with pixels."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule
from nfcodec.fit.loop import Loss
from nfcodec.fit.rays import RayBank
from nfcodec.fit.sight import Sight, sight
from nfcodec.progress import Progress
from nfcodec.render.march import march
from nfcodec.render.volume import Rendered, gather_rays, step_size

#: Rays by which the number of samples on a ray is estimated.
_PILOT_RAYS = 4096


class PhotometricLoss:
    """Mean squared color error over random rays at a random LOD.

    Half of all steps take the finest LOD, the others one of the coarser, so that every prefix of
    the levels is an image. Each step takes about ``samples_per_step`` samples, however many rays
    that is. Pixels with alpha are compared over random backgrounds, so that transparency is learned
    as transparency and not as the background's color.

    ``sight``: at the finest LOD, take rays of it alone, no further than they see: for a field that
    does not change much any more.
    """

    norm = 2

    def __init__(
        self,
        module: FieldModule,
        bank: RayBank,
        *,
        samples_per_step: int = 1 << 16,
        background: tuple[float, float, float] = (1.0, 1.0, 1.0),
        finest_share: float = 0.5,
        sight: Sight | None = None,
    ) -> None:
        self.sight = sight
        self.module, self.bank = module, bank
        self.samples_per_step = samples_per_step
        self.background = torch.tensor(background, device=bank.device)
        self.finest_share = finest_share
        self.rays_per_step = [self._rays(lod) for lod in range(module.num_lods)]

    def of(self, module: FieldModule, sight: Sight | None = None) -> PhotometricLoss:
        """The same loss of another ``module`` with as many LODs."""
        other = copy.copy(self)
        other.module, other.sight = module, sight
        other.rays_per_step = [other._rays(lod) for lod in range(module.num_lods)]
        return other

    @property
    def rays(self) -> RayBank:
        """The rays it follows through the field."""
        return self.bank

    def of_field(self, module: FieldModule, progress: Progress | None = None) -> PhotometricLoss:
        """The same loss of ``module``, of the rays that meet it."""
        return self.of(module, sight(module, self.bank, progress))

    def everywhere(self) -> tuple[PhotometricLoss, float]:
        """The loss of all rays, and the share of them that this one is of."""
        return self.of(self.module), self.met

    @property
    def met(self) -> float:
        """The share of all pixels that the finest LOD is learned from."""
        return 1.0 if self.sight is None else len(self.sight.index) / len(self.bank)

    def _rays(self, lod: int) -> int:
        """How many rays take about ``samples_per_step`` samples at ``lod``."""
        generator = torch.Generator().manual_seed(lod)
        index, far = self._draw(lod, _PILOT_RAYS, generator)
        origins, directions = self.bank.rays(index)
        module = self.module
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(lod),
            step_size(module, lod), far=far,
        )  # fmt: skip
        rays = self.samples_per_step * _PILOT_RAYS // max(len(samples.ray), 1)
        return min(max(rays, 256), 1 << 16)

    def _draw(
        self, lod: int, count: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor | None]:
        """``count`` random pixels, and how far their rays are to be followed."""
        if self.sight is None or lod < self.module.num_lods - 1 or not len(self.sight.index):
            index = torch.randint(len(self.bank), (count,), generator=generator)
            return index.to(self.bank.device), None
        chosen = torch.randint(len(self.sight.index), (count,), generator=generator)
        chosen = chosen.to(self.bank.device)
        return self.sight.index[chosen], self.sight.far[chosen]

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        lod = draw_lod(self.module.num_lods, self.finest_share, generator)
        colors, truth = self.outputs(lod, generator)
        error = (colors - truth).square().mean()
        value = float(error.detach())
        figures = {"loss": value}
        if lod == self.module.num_lods - 1:
            # Where rays meet nothing there is no error to speak of.
            figures["psnr"] = -10.0 * math.log10(max(value * self.met, 1e-10))
        return Loss(error, figures)

    def outputs(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(R, 3) rendered colors of random rays at ``lod``, and what they should be."""
        index, background, seen = self.shoot(lod, generator)
        return seen.color, self.bank.colors(index, background)

    def shoot(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Rendered]:
        """(R,) random pixels, their background ((3,) or (R, 3)) and what ``lod`` shows of them."""
        rays = self.rays_per_step[lod]
        device = self.bank.device
        index, far = self._draw(lod, rays, generator)
        offset = torch.rand(rays, generator=generator).to(device)
        background = self.background
        if self.bank.has_alpha:
            background = torch.rand((rays, 3), generator=generator).to(device)
        origins, directions = self.bank.rays(index)
        module = self.module
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(lod),
            step_size(module, lod), offset, far=far,
        )  # fmt: skip
        return index, background, gather_rays(module, origins, directions, samples, lod, background)


def draw_lod(num_lods: int, finest_share: float, generator: torch.Generator) -> int:
    """The finest LOD with probability ``finest_share``, else one of the others."""
    if num_lods == 1 or float(torch.rand((), generator=generator)) < finest_share:
        return num_lods - 1
    return int(torch.randint(num_lods - 1, (), generator=generator))
