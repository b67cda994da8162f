"""A small vectorized ray tracer in NumPy: analytic shapes, procedural textures, soft light.

Just enough to make a scene worth judging a codec by, on any machine, in a minute and without a
GPU. Everything works on arrays of rays: origins and unit directions, (N, 3) float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Texture = Callable[[Array], Array]  # (N, 3) points of the surface to (N, 3) linear colors

NEAR = np.float32(2e-3)
FAR = np.float32(1e9)
SUNLIGHT = np.array([1.55, 1.42, 1.22], np.float32)


@dataclass(frozen=True)
class Material:
    """``texture`` under diffuse light, a Blinn-Phong lobe, and a mirror image of the scene."""

    texture: Texture
    specular: float = 0.05
    shininess: float = 30.0
    mirror: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


class Shape:
    """A surface: ``hit`` gives distances (FAR where missed), ``normal`` outward normals."""

    def hit(self, origin: Array, direction: Array) -> Array:
        raise NotImplementedError

    def normal(self, point: Array) -> Array:
        raise NotImplementedError


class Sphere(Shape):
    def __init__(self, center: Sequence[float], radius: float) -> None:
        self.center, self.radius = np.array(center, np.float32), np.float32(radius)

    def hit(self, origin: Array, direction: Array) -> Array:
        to = origin - self.center
        b = dot(to, direction)
        across = to - b[:, None] * direction  # shortest way to the ray: exact for small spheres
        inside = self.radius**2 - dot(across, across)
        root = np.sqrt(np.maximum(inside, 0))
        near, far = -b - root, -b + root
        t = np.where(near > NEAR, near, far)
        return np.where((inside > 0) & (t > NEAR), t, FAR)

    def normal(self, point: Array) -> Array:
        return (point - self.center) / self.radius


class Rods(Shape):
    """Rods with round ends from ``a`` to ``b``, each (M, 3), of one radius: wires, springs, knobs.

    They share a bounding sphere, which most rays miss; the rest meet all M rods at once.
    """

    def __init__(self, a: npt.ArrayLike, b: npt.ArrayLike, radius: float) -> None:
        self.a, b = np.array(a, np.float32), np.array(b, np.float32)
        self.axis = b - self.a
        self.length2 = (self.axis**2).sum(1)
        self.radius = np.float32(radius)
        ends = np.concatenate([self.a, b])
        middle = (ends.min(0) + ends.max(0)) / 2
        reach = np.linalg.norm(ends - middle, axis=1).max() + radius
        self.bound = Sphere(middle.tolist(), float(reach) + 1e-3)

    def hit(self, origin: Array, direction: Array) -> Array:
        best = np.full(len(origin), FAR)
        rays = np.flatnonzero(self.bound.hit(origin, direction) < FAR)
        for part in np.array_split(rays, len(rays) * len(self.a) // 200_000 + 1):
            best[part] = self._hit(origin[part], direction[part])
        return best

    def _hit(self, origin: Array, direction: Array) -> Array:
        skip = (self.bound.center - origin) * direction  # start close by: float32 is short
        skip = skip.sum(1, keepdims=True)
        start = origin + skip * direction
        length2, to = self.length2, start[:, None] - self.a  # all below are (rays, rods)
        along_d, along_o = direction @ self.axis.T, np.einsum("rmi,mi->rm", to, self.axis)
        to_d = np.einsum("rmi,ri->rm", to, direction)
        to2 = np.einsum("rmi,rmi->rm", to, to)
        a = length2 - along_d**2
        b = length2 * to_d - along_o * along_d
        inside = b * b - a * (length2 * (to2 - self.radius**2) - along_o**2)
        slanted = a > np.float32(1e-5) * length2
        t = (-b - np.sqrt(np.maximum(inside, 0))) / np.where(slanted, a, np.float32(1))
        y = along_o + t * along_d
        body = slanted & (inside > 0) & (y > 0) & (y < length2)
        far_end = y >= length2  # else the ball around the nearer end may be hit
        b = to_d - far_end * along_d
        c = to2 + far_end * (length2 - 2 * along_o) - self.radius**2
        inside = b * b - c
        ball = np.where(inside > 0, -b - np.sqrt(np.maximum(inside, 0)), FAR)
        t = np.where(body, t, ball) + skip
        return np.where((t > NEAR) & (t < FAR / 2), t, FAR).min(1)

    def normal(self, point: Array) -> Array:
        to = point[:, None] - self.a
        along = np.einsum("rmi,mi->rm", to, self.axis) / np.maximum(self.length2, 1e-12)
        away = to - np.clip(along, 0, 1)[..., None] * self.axis
        nearest = np.einsum("rmi,rmi->rm", away, away).argmin(1)
        return unit(away[np.arange(len(point)), nearest])


class Cylinder(Shape):
    """An upright cylinder with flat ends, z from ``bottom`` to ``top``."""

    def __init__(self, center: Sequence[float], radius: float, bottom: float, top: float) -> None:
        self.center = np.array([*center, 0.0], np.float32)
        self.radius = np.float32(radius)
        self.bottom, self.top = np.float32(bottom), np.float32(top)

    def hit(self, origin: Array, direction: Array) -> Array:
        to = origin - self.center
        a = direction[:, 0] ** 2 + direction[:, 1] ** 2 + np.float32(1e-12)
        b = to[:, 0] * direction[:, 0] + to[:, 1] * direction[:, 1]
        inside = b * b - a * (to[:, 0] ** 2 + to[:, 1] ** 2 - self.radius**2)
        t = (-b - np.sqrt(np.maximum(inside, 0))) / a
        z = to[:, 2] + t * direction[:, 2]
        best = np.where((inside > 0) & (t > NEAR) & (z > self.bottom) & (z < self.top), t, FAR)
        safe = np.where(np.abs(direction[:, 2]) < 1e-9, np.float32(1e-9), direction[:, 2])
        for height in (self.bottom, self.top):
            t = (height - to[:, 2]) / safe
            x, y = to[:, 0] + t * direction[:, 0], to[:, 1] + t * direction[:, 1]
            hit = (t > NEAR) & (x * x + y * y < self.radius**2)
            best = np.minimum(best, np.where(hit, t, FAR))
        return best

    def normal(self, point: Array) -> Array:
        to = point - self.center
        normal = to / self.radius
        normal[:, 2] = 0
        for height, z in ((self.top, 1.0), (self.bottom, -1.0)):
            normal[np.abs(to[:, 2] - height) < 1e-4] = (0, 0, z)
        return normal


class Box(Shape):
    """A box of half-sizes ``half`` turned by ``turn`` radians about the vertical axis."""

    def __init__(self, center: Sequence[float], half: Sequence[float], turn: float = 0.0) -> None:
        c, s = np.cos(turn), np.sin(turn)
        self.rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
        self.center, self.half = np.array(center, np.float32), np.array(half, np.float32)

    def hit(self, origin: Array, direction: Array) -> Array:
        o, d = (origin - self.center) @ self.rotation, direction @ self.rotation
        inverse = 1 / np.where(np.abs(d) < 1e-9, np.float32(1e-9), d)
        middle, reach = -o * inverse, np.abs(inverse) * self.half
        near, far = (middle - reach).max(1), (middle + reach).min(1)
        t = np.where(near > NEAR, near, far)
        return np.where((near < far) & (t > NEAR), t, FAR)

    def normal(self, point: Array) -> Array:
        local = (point - self.center) @ self.rotation / self.half
        axis = np.abs(local).argmax(1)
        normal = np.zeros_like(local)
        rows = np.arange(len(local))
        normal[rows, axis] = np.sign(local[rows, axis])
        return normal @ self.rotation.T


class Torus(Shape):
    """A ring; ``frame`` rows are its two in-plane axes and its own axis. Sphere traced."""

    def __init__(
        self, center: Sequence[float], frame: npt.ArrayLike, major: float, minor: float
    ) -> None:
        self.center, self.frame = np.array(center, np.float32), np.array(frame, np.float32)
        self.major, self.minor = np.float32(major), np.float32(minor)
        self.bound = Sphere(center, major + minor + 1e-3)

    def distance(self, point: Array) -> Array:
        local = (point - self.center) @ self.frame.T
        ring = np.hypot(local[:, 0], local[:, 1]) - self.major
        return np.hypot(ring, local[:, 2]) - self.minor

    def hit(self, origin: Array, direction: Array) -> Array:
        best = np.full(len(origin), FAR)
        rays = np.flatnonzero(self.bound.hit(origin, direction) < FAR)
        to = origin[rays] - self.center
        b = dot(to, direction[rays])
        half = np.sqrt(np.maximum(b * b - dot(to, to) + self.bound.radius**2, 0))
        t, end = np.maximum(-b - half, 4 * NEAR), half - b
        for _ in range(60):
            step = self.distance(origin[rays] + t[:, None] * direction[rays])
            done = step < 1e-4
            best[rays[done]] = t[done]
            t = t + step
            alive = ~done & (t < end)
            rays, t, end = rays[alive], t[alive], end[alive]
        return best

    def normal(self, point: Array) -> Array:
        local = (point - self.center) @ self.frame.T
        ring = np.hypot(local[:, 0], local[:, 1])
        local[:, :2] *= (1 - self.major / ring)[:, None]
        return unit(local @ self.frame)


@dataclass(frozen=True)
class Scene:
    objects: tuple[tuple[Shape, Material], ...]
    sun: tuple[float, float, float]
    sky: Callable[[Array], Array]  # (N, 3) directions to (N, 3) linear light

    def trace(self, origin: Array, direction: Array) -> tuple[Array, npt.NDArray[np.int64]]:
        """Distance to the first surface and the number of its object, -1 where there is none."""
        best, which = np.full(len(origin), FAR), np.full(len(origin), -1)
        for index, (shape, _) in enumerate(self.objects):
            t = shape.hit(origin, direction)
            closer = t < best
            best[closer], which[closer] = t[closer], index
        return best, which

    def blocked(self, origin: Array, direction: Array) -> npt.NDArray[np.bool_]:
        """Whether anything lies along the rays; ``direction`` may be one for all of them."""
        direction = np.broadcast_to(direction, origin.shape)
        free = np.arange(len(origin))
        blocked = np.zeros(len(origin), np.bool_)
        for shape, _ in self.objects:
            hit = shape.hit(origin[free], direction[free]) < FAR
            blocked[free[hit]] = True
            free = free[~hit]
        return blocked

    def radiance(
        self, origin: Array, direction: Array, skylights: Array, bounces: int = 1
    ) -> tuple[Array, npt.NDArray[np.bool_]]:
        """(N, 3) linear light coming back along the rays, and which of them hit something.

        ``skylights``: (K, 3) unit directions in which surfaces look for open sky.
        """
        t, which = self.trace(origin, direction)
        hit = which >= 0
        ray, which = direction[hit], which[hit]
        point = origin[hit] + t[hit, None] * ray
        normal, albedo = np.empty_like(point), np.empty_like(point)
        specular, shininess, mirror = (np.empty(len(point), np.float32) for _ in range(3))
        tint = np.empty_like(point)
        for index, (shape, material) in enumerate(self.objects):
            mine = which == index
            normal[mine] = shape.normal(point[mine])
            albedo[mine] = material.texture(point[mine])
            specular[mine], shininess[mine] = material.specular, material.shininess
            mirror[mine], tint[mine] = material.mirror, material.tint
        start = point + normal * NEAR
        to_sun = unit(np.array(self.sun, np.float32))
        facing = np.maximum(normal @ to_sun, 0)
        facing[facing > 0] *= ~self.blocked(start[facing > 0], to_sun)
        sunlight = SUNLIGHT * facing[:, None]
        light = albedo * (sunlight + self._skylight(start, normal, skylights))
        lobe = np.maximum(dot(unit(to_sun - ray), normal), 0) ** shininess
        light += (specular * lobe)[:, None] * sunlight
        shiny = np.flatnonzero(mirror > 0) if bounces else np.zeros(0, np.int64)
        if shiny.size:
            cosine = np.clip(-dot(ray[shiny], normal[shiny]), 0, 1)
            back = ray[shiny] + 2 * cosine[:, None] * normal[shiny]
            seen, met = self.radiance(start[shiny], back, skylights[:1], bounces - 1)
            seen = np.where(met[:, None], seen, self.sky(back))
            share = mirror[shiny] + (1 - mirror[shiny]) * (1 - cosine) ** 5
            light[shiny] += share[:, None] * (tint[shiny] * seen - light[shiny])
        result = np.zeros_like(origin)
        result[hit] = light
        return result, hit

    def _skylight(self, start: Array, normal: Array, skylights: Array) -> Array:
        total = np.zeros_like(start)
        for raw in skylights:  # each point looks along the direction or, if behind, its opposite
            toward = raw * np.where(normal @ raw < 0, np.float32(-1), np.float32(1))[:, None]
            weight = 2 * np.abs(normal @ raw) * ~self.blocked(start, toward)
            total += weight[:, None] * self.sky(toward)
        return total / np.float32(len(skylights))


def dot(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->i", a, b)


def unit(v: Array) -> Array:
    return v / np.linalg.norm(v, axis=-1, keepdims=True).astype(np.float32)


def noise(point: Array, seed: int = 0) -> Array:
    """(N,) value noise in [0, 1]: random numbers on the integer lattice, smoothly blended."""
    cell = np.floor(point).astype(np.int64)
    u = point - cell.astype(np.float32)
    u = u * u * (3 - 2 * u)
    total = np.zeros(len(point), np.float32)
    for corner in range(8):
        bits = np.array([corner & 1, corner >> 1 & 1, corner >> 2])
        x, y, z = (cell + bits).T
        code = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791) ^ (seed * 2654435761)
        code = (code ^ (code >> 13)) * 1274126177 & 0xFFFFFFFF
        value = ((code ^ (code >> 16)) & 0xFFFF).astype(np.float32) / 65535
        total += value * np.prod(np.where(bits, u, 1 - u), axis=1)
    return total


def fractal(point: Array, octaves: int = 4, seed: int = 0) -> Array:
    """(N,) noise at ``octaves`` scales, each half as strong as the one before, in [0, 1]."""
    total = np.zeros(len(point), np.float32)
    for octave in range(octaves):
        total += noise(point * 2**octave, seed + octave) / 2 ** (octave + 1)
    return total / (1 - 0.5**octaves)


def mix(a: Sequence[float], b: Sequence[float], amount: Array) -> Array:
    """Linear blend of two colors by (N,) amounts."""
    low, high = np.array(a, np.float32), np.array(b, np.float32)
    return low + np.clip(amount, 0, 1)[:, None] * (high - low)


def to_srgb(linear: Array) -> Array:
    """Linear light to display values in [0, 1] (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    return np.where(
        clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** np.float32(1 / 2.4) - 0.055
    )
