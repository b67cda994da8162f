"""A function of space on the sites of lattices, each evaluated once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.entropy.lattice import Shape
from nfcodec.errors import UsageError
from nfcodec.quantize.lattice.closed_loop import Floats

#: (P, 3) points to (P,) values.
Function: TypeAlias = "Callable[[Floats], npt.NDArray[np.floating]]"

#: Points that a function is given at a time, which bounds its memory.
_POINTS = 1 << 18


class Sampled:
    """``function`` at sites of lattices that span ``bounds`` (2, 3), in units of ``unit``.

    Lattices have a site on each corner of the bounds. UsageError if the function gives NaN or an
    infinity, or something else than a value for each point.
    """

    def __init__(self, function: Function, bounds: Floats, unit: float) -> None:
        self.function, self.bounds, self.unit = function, np.asarray(bounds, np.float64), unit
        self._known: dict[Shape, npt.NDArray[np.float32]] = {}

    def __call__(self, shape: Shape, sites: npt.NDArray[np.int64]) -> Floats:
        """(P,) values at ``sites`` (P, 3) z, y, x of a lattice of a ``shape``."""
        if shape not in self._known:
            self._known[shape] = np.full(shape, np.nan, np.float32)
        known, place = self._known[shape], tuple(sites.T)
        values = known[place]
        missing = np.isnan(values)
        if missing.any():
            share = sites[missing][:, ::-1] / (np.array(shape[::-1]) - 1)
            low, high = self.bounds
            values[missing] = self.at(low + share * (high - low))
            known[place] = values
        return np.asarray(values, np.float64)

    def at(self, points: Floats) -> Floats:
        """(P,) values at (P, 3) points, in units of :attr:`unit`."""
        out = np.empty(len(points))
        for first in range(0, len(points), _POINTS):
            part = points[first : first + _POINTS]
            values = np.asarray(self.function(part), np.float64)
            if values.shape != (len(part),):
                raise UsageError(
                    f"the function gave values of shape {values.shape} for {len(part)} points; "
                    "one value for each point is needed"
                )
            if not np.isfinite(values).all():
                raise UsageError(
                    f"the function gave NaN or infinity at {int((~np.isfinite(values)).sum())} of "
                    f"{len(part)} points"
                )
            out[first : first + _POINTS] = values / self.unit
        return out
