"""nerf-pytorch by krrish94: ``checkpoint*.ckpt`` with ``model_fine_state_dict``, coarse as well.

Facts (``nerf/models.py``, ``FlexibleNeRFModel``): no activation after ``layer1``, relu after each
of ``layers_xyz``, relu on ``fc_feat``, density relu(``fc_alpha``) of the trunk, then the
direction's encoding, ``layers_dir.0`` with relu, ``fc_rgb`` with a sigmoid. ``config.yml`` beside
it often states other widths: the tensors decide.
"""

from __future__ import annotations

from nfcodec.errors import UnsupportedError
from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.importers.nerf_mlp import box_of, density, encoded, finest, finished
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerf-pytorch (krrish94)"
_PLACES = (("model_fine_state_dict", ""), ("model_coarse_state_dict", ""))


def _part(file: InputFile) -> Part | None:
    return finest(file, _PLACES, "layers_xyz.0.weight")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    if part.width("layer1") is None or part.width("fc_feat") is None:
        raise UnsupportedError(
            f"{file.name}: a checkpoint of {NAME} of another class than FlexibleNeRFModel with "
            "view directions; the importer reads that one"
        )
    half = box_of(file)
    first = part.linear("layer1")
    hidden = part.layers("layers_xyz.{}")
    position = encoded("position", first.weight.shape[1], first.name, half)
    joint = Linear(hidden[0].weight @ first.weight, hidden[0].weight @ first.bias + hidden[0].bias,
                   hidden[0].name)  # fmt: skip
    steps = [Step(layer, "relu") for layer in (joint, *hidden[1:])]
    feature, seen, rgb = (part.linear(name) for name in ("fc_feat", "layers_dir.0", "fc_rgb"))
    width = len(feature.weight)
    directions = encoded("direction", seen.weight.shape[1] - width, seen.name)
    networks = (
        network("trunk", (position,), steps),
        density(part.linear("fc_alpha")),
        network("feature", (plain("trunk", feature.weight.shape[1]),), [Step(feature, "relu")]),
        network(
            "color", (plain("feature", width), directions),
            [Step(seen, "relu"), Step(rgb, "sigmoid")],
        ),
    )  # fmt: skip
    return finished(file, NAME, networks, half)


SOURCE = Source(NAME, "a radiance field that is an MLP", recognize, read)
