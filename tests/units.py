"""Fields, meshes and scenes written in other units, or with the same function in other numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh, clean
from nfcodec.model.field import Field
from nfcodec.model.networks import Layer, Network


def mesh_in(mesh: Mesh, unit: float) -> Mesh:
    """``mesh`` in a unit that is ``unit`` times as short."""
    return clean(mesh.vertices * unit, mesh.faces, "scaled")


def scene_in(posed: PosedImages, unit: float) -> PosedImages:
    """``posed`` in a unit of length that is ``unit`` times as short."""
    cameras = []
    for camera in posed.cameras:
        pose = camera.pose.copy()
        pose[:3, 3] *= unit
        cameras.append(replace(camera, pose=pose))
    return replace(posed, cameras=tuple(cameras))


def in_length(field: Field, unit: float) -> Field:
    """``field`` in a unit of length that is ``unit`` times as short.

    A distance is as many times as large, by the last layer's weights; a density as small, by a
    layer more.
    """
    moved = replace(field, bounds=np.array(field.bounds) * unit, metadata=_without_views(field))
    if field.kind == "sdf":
        return in_value(moved, unit)
    if field.kind != "nerf":
        return moved

    def of(network: Network) -> Network:
        if network.name != "density":
            return network
        outputs = len(network.layers[-1].weight)
        times = np.eye(outputs, dtype=np.float32)
        times[0, 0] = 1.0 / unit
        return replace(network, layers=(*network.layers, Layer(times, None, "none")))

    return replace(moved, networks=tuple(map(of, field.networks)))


def in_value(field: Field, unit: float) -> Field:
    """``field`` with values ``unit`` times as large, by the weights of its last layer."""
    *others, network = field.networks
    *before, last = network.layers
    network = replace(network, layers=(*before, times(last, unit)))
    return replace(field, networks=(*others, network))


def with_offset(field: Field, offset: float = 300.0) -> Field:
    """``field`` with ``offset`` added to its values, by the bias of its last layer."""
    *others, network = field.networks
    *before, last = network.layers
    assert last.bias is not None
    moved = replace(last, bias=(last.bias + offset / last.gain).astype(np.float32))
    return replace(field, networks=(*others, replace(network, layers=(*before, moved))))


def with_features_times(field: Field, factor: float) -> Field:
    """``field`` with larger features, and smaller weights of what reads them."""
    field = field.with_features([
        (level.features * factor).astype(np.float32) for level in field.levels
    ])  # fmt: skip

    def of(network: Network) -> Network:
        first = network.layers[0]
        weight, at = first.weight.copy(), 0
        for item in network.inputs:
            names = {"position": field.dims, "direction": field.dims}
            width = item.encoding.width(names.get(item.source, 0))
            if item.source == "features":
                width = field.levels[0].num_features
                weight[:, at : at + width] /= factor
            at += width
        return replace(network, layers=(replace(first, weight=weight), *network.layers[1:]))

    return replace(field, networks=tuple(map(of, field.networks)))


def with_hidden_times(field: Field, factor: float) -> Field:
    """``field``, of one network, with a larger hidden layer (ReLU) and a smaller last one."""
    (network,) = field.networks
    hidden, last = network.layers
    assert hidden.activation == "relu"
    smaller = replace(last, weight=(last.weight / factor).astype(np.float32))
    return replace(field, networks=(replace(network, layers=(times(hidden, factor), smaller)),))


def times(layer: Layer, factor: float) -> Layer:
    """``layer`` with larger weights and biases."""
    bias = None if layer.bias is None else (layer.bias * factor).astype(np.float32)
    return replace(layer, weight=(layer.weight * factor).astype(np.float32), bias=bias)


def _without_views(field: Field) -> dict[str, object]:
    """Its metadata but for places, which are in the old unit."""
    return {k: v for k, v in field.metadata.items() if k not in ("viewpoints", "camera")}
