"""Networks on a GPU: where each value lies in a program's memory, and weights in blocks of four.

A program holds features, inputs and outputs in one array of vectors of four, ``memory``. Sources,
encoded inputs and layers begin at vectors of their own, so that no channel is ever moved; weights
of the channels in between are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UnsupportedError
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.render.gpu.tables import Members, Words, tag

#: Column of a weight for each lane of a layer's input; -1 where a lane has none.
Lanes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LayerPlan:
    """``lanes`` of its input; ``weights``: the first vector of its weights, and how many."""

    lanes: Lanes
    weights: int
    length: int


@dataclass(frozen=True)
class NetworkPlan:
    """All networks of a field.

    ``inputs`` and ``entries``: rows of their inputs and layers. ``calls``: for each network the
    inputs and the layers that it has, as numbers of rows. ``layers[n][i]``: layer i of network n.
    ``memory``: vectors of four that a program holds. ``weights``: vectors of all weights.
    ``places``: where memory holds each network's outputs.
    """

    calls: tuple[tuple[range, range], ...]
    inputs: tuple[Members, ...]
    entries: tuple[Members, ...]
    layers: tuple[tuple[LayerPlan, ...], ...]
    memory: int
    weights: int
    places: dict[str, int]


def plan_networks(
    networks: Sequence[Network], places: dict[str, int], widths: dict[str, int], used: int
) -> NetworkPlan:
    """Plan ``networks``, whose other sources lie at ``places`` and have ``widths`` channels.

    ``used``: vectors of memory that are taken. UnsupportedError for factors beyond float32.
    """
    places, widths = dict(places), dict(widths)
    for network in networks:
        widths[network.name] = len(network.layers[-1].weight)
        places[network.name] = used
        used += blocks_of(widths[network.name])
    inputs: list[Members] = []
    entries: list[Members] = []
    plans: list[tuple[LayerPlan, ...]] = []
    calls: list[tuple[range, range]] = []
    most, weights = used, 0
    for network in networks:
        first_input, first_layer = len(inputs), len(entries)
        lanes: list[Lanes] = []
        column, at = 0, used
        for item in network.inputs:
            entry, found = _input(item, places[item.source], widths[item.source])
            inputs.append({**entry, "result": at})
            column, found = column + int(found.max(initial=-1)) + 1, _moved(found, column)
            at += len(found) // 4
            lanes.append(found)
        entered = np.concatenate([_counted(0), *lanes])
        hidden = max((blocks_of(len(x.weight)) for x in network.layers[:-1]), default=0)
        first, ends = at, at + 2 * hidden
        most = max(most, ends)
        source, columns = used, entered
        own: list[LayerPlan] = []
        for i, layer in enumerate(network.layers):
            appended = i in network.skips
            rows = blocks_of(len(layer.weight))
            last = i == len(network.layers) - 1
            target = places[network.name] if last else first + (i & 1) * hidden
            whole = columns
            if appended:
                whole = np.concatenate([columns, _moved(entered, int(columns.max(initial=-1)) + 1)])
            entries.append(
                {
                    "input": source,
                    "columns": len(columns) // 4,
                    "entry": used,
                    "entry_columns": len(entered) // 4 if appended else 0,
                    "output": target,
                    "rows": rows,
                    "weights": weights,
                    "activation": tag("ACTIVATION", layer.activation),
                    "gain": float32(layer.gain),
                }
            )
            length = rows * (1 + len(whole))
            own.append(LayerPlan(whole, weights, length))
            weights += length
            source, columns = target, _counted(len(layer.weight))
        plans.append(tuple(own))
        calls.append((range(first_input, len(inputs)), range(first_layer, len(entries))))
    return NetworkPlan(
        tuple(calls), tuple(inputs), tuple(entries), tuple(plans), most, weights, places
    )


def _input(item: Input, place: int, width: int) -> tuple[Members, Lanes]:
    """An input's entry, and which of its encoded values each lane holds."""
    begin, end = item.channels or (0, width)
    encoding = item.encoding
    entry: Members = {
        "encoding": tag("ENCODING", encoding.kind), "source": place, "begin": begin, "end": end,
    }  # fmt: skip
    if encoding.kind == "spherical_harmonics":
        count = encoding.degree**2
        return {**entry, "frequencies": blocks_of(count)}, _counted(count)
    block = np.arange(begin // 4 * 4, blocks_of(end) * 4)
    once = np.where((block >= begin) & (block < end), block - begin, -1)
    if encoding.kind == "identity":
        return {**entry, "raw": 1}, once
    # float32 must hold the highest frequency as well as the lowest.
    float32(encoding.scale * 2.0 ** max(encoding.frequencies - 1, 0))
    repeats = int(encoding.include_input) + 2 * encoding.frequencies
    lanes = [_moved(once, i * (end - begin)) for i in range(repeats)]
    more = {
        "raw": int(encoding.include_input),
        "frequencies": encoding.frequencies,
        "scale": float32(encoding.scale),
    }
    return {**entry, **more}, np.concatenate([_counted(0), *lanes])


def _moved(lanes: Lanes, by: int) -> Lanes:
    return np.where(lanes < 0, -1, lanes + by)


def _counted(count: int) -> Lanes:
    lanes = np.arange(blocks_of(count) * 4)
    return np.where(lanes < count, lanes, -1)


def blocks_of(channels: int) -> int:
    """Number of 4-vectors that hold ``channels`` channels."""
    return -(-channels // 4)


def float32(value: float) -> float:
    """``value`` as float32 holds it; UnsupportedError if it does not."""
    with np.errstate(over="ignore"):
        number = np.float32(value)
    if not np.isfinite(number):
        raise UnsupportedError(
            f"an encoding or a layer has the factor {value:g}, which is beyond the float32 that a "
            "GPU computes in; use --device cpu"
        )
    return float(number)


def weight_words(layer: Layer, lanes: Lanes) -> Words:
    """A layer in blocks of four outputs: their biases, then for each lane their four weights."""
    outputs = len(layer.weight)
    padded = np.zeros((blocks_of(outputs) * 4, 1 + len(lanes)), np.float32)
    if layer.bias is not None:
        padded[:outputs, 0] = layer.bias
    there = np.flatnonzero(lanes >= 0)
    padded[:outputs, 1 + there] = layer.weight[:, lanes[there]]
    ordered = padded.reshape(-1, 4, 1 + len(lanes)).transpose(0, 2, 1)
    return np.ascontiguousarray(ordered).reshape(-1).view(np.uint32)
