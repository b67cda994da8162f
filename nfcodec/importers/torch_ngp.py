"""torch-ngp: ``encoder.*``, ``sigma_net.*`` and ``color_net.*`` of a network of PyTorch or
tiny-cuda-nn.

Facts (ashawkey/torch-ngp ``nerf/network.py``, ``network_tcnn.py``, ``renderer.py``,
``gridencoder/grid.py``): a cube of ±bound, which is ``aabb_train[3]``; a hash grid from 16 to 2048
bound vertices a side; no biases; density ``exp(o0)``; colors of the harmonics of d, then outputs 1
to 15. A background (``bg_net``) is left out. Its copies that keep names and sizes open as well.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import hash_grids, hashed, morton_grid, notes
from nfcodec.importers.about import assume, metadata
from nfcodec.importers.blocks import Block, harmonics, plain
from nfcodec.importers.flat_networks import Flat
from nfcodec.importers.hash_grids import HashGrid
from nfcodec.importers.layers import Linear, Part, Step, float32, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input
from nfcodec.untrusted.source import InputFile, Source

NAME = "torch-ngp"
_LEVELS, _BASE, _FINEST, _OUTPUTS = 16, 16, 2048.0, 16


def _part(file: InputFile) -> Part | None:
    if file.checkpoint is None:
        return None
    for probe in ("encoder.embeddings", "encoder.params"):
        part = finest(file, (("model", ""), ("", "")), probe)
        nets = [f"{n}.{k}" for n in ("sigma_net", "color_net") for k in ("0.weight", "params")]
        if part is not None and any(part.shape(name) is not None for name in nets):
            return part
    return None


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def function(file: InputFile) -> FieldFunction:
    part = _part(file)
    assert part is not None
    if part.shape("color_net.0.weight") is None and part.shape("color_net.params") is None:
        raise UnsupportedError(
            f"{file.name}: a network with a torch-ngp grid and no color_net of its usual kind (an "
            "sdf, or a copy such as stable-dreamfusion), which is not imported"
        )
    bound = _bound(file, part)
    grid = _grid(file, part, bound)
    if part.shape("sigma_net.params") is not None:
        sigma = Flat(grid.width, _OUTPUTS, 64, 1).layers(
            part.array("sigma_net.params", 1), f"{file.name}: sigma_net", ones=False
        )
        color = Flat(2 * _OUTPUTS - 1, 3, 64, 2).layers(
            part.array("color_net.params", 1), f"{file.name}: color_net"
        )
    else:
        sigma, color = part.layers("sigma_net.{}"), part.layers("color_net.{}")
    if len(sigma[-1].weight) != _OUTPUTS:
        raise UnsupportedError(f"{file.name}: sigma_net of {len(sigma[-1].weight)} outputs, not 16")
    networks = standard(grid, sigma, color, [harmonics(), plain("base", 15, channels=(1, 16))])

    def encode(points: Any) -> Any:
        u = (points + np.float32(bound)) / np.float32(2.0 * bound)
        return grid(float32(u)), ((u >= 0.0) & (u <= 1.0)).all(axis=1)

    about = metadata(file, NAME, bound=bound)
    return hashed.function(
        "nerf", notes.cube(bound), encode, networks, about, _occupied(file, part, bound)
    )


def standard(
    grid: HashGrid, base: list[Linear], color: list[Linear], blocks: list[Block], shift: float = 0.0
) -> Any:
    """Networks with relu: density ``exp(o0 + shift)`` of the base, colors of ``blocks``."""
    features = Block((Input("features"),), np.eye(grid.width), np.zeros(grid.width))
    first = Linear(np.ones((1, 1)), np.array([shift]), "density")

    def steps(layers: list[Linear], last: str) -> list[Step]:
        return [Step(layer, "relu") for layer in layers[:-1]] + [Step(layers[-1], last)]

    return (
        network("base", (features,), steps(base, "none")),
        network("density", (plain("base", 1, channels=(0, 1)),), [Step(first, "exp")]),
        network("color", blocks, steps(color, "sigmoid")),
    )


def _bound(file: InputFile, part: Part) -> float:
    if part.shape("aabb_train") is not None:
        box = part.array("aabb_train", 1)
        if box.shape != (6,) or not box[3] > 0.0:
            raise InvalidFieldError(f"{file.name}: aabb_train is no box")
        return float(box[3])
    if "bounds" not in notes.notes(file):
        assume(file, "no aabb_train is stored; a bound of 1 is assumed")
    return notes.half_side(file, 1.0)


def _grid(file: InputFile, part: Part, bound: float) -> HashGrid:
    if part.shape("encoder.params") is not None:
        growth = float(2.0 ** (math.log2(_FINEST * bound / _BASE) / (_LEVELS - 1)))
        values = float32(part.array("encoder.params", 1))
        return hash_grids.of_any_size(values, _LEVELS, 2, _BASE, growth, file.name)
    offsets = part.tensors.get(part.prefix + "encoder.offsets")
    table = float32(part.array("encoder.embeddings", 2))
    if (
        not isinstance(offsets, np.ndarray)
        or offsets.ndim != 1
        or not 2 <= len(offsets) <= 65
        or offsets.dtype.kind not in "iu"
        or offsets[-1] != len(table)
        or (np.diff(offsets.astype(np.int64)) <= 0).any()
    ):
        raise InvalidFieldError(f"{file.name}: encoder.offsets do not fit encoder.embeddings")
    return hash_grids.of_torch_ngp(
        table, offsets.astype(np.int64), _BASE, _FINEST * bound, file.name
    )


def _occupied(file: InputFile, part: Part, bound: float) -> Any:
    bits = part.tensors.get(part.prefix + "density_bitfield")
    if not isinstance(bits, np.ndarray) or bits.dtype != np.uint8 or not bits.any():
        return None
    cascades = 1 + math.ceil(math.log2(max(bound, 1.0)))
    halves = [min(2.0**c, bound) for c in range(cascades)]
    return morton_grid.of_bits(bits, halves, file.name)


SOURCE = Source(NAME, "a radiance field of a hash grid", recognize, function=function)
