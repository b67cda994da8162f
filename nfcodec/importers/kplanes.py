"""K-Planes of static scenes: ``model.pth`` with ``field.grids.{scale}.{plane}``.

Facts (sarafridov/K-Planes ``models/kplane_field.py``): planes of (x, y), (x, z), (y, z), the first
along the last axis, border, align_corners; their product for each scale, scales side by side; the
density is ``exp(o - 1)`` of the last of 16 outputs, the first 15 enter the colors after the
harmonics, and the mean appearance. With ``spatial_distortion`` space is contracted. The linear
decoder's colors are a product of features and a basis of the direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import hashed, notes, planes
from nfcodec.importers.about import assume, metadata
from nfcodec.importers.blocks import Block, constant, harmonics, plain
from nfcodec.importers.flat_networks import Flat
from nfcodec.importers.layers import Linear, Part, Step, float32, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.field import Field, Level
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input, Network
from nfcodec.model.protocols import Array64
from nfcodec.untrusted.source import InputFile, Source

NAME = "K-Planes"
_PAIRS = ((0, 1), (0, 2), (1, 2))
_OUTPUTS, _WIDTH, _MOST_SCALES = 16, 64, 5
#: Half the side of the box that a contracted scene is cut to.
_CUT = 2.0


def _part(file: InputFile) -> Part | None:
    if file.checkpoint is None:
        return None
    return finest(file, (("model", "field."), ("", "field.")), "grids.0.0")


def _is_plain(part: Part) -> bool:
    """Whether our parts hold it: no contraction, and colors by a network."""
    return part.shape("color_net.params") is not None and not _contracts(part)


def _contracts(part: Part) -> bool:
    return part.shape("spatial_distortion.global_scale") is not None


def _recognize(as_it_is: bool) -> Callable[[InputFile], bool]:
    def recognize(file: InputFile) -> bool:
        part = _part(file)
        return part is not None and _is_plain(part) == as_it_is

    return recognize


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    found = _field(file, part, _box(part))
    check_field(found, file.name)
    return found


def function(file: InputFile) -> FieldFunction:
    """Contracted scenes, and those of the linear decoder."""
    part = _part(file)
    assert part is not None
    box = _box(part)
    field = _field(file, part, np.array([[-1.0] * 3, [1.0] * 3]))
    encode = hashed.of_grids(field)
    if _contracts(part):
        scale, move = (
            part.array(f"spatial_distortion.global_{name}") for name in ("scale", "translation")
        )
        if scale.shape != (3,) or move.shape != (3,):
            raise InvalidFieldError(f"{file.name}: spatial_distortion is not of three axes")
        half = notes.half_side(file, _CUT)
        if "bounds" not in notes.notes(file):
            assume(file, f"an unbounded scene is cut to a cube of ±{half:g}")
        box = notes.cube(half)

        def placed(points: Any) -> Any:
            x = points * scale + move
            m = np.maximum(np.abs(x).max(axis=1, keepdims=True), 1e-12)
            return np.where(m < 1.0, x, (2.0 - 1.0 / m) * x / m) / 2.0
    else:

        def placed(points: Any) -> Any:
            return 2.0 * (points - box[0]) / (box[1] - box[0]) - 1.0

    def features(points: Any) -> Any:
        return encode(float32(placed(np.asarray(points, np.float64))))

    shade = None
    if part.shape("color_net.params") is None:
        shade = _basis(file, part, field.num_outputs)
    return hashed.function("nerf", box, features, field.networks, field.metadata, None, shade)


def _box(part: Part) -> Array64:
    found = part.array("aabb", 2)
    if found.shape != (2, 3):
        raise InvalidFieldError(f"{part.source}: field.aabb has shape {found.shape}, not (2, 3)")
    return np.stack([found.min(axis=0), found.max(axis=0)])


def _field(file: InputFile, part: Part, box: Array64) -> Field:
    products: list[list[Level]] = []
    while part.shape(f"grids.{len(products)}.0") is not None:
        if len(products) == _MOST_SCALES:
            raise UnsupportedError(f"{file.name}: more than {_MOST_SCALES} scales")
        s = len(products)
        if part.shape(f"grids.{s}.3") is not None:
            raise UnsupportedError(
                f"{file.name}: K-Planes of a dynamic scene, six planes a scale, whose fourth axis "
                "is time; static scenes are imported"
            )
        sheets = [part.array(f"grids.{s}.{c}", 4)[0] for c in range(3)]
        products.append([planes.level(sheets[c], _PAIRS[c], "border") for c in range(3)])
    width = sum(levels[0].num_features for levels in products)
    return Field(
        "nerf", box, planes.products(products), _networks(file, part, len(products), width),
        metadata=metadata(file, NAME),
    )  # fmt: skip


def _networks(file: InputFile, part: Part, scales: int, width: int) -> tuple[Network, ...]:
    """``width``: features of all scales, which the file may hold side by side or summed."""
    linear = part.shape("color_net.params") is None
    values = part.array("sigma_net.params", 1)
    mixed = np.eye(width)
    if scales > 1 and len(values) != _sigma(linear, width).count:
        mixed = np.tile(np.eye(width // scales), scales)
    features = Block((Input("features"),), mixed, np.zeros(len(mixed)))
    sigma = _sigma(linear, len(mixed)).layers(values, f"{file.name}: sigma_net")
    shift = Linear(np.ones((1, 1)), np.array([-1.0]), "density")
    last = 0 if linear else _OUTPUTS - 1
    steps = [Step(layer, "relu") for layer in sigma[:-1]] + [Step(sigma[-1])]
    base = network("base", (features,), steps)
    first = plain("base", 1, channels=(last, last + 1))
    density = network("density", (first,), [Step(shift, "exp")])
    if linear:
        same = Linear(np.eye(len(mixed)), np.zeros(len(mixed)), "features")
        return base, density, network("mixed", (features,), [Step(same)])
    blocks = [harmonics(), plain("base", _OUTPUTS - 1, channels=(0, _OUTPUTS - 1))]
    if part.shape("appearance_embedding.weight") is not None:
        blocks.append(constant(part.array("appearance_embedding.weight", 2).mean(axis=0)))
    entering = sum(block.width for block in blocks)
    color = Flat(entering, 3, _WIDTH, 2).layers(
        part.array("color_net.params", 1), f"{file.name}: color_net"
    )
    steps = [Step(layer, "relu") for layer in color[:-1]] + [Step(color[-1], "sigmoid")]
    return base, density, network("color", blocks, steps)


def _sigma(linear: bool, width: int) -> Flat:
    """The linear decoder gives the density alone, without a hidden layer."""
    return Flat(width, 1, 0, 0) if linear else Flat(width, _OUTPUTS, _WIDTH, 1)


def _basis(file: InputFile, part: Part, width: int) -> Callable[[Any, Any], Any]:
    """Colors of the linear decoder: features times a basis that the direction gives."""
    values = part.array("color_basis.params", 1)
    fitting = [
        flat for hidden in range(1, 5) for flat in (Flat(3, 3 * width, 128, hidden),)
        if flat.count == len(values)
    ]  # fmt: skip
    if len(fitting) != 1:
        raise InvalidFieldError(
            f"{file.name}: {len(values):,} parameters of color_basis fit no network of 128"
        )
    layers = fitting[0].layers(values, f"{file.name}: color_basis")

    def shade(features: Any, directions: Any) -> Any:
        h = np.asarray(directions, np.float64)
        for i, layer in enumerate(layers):
            h = h @ layer.weight.T + layer.bias
            h = np.maximum(h, 0.0) if i < len(layers) - 1 else h
        sums = (h.reshape(len(h), 3, width) * features[:, None]).sum(axis=2)
        return float32(1.0 / (1.0 + np.exp(-sums)))

    return shade


SOURCE = Source(NAME, "a radiance field of planes", _recognize(True), read)
OTHERS = Source(
    f"{NAME}, contracted or linear", "the same in contracted space or of the linear decoder",
    _recognize(False), function=function,
)  # fmt: skip
