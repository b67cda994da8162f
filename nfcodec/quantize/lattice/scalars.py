"""Scalars of a function to codes: lattices with differences everywhere, within a bound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.codes.lattice import LatticeCode
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import Octave, Shape
from nfcodec.entropy.lattice_contexts import MAX_VALUE
from nfcodec.errors import UsageError
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedLevel
from nfcodec.quantize.lattice.closed_loop import Floats, Truth, differences_of

Values: TypeAlias = npt.NDArray[np.float64]
#: Sites along the longest side of the coarsest level: about a picture of it.
_FIRST_LEVEL = 33
#: Sites below which no coarser lattice pays.
_COARSEST = 5
#: Units in a step: predictions are rounded to units.
_UNITS = 16
#: Taken off a bound for what float32 rounds when values are decoded.
_MARGIN = 1e-6


@dataclass(frozen=True, eq=False)
class ScalarLattice:
    """``values`` (nz, ny, nx, C) at the sites of a lattice, in their own units, all finite.

    ``dims``: 2 if nz is 1 because there is no third axis.
    """

    values: Values
    dims: int

    @property
    def shape(self) -> Shape:
        nz, ny, nx = self.values.shape[:3]
        return nz, ny, nx

    @property
    def range(self) -> float:
        return float(np.ptp(self.values))

    def levels(self, max_error: float, rounding: float = 0.5) -> tuple[CodedLevel, ...]:
        """Levels within ``max_error`` of the values, if ``rounding`` is 0.5; coarse ones first.

        UsageError if the bound is finer than float32 or lattices hold.
        """
        offset = float(np.float32((self.values.max() + self.values.min()) / 2))
        bound = max_error * (1.0 - _MARGIN)
        most = float(np.abs(self.values).max())
        unit = float(np.nextafter(np.float32(2.0 * bound / _UNITS), np.float32(0)))
        spacing = float(np.spacing(np.float32(most)))
        if unit <= 0 or self.range / unit >= MAX_VALUE or spacing > max_error / 4:
            raise UsageError(
                f"a max-error of {max_error:.3g} is finer than a file holds for values up to "
                f"{most:.3g}; the least is about "
                f"{max(8 * spacing, self.range * _UNITS / MAX_VALUE):.2g}"
            )
        count = 1
        while max(lattice.halved(self.shape, count - 1)) > _COARSEST:
            count += 1
        octaves = [Octave(_UNITS, 0)] * count
        channels = [
            differences_of(octaves, self.shape, self._truth(c, offset, unit), rounding, None)[0]
            for c in range(self.values.shape[3])
        ]
        first = next(
            number
            for number, sides in enumerate(lattice.shapes(self.shape, count), 1)
            if max(sides) >= min(_FIRST_LEVEL, max(self.shape))
        )
        levels: list[CodedLevel] = []
        base: LatticeCode | None = None
        for lod, (start, end) in enumerate(
            zip([0, *range(first, count)], range(first, count + 1), strict=True)
        ):
            own = tuple(tuple(found[start:end]) for found in channels)
            base = LatticeCode(tuple(octaves[start:end]), own, unit, offset, base)
            layout = DenseLayout(base.shape[3 - self.dims :])
            levels.append(CodedLevel(layout, lod, base))
        return tuple(levels)

    def _truth(self, channel: int, offset: float, unit: float) -> Truth:
        """Values at the sites of this lattice and of coarser ones."""

        def at(shape: Shape, sites: npt.NDArray[np.int64]) -> Floats:
            longest = int(np.argmax(self.shape))
            step = 1
            while -(-self.shape[longest] // step) > shape[longest]:
                step *= 2
            z, y, x = (step * sites).T
            return np.asarray((self.values[z, y, x, channel] - offset) / unit)

        return at


def sampled(
    function: Callable[[Floats], npt.NDArray[np.floating]], bounds: Floats, sites: int
) -> ScalarLattice:
    """``function``, which gives (P, C) values at (P, D) points, on ``sites`` along each side.

    UsageError if it gives NaN or an infinity.
    """
    dims = bounds.shape[1]
    axes = [np.linspace(low, high, sites) for low, high in bounds.T]
    places = np.stack(np.meshgrid(*axes[::-1], indexing="ij"), axis=-1)[..., ::-1]
    points = np.ascontiguousarray(places.reshape(-1, dims))
    parts = np.array_split(points, math.ceil(len(points) / (1 << 17)))
    values = np.concatenate([np.asarray(function(part), np.float64) for part in parts])
    if not np.isfinite(values).all():
        raise UsageError(
            f"the field gives NaN or infinity at {int((~np.isfinite(values)).any(axis=1).sum())} "
            f"of {len(points)} points"
        )
    shape = (1,) * (3 - dims) + (sites,) * dims
    return ScalarLattice(values.reshape(*shape, -1), dims)
