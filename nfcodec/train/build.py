"""Untrained fields: sparse octrees of features under small networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nfcodec.field import (
    Encoding,
    Field,
    FloatArray,
    Grid,
    Input,
    Kind,
    Layer,
    Level,
    Network,
    OctreeLayout,
)
from nfcodec.layouts import num_corners, octree


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
        values = rng.normal(scale=scale, size=(num_corners(layout), features))
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
    features: int, hidden: int, initial_density: float, rng: np.random.Generator
) -> tuple[Network, ...]:
    """``trunk`` -> ``density`` and, with the view direction, ``colour``."""
    harmonics = Encoding("spherical_harmonics", degree=4)
    trunk = Network("trunk", (Input("features"),), (dense_layer(features, hidden, "relu", rng),))
    density = Network(
        "density",
        (Input("trunk"),),
        (dense_layer(hidden, 1, "exp", rng, float(np.log(initial_density))),),
    )
    colour = Network(
        "colour",
        (Input("trunk"), Input("direction", harmonics)),
        (
            dense_layer(hidden + harmonics.width(3), hidden, "relu", rng),
            dense_layer(hidden, 3, "sigmoid", rng),
        ),
    )
    return trunk, density, colour


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
        radiance_networks(features, hidden, 5.0 / extent, rng),
    )
