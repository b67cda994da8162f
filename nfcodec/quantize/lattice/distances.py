"""Signed distances to codes: which octaves, with which steps, and how good the result is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nfcodec._version import __version__
from nfcodec.codes.lattice import LatticeCode
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import Ints, Octave, Shape
from nfcodec.errors import UsageError
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.quantize.lattice.closed_loop import Floats, differences_of
from nfcodec.quantize.lattice.sampled import Function, Sampled

#: Voxels along a side of the coarsest lattice, of the coarsest level, and of the finest that is
#: made smoother by one more octave, which costs no byte.
COARSEST, FIRST_LEVEL, SMOOTHED = 4, 32, 64
RESOLUTIONS = (32, 64, 128, 256, 512)
#: Units along a side of the bounds: 2^15 to 2^16, so that the unit is a power of two.
_UNITS = 1 << 16
#: How far from the surface vertices are coded, in voxels: of the finest lattice, of coarser ones.
#: Those of the two coarsest are coded everywhere.
_REACH, _REACHES = 0.9, (2.5, 1.6, 1.3)
#: The largest step of the lattices before the finest, in their voxels.
_LARGEST_STEP = 0.25


@dataclass(frozen=True)
class DistanceSettings:
    """How distances are coded.

    ``resolution``: voxels along a side of the finest lattice that is coded, one of
    :data:`RESOLUTIONS`. ``step``: of its differences, in its voxels. ``growth``: how much larger
    the step of each coarser lattice is. ``rounding``: as for :func:`differences_of`. Defaults:
    armadillo, bob and spot in decision 46.
    """

    resolution: int = 128
    step: float = 0.22
    growth: float = 2.0
    rounding: float = 0.45

    def __post_init__(self) -> None:
        if self.resolution not in RESOLUTIONS:
            known = ", ".join(map(str, RESOLUTIONS))
            raise UsageError(f"a resolution of {self.resolution}; choose one of {known}")

    @property
    def smoothed(self) -> bool:
        """Whether the finest lattice has twice as many voxels as are coded."""
        return self.resolution <= SMOOTHED

    def octaves(self, units: float) -> list[Octave]:
        """All octaves, for bounds whose side has so many ``units``."""
        found = []
        count = int(math.log2(self.resolution // COARSEST)) + 1
        for number in range(count):
            finer = count - 1 - number
            voxel = units / (COARSEST << number)
            step = self.step * units / self.resolution * self.growth**finer
            if finer:
                step = min(step, _LARGEST_STEP * voxel)
            reach = 0
            if number > 1:
                reach = round(voxel * (_REACHES[min(number - 2, 2)] if finer else _REACH))
            found.append(Octave(max(1, round(step)), reach))
        return found + [Octave(0, 0)] * self.smoothed


@dataclass(frozen=True, eq=False)
class CodedDistances:
    """``octaves`` and their ``differences``; ``values``: the lattice that they lead to."""

    octaves: Sequence[Octave]
    differences: Sequence[Ints]
    values: Ints
    unit: float

    def levels(self) -> tuple[CodedLevel, ...]:
        """One level for the coarse octaves, then one for each octave."""
        codes = enumerate(self.codes())
        return tuple(CodedLevel(DenseLayout(code.shape), lod, code) for lod, code in codes)

    def codes(self) -> tuple[LatticeCode, ...]:
        """The codes of :meth:`levels`, coarse to fine."""
        coarse = int(math.log2(FIRST_LEVEL // COARSEST)) + 1
        ends = [*range(coarse, len(self.octaves) + 1)]
        if not self.octaves[-1].step:  # what costs nothing is no level of its own
            ends.remove(len(self.octaves) - 1)
        codes: list[LatticeCode] = []
        base = None
        for start, end in zip([0, *ends], ends, strict=False):
            code = LatticeCode(
                tuple(self.octaves[start:end]), (tuple(self.differences[start:end]),), self.unit,
                base=base,
            )  # fmt: skip
            codes.append(code)
            base = code
        return tuple(codes)


def unit_of(bounds: Floats) -> float:
    """A power of two of which the longest side of ``bounds`` has 2^15 to 2^16."""
    side = float((bounds[1] - bounds[0]).max())
    return math.ldexp(1.0, math.ceil(math.log2(side / _UNITS)))


def code_distances(truth: Sampled, settings: DistanceSettings) -> CodedDistances:
    """The octaves of a distance function whose :class:`Sampled` is in units of its bounds'."""
    side = float((truth.bounds[1] - truth.bounds[0]).max())
    octaves = settings.octaves(side / truth.unit)
    sites = (settings.resolution << settings.smoothed) + 1
    shape: Shape = (sites, sites, sites)
    differences, values = differences_of(octaves, shape, truth, settings.rounding, None)
    return CodedDistances(octaves, differences, values, truth.unit)


def sample(function: Function, bounds: Floats) -> Sampled:
    """A distance function over ``bounds``, for :func:`code_distances`."""
    return Sampled(function, bounds, unit_of(bounds))


def identity_network(features: int, name: str) -> Network:
    """The network that gives the features as they are."""
    layer = Layer(np.eye(features, dtype=np.float32), None, "none", 1.0)
    return Network(name, (Input("features", Encoding()),), (layer,))


def field_of(coded: CodedDistances, bounds: Floats, settings: DistanceSettings) -> CodedField:
    """The coded field, with what its file says of how it was made."""
    encoding = {
        "method": "lattice", "resolution": settings.resolution, "step": round(settings.step, 4),
    }  # fmt: skip
    return CodedField(
        kind="sdf",
        bounds=np.array(bounds, np.float64),
        grids=(Grid(coded.levels(), "finest"),),
        networks=(identity_network(1, "distance"),),
        metadata={"encoding": encoding, "tool": f"nfcodec {__version__}"},
    )


def section_bytes(coded: CodedDistances) -> int:
    """Bytes that the differences take, in one section."""
    return lattice.write(coded.octaves, [coded.differences], [None]).size
