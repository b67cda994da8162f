"""How well a lattice of distances stands for the distances that it was made from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nfcodec.entropy.lattice import Ints
from nfcodec.errors import UsageError
from nfcodec.quantize.lattice.closed_loop import Floats
from nfcodec.quantize.lattice.sampled import Sampled

#: Points near the surface that a lattice is judged at.
_POINTS = 3000
#: Half the distance of the points of a difference, as a share of the bounds.
_HALF_STEP = 1 / 512


class Faults(NamedTuple):
    """``distance``: the mean error near the surface, as a share of the bounds' longest side.
    ``angle``: the mean angle, in degrees, between gradients there."""

    distance: float
    angle: float

    @property
    def product(self) -> float:
        """Both, a halving of one being worth a halving of the other."""
        return max(self.distance, 1e-9) * max(self.angle, 1e-3)


class SurfacePoints:
    """Points near the surface of ``truth``, with its distances and gradients there.

    ``values``: a lattice of it, in whose voxels on the surface the points lie. UsageError if no
    voxel is on the surface.
    """

    def __init__(self, truth: Sampled, values: Ints, seed: int = 0) -> None:
        inside = values < 0
        corners = [
            inside[tuple(slice(i, n - 1 + i) for i, n in zip(corner, inside.shape, strict=True))]
            for corner in np.ndindex(2, 2, 2)
        ]
        crossed = np.logical_or.reduce(corners) & ~np.logical_and.reduce(corners)
        voxels = np.argwhere(crossed)
        if not len(voxels):
            raise UsageError(
                "the distances have no surface: they are nowhere negative, or nowhere positive"
            )
        rng = np.random.default_rng(seed)
        chosen = voxels[rng.integers(0, len(voxels), _POINTS)] + rng.uniform(size=(_POINTS, 3))
        low, high = truth.bounds
        self._low, self._side = low, high - low
        self.points = low + (chosen / (np.array(values.shape) - 1))[:, ::-1] * self._side
        self.longest = float(self._side.max()) / truth.unit
        self._offsets = np.eye(3) * float(self._side.max()) * _HALF_STEP
        self._values = truth.at(self.points)
        self._gradients = self._gradient(truth.at)

    def _gradient(self, function: object) -> Floats:
        assert callable(function)
        columns = [function(self.points + e) - function(self.points - e) for e in self._offsets]
        gradient = np.stack(columns, axis=1)
        return np.asarray(gradient / np.maximum(np.linalg.norm(gradient, axis=1)[:, None], 1e-30))

    def faults(self, values: Ints) -> Faults:
        """Those of a lattice."""

        def at(points: Floats) -> Floats:
            return interpolated(values, (points - self._low) / self._side)

        wrong = np.abs(at(self.points) - self._values).mean() / self.longest
        cosine = np.einsum("pd,pd->p", self._gradient(at), self._gradients)
        angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).mean()
        return Faults(float(wrong), float(angle))


def interpolated(values: Ints, share: Floats) -> Floats:
    """(P,) trilinear values of a lattice at (P, 3) x, y, z in [0, 1]."""
    most = np.array(values.shape) - 1
    at = np.clip(share[:, ::-1] * most, 0, most)
    base = np.minimum(at.astype(np.int64), most - 1)
    part = at - base
    out = np.zeros(len(share))
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, part, 1 - part).prod(axis=1)
        out += weight * values[tuple((base + corner).T)]
    return out


def steepest(values: Ints, spacing: Floats) -> float:
    """No slope of a trilinear lattice [z, y, x] is steeper in voxels that are not all inside.

    ``spacing``: of its sites along x, y, z, in units of the values.
    """
    inner = tuple(n - 1 for n in values.shape)
    square = np.zeros(inner)
    outside = np.zeros(inner, np.bool_)
    for axis in range(3):
        slopes = np.abs(np.diff(values, axis=axis))
        most = np.zeros(inner, slopes.dtype)
        for corner in np.ndindex(2, 2, 2):
            if corner[axis]:
                continue
            part = tuple(slice(i, n + i) for i, n in zip(corner, inner, strict=True))
            np.maximum(most, slopes[part], out=most)
            outside |= values[part] > 0
        square += (most / spacing[2 - axis]) ** 2
    last = tuple(slice(1, n + 1) for n in inner)
    outside |= values[last] > 0
    return float(np.sqrt(square[outside].max(initial=0.0)))
