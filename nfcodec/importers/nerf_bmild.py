"""NeRF by bmild: ``model_200000.npy``, an object array with the list of its Keras weights.

Facts (``run_nerf.py``, ``run_nerf_helpers.py`` and yenchenlin's ``load_weights_from_keras``):
kernels (in, out) and biases in the order of 8 dense layers, bottleneck, direction layer, colors,
density; the rest as in :mod:`nfcodec.importers.nerf_pytorch`. The array is a pickle, which the safe
reader interprets: lists of plain arrays and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import InvalidFieldError
from nfcodec.importers.layers import Linear, checked, numbers
from nfcodec.importers.nerf_mlp import box_of, colors, density, encoded, finished, trunk
from nfcodec.model.field import Field
from nfcodec.untrusted import npy_objects
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerf (bmild)"
#: Kernels and biases after the trunk: bottleneck, direction layer, colors, density.
_HEADS = 8


def recognize(file: InputFile) -> bool:
    if not npy_objects.is_objects(file.head):
        return False
    arrays = npy_objects.read(file.path, file.name)
    return arrays is not None and len(arrays) > _HEADS and len(arrays) % 2 == 0


def read(file: InputFile) -> Field:
    arrays = npy_objects.read(file.path, file.name)
    assert arrays is not None
    half = box_of(file)
    layers = [_layer(file, arrays, i) for i in range(len(arrays) // 2)]
    *hidden, feature, seen, rgb, alpha = layers
    networks = (
        trunk(encoded("position", hidden[0].weight.shape[1], hidden[0].name, half), hidden),
        density(alpha),
        colors(feature, [seen, rgb], seen.name),
    )
    return finished(file, NAME, networks, half)


def _layer(file: InputFile, arrays: list[npt.NDArray[Any]], number: int) -> Linear:
    """Layer ``number``, from its kernel (in, out) and its bias."""
    named = {f"array {i}": arrays[i] for i in (2 * number, 2 * number + 1)}
    kernel, bias = (
        numbers(named, name, file.name, dims) for name, dims in zip(named, (2, 1), strict=True)
    )
    if number == len(arrays) // 2 - 1 and kernel.shape[1] != 1:
        raise InvalidFieldError(f"{file.name}: the last layer has no single output, the density")
    return checked(np.ascontiguousarray(kernel.T), bias, f"{file.name}: layer {number}")


SOURCE = Source(NAME, "a radiance field that is an MLP", recognize, read)
