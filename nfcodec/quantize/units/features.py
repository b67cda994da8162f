"""Features of ordinary size: factors that go from them into the weights that read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.combine import combine_of
from nfcodec.model.field import Field
from nfcodec.model.networks import Layer, Network

Ints: TypeAlias = npt.NDArray[np.int64]
Doubles: TypeAlias = npt.NDArray[np.float64]

#: An array whose largest value is at least this and at most :data:`MOST` is of ordinary size:
#: float16 holds all digits down to 1/64 of it, and steps of it can be stored (``nfc-v1.md``,
#: section 6).
LEAST = 2.0**-8
MOST = 2.0**12
#: Weights of features may be this many times as large, or as small, as those of a layer's other
#: inputs: the layer learns at one rate.
_PROPORTION = 4.0
#: A channel this much smaller than its grid's largest is scaled by itself if it is heard.
_FAINT = 2.0**-12
#: A channel is heard if its weights bring it to this share of the loudest channel.
_HEARD = 2.0**-8


def with_ordinary_features(field: Field) -> Field:
    """Features of ordinary size; the weights that read them make up for it."""
    width = sum(len(channels) for _, channels, _ in _groups(field))
    readers = _readers(field, width)
    loudness, beside = np.zeros(width), np.zeros(width)
    factor = np.ones(width)
    for network, columns in zip(field.networks, readers, strict=True):
        for layer in _reading_layers(network):
            entry = np.abs(layer.gain * layer.weight[:, -len(columns) :]).max(axis=0)
            own, others = columns >= 0, entry[columns < 0].max(initial=0.0)
            np.maximum.at(loudness, columns[own], entry[own])
            beside[columns[own]] = others
    encoded = _encoded(field, width)
    divisors: list[Doubles] = []
    for arrays, channels, sets in _groups(field):
        of_arrays = [np.ones(len(channels)) for _ in arrays]
        divisors += of_arrays
        if encoded[channels].any():
            continue
        for numbers in sets:
            chosen = [arrays[number] for number in numbers]
            shared = len(chosen) == len(arrays)
            found = _factors(chosen, loudness[channels], beside[channels] if shared else None)
            factor[channels] *= found
            for number in numbers:
                of_arrays[number] *= found
    if all((one == 1.0).all() for one in divisors):
        return field
    features = [
        (level.features / one).astype(np.float32)
        for level, one in zip(field.levels, divisors, strict=True)
    ]
    networks = tuple(
        _reading_more(network, columns, factor)
        for network, columns in zip(field.networks, readers, strict=True)
    )
    return replace(field.with_features(features), networks=networks)


def _factors(arrays: list[FloatArray], loudness: Doubles, beside: Doubles | None) -> Doubles:
    """(W,) by what to divide ``arrays`` (N, W) for numbers of ordinary size.

    ``loudness``: of each channel, the largest weight that reads it. ``beside``: the largest weight
    of other inputs of these layers; None: the arrays are a part of what is read, and only their own
    size counts.
    """
    size = np.max([np.abs(a).max(axis=0, initial=0.0) for a in arrays], axis=0)
    largest, heard = float(size.max()), size * loudness
    if largest == 0.0:
        return np.ones(len(size))
    ordinary = 1.0 if LEAST <= largest <= MOST else largest
    if beside is None:
        return np.full(len(size), float(power_of_two(ordinary)))
    faint = (size > 0.0) & (size < _FAINT * largest) & (heard > _HEARD * heard.max())
    # How much larger the weights of other inputs are than those of a channel of full size.
    apart = float(beside.max()) * largest / (float(heard.max()) or 1.0)
    near = apart == 0.0 or 1.0 / _PROPORTION <= apart <= _PROPORTION
    return power_of_two(np.where(faint, size / largest, 1.0) * (ordinary if near else apart))


def _groups(field: Field) -> Iterator[tuple[list[FloatArray], Ints, list[list[int]]]]:
    """The features of levels that share channels, in storage order, these channels' numbers, and
    the sets of these levels whose factor is a factor of the channel."""
    first = 0
    for grid in field.grids:
        way = combine_of(grid)
        for shared in way.sharing(grid.levels):
            width = shared[0].num_features
            sets = way.factors([level.lod for level in shared])
            yield [level.features for level in shared], np.arange(first, first + width), sets
            first += width


def _readers(field: Field, width: int) -> list[Ints]:
    """For each network, which of the ``width`` features each of its input columns is; -1: none."""
    widths = {"position": field.dims, "direction": field.dims, "features": width}
    found = []
    for network in field.networks:
        columns = []
        for item in network.inputs:
            start, stop = item.channels or (0, widths[item.source])
            plain = item.source == "features" and item.encoding.kind == "identity"
            count = item.encoding.width(stop - start)
            columns.append(np.arange(start, stop) if plain else np.full(count, -1))
        found.append(np.concatenate(columns))
        widths[network.name] = len(network.layers[-1].weight)
    return found


def _encoded(field: Field, width: int) -> npt.NDArray[np.bool_]:
    """(``width``,) which features enter a network by an encoding, where factors have no meaning."""
    found = np.zeros(width, np.bool_)
    for network in field.networks:
        for item in network.inputs:
            if item.source == "features" and item.encoding.kind != "identity":
                start, stop = item.channels or (0, width)
                found[start:stop] = True
    return found


def _reading_layers(network: Network) -> list[Layer]:
    """The layers that the network's input enters, as their last columns."""
    return [layer for n, layer in enumerate(network.layers) if n == 0 or n in network.skips]


def _reading_more(network: Network, columns: Ints, factor: Doubles) -> Network:
    """``network`` where the features it reads have been divided by ``factor``."""
    times = np.where(columns >= 0, factor[columns], 1.0) if len(factor) else np.ones(len(columns))

    def of(number: int, layer: Layer) -> Layer:
        if number and number not in network.skips:
            return layer
        weight = layer.weight.copy()
        weight[:, -len(columns) :] *= times
        return replace(layer, weight=weight)

    return replace(network, layers=tuple(of(*item) for item in enumerate(network.layers)))


def power_of_two(values: float | Doubles) -> Doubles:
    """The greatest powers of two that are not above positive ``values``."""
    return np.asarray(np.exp2(np.floor(np.log2(values))), np.float64)
