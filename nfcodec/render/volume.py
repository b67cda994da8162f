"""Volume rendering of radiance fields: emission and absorption, quadrature as in NeRF (eq. 3).

Training and rendering share these functions; with gradients on, nothing is skipped but what
contributes less than ``MIN_WEIGHT``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule
from nfcodec.render import settings
from nfcodec.render.constants import number
from nfcodec.render.march import Samples, march, rays_at_once

MIN_WEIGHT = number("MIN_WEIGHT")
MIN_TRANSMITTANCE = number("MIN_TRANSMITTANCE")
#: Rays rendered at a time when no gradients are wanted.
RAYS_PER_CHUNK = 1 << 15
#: Samples of a ray evaluated before transmittance is looked at, first round; doubled each round.
FIRST_ROUND = 8


class Rendered(NamedTuple):
    """``colour`` (R, C), ``opacity`` (R,), ``depth`` (R,): mean distance of what is seen."""

    color: Tensor
    opacity: Tensor
    depth: Tensor


def step_size(module: FieldModule, lod: int | None = None) -> float:
    """The distance between samples: :func:`nfcodec.render.settings.radiance_step`."""
    return settings.radiance_step(module.field, lod)


def composite(optical_depth: Tensor, samples: Samples) -> Tensor:
    """Weights (S,) of packed samples in their pixels.

    ``optical_depth``: (S,) density times step. A sample's weight is the transmittance before it
    times ``1 - exp(-optical_depth)``.
    """
    return transmittance(optical_depth, samples) * -torch.expm1(-optical_depth)


def transmittance(optical_depth: Tensor, samples: Samples) -> Tensor:
    """(S,) the share of light that passes all samples before each of the packed samples."""
    total = torch.cumsum(optical_depth.double(), dim=0)
    before = torch.cat([total.new_zeros(1), total])  # before[i]: sum of all samples below i
    passed = before[:-1] - before[samples.offsets[samples.ray]]
    return torch.exp(-passed).float()


def gather_rays(
    module: FieldModule,
    origins: Tensor,
    directions: Tensor,
    samples: Samples,
    lod: int | None,
    background: Tensor,
    emitting: tuple[str, ...] | None = None,
) -> Rendered:
    """Evaluate ``module`` at ``samples`` and composite them; differentiable.

    ``background``: (C,) or (R, C), seen where rays are not stopped. ``emitting``: the networks
    whose outputs, joined, are the C channels that a sample shows; the color's by default.
    """
    count = len(origins)
    points = origins[samples.ray] + directions[samples.ray] * samples.t[:, None]
    sources = module.sources(points, lod)
    density = module.run(module.density_networks, sources)[:, 0]
    weights = composite(density * samples.step, samples)
    seen = (weights.detach() > MIN_WEIGHT).nonzero()[:, 0]
    ray = samples.ray[seen]
    visible = {name: _take(value, seen) for name, value in sources.items()}
    visible["direction"] = directions[ray]
    emitted = module.run(emitting or module.color_networks, visible)
    if emitting is not None and len(emitting) > 1:
        emitted = torch.cat([visible[name] for name in emitting], dim=1)
    weight = weights[seen]
    color = torch.zeros((count, emitted.shape[1]), device=origins.device)
    color = color.index_add(0, ray, weight[:, None] * emitted)
    opacity = torch.zeros(count, device=origins.device).index_add(0, ray, weight)
    depth = torch.zeros(count, device=origins.device).index_add(0, ray, weight * samples.t[seen])
    return Rendered(
        color + (1.0 - opacity[:, None]) * background,
        opacity,
        depth / opacity.clamp_min(1e-6),
    )


def _take(values: Tensor, index: Tensor) -> Tensor:
    """``values[index]`` for distinct indices, whose gradient needs no accumulation."""
    taken: Tensor = _Take.apply(values, index)  # type: ignore[no-untyped-call]
    return taken


class _Take(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, index: Tensor) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(index)
        ctx.rows = len(values)
        return values[index]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (index,) = ctx.saved_tensors
        out = grad.new_zeros((ctx.rows, *grad.shape[1:]))
        out[index] = grad
        return out, None


@torch.no_grad()
def render_rays(
    module: FieldModule,
    origins: Tensor,
    directions: Tensor,
    *,
    lod: int | None = None,
    background: Tensor | None = None,
    step: float | None = None,
    emitting: tuple[str, ...] | None = None,
) -> Rendered:
    """Render R rays without gradients: empty cells are skipped, opaque rays end early.

    Args:
        origins, directions: (R, 3) float32 in the field's units; directions of length one.
        lod: level of detail, all by default.
        background: (C,) or (R, C), colors in [0, 1] as a rule; white by default.
        step: distance between samples, :func:`step_size` by default.
        emitting: as for :func:`gather_rays`.
    """
    step = step_size(module, lod) if step is None else step
    if background is None:
        background = torch.ones(3, device=origins.device)
    background = background.expand(len(origins), background.shape[-1])
    parts = []
    rays = rays_at_once(module.low, module.high, step, RAYS_PER_CHUNK)
    for first in range(0, len(origins), rays):
        chunk = slice(first, first + rays)
        parts.append(
            _render_chunk(
                module, origins[chunk], directions[chunk], lod, background[chunk], step, emitting
            )
        )
    if not parts:
        empty = torch.zeros(0, device=origins.device)
        return Rendered(background, empty, empty)
    return Rendered(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _render_chunk(
    module: FieldModule,
    origins: Tensor,
    directions: Tensor,
    lod: int | None,
    background: Tensor,
    step: float,
    emitting: tuple[str, ...] | None,
) -> Rendered:
    cells = module.occupancy(lod)
    samples = march(origins, directions, module.low, module.high, cells, step)
    count = len(origins)
    position = torch.arange(len(samples.ray), device=origins.device) - samples.offsets[samples.ray]
    transmittance = torch.ones(count, device=origins.device)
    nothing = background.new_zeros(background.shape[1])
    color = torch.zeros_like(background)
    depth = torch.zeros(count, device=origins.device)
    longest = int((samples.offsets[1:] - samples.offsets[:-1]).max()) if count else 0
    start, width = 0, FIRST_ROUND
    while start < longest:
        chosen = (position >= start) & (position < start + width)
        chosen &= transmittance[samples.ray] > MIN_TRANSMITTANCE
        kept = chosen.nonzero()[:, 0]
        ray = samples.ray[kept]
        counts = torch.bincount(ray, minlength=count)
        offsets = torch.cat([counts.new_zeros(1), torch.cumsum(counts, dim=0)])
        part = Samples(ray, samples.t[kept], offsets, step)
        seen = gather_rays(module, origins, directions, part, lod, nothing, emitting)
        color += transmittance[:, None] * seen.color
        depth += transmittance * seen.depth * seen.opacity
        transmittance = transmittance * (1.0 - seen.opacity)
        start, width = start + width, width * 2
    opacity = 1.0 - transmittance
    return Rendered(
        color + transmittance[:, None] * background, opacity, depth / opacity.clamp_min(1e-6)
    )
