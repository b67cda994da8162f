"""ngp_pl by kwea123: a Lightning checkpoint, or ``*_slim.ckpt``, with ``xyz_encoder.params``.

Facts (``models/networks.py``, ``models/rendering.py``): 16 levels of 2 features from 16 to
2048 scale vertices a side, ``scale`` is ``xyz_max``; flat vectors of tiny-cuda-nn, network before
grid; density ``exp(o0)``; colors of the harmonics, then all 16 outputs: the direction comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import hash_grids, hashed, morton_grid, notes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import harmonics, plain
from nfcodec.importers.flat_networks import Flat
from nfcodec.importers.layers import Part, float32
from nfcodec.importers.nerf_mlp import finest
from nfcodec.importers.torch_ngp import standard
from nfcodec.model.function import FieldFunction
from nfcodec.untrusted.source import InputFile, Source

NAME = "ngp_pl"
_LEVELS, _FEATURES, _BASE, _FINEST, _OUTPUTS, _WIDTH = 16, 2, 16, 2048.0, 16, 64


def _part(file: InputFile) -> Part | None:
    return None if file.checkpoint is None else finest(file, (("*", ""),), "xyz_encoder.params")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def function(file: InputFile) -> FieldFunction:
    part = _part(file)
    assert part is not None
    if part.shape("tonemapper_net_0.params") is not None:
        raise UnsupportedError(
            f"{file.name}: ngp_pl with an exposure model (HDR), whose colors are not in [0, 1]"
        )
    corner = part.array("xyz_max")
    if corner.size != 3 or not corner.min() > 0.0:
        raise InvalidFieldError(f"{file.name}: xyz_max is not three numbers above 0")
    scale = float(corner.max())
    base = Flat(_LEVELS * _FEATURES, _OUTPUTS, _WIDTH, 1)
    color = Flat(2 * _OUTPUTS, 3, _WIDTH, 2)
    values = part.array("xyz_encoder.params", 1)
    growth = float(np.exp(np.log(_FINEST * scale / _BASE) / (_LEVELS - 1)))
    grid = hash_grids.of_any_size(
        float32(values[base.count :]), _LEVELS, _FEATURES, _BASE, growth, file.name
    )
    networks = standard(
        grid,
        base.layers(values[: base.count], f"{file.name}: xyz_encoder", ones=False),
        color.layers(part.array("rgb_net.params", 1), f"{file.name}: rgb_net"),
        [harmonics(), plain("base", _OUTPUTS)],
    )

    def encode(points: Any) -> Any:
        u = (points + np.float32(scale)) / np.float32(2.0 * scale)
        inside = ((u >= 0.0) & (u <= 1.0)).all(axis=1)
        return grid(float32(np.clip(u, 0.0, 1.0))), inside

    bits = part.tensors.get(part.prefix + "density_bitfield")
    occupied = None
    if isinstance(bits, np.ndarray) and bits.dtype == np.uint8 and bits.any():
        cascades = bits.size * 8 // morton_grid.SIDE**3
        halves = [2.0 ** (c - 1) for c in range(cascades)]
        occupied = morton_grid.of_bits(bits, halves, file.name)
    about = metadata(file, NAME, scale=scale)
    return hashed.function("nerf", notes.cube(scale), encode, networks, about, occupied)


SOURCE = Source(NAME, "a radiance field of a hash grid", recognize, function=function)
