"""Lattices as ``formats/nfc-v1.md`` §8.4 has them, in plain Python; see :mod:`by_spec`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from tests.formats.mixing_by_spec import Mixer, within

Sides = tuple[int, int, int]
Site = tuple[int, int, int]
MOST = 2**24
CLASSES = ["000", "001", "010", "100", "011", "101", "110", "111"]


@dataclass
class Lattice:
    """``values`` by site, and the last step that was not 0."""

    sides: Sides
    values: dict[Site, int]
    step: int


def hold(value: int) -> int:
    return within(value, -MOST, MOST)


def coarser(sides: Sides) -> Sides:
    nz, ny, nx = ((n + 1) // 2 for n in sides)
    return nz, ny, nx


def read(
    data: bytes, octaves: list[tuple[int, int]], sides: Sides, starts: list[Lattice | None]
) -> list[Lattice]:
    """The lattices of all values."""
    mixer = Mixer(data)
    found = []
    for start in starts:
        mixer.slots, mixer.weights, mixer.corrections = {}, {}, {}
        lattice = start
        all_sides = [sides]
        for _ in octaves[1:]:
            all_sides.insert(0, coarser(all_sides[0]))
        if start is not None:
            assert start.sides == coarser(all_sides[0])
        for (step, reach), own in zip(octaves, all_sides, strict=True):
            lattice = Reader(mixer, own, step, reach).octave(lattice)
        assert lattice is not None
        found.append(lattice)
    mixer.finish()
    return found


class Reader:
    """One octave."""

    def __init__(self, mixer: Mixer, sides: Sides, step: int, reach: int) -> None:
        self.mixer, self.sides, self.step, self.reach = mixer, sides, step, reach
        self.v: dict[Site, int] = {}
        self.q: dict[Site, int] = {}

    def octave(self, before: Lattice | None) -> Lattice:
        nz, ny, nx = self.sides
        if before is None:
            sites = [*itertools.product(range(nz), range(ny), range(nx))]
            self.v = dict.fromkeys(sites, 0)
            for site in sites:
                self.difference(site, [], 1)
            return Lattice(self.sides, self.v, self.step)
        for (z, y, x), value in before.values.items():
            self.v[2 * z, 2 * y, 2 * x] = value
        for name in CLASSES:
            first = [int(letter) for letter in name]
            odd = [axis for axis in range(3) if first[axis]]
            ranges = (range(a, n, 2) for a, n in zip(first, self.sides, strict=True))
            sites = [*itertools.product(*ranges)]
            if odd:
                for site in sites:
                    total = sum(self.along(site, axis) for axis in odd) + 8 * len(odd)
                    self.v[site] = hold(total // (16 * len(odd)))
            if self.step and (odd or self.step < before.step):
                for site in sites:
                    self.difference(site, odd, 2)
        return Lattice(self.sides, self.v, self.step or before.step)

    def moved(self, site: Site, axis: int, steps: int) -> Site:
        z, y, x = (place + steps * (i == axis) for i, place in enumerate(site))
        return z, y, x

    def along(self, site: Site, axis: int) -> int:
        def v(steps: int) -> int:
            return self.v[self.moved(site, axis, steps)]

        i, n = site[axis], self.sides[axis]
        if i + 1 < n and i >= 3 and i + 3 < n:
            return 9 * (v(-1) + v(1)) - v(-3) - v(3)
        if i + 1 < n:
            return 8 * (v(-1) + v(1))
        return 24 * v(-1) - 8 * v(-3) if i >= 3 else 16 * v(-1)

    def bend(self, site: Site, axis: int) -> int:
        i, n = site[axis], self.sides[axis]
        if i < 3 or i + 3 >= n:
            return 0
        near = [self.v[self.moved(site, axis, steps)] for steps in (-1, 1)]
        far = [self.v[self.moved(site, axis, steps)] for steps in (-3, 3)]
        return sum(near) - sum(far)

    def difference(self, site: Site, odd: list[int], apart: int) -> None:
        p, k, step = self.v[site], len(odd), self.step
        if self.reach and abs(p) > self.reach:
            return
        bends = [self.bend(site, axis) for axis in odd]
        sides = [self.along(site, axis) for axis in odd]
        spread = max(sides) - min(sides) if odd else 0
        near = [
            self.q.get(self.moved(site, axis, steps), 0)
            for axis in odd for steps in (-1, 1)
        ]  # fmt: skip
        around = (2 * sum(map(abs, near)) + k - 1) // k if k else 0
        z, y, x = (self.q.get(self.moved(site, axis, -apart), 0) for axis in range(3))
        flat = self.ratio((sum(map(abs, bends)) // k if k else 0) // 4)
        turn = sign(sum(bends))
        contexts: list[object] = [
            (k, grade(around), grade(abs(x) + abs(y) + abs(z))),
            (flat, k, turn),
            (self.ratio(spread // 8), 6 * abs(p) // ((self.reach or MOST) + 1)),
            (cut(x, 2), cut(y, 2), sign(p)),
            (cut(z, 2), flat, turn),
            (cut(sum(near), 3), cut(x + y + z, 3), k),
        ]

        def decide(kind: int, weight_set: int) -> int:
            return self.mixer.decide([(kind, c) for c in contexts], weight_set, kind)

        if not decide(0, 0):
            return
        negative = decide(1, 1)
        e = 0
        while e < 24 and decide(2 + e, 2 if e == 0 else 3):
            e += 1
        size = 1
        for number in range(e):
            size = 2 * size + decide(25 + e if number == 0 else 50, 3)
        self.q[site] = -size if negative else size
        self.v[site] = hold(p + self.q[site] * step)

    def ratio(self, size: int) -> int:
        return min((8 * size // self.step).bit_length(), 8)


def sign(value: int) -> int:
    return 1 if value > 0 else 2 if value < 0 else 0


def cut(value: int, most: int) -> int:
    return within(value, -most, most) + most


def grade(count: int) -> int:
    return sum(count > most for most in (0, 1, 2, 4, 8, 16))
