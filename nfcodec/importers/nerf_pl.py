"""nerf_pl by kwea123: a Lightning checkpoint with ``nerf_fine.*`` and ``nerf_coarse.*``.

Facts (``models/nerf.py``): ``xyz_encoding_1..8`` with relu, the input before the state at number 5;
density relu(``sigma``); ``xyz_encoding_final`` without an activation, then the direction's
encoding, ``dir_encoding`` with relu, ``rgb`` with a sigmoid. Numbers in names count from 1.
"""

from __future__ import annotations

from nfcodec.errors import UnsupportedError
from nfcodec.importers.layers import Linear, Part
from nfcodec.importers.nerf_mlp import box_of, colors, density, encoded, finest, finished, trunk
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerf_pl"
_MOST = 32


def _part(file: InputFile) -> Part | None:
    return finest(file, (("*", "nerf_fine."), ("*", "nerf_coarse.")), "xyz_encoding_1.0.weight")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    half = box_of(file)
    layers: list[Linear] = []
    while len(layers) < _MOST and part.width(f"xyz_encoding_{len(layers) + 1}.0") is not None:
        layers.append(part.linear(f"xyz_encoding_{len(layers) + 1}.0"))
    feature = part.linear("xyz_encoding_final")
    seen = [part.linear("dir_encoding.0"), part.linear("rgb.0")]
    if seen[0].weight.shape[1] != len(feature.weight) + 27:
        raise UnsupportedError(
            f"{file.name}: colors that depend on an appearance embedding (NeRF-W), which is not "
            "imported; train without encode_appearance"
        )
    networks = (
        trunk(encoded("position", layers[0].weight.shape[1], layers[0].name, half), layers),
        density(part.linear("sigma")),
        colors(feature, seen, seen[0].name),
    )
    return finished(file, NAME, networks, half)


SOURCE = Source(NAME, "a radiance field that is an MLP", recognize, read)
