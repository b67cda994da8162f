"""nerfstudio's tensorf: planes times lines, in ``density_encoding`` and ``color_encoding``.

Facts (``models/tensorf.py``, ``fields/tensorf_field.py``, ``field_components/encodings.py``
``TensorVMEncoding``, 1.1.5): planes of (x, y), (x, z), (y, z), the first along the last axis, lines
of z, y, x; align_corners, zeros outside of ``aabb``; density relu of the sum of all products; 27
features of the color's products, the direction, both encoded with 2 bands (2 pi 2^0 and 2 pi 2^2);
relu after each layer of the head.
"""

from __future__ import annotations

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import nerfstudio, planes
from nfcodec.importers.blocks import Block, frequency, plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.model.field import Field, Level
from nfcodec.model.networks import Input
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerfstudio tensorf"
_PLANES, _LINES = ((0, 1), (0, 2), (1, 2)), (2, 1, 0)
_BANDS = nerfstudio.bands(2, 2.0)


def _part(file: InputFile) -> Part | None:
    return nerfstudio.part(file, "field.density_encoding.line_coef")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    factors = [_factors(part, f"field.{name}_encoding") for name in ("density", "color")]
    density, color = (sum(pair[0].num_features for pair in pairs) for pairs in factors)
    basis = part.array("field.B.weight", 2)
    appearance = len(basis)
    head = part.layers("field.mlp_head.layers.{}")
    blocks = [
        plain("appearance", appearance),
        plain("direction", 3),
        frequency("appearance", _BANDS, "sines-axes", "", dims=appearance),
        frequency("direction", _BANDS, "sines-axes", ""),
    ]
    steps = [Step(layer, "relu") for layer in head]
    steps.append(Step(part.linear("field.field_output_rgb.net"), "sigmoid"))
    ones = Linear(np.ones((1, density)), np.zeros(1), "density")
    networks = (
        network("density", (_features(0, density),), [Step(ones, "relu")]),
        network(
            "appearance", (_features(density, density + color),),
            [Step(Linear(basis, np.zeros(appearance), f"{file.name}: field.B"))],
        ),
        network("color", blocks, steps),
    )  # fmt: skip
    grids = planes.products([pair for pairs in factors for pair in pairs])
    field = Field(
        "nerf", nerfstudio.box(part), grids, networks, metadata=nerfstudio.about(file, "tensorf")
    )
    check_field(field, file.name)
    return field


def _features(start: int, stop: int) -> Block:
    width = stop - start
    return Block((Input("features", channels=(start, stop)),), np.eye(width), np.zeros(width))


def _factors(part: Part, name: str) -> list[tuple[Level, Level]]:
    """Planes and lines of one encoding."""
    if part.shape(f"{name}.plane_coef") is None:
        raise UnsupportedError(
            f"{part.source}: tensorf with tensorf_encoding other than vm, which is not imported"
        )
    sheets, lines = part.array(f"{name}.plane_coef", 4), part.array(f"{name}.line_coef", 4)
    if len(sheets) != 3 or len(lines) != 3 or lines.shape[3] != 1:
        raise InvalidFieldError(
            f"{part.source}: {name} has planes of shape {sheets.shape} and lines of {lines.shape}"
        )
    return [
        (planes.level(sheets[i], _PLANES[i]), planes.level(lines[i, :, :, 0], (_LINES[i],)))
        for i in range(3)
    ]


SOURCE = Source(NAME, "a radiance field of planes and lines", recognize, read)
