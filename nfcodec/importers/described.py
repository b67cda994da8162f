"""Any plain MLP in a PyTorch checkpoint, described by the notes beside it.

Where nothing in a file says how its inputs are encoded, ``NAME.import.json`` does:

    {"kind": "nerf", "bounds": [[-1.5, -1.5, -1.5], [1.5, 1.5, 1.5]], "networks": [
        {"name": "trunk", "inputs": [{"source": "position", "frequencies": 10}],
         "layers": [{"name": "fc1", "activation": "relu"}, {"name": "fc2", "activation": "relu"}]},
        {"name": "density", "inputs": [{"source": "trunk", "width": 256}],
         "layers": [{"name": "sigma", "activation": "relu"}]},
        {"name": "color", "inputs": [{"source": "trunk", "width": 256},
                                     {"source": "direction", "frequencies": 4}],
         "layers": [{"name": "rgb1", "activation": "relu"},
                    {"name": "rgb2", "activation": "sigmoid"}]}]}

An input is a ``source`` with its ``width`` (3 for position and direction, which are in the tool's
own coordinates), or its sines and cosines: ``frequencies``, ``base`` (1), ``order`` and ``raw`` as
in :func:`nfcodec.importers.blocks.frequency`; or ``harmonics``, a degree. A layer is the ``name``
of its weight (out, in) and bias, with ``activation``, ``gain``, ``skip`` ("he" or "eh"), ``rows``.
``key`` names the dict of the checkpoint that holds the tensors.
"""

from __future__ import annotations

from typing import Any

from nfcodec.arrays import is_moderate
from nfcodec.check.field import check_field
from nfcodec.importers import notes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import ORDERS, Block, doubling, frequency, harmonics, plain
from nfcodec.importers.layers import Part, Step, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.field import Field
from nfcodec.model.networks import ACTIVATIONS, Network
from nfcodec.untrusted.source import InputFile, Source

NAME = "described MLP"
_KINDS = ("nerf", "sdf", "scalar")
_MOST = 64


def recognize(file: InputFile) -> bool:
    return file.checkpoint is not None and "networks" in notes.notes(file)


def read(file: InputFile) -> Field:
    said = notes.notes(file)
    if "bounds" not in said:
        raise notes.refusal(file, "a described network needs bounds")
    half = notes.half_side(file, 1.0)
    listed = _list(file, said, "networks")
    first = _map(file, _list(file, _map(file, listed[0], "networks"), "layers")[0], "layers")
    probe = f"{_text(file, first, 'name')}.weight"
    key = said.get("key", "*")
    part = finest(file, ((str(key), ""),), probe)
    if part is None:
        raise notes.refusal(file, f"there is no tensor {probe} in {file.path.name}")
    networks = tuple(_network(file, part, _map(file, each, "networks"), half) for each in listed)
    kind = notes.choice(file, "kind", _KINDS, "sdf")
    found = Field(kind, notes.cube(half), (), networks, metadata=metadata(file, NAME))
    check_field(found, file.name)
    return found


def _network(file: InputFile, part: Part, said: dict[str, Any], half: float) -> Network:
    blocks = [
        _block(file, _map(file, each, "inputs"), half) for each in _list(file, said, "inputs")
    ]
    steps = [_step(file, part, _map(file, each, "layers")) for each in _list(file, said, "layers")]
    if steps[-1].activation == "softplus" and steps[-1].gain != 1.0:
        raise notes.refusal(file, "the last layer's softplus cannot have a gain")
    return network(_text(file, said, "name"), blocks, steps)


def _block(file: InputFile, said: dict[str, Any], half: float) -> Block:
    source = _text(file, said, "source")
    scale = half if source == "position" else 1.0
    if "harmonics" in said:
        return harmonics(_whole(file, said, "harmonics", 4, 1, 4))
    width = _whole(file, said, "width", 3, 1, 1 << 14)
    if "frequencies" not in said:
        return plain(source, width, scale)
    order, raw = said.get("order", "bands"), said.get("raw", "first")
    if order not in ORDERS or raw not in ("first", "last", ""):
        raise notes.refusal(
            file, f'order is none of {", ".join(ORDERS)}, or raw none of "first", "last", ""'
        )
    bands = doubling(_whole(file, said, "frequencies", 0, 0, 32), _real(file, said, "base"))
    return frequency(source, bands, order, raw, scale, width)


def _step(file: InputFile, part: Part, said: dict[str, Any]) -> Step:
    activation, skip = said.get("activation", "none"), said.get("skip", "")
    if activation not in ACTIVATIONS or skip not in ("", "he", "eh"):
        raise notes.refusal(
            file, f'activation is none of {", ".join(ACTIVATIONS)}, or skip neither "he" nor "eh"'
        )
    layer = part.linear(_text(file, said, "name"))
    if "rows" in said:
        rows = said["rows"]
        count = len(layer.weight)
        sound = isinstance(rows, list) and len(rows) == 2 and all(type(n) is int for n in rows)
        if not sound or not 0 <= rows[0] < rows[1] <= count:
            raise notes.refusal(file, f"rows are not [start, stop] of the {count} outputs")
        layer = layer.rows(*rows)
    return Step(layer, activation, _real(file, said, "gain"), skip)


def _map(file: InputFile, value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise notes.refusal(file, f"an entry of {what} is no object")
    return value


def _list(file: InputFile, said: dict[str, Any], key: str) -> list[Any]:
    value = said.get(key)
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST:
        raise notes.refusal(file, f"{key} is no list of 1 to {_MOST} entries")
    return value


def _text(file: InputFile, said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise notes.refusal(file, f"{key} is missing or no text")
    return value


def _whole(
    file: InputFile, said: dict[str, Any], key: str, default: int, least: int, most: int
) -> int:
    value = said.get(key, default)
    if type(value) is not int or not least <= value <= most:
        raise notes.refusal(file, f"{key} is no whole number from {least} to {most}")
    return value


def _real(file: InputFile, said: dict[str, Any], key: str) -> float:
    value = said.get(key, 1.0)
    if not is_moderate(value) or not 0.0 < value < 1e6:
        raise notes.refusal(file, f"{key} is no number above 0")
    return float(value)


SOURCE = Source(NAME, "any MLP that notes beside it describe", recognize, read)
