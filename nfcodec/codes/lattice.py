"""The code ``lattice``: values on a dense lattice, each predicted from coarser ones."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray, is_moderate
from nfcodec.codes.whole import WholeHeader
from nfcodec.container import Cursor, limits
from nfcodec.container.tree import Node
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import MAX_DIFFERENCE, MAX_STEP, Ints, Octave, Shape, Start
from nfcodec.errors import DamagedFileError, InvalidFieldError
from nfcodec.layouts.memory import Around
from nfcodec.model.protocols import Candidate, Described, MemoryCost
from nfcodec.model.sites import SiteSet

#: Octaves of one level: sides end at 2^16.
MAX_OCTAVES = 17


@dataclass(frozen=True, eq=False)
class LatticeCode:
    """Integers on a dense lattice: row i is ``offset + unit * values[i]`` in float32.

    ``octaves``: how each lattice follows from the one before, up to the level's own. Of each
    ``channel``, ``differences`` has those of each octave, (nz, ny, nx) int32 in the shape that it
    ends in, with sides of 1 along axes that the level does not have. ``base``: the code of the
    coarser level that the first octave goes on from; None if the first octave is a lattice itself.
    """

    octaves: tuple[Octave, ...]
    differences: tuple[tuple[Ints, ...], ...]
    unit: float
    offset: float = 0.0
    base: LatticeCode | None = None

    tag: ClassVar[int] = 3
    name: ClassVar[str] = "lattice"

    @property
    def shape(self) -> Shape:
        """Sides z, y, x of the level's lattice."""
        nz, ny, nx = self.differences[0][-1].shape
        return nz, ny, nx

    @property
    def num_rows(self) -> int:
        return math.prod(self.shape)

    @property
    def num_features(self) -> int:
        return len(self.differences)

    @property
    def last_step(self) -> int:
        """The step of the last octave that has differences."""
        before = 0 if self.base is None else self.base.last_step
        return next((octave.step for octave in reversed(self.octaves) if octave.step), before)

    @functools.cached_property
    def values(self) -> tuple[Ints, ...]:
        """Of each channel, (nz, ny, nx) int32."""
        return tuple(
            lattice.values_of(self.octaves, differences, start)
            for differences, start in zip(self.differences, self.starts, strict=True)
        )

    @property
    def starts(self) -> list[Start | None]:
        """What the first octave of each channel goes on from."""
        return _starts(self.base, self.num_features)

    @property
    def nbytes(self) -> int:
        return sum(int(found.nbytes) for _, found in self.arrays())

    @property
    def paper_bytes(self) -> int:
        return self.nbytes

    def decode_rows(self, start: int = 0, stop: int | None = None) -> FloatArray:
        """Rows ``start`` to ``stop`` as float32 vectors (N, F)."""
        columns = [values.reshape(-1)[start:stop].astype(np.float32) for values in self.values]
        rows = np.stack(columns, axis=1) * np.float32(self.unit)
        return np.asarray(rows + np.float32(self.offset), np.float32)

    def check(self, where: str) -> None:
        """Raise InvalidFieldError unless differences and octaves fit together."""
        if not 1 <= len(self.octaves) <= MAX_OCTAVES or not self.differences:
            raise InvalidFieldError(f"{where}: {len(self.octaves)} octaves; expected 1 to 17")
        for number, octave in enumerate(self.octaves):
            if not all(0 <= value <= MAX_STEP for value in octave):
                raise InvalidFieldError(f"{where}: octave {number} has {octave}")
        for value in (self.unit, self.offset):
            if not (is_moderate(value) and float(np.float32(value)) == value):
                raise InvalidFieldError(f"{where}: {value!r} is not a float32 of moderate size")
        if self.unit <= 0:
            raise InvalidFieldError(f"{where}: a unit of {self.unit}; it must be positive")
        shapes = lattice.shapes(self.shape, len(self.octaves))
        for differences in self.differences:
            if [found.shape for found in differences] != shapes:
                raise InvalidFieldError(f"{where}: differences not of the shapes {shapes}")
            for octave, found in zip(self.octaves, differences, strict=True):
                if lattice.is_none(found):
                    continue
                least, most = int(found.min()), int(found.max())
                if found.dtype != np.int32 or max(most, -least) > MAX_DIFFERENCE:
                    raise InvalidFieldError(
                        f"{where}: differences that are no int32 up to {MAX_DIFFERENCE:,} in size"
                    )
                if not octave.step and found.any():
                    raise InvalidFieldError(f"{where}: differences of an octave without a step")
        base = self.base
        if base is None and not self.octaves[0].step:
            raise InvalidFieldError(f"{where}: a first lattice without a step")
        if base is not None and (
            base.shape != lattice.halved(shapes[0]) or base.num_features != self.num_features
        ):
            raise InvalidFieldError(f"{where}: a lattice of {shapes[0]} from one of {base.shape}")

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """The differences of its own octaves and of those before."""
        if self.base is not None:
            yield from self.base.arrays()
        for found in itertools.chain.from_iterable(self.differences):
            yield "differences", found

    def describe(self, part_bytes: Mapping[str, int] | None = None) -> Described:
        return {
            "unit": self.unit,
            "offset": self.offset,
            "octaves": [octave._asdict() for octave in self.octaves],
        }

    def header(self) -> list[float]:
        octaves = itertools.chain.from_iterable(self.octaves)
        return [float(self.unit), float(self.offset), self.base is not None, *map(int, octaves)]

    @classmethod
    def read_header(cls, node: Node, values: list[Node], features: int) -> LatticeHeader:
        node.need_values(values, 5, 3 + 2 * MAX_OCTAVES, cls.name)
        if len(values) % 2 == 0:  # a step without a reach
            raise node.damage(f"has {len(values)} values, which {cls.name} does not take")
        unit, offset = (_single(value) for value in values[:2])
        if unit <= 0:
            raise values[0].damage("is not above 0")
        numbers = [value.within(0, MAX_STEP) for value in values[3:]]
        octaves = tuple(map(Octave, numbers[::2], numbers[1::2]))
        continues = values[2].flag()
        if not (continues or octaves[0].step):
            raise values[3].damage("is 0, and there is nothing to go on from")
        return LatticeHeader(unit, offset, continues, octaves)

    def candidates(self, sites: SiteSet | None, layers: int | None) -> list[Candidate]:
        section = lattice.write(self.octaves, self.differences, self.starts)
        return [Candidate((section,), tuple(self.header()))]


@dataclass(frozen=True)
class LatticeHeader(WholeHeader):
    """All but the differences. ``continues``: the level goes on from the one before."""

    unit: float
    offset: float
    continues: bool
    octaves: tuple[Octave, ...]

    name: ClassVar[str] = LatticeCode.name

    def memory(self, rows: int, features: int) -> MemoryCost:
        value = limits.ESTIMATE["value"]
        return MemoryCost(4 * value * rows * features, 4 * value * rows)

    def decode(self, cursor: Cursor, rows: int, features: int, around: Around) -> LatticeCode:
        shape = _shape_of(around, rows)
        base = self._base(around, shape, features) if self.continues else None
        starts = _starts(base, features)
        with cursor.part("differences"):
            found, values = lattice.read(cursor, self.octaves, shape, starts, around.work)
        differences = tuple(map(tuple, found))
        code = LatticeCode(self.octaves, differences, self.unit, self.offset, base)
        vars(code)["values"] = tuple(values)  # they need not be computed again
        return code

    def _base(self, around: Around, shape: Shape, features: int) -> LatticeCode:
        """The code of the level before; DamagedFileError unless it can be gone on from."""
        base = around.before
        if not isinstance(base, LatticeCode):
            raise DamagedFileError("goes on from a level before that is no lattice")
        wanted = lattice.halved(shape, len(self.octaves))
        if base.shape != wanted or base.num_features != features:
            raise DamagedFileError(
                f"goes on from a lattice of {base.shape}, {base.num_features} features; "
                f"{wanted}, {features} features are needed"
            )
        return base


def _starts(base: LatticeCode | None, features: int) -> list[Start | None]:
    if base is None:
        return [None] * features
    return [Start(values, base.last_step) for values in base.values]


def _shape_of(around: Around, rows: int) -> Shape:
    """The level's lattice; DamagedFileError unless it is dense."""
    sites = around.need_sites("lattice")
    if math.prod(sites.shape) != rows:
        raise DamagedFileError("a lattice with gaps")
    nz, ny, nx = sites.shape
    return nz, ny, nx


def _single(node: Node) -> float:
    """A float32 as a float."""
    value = node.real()
    if float(np.float32(value)) != value:
        raise node.damage(f"is {value!r}, not a float32")
    return value
