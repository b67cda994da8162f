"""An evaluator written from ``formats/nfc-v1-evaluation.md`` alone, in plain Python.

It evaluates what :class:`tests.formats.by_spec.Decoder` has decoded, and shares no code with
nfcodec.
"""

from __future__ import annotations

import itertools
import math
import struct
from typing import Any

from tests.formats.by_spec import Decoder

Vector = list[float]
NERF, VQ_NERF = 0, 3


def half(bits: int) -> float:
    """The value of an f16."""
    value: float = struct.unpack("<e", struct.pack("<H", bits))[0]
    return value


def single(value: float) -> float:
    """The nearest f32."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


class Evaluator:
    """The values of a decoded file at points."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder, self.header = decoder, decoder.header
        bounds = struct.unpack(f"<{len(self.header[1]) // 8}d", self.header[1])
        dims = len(bounds) // 2
        self.lower, self.upper = bounds[:dims], bounds[dims:]
        self.vectors = {
            position: self._vectors(level, decoder.headers[position])
            for position, level in decoder.levels.items()
        }

    def at(self, x: Vector, direction: Vector | None, lod: int) -> Vector:
        """E7: what the kind gives at a point."""
        u = [
            2 * (place - low) / (high - low) - 1
            for place, low, high in zip(x, self.lower, self.upper, strict=True)
        ]
        sources = {"position": u, "features": self._features(u, lod)}
        if direction is not None:
            sources["direction"] = direction
        weights = iter(map(half, self.decoder.networks))
        for network in self.header[3]:
            sources[network[0]] = last = self._run(network, sources, weights)
        if self.header[0] not in (NERF, VQ_NERF):
            return last
        return [sources["density"][0] if self._inside(u, lod) else 0.0, *last]

    def _vectors(self, level: dict[str, Any], header: dict[int, Any]) -> dict[Any, Vector]:
        """The vector of each site (z, y, x)."""
        features = header[2]
        if "values" in level:
            rows = _rows(list(map(half, level["values"])), features)
        elif "mean" in level:
            mean = list(map(half, level["mean"]))
            basis = _rows(list(map(half, level["basis"])), features)
            rows = []
            for factors in _rows(list(map(half, level["coefficients"])), len(basis)):
                row = list(mean)
                for factor, part in zip(factors, basis, strict=True):
                    row = [single(a + single(factor * b)) for a, b in zip(row, part, strict=True)]
                rows.append(row)
        else:
            codebook = _rows(list(map(half, level["codebook"])), features)
            rows = [codebook[index] for index in level["indices"]]
        return dict(zip(level["sites"], rows, strict=True))

    def _features(self, u: Vector, lod: int) -> Vector:
        """E5: all grids at a normalized point."""
        found: Vector = []
        position = 0
        for grid in self.header[2]:
            parts = []
            for level in grid[1]:
                there = level[0] <= lod and position in self.decoder.levels
                part = self._level(position, level, grid.get(2, level.get(4)), u) if there else None
                if part is not None or grid[0] == 1:
                    parts.append(part or [0.0] * level[2])
                position += 1
            if grid[0] == 1:
                found += itertools.chain(*parts)
            elif not parts:
                found += [0.0] * grid[1][0][2]
            else:
                join = sum if grid[0] == 0 else math.prod
                found += [join(values) for values in zip(*parts, strict=True)]
        return found

    def _level(
        self, position: int, header: dict[int, Any], transform: bytes | None, u: Vector
    ) -> Vector:
        """E3: one level at a normalized point."""
        v = u
        if transform is not None:
            matrix = struct.unpack(f"<{len(transform) // 4}f", transform)
            v = [
                sum(a * b for a, b in zip(row, [*u, 1.0], strict=True))
                for row in _rows(list(matrix), len(u) + 1)
            ]
        octree, *options = header[1]
        shape = list(self.decoder.levels[position]["shape"])[::-1][: len(v)]
        clamps = octree == 1 or options[1] == 1
        sides = []
        for place, n in zip(v, shape, strict=True):
            aligned = octree == 1 or options[0]
            p = (place + 1) * (n - 1) / 2 if aligned else ((place + 1) * n - 1) / 2
            if clamps:
                p = min(max(p, 0.0), n - 1.0)
            b = n - 2 if clamps and p == n - 1 and n > 1 else math.floor(p)
            sides.append((b, p - b))
        found = [0.0] * header[2]
        for offsets in itertools.product((0, 1), repeat=len(v)):
            corner = [b + o for (b, _), o in zip(sides, offsets, strict=True)]
            weight = math.prod(f if o else 1 - f for (_, f), o in zip(sides, offsets, strict=True))
            site = (0,) * (3 - len(corner)) + tuple(corner[::-1])
            vector = self.vectors[position].get(site)
            if vector is not None:
                found = [a + weight * b for a, b in zip(found, vector, strict=True)]
        return found

    def _inside(self, u: Vector, lod: int) -> bool:
        if any(abs(place) > 1 for place in u):
            return False
        deepest: tuple[int, set[Any]] | None = None
        position = 0
        for grid in self.header[2]:
            for level in grid[1]:
                free = 2 not in grid and 4 not in level
                known = self.decoder.levels.get(position)
                if free and level[1][0] == 1 and level[0] <= lod and known is not None:
                    depth = level[1][1]
                    if deepest is None or depth > deepest[0]:
                        deepest = depth, {_place(code) for code in known["voxels"]}
                position += 1
        if deepest is not None:
            sides, there = [2 ** deepest[0]] * 3, deepest[1]
        elif self.decoder.occupancy is not None:
            sides, there = self.header[4][::-1], set(self.decoder.occupancy)
        else:
            return True
        cell = tuple(
            min(max(math.floor((place + 1) * m / 2), 0), m - 1)
            for place, m in zip(u, sides, strict=True)
        )
        return cell in there

    def _run(self, network: dict[int, Any], sources: dict[str, Vector], weights: Any) -> Vector:
        """E6: one network."""
        entry: Vector = []
        for block in network[1]:
            values = sources[block[0]]
            if 2 in block:
                values = values[block[2][0] : block[2][1]]
            entry += _encode(values, block[1])
        state = entry
        for i, (outputs, inputs, activation, has_bias, gain) in enumerate(
            [layer[key] for key in range(5)] for layer in network[2]
        ):
            if i in network.get(3, ()):
                state = [*state, *entry]
            rows = _rows(list(itertools.islice(weights, outputs * inputs)), inputs)
            bias = list(itertools.islice(weights, outputs)) if has_bias else [0.0] * outputs
            state = [
                _activate(
                    gain * (sum(a * b for a, b in zip(row, state, strict=True)) + c), activation
                )
                for row, c in zip(rows, bias, strict=True)
            ]
        return state


def _rows(values: list[Any], width: int) -> list[list[Any]]:
    return [values[start : start + width] for start in range(0, len(values), width)]


def _place(code: int) -> tuple[int, int, int]:
    x, y, z = (sum((code >> 3 * i + axis & 1) << i for i in range(20)) for axis in range(3))
    return x, y, z


def _encode(y: Vector, encoding: list[Any]) -> Vector:
    if encoding[0] == 0:
        return y
    if encoding[0] == 1:
        _, frequencies, scale, with_input = encoding
        found = list(y) if with_input else []
        for k in range(frequencies):
            found += [math.sin(scale * 2**k * value) for value in y]
            found += [math.cos(scale * 2**k * value) for value in y]
        return found
    x, y_, z = y
    return [
        0.28209479177387814,
        -0.48860251190291987 * y_, 0.48860251190291987 * z, -0.48860251190291987 * x,
        1.0925484305920792 * x * y_, -1.0925484305920792 * y_ * z,
        0.94617469575755997 * z**2 - 0.31539156525251999, -1.0925484305920792 * x * z,
        0.54627421529603959 * (x**2 - y_**2),
        0.59004358992664352 * y_ * (y_**2 - 3 * x**2), 2.8906114426405538 * x * y_ * z,
        0.45704579946446572 * y_ * (1 - 5 * z**2), 0.3731763325901154 * z * (5 * z**2 - 3),
        0.45704579946446572 * x * (1 - 5 * z**2), 1.4453057213202769 * z * (x**2 - y_**2),
        0.59004358992664352 * x * (3 * y_**2 - x**2),
    ][: encoding[1] ** 2]  # fmt: skip


def _activate(t: float, name: int) -> float:
    if name == 4:
        return max(t, 0.0) + math.log1p(math.exp(-abs(t)))
    if name == 6:
        return 1 / (1 + math.exp(-t)) if t > 0 else 1 - 1 / (1 + math.exp(t))
    if name == 10:
        return t * _activate(t, 6)
    return (
        t, max(t, 0.0), t if t > 0 else 0.01 * t, math.sin(t), 0.0, math.exp(min(t, 15.0)), 0.0,
        math.tanh(t), t / 2 + math.sin(t) ** 2, math.exp(t) - 1 if t < 0 else t,
    )[name]  # fmt: skip
