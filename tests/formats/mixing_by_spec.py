"""Mixed counts as ``formats/nfc-v1.md`` §8 has them, in plain Python; see :mod:`by_spec`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LOGISTIC = """
22 36 60 98 162 267 439 720 1179 1921 3108 4971 7812 11955 17625 24743 32768 40793 47911 53581
57724 60565 62428 63615 64357 64816 65097 65269 65374 65438 65476 65500 65514
"""
LOGISTIC = list(map(int, _LOGISTIC.split()))
SQUASH = [
    (LOGISTIC[v // 128] * (128 - v % 128) + LOGISTIC[v // 128 + 1] * (v % 128) + 64) // 128
    for v in range(4096)
]
STRETCH = [
    next((x for x in range(-2047, 2048) if SQUASH[x + 2048] // 16 >= v), 2047) for v in range(4096)
]


def kind(seen: int) -> int:
    return sum(seen >= least for least in (1, 2, 3, 5, 10, 25, 80))


def within(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


class Mixer:
    """A range decoder and what it learns. Slots, weights and corrections come up when needed."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 4
        self.value, self.range = int.from_bytes(data[:4], "big"), 2**32 - 1
        assert len(data) >= 4
        assert self.value < self.range
        self.slots: dict[object, tuple[int, int]] = {}
        self.weights: dict[object, int] = {}
        self.corrections: dict[int, list[int]] = {}

    def decide(self, contexts: Iterable[object], weight_set: int, which: int) -> int:
        inputs = [(i, context) for i, context in enumerate(contexts)]
        slots = [self.slots.get(key, (2**19, 0)) for key in inputs]
        logits = [STRETCH[p // 256] for p, _ in slots]
        keys = [(weight_set, i, kind(n)) for i, (_, n) in enumerate(slots)]
        weights = [self.weights.get(key, 4096) for key in keys]
        total = sum(w * x for w, x in zip(weights, logits, strict=True))
        place = within(total // 2**14, -2047, 2047) + 2048
        p = SQUASH[place]
        column, part = place // 128, place % 128
        correction = self.corrections.setdefault(which, list(LOGISTIC))
        c = (correction[column] * (128 - part) + correction[column + 1] * part) // 128
        bit = self._bit(within((p + c + 1) // 2, 16, 65520))

        near = column + (part >= 64)
        correction[near] += (65535 * bit - correction[near]) // 64
        error = 65536 * bit - p
        for key, slot, x, weight_key, w in zip(inputs, slots, logits, keys, weights, strict=True):
            chance, seen = slot
            w += (x * error + 65536) // 2**17
            self.weights[weight_key] = within(w, -131071, 131071)
            rate = 20480 // (10 * seen + 16)
            chance += (1048575 * bit - chance) * rate // 2048
            self.slots[key] = chance, min(seen + 1, 80)
        return bit

    def _bit(self, chance: int) -> int:
        bound = self.range // 65536 * chance
        bit = int(self.value < bound)
        if bit:
            self.range = bound
        else:
            self.value -= bound
            self.range -= bound
        while self.range < 2**24:
            self.range *= 256
            self.value = self.value * 256 + self.data[self.at]
            self.at += 1
        return bit

    def finish(self) -> None:
        assert self.value == 0
        assert self.at == len(self.data)


def grow(nodes: list[tuple[int, int]], size: int, inner: list[tuple[int, int]]) -> int:
    """The root of the tree of (weight, symbol) ``nodes``, whose inner nodes join ``inner``."""
    while len(nodes) > 1:
        nodes.sort()
        (light, one), (heavy, zero) = nodes[:2]
        nodes[:2] = [(light + heavy, size + len(inner))]
        inner.append((zero, one))
    return nodes[0][1]


Site = tuple[int, int, int]


def surroundings(
    site: Site, known: dict[Site, int], size: int, top: int, cells: set[Site] | None
) -> tuple[list[int], tuple[int, ...], int]:
    """X, Y and Z; a and b; V."""
    z, y, x = site

    def at(dz: int, dy: int, dx: int) -> int:
        return known.get((z + dz, y + dy, x + dx), size)

    around = 255
    if cells is not None:
        around = sum(
            ((z - 1 + k // 4, y - 1 + k // 2 % 2, x - 1 + k % 2) in cells) << k for k in range(8)
        )
    faces = [at(0, 0, -1), at(0, -1, 0), at(-1, 0, 0)]
    edges = [
        at(0, -1, -1), at(0, -1, 1), at(-1, 0, -1), at(-1, 0, 1), at(-1, -1, 0), at(-1, 1, 0)
    ]  # fmt: skip
    others = tuple(sum(s not in (size, top) for s in group) for group in (faces, edges))
    return faces, others, around


def descend(
    mixer: Mixer, node: int, inner: list[tuple[int, int]], size: int,
    contexts: Sequence[tuple[object, ...]],
) -> int:  # fmt: skip
    """The symbol to which decisions lead from ``node``."""
    depth = 0
    while node >= size:
        j = node - size
        bit = mixer.decide([(j, context) for context in contexts], min(depth, 3), j)
        node = inner[j][bit]
        depth += 1
    return node


def codes(
    data: bytes, weights: list[int], group_of: list[int], groups: list[int], sites: list[Site],
    cells: set[Site] | None,
) -> list[int]:  # fmt: skip
    """The codes of ``sites`` (z, y, x), of which the ``groups`` are known.

    ``cells``: the voxels (z, y, x) that are there, None for all.
    """
    size, top = len(weights), weights.index(max(weights))
    assert 0 < sum(weights) <= 1 << 24
    inner: list[tuple[int, int]] = []
    roots: dict[int, int] = {}
    for group in sorted(set(group_of)):
        nodes = [
            (weight, code)
            for code, (weight, own) in enumerate(zip(weights, group_of, strict=True))
            if weight and own == group
        ]
        if nodes:
            roots[group] = grow(nodes, size, inner)
    mixer = Mixer(data)
    old = dict(zip(sites, groups, strict=True))
    known: dict[Site, int] = {}
    for site in sites:
        z, y, x = site
        faces, others, around = surroundings(site, known, size, top, cells)
        behind = [old.get(there) for there in ((z, y, x + 1), (z, y + 1, x), (z + 1, y, x))]
        f = [0 if group is None else 2 - (group == old[site]) for group in behind]
        contexts = [(), *zip(faces, f, strict=True), others, (around,)]
        known[site] = descend(mixer, roots[old[site]], inner, size, contexts)
    mixer.finish()
    return [known[site] for site in sites]


def children(mixer: Mixer, voxels: set[Site]) -> set[Site]:
    """The children (z, y, x) of ``voxels``."""
    made: set[Site] = set()
    rows = sorted((2 * z + dz, 2 * y + dy) for z, y, _ in voxels for dz in (0, 1) for dy in (0, 1))
    columns: dict[tuple[int, int], list[int]] = {}
    for z, y, x in sorted(voxels):
        columns.setdefault((z, y), []).extend((2 * x, 2 * x + 1))
    for z, y in sorted(set(rows)):
        for x in columns[z // 2, y // 2]:
            child = z, y, x

            def fine(*steps: tuple[int, int, int], here: Site = child) -> tuple[bool, ...]:
                return tuple((here[0] + a, here[1] + b, here[2] + c) in made for a, b, c in steps)

            def coarse(*steps: tuple[int, int, int], here: Site = child) -> tuple[bool, ...]:
                return tuple(
                    (here[0] // 2 + a, here[1] // 2 + b, here[2] // 2 + c) in voxels
                    for a, b, c in steps
                )

            k = (x % 2, y % 2, z % 2)
            u, v, w = (2 * bit - 1 for bit in k)
            faces = fine((0, 0, -1), (0, -1, 0), (-1, 0, 0))
            edges = fine((0, -1, -1), (0, -1, 1), (-1, 0, -1), (-1, 0, 1), (-1, -1, 0), (-1, 1, 0))
            rest = fine(
                (-1, -1, -1), (-1, -1, 1), (-1, 1, -1), (-1, 1, 1), (0, 0, -2), (0, -2, 0),
                (-2, 0, 0),
            )  # fmt: skip
            six = coarse((0, 0, -1), (0, 0, 1), (0, -1, 0), (0, 1, 0), (-1, 0, 0), (1, 0, 0))
            seven = coarse(
                (0, 0, u), (0, v, 0), (w, 0, 0), (0, v, u), (w, 0, u), (w, v, 0), (w, v, u)
            )
            twelve = coarse(*(
                step for step in (
                    (a, b, c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)
                ) if sum(map(abs, step)) == 2
            ))  # fmt: skip
            contexts = [
                (k, faces), (faces, edges), (faces, edges, rest),
                (k, faces, six), (k, faces, seven), (k, twelve),
            ]  # fmt: skip
            if mixer.decide(contexts, 0, 0):
                made.add(child)
    return made
