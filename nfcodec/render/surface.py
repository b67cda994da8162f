"""Surfaces by sphere tracing: where rays meet the zero set of a distance, and how it is shaded.

Learned distances are not exact: their gradient is not of length one, and is wrong in places. Steps
are therefore divided by a slope measured on the field, never shorter than a minimum (so that every
ray ends), and a surface is a change of sign, found to rounding error by regula falsi.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from nfcodec.evaluate import FieldModule
from nfcodec.render import settings
from nfcodec.render.constants import count, number
from nfcodec.render.march import box_interval

#: (P, 3) points to (P,) values, negative inside.
Distance = Callable[[Tensor], Tensor]

#: Points evaluated at a time, which bounds memory.
POINTS_PER_CALL = 1 << 17
NORMAL_STEP_VOXELS = number("NORMAL_STEP_VOXELS")
WRAP = number("WRAP")
SLOPE_POINTS = count("SLOPE_POINTS")
TOLERANCE = number("TOLERANCE")
REFINEMENTS = count("REFINEMENTS")


class Hits(NamedTuple):
    """``t`` (R,): distance along the ray, infinite where it misses.

    ``capped`` (R,) bool: the ray met the inside of the object where the box, or the eye, cuts it.
    """

    t: Tensor
    capped: Tensor


def distance_of(module: FieldModule, lod: int | None) -> Distance:
    """The signed distance of an ``sdf`` field at ``lod``, evaluated in bounded memory."""
    return lambda points: values_of(module, points, lod)[:, 0]


def values_of(module: FieldModule, points: Tensor, lod: int | None) -> Tensor:
    """``module`` at (P, D) points, a bounded number of them at a time: (P, C)."""
    parts = [module(part, None, lod) for part in torch.split(points, POINTS_PER_CALL)]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def voxel_size(module: FieldModule, lod: int | None = None) -> float:
    """The smallest side of a voxel: :func:`nfcodec.render.settings.voxel_size`."""
    return settings.voxel_size(module.field, lod)


@torch.no_grad()
def slope_bound(
    distance: Distance, low: Tensor, high: Tensor, step: float, *, exact: bool = True
) -> float:
    """The length of the gradient that hardly any point of a box exceeds, measured on it.

    ``exact``: the values are distances, or nearly so, and the few steeper places are noise. Where
    they are not, the steepest place found counts, and half as much again.
    """
    points = low + (high - low) * _scattered(SLOPE_POINTS, len(low)).to(low.device)
    slope = gradients(distance, points, low, high, step).norm(dim=1)
    bound = torch.quantile(slope, 0.99) if exact else 1.5 * slope.max()
    return max(float(bound), 1e-6)


def _scattered(count: int, dims: int) -> Tensor:
    """(count, dims) points evenly scattered in the unit cube: the R sequence (Roberts 2018)."""
    root = 2.0
    for _ in range(40):  # the positive root of x^(dims + 1) = x + 1
        root = (1.0 + root) ** (1.0 / (dims + 1))
    powers = root ** -torch.arange(1, dims + 1, dtype=torch.float64)
    index = torch.arange(count, dtype=torch.float64)
    return ((0.5 + index[:, None] * powers) % 1.0).float()


def gradients(distance: Distance, points: Tensor, low: Tensor, high: Tensor, step: float) -> Tensor:
    """(P, 3) gradients by central differences of ``step``, one-sided at the faces of the box.

    Interpolated features make the analytic gradient jump at every voxel border, which is seen as
    facets; differences over about a voxel are smooth.
    """
    columns = []
    for axis in range(points.shape[1]):
        pair = []
        for sign in (1.0, -1.0):
            moved = points.clone()
            moved[:, axis] = (moved[:, axis] + sign * step).clamp(
                float(low[axis]), float(high[axis])
            )
            pair.append(moved)
        rise = distance(pair[0]) - distance(pair[1])
        run = (pair[0][:, axis] - pair[1][:, axis]).clamp_min(1e-3 * step)
        columns.append(rise / run.to(rise.dtype))
    return torch.stack(columns, dim=1)


@torch.no_grad()
def trace(
    distance: Distance,
    origins: Tensor,
    directions: Tensor,
    low: Tensor,
    high: Tensor,
    *,
    slope: float,
    min_step: float,
) -> Hits:
    """First sign changes of ``distance`` along R rays inside the box ``low``..``high``.

    ``origins``, ``directions``: (R, 3), directions of length one. ``slope``: the step is the
    distance divided by it. ``min_step``: the shortest step; an object thinner than that may be
    missed where the distance misjudges it.
    """
    scale = 2.0 / (high - low)
    enter, leave = box_interval((origins - low) * scale - 1.0, directions * scale, 0.0)
    t = torch.full_like(enter, math.inf)
    capped = torch.zeros_like(enter, dtype=torch.bool)
    ray = (enter < leave).nonzero()[:, 0]
    brackets = _first_brackets(
        distance, origins, directions, enter, leave, ray, t, capped, slope, min_step
    )
    if brackets:
        ray, near, above, far, below = (torch.cat(column) for column in zip(*brackets, strict=True))
        tolerance = TOLERANCE * slope * min_step
        t[ray] = _refine(
            distance, origins[ray], directions[ray], near, above, far, below, tolerance
        )
    return Hits(t, capped)


def _first_brackets(
    distance: Distance,
    origins: Tensor,
    directions: Tensor,
    enter: Tensor,
    leave: Tensor,
    ray: Tensor,
    t: Tensor,
    capped: Tensor,
    slope: float,
    min_step: float,
) -> list[tuple[Tensor, ...]]:
    """March the rays ``ray``; intervals (ray, t, value, t, value) in which the sign changes.

    Rays that begin inside are marked in ``t`` and ``capped`` instead.
    """
    at, end = enter[ray], leave[ray]
    origin, direction = origins[ray], directions[ray]
    value = distance(origin + direction * at[:, None]) if len(ray) else at
    inside = value <= 0.0
    t[ray[inside]], capped[ray[inside]] = at[inside], True
    brackets = []
    alive = ~inside
    while bool(alive.any()):
        ray, at, end, value = ray[alive], at[alive], end[alive], value[alive]
        origin, direction = origin[alive], direction[alive]
        ahead = torch.minimum(at + (value / slope).clamp_min(min_step), end)
        reached = distance(origin + direction * ahead[:, None])
        crossed = reached <= 0.0
        if bool(crossed.any()):
            ends = (at, value, ahead, reached)
            brackets.append((ray[crossed], *(x[crossed] for x in ends)))
        alive = ~crossed & (ahead < end)
        at, value = ahead, reached
    return brackets


def _refine(
    distance: Distance,
    origin: Tensor,
    direction: Tensor,
    near: Tensor,
    above: Tensor,
    far: Tensor,
    below: Tensor,
    tolerance: float,
) -> Tensor:
    """(R,) roots between ``near``, of value ``above`` > 0, and ``far``, of value ``below`` <= 0.

    Illinois method, until values are below ``tolerance`` in size.
    """
    root = torch.empty_like(near)
    index = torch.arange(len(near), device=near.device)
    side = torch.zeros_like(near)
    for _ in range(REFINEMENTS):
        middle = near + (far - near) * (above / (above - below))
        root[index] = middle
        value = distance(origin + direction * middle[:, None])
        inside = value <= 0.0
        # The end that stays for a second time has its value halved, so that it moves next time.
        above = torch.where(inside, torch.where(side > 0, above * 0.5, above), value)
        below = torch.where(inside, value, torch.where(side < 0, below * 0.5, below))
        near, far = torch.where(inside, near, middle), torch.where(inside, middle, far)
        side = torch.where(inside, 1.0, -1.0)
        left = value.abs() > tolerance
        if not bool(left.any()):
            break
        index, origin, direction, side = index[left], origin[left], direction[left], side[left]
        near, above, far, below = near[left], above[left], far[left], below[left]
    return root


@torch.no_grad()
def normals(
    distance: Distance,
    points: Tensor,
    directions: Tensor,
    capped: Tensor,
    low: Tensor,
    high: Tensor,
    step: float,
) -> Tensor:
    """(P, 3) unit normals at surface points; on a cut, the normal of the box's face."""
    gradient = gradients(distance, points, low, high, step)
    length = gradient.norm(dim=1, keepdim=True)
    normal = torch.where(length > 1e-12, gradient / length.clamp_min(1e-12), -directions)
    # The face that the ray came in by is the one it is closest to, of the three facing it.
    face = torch.where(directions > 0, low, high)
    gap = ((points - face).abs() / (high - low)).masked_fill(directions == 0, math.inf)
    axis = gap.argmin(dim=1, keepdim=True)
    cut = torch.zeros_like(normal).scatter(1, axis, -torch.sign(directions.gather(1, axis)))
    on_face = gap.gather(1, axis) < 1e-4
    return torch.where(capped[:, None], torch.where(on_face, cut, -directions), normal)


def shade(normal: Tensor, directions: Tensor, pose: Tensor) -> Tensor:
    """Display-referred colors (P, 3) of a clay-like surface lit from the camera's upper left.

    ``normal``, ``directions``: (P, 3) in world axes. ``pose``: (3, 3), the camera's axes as
    columns; the lights move with it. A warm key light, a cool fill light and a sky above a ground;
    computed in linear light, then encoded as sRGB.
    """
    n = normal @ pose
    view = -directions @ pose

    def vector(*xyz: float) -> Tensor:
        return torch.tensor(xyz, dtype=n.dtype, device=n.device)

    albedo = vector(0.56, 0.53, 0.49)
    up = 0.5 + 0.5 * n[:, 1:2]
    light = torch.lerp(vector(0.07, 0.06, 0.055), vector(0.19, 0.21, 0.25), up)
    shine = torch.zeros_like(up)
    for towards, color, gloss in (
        (vector(-0.55, 0.65, 0.55), vector(1.05, 1.00, 0.93), 0.14),
        (vector(0.85, 0.05, 0.40), vector(0.22, 0.27, 0.35), 0.04),
    ):
        towards = towards / towards.norm()
        # Light reaches a little around the edge and fades in: no hard line where it ends.
        facing = ((n @ towards + WRAP) / (1.0 + WRAP)).clamp_min(0.0)[:, None]
        light = light + color * facing**1.5
        half = torch.nn.functional.normalize(view + towards, dim=1)
        shine = shine + gloss * ((n * half).sum(1).clamp_min(0.0) ** 48)[:, None]
    return to_srgb(albedo * light + shine)


def matcap(normal: Tensor, pose: Tensor) -> Tensor:
    """Display-referred colors (P, 3) of terracotta in a studio, which the normal alone decides.

    ``normal``: (P, 3) in world axes. ``pose``: (3, 3), the camera's axes as columns. A large warm
    lamp at the upper left with its soft reflection, a cool one at the right, a bright edge where
    the surface turns away towards the upper right; clay is redder in its own shadow.
    """
    n = normal @ pose

    def vector(*xyz: float) -> Tensor:
        return torch.tensor(xyz, dtype=n.dtype, device=n.device)

    def lit(towards: Tensor, around: float) -> Tensor:
        towards = towards / towards.norm()
        return ((n @ towards + around) / (1.0 + around)).clamp_min(0.0)[:, None]

    up = 0.5 + 0.5 * n[:, 1:2]
    lamp = vector(-0.50, 0.62, 0.60)
    key, fill = lit(lamp, 0.30), lit(vector(0.80, -0.15, 0.58), 0.40)
    light = torch.lerp(vector(0.10, 0.07, 0.06), vector(0.22, 0.24, 0.30), up)
    light = light + vector(1.12, 1.02, 0.90) * key**1.5 + vector(0.16, 0.20, 0.30) * fill**2
    clay = torch.lerp(vector(0.20, 0.05, 0.03), vector(0.58, 0.24, 0.13), key)
    mirrored = lamp / lamp.norm() + vector(0.0, 0.0, 1.0)
    away = (n @ (mirrored / mirrored.norm()) - 1.0)[:, None]
    shine = 0.30 * torch.exp(60.0 * away) + 0.07 * torch.exp(9.0 * away)
    edge = (1.0 - n[:, 2:3].clamp_min(0.0)) ** 3 * lit(vector(0.75, 0.45, -0.48), 0.55)
    return to_srgb(
        clay * light + vector(1.00, 0.95, 0.88) * shine + vector(0.50, 0.56, 0.66) * edge
    )


def to_srgb(linear: Tensor) -> Tensor:
    """Linear light in [0, 1] to sRGB (IEC 61966-2-1)."""
    linear = linear.clamp(0.0, 1.0)
    return torch.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp_min(1e-8) ** (1 / 2.4) - 0.055
    )
