"""Whether a file keeps to a bound on the error, found from its codes and the function alone."""

from __future__ import annotations

import itertools
from typing import cast

import numpy as np
import numpy.typing as npt

from nfcodec.codes.lattice import LatticeCode
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import Ints, Octave, Odd
from nfcodec.model.coded import CodedField
from nfcodec.quantize.lattice.closed_loop import Floats
from nfcodec.quantize.lattice.sampled import Function

#: Points that a function is given at a time.
_POINTS = 1 << 18


def coded_vertices(code: LatticeCode) -> npt.NDArray[np.bool_]:
    """Which vertices [z, y, x] have had a difference, in this level or one before."""
    base = code.base
    reached = None if base is None else coded_vertices(base)
    lattices = lattice.shapes(code.shape, len(code.octaves))
    masks = [np.zeros(sides, np.bool_) for sides in lattices]
    if reached is None:
        masks[0][...] = True
    else:
        masks[0][::2, ::2, ::2] = reached

    def visit(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
        part = tuple(slice(first, None, 2) for first in odd)
        if found.shape in lattices:  # all but the first lattice
            masks[lattices.index(found.shape)][part] |= np.abs(values[part]) <= octave.limit
        lattice.add(values, found, odd, octave)

    copies = [found.copy() for found in code.differences[0]]
    lattice.run(code.octaves, copies, code.starts[0], visit)
    for coarse, fine in itertools.pairwise(masks):
        fine[::2, ::2, ::2] |= coarse
    return masks[-1]


def largest_error(field: CodedField, function: Function) -> float:
    """The largest error of a coded vertex, as a share of the longest side of the bounds.

    ``field``: of one lattice in its last level.
    """
    code = cast(LatticeCode, field.levels[-1].code)
    mask = coded_vertices(code)
    low, high = field.bounds
    sites = np.argwhere(mask)
    share = sites[:, ::-1] / (np.array(mask.shape[::-1]) - 1)
    points: Floats = low + share * (high - low)
    parts = np.array_split(points, -(-len(points) // _POINTS))
    wanted = np.concatenate([np.asarray(function(part), np.float64) for part in parts])
    decoded = code.decode_rows()[mask.ravel(), 0].astype(np.float64)
    return float(np.abs(decoded - wanted).max() / (high - low).max())
