"""Learning rates of networks, relative to what they change.

Adam moves every number by about its learning rate, independent of its size. A network can be
written in many sizes, as a factor of one layer is undone by the next one or by a gain: of all of
them one rate suits one.
"""

from __future__ import annotations

import math

from torch import nn

from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.networks import NetworkModule
from nfcodec.model.networks import Layer, Network
from nfcodec.quantize.units.unit_form import HOMOGENEOUS

#: The root mean square of trained weights, in that of untrained ones (He for ReLU, Glorot for
#: others), by the layer's activation: about what it is in our own fields, whose rates are thereby
#: what they were before they were relative. 1 for others.
_TRAINED = {"relu": 1.2, "exp": 3.0, "sigmoid": 2.2}


def network_rates(module: FieldModule, rate: float) -> list[tuple[list[nn.Parameter], float]]:
    """Each parameter of the networks of ``module`` with its own learning rate.

    ``rate``: of numbers of ordinary size.
    """
    found: list[tuple[list[nn.Parameter], float]] = []
    sizes: dict[str, float] = {}
    for network in module.networks:
        assert isinstance(network, NetworkModule)
        plain = network.to_network()
        parameters = [(layer.weight, layer.bias) for layer in network.layers]
        paces, sizes[plain.name] = _paces(plain, sizes)
        for (weight, bias), (of_weight, of_bias) in zip(parameters, paces, strict=True):
            assert isinstance(weight, nn.Parameter)
            found.append(([weight], rate * of_weight))
            if isinstance(bias, nn.Parameter):
                found.append(([bias], rate * of_bias))
    return found


def _paces(network: Network, sizes: dict[str, float]) -> tuple[list[tuple[float, float]], float]:
    """For each layer, how large weights and biases are beside ordinary ones; and the output.

    ``sizes``: of the outputs of earlier networks, in units of ordinary ones.
    """
    entering = [sizes.get(item.source, 1.0) for item in network.inputs]
    size = entry = math.sqrt(sum(x * x for x in entering) / len(entering))
    paces = []
    for number, layer in enumerate(network.layers):
        if number in network.skips:
            size = math.sqrt(0.5 * (size * size + entry * entry))
        pace = _pace(layer)
        # A factor passes through these activations to the next layer; others want an input of
        # ordinary size.
        size = abs(layer.gain) * pace * size if layer.activation in HOMOGENEOUS else 1.0
        paces.append((pace, size / (abs(layer.gain) or 1.0)))
    return paces, size


def _pace(layer: Layer) -> float:
    """The root mean square of the weights, in that of ordinary ones; 1 if all are zero."""
    outputs, inputs = layer.weight.shape
    of_relu = layer.activation == "relu"
    ordinary = math.sqrt(2.0 / inputs if of_relu else 2.0 / (inputs + outputs))
    found = math.sqrt(float((layer.weight.astype(float) ** 2).mean()))
    return found / (ordinary * _TRAINED.get(layer.activation, 1.0)) or 1.0
