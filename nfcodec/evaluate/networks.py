"""Decoder networks and input encodings as PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nfcodec.evaluate.harmonics import spherical_harmonics
from nfcodec.model.networks import Encoding, Input, Layer, Network

#: The largest exponent that ``exp`` takes, so that a density stays finite.
MAX_EXPONENT = 15.0


def encode(x: Tensor, encoding: Encoding) -> Tensor:
    """Encode (P, D) inputs as (P, encoding.width(D)) values."""
    if encoding.kind == "identity":
        return x
    if encoding.kind == "spherical_harmonics":
        return torch.stack(spherical_harmonics(x[:, 0], x[:, 1], x[:, 2], encoding.degree), dim=1)
    parts = [x] if encoding.include_input else []
    for k in range(encoding.frequencies):
        angle = x * (encoding.scale * 2.0**k)
        parts += [torch.sin(angle), torch.cos(angle)]
    return torch.cat(parts, dim=1)


def activate(x: Tensor, name: str) -> Tensor:
    """Apply the activation called ``name`` (one of ``model.networks.ACTIVATIONS``)."""
    if name == "none":
        return x
    if name == "relu":
        return functional.relu(x)
    if name == "leaky_relu":
        return functional.leaky_relu(x, 0.01)
    if name == "sine":
        return torch.sin(x)
    if name == "softplus":
        return functional.softplus(x)
    if name == "exp":
        return torch.exp(x.clamp_max(MAX_EXPONENT))
    if name == "sigmoid":
        return torch.sigmoid(x)
    if name == "tanh":
        return torch.tanh(x)
    if name == "snake_alt":
        return 0.5 * x + torch.sin(x) ** 2
    if name == "elu":
        return functional.elu(x)
    if name == "silu":
        return functional.silu(x)
    raise ValueError(f"unknown activation {name!r}")


class _Rounded(torch.autograd.Function):
    """Multiples of a step forward, straight through backward."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, step: float) -> Tensor:  # type: ignore[override]
        return torch.round(values / step) * step + 0.0  # no negative zeros

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return grad, None


def rounded(values: Tensor, step: float) -> Tensor:
    """``values`` as multiples of ``step``, a power of two; unchanged if it is 0.

    Gradients pass as if nothing had been rounded.
    """
    if step == 0.0:
        return values
    found: Tensor = _Rounded.apply(values, step)  # type: ignore[no-untyped-call]
    return found


class _Dense(nn.Module):
    """A layer. ``steps``: weights and biases are used :func:`rounded` to multiples of these."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.steps = (0.0, 0.0)
        self.weight = nn.Parameter(torch.from_numpy(np.array(layer.weight, np.float32)))
        self.bias = (
            None
            if layer.bias is None
            else nn.Parameter(torch.from_numpy(np.array(layer.bias, np.float32)))
        )
        self.activation, self.gain = layer.activation, layer.gain

    def used(self) -> tuple[Tensor, Tensor | None]:
        """The weights and biases that evaluation uses."""
        bias = None if self.bias is None else rounded(self.bias, self.steps[1])
        return rounded(self.weight, self.steps[0]), bias

    def get_extra_state(self) -> tuple[float, float]:
        return self.steps

    def set_extra_state(self, state: tuple[float, float]) -> None:
        self.steps = (float(state[0]), float(state[1]))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.linear(x, *self.used())
        return activate(x if self.gain == 1.0 else x * self.gain, self.activation)


class NetworkModule(nn.Module):
    """One :class:`nfcodec.model.networks.Network`."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.name = network.name
        self.inputs: tuple[Input, ...] = network.inputs
        self.skips = network.skips
        self.layers = nn.ModuleList(_Dense(layer) for layer in network.layers)

    def forward(self, sources: dict[str, Tensor]) -> Tensor:
        """``sources``: name to (P, ...) tensor of everything an input may name."""
        parts = []
        for item in self.inputs:
            x = sources[item.source]
            if item.channels is not None:
                x = x[:, item.channels[0] : item.channels[1]]
            parts.append(encode(x, item.encoding))
        entry = x = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
        for i, layer in enumerate(self.layers):
            x = layer(torch.cat([x, entry], dim=1) if i in self.skips else x)
        return x

    def round_to(self, step_of: Callable[[Tensor], float]) -> None:
        """Use all values :func:`rounded` from now on, each parameter to its ``step_of``."""
        for dense in self.layers:
            assert isinstance(dense, _Dense)
            dense.steps = (
                step_of(dense.weight),
                0.0 if dense.bias is None else step_of(dense.bias),
            )

    @property
    def steps(self) -> list[tuple[float, float]]:
        """Of each layer, those that :meth:`round_to` gave weights and biases; 0 without."""
        return [dense.steps for dense in self.layers if isinstance(dense, _Dense)]

    def to_network(self) -> Network:
        """The network with its present weights, as plain data."""
        layers = []
        for dense in self.layers:
            assert isinstance(dense, _Dense)
            weight, bias = dense.used()
            layers.append(
                Layer(
                    weight=weight.detach().cpu().numpy().copy(),
                    bias=None if bias is None else bias.detach().cpu().numpy().copy(),
                    activation=dense.activation,
                    gain=dense.gain,
                )
            )
        return Network(self.name, self.inputs, tuple(layers), self.skips)
