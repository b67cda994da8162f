"""Arrays of values to lattices: octaves that a decoder finds as they are found here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.codes import LatticeCode
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import MAX_DIFFERENCE, Ints, Octave, Odd, Shape
from nfcodec.quantize.lattice.closed_loop import Floats

#: Octaves: the first lattice has a 32nd of the sides.
OCTAVES = 6


@dataclass(frozen=True)
class Steps:
    """How values are rounded.

    ``unit``: what an integer stands for. ``step``: of the finest octave, in units. ``growth``: by
    how much coarser octaves are finer, each than the next. ``rounding``: see
    :func:`nfcodec.quantize.lattice.closed_loop.differences_of`.
    """

    unit: float
    offset: float
    step: int
    growth: float = 1.0
    rounding: float = 0.5

    def octaves(self) -> list[Octave]:
        """The octaves, coarse to fine."""
        finer = range(OCTAVES - 1, -1, -1)
        return [Octave(max(1, round(self.step / self.growth**k)), 0) for k in finer]


def code_channels(
    channels: Floats, known: npt.NDArray[np.bool_] | None, steps: Steps
) -> LatticeCode:
    """The code of ``channels`` (F, nz, ny, nx).

    ``known``: (nz, ny, nx), where there are values; elsewhere what is predicted stays, which takes
    hardly a byte.
    """
    octaves = steps.octaves()
    differences, values = [], []
    for channel in channels:
        found, made = _one((channel - steps.offset) / steps.unit, known, octaves, steps.rounding)
        differences.append(tuple(found))
        values.append(made)
    code = LatticeCode(tuple(octaves), tuple(differences), steps.unit, steps.offset)
    vars(code)["values"] = tuple(values)  # they need not be computed again
    return code


def _one(
    truth: Floats, known: npt.NDArray[np.bool_] | None, octaves: Sequence[Octave], rounding: float
) -> tuple[list[Ints], Ints]:
    nz, ny, nx = truth.shape
    sides = lattice.shapes((nz, ny, nx), len(octaves))
    strides = {side: 1 << (len(octaves) - 1 - n) for n, side in enumerate(sides)}
    first = [True]

    def visit(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
        if first:  # the even sites of a lattice of twice the sides of the first one
            first.clear()
            stride = 1 << (len(octaves) - 1)
            there = (slice(None, None, stride),) * 3
        else:
            stride = strides[_shape(values)]
            there = tuple(slice(stride * n, None, 2 * stride) for n in odd)  # type: ignore[assignment]
        part = tuple(slice(n, None, 2) for n in odd)
        predictions = values[part]
        wrong = (truth[there] - predictions) / octave.step
        steps = np.sign(wrong) * np.floor(np.abs(wrong) + rounding)
        if known is not None:
            steps[~known[there]] = 0
        wanted = np.clip(steps, -MAX_DIFFERENCE, MAX_DIFFERENCE).astype(np.int32)
        found[part] = wanted
        predictions += wanted * octave.step

    differences = [np.zeros(side, np.int32) for side in sides]
    return differences, lattice.run(octaves, differences, None, visit)


def _shape(values: Ints) -> Shape:
    nz, ny, nx = values.shape
    return nz, ny, nx
