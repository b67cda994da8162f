"""DirectVoxGO: ``fine_last.tar`` and ``coarse_last.tar``, of dense grids or of planes.

Facts (sunset1995/DirectVoxGO ``lib/dvgo.py``, ``lib/grid.py``): grids (1, C, X, Y, Z) in
``xyz_min``..``xyz_max``, align_corners, zeros outside; alpha is
``1 - (1 + exp(f + act_shift))^-interval``, so the density per length is
softplus(f + act_shift) / voxel_size_base; colors sigmoid(k0) or an MLP of k0 and the direction
(axis by axis sines, then cosines). Plane tensors run [first, second].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.arrays import is_moderate
from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import planes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, doubling, frequency, plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input, Network
from nfcodec.untrusted.source import InputFile, Source

NAME = "DirectVoxGO"
#: Planes and vectors of one TensoRFGrid, with the axes that they see.
_PAIRS = (("xy_plane", (0, 1), "z_vec", 2), ("xz_plane", (0, 2), "y_vec", 1),
          ("yz_plane", (1, 2), "x_vec", 0))  # fmt: skip


def _part(file: InputFile) -> Part | None:
    if file.checkpoint is None or not isinstance(file.checkpoint, dict):
        return None
    if not isinstance(file.checkpoint.get("model_kwargs"), dict):
        return None
    for probe in ("density.grid", "density.xy_plane"):
        found = finest(file, (("model_state_dict", ""),), probe)
        if found is not None:
            return found
    return None


def recognize(file: InputFile) -> bool:
    return _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    settings = file.checkpoint["model_kwargs"]
    bounds = np.stack([part.array("xyz_min", 1), part.array("xyz_max", 1)])
    if bounds.shape != (2, 3) or not (bounds[1] > bounds[0]).all():
        raise InvalidFieldError(f"{file.name}: xyz_min and xyz_max are no box")
    shift = part.array("act_shift")
    if shift.size != 1:
        raise UnsupportedError(
            f"{file.name}: a DirectVoxGO of multi-plane images (dmpigo), whose space is that of "
            "one camera; it is not imported"
        )
    wanted = settings.get("num_voxels_base")
    if not is_moderate(wanted) or not wanted > 0:
        raise InvalidFieldError(f"{file.name}: model_kwargs.num_voxels_base is no number above 0")
    unit = float((np.prod(bounds[1] - bounds[0]) / wanted) ** (1.0 / 3.0))
    density, k0 = _grids(part, "density"), _grids(part, "k0")
    # A density per unit of length: of softplus, divided by the size of a voxel of the base grid.
    first, widths = _mixed(part, density, "density", 0)
    start = _channels(density)
    colors, count = _mixed(part, k0, "k0", start)
    raised = Linear(first.matrix, first.offset + float(shift.reshape(-1)[0]), "density")
    scaled = Linear(np.array([[1.0 / unit]]), np.zeros(1), "density")
    same = Block(first.inputs, np.eye(raised.weight.shape[1]), np.zeros(raised.weight.shape[1]))
    if widths != 1:
        raise InvalidFieldError(f"{file.name}: a density of {widths} channels")
    networks = (
        network("density", (same,), [Step(raised, "softplus"), Step(scaled)]),
        *_colors(file, part, settings, colors, count),
    )
    found = Field("nerf", bounds, (*density, *k0), networks, metadata=metadata(file, NAME))
    check_field(found, file.name)
    return found


def _grids(part: Part, name: str) -> tuple[Grid[Level], ...]:
    if part.shape(f"{name}.grid") is not None:
        values = part.array(f"{name}.grid", 5)[0]
        turned = values.transpose(0, 3, 2, 1)  # x is the slowest axis there
        return (Grid((planes.level(turned, (0, 1, 2)),)),)
    products = []
    for plane, axes, line, axis in _PAIRS:
        sheet = part.array(f"{name}.{plane}", 4)[0].transpose(0, 2, 1)
        along = part.array(f"{name}.{line}", 4)[0, :, :, 0]
        products.append((planes.level(sheet, axes), planes.level(along, (axis,))))
    return planes.products(products)


def _channels(grids: tuple[Grid[Level], ...]) -> int:
    return sum(grid.levels[0].num_features for grid in grids)


def _mixed(part: Part, grids: tuple[Grid[Level], ...], name: str, start: int) -> tuple[Block, int]:
    """The values of a grid, of our features from ``start`` on, and how many there are."""
    width = _channels(grids)
    inputs = (Input("features", channels=(start, start + width)),)
    if part.shape(f"{name}.grid") is not None:
        return Block(inputs, np.eye(width), np.zeros(width)), width
    if part.shape(f"{name}.f_vec") is not None:
        matrix = part.array(f"{name}.f_vec", 2).T
        if matrix.shape[1] != width:
            raise InvalidFieldError(f"{part.source}: {name}.f_vec does not fit its planes")
        return Block(inputs, matrix, np.zeros(len(matrix))), len(matrix)
    return Block(inputs, np.ones((1, width)), np.zeros(1)), 1


def _colors(
    file: InputFile, part: Part, settings: dict[Any, Any], k0: Block, count: int
) -> tuple[Network, ...]:
    names = _layer_names(part)
    if not names:
        same = Linear(np.eye(3), np.zeros(3), "color")
        return (network("color", (k0,), [Step(same, "sigmoid")]),)
    layers = [part.linear(name) for name in names]
    bands = part.array("viewfreq", 1)
    if not np.array_equal(bands, np.array(doubling(len(bands)))):
        raise UnsupportedError(f"{file.name}: viewfreq {bands[:6].tolist()} is not imported")
    directions = frequency("direction", doubling(len(bands)), "sines-axes", "first")
    steps = [Step(layer, "relu") for layer in layers[:-1]]
    if settings.get("rgbnet_direct") is True:
        steps.append(Step(layers[-1], "sigmoid"))
        return (network("color", (k0, directions), steps),)
    steps.append(Step(layers[-1]))
    diffuse = Linear(np.hstack([np.eye(3), np.eye(3)]), np.zeros(3), "color")
    rest = Block(k0.inputs, k0.matrix[3:], k0.offset[3:])
    first = Block(k0.inputs, k0.matrix[:3], k0.offset[:3])
    return (
        network("seen", (rest, directions), steps),
        network("color", (first, plain("seen", 3)), [Step(diffuse, "sigmoid")]),
    )


def _layer_names(part: Part) -> list[str]:
    """Layers of ``rgbnet``, a Sequential with others inside, in their order."""
    numbers: list[tuple[int, str]] = []
    for i in range(32):
        for name in (f"rgbnet.{i}", f"rgbnet.{i}.0"):
            if part.width(name) is not None:
                numbers.append((i, name))
    return [name for _, name in sorted(numbers)]


SOURCE = Source(NAME, "a radiance field of dense grids or planes", recognize, read)
