"""Where along its rays a field is sampled: equal steps through the occupied cells of its box.

Sample k of a ray lies at ``enter + (k + offset) * step``; only samples in occupied cells are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numba import prange
from torch import Tensor

from nfcodec.evaluate import OccupiedCells
from nfcodec.evaluate.module import COARSER
from nfcodec.jit import Array, inline, parallel

#: Steps that :func:`march_densely` looks at together; each takes about 110 bytes.
DENSE_STEPS = 1 << 22
#: Samples that are held together where images are drawn; each takes about 40 bytes.
HELD_SAMPLES = 1 << 25


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of R rays, packed: those of ray r are ``offsets[r]`` up to ``offsets[r + 1]``.

    ``ray``: (S,) int64, ``t``: (S,) float32 distance along the ray, ``offsets``: (R + 1,) int64,
    ``step``: the distance between samples.
    """

    ray: Tensor
    t: Tensor
    offsets: Tensor
    step: float


def march(
    origins: Tensor,
    directions: Tensor,
    low: Tensor,
    high: Tensor,
    cells: OccupiedCells,
    step: float,
    offset: Tensor | None = None,
    near: float = 0.0,
    far: Tensor | None = None,
) -> Samples:
    """Sample rays inside the box ``low``..``high``.

    ``origins``, ``directions``: (R, 3) in the field's units, directions of length one.
    ``offset``: (R,) in [0, 1), where in its step each ray's samples lie; 0.5 by default.
    ``near``: nothing is sampled closer to the eye than this. ``far``: (R,) nor as far as this.
    """
    if offset is None:
        offset = torch.full((len(origins),), 0.5, device=origins.device)
    if far is None:
        far = torch.full((len(origins),), torch.inf, device=origins.device)
    scale = 2.0 / (high - low)
    start = (origins - low) * scale - 1.0
    slope = directions * scale
    if origins.device.type == "cpu":
        return _march_cpu(start, slope, cells, step, offset, near, far)
    return march_densely(start, slope, cells, step, offset, near, far)


def _march_cpu(
    start: Tensor, slope: Tensor, cells: OccupiedCells, step: float, offset: Tensor, near: float,
    far: Tensor,
) -> Samples:  # fmt: skip
    args = (
        start.contiguous().numpy(), slope.contiguous().numpy(),
        cells.words.numpy().view(np.uint32), cells.coarse.numpy().view(np.uint32),
        np.array(cells.shape, np.int64),
        np.float32(step), offset.numpy(), np.float32(near), far.numpy(),
    )  # fmt: skip
    counts = np.zeros(len(start) + 1, np.int64)
    _count_samples(*args, counts)
    offsets = np.cumsum(counts)
    ray = np.empty(offsets[-1], np.int64)
    t = np.empty(offsets[-1], np.float32)
    _write_samples(*args, offsets, ray, t)
    return Samples(torch.from_numpy(ray), torch.from_numpy(t), torch.from_numpy(offsets), step)


def march_densely(
    start: Tensor, slope: Tensor, cells: OccupiedCells, step: float, offset: Tensor, near: float,
    far: Tensor,
) -> Samples:  # fmt: skip
    """The same by tensor operations on any device: every step of every ray is looked at.

    ``start`` and ``slope`` are the rays in the box's own [-1, 1] coordinates. Rays are taken so
    many at a time that they have :data:`DENSE_STEPS` steps.
    """
    enter, leave = box_interval(start, slope, near)
    leave = torch.minimum(leave, far)
    steps = int(torch.ceil((leave - enter).clamp_min(0.0).max() / step)) if len(start) else 0
    k = torch.arange(steps, device=start.device)
    rays, distances = [start.new_empty(0, dtype=torch.long)], [start.new_empty(0)]
    offsets = torch.zeros(len(start) + 1, dtype=torch.long, device=start.device)
    together = max(1, DENSE_STEPS // max(steps, 1))
    for first in range(0, len(start), together):
        part = slice(first, first + together)
        t = enter[part, None] + (k + offset[part, None]) * step
        kept = t < leave[part, None]
        points = start[part, None] + slope[part, None] * t[..., None]
        kept &= cells.at(points.reshape(-1, 3).clamp(-1.0, 1.0)).reshape(kept.shape)
        rays.append(kept.nonzero()[:, 0] + first)
        distances.append(t[kept])
        offsets[1:][part] = kept.sum(dim=1)
    return Samples(torch.cat(rays), torch.cat(distances), torch.cumsum(offsets, dim=0), step)


def rays_at_once(low: Tensor, high: Tensor, step: float, most: int) -> int:
    """How many rays, at most ``most``, cannot have more than :data:`HELD_SAMPLES` in a box."""
    steps = float((high - low).norm()) / step + 1.0
    return max(1, min(most, int(HELD_SAMPLES / steps)))


def box_interval(start: Tensor, slope: Tensor, near: float) -> tuple[Tensor, Tensor]:
    """Where rays enter and leave the [-1, 1] box: (R,) each; enter >= leave if they miss it."""
    inverse = 1.0 / torch.where(slope.abs() < 1e-12, torch.full_like(slope, 1e-12), slope)
    one, two = (-1.0 - start) * inverse, (1.0 - start) * inverse
    enter = torch.minimum(one, two).amax(dim=1).clamp_min(near)
    leave = torch.maximum(one, two).amin(dim=1)
    return enter, leave


@inline
def _interval(start: Array, slope: Array, r: int, near: float) -> tuple[Any, Any]:
    enter, leave = near, np.float32(np.inf)
    for d in range(3):
        s = slope[r, d]
        if abs(s) < np.float32(1e-12):
            s = np.float32(1e-12)
        inverse = np.float32(1.0) / s
        one = (np.float32(-1.0) - start[r, d]) * inverse
        two = (np.float32(1.0) - start[r, d]) * inverse
        enter = max(enter, min(one, two))
        leave = min(leave, max(one, two))
    return enter, leave


@inline
def _visit(
    start: Array, slope: Array, words: Array, shape: Array, shift: int, r: int, t: float
) -> tuple[Any, Any]:
    """Whether the cell at distance t is occupied, and the distance at which it ends.

    ``shape``: fine cells along x, y, z; the cells looked at are ``2^shift`` times as wide.
    """
    site = np.int64(0)
    leave = np.float32(np.inf)
    for back in range(3):
        d = 2 - back
        n = shape[d]
        half = np.float32(0.5) * np.float32(n)
        at = (start[r, d] + slope[r, d] * t + np.float32(1.0)) * half
        cell = min(max(np.int64(at), 0), n - 1) >> shift
        site = site * (((n - 1) >> shift) + 1) + cell
        s = slope[r, d]
        if abs(s) >= np.float32(1e-12):
            edge = np.float32((cell + (s > 0)) << shift)
            leave = min(leave, t + (edge - at) / (half * s))
    return (words[site >> 5] >> np.uint32(site & 31)) & np.uint32(1), leave


@inline
def _walk(
    start: Array,
    slope: Array,
    words: Array,
    coarse: Array,
    shape: Array,
    step: float,
    offset: Array,
    near: float,
    far: Array,
    r: int,
    ts: Array,
    limit: int,
) -> int:
    """Count the samples of ray r; write the first ``limit`` of their distances to ``ts``."""
    enter, leave = _interval(start, slope, r, near)
    leave = min(leave, far[r])
    k = np.int64(0)
    count = 0
    t = enter + offset[r] * step
    while t < leave:
        full, end = _visit(start, slope, coarse, shape, COARSER, r, t)
        if full:
            full, end = _visit(start, slope, words, shape, 0, r, t)
        if full:
            if count < limit:
                ts[count] = t
            count += 1
            k += 1
        else:  # on to the first sample after this cell
            k = max(k + 1, np.int64(np.ceil((end - enter) / step - offset[r])))
        t = enter + (k + offset[r]) * step
    return count


@parallel
def _count_samples(
    start: Array,
    slope: Array,
    words: Array,
    coarse: Array,
    shape: Array,
    step: float,
    offset: Array,
    near: float,
    far: Array,
    counts: Array,
) -> None:
    for r in prange(start.shape[0]):
        none = np.empty(0, np.float32)
        counts[r + 1] = _walk(
            start, slope, words, coarse, shape, step, offset, near, far, r, none, 0
        )  # fmt: skip


@parallel
def _write_samples(
    start: Array,
    slope: Array,
    words: Array,
    coarse: Array,
    shape: Array,
    step: float,
    offset: Array,
    near: float,
    far: Array,
    offsets: Array,
    ray: Array,
    ts: Array,
) -> None:
    for r in prange(start.shape[0]):
        first, last = offsets[r], offsets[r + 1]
        _walk(
            start,
            slope,
            words,
            coarse,
            shape,
            step,
            offset,
            near,
            far,
            r,
            ts[first:last],
            last - first,
        )
        ray[first:last] = r
