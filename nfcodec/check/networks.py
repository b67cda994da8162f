"""The part of :mod:`nfcodec.check.field` that looks at decoders, and what both parts need."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.arrays import MAX_NUMBER, is_int, is_moderate, need_array, need_finite
from nfcodec.combine import num_channels
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.model.field import Skeleton
from nfcodec.model.kinds import kind_of
from nfcodec.model.networks import ACTIVATIONS, ENCODINGS, Encoding, Input, Layer, Network

_RESERVED_SOURCES = ("features", "position", "direction")


def check_networks(field: Skeleton[Any], source: str) -> None:
    """Raise unless the networks of ``field`` fit together; see :func:`check_field`."""
    if not field.networks:
        raise InvalidFieldError(f"{source}: the field has no network")
    if len(field.networks) > limits.NETWORKS:
        raise LimitError(
            f"{source}: {len(field.networks)} networks; the limit is {limits.NETWORKS}"
        )
    widths = {"position": field.dims, "direction": field.dims}
    if not field.is_radiance:
        del widths["direction"]
    if field.grids:
        widths["features"] = num_channels(field.grids)
    for network in field.networks:
        where = f"{source}: network {network.name!r}"
        if not isinstance(network.name, str) or not network.name:
            raise InvalidFieldError(f"{where}: a network needs a name")
        if len(network.name) > limits.NAME:
            raise LimitError(
                f"{source}: a network's name of {len(network.name)} characters, "
                f"{network.name[:40]!r}...; the limit is {limits.NAME}"
            )
        if network.name in widths or network.name in _RESERVED_SOURCES:
            raise InvalidFieldError(f"{where}: the name is taken")
        widths[network.name] = _check_network(network, widths, field.dims, where)
    _check_memory(field, source)
    kind = kind_of(field)
    own = kind.part("check")
    if own is not None:
        own.check_networks(field, source)
    for name in kind.networks:
        if name not in widths:
            raise InvalidFieldError(f"{source}: a {kind.name} field needs a network named {name!r}")
    expected = kind.outputs
    if expected is not None and field.num_outputs != expected:
        raise InvalidFieldError(
            f"{source}: the last network of a {field.kind} field has {expected} output(s), "
            f"this one has {field.num_outputs}"
        )


def _check_memory(field: Skeleton[Any], source: str) -> None:
    """Raise LimitError if the networks alone exceed what a decoder may hold of one file."""
    weights = sum(
        layer.weight.size + layer.weight.shape[0]
        for network in field.networks
        for layer in network.layers
    )
    held = 2 * limits.ESTIMATE["weight"] * weights
    if held > limits.DECODED_BYTES:
        raise LimitError(
            f"{source}: the networks have {weights:,} weights, which a decoder would need "
            f"{held:,} bytes for; the limit is {limits.DECODED_BYTES:,}"
        )


def _check_network(network: Network, widths: dict[str, int], dims: int, where: str) -> int:
    """Check one network given the widths of its possible sources; its own width."""
    if not network.inputs or not network.layers:
        raise InvalidFieldError(f"{where} has no {'layers' if network.inputs else 'inputs'}")
    for count, limit, what in (
        (len(network.layers), limits.LAYERS, "layers"),
        (len(network.inputs), limits.INPUTS, "inputs"),
    ):
        if count > limit:
            raise LimitError(f"{where} has {count} {what}; the limit is {limit}")
    entering = sum(_check_input(block, widths, dims, where) for block in network.inputs)
    skips = network.skips
    if any(not is_int(k) or not 1 <= k < len(network.layers) for k in skips) or len(
        set(skips)
    ) != len(skips):
        raise InvalidFieldError(
            f"{where}: skips {skips} must name layers 1 to {len(network.layers) - 1} once each"
        )
    width = entering
    for i, layer in enumerate(network.layers):
        if i in skips:
            width += entering
        width = _check_layer(layer, width, f"{where}, layer {i}")
    return width


def _check_input(block: Input, widths: dict[str, int], dims: int, where: str) -> int:
    if block.source not in widths:
        raise InvalidFieldError(
            f"{where}: unknown source {block.source!r}; known here are {', '.join(sorted(widths))}"
        )
    width = widths[block.source]
    if block.channels is not None:
        start, stop = block.channels
        if not (is_int(start) and is_int(stop) and 0 <= start < stop <= width):
            raise InvalidFieldError(
                f"{where}: channels {start} to {stop} of {block.source!r}, which has {width}"
            )
        width = stop - start
    _check_encoding(block.encoding, width, where)
    return block.encoding.width(width)


def _check_encoding(encoding: Encoding, width: int, where: str) -> None:
    if encoding.kind not in ENCODINGS:
        raise InvalidFieldError(
            f"{where}: unknown encoding {encoding.kind!r}; known are {', '.join(ENCODINGS)}"
        )
    if not is_moderate(encoding.scale):  # whether or not the encoding has a use for it
        raise InvalidFieldError(
            f"{where}: frequency scale {encoding.scale!r} is not a number up to {MAX_NUMBER:g}"
        )
    if encoding.kind == "frequency":
        if not is_int(encoding.frequencies) or encoding.frequencies < 0:
            raise InvalidFieldError(f"{where}: {encoding.frequencies!r} frequencies")
        if encoding.frequencies > limits.FREQUENCIES:
            raise LimitError(
                f"{where}: {encoding.frequencies} frequencies; the limit is {limits.FREQUENCIES}"
            )
    if encoding.kind == "spherical_harmonics" and (
        not is_int(encoding.degree) or not 1 <= encoding.degree <= 4 or width != 3
    ):
        raise InvalidFieldError(
            f"{where}: spherical harmonics of degree {encoding.degree!r} of {width} values; "
            "degrees 1 to 4 of 3 values are known"
        )


def _check_layer(layer: Layer, entering: int, where: str) -> int:
    need_array(layer.weight, np.float32, 2, f"{where}: weight")
    out, fan_in = layer.weight.shape
    if max(out, fan_in) > limits.WIDTH:
        raise LimitError(f"{where}: {out} x {fan_in} weights; the limit is {limits.WIDTH} a side")
    if fan_in != entering or out < 1:
        raise InvalidFieldError(
            f"{where}: weight has shape {layer.weight.shape}, but {entering} values enter it"
        )
    need_finite(layer.weight, f"{where}: weight")
    if layer.bias is not None:
        need_array(layer.bias, np.float32, 1, f"{where}: bias")
        if layer.bias.shape != (out,):
            raise InvalidFieldError(
                f"{where}: bias has shape {layer.bias.shape}, ({out},) is needed"
            )
        need_finite(layer.bias, f"{where}: bias")
    if layer.activation not in ACTIVATIONS:
        raise InvalidFieldError(
            f"{where}: unknown activation {layer.activation!r}; known are {', '.join(ACTIVATIONS)}"
        )
    if not is_moderate(layer.gain):
        raise InvalidFieldError(
            f"{where}: gain {layer.gain!r} is not a number up to {MAX_NUMBER:g}"
        )
    return int(out)
