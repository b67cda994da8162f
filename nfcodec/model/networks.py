"""Networks (MLPs) as plain data: inputs, their encodings, layers and activations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfcodec.arrays import FloatArray

#: Activations a network layer may name. ``snake_alt`` is ``x / 2 + sin(x)^2``, as in fV-SRN
#: (Weiss et al. 2022).
ACTIVATIONS: tuple[str, ...] = (
    "none", "relu", "leaky_relu", "sine", "softplus", "exp", "sigmoid", "tanh", "snake_alt",
    "elu", "silu",
)  # fmt: skip
#: Input encodings a network input may name.
ENCODINGS: tuple[str, ...] = ("identity", "frequency", "spherical_harmonics")


@dataclass(frozen=True)
class Encoding:
    """How an input is encoded before it enters a network.

    - ``identity``: as it is.
    - ``frequency``: for each k in 0..frequencies-1 ``sin(s 2^k x), cos(s 2^k x)`` with
      ``s = scale`` (pi as a rule); ordered by k, then sin before cos, then axis; the raw input
      first if ``include_input``.
    - ``spherical_harmonics``: the real harmonics of a unit direction up to ``degree`` (1..4),
      ``degree^2`` values in the order and scale of tiny-cuda-nn.
    """

    kind: str = "identity"
    frequencies: int = 0
    scale: float = float(np.pi)
    include_input: bool = True
    degree: int = 0

    def width(self, dims: int) -> int:
        """The number of values that ``dims`` inputs become."""
        if self.kind == "frequency":
            return dims * (2 * self.frequencies + int(self.include_input))
        if self.kind == "spherical_harmonics":
            return self.degree**2
        return dims


@dataclass(frozen=True)
class Input:
    """One block of a network's input.

    ``source``: ``features`` (all grids' vectors, concatenated), ``position`` (``u``),
    ``direction`` (unit vector along the ray, away from the eye), or the name of an earlier
    network. ``channels`` = (start, stop) takes a slice of the source before encoding.
    """

    source: str
    encoding: Encoding = Encoding()
    channels: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """``activation(gain * (weight @ x + bias))``: ``weight`` (out, in), ``bias`` (out,) or None."""

    weight: FloatArray
    bias: FloatArray | None
    activation: str = "none"
    gain: float = 1.0


@dataclass(frozen=True, eq=False)
class Network:
    """A named MLP. Before each layer listed in ``skips`` the network's input is appended to x."""

    name: str
    inputs: tuple[Input, ...]
    layers: tuple[Layer, ...]
    skips: tuple[int, ...] = ()
