"""Differences of lattices, found as a decoder finds values: from what is decoded before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import MAX_DIFFERENCE, Ints, Octave, Odd, Shape, Start

Floats: TypeAlias = npt.NDArray[np.float64]
#: True values, in units of the lattice, at the sites (P, 3) z, y, x of a lattice of a shape.
Truth: TypeAlias = "Callable[[Shape, npt.NDArray[np.int64]], Floats]"


def differences_of(
    octaves: Sequence[Octave], shape: Shape, truth: Truth, rounding: float, start: Start | None
) -> tuple[list[Ints], Ints]:
    """The differences that bring ``octaves`` near the ``truth``, and the lattice that they make.

    ``shape``: of that lattice. ``rounding``: 0.5 rounds to the nearest step; what is less leaves
    values that are nearly as predicted at their prediction, which takes fewer bits.
    """

    def visit(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
        part = tuple(slice(first, None, 2) for first in odd)
        predictions = values[part]
        at = np.argwhere(np.abs(predictions) <= octave.limit)
        if not len(at):
            return
        place = tuple(at.T)
        sites = 2 * at + odd
        # The first lattice is the even sites of one of twice its sides.
        sides: Shape = values.shape  # type: ignore[assignment]
        if start is None and sides not in known:
            sites, sides = at, predictions.shape  # type: ignore[assignment]
        wrong = (truth(sides, sites) - predictions[place]) / octave.step
        steps = np.sign(wrong) * np.floor(np.abs(wrong) + rounding)
        steps = np.clip(steps, -MAX_DIFFERENCE, MAX_DIFFERENCE).astype(np.int32)
        found[part][place] = steps
        predictions[place] += steps * octave.step

    sides_of = lattice.shapes(shape, len(octaves))
    known = sides_of[1:]
    differences = [
        np.zeros(sides, np.int32) if octave.step else lattice.none(sides)
        for octave, sides in zip(octaves, sides_of, strict=True)
    ]
    return differences, lattice.run(octaves, differences, start, visit)
