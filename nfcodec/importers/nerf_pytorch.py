"""nerf-pytorch by yenchenlin: ``200000.tar`` with ``network_fn_state_dict`` and, as a rule,
``network_fine_state_dict``.

Facts (``run_nerf_helpers.py``): ``pts_linears`` with relu, the input before the state after layer
4; density relu(``alpha_linear``) of the trunk; ``feature_linear`` without an activation, then the
direction's encoding, ``views_linears`` with relu, ``rgb_linear`` with a sigmoid. Without view
directions ``output_linear`` gives red, green, blue and density.
"""

from __future__ import annotations

from nfcodec.importers.blocks import plain
from nfcodec.importers.layers import Part, Step, network
from nfcodec.importers.nerf_mlp import box_of, colors, density, encoded, finest, finished, trunk
from nfcodec.model.field import Field
from nfcodec.untrusted.source import InputFile, Source

NAME = "nerf-pytorch (yenchenlin)"
_PLACES = (("network_fine_state_dict", ""), ("network_fn_state_dict", ""), ("", ""))


def _part(file: InputFile) -> Part | None:
    return finest(file, _PLACES, "pts_linears.0.weight")


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    half = box_of(file)
    layers = part.layers("pts_linears.{}")
    position = encoded("position", layers[0].weight.shape[1], layers[0].name, half)
    base = trunk(position, layers)
    if part.width("feature_linear") is None:
        output = part.linear("output_linear")
        state = plain("trunk", output.weight.shape[1])
        networks = (
            base,
            network("density", (state,), [Step(output.rows(3, 4), "relu")]),
            network("color", (state,), [Step(output.rows(0, 3), "sigmoid")]),
        )
        return finished(file, NAME, networks, half)
    seen = part.layers("views_linears.{}")
    seen.append(part.linear("rgb_linear"))
    color = colors(part.linear("feature_linear"), seen, seen[0].name)
    return finished(file, NAME, (base, density(part.linear("alpha_linear")), color), half)


SOURCE = Source(NAME, "a radiance field that is an MLP", recognize, read)
