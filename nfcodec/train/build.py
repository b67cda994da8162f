"""Untrained fields: sparse octrees of features under small networks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.errors import UsageError
from nfcodec.layouts import OctreeLayout, octree
from nfcodec.layouts.corners import MAX_OCTREE_DEPTH, corner_bitmap, corner_sites
from nfcodec.model.field import Field, Grid, Kind, Level
from nfcodec.model.networks import Encoding, Input, Layer, Network

#: Of a radiance field, before training: the optical depth of the box along its longest side.
_FIRST_DENSITY = 5.0
#: Boxes of up to so many units, and of no less than one part in so many, hold the unit of density
#: in a bias. Within them the largest density that ``exp`` gives stops light in a hundredth of a
#: voxel.
_ORDINARY = 64.0


def check_depths(depths: Sequence[int], fewest: int) -> None:
    """UsageError unless ``depths`` are at least ``fewest`` increasing depths of octree levels."""
    increasing = all(a < b for a, b in pairwise(depths))
    if len(depths) < fewest or not increasing or depths[0] < 0 or depths[-1] > MAX_OCTREE_DEPTH:
        raise UsageError(
            f"depths must be {fewest} or more increasing numbers from 0 to {MAX_OCTREE_DEPTH}, "
            f"got {', '.join(map(str, depths)) or 'none'}"
        )


def check_count(name: str, value: int) -> None:
    """UsageError naming ``name`` unless ``value`` is a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} must be a whole number from 1, got {value}")


def check_positive(name: str, *values: float) -> None:
    """UsageError naming ``name`` unless all ``values`` are finite numbers above 0."""
    for value in values:
        if not 0.0 < value < math.inf:
            raise UsageError(f"{name} must be above 0, got {value}")


def octree_grid(
    finest: OctreeLayout,
    depths: Sequence[int],
    features: int,
    rng: np.random.Generator,
    scale: float = 1e-2,
) -> Grid[Level]:
    """A grid of summed octree levels, one LOD each, with small random features.

    ``finest`` is coarsened to every one of ``depths`` (increasing, the last its own).
    """  # fmt: skip
    levels = []
    for lod, depth in enumerate(depths):
        layout = octree.coarsen(finest, depth)
        values = rng.normal(scale=scale, size=(layout.num_rows, features))
        levels.append(Level(layout, lod, values.astype(np.float32)))
    return Grid(tuple(levels))


def dense_layer(
    inputs: int, outputs: int, activation: str, rng: np.random.Generator, bias: float = 0.0
) -> Layer:
    """A layer with He-normal (ReLU) or Glorot-normal weights."""
    spread = np.sqrt(2.0 / inputs if activation == "relu" else 2.0 / (inputs + outputs))
    weight: FloatArray = rng.normal(scale=spread, size=(outputs, inputs)).astype(np.float32)
    return Layer(weight, np.full(outputs, bias, np.float32), activation)


def radiance_networks(
    features: int, hidden: int, extent: float, rng: np.random.Generator
) -> tuple[Network, ...]:
    """``trunk`` -> ``density`` and, with the view direction, ``colour``.

    ``extent``: the box's longest side; the density is slightly foggy along it.
    """
    harmonics = Encoding("spherical_harmonics", degree=4)
    trunk = Network("trunk", (Input("features"),), (dense_layer(features, hidden, "relu", rng),))
    # Density is per unit of length. Learning is the same in every unit, as ``exp`` turns a factor
    # into a bias; of small and large boxes, whose bias would leave what ``exp`` takes and float16
    # resolves, a gain after it holds the unit.
    ordinary = 1.0 / _ORDINARY <= extent <= _ORDINARY
    initial = _FIRST_DENSITY / extent if ordinary else _FIRST_DENSITY
    layers = [dense_layer(hidden, 1, "exp", rng, float(np.log(initial)))]
    if not ordinary:
        layers.append(Layer(np.ones((1, 1), np.float32), None, "none", 1.0 / extent))
    density = Network("density", (Input("trunk"),), tuple(layers))
    color = Network(
        "colour",
        (Input("trunk"), Input("direction", harmonics)),
        (
            dense_layer(hidden + harmonics.width(3), hidden, "relu", rng),
            dense_layer(hidden, 3, "sigmoid", rng),
        ),
    )
    return trunk, density, color


def radiance_field(
    finest: OctreeLayout,
    bounds: npt.NDArray[np.float64],
    depths: Sequence[int],
    *,
    features: int,
    hidden: int,
    seed: int,
) -> Field:
    """An untrained ``nerf`` field that is slightly foggy everywhere in ``finest``."""
    rng = np.random.default_rng(seed)
    extent = float((bounds[1] - bounds[0]).max())
    kind: Kind = "nerf"
    return Field(
        kind,
        np.asarray(bounds, np.float64),
        (octree_grid(finest, depths, features, rng),),
        radiance_networks(features, hidden, extent, rng),
    )


def refine(field: Field, finest: OctreeLayout, depths: Sequence[int]) -> Field:
    """``field`` over another octree: vectors of corners that stay are kept, new ones are zero.

    ``field`` has one grid of summed octree levels. New zero vectors on a finer level, or where
    nothing was, leave the field's values inside the old octree as they were.
    """
    grid = field.grids[0]
    old = {octree.need_octree(level.layout).depth: level for level in grid.levels}
    levels = []
    for lod, depth in enumerate(depths):
        layout = octree.coarsen(finest, depth)
        values = np.zeros((layout.num_rows, grid.levels[0].num_features), np.float32)
        if depth in old:
            bitmap = corner_bitmap(octree.need_octree(old[depth].layout))
            row = bitmap.rank(corner_sites(layout))
            values[row >= 0] = old[depth].features[row[row >= 0]]
        levels.append(Level(layout, lod, values))
    return replace(field, grids=(replace(grid, levels=tuple(levels)),))
