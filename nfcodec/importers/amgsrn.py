"""Checkpoints of APMGSRN and AMGSRN (github.com/skywolf829, MIT): many grids, each in its place.

Tensors (with or without the prefix ``encoder.``): ``feature_grids`` (G, F, D, H, W); the grids'
places, as ``_scales`` (G, 3), ``_rotations`` (G, 4) and ``translations`` (G, 3), or in older code
as ``transformation_matrices`` (G, 4, 4); and the decoder, as ``decoder.<i>[.linear].weight`` or as
``decoder.params``, the flat parameters of a tiny-cuda-nn FullyFusedMLP.

Facts taken from that code: a point x in [-1, 1]^3 (x along a grid's last axis) is seen by grid g at
``R diag(exp(s)) x + t``, R the rotation of the normalized quaternion (x, y, z, w), or at ``M x``;
interpolation with align_corners, zero outside the grid; features are joined grid by grid, and
filled up with ones to a multiple of 16 where the decoder is made for it; ReLU between layers; the
output in [0, 1] is scaled to [``data_min``, ``data_max``] of ``options.json``.

tiny-cuda-nn's layout: no biases; layer after layer, row-major (out, in); the input padded with
ones, the output with unused rows, both to a multiple of 16; hidden layers of 16, 32, 64 or 128.
"""

from __future__ import annotations

import warnings

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError
from nfcodec.importers import options, srn
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Layer, Network
from nfcodec.untrusted.source import InputFile, Source
from nfcodec.untrusted.state_dicts import StateDict

_WIDTHS = (128, 64, 32, 16)
_MAX_HIDDEN = 8
_BLOCK = 16


def recognize(file: InputFile) -> bool:
    return file.tensors(_is_ours) is not None


def _is_ours(tensors: StateDict) -> bool:
    prefix = _prefix(tensors)
    return (
        f"{prefix}feature_grids" in tensors
        and (f"{prefix}_scales" in tensors or f"{prefix}transformation_matrices" in tensors)
        and ("decoder.params" in tensors or "decoder.0.linear.weight" in tensors)
    )


def read(file: InputFile) -> Field:
    tensors, source = file.tensors(_is_ours), file.name
    assert tensors is not None
    prefix = _prefix(tensors)
    grids = srn.tensor(tensors, f"{prefix}feature_grids", source)
    if grids.ndim != 5 or not grids.size:
        raise InvalidFieldError(f"{source}: feature_grids has shape {grids.shape}")
    count, channels, *shape = grids.shape
    if f"{prefix}transformation_matrices" in tensors:
        matrices = _table(tensors, f"{prefix}transformation_matrices", (count, 4, 4), source)
        transforms = np.ascontiguousarray(matrices[:, :3])
    else:
        transforms = grid_transforms(
            _table(tensors, f"{prefix}_scales", (count, 3), source),
            _table(tensors, f"{prefix}_rotations", (count, 4), source),
            _table(tensors, f"{prefix}translations", (count, 3), source),
        )
    if "decoder.params" in tensors:
        params = srn.tensor(tensors, "decoder.params", source).reshape(-1)
        layers = unpack_decoder(params, count * channels, *_described(file), source)
    else:
        first, *others = srn.linear_layers(tensors, "relu", source)
        layers = (srn.without_padding(first, count * channels), *others)
    layout = DenseLayout(tuple(shape), align_corners=True, padding="zeros")
    field = Field(
        kind="scalar",
        bounds=srn.bounds(file, shape),
        grids=tuple(
            Grid((Level(layout, 0, srn.rows(grid), transform),), "concat")
            for grid, transform in zip(grids, transforms, strict=True)
        ),
        networks=(Network("values", (Input("features"),), srn.scaled(layers, file)),),
        metadata=srn.metadata(file, "AMGSRN"),
    )
    check_field(field, source)
    return field


def grid_transforms(
    scales: FloatArray, rotations: FloatArray, translations: FloatArray
) -> FloatArray:
    """(G, 3, 4) affine maps from logarithmic scales (G, 3), quaternions (G, 4), shifts (G, 3)."""
    q = rotations.astype(np.float64)
    q /= np.maximum(np.linalg.norm(q, axis=1, keepdims=True), 1e-12)
    x, y, z, w = q.T
    rotation = np.stack(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)
    linear = rotation * np.exp(scales.astype(np.float64))[:, None, :]
    return np.concatenate([linear, translations[:, :, None]], axis=2).astype(np.float32)


def unpack_decoder(
    params: FloatArray,
    inputs: int,
    width: int | None,
    hidden: int | None,
    outputs: int,
    source: str,
) -> tuple[Layer, ...]:
    """The layers in a FullyFusedMLP's flat ``params`` (P,).

    ``width`` and ``hidden``, the neurons and number of hidden layers, are found from P if None; if
    several fit, the fewest layers are taken, with a warning. InvalidFieldError if none fits.
    """
    entering = -(-inputs // _BLOCK) * _BLOCK
    leaving = -(-outputs // _BLOCK) * _BLOCK
    fitting = []
    for neurons in _WIDTHS if width is None else (width,):
        middle, rest = divmod(params.size - neurons * (entering + leaving), neurons * neurons)
        if not rest and (0 <= middle < _MAX_HIDDEN if hidden is None else middle == hidden - 1):
            fitting.append((neurons, middle))
    if not fitting:
        raise InvalidFieldError(
            f"{source}: decoder.params has {params.size} values, which is no fully fused MLP of "
            f"{inputs} inputs"
            + (f" and {hidden} layers of {width}, as options.json states" if width else "")
        )
    neurons, middle = fitting[0]
    if len(fitting) > 1:
        warnings.warn(
            f"{source}: decoder.params fits several networks and was read as {middle + 1} hidden "
            f"layers of {neurons}; put the options.json of the run beside it to be sure",
            stacklevel=2,
        )
    shapes = [(neurons, entering), *[(neurons, neurons)] * middle, (leaving, neurons)]
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    weights = [
        part.reshape(shape) for part, shape in zip(np.split(params, ends[:-1]), shapes, strict=True)
    ]
    first = srn.without_padding(Layer(weights[0], None, "relu"), inputs)
    between = [Layer(weight, None, "relu") for weight in weights[1:-1]]
    return (first, *between, Layer(weights[-1][:outputs], None, "none"))


def _prefix(tensors: StateDict) -> str:
    return "encoder." if "encoder.feature_grids" in tensors else ""


def _described(file: InputFile) -> tuple[int | None, int | None, int]:
    """Neurons, hidden layers and outputs as the options state them."""
    width, hidden, outputs = (
        options.whole_number(file, key) for key in ("nodes_per_layer", "n_layers", "n_outputs")
    )
    if width is None or hidden is None:
        width = hidden = None
    return width, hidden, outputs or 1


def _table(tensors: StateDict, name: str, shape: tuple[int, ...], source: str) -> FloatArray:
    found = srn.tensor(tensors, name, source)
    if found.shape != shape:
        raise InvalidFieldError(f"{source}: {name} has shape {found.shape}, {shape} is needed")
    return found


SOURCE = Source("AMGSRN", "APMGSRN and AMGSRN volumes of several placed grids", recognize, read)
