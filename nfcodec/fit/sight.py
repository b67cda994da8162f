"""What the pixels of posed images see of a radiance field: how far, and which of its cells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule, OccupiedCells
from nfcodec.fit.rays import RayBank
from nfcodec.progress import Progress, Silent
from nfcodec.render.march import Samples, march
from nfcodec.render.volume import composite, step_size, transmittance

#: Rays followed together, samples evaluated together, and samples held together.
_CHUNK, _SAMPLES, _HELD = 1 << 16, 1 << 20, 1 << 22
#: :func:`sight` looks at no more pixels than this.
_MOST = 1 << 22
#: A ray is followed until less than this of its light is left, and for this many samples more.
_DARK, _MARGIN = 1e-3, 3.0
#: Rays per voxel face of one side of the box: lego has 31.6 dB with 32 and 2 dB less with 8
#: (docs/decisions/0034-what-no-ray-met.md).
RAYS_PER_FACE = 32
#: A cell with fewer samples than this is undecided, and all rays through it are looked at.
_ENOUGH = 8
#: Samples evaluated in each of the two passes: about four minutes on two cores.
_MOST_SAMPLES = 1 << 28
#: Rays by which the number of samples on a ray is estimated.
_PILOT_RAYS = 4096


@dataclass(frozen=True, eq=False)
class Sight:
    """The pixels whose rays meet a field, and how far they see into it.

    ``index``: (P,) int64 pixels of a bank; ``far``: (P,) distance beyond which nothing shows.
    """

    index: Tensor
    far: Tensor


@torch.no_grad()
def sight(module: FieldModule, bank: RayBank, progress: Progress | None = None) -> Sight:
    """What the rays of ``bank`` see of ``module``, a radiance field, at its finest LOD.

    Large banks are subsampled.
    """
    step, every = step_size(module), -(-len(bank) // _MOST)
    index, far = [], []
    for pixels, samples, _, density in _walk(module, bank, step, _strided(bank, every), progress):
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
    module: FieldModule, bank: RayBank, resolution: int, least: float,
    rays_per_face: int = RAYS_PER_FACE, progress: Progress | None = None,
) -> Tensor:  # fmt: skip
    """The largest weight that any ray gives to a sample in each of ``resolution^3`` cells.

    An even subset of the pixels is looked at first: ``rays_per_face * resolution^2`` of them, or
    fewer where rays have very many samples. Then all rays through the cells that too few of these
    rays met. A cell that still cannot be called empty gets a weight of at least ``least``: one
    that lies within a view but between its rays, or whose rays are too many to follow.

    Returns (R, R, R) float32 [z, y, x]; 0 where the field is empty or no view looks.
    """
    step = float((module.high - module.low).max()) / resolution / 1.5
    occupied = torch.from_numpy(module.occupancy(None).mask(resolution)).to(bank.device).flatten()
    look = _Look(module, bank, resolution, step)
    pixels = look.affordable(rays_per_face * resolution**2)
    look.follow(pixels, progress)
    few = occupied & (look.count < _ENOUGH)
    complete = len(pixels) == len(bank)
    if not complete and few.any():
        crossing = look.crossing(few, pixels)
        chosen = look.within_budget(crossing)
        look.follow(chosen, progress)
        complete = len(chosen) == len(crossing)
    unknown = occupied & (look.count < (1 if complete else _ENOUGH))
    site = unknown.nonzero()[:, 0]
    site = site[_in_view(site, module, bank, resolution)]
    look.best[site] = look.best[site].clamp_min(least)
    return look.best.reshape(resolution, resolution, resolution)


class _Look:
    """``best``: (R^3,) the largest weight of a sample in each cell; ``count``: (R^3,) samples."""

    def __init__(self, module: FieldModule, bank: RayBank, resolution: int, step: float) -> None:
        self.module, self.bank, self.resolution, self.step = module, bank, resolution, step
        self.best = torch.zeros(resolution**3, device=bank.device)
        self.count = torch.zeros(resolution**3, dtype=torch.int32, device=bank.device)

    def affordable(self, rays: int) -> Tensor:
        """(P,) evenly spread pixels: ``rays`` at least, as far as samples are few enough."""
        pilot = _strided(self.bank, max(1, len(self.bank) // _PILOT_RAYS))
        samples = max(1, len(self._march(pilot, self.module.occupancy(None)).ray))
        rays = min(rays, _MOST_SAMPLES * len(pilot) // samples)
        return _strided(self.bank, max(1, len(self.bank) // max(rays, 1)))

    def within_budget(self, pixels: Tensor) -> Tensor:
        """All of ``pixels`` (P,), or an even subset if their samples are too many to evaluate."""
        if not len(pixels):
            return pixels
        pilot = pixels[:: max(1, len(pixels) // _PILOT_RAYS)]
        samples = max(1, len(self._march(pilot, self.module.occupancy(None)).ray))
        return pixels[:: math.ceil(len(pixels) * samples / (len(pilot) * _MOST_SAMPLES))]

    def follow(self, pixels: Tensor, progress: Progress | None) -> None:
        """Take the samples on the rays of ``pixels`` (P,) into account."""
        for _, samples, position, density in _walk(
            self.module, self.bank, self.step, pixels, progress
        ):
            site = self._site(position)
            self.best.scatter_reduce_(0, site, composite(density * self.step, samples), "amax")
            self.count.scatter_add_(0, site, torch.ones_like(site, dtype=torch.int32))

    def crossing(self, cells: Tensor, but: Tensor) -> Tensor:
        """(P,) the pixels, ``but`` (sorted) left out, with a sample in one of ``cells`` (R^3,)."""
        side = self.resolution
        marked = OccupiedCells(cells.reshape(side, side, side).cpu().numpy()).to(self.bank.device)
        found = []
        for first in range(0, len(self.bank), _CHUNK):
            last = min(first + _CHUNK, len(self.bank))
            pixels = torch.arange(first, last, device=self.bank.device)
            samples = self._march(pixels, marked)
            found.append(pixels[samples.offsets[1:] > samples.offsets[:-1]])
        pixels = torch.cat(found)
        return pixels[~torch.isin(pixels, but, assume_unique=True)]

    def _march(self, pixels: Tensor, cells: OccupiedCells) -> Samples:
        origins, directions = self.bank.rays(pixels)
        return march(origins, directions, self.module.low, self.module.high, cells, self.step)

    def _site(self, position: Tensor) -> Tensor:
        side = self.resolution
        cell = ((position + 1.0) * (0.5 * side)).long().clamp(0, side - 1)
        return (cell[:, 2] * side + cell[:, 1]) * side + cell[:, 0]


def _in_view(site: Tensor, module: FieldModule, bank: RayBank, resolution: int) -> Tensor:
    """(N,) bool: whether the center of each cell ``site`` (N,) lies in the frame of a view."""
    cell = torch.stack(
        [site % resolution, site // resolution % resolution, site // resolution**2], dim=1
    )
    low, high = np.array(module.field.bounds, np.float64)
    points = low + (cell.cpu().numpy() + 0.5) / resolution * (high - low)
    inside = np.zeros(len(points), np.bool_)
    for camera in bank.cameras:
        rest = (~inside).nonzero()[0]
        at, depth = camera.project(points[rest])
        with np.errstate(invalid="ignore"):
            shown = (
                (depth > 0) & (at >= 0).all(axis=1) & (at <= [camera.width, camera.height]).all(1)
            )
        inside[rest[shown]] = True
    return torch.from_numpy(inside).to(site.device)


def _strided(bank: RayBank, every: int) -> Tensor:
    return torch.arange(0, len(bank), every, device=bank.device)


def _walk(
    module: FieldModule, bank: RayBank, step: float, index: Tensor, progress: Progress | None
) -> Iterator[tuple[Tensor, Samples, Tensor, Tensor]]:
    """Follow the rays of the pixels ``index`` (P,) of ``bank``, many at a time.

    Yields their numbers, the samples on their rays, the samples' positions (S, 3) in the box from
    -1 to 1, and their densities (S,).
    """
    progress = progress or Silent()
    progress.start("following rays", len(index))
    first, rays = 0, _CHUNK
    while first < len(index):
        pixels = index[first : first + rays]
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
        first += len(pixels)
        progress.update(first)
        if len(samples.ray) < _HELD // 4:
            rays = min(_CHUNK, 2 * rays)
    progress.finish()
