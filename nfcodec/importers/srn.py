"""What the importers of the APMGSRN and AMGSRN code bases share; no source of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.importers import options
from nfcodec.model.networks import Layer
from nfcodec.untrusted.faults import printable
from nfcodec.untrusted.source import InputFile


def tensor(tensors: Mapping[str, Any], name: str, source: str) -> FloatArray:
    """The floating-point tensor called ``name``, as float32; InvalidFieldError if there is none."""
    found = tensors.get(name)
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        raise InvalidFieldError(f"{source}: tensor {name} is missing or not floating point")
    return np.ascontiguousarray(found, np.float32)


def linear_layers(tensors: Mapping[str, Any], hidden: str, source: str) -> tuple[Layer, ...]:
    """The decoder ``decoder.<i>[.linear].weight`` (out, in) and ``.bias``, the last one plain."""
    layers: list[Layer] = []
    while f"decoder.{len(layers)}.linear.weight" in tensors:
        if len(layers) == limits.LAYERS:
            raise LimitError(f"{source}: a decoder of more than {limits.LAYERS} layers")
        layers.append(_layer(tensors, f"decoder.{len(layers)}.linear", hidden, source))
    return (*layers, _layer(tensors, f"decoder.{len(layers)}", "none", source))


def _layer(tensors: Mapping[str, Any], name: str, activation: str, source: str) -> Layer:
    weight = tensor(tensors, f"{name}.weight", source)
    if weight.ndim != 2:
        raise InvalidFieldError(f"{source}: {name}.weight has shape {weight.shape}")
    bias = tensor(tensors, f"{name}.bias", source) if f"{name}.bias" in tensors else None
    return Layer(weight, bias, activation)


def without_padding(layer: Layer, inputs: int) -> Layer:
    """``layer`` without its inputs beyond ``inputs``, which are always one: they are a bias."""
    padding = layer.weight[:, inputs:]
    if not padding.size:
        return layer
    bias = padding.sum(axis=1, dtype=np.float32)
    if layer.bias is not None:
        bias = bias + layer.bias
    return replace(layer, weight=np.ascontiguousarray(layer.weight[:, :inputs]), bias=bias)


def rows(grid: FloatArray) -> FloatArray:
    """(F, ...) channel-first grid to (N, F) rows, x fastest."""
    return np.ascontiguousarray(grid.reshape(grid.shape[0], math.prod(grid.shape[1:])).T)


def bounds(file: InputFile, shape: list[int]) -> npt.NDArray[np.float64]:
    """The box of the data: [-1, 1] along its longest side, its proportions if they are known."""
    sides = options.sides(file, len(shape)) or [2] * len(shape)
    # The first and last voxel lie on the box (align_corners), so a side is n - 1 voxels long.
    half = np.array(sides[::-1], np.float64) - 1.0
    half /= half.max()
    return np.stack([-half, half])


def scaled(layers: tuple[Layer, ...], file: InputFile) -> tuple[Layer, ...]:
    """``layers`` with the scaling to the data's range folded into the last one."""
    limits = options.value_range(file)
    if limits is None:
        return layers
    low, high = limits
    *first, last = layers
    gain = high - low
    bias = np.zeros(last.weight.shape[0], np.float32) if last.bias is None else last.bias
    return (*first, replace(last, bias=(bias + low / gain).astype(np.float32), gain=gain))


def metadata(file: InputFile, name: str) -> dict[str, Any]:
    """Where the field came from, and the range of its values if known."""
    own_name = printable(file.path.name)
    source: dict[str, Any] = {"format": name, "file": own_name}
    if isinstance(file.options.get("data"), str):
        source["data"] = printable(file.options["data"])
    title = file.options.get("save_name")
    found: dict[str, Any] = {
        "name": printable(title) if isinstance(title, str) else own_name.split(".")[0],
        "source": source,
    }
    limits = options.value_range(file)
    if limits is not None:
        found["value_range"] = list(limits)
    return found
