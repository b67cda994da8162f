"""Write the golden files of format version 1 that are not there yet.

    python formats/make_vectors.py

Each is a small ``.nfc`` file beside a JSON of what it decodes to. A file that exists is never
written again: decoders of the future are tested against the bytes of today.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec import coding
from nfcodec.arrays import FloatArray
from nfcodec.codes import Float16Code, LatticeCode, LowRankCode, VQCode
from nfcodec.container import BytesSource, Reader, assemble
from nfcodec.entropy.lattice import Octave, Start
from nfcodec.layouts import DenseLayout, OctreeLayout, corner_coordinates, lattice_shape, octree
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Kind, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Layout
from nfcodec.quantize.lattice.closed_loop import Truth, differences_of

FOLDER = Path(__file__).parent / "vectors" / "v1"
#: What files with layers decode to where they are cut behind each of them.
CUTS = Path(__file__).parent / "vectors" / "v1-cuts"

#: Arrays of at most this many integers are written out in full beside their hash.
_IN_FULL = 64


def layers(rng: np.random.Generator, *widths: int, last: str = "none") -> tuple[Layer, ...]:
    """An MLP of ``widths`` with values that float16 can represent."""
    made = []
    for i, (fan_in, fan_out) in enumerate(itertools.pairwise(widths)):
        weight = rng.normal(scale=fan_in**-0.5, size=(fan_out, fan_in))
        bias = rng.normal(scale=0.1, size=fan_out).astype(np.float16).astype(np.float32)
        activation = last if i == len(widths) - 2 else "relu"
        made.append(Layer(weight.astype(np.float16).astype(np.float32), bias, activation))
    return tuple(made)


def field(
    kind: Kind,
    grids: tuple[Grid[CodedLevel], ...],
    width: int,
    *,
    dims: int = 3,
    occupancy: Occupancy | None = None,
    metadata: dict[str, Any] | None = None,
) -> CodedField:
    rng = np.random.default_rng(width)
    if kind == "nerf":
        view = Encoding("spherical_harmonics", degree=2)
        networks: tuple[Network, ...] = (
            Network("density", (Input("features"),), layers(rng, width, 8, 4, last="softplus")),
            Network(
                "color",
                (Input("density", channels=(1, 4)), Input("direction", view)),
                layers(rng, 7, 8, 3, last="sigmoid"),
            ),
        )
    else:
        networks = (Network("values", (Input("features"),), layers(rng, width, 8, 1)),)
    bounds = np.stack([np.full(dims, -1.0), np.full(dims, 1.0)])
    return CodedField(kind, bounds, grids, networks, occupancy, metadata or {})


def smooth(layout: Layout, seed: int, noise: float = 0.03) -> npt.NDArray[np.float64]:
    """(N,) values that vary smoothly over the corners, in [0, 1), with a little noise."""
    rng = np.random.default_rng(seed)
    sides = np.maximum(np.array(lattice_shape(layout)[::-1]) - 1, 1)
    u = corner_coordinates(layout) / sides
    value = 0.5 + 0.25 * np.sin(5 * u @ np.arange(1.0, layout.dims + 1)) + 0.2 * np.cos(7 * u[:, 0])
    value += rng.normal(scale=noise, size=len(u))
    return np.asarray(np.clip(value, 0.0, 0.999))


def vq(
    layout: Layout, bits: int, seed: int, codes: int = 0, features: int = 2, noise: float = 0.03
) -> VQCode:
    codes = codes or 1 << bits
    indices = (smooth(layout, seed, noise) * codes).astype(np.uint16)
    rows = np.sin(np.arange(codes)[:, None] / codes * 3.0 + np.arange(features))
    return VQCode(PackedIntegers.pack(indices, bits), rows.astype(np.float16))


def noise(layout: Layout, bits: int, seed: int, features: int = 2) -> VQCode:
    rng = np.random.default_rng(seed)
    indices = rng.integers(0, 1 << bits, layout.num_rows)
    codebook = rng.normal(size=(1 << bits, features)).astype(np.float16)
    return VQCode(PackedIntegers.pack(indices, bits), codebook)


def lowrank(layout: Layout, rank: int, features: int) -> LowRankCode:
    rng = np.random.default_rng(rank)
    return LowRankCode(
        rng.normal(size=(layout.num_rows, rank)).astype(np.float16),
        rng.normal(size=(rank, features)).astype(np.float16),
        rng.normal(size=features).astype(np.float16),
    )


def float16(layout: Layout, features: int) -> Float16Code:
    rng = np.random.default_rng(features)
    return Float16Code(rng.normal(size=(layout.num_rows, features)).astype(np.float16))


def shell(depth: int, thickness: float = 1.2) -> OctreeLayout:
    side = 2**depth
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    radius = np.sqrt(x**2 + (y / 0.8) ** 2 + z**2)
    return octree.from_cells(np.abs(radius - 0.7) < thickness / side)


def tree(depths: tuple[int, ...]) -> list[OctreeLayout]:
    finest = shell(depths[-1])
    return [octree.coarsen(finest, depth) for depth in depths]


def levels(layouts: list[Any], code: Callable[[Any, int], Code]) -> tuple[CodedLevel, ...]:
    return tuple(CodedLevel(layout, i, code(layout, i)) for i, layout in enumerate(layouts))


def octree_neighbors() -> CodedField:
    grid = Grid(levels(tree((2, 3, 4)), lambda layout, i: vq(layout, 4, 0)))
    metadata = {
        "name": "octree, neighbors",
        "background": [1.0, 1.0, 1.0],
        "metrics": {"psnr": 30.5, "views": 25, "notes": ["ä", None, True, -3]},
    }
    return field("nerf", (grid,), 2, metadata=metadata)


def octree_packed() -> CodedField:
    grid = Grid(levels(tree((2, 3)), lambda layout, i: noise(layout, 4, i)))
    return field("nerf", (grid,), 2)


def octree_classes() -> CodedField:
    layouts = tree((3, 4, 5))
    grid = Grid(levels(layouts, lambda layout, i: vq(layout, 7, i, codes=100, noise=0.004)))
    return field("sdf", (grid,), 2)


def octree_float16() -> CodedField:
    grid = Grid(levels(tree((2, 3)), lambda layout, i: float16(layout, 3)))
    return field("sdf", (grid,), 3)


def octree_lowrank() -> CodedField:
    grid = Grid(levels(tree((1, 3)), lambda layout, i: lowrank(layout, 2, 5)))
    return field("sdf", (grid,), 5)


def octree_unusual() -> CodedField:
    """Octrees that start from the root, from another grid's, and that are not nested."""
    rng = np.random.default_rng(9)
    scattered = OctreeLayout(5, np.unique(rng.integers(0, 8**5, 40).astype(np.uint64)))
    one = OctreeLayout(0, np.zeros(1, np.uint64))
    layouts = [one, scattered]
    first = Grid(levels(layouts, lambda layout, i: vq(layout, 1, i)), "concat")
    second = Grid((CodedLevel(shell(3), 1, vq(shell(3), 3, 5)),))
    third = Grid((CodedLevel(scattered, 1, vq(scattered, 5, 6, codes=19)),))
    return field("sdf", (first, second, third), 8)


def dense_neighbors() -> CodedField:
    shapes = [(4, 5, 6), (13, 12, 10), (25, 23, 19)]
    layouts = [DenseLayout(shape) for shape in shapes]
    occupancy = Occupancy(octree.to_cells(shell(3))[:6, :7])
    grid = Grid(levels(layouts, lambda layout, i: vq(layout, 4, i)))
    return field("nerf", (grid,), 2, occupancy=occupancy)


def dense_bits() -> CodedField:
    """b = 1, 8 and 12; a level of one symbol; a skewed one."""
    shape = DenseLayout((5, 6, 7), align_corners=False, padding="zeros")
    constant = VQCode(PackedIntegers.pack(np.full(210, 3, np.uint8), 4), np.ones((5, 2), "f2"))
    rare = (np.random.default_rng(3).random(210) < 0.02) * 7
    skewed = VQCode(PackedIntegers.pack(rare, 3), np.eye(8, 2, dtype=np.float16))
    codes = [vq(shape, 1, 0), vq(shape, 8, 1, codes=200), constant, skewed]
    codes.append(vq(shape, 12, 2, codes=260))
    made = tuple(CodedLevel(shape, i, code) for i, code in enumerate(codes))
    return field("scalar", (Grid(made),), 2)


def dense_methods() -> CodedField:
    layout = DenseLayout((3, 4, 5))
    codes: list[Code] = [float16(layout, 4), lowrank(layout, 3, 4), noise(layout, 6, 0, 4)]
    made = tuple(CodedLevel(layout, i, code) for i, code in enumerate(codes))
    return field("scalar", (Grid(made, "concat"),), 12)


def plane() -> CodedField:
    layouts = [DenseLayout((16, 20)), DenseLayout((31, 39))]
    grid = Grid(levels(layouts, lambda layout, i: vq(layout, 4, i)))
    cells = np.random.default_rng(1).random((5, 9)) < 0.5
    return field("scalar", (grid,), 2, dims=2, occupancy=Occupancy(cells))


def steps() -> CodedField:
    """Networks and codebooks rounded to powers of two, each array to its own; also the extremes."""
    made = octree_neighbors()
    extremes = (np.array([2048, -2048, 1, 0, -3, 1024]) * 2.0**-13).astype(np.float32)
    networks = []
    for n, network in enumerate(made.networks):
        rounded = []
        for i, layer in enumerate(network.layers):
            step = 2.0 ** -(3 + n + i)
            weight = (np.round(layer.weight / step) * step + 0.0).astype(np.float32)
            bias = layer.bias
            if bias is not None:
                bias = np.resize(extremes, bias.shape) if n + i == 0 else np.round(bias * 64) / 64
                bias = (bias + 0.0).astype(np.float32)
            rounded.append(replace(layer, weight=weight, bias=bias))
        networks.append(replace(network, layers=tuple(rounded)))
    grids = tuple(
        replace(
            grid,
            levels=tuple(
                replace(level, code=_rounded(level.code, 2.0 ** -(4 + i)))
                for i, level in enumerate(grid.levels)
            ),
        )
        for grid in made.grids
    )
    return replace(made, networks=tuple(networks), grids=grids)


def _rounded(code: Code, step: float) -> Code:
    if not isinstance(code, VQCode):
        return code
    values = np.round(code.codebook.astype(np.float64) / step) * step + 0.0
    return replace(code, codebook=values.astype(np.float16))


def _random_transform(rng: np.random.Generator) -> FloatArray:
    return rng.normal(size=(3, 4)).astype(np.float32)


def many_grids() -> CodedField:
    rng = np.random.default_rng(5)
    layout = DenseLayout((6, 6, 6), padding="zeros")
    grids = tuple(
        Grid((CodedLevel(layout, 0, vq(layout, 6, i), _random_transform(rng)),), "concat")
        for i in range(4)
    )
    return field("scalar", grids, 8)


def octree_mixed() -> CodedField:
    """Octrees and indices by mixed counts, from the root and from one another."""
    layouts = tree((3, 4, 5))
    grid = Grid(levels(layouts, lambda layout, i: vq(layout, 5, i, (3, 21, 32)[i], noise=0.08)))
    return field("sdf", (grid,), 2)


def dense_mixed() -> CodedField:
    """Lattices of one plane, some of as many codes as there may be, of two; a shell of cells."""
    layouts = [DenseLayout(shape) for shape in ((1, 30, 41), (29, 1, 40), (12, 13, 14))]
    codes = [vq(layout, 8, i, (2, 256, 7)[i], noise=0.01) for i, layout in enumerate(layouts)]
    few = codes[1].indices.unpack() // 50 * 51
    codes[1] = replace(codes[1], indices=PackedIntegers.pack(few, 8))
    grid = Grid(levels(layouts, lambda layout, i: codes[i]))
    occupancy = Occupancy(octree.to_cells(shell(5))[:30, :27])
    return field("nerf", (grid,), 2, occupancy=occupancy)


def octree_layers() -> CodedField:
    """Octrees whose indices come in up to three layers, one of them in one layer."""
    layouts = tree((2, 4, 5))
    grid = Grid(levels(layouts, lambda layout, i: vq(layout, 6, i, (1, 64, 40)[i], noise=0.06)))
    return field("sdf", (grid,), 2)


def dense_layers() -> CodedField:
    """One LOD of lattices with different numbers of layers, unused codes, and without any."""
    first, plane = DenseLayout((9, 10, 11)), DenseLayout((1, 22, 23))
    rare = vq(plane, 8, 3, 256, noise=0.02)
    even = replace(rare, indices=PackedIntegers.pack(rare.indices.unpack() // 2 * 2, 8))
    codes: list[Code] = [vq(first, 6, 1, noise=0.05), vq(first, 2, 2), even, float16(plane, 2)]
    layouts = [first, first, plane, plane]
    made = tuple(CodedLevel(layouts[i], 0, code) for i, code in enumerate(codes))
    return field("scalar", (Grid(made, "concat"),), 8)


def plain_mlp() -> CodedField:
    rng = np.random.default_rng(6)
    encoding = Encoding("frequency", frequencies=4, scale=3.0, include_input=False)
    hidden = layers(rng, 27, 24, 24)
    rest = layers(rng, 24 + 27, 16, 1)
    sines = tuple(replace(layer, activation="sine", gain=30.0) for layer in hidden)
    inputs = (Input("position", encoding), Input("position"))
    no_bias = (replace(rest[0], bias=None, activation="snake_alt"), rest[1])
    network = Network("values", inputs, (*sines, *no_bias), skips=(2,))
    return replace(field("sdf", (), 1), networks=(network,))


def _lattice(
    shape: tuple[int, int, int], octaves: list[Octave], truths: list[Truth], base: Any = None
) -> LatticeCode:
    """A code of what ``truths``, one for each feature, give at the sites of lattices."""
    starts: list[Start | None] = [None] * len(truths)
    if base is not None:
        starts = [Start(values, base.last_step) for values in base.values]
    found = tuple(
        tuple(differences_of(octaves, shape, truth, 0.5, start)[0])
        for truth, start in zip(truths, starts, strict=True)
    )
    return LatticeCode(tuple(octaves), found, 0.0078125, -0.75 if len(truths) > 1 else 0.0, base)


def lattices() -> CodedField:
    """Distances on lattices of odd sides near the surface; a level of one octave, of several."""

    def ball(shape: Any, sites: Any) -> Any:
        at = sites / (np.array(shape) - 1) * 2 - 1
        bumps = 0.06 * np.sin(9 * at[:, 0]) * np.sin(8 * at[:, 1] + at[:, 2])
        return 128 * (np.linalg.norm(at, axis=1) - 0.6 + bumps)

    first = _lattice((9, 9, 9), [Octave(9, 0), Octave(4, 0), Octave(3, 70)], [ball])
    second = _lattice((17, 17, 17), [Octave(1, 9)], [ball], first)
    third = _lattice((65, 65, 65), [Octave(2, 3), Octave(0, 0)], [ball], second)
    codes = [first, second, third]
    grid = Grid(levels([DenseLayout(c.shape) for c in codes], lambda _, i: codes[i]), "finest")
    return field("sdf", (grid,), 1)


def lattices_flat() -> CodedField:
    """Two features on lattices of two dimensions with even sides, everywhere; large differences."""
    rng = np.random.default_rng(12)
    noise = rng.normal(size=(2, 64, 64)) * [[[1.0]], [[40000.0]]]

    def truth(feature: int) -> Any:
        def values(shape: Any, sites: Any) -> Any:
            at = sites / np.maximum(np.array(shape) - 1, 1)
            smooth_part = 90 * np.sin(6 * at[:, 1] + 2 * feature) * np.cos(5 * at[:, 2])
            return smooth_part + noise[feature, sites[:, 1], sites[:, 2]]

        return values

    truths = [truth(0), truth(1)]
    first = _lattice((1, 10, 13), [Octave(5, 0), Octave(2, 40)], truths)
    second = _lattice((1, 20, 26), [Octave(2, 0)], truths, first)
    layouts = [DenseLayout((10, 13)), DenseLayout((20, 26))]
    codes = [first, second]
    grid = Grid(levels(layouts, lambda _, i: codes[i]), "finest")
    return field("scalar", (grid,), 2, dims=2)


FIELDS: dict[str, Callable[[], CodedField]] = {
    "octree_neighbors": octree_neighbors,
    "octree_packed": octree_packed,
    "octree_classes": octree_classes,
    "octree_float16": octree_float16,
    "octree_lowrank": octree_lowrank,
    "octree_unusual": octree_unusual,
    "dense_neighbors": dense_neighbors,
    "dense_bits": dense_bits,
    "dense_methods": dense_methods,
    "plane": plane,
    "many_grids": many_grids,
    "plain_mlp": plain_mlp,
    "steps": steps,
    "octree_mixed": octree_mixed,
    "dense_mixed": dense_mixed,
    "octree_layers": octree_layers,
    "dense_layers": dense_layers,
    "lattices": lattices,
    "lattices_flat": lattices_flat,
}

#: In how many layers indices are, where that is not left to the encoder.
LAYERS = {"octree_layers": 3, "dense_layers": 4}


def with_unknown_chunks(data: bytes) -> bytes:
    """The same file with ancillary chunks that no decoder knows."""
    reader = Reader(BytesSource(data))
    chunks = [(chunk.type, reader.read(chunk) or b"") for chunk in reader.chunks]
    unknown = [("zzZz", b"skip me"), *chunks[:1], ("aAAA", b""), *chunks[1:], ("eNDS", b"\xff" * 8)]
    return assemble(reader.header, unknown)


def expected(coded: CodedField) -> dict[str, Any]:
    """The decoded values of a file, as JSON: hashes, and short arrays in full."""
    return {
        "kind": coded.kind,
        "bounds": coded.bounds.tolist(),
        "metadata": dict(coded.metadata),
        "lods": coded.num_lods,
        "levels": [_level(level) for level in coded.levels],
        "transforms": [
            None if grid.shared_transform is None else _array(grid.shared_transform, "<f4")
            for grid in coded.grids
        ],
        "networks": {
            network.name: [
                {
                    "weight": _array(layer.weight, "<f2"),
                    "bias": None if layer.bias is None else _array(layer.bias, "<f2"),
                    "activation": layer.activation,
                    "gain": layer.gain,
                }
                for layer in network.layers
            ]
            for network in coded.networks
        },
        "occupancy": None
        if coded.occupancy is None
        else {
            "shape": list(coded.occupancy.cells.shape),
            "cells": _array(coded.occupancy.cells, "u1"),
        },
    }


def _level(level: CodedLevel) -> dict[str, Any]:
    found: dict[str, Any] = {"lod": level.lod, "code": level.code.name}
    if isinstance(level.layout, OctreeLayout):
        found["depth"] = level.layout.depth
        found["voxels"] = _array(level.layout.voxels, "<u8")
        found["corners"] = _array(corner_coordinates(level.layout), "<i4")
    else:
        found["shape"] = list(level.layout.shape)
    if isinstance(level.code, VQCode):
        found["indices"] = _array(level.code.indices.unpack(), "<u2")
        found["codebook"] = _array(level.code.codebook, "<f2")
    elif isinstance(level.code, LowRankCode):
        for name in ("mean", "basis", "coefficients"):
            found[name] = _array(getattr(level.code, name), "<f2")
    elif isinstance(level.code, LatticeCode):
        found["unit"], found["offset"] = level.code.unit, level.code.offset
        rows = np.stack([values.reshape(-1) for values in level.code.values])
        found["values"] = _array(rows, "<i4")
    else:
        found["values"] = _array(level.code.values, "<f2")
    return found


def _array(values: npt.NDArray[Any], dtype: str) -> dict[str, Any]:
    """Shape, SHA-256 of the bytes in C order as ``dtype``, and short integer arrays in full."""
    stored = np.ascontiguousarray(values.astype(dtype))
    found: dict[str, Any] = {
        "shape": list(stored.shape),
        "type": dtype,
        "sha256": hashlib.sha256(stored.tobytes()).hexdigest(),
    }
    if stored.dtype.kind in "ui":
        found["first"] = stored.reshape(-1)[:_IN_FULL].tolist()
    return found


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in FIELDS.items():
        path = FOLDER / f"{name}.nfc"
        if path.exists():
            print(f"{path.name} exists and is kept")
            continue
        coded = make()
        data = coding.to_bytes(coded, layers=LAYERS.get(name, 1))
        if name == "octree_packed":
            data = with_unknown_chunks(data)
        path.with_suffix(".json").write_text(json.dumps(expected(coded), indent=1) + "\n")
        path.write_bytes(data)
        print(f"{path.name}: {len(data):,} bytes")
    CUTS.mkdir(exist_ok=True)
    for name in LAYERS:
        path = CUTS / f"{name}.json"
        if not path.exists():
            found = cuts((FOLDER / f"{name}.nfc").read_bytes())
            path.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def cuts(data: bytes) -> list[dict[str, Any]]:
    """The levels of a file at each of its cuts, and the bytes it has there."""
    ends = [cut["bytes"] for cut in coding.describe(data)["cuts"]]
    return [{"bytes": end, "levels": expected(coding.open(data[:end]))["levels"]} for end in ends]


if __name__ == "__main__":
    sys.exit(main())
