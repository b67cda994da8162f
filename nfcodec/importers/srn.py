"""What the importers of the APMGSRN and AMGSRN code bases share; no source of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import InvalidFieldError
from nfcodec.field import FloatArray, Layer
from nfcodec.importers.source import InputFile


def tensor(tensors: dict[str, Any], name: str, source: str) -> FloatArray:
    """The floating-point tensor called ``name``, as float32; InvalidFieldError if there is none."""
    found = tensors.get(name)
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        raise InvalidFieldError(f"{source}: tensor {name} is missing or not floating point")
    return np.ascontiguousarray(found, np.float32)


def linear_layers(tensors: dict[str, Any], hidden: str, source: str) -> tuple[Layer, ...]:
    """The decoder ``decoder.<i>[.linear].weight`` (out, in) and ``.bias``, the last one plain."""
    layers: list[Layer] = []
    while f"decoder.{len(layers)}.linear.weight" in tensors:
        layers.append(_layer(tensors, f"decoder.{len(layers)}.linear", hidden, source))
    return (*layers, _layer(tensors, f"decoder.{len(layers)}", "none", source))


def _layer(tensors: dict[str, Any], name: str, activation: str, source: str) -> Layer:
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
    return np.ascontiguousarray(grid.reshape(grid.shape[0], -1).T)


def bounds(options: dict[str, Any], shape: list[int]) -> npt.NDArray[np.float64]:
    """The box of the data: [-1, 1] along its longest side, its proportions if they are known."""
    sides = options.get("full_shape")
    if not (
        isinstance(sides, list)
        and len(sides) == len(shape)
        and all(type(side) is int and 1 < side < 1 << 31 for side in sides)
    ):
        sides = [2] * len(shape)
    # The first and last voxel lie on the box (align_corners), so a side is n - 1 voxels long.
    half = np.array(sides[::-1], np.float64) - 1.0
    half /= half.max()
    return np.stack([-half, half])


def value_range(options: dict[str, Any]) -> tuple[float, float] | None:
    """The range that the network's [0, 1] stands for, if the options tell."""
    low, high = options.get("data_min"), options.get("data_max")
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or not low < high:
        return None
    return float(low), float(high)


def scaled(layers: tuple[Layer, ...], options: dict[str, Any]) -> tuple[Layer, ...]:
    """``layers`` with the scaling to the data's range folded into the last one."""
    limits = value_range(options)
    if limits is None:
        return layers
    low, high = limits
    *first, last = layers
    gain = high - low
    bias = np.zeros(last.weight.shape[0], np.float32) if last.bias is None else last.bias
    return (*first, replace(last, bias=(bias + low / gain).astype(np.float32), gain=gain))


def metadata(file: InputFile, name: str) -> dict[str, Any]:
    """Where the field came from, and the range of its values if known."""
    source: dict[str, Any] = {"format": name, "file": file.path.name}
    if isinstance(file.options.get("data"), str):
        source["data"] = file.options["data"]
    title = file.options.get("save_name")
    found: dict[str, Any] = {
        "name": title if isinstance(title, str) else file.path.name.split(".")[0],
        "source": source,
    }
    limits = value_range(file.options)
    if limits is not None:
        found["value_range"] = list(limits)
    return found
