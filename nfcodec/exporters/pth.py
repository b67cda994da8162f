"""``.pth`` checkpoints that other tools load: NGLOD and SIREN, as far as a field has their form.

Whatever was imported from these tools can be written back, coded or not; what has another form is
refused, with the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.errors import UsageError
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field
from nfcodec.model.networks import Layer, Network
from nfcodec.optional import need


def write(field: Field, path: Path) -> None:
    """Write ``field`` as a checkpoint of NGLOD or SIREN; UsageError if it has no such form."""
    need("torch", "writing .pth")
    import torch

    reasons: list[str] = []
    for make in (_nglod, _siren):
        found = make(field)
        if isinstance(found, dict):
            tensors = {name: torch.from_numpy(np.array(v)) for name, v in found.items()}
            torch.save(tensors, path)
            return
        reasons.append(found)
    raise UsageError("cannot write a .pth that another tool loads: " + "; ".join(reasons))


def _nglod(field: Field) -> dict[str, Any] | str:
    """Summed cubic lattices, one for each LOD, and one hidden layer of the position and features.

    Each LOD has a decoder of its own there; all get the field's one.
    """
    reason = "NGLOD needs distances in [-1, 1]^3 of cubic lattices, one for each LOD, summed"
    if field.kind != "sdf" or len(field.grids) != 1 or len(field.networks) != 1:
        return reason
    grid, network = field.grids[0], field.networks[0]
    sizes = [level.layout.num_rows for level in grid.levels]
    cubic = all(
        level.layout == DenseLayout((round(size ** (1 / 3)),) * 3, True, "border")
        and level.transform is None
        and level.lod == lod
        for lod, (level, size) in enumerate(zip(grid.levels, sizes, strict=True))
    )
    if not cubic or grid.combine != "sum" or not _is_cube(field):
        return reason
    sources = [(item.source, item.encoding.kind, item.channels) for item in network.inputs]
    plain = [("position", "identity", None), ("features", "identity", None)]
    activations = [layer.activation for layer in network.layers]
    if sources != plain or activations != ["relu", "none"] or network.skips:
        return "NGLOD needs a network of the position, then the features, with one layer of relu"
    found: dict[str, Any] = {}
    for lod, level in enumerate(grid.levels):
        side = round(len(level.features) ** (1 / 3))
        found[f"features.{lod}.fm"] = level.features.T.reshape(1, -1, side, side, side)
        for number, layer in zip((0, 2), network.layers, strict=True):
            found[f"louts.{lod}.{number}.weight"] = layer.weight * np.float32(layer.gain)
            found[f"louts.{lod}.{number}.bias"] = _bias(layer) * np.float32(layer.gain)
    return found


def _siren(field: Field) -> dict[str, Any] | str:
    """Sines of 30 (W x + b) of the position, and a plain last layer: vsitzmann's names."""
    if field.grids or field.kind != "sdf" or len(field.networks) != 1 or not _is_cube(field):
        return "SIREN needs distances in [-1, 1]^3 by one network without grids"
    network = field.networks[0]
    if not _is_sines(network):
        return "SIREN needs a network of sines with a factor of 30, without skips"
    found: dict[str, Any] = {}
    for i, layer in enumerate(network.layers):
        scale = np.float32(layer.gain if i == len(network.layers) - 1 else 1.0)
        found[f"net.net.{i}.0.weight"] = layer.weight * scale
        found[f"net.net.{i}.0.bias"] = _bias(layer) * scale
    return found


def _is_cube(field: Field) -> bool:
    return bool(np.array_equal(field.bounds, [[-1.0] * 3, [1.0] * 3]))


def _is_sines(network: Network) -> bool:
    inputs = [(item.source, item.encoding.kind, item.channels) for item in network.inputs]
    *hidden, last = network.layers
    sines = all(layer.activation == "sine" and layer.gain == 30.0 for layer in hidden)
    plain = inputs == [("position", "identity", None)] and not network.skips
    return bool(hidden) and sines and plain and last.activation == "none"


def _bias(layer: Layer) -> Any:
    return np.zeros(len(layer.weight), np.float32) if layer.bias is None else layer.bias
