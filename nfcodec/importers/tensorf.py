"""TensoRF: ``.th`` with ``kwargs`` and ``state_dict``, of planes times lines (VM) or lines (CP).

Facts (apchenstu/TensoRF ``models/tensorBase.py``, ``models/tensoRF.py``): planes of (x, y), (x, z),
(y, z), the first along the last axis, lines of z, y, x; align_corners, zeros outside of ``aabb``;
density softplus(f + density_shift) or relu(f), times ``distance_scale`` per length; colors of the
27 features ``basis_mat`` gives, by an MLP (``MLP_Fea``) or as harmonics (``SH``). The alpha mask is
a lattice (z, y, x) of bits, most significant first, in a box of its own: a point is drawn where a
corner of its cell is set.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import is_moderate
from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.importers import hashed, planes
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, doubling, frequency, plain
from nfcodec.importers.layers import Linear, Part, Step, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.model.field import Field, Level, Occupancy
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Input, Network
from nfcodec.model.protocols import Array64
from nfcodec.untrusted import pickled_numpy
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.safe_pickle import Placeholder
from nfcodec.untrusted.source import InputFile, Source
from nfcodec.untrusted.tensors import Tensor

NAME = "TensoRF"
_PLANES, _LINES = ((0, 1), (0, 2), (1, 2)), (2, 1, 0)
#: Cells a side of the occupancy that an alpha mask becomes, at most.
_MOST_CELLS = 256


def _part(file: InputFile) -> Part | None:
    if file.checkpoint is None:
        return None
    part = finest(file, (("state_dict", ""),), "density_line.0")
    root = file.checkpoint
    return part if isinstance(root, dict) and isinstance(root.get("kwargs"), dict) else None


def _shading(file: InputFile) -> str:
    return str(file.checkpoint["kwargs"].get("shadingMode"))


def _recognize(by_harmonics: bool) -> Callable[[InputFile], bool]:
    def recognize(file: InputFile) -> bool:
        return _part(file) is not None and (_shading(file) == "SH") == by_harmonics

    return recognize


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    head = _head(file, part)
    found = _field(file, part, head)
    check_field(found, file.name)
    return found


def function(file: InputFile) -> FieldFunction:
    """The same with harmonics, whose product with the direction no network of ours expresses."""
    part = _part(file)
    assert part is not None
    found = _field(file, part, ())
    if len(found.networks[-1].layers[-1].weight) % 3:
        raise InvalidFieldError(f"{file.name}: basis_mat does not give three times n harmonics")
    mask = _mask(file)
    drawn = None if mask is None else (lambda points: mask(np.asarray(points, np.float64)))
    return hashed.function(
        "nerf", found.bounds, hashed.of_grids(found), found.networks, found.metadata, drawn,
        hashed.harmonics_shade,
    )  # fmt: skip


def _field(file: InputFile, part: Part, head: tuple[Network, ...]) -> Field:
    settings = file.checkpoint["kwargs"]
    density, color = (_factors(part, name) for name in ("density", "app"))
    counts = [sum(levels[0].num_features for levels in each) for each in (density, color)]
    basis = part.array("basis_mat.weight", 2)
    kind = settings.get("fea2denseAct", "softplus")
    if kind not in ("softplus", "relu"):
        raise UnsupportedError(f"{file.name}: fea2denseAct {shown(kind)} is not imported")
    shift = _number(file, "density_shift", -10.0) if kind == "softplus" else 0.0
    scale = _number(file, "distance_scale", 25.0)
    ones = Linear(np.ones((1, counts[0])), np.array([shift]), "density")
    scaled = Linear(np.array([[scale]]), np.zeros(1), "density")
    networks = (
        network("density", (_features(0, counts[0]),), [Step(ones, kind), Step(scaled)]),
        network(
            "appearance", (_features(counts[0], sum(counts)),),
            [Step(Linear(basis, np.zeros(len(basis)), f"{file.name}: basis_mat"))],
        ),
        *head,
    )  # fmt: skip
    box = _tensor(file, settings.get("aabb"), "kwargs.aabb")
    grids = planes.products([*density, *color])
    bounds = np.asarray(box, np.float64).reshape(2, 3)
    return Field("nerf", bounds, grids, networks, _occupancy(file, bounds), metadata(file, NAME))


def _head(file: InputFile, part: Part) -> tuple[Network, ...]:
    """The networks that give the colors."""
    file.checkpoint["kwargs"]
    mode = _shading(file)
    width = len(part.array("basis_mat.weight", 2))
    if mode == "RGB":
        same = Linear(np.eye(3), np.zeros(3), "color")
        return (network("color", (plain("appearance", width),), [Step(same)]),)
    if mode not in ("MLP_Fea", "MLP"):
        raise UnsupportedError(
            f"{file.name}: shadingMode {shown(mode)}; MLP_Fea, MLP, SH and RGB are imported"
        )
    counts = [int(_number(file, key, 0)) for key in ("fea_pe", "view_pe")]
    if mode == "MLP":
        counts[0] = 0
    if not all(0 <= count <= 14 for count in counts):
        raise InvalidFieldError(f"{file.name}: fea_pe and view_pe are {counts}")
    blocks = [plain("appearance", width), plain("direction", 3)]
    for source, count, dims in (("appearance", counts[0], width), ("direction", counts[1], 3)):
        if count:
            blocks.append(frequency(source, doubling(count), "sines-axes", "", dims=dims))
    layers = [part.linear(f"renderModule.mlp.{i}") for i in (0, 2, 4)]
    steps = [Step(layer, "relu") for layer in layers[:-1]] + [Step(layers[-1], "sigmoid")]
    return (network("color", blocks, steps),)


def _features(start: int, stop: int) -> Block:
    width = stop - start
    return Block((Input("features", channels=(start, stop)),), np.eye(width), np.zeros(width))


def _factors(part: Part, name: str) -> list[tuple[Level, ...]]:
    """Levels whose product is taken: planes with lines, or three lines."""
    lines = [part.array(f"{name}_line.{i}", 4) for i in range(3)]
    along = [planes.level(line[0, :, :, 0], (_LINES[i],)) for i, line in enumerate(lines)]
    if part.shape(f"{name}_plane.0") is None:
        return [tuple(along)]
    sheets = [part.array(f"{name}_plane.{i}", 4) for i in range(3)]
    return [(planes.level(sheets[i][0], _PLANES[i]), along[i]) for i in range(3)]


def _number(file: InputFile, key: str, default: float) -> float:
    value = file.checkpoint["kwargs"].get(key, default)
    if not is_moderate(value):
        raise InvalidFieldError(f"{file.name}: kwargs.{key} is no number")
    return float(value)


def _tensor(file: InputFile, value: Any, what: str) -> Array64:
    found = value.array() if isinstance(value, Tensor) else None
    if found is None or found.shape != (2, 3) or not np.isfinite(found).all():
        raise InvalidFieldError(f"{file.name}: {what} is not (2, 3) finite numbers")
    return np.asarray(found, np.float64)


def _mask(file: InputFile) -> Callable[[Array64], npt.NDArray[np.bool_]] | None:
    """Which points the alpha mask lets be drawn; None without one."""
    root = file.checkpoint
    stored, shape = root.get("alphaMask.mask"), root.get("alphaMask.shape")
    if stored is None:
        return None
    packed = pickled_numpy.array(stored) if isinstance(stored, Placeholder) else None
    if isinstance(stored, Tensor):
        packed = stored.array()
    sides = shape[-3:] if isinstance(shape, (tuple, list)) and len(shape) in (3, 5) else ()
    count = math.prod(n if type(n) is int and 0 < n < 1 << 12 else 0 for n in sides)
    if packed is None or packed.dtype != np.uint8 or not count or packed.size != -(-count // 8):
        raise InvalidFieldError(f"{file.name}: alphaMask.mask does not fit alphaMask.shape")
    corners = np.unpackbits(packed.reshape(-1))[:count].reshape(sides) != 0
    low, high = _tensor(file, root.get("alphaMask.aabb"), "alphaMask.aabb")
    cells = np.zeros([max(n - 1, 1) for n in sides], np.bool_)
    for k in (slice(0, -1), slice(1, None)):
        for j in (slice(0, -1), slice(1, None)):
            for i in (slice(0, -1), slice(1, None)):
                cells |= corners[k, j, i]
    count_of = np.array(cells.shape[::-1])

    def drawn(points: Array64) -> npt.NDArray[np.bool_]:
        share = (points - low) / (high - low)
        cell = np.clip(np.floor(share * count_of), 0, count_of - 1).astype(np.int64)
        inside = ((share >= 0.0) & (share <= 1.0)).all(axis=1)
        return np.asarray(inside & cells[cell[:, 2], cell[:, 1], cell[:, 0]])

    return drawn


def _occupancy(file: InputFile, bounds: Array64) -> Occupancy | None:
    """The alpha mask as cells of the field's box, each kept if one of its corners is drawn."""
    mask = _mask(file)
    if mask is None:
        return None
    shape = file.checkpoint["alphaMask.shape"][-3:]
    sides = [min(2 * n, _MOST_CELLS) for n in shape]
    lattice = [np.linspace(0.0, 1.0, n + 1) for n in sides]
    z, y, x = np.meshgrid(*lattice, indexing="ij")
    low, high = bounds
    at = low + np.stack([x, y, z], axis=-1).reshape(-1, 3) * (high - low)
    corners = mask(at).reshape([n + 1 for n in sides])
    cells = np.zeros(sides, np.bool_)
    for k in (slice(0, -1), slice(1, None)):
        for j in (slice(0, -1), slice(1, None)):
            for i in (slice(0, -1), slice(1, None)):
                cells |= corners[k, j, i]
    return Occupancy(cells)


SOURCE = Source(NAME, "a radiance field of planes and lines", _recognize(False), read)
HARMONICS = Source(
    f"{NAME} with harmonics", "the same, shaded by harmonics", _recognize(True), function=function
)
