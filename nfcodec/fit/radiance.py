"""Losses that compare rendered rays of a radiance field with pixels."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule
from nfcodec.fit.loop import Loss
from nfcodec.fit.rays import RayBank
from nfcodec.progress import Progress, Silent
from nfcodec.render.march import Samples, march
from nfcodec.render.volume import Rendered, composite, gather_rays, step_size, transmittance

#: Rays by which the number of samples on a ray is estimated.
_PILOT_RAYS = 4096
#: To know what rays see: how many are looked at together, how many of their samples are evaluated
#: together and held together; and rays at most.
_CHUNK, _SAMPLES, _HELD, _MOST = 1 << 16, 1 << 20, 1 << 22, 1 << 22
#: A ray is followed until less than this of its light is left, and for so many samples more.
_DARK, _MARGIN = 1e-3, 3.0


@dataclass(frozen=True, eq=False)
class Sight:
    """The pixels whose rays meet a field, and how far they see into it.

    ``index``: (P,) int64 pixels of a bank; ``far``: (P,) distance behind which nothing shows.
    """

    index: Tensor
    far: Tensor


@torch.no_grad()
def sight(module: FieldModule, bank: RayBank, progress: Progress | None = None) -> Sight:
    """What the rays of ``bank`` see of ``module``, a radiance field, at its finest LOD.

    Of many pixels, every so-many-th is looked at.
    """
    step, every = step_size(module), -(-len(bank) // _MOST)
    index, far = [], []
    for pixels, samples, _, density in _walk(module, bank, step, every, progress):
        # The last sample that light still comes from.
        left = transmittance(density * step, samples)
        lit = torch.where(left > _DARK, samples.t, torch.zeros_like(samples.t))
        end = torch.zeros(len(pixels), device=bank.device)
        end.scatter_reduce_(0, samples.ray, lit, "amax")
        met = samples.offsets[1:] > samples.offsets[:-1]
        index.append(pixels[met])
        far.append(end[met] + _MARGIN * step)
    return Sight(torch.cat(index), torch.cat(far))


@torch.no_grad()
def visible_weight(
    module: FieldModule, bank: RayBank, resolution: int, every: int = 1,
    progress: Progress | None = None,
) -> Tensor:  # fmt: skip
    """The largest weight any ray gives to a sample in each of ``resolution^3`` cells.

    Every ``every``-th pixel is looked at. Returns (R, R, R) float32 [z, y, x].
    """
    best = torch.zeros(resolution**3, device=bank.device)
    step = float((module.high - module.low).max()) / resolution / 1.5
    for _, samples, position, density in _walk(module, bank, step, every, progress):
        weights = composite(density * step, samples)
        cell = ((position + 1.0) * (0.5 * resolution)).long().clamp(0, resolution - 1)
        site = (cell[:, 2] * resolution + cell[:, 1]) * resolution + cell[:, 0]
        best.scatter_reduce_(0, site, weights, "amax")
    return best.reshape(resolution, resolution, resolution)


def _walk(
    module: FieldModule, bank: RayBank, step: float, every: int, progress: Progress | None
) -> Iterator[tuple[Tensor, Samples, Tensor, Tensor]]:
    """Of every ``every``-th pixel of ``bank``, many at a time: their numbers, the samples on their
    rays, the samples' positions (S, 3) in the box from -1 to 1, and their densities (S,)."""
    progress = progress or Silent()
    progress.start("following rays", len(bank))
    first, rays = 0, _CHUNK
    while first < len(bank):
        last = min(first + every * rays, len(bank))
        pixels = torch.arange(first, last, every, device=bank.device)
        origins, directions = bank.rays(pixels)
        samples = march(origins, directions, module.low, module.high, module.occupancy(None), step)
        if len(samples.ray) > _HELD and len(pixels) > 1:  # through fog a ray has hundreds
            rays = (len(pixels) + 1) // 2
            continue
        positions, densities = [], []
        for part in range(0, max(len(samples.ray), 1), _SAMPLES):
            ray, t = (a[part : part + _SAMPLES] for a in (samples.ray, samples.t))
            sources = module.sources(origins[ray] + directions[ray] * t[:, None])
            positions.append(sources["position"])
            densities.append(module.run(module.density_networks, sources)[:, 0])
        yield pixels, samples, torch.cat(positions), torch.cat(densities)
        progress.update(last)
        first = last
        if len(samples.ray) < _HELD // 4:
            rays = min(_CHUNK, 2 * rays)
    progress.finish()


class PhotometricLoss:
    """Mean squared colour error over random rays at a random LOD.

    Half of all steps take the finest LOD, the others one of the coarser, so that every prefix of
    the levels is a picture. Each step takes about ``samples_per_step`` samples, however many rays
    that is. Pixels with alpha are compared over random backgrounds, so that transparency is learned
    as transparency and not as the background's colour.

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
        colours, truth = self.outputs(lod, generator)
        error = (colours - truth).square().mean()
        value = float(error.detach())
        figures = {"loss": value}
        if lod == self.module.num_lods - 1:
            # Where rays meet nothing there is no error to speak of.
            figures["psnr"] = -10.0 * math.log10(max(value * self.met, 1e-10))
        return Loss(error, figures)

    def outputs(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(R, 3) rendered colours of random rays at ``lod``, and what they should be."""
        index, background, seen = self.shoot(lod, generator)
        return seen.colour, self.bank.colours(index, background)

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
