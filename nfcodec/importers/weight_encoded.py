"""Weight-encoded neural implicits: Keras ``.h5`` weights of 8 layers of 32.

Facts (u2ni/ICML2021, released Thingi10k models): kernels (in, out); relu in hidden layers (the
class's default says elu, the released files are of relu: with it the gradient has length 1), tanh
at the end; the shape in the unit sphere. Distances are bent by the tanh, and true near 0. The
activation is not in the file; notes may state ``activation``: relu, softplus, sine or tanh.
"""

from __future__ import annotations

import numpy as np

from nfcodec.errors import InvalidFieldError
from nfcodec.importers import notes
from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Linear, checked, numbers
from nfcodec.importers.sdf_mlp import distances, finished
from nfcodec.model.field import Field
from nfcodec.untrusted.h5_values import child, opened, values
from nfcodec.untrusted.source import InputFile, Source

NAME = "weight-encoded implicit"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MOST = 32


def _names(count: int) -> str:
    return "dense" if count == 0 else f"dense_{count}"


def recognize(file: InputFile) -> bool:
    if not file.head.startswith(_SIGNATURE):
        return False
    with opened(file.path, file.name) as root:
        return "layer_names" in root.attrs and "dense" in root and "dense_1" in root


def read(file: InputFile) -> Field:
    half = notes.half_side(file, 1.0)
    activation = notes.choice(
        file, "activation", ("relu", "elu", "softplus", "sine", "tanh"), "relu"
    )
    with opened(file.path, file.name) as root:
        layers: list[Linear] = []
        while len(layers) < _MOST and _names(len(layers)) in root:
            layers.append(_layer(file, root, _names(len(layers))))
    if layers[0].weight.shape[1] != 3 or len(layers[-1].weight) != 1:
        raise InvalidFieldError(
            f"{file.name}: Keras weights of {layers[0].weight.shape[1]} inputs and "
            f"{len(layers[-1].weight)} outputs, where a distance of a point has 3 and 1"
        )
    network = distances([plain("position", 3, half)], layers, activation, last="tanh")
    return finished(file, NAME, [network], half, activation=activation)


def _layer(file: InputFile, root: object, name: str) -> Linear:
    """A Keras layer: a group with a group of its own name, which holds kernel and bias."""
    where = f"{file.name}: {name}"
    group = child(child(root, name, file.name), name, file.name)
    arrays = {
        key: values(child(group, key, file.name), f"{where}/{key}")
        for key in ("kernel:0", "bias:0")
    }
    kernel = numbers(arrays, "kernel:0", where, 2)
    return checked(np.ascontiguousarray(kernel.T), numbers(arrays, "bias:0", where, 1), where)


SOURCE = Source(NAME, "the distances of a surface, as Keras weights", recognize, read)
