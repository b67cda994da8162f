"""Write ``vectors/v1-evaluation``: what fields give at points that are chosen to tell.

    python -m formats.making.evaluation

Small files, each beside a JSON of points, directions and the values there by level of detail, by
:mod:`nfcodec.evaluate.reference`. A file that exists is written again: nothing is frozen yet.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from formats import make_vectors
from nfcodec import coding
from nfcodec.codes import Float16Code
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Occupancy
from nfcodec.model.networks import ACTIVATIONS, Encoding, Input, Layer, Network
from nfcodec.model.protocols import Layout

FOLDER = Path(__file__).parents[1] / "vectors" / "v1-evaluation"
#: A box that is neither centered nor a cube.
BOUNDS = np.array([[-3.0, 0.5, 10.0], [1.0, 2.5, 40.0]])
Floats = npt.NDArray[np.float64]
Padding = Literal["zeros", "border"]


def _level(
    layout: Layout, lod: int, features: int, seed: int, transform: Floats | None = None
) -> CodedLevel:
    values = np.random.default_rng(seed).normal(size=(layout.num_rows, features)).round(2)
    code = Float16Code(values.astype(np.float16))
    return CodedLevel(layout, lod, code, None if transform is None else transform.astype("f4"))


def _through(width: int, *inputs: Input, name: str = "values") -> Network:
    """A network that gives what enters it."""
    return Network(name, inputs, (Layer(np.eye(width, dtype=np.float32), None),))


def _scalar(grids: tuple[Grid[CodedLevel], ...], *networks: Network, dims: int = 3) -> CodedField:
    base = make_vectors.field("scalar", grids, 1, dims=dims)
    return replace(base, bounds=BOUNDS[:, :dims].copy(), networks=networks)


def dense() -> CodedField:
    """Both placements with both paddings, sides of 1 and 2, joined; two LODs."""
    options = itertools.product((True, False), ("zeros", "border"), ((3, 2, 4), (1, 5, 2)))
    levels = [
        _level(DenseLayout(shape, align, padding), i % 2, 1, i)  # type: ignore[arg-type]
        for i, (align, padding, shape) in enumerate(options)
    ]
    return _scalar((Grid(tuple(levels), "concat"),), _through(8, Input("features")))


def octrees() -> CodedField:
    """Sparse octrees of depths 0, 1 and 3 that are not nested, added; three LODs."""
    codes = [[0], [1, 2, 7], [0, 9, 100, 101, 300, 511]]
    layouts = [
        OctreeLayout(depth, np.array(voxels, np.uint64))
        for depth, voxels in zip((0, 1, 3), codes, strict=True)
    ]
    levels = [_level(layout, lod, 2, lod) for lod, layout in enumerate(layouts)]
    return _scalar((Grid(tuple(levels)),), _through(2, Input("features")))


def plane() -> CodedField:
    """2-D: transforms, both placements, padding by zeros and by the border."""
    turn = np.array([[0.6, -0.8, 0.1], [0.8, 0.6, -0.3]])
    first = Grid((_level(DenseLayout((3, 4), False, "border"), 0, 1, 1, turn),))
    second = Grid((_level(DenseLayout((2, 5), True, "zeros"), 0, 2, 2, 2 * turn),))
    return _scalar((first, second), _through(3, Input("features")), dims=2)


def joined() -> CodedField:
    """Sum, concat and product of levels, with planes and lines; LOD 1 adds one of each."""
    xy = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    z = np.array([[0.0, 0, 1, 0]])
    skewed = np.array([[0.5, 0.25, 0, 0.1], [0, 0.5, -0.25, 0], [0.125, 0, 1, -0.2]])
    cube, sheet, line = DenseLayout((2, 3, 2)), DenseLayout((3, 3)), DenseLayout((4,))
    grids = tuple(
        Grid(
            (
                _level(sheet, 0, 2, seed, xy), _level(line, 0, 2, seed + 1, z),
                _level(cube, 1, 2, seed + 2, skewed),
            ),
            combine,
        )
        for seed, combine in ((0, "sum"), (10, "concat"), (20, "product"))
    )  # fmt: skip
    late = Grid((_level(cube, 1, 1, 30),), "product")
    return _scalar((*grids, late), _through(11, Input("features")))


def activations() -> CodedField:
    """Every activation, with a gain, of numbers from -20 to 20."""
    weight = np.array([[8.0, 0, 0], [0, 8, 0], [0, 4, 12]], np.float32)
    bias = np.array([0.25, -0.5, 0], np.float32)
    networks = [
        Network(name, (Input("position"),), (Layer(weight, bias, name, 1.25),))
        for name in ACTIVATIONS
    ]
    last = _through(3 * len(networks), *(Input(name) for name in ACTIVATIONS))
    return _scalar((), *networks, last)


def encodings() -> CodedField:
    """Every encoding, of ranges, with and without the input; a skip; several layers."""
    frequencies = [
        Encoding("frequency", frequencies=count, scale=scale, include_input=with_input)
        for count, scale, with_input in ((2, 1.5, True), (3, np.pi, False), (0, 1.0, True))
    ]
    harmonics = [Encoding("spherical_harmonics", degree=degree) for degree in (1, 2, 3, 4)]
    inputs = [
        *(Input("position", encoding) for encoding in (*frequencies, *harmonics)),
        Input("position", frequencies[0], (1, 2)), Input("position", channels=(0, 2)),
    ]  # fmt: skip
    width = sum(
        block.encoding.width(3 if block.channels is None else int(np.ptp(block.channels)))
        for block in inputs
    )
    plain = _through(width, *inputs, name="plain")
    rng = np.random.default_rng(4)
    layers = (
        *make_vectors.layers(rng, 3, 4, 4, last="sine"),
        *make_vectors.layers(rng, 7, 5, last="tanh"),
    )
    skipping = Network("skipping", (Input("position"),), layers, skips=(2,))
    return _scalar(
        (), plain, skipping, _through(width + 5, Input("plain"), Input("skipping"), name="all")
    )


def cells() -> CodedField:
    """A nerf with cells for occupancy, of odd numbers, and no octree."""
    rng = np.random.default_rng(5)
    grid = Grid((_level(DenseLayout((3, 3, 3)), 0, 2, 1), _level(DenseLayout((5, 4, 3)), 1, 2, 2)))
    base = make_vectors.field("nerf", (grid,), 2)
    occupied = rng.random((3, 5, 2)) < 0.6
    return replace(base, bounds=BOUNDS.copy(), occupancy=Occupancy(occupied))


def voxels() -> CodedField:
    """A nerf with two octrees as deep, a transformed deeper one, and cells that do not count."""
    side = np.arange(0, 64, 3, dtype=np.uint64)
    first = Grid((_level(OctreeLayout(2, side), 0, 2, 1),))
    second = Grid((_level(OctreeLayout(2, side[::2] + np.uint64(1)), 0, 2, 2),))
    shifted = np.array([[0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0.5, 0]])
    deeper = Grid((_level(OctreeLayout(3, np.arange(40, dtype=np.uint64)), 0, 2, 3, shifted),))
    base = make_vectors.field("nerf", (first, second, deeper), 6)
    empty = Occupancy(np.zeros((2, 2, 2), np.bool_))
    return replace(base, bounds=BOUNDS.copy(), occupancy=empty)


FIELDS: dict[str, Callable[[], CodedField]] = {
    "dense": dense, "octrees": octrees, "plane": plane, "joined": joined,
    "activations": activations, "encodings": encodings, "cells": cells, "voxels": voxels,
}  # fmt: skip


def points(field: CodedField, seed: int) -> Floats:
    """Corners, faces, edges, middles of cells, points outside near and far, and some at random."""
    low, high = field.bounds
    dims = field.dims
    special = [-1.0, 0.0, 1.0]
    u = [np.array(place) for place in itertools.product(special, repeat=dims)]
    for axis in range(dims):
        for size in (-30.0, -1.5, -1.0 - 2.0**-10, -0.5, 0.25, 1.0 + 2.0**-10, 1.125, 30.0):
            u.append(np.where(np.arange(dims) == axis, size, 0.125))
    rng = np.random.default_rng(seed)
    u += [*rng.uniform(-1.0, 1.0, (16, dims)), *rng.uniform(-1.5, 1.5, (8, dims))]
    at: Floats = low + (np.array(u) + 1.0) / 2.0 * (high - low)
    at[len(u) - 24 :] = at[len(u) - 24 :].round(3)
    return at


def values(field: CodedField, seed: int) -> dict[str, Any]:
    """The JSON of a vector."""
    at = points(field, seed)
    found: dict[str, Any] = {"points": at.tolist()}
    directions = None
    if any(block.source == "direction" for network in field.networks for block in network.inputs):
        directions = np.random.default_rng(seed).normal(size=at.shape)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        directions = directions.round(6)
        found["directions"] = directions.tolist()
    found["values"] = [
        [
            [float(f"{value:.7g}") for value in row]
            for row in evaluate(field, at, directions, lod=lod).tolist()
        ]
        for lod in range(field.num_lods)
    ]
    return found


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for seed, (name, make) in enumerate(FIELDS.items()):
        path = FOLDER / f"{name}.nfc"
        path.write_bytes(coding.to_bytes(make()))
        rows = json.dumps(values(coding.open(path), seed))
        rows = rows.replace("]], ", "]],\n ").replace("], [", "],\n  [")
        path.with_suffix(".json").write_text(rows + "\n", "utf-8")


if __name__ == "__main__":
    main()
