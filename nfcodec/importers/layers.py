"""Layers of other tools' networks, read from tensors and put together as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError
from nfcodec.importers.blocks import Block, joined
from nfcodec.model.networks import Layer, Network
from nfcodec.model.protocols import Array64
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.state_dicts import StateDict

#: Weight norm as PyTorch writes it: before 2.0, and as a parametrization since.
_NORMS = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)


class Part:
    """The tensors of ``tensors`` whose names begin with ``prefix``."""

    def __init__(self, tensors: StateDict, prefix: str, source: str) -> None:
        self.tensors, self.prefix, self.source = tensors, prefix, source

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a tensor; None if there is none."""
        return self.tensors.shape(self.prefix + name)

    def array(self, name: str, dims: int | None = None) -> Array64:
        """A tensor's values in double precision.

        InvalidFieldError if it is missing, has other than ``dims`` dimensions, or values that are
        no finite numbers.
        """
        return numbers(self.tensors, self.prefix + name, self.source, dims)

    def linear(self, name: str) -> Linear:
        """The layer ``name.weight`` (out, in), with weight norm or without, and ``name.bias``."""
        weight = self._weight(name)
        bias = np.zeros(len(weight))
        if self.shape(f"{name}.bias") is not None:
            bias = self.array(f"{name}.bias", 1)
        return checked(weight, bias, f"{self.source}: {shown(self.prefix + name)}")

    def _weight(self, name: str) -> Array64:
        for size, direction in _NORMS:
            if self.shape(f"{name}.{direction}") is not None:
                v, g = self.array(f"{name}.{direction}", 2), self.array(f"{name}.{size}", 2)
                norms = np.linalg.norm(v, axis=1, keepdims=True)
                if g.shape != norms.shape or not norms.all():
                    raise InvalidFieldError(
                        f"{self.source}: {shown(self.prefix + name)} has a weight norm of shape "
                        f"{g.shape} that does not fit its weights of shape {v.shape}"
                    )
                return np.asarray(g * v / norms)
        return self.array(f"{name}.weight", 2)

    def width(self, name: str) -> int | None:
        """Values that enter the layer ``name``; None if there is no such layer."""
        for key in ("weight", *(direction for _, direction in _NORMS)):
            shape = self.shape(f"{name}.{key}")
            if shape is not None and len(shape) == 2:
                return shape[1]
        return None

    def numbered(self, pattern: str) -> list[str]:
        """Names of layers, made of ``pattern`` with the numbers from 0 as far as there are any."""
        names: list[str] = []
        while self.width(pattern.format(len(names))) is not None:
            if len(names) == limits.LAYERS:
                raise LimitError(f"{self.source}: more than {limits.LAYERS} layers of a network")
            names.append(pattern.format(len(names)))
        return names

    def layers(self, pattern: str) -> list[Linear]:
        """The layers that :meth:`numbered` finds; InvalidFieldError if there is none."""
        found = [self.linear(name) for name in self.numbered(pattern)]
        if not found:
            first = shown(self.prefix + pattern.format(0))
            raise InvalidFieldError(f"{self.source}: the weights of {first} are missing")
        return found


def numbers(tensors: Mapping[str, Any], name: str, source: str, dims: int | None = None) -> Array64:
    """The floating-point array ``name`` in double precision; InvalidFieldError if it is not one."""
    found = tensors.get(name, None)
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        raise InvalidFieldError(f"{source}: tensor {shown(name)} is missing or no floating point")
    if dims is not None and found.ndim != dims:
        raise InvalidFieldError(
            f"{source}: tensor {shown(name)} has shape {found.shape}; {dims} dimensions are needed"
        )
    if dims is not None and not found.size:
        raise InvalidFieldError(f"{source}: tensor {shown(name)} of shape {found.shape} is empty")
    if not np.isfinite(found).all():
        count = int(np.count_nonzero(~np.isfinite(found)))
        raise InvalidFieldError(
            f"{source}: {shown(name)} holds {count} values that are NaN or infinite; the training "
            "diverged, or the file is damaged: give an earlier checkpoint"
        )
    return found.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Linear:
    """``weight`` (out, in) and ``bias`` (out,) in double precision; ``name`` for messages."""

    weight: Array64
    bias: Array64
    name: str

    def rows(self, start: int, stop: int) -> Linear:
        """The layer with some of its outputs."""
        return Linear(self.weight[start:stop], self.bias[start:stop], self.name)

    def columns(self, start: int, stop: int) -> Linear:
        """The layer with some of its inputs."""
        return Linear(self.weight[:, start:stop], self.bias, self.name)


def checked(weight: Array64, bias: Array64, name: str) -> Linear:
    """A layer; InvalidFieldError if ``bias`` does not fit ``weight``."""
    if bias.shape != (len(weight),):
        raise InvalidFieldError(
            f"{name}: a bias of shape {bias.shape} for weights of shape {weight.shape}"
        )
    return Linear(weight, bias, name)


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of a network on its way to ours: ``activation(gain * (W x + b)) / gain'``.

    ``gain`` divides what ``softplus`` gives, as PyTorch's ``beta`` does; other activations leave
    it. ``skip``: the network's input joins the state before this layer, "he" after it (state,
    input) or "eh" before it; ``share`` is a factor of both.
    """

    linear: Linear
    activation: str = "none"
    gain: float = 1.0
    skip: str = ""
    share: float = 1.0


def network(name: str, blocks: Sequence[Block], steps: Sequence[Step]) -> Network:
    """Our network for a tool's input ``blocks`` and ``steps``.

    InvalidFieldError if widths do not fit, with the name of the first layer that does not.
    """
    entry = joined(blocks)
    layers: list[Layer] = []
    skips: list[int] = []
    held = 1.0  # the factor between our state and theirs
    state = 0
    for i, step in enumerate(steps):
        weight, bias = step.linear.weight * step.share, step.linear.bias
        expected = (state if i else entry.width) + (entry.width if step.skip else 0)
        if weight.shape[1] != expected:
            raise InvalidFieldError(
                f"{step.linear.name} takes {weight.shape[1]} values, but {expected} enter it"
            )
        if not i:
            bias = bias + weight @ entry.offset
            weight = weight @ entry.matrix
        elif step.skip:
            cut = entry.width if step.skip == "eh" else state
            first, second = weight[:, :cut], weight[:, cut:]
            own, entering = (second, first) if step.skip == "eh" else (first, second)
            bias = bias + entering @ entry.offset
            weight = np.concatenate([own, entering @ entry.matrix * held], axis=1)
            skips.append(i)
        layers.append(
            Layer(float32(weight), _bias(bias * held), step.activation, float(step.gain / held))
        )
        held = step.gain if step.activation == "softplus" else 1.0
        state = len(weight)
    if held != 1.0:
        raise ValueError("the last layer cannot divide what softplus gives")
    return Network(name, entry.inputs, tuple(layers), tuple(skips))


def _bias(values: Array64) -> FloatArray | None:
    return float32(values) if values.any() else None


def float32(values: npt.NDArray[Any]) -> FloatArray:
    """``values`` in single precision, in C order."""
    return np.ascontiguousarray(values, np.float32)
