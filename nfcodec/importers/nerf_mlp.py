"""What importers of plain NeRF networks share; no source of its own.

All have a trunk of the position, a density of the trunk, and colors of the trunk's features and the
direction. Facts (bmild/nerf ``run_nerf_helpers.py``, and the same in its descendants): positions in
world units, directions of length 1; density per world unit, since distances along a ray are
multiplied by the length of its direction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import notes
from nfcodec.importers.about import assume, metadata
from nfcodec.importers.blocks import Block, doubling, frequency, linear, plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.model.field import Field
from nfcodec.model.networks import Network
from nfcodec.untrusted.source import InputFile

#: Half the side of the box of NeRF's synthetic scenes, whose cameras see from 2 to 6.
BLENDER = 1.5


def box_of(file: InputFile) -> float:
    """Half the side of the field's cube: noted, or that of NeRF's synthetic scenes."""
    if "bounds" not in notes.notes(file):
        assume(
            file,
            f"no box is stored; a cube of ±{BLENDER:g} is assumed, as for NeRF's synthetic scenes; "
            f'for others write {{"bounds": [[x, y, z], [x, y, z]]}} into '
            f"{notes.path_of(file).name} beside it",
        )
    return notes.half_side(file, BLENDER)


def encoded(source: str, width: int, where: str, scale: float = 1.0) -> Block:
    """NeRF's frequency encoding of ``source`` that gives ``width`` values, 3 + 6 K."""
    if width < 3 or (width - 3) % 6:
        raise InvalidFieldError(
            f"{where}: {width} values enter, which is not 3 + 6 K, as a frequency encoding gives"
        )
    return frequency(source, doubling((width - 3) // 6), scale=scale)


def trunk(position: Block, layers: Sequence[Linear], order: str = "eh") -> Network:
    """Layers with relu; where one is wider by the input than the state before it, the input joins.

    ``order``: of a skip, see :class:`nfcodec.importers.layers.Step`.
    """
    steps: list[Step] = []
    state = 0
    for i, layer in enumerate(layers):
        wider = i > 0 and layer.weight.shape[1] == state + position.width
        steps.append(Step(layer, "relu", skip=order if wider else ""))
        state = len(layer.weight)
    return network("trunk", (position,), steps)


def density(alpha: Linear, source: str = "trunk") -> Network:
    """A density that is relu of one linear output of ``source``."""
    return network("density", (plain(source, alpha.weight.shape[1]),), [Step(alpha, "relu")])


def colors(feature: Linear, layers: Sequence[Linear], where: str) -> Network:
    """Colors from the trunk, through ``feature`` without an activation, and from the direction."""
    directions = encoded("direction", layers[0].weight.shape[1] - len(feature.weight), where)
    steps = [Step(layer, "relu") for layer in layers[:-1]] + [Step(layers[-1], "sigmoid")]
    return network("color", (linear("trunk", feature.weight, feature.bias), directions), steps)


def finest(file: InputFile, places: Sequence[tuple[str, str]], probe: str) -> Part | None:
    """The tensors of the first of ``places`` (key, prefix) where there is a tensor ``probe``.

    A key is that of the checkpoint's dict, "" its top, "*" any.

    The fine network comes first in ``places``: it is the one that tools draw.
    """
    for key, prefix in places:
        for tensors in file.state_dicts:
            if tensors.is_part or key not in ("*", tensors.key):
                continue
            for before in ("", "model."):
                if tensors.shape(before + prefix + probe) is not None:
                    return Part(tensors, before + prefix, file.name)
    return None


def finished(file: InputFile, tool: str, networks: Sequence[Network], half: float) -> Field:
    """The field of ``networks`` in a cube of ``half`` its side, checked."""
    found = Field(
        "nerf", np.asarray(notes.cube(half)), (), tuple(networks), metadata=metadata(file, tool)
    )
    check_field(found, file.name)
    return found
