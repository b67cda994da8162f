"""A field in the form that is coded: numbers of ordinary size, units where files hold them in full.

A field comes in any unit of length or value, and its features may be tiny where its weights are
huge. Files hold features and weights in float16, from 6e-8 to 65,504, and gains in full.
:func:`unit_form` moves what is a matter of units alone from the ones to the others; the field goes
on computing the same. Factors are powers of two, which change no mantissa, and what is of ordinary
size stays. The exception is the last layer of values, distances and densities, which have a unit
themselves: its largest weight becomes 1, so that one field in two units is one piece of work but
for rounding.

``docs/decisions/0033-units.md`` says what was weighed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import MAX_NUMBER, FloatArray
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.model.networks import Layer, Network
from nfcodec.quantize.units.features import LEAST, MOST, power_of_two, with_ordinary_features

Doubles: TypeAlias = npt.NDArray[np.float64]

#: Where the largest number is kept of what has to share float16's range: half of its greatest.
_ROOM = 2.0**15
#: The least number that float16 holds with all its digits.
_SMALLEST = 2.0**-14
#: Offsets of outputs are held apart if they are this many times as large as the spread, which
#: float16 would then blur by 1/1024.
_OFFSET = 4.0
#: Scales of outputs are held apart if they differ by more than this factor.
_APART = 64.0
#: Points at which offset and spread are measured.
_POINTS = 2048
#: Channels that are measured at most.
_CHANNELS = 64
#: Activations f with f(s x) = s f(x) for s > 0.
HOMOGENEOUS = ("none", "relu", "leaky_relu")


@dataclass(frozen=True, eq=False)
class OutputScale:
    """The ``layer`` with scale and offset of each channel, which comes after all others."""

    layer: Layer

    def of(self, coded: CodedField) -> CodedField:
        """``coded`` with outputs in the units of the field that it was made of."""
        *others, last = coded.networks
        last = replace(last, layers=(*last.layers, self.layer))
        return replace(coded, networks=(*others, last))


def unit_form(field: Field) -> tuple[Field, OutputScale | None]:
    """``field``, which is sound, with numbers of ordinary size, and what is left for its outputs.

    UsageError names a layer whose weights float16 cannot hold beside its biases.
    """
    field = with_ordinary_features(field)
    field = replace(field, networks=tuple(_with_ordinary_weights(n) for n in field.networks))
    scale = None
    if kind_of(field).is_plain:
        field, scale = _with_plain_outputs(field)
    name = "density" if field.is_radiance else field.networks[-1].name
    networks = tuple(_with_unit_weights(n) if n.name == name else n for n in field.networks)
    return replace(field, networks=networks), scale


def _with_ordinary_weights(network: Network) -> Network:
    """Weights of ordinary size; the next layer makes up for it or, where it cannot, the gain."""
    layers = list(network.layers)
    for number in range(len(layers)):
        layer = layers[number]
        weight, bias = _largest(layer.weight), _largest(layer.bias)
        leading, both = weight or bias, max(weight, bias)
        if both == 0.0 or (leading >= LEAST and both <= MOST):
            continue
        factor = float(power_of_two(max(leading, both / _ROOM)))
        rows = np.abs(layer.weight).max(axis=1)
        least = float(rows.min(where=rows > 0.0, initial=np.inf))
        if factor > 1.0 and least / factor < _SMALLEST:
            raise UsageError(
                f"layer {number} of network {network.name!r} has weights and biases up to "
                f"{both:g} beside an output whose weights end at {least:g}: float16, which "
                "files store, holds one or the other; scale the field's values down"
            )
        if number + 1 < len(layers) and layer.activation in HOMOGENEOUS:
            # Otherwise the next layer's biases would be small beside its weights.
            after = layers[number + 1].weight.copy()
            after[:, : len(rows)] *= factor
            layers[number + 1] = replace(layers[number + 1], weight=after)
            layers[number] = _over(layer, factor)
        else:
            layers[number] = _divided(layer, factor)
    return replace(network, layers=tuple(layers))


def _with_unit_weights(network: Network) -> Network:
    """The largest weight of the last layer becomes 1, if its gain is a factor of the output.

    Not where that makes the weights of an output too small.
    """
    *others, last = network.layers
    factor = max(_largest(last.weight), _largest(last.bias) / _ROOM)
    rows = np.abs(last.weight).max(axis=1)
    if last.activation not in HOMOGENEOUS or not (rows >= LEAST * factor).any():
        return network
    if (rows[rows > 0.0] < LEAST * factor).any():
        return network
    return replace(network, layers=(*others, _divided(last, factor)))


def _with_plain_outputs(field: Field) -> tuple[Field, OutputScale | None]:
    """Outputs without their offset, and each in units of its own spread, where that matters."""
    *others, network = field.networks
    *before, last = network.layers
    rows = abs(last.gain) * np.abs(last.weight).max(axis=1).astype(np.float64)
    bias = np.zeros(len(rows)) if last.bias is None else last.gain * last.bias.astype(np.float64)
    some = rows[rows > 0.0]
    apart = some.size > 1 and some.max() > _APART * some.min()
    if last.activation != "none" or len(rows) > _CHANNELS:
        return field, None
    if not apart and (np.abs(bias) <= rows).all():
        return field, None
    middle, spread = _outputs(field)
    offset = np.where(np.abs(middle) > _OFFSET * spread, middle, 0.0)
    if not apart and not offset.any():
        return field, None
    constant = spread <= 1e-6 * np.abs(middle)
    size = np.where(constant, np.where(offset != 0.0, np.abs(offset), 1.0), spread)
    unit = float(np.float32(max(float(size.max()), float(np.abs(offset).max()) / _ROOM)))
    share = np.exp2(np.maximum(np.rint(np.log2(size / unit)), -24.0))
    held = (offset / unit).astype(np.float16).astype(np.float64)
    weight = last.gain * last.weight / (unit * share)[:, None]
    inner = Layer(
        weight.astype(np.float32), ((bias - unit * held) / (unit * share)).astype(np.float32)
    )
    outer = Layer(
        np.diag(share).astype(np.float32), held.astype(np.float32) if held.any() else None,
        gain=unit,
    )  # fmt: skip
    network = _with_ordinary_weights(replace(network, layers=(*before, inner)))
    return replace(field, networks=(*others, network)), OutputScale(outer)


def _outputs(field: Field) -> tuple[Doubles, Doubles]:
    """(C,) means and standard deviations of the values of ``field``, over its box."""
    from nfcodec.evaluate import reference

    low, high = field.bounds
    points = np.random.default_rng(0).uniform(low, high, (_POINTS, field.dims))
    values = reference.evaluate(field, points)
    return values.mean(axis=0), values.std(axis=0)


def _divided(layer: Layer, factor: float) -> Layer:
    """``layer`` with smaller weights and biases and a larger gain; the same if that is too large.

    The gain is a number of float32, which takes a file five bytes.
    """
    gain = float(np.float32(layer.gain * factor))
    if factor == 1.0 or not 0.0 < abs(gain) <= MAX_NUMBER:
        return layer
    return replace(_over(layer, factor), gain=gain)


def _over(layer: Layer, factor: float) -> Layer:
    """``layer`` with weights and biases divided by ``factor``."""
    bias = None if layer.bias is None else (layer.bias / factor).astype(np.float32)
    return replace(layer, weight=(layer.weight / factor).astype(np.float32), bias=bias)


def _largest(array: FloatArray | None) -> float:
    return 0.0 if array is None else float(np.abs(array).max(initial=0.0))
