"""A function of points in the place of a field's module, so that it can teach."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction

#: Points that a function is given at a time.
_CHUNK = 1 << 16


class FunctionModule(FieldModule):
    """``function`` as a module that gives its values where ``field`` may hold something.

    UsageError, when it is asked, if the function gives arrays of other shapes, or no finite
    numbers.
    """

    def __init__(self, field: Field, function: FieldFunction, device: str | torch.device) -> None:
        super().__init__(field, device)
        self.function = function

    def sources(self, points: Tensor, lod: int | None = None) -> dict[str, Tensor]:
        """The points, as they are and normalized."""
        return {"position": self.normalize(points), "points": points}

    def run(self, names: tuple[str, ...], sources: dict[str, Tensor]) -> Tensor:
        """Densities (P, 1) if ``names`` end there, else colors (P, 3)."""
        points = sources["points"]
        if names == self.density_networks:
            return _on(densities(self.function, _array(points))[:, None], points)
        _, colors = radiance(self.function, _array(points), _array(sources["direction"]))
        return _on(colors, points)

    def forward(
        self, points: Tensor, directions: Tensor | None = None, lod: int | None = None
    ) -> Tensor:
        """(P, C) values of a distance or a scalar field."""
        return _on(plain_values(self.function, _array(points)), points)


def densities(function: FieldFunction, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(P,) densities, none below 0, where it is drawn; seen along -z if it takes a direction."""
    if function.densities is None:
        down = np.broadcast_to(np.array([0.0, 0.0, -1.0], np.float32), points.shape)
        values = radiance(function, points, down)[0]
    else:
        parts = [_checked(function.densities(p), (len(p),), "densities") for p in _parts(points)]
        values = np.maximum(np.concatenate(parts), 0.0)
    if function.occupied is None:
        return values
    drawn = np.concatenate([np.asarray(function.occupied(p), np.bool_) for p in _parts(points)])
    return np.asarray(values * drawn, np.float32)


def radiance(
    function: FieldFunction, points: npt.NDArray[np.float32], directions: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(P,) densities, none below 0, and (P, 3) colors."""
    found = []
    for p, d in zip(_parts(points), _parts(directions), strict=True):
        pair = function.values(p, d)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise UsageError(
                "a function of kind nerf gives two arrays, densities and colors, for points and "
                f"directions; it gave {type(pair).__name__}"
            )
        density, color = pair
        count = len(p)
        found.append(
            (
                np.maximum(_checked(density, (count,), "densities"), 0.0),
                _checked(color, (count, 3), "colors"),
            )
        )
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def plain_values(
    function: FieldFunction, points: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(P, C) values of a function that takes points alone."""
    found = []
    for p in _parts(points):
        values = _numbers(function.values(p), "values")
        values = values.reshape(len(p), -1) if values.shape[:1] == (len(p),) else values
        found.append(_checked(values, (len(p), *values.shape[1:]), "values"))
    return np.concatenate(found)


def _parts(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    return [values[i : i + _CHUNK] for i in range(0, max(len(values), 1), _CHUNK)]


def _numbers(values: Any, what: str) -> npt.NDArray[np.float32]:
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    try:
        return np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the function gives {what} that are no array of numbers") from error


def _checked(values: Any, shape: tuple[int, ...], what: str) -> npt.NDArray[np.float32]:
    found = _numbers(values, what)
    if found.shape == (*shape, 1):
        found = found[..., 0]
    if found.shape != shape:
        raise UsageError(f"the function gives {what} of shape {found.shape}; {shape} is needed")
    if not np.isfinite(found).all():
        raise UsageError(f"the function gives {what} that are NaN or infinite")
    return found


def _array(values: Tensor) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = values.detach().cpu().numpy()
    return found


def _on(values: npt.NDArray[np.float32], like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(like.device)
