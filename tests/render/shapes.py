"""Fields whose values are known: a function sampled on a lattice, decoded by the identity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.codes import Float16Code, VQCode
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import DenseLayout, corner_coordinates, lattice_shape, octree
from nfcodec.model.coded import CodedField, CodedLevel, to_field
from nfcodec.model.field import Field, Grid, Kind, Level
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.protocols import Code, Layout

Points = npt.NDArray[np.float64]
Function = Callable[[Points], Points]

CENTER, RADIUS = np.array([0.1, -0.05, 0.02]), 0.6


def sampled(
    function: Function,
    shape: tuple[int, ...] = (48, 48, 48),
    kind: Kind = "sdf",
    bounds: npt.ArrayLike | None = None,
    **metadata: Any,
) -> Field:
    """A dense field of ``function``, which takes (P, D) points and gives (P,) values."""
    dims = len(shape)
    box = np.array([[-1.0] * dims, [1.0] * dims] if bounds is None else bounds, np.float64)
    layout = DenseLayout(shape)
    features = function(_corners(layout, box)).astype(np.float32)[:, None]
    grid = Grid((Level(layout, 0, features),))
    return Field(kind, box, (grid,), (_identity(),), metadata=metadata)


def octree_sphere(depths: tuple[int, ...] = (3, 5)) -> Field:
    """:func:`sphere` on octree levels: the first full, each later one the rest near the surface."""
    box = np.array([[-1.0] * 3, [1.0] * 3])
    field = Field("sdf", box, (), (_identity(),))
    levels: list[Level] = []
    for lod, depth in enumerate(depths):
        layout = _near_sphere(depth, full=lod == 0)
        points = _corners(layout, box)
        rest = sphere(points) - (evaluate(field, points)[:, 0] if levels else 0.0)
        levels.append(Level(layout, lod, rest.astype(np.float32)[:, None]))
        field = replace(field, grids=(Grid(tuple(levels)),))
    return field


def coded(field: Field, bits: int | None) -> CodedField:
    """``field`` with float16 values, or codebooks of 2^bits evenly spaced values."""

    def code(rows: FloatArray) -> Code:
        if bits is None:
            return Float16Code(rows.astype(np.float16))
        book = np.linspace(rows.min(), rows.max(), 2**bits).astype(np.float16)
        indices = np.abs(rows - book.astype(np.float32)).argmin(axis=1)
        return VQCode(PackedIntegers.pack(indices, bits), book[:, None])

    grids = tuple(
        Grid(
            tuple(CodedLevel(v.layout, v.lod, code(v.features), v.transform) for v in g.levels),
            g.combine,
        )
        for g in field.grids
    )
    return CodedField(field.kind, field.bounds, grids, field.networks, metadata=field.metadata)


def expanded(field: CodedField) -> Field:
    """``field`` with its codes written out as floats."""
    return to_field(field)


def sphere(points: Points) -> Points:
    """Distance to a sphere of ``RADIUS`` around ``CENTER``."""
    return np.asarray(np.linalg.norm(points - CENTER, axis=1) - RADIUS)


def gyroid(points: Points) -> Points:
    """About the distance to a thick gyroid, cut by the box."""
    x, y, z = (points * 6.0).T
    wave = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    return np.asarray((np.abs(wave) - 0.35) / 9.0)


def blobs(points: Points) -> Points:
    """Three smooth bumps of different height."""
    total = np.zeros(len(points))
    for center, height in (
        ([0.3, 0.2, 0.3], 1.0), ([-0.4, -0.2, 0.0], 0.7), ([0.2, -0.5, -0.4], 0.5),
    ):  # fmt: skip
        at = np.array(center)[: points.shape[1]]
        total += height * np.exp(-((points - at) ** 2).sum(axis=1) / 0.06)
    return total


def _identity() -> Network:
    return Network("values", (Input("features"),), (Layer(np.ones((1, 1), np.float32), None),))


def _corners(layout: Layout, box: Points) -> Points:
    sides = np.array(lattice_shape(layout)[::-1]) - 1
    return np.asarray(box[0] + (box[1] - box[0]) * corner_coordinates(layout) / sides)


def _near_sphere(depth: int, full: bool) -> Any:
    side = 2**depth
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    zyx = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    near = np.abs(sphere(zyx[:, ::-1])) < 2.5 / side
    return octree.from_cells((near | full).reshape(side, side, side))
