"""nerfstudio's vanilla-nerf: ``field_fine`` and ``field_coarse``.

Facts (``models/vanilla_nerf.py``, ``fields/vanilla_nerf_field.py``, 1.1.5): positions in
nerfstudio's world; 10 bands 2 pi 2^e with e from 0 to 8 in even steps, which are no integers, sines
axis by axis, then cosines, then the position; the input before the state at layer 4, relu after
the last layer too; density softplus; the direction's encoding (4 bands, e from 0 to 4) before the
trunk's output.
"""

from __future__ import annotations

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import nerfstudio, notes
from nfcodec.importers.blocks import Block, frequency, plain
from nfcodec.importers.layers import Part, Step, network
from nfcodec.importers.nerf_mlp import box_of, trunk
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerfstudio vanilla-nerf"
_LAST_POSITION, _LAST_DIRECTION = 8.0, 4.0


def _part(file: InputFile) -> Part | None:
    for name in ("field_fine.", "field_coarse."):
        found = nerfstudio.part(file, name + "mlp_base.layers.0.weight")
        if found is not None:
            return Part(found.tensors, found.prefix + name, found.source)
    return None


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    half = box_of(file)
    layers = part.layers("mlp_base.layers.{}")
    position = _encoded(file, "position", layers[0].weight.shape[1], _LAST_POSITION, half)
    density = part.linear("field_output_density.net")
    width = density.weight.shape[1]
    head = part.layers("mlp_head.layers.{}")
    directions = _encoded(file, "direction", head[0].weight.shape[1] - width, _LAST_DIRECTION)
    steps = [Step(layer, "relu") for layer in head]
    steps.append(Step(part.linear("field_heads.0.net"), "sigmoid"))
    state = plain("trunk", width)
    networks = (
        trunk(position, layers),
        network("density", (state,), [Step(density, "softplus")]),
        network("color", (directions, state), steps),
    )
    field = Field(
        "nerf", notes.cube(half), (), networks, metadata=nerfstudio.about(file, "vanilla-nerf")
    )
    check_field(field, file.name)
    return field


def _encoded(file: InputFile, source: str, width: int, last: float, scale: float = 1.0) -> Block:
    if width < 9 or (width - 3) % 6:
        raise InvalidFieldError(
            f"{file.name}: {width} values of the {source} enter, which is not 3 + 6 K"
        )
    bands = nerfstudio.bands((width - 3) // 6, last)
    return frequency(source, bands, "sines-axes", "last", scale)


SOURCE = Source(NAME, "a radiance field that is an MLP", recognize, read)
