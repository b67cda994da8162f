"""Lattices of integers, each predicted from a coarser one (``nfc-v1.md`` §8.4).

An octave takes a lattice to one of twice as many voxels along each axis. It interpolates the coarse
values in integers and adds differences, everywhere or where the interpolated value is near zero;
these are coded by mixed counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.container import Builder, Cursor, Section
from nfcodec.container.work import Work
from nfcodec.entropy import mixing, range_coder
from nfcodec.entropy.lattice_contexts import KINDS, MAX_BITS, MAX_VALUE, SETS, SLOTS
from nfcodec.entropy.mixing import Mixer
from nfcodec.errors import InvalidFieldError

Ints: TypeAlias = npt.NDArray[np.int32]
#: Sides z, y, x of a lattice.
Shape: TypeAlias = "tuple[int, int, int]"
#: Which coordinates z, y, x of a class of sites are odd.
Odd: TypeAlias = "tuple[int, int, int]"

#: The classes of sites, in the order of coding.
CLASSES: tuple[Odd, ...] = (
    (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1),
)  # fmt: skip
EVEN = CLASSES[0]
#: Differences are at most ``MAX_DIFFERENCE`` in size, steps and reaches at most ``MAX_STEP``.
MAX_DIFFERENCE, MAX_STEP = (2 << MAX_BITS) - 1, MAX_VALUE
#: Sites of a lattice that take as much work to predict as one takes to decode.
_PREDICTED = 16


class Octave(NamedTuple):
    """How an octave is coded.

    ``step``: what a difference counts; 0 if there are none. ``reach``: sites whose prediction is at
    most this in size have a difference; 0 if all have.
    """

    step: int
    reach: int

    @property
    def limit(self) -> int:
        """The greatest size of a prediction that gets a difference."""
        return self.reach or MAX_VALUE


class Start(NamedTuple):
    """The lattice that octaves go on from, and the last step with which it was coded."""

    values: Ints
    step: int


#: Called for each class that has differences, with its lattice of predictions, which it makes
#: values of, and that of the differences.
Visit: TypeAlias = "Callable[[Ints, Ints, Odd, Octave], None]"


def halved(shape: Shape, times: int = 1) -> Shape:
    """The sides of the lattice that is coarser by as many octaves."""
    nz, ny, nx = shape
    for _ in range(times):
        nz, ny, nx = (nz + 1) // 2, (ny + 1) // 2, (nx + 1) // 2
    return nz, ny, nx


def shapes(shape: Shape, octaves: int) -> list[Shape]:
    """The lattices that octaves end in, of which the last has ``shape``."""
    return [halved(shape, octaves - 1 - number) for number in range(octaves)]


def none(shape: Shape) -> Ints:
    """The differences of an octave that has none; they take no memory."""
    return np.broadcast_to(np.int32(0), shape)


def is_none(differences: Ints) -> bool:
    """Whether these are what :func:`none` gives."""
    return not any(differences.strides)


def run(
    octaves: Sequence[Octave], differences: Sequence[Ints], start: Start | None, visit: Visit
) -> Ints:
    """The lattice that ``octaves`` lead to.

    ``differences``: of each octave, in the shape of the lattice that it ends in. ``start``: None if
    the first octave is a lattice predicted by zero, which has differences everywhere.
    """
    from nfcodec.entropy import lattice_kernels as kernels

    for octave, found in zip(octaves, differences, strict=True):
        if start is None:
            values = _first(octave, found, visit)
        else:
            values = np.empty(found.shape, np.int32)
            kernels.spread(start.values, values)
            for odd in CLASSES:
                if odd != EVEN:
                    kernels.predict(values, *odd)
                elif octave.step >= start.step:
                    continue  # these are as fine already
                if octave.step:
                    visit(values, found, odd, octave)
        start = Start(values, octave.step or (0 if start is None else start.step))
    assert start is not None
    return start.values


def _first(octave: Octave, found: Ints, visit: Visit) -> Ints:
    """A lattice predicted by zero: the even sites of one of twice its sides."""
    from nfcodec.entropy import lattice_kernels as kernels

    sides = tuple(2 * n - 1 for n in found.shape)
    values, steps = np.zeros(sides, np.int32), np.zeros(sides, np.int32)
    kernels.spread(found, steps)
    visit(values, steps, EVEN, octave)
    found[...] = steps[::2, ::2, ::2]
    return np.ascontiguousarray(values[::2, ::2, ::2])


def values_of(octaves: Sequence[Octave], differences: Sequence[Ints], start: Start | None) -> Ints:
    """The lattice that ``octaves`` with these ``differences`` lead to."""

    return run(octaves, differences, start, add)


def add(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
    """A :data:`Visit` that adds known differences."""
    from nfcodec.entropy import lattice_kernels as kernels

    kernels.add(values, found, *odd, octave.step)


def write(
    octaves: Sequence[Octave], channels: Sequence[Sequence[Ints]], starts: Sequence[Start | None]
) -> Section:
    """The section of the differences of each channel's octaves.

    InvalidFieldError if a site that has none differs from its prediction.
    """
    from nfcodec.entropy import lattice_kernels as kernels

    cost = 0
    differing = 0

    def visit(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
        nonlocal cost, differing
        cost += kernels.near(values, *odd, octave.limit)
        differing += kernels.code(coder, mixer, values, found, *odd, octave.step, octave.limit)

    given = [found for differences in channels for found in differences if not is_none(found)]
    coder = range_coder.encoder(sum(map(_most_decisions, given)))
    for differences, start in zip(channels, starts, strict=True):
        mixer = _new_mixer()
        cost += sum(_prediction_work(found.size) for found in differences)
        copies = [found if is_none(found) else found.copy() for found in differences]
        run(octaves, copies, start, visit)
    if differing != sum(int(np.count_nonzero(found)) for found in given):
        raise InvalidFieldError("a lattice differs from its prediction where it may not")
    section = Builder()
    range_coder.write(section, coder)
    return section.section(cost)


def read(
    cursor: Cursor, octaves: Sequence[Octave], shape: Shape, starts: Sequence[Start | None],
    work: Work,
) -> tuple[list[list[Ints]], list[Ints]]:  # fmt: skip
    """What :func:`write` has written of lattices of a ``shape``: differences and values by channel.

    DamagedFileError, LimitError.
    """
    from nfcodec.entropy import lattice_kernels as kernels

    coder = range_coder.read(cursor)

    def visit(values: Ints, found: Ints, odd: Odd, octave: Octave) -> None:
        work.count(kernels.near(values, *odd, octave.limit))
        kernels.code(coder, mixer, values, found, *odd, octave.step, octave.limit)

    channels, values = [], []
    for start in starts:
        mixer = _new_mixer()
        differences = []
        for octave, sides in zip(octaves, shapes(shape, len(octaves)), strict=True):
            work.count(_prediction_work(math.prod(sides)))
            differences.append(np.zeros(sides, np.int32) if octave.step else none(sides))
        values.append(run(octaves, differences, start, visit))
        channels.append(differences)
    range_coder.finish(coder)
    return channels, values


def _new_mixer() -> Mixer:
    return mixing.new_mixer(SLOTS, SETS, KINDS)


def _prediction_work(sites: int) -> int:
    return sites // _PREDICTED


def _most_decisions(differences: Ints) -> int:
    """Decisions that it takes at most to code these: one for each site, and those of sizes."""
    sizes = np.abs(differences[differences != 0])
    lengths = np.frexp(sizes)[1]  # in bits
    return int(differences.size + 2 * lengths.sum())
