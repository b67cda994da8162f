"""Fields against fields by their values at points.

What is compared of each kind:

- ``sdf`` and ``scalar``: the values themselves. The peak of a channel is the range of the
  reference's values over the points, or, of a channel that is constant but for rounding, the size
  of its value; with several channels, squared errors relative to each channel's own peak are
  averaged.
- kinds with a density, if they have colors at points: what a point adds to an image. The density
  becomes the opacity of one sample of the reference's finest voxel size h,
  ``alpha = 1 - exp(-density h)``, and color is weighted by it: ``(alpha, alpha r, alpha g,
  alpha b)`` in a random view direction, the same for both. The peak is 1. Points outside the
  occupied cells of both fields are left out: nothing is there in either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nfcodec import metrics
from nfcodec.evaluate import FieldModule
from nfcodec.model.kinds import KINDS
from nfcodec.render import volume

Values = npt.NDArray[np.float32]

#: Quality above which two things are as good as equal; what equal ones are given.
MAX_PSNR = 144.0
#: A channel whose range is at most this share of its largest value is constant but for rounding:
#: float32 resolves 6e-8 of it, and sums in a network several times as much.
CONSTANT = 1e-6
#: Points evaluated at a time.
_BATCH = 1 << 17
#: Draws of random points until enough lie in occupied cells.
_ROUNDS = 64


@dataclass(frozen=True, eq=False)
class Points:
    """``positions`` (P, D) float64 in the field's units, ``directions`` (P, 3) float32, unit."""

    positions: npt.NDArray[np.float64]
    directions: Values

    def __len__(self) -> int:
        return len(self.positions)


def random_points(reference: FieldModule, test: FieldModule, count: int, seed: int) -> Points:
    """``count`` points spread evenly over the reference's bounds.

    For ``nerf``, over the cells occupied in one of the fields; fewer points, even none, if these
    are very few.
    """
    rng = np.random.default_rng([seed, 0])
    low, high = reference.field.bounds
    if not reference.field.is_radiance:
        return _directed(rng.uniform(low, high, (count, len(low))), rng)
    kept: list[npt.NDArray[np.float64]] = []
    found = 0
    for _ in range(_ROUNDS):
        drawn = rng.uniform(low, high, (count, len(low)))
        occupied = np.zeros(count, np.bool_)
        for module in (reference, test):
            at = torch.from_numpy(drawn).to(module.device)
            occupied |= module.occupancy().at(module.normalize(at)).cpu().numpy()
        kept.append(drawn[occupied])
        found += int(occupied.sum())
        if found >= count:
            break
    return _directed(np.concatenate(kept)[:count], rng)


def near_points(
    positions: npt.ArrayLike, bounds: npt.ArrayLike, spread: float, seed: int
) -> Points:
    """``positions`` (P, 3) moved by Gaussian offsets of ``spread``, kept inside ``bounds``."""
    rng = np.random.default_rng([seed, 1])
    at = np.asarray(positions, np.float64)
    low, high = np.asarray(bounds, np.float64)
    return _directed(np.clip(at + rng.normal(size=at.shape) * spread, low, high), rng)


def _directed(positions: npt.NDArray[np.float64], rng: np.random.Generator) -> Points:
    directions = rng.normal(size=(len(positions), 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return Points(positions, directions.astype(np.float32))


@torch.no_grad()
def evaluate(module: FieldModule, points: Points, lod: int | None, step: float) -> Values:
    """(P, C) float32: what is compared of ``module`` at ``points``; ``step`` is h for ``nerf``."""
    parts = []
    for start in range(0, len(points), _BATCH):
        chunk = slice(start, start + _BATCH)
        at = torch.from_numpy(points.positions[chunk]).to(module.device)
        towards = torch.from_numpy(points.directions[chunk]).to(module.device)
        values = module(at, towards if module.field.is_radiance else None, lod)
        if module.field.is_radiance:
            alpha = -torch.expm1(-values[:, :1] * step)
            values = torch.cat([alpha, alpha * values[:, 1:]], dim=1)
        parts.append(values.float().cpu().numpy())
    return np.concatenate(parts)


def sample_length(module: FieldModule) -> float:
    """h, the finest voxel size of a ``nerf`` field, in its units; 1 for other kinds."""
    return volume.step_size(module) if module.field.is_radiance else 1.0


def value_psnr(reference: Values, test: Values, kind: str) -> float:
    """PSNR in dB of (P, C) values as this module's docstring defines it, at most ``MAX_PSNR``.

    NaN where values are not finite.
    """
    a, b = reference.astype(np.float64), test.astype(np.float64)
    peak = np.ones(a.shape[1])
    if not KINDS.named(kind, "field").has_density:
        spread = a.max(axis=0) - a.min(axis=0)
        size = np.abs(a).max(axis=0)
        peak = np.where(spread > CONSTANT * size, spread, np.where(size > 0.0, size, 1.0))
    return capped(metrics.psnr(a / peak, b / peak))


def capped(psnr: float) -> float:
    """``psnr``, at most ``MAX_PSNR``: JSON has no number for the infinity of equal inputs."""
    return min(psnr, MAX_PSNR)
