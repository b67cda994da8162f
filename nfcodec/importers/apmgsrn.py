"""fV-SRN checkpoints of the APMGSRN code base (github.com/skywolf829/APMGSRN, MIT).

One dense grid and an MLP whose input is the position's frequencies, then the grid's features
(Weiss et al., "Fast Neural Representations for Direct Volume Rendering", 2022). Tensors:
``feature_grid`` (1, F, [D,] H, W) and ``decoder.<i>[.linear].weight`` / ``.bias``.

Facts taken from that code: coordinates in [-1, 1] in the order x, y, z with x along the grid's
last axis; ``grid_sample`` with align_corners; frequencies 2^k pi, for each k all sines, then all
cosines; hidden layers with a bias are SnakeAlt (x / 2 + sin(x)^2) in the code that writes no
``use_bias`` option, and ReLU in all later code; later code also scales the output from [0, 1] to
[``data_min``, ``data_max``], which it keeps in ``options.json``.
"""

from __future__ import annotations

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import srn
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Encoding, Input, Network
from nfcodec.untrusted.source import InputFile, Source
from nfcodec.untrusted.state_dicts import StateDict


def recognize(file: InputFile) -> bool:
    return file.tensors(_is_ours) is not None


def _is_ours(tensors: StateDict) -> bool:
    shape = tensors.shape("feature_grid")
    return (
        shape is not None
        and len(shape) in (4, 5)
        and shape[0] == 1
        and 0 not in shape
        and "decoder.0.linear.weight" in tensors
    )


def read(file: InputFile) -> Field:
    tensors = file.tensors(_is_ours)
    assert tensors is not None
    grid = srn.tensor(tensors, "feature_grid", file.name)
    channels, *shape = grid.shape[1:]
    dims = len(shape)
    later_code = "use_bias" in file.options
    has_bias = "decoder.0.linear.bias" in tensors
    hidden = "snake_alt" if has_bias and not later_code else "relu"
    layers = srn.linear_layers(tensors, hidden, file.name)
    terms, rest = divmod(layers[0].weight.shape[1] - channels, 2 * dims)
    if terms < 0 or rest:
        raise InvalidFieldError(
            f"{file.name}: the decoder takes {layers[0].weight.shape[1]} values, which is not "
            f"{channels} features and frequencies of {dims} coordinates"
        )
    inputs = (Input("position", Encoding("frequency", terms, np.pi, False)), Input("features"))
    level = Level(DenseLayout(tuple(shape)), 0, srn.rows(grid[0]))
    field = Field(
        kind="scalar",
        bounds=srn.bounds(file, shape),
        grids=(Grid((level,)),),
        networks=(Network("values", inputs if terms else inputs[1:], srn.scaled(layers, file)),),
        metadata=srn.metadata(file, "fV-SRN"),
    )
    check_field(field, file.name)
    return field


SOURCE = Source("fV-SRN", "volumes of one grid and a frequency encoding", recognize, read)
