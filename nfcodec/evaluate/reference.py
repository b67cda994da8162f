"""The slow NumPy evaluator: the definition, as running code, of what a field's values are.

Everything else that evaluates a field is tested against this. It expands codes to floats and takes
no care of speed or memory.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nfcodec import transforms
from nfcodec.combine import combine_of
from nfcodec.evaluate.harmonics import spherical_harmonics
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Level
from nfcodec.model.networks import Encoding, Network

Array = npt.NDArray[np.float64]


def evaluate(
    field: Field | CodedField,
    points: npt.ArrayLike,
    directions: npt.ArrayLike | None = None,
    lod: int | None = None,
) -> Array:
    """Values of ``field`` at ``points``.

    Args:
        points: (P, D) in the field's own units.
        directions: (P, 3) unit view directions; needed if a network takes them.
        lod: use the levels up to this one; all by default.

    Returns:
        (P, C) float64. ``nerf``: density (per unit of length), then red, green, blue; the density
        is zero outside the occupied cells (see :func:`inside`). ``sdf``: the
        signed distance. ``scalar``: the channels.
    """
    x = np.asarray(points, np.float64)
    lod = field.num_lods - 1 if lod is None else lod
    low, high = field.bounds
    u = (x - low) / (high - low) * 2.0 - 1.0
    sources: dict[str, Array] = {"position": u, "features": features(field, u, lod)}
    if directions is not None:
        sources["direction"] = np.asarray(directions, np.float64)
    for network in field.networks:
        sources[network.name] = _run(network, sources)
    out = sources[field.networks[-1].name]
    if field.is_radiance:
        density = sources["density"][:, :1] * inside(field, u, lod)[:, None]
        out = np.concatenate([density, out], axis=1)
    return out


def features(field: Field | CodedField, u: Array, lod: int) -> Array:
    """(P, F) interpolated feature vectors of all grids at normalized points ``u`` (P, D)."""
    columns = [np.zeros((len(u), 0))]
    for grid in field.grids:
        levels: tuple[Level | CodedLevel, ...] = grid.levels

        def zeros(number: int, levels: tuple[Level | CodedLevel, ...] = levels) -> Array:
            return np.zeros((len(u), levels[number].num_features))

        parts = [interpolate(level, u) if level.lod <= lod else None for level in levels]
        columns += combine_of(grid).columns(parts, zeros)
    return np.concatenate(columns, axis=1)


def interpolate(level: Level | CodedLevel, u: Array) -> Array:
    """One level at normalized points ``u`` (P, D): (P, F)."""
    if level.transform is not None:
        u = transforms.apply(level.transform.astype(np.float64), u)
    vectors = level.features if isinstance(level, Level) else level.code.decode_rows()
    out = np.zeros((len(u), vectors.shape[1]))
    if not len(vectors):
        return out
    for row, weight in zip(*(part.T for part in level.layout.locate(u)), strict=True):
        there = row >= 0
        out += np.where(there, weight, 0.0)[:, None] * vectors[np.where(there, row, 0)]
    return out


def inside(field: Field | CodedField, u: Array, lod: int) -> npt.NDArray[np.bool_]:
    """Whether (P, 3) points lie in the box and in an occupied cell.

    Cells are those of :meth:`nfcodec.model.field.Skeleton.occupied`.
    """
    within = (np.abs(u) <= 1.0).all(axis=1)
    cells = field.occupied(lod)
    if cells is None:
        return np.asarray(within)
    side = np.array(cells.shape[::-1])
    x, y, z = np.clip(np.floor((u + 1.0) * 0.5 * side), 0, side - 1).astype(np.int64).T
    return np.asarray(within & cells[z, y, x])


def encode(x: Array, encoding: Encoding) -> Array:
    """(P, D) inputs to (P, encoding.width(D)) values."""
    if encoding.kind == "identity":
        return x
    if encoding.kind == "spherical_harmonics":
        return np.stack(spherical_harmonics(x[:, 0], x[:, 1], x[:, 2], encoding.degree), axis=1)
    parts = [x] if encoding.include_input else []
    for k in range(encoding.frequencies):
        angle = x * (encoding.scale * 2.0**k)
        parts += [np.sin(angle), np.cos(angle)]
    return np.concatenate(parts, axis=1)


def activate(x: Array, name: str) -> Array:
    """Apply one of ``model.networks.ACTIVATIONS``."""
    functions: dict[str, Callable[[Array], Array]] = {
        "none": lambda v: v,
        "relu": lambda v: np.maximum(v, 0.0),
        "leaky_relu": lambda v: np.where(v > 0, v, 0.01 * v),
        "sine": np.sin,
        "softplus": lambda v: np.logaddexp(0.0, v),
        "exp": lambda v: np.exp(np.minimum(v, 15.0)),
        "sigmoid": lambda v: 0.5 * (1.0 + np.tanh(0.5 * v)),
        "tanh": np.tanh,
        "snake_alt": lambda v: 0.5 * v + np.sin(v) ** 2,
        "elu": lambda v: np.where(v > 0, v, np.expm1(np.minimum(v, 0.0))),
        "silu": lambda v: v * 0.5 * (1.0 + np.tanh(0.5 * v)),
    }
    return np.asarray(functions[name](x))


def _run(network: Network, sources: dict[str, Array]) -> Array:
    parts = []
    for item in network.inputs:
        x = sources[item.source]
        if item.channels is not None:
            x = x[:, item.channels[0] : item.channels[1]]
        parts.append(encode(x, item.encoding))
    entry = x = np.concatenate(parts, axis=1)
    for i, layer in enumerate(network.layers):
        if i in network.skips:
            x = np.concatenate([x, entry], axis=1)
        x = x @ layer.weight.astype(np.float64).T
        if layer.bias is not None:
            x = x + layer.bias
        x = activate(x * layer.gain, layer.activation)
    return x
