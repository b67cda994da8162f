"""A decoder written from ``formats/nfc-v1.md`` alone: plain Python integers, one symbol at a time.

It shares no code with nfcodec, so that the specification is tested as much as the codec is. Slow,
and trusting: it asserts where a real decoder reports errors.
"""

from __future__ import annotations

import struct
from typing import Any

import cbor2

from tests.formats import lattice_by_spec as lattices
from tests.formats import mixing_by_spec as mixing

SIGNATURE = bytes.fromhex("894E46430D0A1A0A")


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
        self.topologies: list[tuple[bool, int]] = []
        self.occupancy: list[tuple[int, int, int]] | None = None
        self._front(data)
        self.headers = [level for grid in self.header[2] for level in grid[1]]
        self.layers: dict[int, list[dict[str, Any]]] = {}
        lod = layer = 0
        for kind, payload in self.chunks:
            source = Payload(payload)
            if kind == "NETW":
                self.networks = self._section_of_halves(source, self._network_values())
            elif kind == "OCCU":
                sides = self.header[4]
                depth = ceil_log2(max(sides))
                self.occupancy = [xyz(code) for code in self._topology(source, depth)]
            elif kind == "LEVL":
                if lod == lods:
                    break
                for position, level in enumerate(self.headers):
                    if level[0] == lod:
                        self.levels[position] = self._level(source, level, position)
                lod, layer = lod + 1, 0
            elif kind == "REFN":
                layer += 1
                for position, level in enumerate(self.headers):
                    if level[0] == lod - 1 and level[3][0] == 1 and layer < len(level[3]) - 1:
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
            for network in self.header[3]
            for layer in network[2]
        )

    def _level(self, source: Payload, level: dict[int, Any], position: int) -> dict[str, Any]:
        layout, features, code = level[1], level[2], level[3]
        found: dict[str, Any] = {}
        if layout[0] == 1:
            found["depth"] = layout[1]
            found["voxels"] = self._topology(source, layout[1])
            assert len(found["voxels"]) == layout[2]
            side = 2 ** layout[1] + 1
            found["shape"] = (side, side, side)
            found["sites"] = corners(found["voxels"])
            assert len(found["sites"]) == layout[3]
        else:
            shape = [1] * (5 - len(layout[1:])) + layout[3:]
            found["shape"] = tuple(shape)
            found["sites"] = [
                (z, y, x) for z in range(shape[0]) for y in range(shape[1]) for x in range(shape[2])
            ]
        rows = len(found["sites"])
        if code[0] == 0:
            found["values"] = source.halves(rows * features)
        elif code[0] == 2:
            found["mean"] = source.halves(features)
            found["basis"] = source.halves(code[1] * features)
            found["coefficients"] = source.halves(rows * code[1])
        elif code[0] == 3:
            base = self.levels[position - 1]["lattices"] if code[3] else [None] * features
            octaves = [*zip(code[4::2], code[5::2], strict=True)]
            (size,) = source.group("I")
            found["lattices"] = lattices.read(source.raw(size), octaves, found["shape"], base)
        else:
            # Of layers, code[1] is the number of codes in the first one.
            found["codebook"] = self._section_of_halves(source, code[1] * features)
            self._symbols(source, rows, code[1], found)
        return found

    def _refined(self, source: Payload, position: int, layer: int) -> dict[str, Any]:
        """The level at ``position``, which has the layer before, by section 9."""
        level, old = self.headers[position], self.levels[position]
        groups, size = level[3][layer : layer + 2]
        found = {**old, "codebook": self._section_of_halves(source, size * level[2])}
        assert groups < size
        form, width, x = source.group("BBH")
        assert (form, x) == (3, 0)
        self._neighbors(source, width, size, groups, old["indices"], found)
        return found

    def _neighbors(
        self, source: Payload, width: int, size: int, groups: int, known: list[int],
        found: dict[str, Any],
    ) -> None:  # fmt: skip
        """Form 3, of codes in ``groups``, whose numbers are ``known``."""
        assert size <= 256
        group_of = source.packed(size, ceil_log2(groups)) if groups > 1 else [0] * size
        assert max(group_of) < groups
        weights = [weight(value) for value in source.packed(size, width)]
        (count,) = source.group("I")
        found["indices"] = mixing.codes(
            source.raw(count), weights, group_of, known, found["sites"], cells_of(found)
        )

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
        base, form, x = source.group("HBB")
        self.topologies.append((base == 65535, form))
        assert x == 0
        voxels, at = ([0], 0)
        if base != 65535:
            voxels, at = self.levels[base]["voxels"], self.levels[base]["depth"]
        if at == depth:
            assert form == 0
            return voxels
        if form == 1:
            (size,) = source.group("I")
            return self._mixed_topology(source.raw(size), voxels, depth - at)
        assert form == 0
        for _ in range(at, depth):
            masks: dict[str, Any] = {}
            self._symbols(source, len(voxels), 256, masks)
            pairs = zip(voxels, masks["indices"], strict=True)
            voxels = [8 * code + k for code, mask in pairs for k in range(8) if mask >> k & 1]
        return voxels

    def _mixed_topology(self, data: bytes, voxels: list[int], depths: int) -> list[int]:
        mixer = mixing.Mixer(data)
        places = {xyz(code)[::-1] for code in voxels}
        for _ in range(depths):
            places = mixing.children(mixer, places)
        mixer.finish()
        return sorted(morton(x, y, z) for z, y, x in places)

    def _symbols(self, source: Payload, n: int, alphabet: int, found: dict[str, Any]) -> None:
        """Sets ``indices``."""
        form, width, x = source.group("BBH")
        found["form"] = form
        if form == 0:
            found["indices"] = [x] * n
        elif form == 1:
            found["indices"] = source.packed(n, ceil_log2(alphabet))
        elif form == 2:
            freq = frequencies(source.packed(alphabet, width))
            ans = Ans(source)
            found["indices"] = [ans.symbol(freq) for _ in range(n)]
            ans.finish()
        else:
            assert (form, x) == (3, 0)
            self._neighbors(source, width, alphabet, 1, [0] * n, found)
        assert max(found["indices"], default=0) < alphabet


def cells_of(level: dict[str, Any]) -> set[tuple[int, int, int]] | None:
    """The voxels (z, y, x) of a decoded level that has an octree."""
    return {xyz(code)[::-1] for code in level["voxels"]} if "voxels" in level else None


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
