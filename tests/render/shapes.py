"""Fields whose values are known: a function sampled on a lattice, decoded by the identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.field import DenseLayout, Field, Grid, Input, Kind, Layer, Level, Network

Function = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def sampled(
    function: Function,
    shape: tuple[int, ...] = (48, 48, 48),
    kind: Kind = "sdf",
    bounds: npt.ArrayLike | None = None,
    **metadata: Any,
) -> Field:
    """A dense field of ``function``, which takes (P, D) points and gives (P,) values."""
    dims = len(shape)
    box = np.array([[-1.0] * dims, [1.0] * dims] if bounds is None else bounds, np.float64)
    axes = [np.linspace(box[0, d], box[1, d], shape[dims - 1 - d]) for d in reversed(range(dims))]
    points = np.stack(np.meshgrid(*axes, indexing="ij")[::-1], axis=-1).reshape(-1, dims)
    features = function(points).astype(np.float32)[:, None]
    network = Network("values", (Input("features"),), (Layer(np.ones((1, 1), np.float32), None),))
    return Field(kind, box, (Grid((Level(DenseLayout(shape), 0, features),)),), (network,),
                 metadata=metadata)  # fmt: skip


def sphere(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Distance to a sphere of radius 0.6 around (0.1, -0.05, 0.02)."""
    return np.linalg.norm(points - [0.1, -0.05, 0.02], axis=1) - 0.6


def gyroid(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """About the distance to a thick gyroid, cut by the box."""
    x, y, z = (points * 6.0).T
    wave = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    return (np.abs(wave) - 0.35) / 9.0


def blobs(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Three smooth bumps of different height."""
    total = np.zeros(len(points))
    for centre, height in (
        ([0.3, 0.2, 0.3], 1.0),
        ([-0.4, -0.2, 0.0], 0.7),
        ([0.2, -0.5, -0.4], 0.5),
    ):
        at = np.array(centre)[: points.shape[1]]
        total += height * np.exp(-((points - at) ** 2).sum(axis=1) / 0.06)
    return total
