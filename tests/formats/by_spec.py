"""A decoder written from ``formats/nfc-v1.md`` alone: plain Python integers, one symbol at a time.

It shares no code with nfcodec, so that the specification is tested as much as the codec is. Slow,
and trusting: it asserts where a real decoder reports errors.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import cbor2

from tests.formats import mixing_by_spec as mixing

SIGNATURE = bytes.fromhex("894E46430D0A1A0A")

_ODDS = """
-29 -22   0  24
-44  -9   0 -38 -16   0   4   0   0 -39 -14  22 -30   0  24   3  14  35
-51 -19   3   0   0 -46 -30 -11   0   0 -50 -32 -12  14   0
-30 -25   1  23   0 -42 -24   1  20  39 -22 -14  11  22  42
-44 -21  -7   3   0   0   0 -49 -43 -25  -8  21   0   0
-34 -37 -22   1  22  37   0 -20 -20 -13   7  19  33  49
"""
DEFAULT_ODDS = list(map(int, _ODDS.split()))


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Payload:
    """Reads a chunk from front to back."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def group(self, layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self.raw(struct.calcsize("<" + layout)))

    def raw(self, size: int) -> bytes:
        data = self.data[self.at : self.at + size]
        assert len(data) == size
        end = -(-(self.at + size) // 4) * 4
        assert not any(self.data[self.at + size : end])
        self.at = end
        return data

    def packed(self, n: int, bits: int) -> list[int]:
        string = int.from_bytes(self.raw(4 * -(-n * bits // 32)), "little")
        return [string >> i * bits & (1 << bits) - 1 for i in range(n)]

    def halves(self, n: int) -> list[int]:
        """The bit patterns of n f16."""
        return list(struct.unpack(f"<{n}H", self.raw(2 * n)))


def ceil_log2(n: int) -> int:
    return max(1, (n - 1).bit_length())


def weight(level: int) -> int:
    return level if level < 8 else (4 + (level & 3)) << ((level >> 2) - 1)


def frequencies(levels: list[int]) -> list[int]:
    weights = [weight(level) for level in levels]
    total = sum(weights)
    assert 0 < total <= 1 << 24
    freq = [(w << 24) // total for w in weights]
    freq[weights.index(max(weights))] += (1 << 24) - sum(freq)
    return freq


def odds_table(odds: int) -> list[int]:
    assert -62 <= odds <= 62
    return frequencies([63 - max(odds, 0), 63 + min(odds, 0)])


class Ans:
    """The arithmetic of section 7."""

    def __init__(self, payload: Payload) -> None:
        (count,) = payload.group("I")
        self.words = list(struct.unpack(f"<{count}I", payload.raw(4 * count)))[::-1]
        self.state = 0
        assert not self.words or self.words[-1]
        while self.state < 1 << 32 and self.words:
            self.state = self.state << 32 | self.words.pop()

    def symbol(self, freq: list[int]) -> int:
        q = self.state & (1 << 24) - 1
        s = below = 0
        while q >= below + freq[s]:
            below += freq[s]
            s += 1
        self.state = freq[s] * (self.state >> 24) + q - below
        assert self.state < 1 << 64
        if self.state < 1 << 32 and self.words:
            self.state = self.state << 32 | self.words.pop()
        return s

    def finish(self) -> None:
        assert self.state == 0
        assert not self.words


class Decoder:
    """One file. ``levels``: position -> what was decoded of it."""

    def __init__(self, data: bytes, lods: int | None = None) -> None:
        self.levels: dict[int, dict[str, Any]] = {}
        self.metadata: dict[str, Any] = {}
        self.topologies: list[tuple[int, int]] = []
        self.occupancy: list[tuple[int, int, int]] | None = None
        self._front(data)
        self.headers = [level for grid in self.header[3] for level in grid[1]]
        self.layers: dict[int, list[dict[str, Any]]] = {}
        lod = layer = 0
        for kind, payload in self.chunks:
            source = Payload(payload)
            if kind == "NETW":
                self.networks = self._section_of_halves(source, self._network_values())
            elif kind == "OCCU":
                sides = self.header[5]
                depth = ceil_log2(max(sides))
                self.occupancy = [xyz(code) for code in self._topology(source, depth)]
            elif kind == "LEVL":
                if lod == lods:
                    break
                for position, level in enumerate(self.headers):
                    if level[0] == lod:
                        self.levels[position] = self._level(source, level)
                lod, layer = lod + 1, 0
            elif kind == "REFN":
                layer += 1
                for position, level in enumerate(self.headers):
                    if level[0] == lod - 1 and level[4][0] == 3 and layer < len(level[4]) - 2:
                        self.layers.setdefault(position, []).append(self.levels[position])
                        self.levels[position] = self._refined(source, position, layer)
            elif kind == "meta":
                self.metadata |= cbor2.loads(payload)
                continue
            else:
                assert kind[0].islower()
                continue
            assert source.at == len(payload)

    def _front(self, data: bytes) -> None:
        assert data[:8] == SIGNATURE
        major, _, count, length, crc = struct.unpack("<BBHII", data[8:20])
        assert major == 1
        start = -(-(20 + 12 * count + length) // 4) * 4
        assert crc32c(data[:16] + data[20:start]) == crc
        self.header = cbor2.loads(data[20 + 12 * count : 20 + 12 * count + length])
        self.chunks = []
        for i in range(count):
            kind, size, crc = struct.unpack_from("<4sII", data, 20 + 12 * i)
            payload = data[start : start + size]
            assert len(payload) == size
            assert crc32c(payload) == crc
            self.chunks.append((kind.decode(), payload))
            start += size
        assert start == len(data)

    def _network_values(self) -> int:
        return sum(
            layer[0] * layer[1] + layer[0] * layer[3]
            for network in self.header[4]
            for layer in network[2]
        )

    def _level(self, source: Payload, level: dict[int, Any]) -> dict[str, Any]:
        layout, rows, features, code = level[1], level[2], level[3], level[4]
        found: dict[str, Any] = {}
        if layout[0] == 1:
            found["depth"] = layout[1]
            found["voxels"] = self._topology(source, layout[1])
            assert len(found["voxels"]) == layout[2]
            side = 2 ** layout[1] + 1
            found["shape"] = (side, side, side)
            found["sites"] = corners(found["voxels"])
        else:
            shape = [1] * (5 - len(layout[1:])) + layout[3:]
            found["shape"] = tuple(shape)
            found["sites"] = [
                (z, y, x) for z in range(shape[0]) for y in range(shape[1]) for x in range(shape[2])
            ]
        assert len(found["sites"]) == rows
        if code[0] == 0:
            found["values"] = source.halves(rows * features)
        elif code[0] == 2:
            found["mean"] = source.halves(features)
            found["basis"] = source.halves(code[1] * features)
            found["coefficients"] = source.halves(rows * code[1])
        else:
            found["codebook"] = self._section_of_halves(source, code[2] * features)
            # Of layers, code[2] is the number of codes in the first one.
            self._symbols(source, rows, code[2], found)
        return found

    def _refined(self, source: Payload, position: int, layer: int) -> dict[str, Any]:
        """The level at ``position``, which has the layer before, by section 12."""
        level, old = self.headers[position], self.levels[position]
        groups, size = level[4][layer + 1 : layer + 3]
        found = {**old, "codebook": self._section_of_halves(source, size * level[3])}
        form, width, x = source.group("BBH")
        assert (form, x) == (0, 0)
        group_of = source.packed(size, ceil_log2(groups))
        assert max(group_of) < groups < size <= 256
        weights = [weight(value) for value in source.packed(size, width)]
        (count,) = source.group("I")
        found["indices"] = mixing.refined(
            source.raw(count), weights, group_of, old["indices"], old["sites"], cells_of(old)
        )
        return found

    def _section_of_halves(self, source: Payload, n: int) -> list[int]:
        (form,) = source.group("I")
        if form == 0:
            return source.halves(n)
        if form == 2:
            return self._steps(source, n)
        assert form == 1
        high: dict[str, Any] = {}
        self._symbols(source, n, 256, high)
        return [h << 8 | low for h, low in zip(high["indices"], source.raw(n), strict=True)]

    def _steps(self, source: Payload, n: int) -> list[int]:
        (blocks,) = source.group("I")
        assert 1 <= blocks <= 4096
        values: list[int] = []
        for _ in range(blocks):
            size, alphabet, origin, exponent = source.group("IHHB")
            assert exponent <= 28
            assert origin <= 2048
            assert 1 <= alphabet <= origin + 2049
            found: dict[str, Any] = {}
            self._symbols(source, size, alphabet, found)
            for symbol in found["indices"]:
                value = (symbol - origin) * 2.0 ** (exponent - 24)
                values += struct.unpack("<H", struct.pack("<e", value))
        assert len(values) == n
        return values

    def _topology(self, source: Payload, depth: int) -> list[int]:
        origin, own, base = source.group("BBH")
        self.topologies.append((origin, own))
        if origin == 1:
            assert self.levels[base]["depth"] == depth
            return self.levels[base]["voxels"]  # type: ignore[no-any-return]
        voxels, at = ([0], 0)
        if origin == 2:
            voxels, at = self.levels[base]["voxels"], self.levels[base]["depth"]
        if own == 2:
            return self._mixed_topology(source, voxels, depth - at)
        odds = [v - 64 for v in source.packed(80, 7)] if own else DEFAULT_ODDS
        tables = [odds_table(o) for o in odds]
        ans = Ans(source)
        for _ in range(at, depth):
            place = {xyz(code): code for code in voxels}
            present: set[int] = set()
            for k in range(8):
                upper = [axis for axis in range(3) if k >> axis & 1]
                order = []
                for code in voxels:
                    a = b = d = 0
                    for axis in range(3):
                        there = list(xyz(code))
                        there[axis] += 1 if axis in upper else -1
                        other = place.get((there[0], there[1], there[2]))
                        if axis in upper:
                            a += other is not None
                            d += 8 * code + k - (1 << axis) in present
                            d += other is not None and 8 * other + k - (1 << axis) in present
                        else:
                            b += other is not None
                    j = len(upper)
                    first = (0, 4, 22, 52)[j]
                    order.append((first + (a * (4 - j) + b) * (2 * j + 1) + d, code))
                found = [8 * code + k for key, code in sorted(order) if ans.symbol(tables[key])]
                present |= set(found)
            voxels = sorted(present)
        ans.finish()
        return voxels

    def _mixed_topology(self, source: Payload, voxels: list[int], depths: int) -> list[int]:
        (size,) = source.group("I")
        mixer = mixing.Mixer(source.raw(size))
        places = {xyz(code)[::-1] for code in voxels}
        for _ in range(depths):
            places = mixing.children(mixer, places)
        mixer.finish()
        return sorted(morton(x, y, z) for z, y, x in places)

    def _symbols(self, source: Payload, n: int, alphabet: int, found: dict[str, Any]) -> None:
        """Sets ``indices``, and what a finer level may look at."""
        form, width, x = source.group("BBH")
        found["form"], found["base"] = form, x
        if form == 0:
            found["indices"] = [x] * n
        elif form == 1:
            found["indices"] = source.packed(n, ceil_log2(alphabet))
        elif form == 2:
            freq = frequencies(source.packed(alphabet, width))
            ans = Ans(source)
            found["indices"] = [ans.symbol(freq) for _ in range(n)]
            ans.finish()
        elif form == 3:
            self._in_context(source, width, x, alphabet, found)
        else:
            assert form == 4
            assert x == 0
            weights = [weight(level) for level in source.packed(alphabet, width)]
            (size,) = source.group("I")
            found["indices"] = mixing.symbols(
                source.raw(size), weights, found["sites"], cells_of(found)
            )
        assert max(found["indices"]) < alphabet
        found.setdefault("classes", found["indices"])
        found.setdefault("num_classes", alphabet)

    def _in_context(
        self, source: Payload, width: int, base: int, alphabet: int, found: dict[str, Any]
    ) -> None:
        axes, groups, clusters = source.group("BBH")
        class_of = list(range(alphabet))
        if groups < alphabet:
            class_of = source.packed(alphabet, ceil_log2(groups))
        places = rows_of(source.packed(groups * axes, 5), axes)
        coarser = None if base == 65535 else self.levels[base]
        assert base == 65535 or self.headers[base][4][0] == 1
        coarse_places = []
        if coarser is not None:
            coarse_places = rows_of(source.packed(coarser["num_classes"] * axes, 5), axes)
        bin_of = rows_of(source.packed(32 * axes, 4), 32)
        contexts = math.prod(max(bins) + 1 for bins in bin_of) + 1
        table_of = [0] * contexts
        if clusters > 1:
            table_of = source.packed(contexts, ceil_log2(clusters))
        tables = [
            frequencies(row) for row in rows_of(source.packed(clusters * groups, width), groups)
        ]
        symbol_levels = source.packed(alphabet, width) if groups < alphabet else []
        ans = Ans(source)

        sites = found["sites"]
        known: dict[tuple[int, ...], int] = {}
        coarse: dict[tuple[int, ...], int] = {}
        if coarser is not None:
            coarse = dict(zip(coarser["sites"], coarser["classes"], strict=True))
        for p in range(8):
            order = []
            for site in sites:
                if any(site[2 - axis] % 2 != p >> axis & 1 for axis in range(3)):
                    continue
                around = []
                for axis in range(3):
                    if p >> axis & 1:
                        for step in (-1, 1):
                            there = list(site)
                            there[2 - axis] += step
                            if tuple(there) in known:
                                around.append(places[known[tuple(there)]])
                if coarser is not None:
                    under = tuple(
                        s * (m - 1) // (n - 1) if n > 1 else 0
                        for s, n, m in zip(site, found["shape"], coarser["shape"], strict=True)
                    )
                    if under in coarse:
                        around.append(coarse_places[coarse[under]])
                context = contexts - 1
                if around:
                    m = len(around)
                    context, stride = 0, 1
                    for axis in range(axes):
                        t = sum(place[axis] for place in around)
                        mean = min((2 * t + m) // (2 * m), 31)
                        context += stride * bin_of[axis][mean]
                        stride *= max(bin_of[axis]) + 1
                order.append((table_of[context], site))
            for table, site in sorted(order):
                known[site] = ans.symbol(tables[table])
        classes = [known[site] for site in sites]
        found["classes"], found["num_classes"] = classes, groups
        found["indices"] = list(classes)
        if groups < alphabet:
            for value in range(groups):
                own = [
                    level if owner == value else 0
                    for level, owner in zip(symbol_levels, class_of, strict=True)
                ]
                for i, owner in enumerate(classes):
                    if owner == value:
                        found["indices"][i] = ans.symbol(frequencies(own))
        ans.finish()


def cells_of(level: dict[str, Any]) -> set[tuple[int, int, int]] | None:
    """The voxels (z, y, x) of a decoded level that has an octree."""
    return {xyz(code)[::-1] for code in level["voxels"]} if "voxels" in level else None


def rows_of(values: list[int], width: int) -> list[list[int]]:
    return [values[i : i + width] for i in range(0, len(values), width)]


def xyz(code: int) -> tuple[int, int, int]:
    x, y, z = (
        sum((code >> 3 * i + axis & 1) << i for i in range(21)) for axis in range(3)
    )  # fmt: skip
    return x, y, z


def morton(x: int, y: int, z: int) -> int:
    return sum(
        (value >> i & 1) << 3 * i + axis for axis, value in enumerate((x, y, z)) for i in range(21)
    )


def corners(voxels: list[int]) -> list[tuple[int, int, int]]:
    found = set()
    for code in voxels:
        x, y, z = xyz(code)
        found |= {(z + k // 4, y + k // 2 % 2, x + k % 2) for k in range(8)}
    return sorted(found)
