"""BACON: products of sines and linear layers, ``filters.*``, ``linear.*`` and ``output_linear.*``.

Facts (computational-imaging/bacon ``modules.py MultiscaleBACON``): z is the first filter, then each
z = sin(w x + p) * (W z + b); there are outputs at layers 2, 4, 6 and 8, of rising detail. Published
models reuse filters: 2 2 2 4 4 6 6 8 8 of nine (``reuse_filters``, not in the file). Distances lie
in [-1/2, 1/2]^3; radiance fields are in world units without view dependence, of density
softplus(o3 - 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import notes
from nfcodec.importers.about import metadata
from nfcodec.importers.layers import Linear, Part, float32
from nfcodec.importers.nerf_mlp import box_of, finest
from nfcodec.model.function import FieldFunction
from nfcodec.untrusted.source import InputFile, Source

NAME = "BACON"
_REUSED = (2, 2, 2, 4, 4, 6, 6, 8, 8)
#: Colors reach a little beyond 0 and 1.
_MARGIN = 0.001


def _part(file: InputFile) -> Part | None:
    if file.checkpoint is None:
        return None
    part = finest(file, (("*", ""),), "filters.0.linear.weight")
    return part if part is not None and part.width("output_linear.0") is not None else None


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def function(file: InputFile) -> FieldFunction:
    part = _part(file)
    assert part is not None
    filters, linear = _filters(file, part), part.layers("linear.{}")
    outputs = part.layers("output_linear.{}")
    if len(filters) != len(linear) + 1 or len(outputs) != len(filters):
        raise InvalidFieldError(
            f"{file.name}: {len(filters)} filters, {len(linear)} linear layers and {len(outputs)} "
            "outputs of a BACON network"
        )
    layer = notes.number(file, "layer", len(filters) - 1)
    if not layer.is_integer() or layer >= len(filters):
        raise notes.refusal(file, f"layer is not a number from 1 to {len(filters) - 1}")
    last = int(layer)
    _check_widths(file, filters[: last + 1], linear[:last], outputs[last])
    run = _Runner(filters[: last + 1], linear[:last], outputs[last])
    about = metadata(file, NAME, layer=last)
    channels = len(outputs[last].weight)
    if channels == 1:
        return FieldFunction("sdf", notes.cube(notes.half_side(file, 0.5)), run, metadata=about)
    if channels != 4:
        raise UnsupportedError(f"{file.name}: a BACON network of {channels} outputs, not 1 or 4")

    def densities(points: Any) -> Any:
        return np.logaddexp(np.float32(0), run(points)[:, 3] - np.float32(1))

    def radiance(points: Any, directions: Any) -> Any:
        found = run(points)
        color = 1.0 / (1.0 + np.exp(-found[:, :3]))
        density = np.logaddexp(np.float32(0), found[:, 3] - np.float32(1))
        return density, float32(color * (1.0 + 2.0 * _MARGIN) - _MARGIN)

    box = notes.cube(box_of(file))
    return FieldFunction("nerf", box, radiance, densities, metadata=about)


def _filters(file: InputFile, part: Part) -> list[Linear]:
    """The filters in the order of the layers that use them."""
    count = len(part.numbered("linear.{}")) + 1
    held: dict[int, Linear] = {
        i: part.linear(f"filters.{i}.linear")
        for i in range(count)
        if part.width(f"filters.{i}.linear") is not None
    }
    if count == len(_REUSED) and set(_REUSED) <= held.keys():
        return [held[i] for i in _REUSED]
    if len(held) < count:
        last = held[max(held)]
        return [held[0], held[0], *[last] * (count - 2)]
    return [held[i] for i in range(count)]


def _check_widths(
    file: InputFile, filters: list[Linear], linear: list[Linear], output: Linear
) -> None:
    width = len(filters[0].weight)
    fits = all(each.weight.shape == (width, 3) for each in filters)
    fits &= all(each.weight.shape == (width, width) for each in linear)
    if not fits or output.weight.shape[1] != width:
        raise InvalidFieldError(f"{file.name}: layers of a BACON network that do not fit together")


class _Runner:
    """Evaluates the network in float32 by PyTorch."""

    def __init__(self, filters: list[Linear], linear: list[Linear], output: Linear) -> None:
        import torch

        def pair(each: Linear) -> Any:
            return torch.from_numpy(float32(each.weight)), torch.from_numpy(float32(each.bias))

        self.filters = [pair(each) for each in filters]
        self.linear = [pair(each) for each in linear]
        self.output = pair(output)

    def __call__(self, points: Any) -> Any:
        import torch
        from torch.nn.functional import linear

        with torch.no_grad():
            x = torch.from_numpy(np.ascontiguousarray(points, np.float32))
            z = torch.sin(linear(x, *self.filters[0]))
            for wave, layer in zip(self.filters[1:], self.linear, strict=True):
                z = torch.sin(linear(x, *wave)) * linear(z, *layer)
            return linear(z, *self.output).numpy()


SOURCE = Source(NAME, "a network of products of sines", recognize, function=function)
