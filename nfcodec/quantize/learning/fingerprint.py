"""What tells one work of learning from another, so that a checkpoint is not taken for another's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data.images import PosedImages
from nfcodec.fit.checkpoint import digest
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context


def fingerprint(field: Field, context: Context) -> dict[str, Any]:
    """Digests of all of ``field`` and of the data, and the seed."""
    return {
        "seed": context.seed,
        "field": digest([_text(_skeleton(field)), *_arrays(field)]),
        "data": digest(_arrays_of_data(context)),
    }


def _arrays(field: Field) -> list[npt.NDArray[Any]]:
    """All arrays that say what ``field`` is."""
    arrays: list[npt.NDArray[Any]] = [field.bounds]
    if field.occupancy is not None:
        arrays.append(field.occupancy.cells)
    for level in field.levels:
        arrays.append(level.features)
        arrays += [] if level.transform is None else [level.transform]
        arrays += [array for _, array in level.layout.arrays()]
    for network in field.networks:
        for layer in network.layers:
            arrays += [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
    if field.image is not None:
        arrays += [array for _, array in field.image.arrays()]
    return arrays


def _skeleton(field: Field) -> str:
    """What says what ``field`` is besides its arrays: how it is put together, and its metadata."""

    grids = [
        (grid.combine, [
            (v.lod, v.transform is None, v.layout.name, v.layout.options()) for v in grid.levels
        ])
        for grid in field.grids
    ]  # fmt: skip
    networks = [
        (n.name, n.inputs, n.skips, [(layer.activation, float(layer.gain)) for layer in n.layers])
        for n in field.networks
    ]
    metadata = json.dumps(field.metadata, sort_keys=True, default=dict)
    return repr((field.kind, grids, networks, metadata))


def _text(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _arrays_of_data(context: Context) -> list[npt.NDArray[Any]]:
    data = context.data
    if isinstance(data, PosedImages):
        return [
            data.images,
            *([] if data.counted is None else [data.counted]),
            np.array(data.background),
            *(camera.numbers() for camera in data.cameras),
        ]
    return [] if data is None else [data.vertices, data.faces]
