"""Slow renderers in NumPy: one ray after the other, over the reference evaluator, in float64.

They share the fast renderers' definition (where samples lie, what a pixel is) and none of their
code but the constants.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.evaluate import reference
from nfcodec.model.camera import Camera
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.render import scalar, surface

Array = npt.NDArray[np.float64]
AnyField = Field | CodedField


def draw_radiance(
    field: AnyField, camera: Camera, step: float, background: Array, lod: int | None = None
) -> Array:
    """Emission and absorption of a ``nerf`` field."""

    def ray(origin: Array, direction: Array) -> Array:
        points = _samples(field, origin, direction, step)
        if not len(points):
            return background
        views = np.repeat(direction[None], len(points), axis=0)
        values = reference.evaluate(field, points, views, lod)
        return _composite(values[:, 0] * step, values[:, 1:], background)

    return _each_pixel(camera, ray)


def draw_scalar(
    field: AnyField, camera: Camera, step: float, table: Array, low: float, high: float,
    background: Array, lod: int | None = None, channel: int = 0,
) -> Array:  # fmt: skip
    """Emission and absorption of a ``scalar`` field through a color map."""
    diagonal = float(np.linalg.norm(field.bounds[1] - field.bounds[0]))
    lod = field.num_lods - 1 if lod is None else lod

    def ray(origin: Array, direction: Array) -> Array:
        points = _samples(field, origin, direction, step)
        u = (points - field.bounds[0]) / (field.bounds[1] - field.bounds[0]) * 2.0 - 1.0
        points = points[reference.inside(field, u, lod)]
        if not len(points):
            return background
        values = reference.evaluate(field, points, lod=lod)[:, channel]
        place = np.clip((values - low) / (high - low), 0.0, 1.0)
        at = np.linspace(0.0, 1.0, len(table))
        colors = np.stack([np.interp(place, at, table[:, c]) for c in range(3)], axis=1)
        depth = place**scalar.RAMP * scalar.FULL_DEPTH / diagonal * step
        return _composite(depth, colors, background)

    return _each_pixel(camera, ray)


def draw_surface(
    field: AnyField, camera: Camera, step: float, normal_step: float, background: Array,
    lod: int | None = None,
) -> Array:  # fmt: skip
    """The normals of an ``sdf`` field, as 0..1: equal steps to a sign change, then bisection."""
    low, high = field.bounds

    def value(points: Array) -> Array:
        return np.asarray(reference.evaluate(field, points, lod=lod)[:, 0])

    def ray(origin: Array, direction: Array) -> Array:
        enter, leave = _interval(field, origin, direction)
        if enter >= leave:
            return background
        t = np.append(np.arange(enter, leave, step), leave)
        inside = value(origin + direction * t[:, None]) <= 0.0
        if inside[0]:
            at = origin + direction * enter
            face = np.where(direction > 0, low, high)
            axis = int((np.abs(at - face) / (high - low)).argmin())
            normal = np.zeros(3)
            normal[axis] = -np.sign(direction[axis])
            return 0.5 + 0.5 * normal
        if not inside.any():
            return background
        first = int(inside.argmax())
        near, far = t[first - 1], t[first]
        for _ in range(40):
            middle = 0.5 * (near + far)
            if value((origin + direction * middle)[None])[0] <= 0.0:
                far = middle
            else:
                near = middle
        ends = np.repeat((origin + direction * far)[None], 6, axis=0)
        ends[np.arange(6), np.arange(6) // 2] += np.tile([normal_step, -normal_step], 3)
        ends = np.clip(ends, low, high)
        rise = value(ends).reshape(3, 2)
        run = ends[np.arange(6), np.arange(6) // 2].reshape(3, 2)
        gradient = (rise[:, 0] - rise[:, 1]) / (run[:, 0] - run[:, 1])
        return np.asarray(0.5 + 0.5 * gradient / np.linalg.norm(gradient))

    return _each_pixel(camera, ray)


def shade(normal: Array, direction: Array, axes: Array) -> Array:
    """Colors (P, 3) of normals (P, 3): the definition of :func:`nfcodec.render.surface.shade`."""
    n, view = normal @ axes, -direction @ axes
    up = 0.5 + 0.5 * n[:, 1:2]
    light = (1 - up) * [0.07, 0.06, 0.055] + up * [0.19, 0.21, 0.25]
    shine = 0.0
    for towards, color, gloss in (
        (np.array([-0.55, 0.65, 0.55]), [1.05, 1.00, 0.93], 0.14),
        (np.array([0.85, 0.05, 0.40]), [0.22, 0.27, 0.35], 0.04),
    ):
        towards = towards / np.linalg.norm(towards)
        facing = np.maximum((n @ towards + surface.WRAP) / (1 + surface.WRAP), 0.0)[:, None]
        light = light + color * facing**1.5
        half = view + towards
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        shine = shine + gloss * np.maximum((n * half).sum(axis=1, keepdims=True), 0.0) ** 48
    return srgb(np.array([0.56, 0.53, 0.49]) * light + shine)


def matcap(normal: Array, axes: Array) -> Array:
    """Colors (P, 3) of normals (P, 3): as :func:`nfcodec.render.surface.matcap` describes."""

    def unit(*xyz: float) -> Array:
        return np.array(xyz) / np.linalg.norm(xyz)

    def lit(towards: Array, around: float) -> Array:
        return np.asarray(np.maximum((n @ towards + around) / (1 + around), 0.0)[:, None])

    n = normal @ axes
    lamp = unit(-0.50, 0.62, 0.60)
    key, fill = lit(lamp, 0.30), lit(unit(0.80, -0.15, 0.58), 0.40)
    up = 0.5 + 0.5 * n[:, 1:2]
    light = (1 - up) * [0.10, 0.07, 0.06] + up * [0.22, 0.24, 0.30]
    light = light + key**1.5 * [1.12, 1.02, 0.90] + fill**2 * [0.16, 0.20, 0.30]
    clay = (1 - key) * [0.20, 0.05, 0.03] + key * [0.58, 0.24, 0.13]
    away = (n @ unit(lamp[0], lamp[1], lamp[2] + 1))[:, None] - 1
    shine = 0.30 * np.exp(60 * away) + 0.07 * np.exp(9 * away)
    edge = (1 - np.maximum(n[:, 2:], 0.0)) ** 3 * lit(unit(0.75, 0.45, -0.48), 0.55)
    linear = clay * light + shine * [1.00, 0.95, 0.88] + edge * [0.50, 0.56, 0.66]
    return srgb(linear)


def srgb(linear: Array) -> Array:
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def psnr(one: npt.ArrayLike, two: npt.ArrayLike) -> float:
    error = float(((np.asarray(one, float) - np.asarray(two, float)) ** 2).mean())
    return float(-10.0 * np.log10(max(error, 1e-20)))


def _each_pixel(camera: Camera, ray) -> Array:  # type: ignore[no-untyped-def]
    origins, directions = camera.rays()
    pairs = zip(origins.astype(float), directions.astype(float), strict=True)
    colors = [ray(origin, direction) for origin, direction in pairs]
    return np.array(colors).reshape(camera.height, camera.width, 3)


def _interval(field: AnyField, origin: Array, direction: Array) -> tuple[float, float]:
    enter, leave = 0.0, np.inf
    for d in range(3):
        if abs(direction[d]) < 1e-12:
            if not field.bounds[0, d] <= origin[d] <= field.bounds[1, d]:
                return 1.0, 0.0
            continue
        ends = sorted((field.bounds[:, d] - origin[d]) / direction[d])
        enter, leave = max(enter, ends[0]), min(leave, ends[1])
    return enter, leave


def _samples(field: AnyField, origin: Array, direction: Array, step: float) -> Array:
    enter, leave = _interval(field, origin, direction)
    count = max(0, int(np.ceil((leave - enter) / step - 0.5)))
    t = enter + (np.arange(count) + 0.5) * step
    return np.asarray(origin + direction * t[t < leave, None])


def _composite(optical_depth: Array, colors: Array, background: Array) -> Array:
    before, color = 1.0, np.zeros(3)
    for depth, emitted in zip(optical_depth, colors, strict=True):
        opacity = 1.0 - np.exp(-depth)
        color = color + before * opacity * emitted
        before *= 1.0 - opacity
    return np.asarray(color + before * background)
