"""Fields of a hash grid and networks as functions of points; no source of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction
from nfcodec.model.networks import Network

#: Points to (P, F) features, and whether the density there counts.
Encoder = Callable[[npt.NDArray[np.float32]], tuple[FloatArray, npt.NDArray[np.bool_]]]


def function(
    kind: str, bounds: npt.ArrayLike, encoder: Encoder, networks: Sequence[Network],
    metadata: Mapping[str, Any], occupied: Callable[[Any], Any] | None = None,
    shade: Callable[[Any, Any], Any] | None = None,
) -> FieldFunction:  # fmt: skip
    """What ``networks`` give for the features that ``encoder`` finds.

    Networks are our own, and read ``features`` and ``direction``; one is named ``density`` for a
    radiance field, and the last one gives the colors, or what ``shade`` makes colors of with the
    directions.
    """
    runs = _Networks(networks)

    def densities(points: Any) -> Any:
        features, counts = encoder(np.asarray(points, np.float32))
        found = runs({"features": features}, "density")[:, 0]
        return np.where(counts, found, np.float32(0))

    def radiance(points: Any, directions: Any) -> Any:
        features, counts = encoder(np.asarray(points, np.float32))
        sources = {"features": features, "direction": np.asarray(directions, np.float32)}
        colors = runs(sources, networks[-1].name)
        if shade is not None:
            colors = shade(colors, sources["direction"])
        density = runs({"features": features}, "density")[:, 0]
        return np.where(counts, density, np.float32(0)), colors

    def values(points: Any) -> Any:
        features, _ = encoder(np.asarray(points, np.float32))
        return runs({"features": features}, networks[-1].name)

    box = np.asarray(bounds, np.float64)
    if kind == "nerf":
        return FieldFunction(kind, box, radiance, densities, occupied, metadata)
    return FieldFunction(kind, box, values, metadata=metadata)


class _Networks:
    """Runs networks on float32 arrays."""

    def __init__(self, networks: Sequence[Network]) -> None:
        from nfcodec.evaluate.networks import NetworkModule  # brings torch

        self.modules = [NetworkModule(network) for network in networks]

    def __call__(self, sources: Mapping[str, FloatArray], wanted: str) -> FloatArray:
        import torch

        with torch.no_grad():
            held = {name: torch.from_numpy(values) for name, values in sources.items()}
            for module in self.modules:
                read = {item.source for item in module.inputs}
                if read <= held.keys():
                    held[str(module.name)] = module(held)
            found: FloatArray = held[wanted].numpy()
        return found


def of_grids(field: Field) -> Encoder:
    """What the grids of ``field`` give at points of its box; outside nothing counts."""
    from nfcodec.evaluate import FieldModule  # brings torch

    module = FieldModule(field)

    def encode(points: Any) -> Any:
        import torch

        with torch.no_grad():
            u = module.normalize(torch.from_numpy(np.ascontiguousarray(points)))
            return module.features(u).numpy(), (u.abs() <= 1.0).all(dim=1).numpy()

    return encode


def harmonics_shade(values: Any, directions: Any) -> Any:
    """Colors of harmonics' coefficients (P, 3 n), channel by channel: max(0, sum + 1/2)."""
    from nfcodec.evaluate.harmonics import spherical_harmonics

    count = values.shape[1] // 3
    x, y, z = np.asarray(directions, np.float32).T
    basis = np.stack(spherical_harmonics(x, y, z, round(count**0.5)), axis=1)
    sums = (values.reshape(len(values), 3, count) * basis[:, None]).sum(axis=2)
    return np.maximum(sums + np.float32(0.5), np.float32(0))
