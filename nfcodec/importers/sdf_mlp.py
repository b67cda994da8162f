"""What importers of plain networks of distances share; no source of its own.

IDR's ``ImplicitNetwork`` (NeuS, VolSDF, IGR, sdfstudio): softplus with beta 100 after all layers
but the last, (state, input) / sqrt(2) before the layer of the skip, output 0 is the distance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import notes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, doubling, frequency, joined
from nfcodec.importers.layers import Linear, Step, network
from nfcodec.model.field import Field
from nfcodec.model.networks import Network
from nfcodec.untrusted.source import InputFile

#: beta of the softplus of IDR and its descendants.
BETA = 100.0


def encoded(width: int, where: str, scale: float = 1.0) -> Block:
    """NeRF's encoding of the position with 3 + 6 K values, K from 0."""
    if width < 3 or (width - 3) % 6:
        raise InvalidFieldError(
            f"{where}: {width} values enter, which is not 3 + 6 K, as a frequency encoding gives"
        )
    return frequency("position", doubling((width - 3) // 6), scale=scale)


def idr(blocks: Sequence[Block], layers: Sequence[Linear], scale: float = 1.0) -> Network:
    """A network as IDR builds it; ``scale`` divides the distance."""
    return distances(blocks, layers, "softplus", BETA, share=math.sqrt(0.5), scale=scale)


def distances(
    blocks: Sequence[Block],
    layers: Sequence[Linear],
    activation: str,
    gain: float = 1.0,
    share: float = 1.0,
    scale: float = 1.0,
    last: str = "none",
) -> Network:
    """A network whose first output is a distance, times 1 / ``scale``.

    Where a layer is as wide as the state and the input together, the input joins after the state,
    both times ``share``. ``gain`` and ``activation``: of all layers but the last.
    """
    width = joined(blocks).width
    steps: list[Step] = []
    state = 0
    for i, layer in enumerate(layers):
        final = i == len(layers) - 1
        joins = i > 0 and layer.weight.shape[1] == state + width
        if final:
            layer = Linear(layer.weight[:1] / scale, layer.bias[:1] / scale, layer.name)
        steps.append(
            Step(
                layer,
                last if final else activation,
                1.0 if final else gain,
                "he" if joins else "",
                share if joins else 1.0,
            )
        )
        state = len(layer.weight)
    return network("distance", blocks, steps)


def finished(
    file: InputFile, tool: str, networks: Sequence[Network], half: float, **facts: object
) -> Field:
    """The field of ``networks`` in a cube of ``half`` its side, checked."""
    found = Field(
        "sdf", np.asarray(notes.cube(half)), (), tuple(networks),
        metadata=metadata(file, tool, **facts),
    )  # fmt: skip
    check_field(found, file.name)
    return found
