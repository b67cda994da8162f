"""Networks' weights <-> the ``NETW`` chunk."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from nfcodec.arrays import FloatArray, HalfArray
from nfcodec.container import Cursor, Section
from nfcodec.container.work import Work
from nfcodec.entropy import float16
from nfcodec.errors import UsageError
from nfcodec.model.networks import Layer, Network


def encode(networks: tuple[Network, ...], work: Work | None = None) -> Section:
    """All values of ``networks``; UsageError if float16 cannot represent one of them.

    ``work``: of the file, as for :func:`nfcodec.entropy.float16.encode`.
    """
    values: list[HalfArray] = []
    for network in networks:
        for i, layer in enumerate(network.layers):
            for array in _arrays(layer):
                with np.errstate(over="ignore"):
                    half = array.astype(np.float16)
                if not np.array_equal(half.astype(np.float32), array):
                    raise UsageError(
                        f"network {network.name!r}, layer {i} holds values that float16 cannot "
                        "represent; round the networks when encoding"
                    )
                values.append(half.reshape(-1))
    return float16.encode(np.concatenate(values), [array.size for array in values], work)


def decode(
    cursor: Cursor, skeletons: tuple[Network, ...], work: Work | None = None
) -> tuple[Network, ...]:
    """The inverse of :func:`encode`; ``skeletons`` have arrays of the right shapes."""
    shapes = [
        array.shape for network in skeletons for layer in network.layers for array in _arrays(layer)
    ]
    sizes = [math.prod(shape) for shape in shapes]
    values = float16.decode(cursor, sum(sizes), work=work).astype(np.float32)
    arrays = iter(np.split(values, np.cumsum(sizes)[:-1]))

    def filled(layer: Layer) -> Layer:
        weight = next(arrays).reshape(layer.weight.shape)
        return replace(layer, weight=weight, bias=None if layer.bias is None else next(arrays))

    return tuple(
        replace(network, layers=tuple(filled(layer) for layer in network.layers))
        for network in skeletons
    )


def _arrays(layer: Layer) -> list[FloatArray]:
    return [array for array in (layer.weight, layer.bias) if array is not None]
