"""Hash grids of other tools, evaluated as their own kernels do; no source of its own.

L levels, each a table of entries with F numbers. A point takes the corners of its cell with
trilinear weights; a corner's entry is found by a stride in a level that fits its table, else by a
hash. The flavors differ in the level's scale and its rounding, in the half cell by which points are
shifted, and in which levels are hashed. Everything is in float32, as in the kernels: at a scale of
2047 the last bit of a level's scale shows in the third digit of its features.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.errors import InvalidFieldError

#: tiny-cuda-nn's ``CoherentPrime``, which all flavors share.
_PRIMES = (np.uint32(1), np.uint32(2654435761), np.uint32(805459861))
#: tiny-cuda-nn hashes levels with more vertices a side than this.
_LARGEST_SIDE = 1625
#: A scale this close to an integer may be rounded up or down, by the last bit of ``exp2``.
_DOUBTFUL = 1e-3
_MOST_COMBINATIONS = 1 << 12


@dataclass(frozen=True)
class HashLevel:
    """One level: a point u in [0, 1]^3 lies at ``u * scale + shift`` of its cells.

    ``first`` and ``size``: its entries in the table. ``stride``: vertices a side, 0 if it is
    hashed. ``closed``: the upper corner is the ceiling, which for integers is the corner itself.
    """

    scale: np.float32
    shift: np.float32
    first: int
    size: int
    stride: int
    closed: bool = False


@dataclass(frozen=True, eq=False)
class HashGrid:
    """``table`` (entries, F) float32. ``smooth``: weights are w w (3 - 2 w).

    ``empty_outside``: features are 0 where a coordinate is outside of [0, 1].
    """

    levels: tuple[HashLevel, ...]
    table: FloatArray
    smooth: bool = False
    empty_outside: bool = False

    @property
    def width(self) -> int:
        return len(self.levels) * int(self.table.shape[1])

    def __call__(self, u: npt.NDArray[np.float32]) -> FloatArray:
        """(P, L F) features at (P, 3) points, level 0 first."""
        u = np.asarray(u, np.float32)
        found = np.concatenate([self._level(level, u) for level in self.levels], axis=1)
        if self.empty_outside:
            found[((u < 0) | (u > 1)).any(axis=1)] = 0.0
        return found

    def _level(self, level: HashLevel, u: npt.NDArray[np.float32]) -> FloatArray:
        place = u * level.scale + level.shift
        low = np.floor(place)
        weight = place - low
        if self.smooth:
            weight = weight * weight * (3.0 - 2.0 * weight)
        high = np.ceil(place) if level.closed else low + 1.0
        corners = [side.astype(np.int64).astype(np.uint32) for side in (low, high)]
        found = np.zeros((len(u), self.table.shape[1]), np.float32)
        for bits in itertools.product((0, 1), repeat=3):
            share = np.ones(len(u), np.float32)
            for axis, bit in enumerate(bits):
                share = share * (weight[:, axis] if bit else 1.0 - weight[:, axis])
            at = [corners[bit][:, axis] for axis, bit in enumerate(bits)]
            found += share[:, None] * self.table[level.first + _index(level, at)]
        return found


def _index(level: HashLevel, corner: Sequence[npt.NDArray[np.uint32]]) -> npt.NDArray[np.int64]:
    x, y, z = corner
    if level.stride:
        stride = np.uint32(level.stride)
        index = x + y * stride + z * (stride * stride)
    else:
        index = (x * _PRIMES[0]) ^ (y * _PRIMES[1]) ^ (z * _PRIMES[2])
    return np.asarray(index % np.uint32(level.size), np.int64)


def _rounded_up(count: int) -> int:
    return -(-count // 8) * 8


def of_tiny_cuda_nn(
    values: FloatArray, count: int, features: int, log2_size: int, base: int, growth: float,
    source: str, smooth: bool = False,
) -> HashGrid:  # fmt: skip
    """tiny-cuda-nn's grid over flat ``values``, ``growth`` as float32.

    A level whose scale is an integer but for the last bit has one vertex a side more or less on
    different machines; the number of values decides. InvalidFieldError if no combination fits.
    """
    log2 = np.log2(np.float32(growth))
    sides: list[list[int]] = []
    scales: list[np.float32] = []
    for level in range(count):
        scale = np.float32(np.exp2(np.float32(level) * log2) * np.float32(base) - np.float32(1))
        side = int(np.ceil(scale)) + 1
        near = round(float(scale))
        others = (near + 1, near + 2) if abs(float(scale) - near) < _DOUBTFUL else ()
        sides.append([side, *(other for other in others if other != side)])
        scales.append(scale)

    def sizes(chosen: Sequence[int]) -> tuple[int, ...]:
        return tuple(min(_rounded_up(side**3), 1 << log2_size) for side in chosen)

    wanted, rest = divmod(len(values), features)
    readings = itertools.islice(itertools.product(*sides), _MOST_COMBINATIONS)
    fitting = {sizes(chosen): chosen for chosen in readings if sum(sizes(chosen)) == wanted}
    own = tuple(listed[0] for listed in sides)
    if sum(sizes(own)) == wanted:  # as this arithmetic rounds: the usual one
        fitting = {sizes(own): own}
    if rest or len(fitting) != 1:
        readings_of = "; ".join(" ".join(map(str, sides)) for sides in list(fitting.values())[:4])
        raise InvalidFieldError(
            f"{source}: {len(values):,} parameters of a hash grid of {count} levels, {features} "
            f"features, 2^{log2_size} entries, from {base} vertices a side and growing by "
            f"{growth:.6g}: they fit {len(fitting)} readings"
            + (f", of sides {readings_of}" if fitting else "")
            + "; give the right configuration"
        )
    ((found, chosen),) = fitting.items()
    return HashGrid(
        tuple(_levels_with_strides(scales, found, chosen)), values.reshape(-1, features), smooth
    )


def _levels_with_strides(
    scales: Sequence[np.float32], sizes: Sequence[int], sides: Sequence[int]
) -> Iterator[HashLevel]:
    first = 0
    for scale, size, side in zip(scales, sizes, sides, strict=True):
        dense = side**3 <= size and side <= _LARGEST_SIDE
        yield HashLevel(scale, np.float32(0.5), first, size, side if dense else 0)
        first += size


def of_nerfstudio(table: FloatArray, count: int, base: int, largest: int, source: str) -> HashGrid:
    """nerfstudio's grid in PyTorch: all levels hashed, floored scales, no shift.

    The power is taken in float32: 16 to 2048 in 16 levels ends at 2047.
    """
    size = len(table) // count
    if size * count != len(table) or size & (size - 1):
        raise InvalidFieldError(
            f"{source}: a hash table of {len(table):,} entries for {count} levels, which is no "
            "power of two for each"
        )
    growth = np.float32(np.exp((np.log(largest) - np.log(base)) / max(count - 1, 1)))
    powers = growth ** np.arange(count, dtype=np.float32)
    scales = np.floor(np.float32(base) * powers)
    levels = tuple(
        HashLevel(np.float32(scale), np.float32(0), i * size, size, 0, closed=True)
        for i, scale in enumerate(scales)
    )
    return HashGrid(levels, table)


def of_torch_ngp(
    table: FloatArray, offsets: npt.NDArray[Any], base: int, desired: float, source: str
) -> HashGrid:
    """torch-ngp's grid: strides of one vertex more than tiny-cuda-nn's, features 0 outside.

    ``offsets``: (L + 1,) first entries of levels. InvalidFieldError unless they are what ``base``
    and ``desired`` vertices a side give.
    """
    count = len(offsets) - 1
    log2 = float(np.log2(desired / base) / max(count - 1, 1))
    log2_size = int(np.max(np.diff(offsets))).bit_length() - 1
    levels, first = [], 0
    for level in range(count):
        scale = np.float32(
            np.exp2(np.float32(level) * np.float32(log2)) * np.float32(base) - np.float32(1)
        )
        listed = int(np.ceil(base * 2.0 ** (log2 * level)))
        size = _rounded_up(min(1 << log2_size, (listed + 1) ** 3))
        if size != offsets[level + 1] - offsets[level]:
            raise InvalidFieldError(
                f"{source}: level {level} of its hash grid has "
                f"{int(offsets[level + 1] - offsets[level]):,} entries, where {base} to "
                f"{desired:g} vertices a side in {count} levels give {size:,}"
            )
        stride = int(np.ceil(scale)) + 2
        dense = stride**3 <= size
        levels.append(HashLevel(scale, np.float32(0.5), first, size, stride if dense else 0))
        first += size
    return HashGrid(tuple(levels), table, empty_outside=True)


def of_any_size(
    values: FloatArray, count: int, features: int, base: int, growth: float, source: str
) -> HashGrid:
    """tiny-cuda-nn's grid whose table's size is not known: the one that ``values`` fit."""
    for log2_size in range(4, 25):
        try:
            return of_tiny_cuda_nn(values, count, features, log2_size, base, growth, source)
        except InvalidFieldError:
            continue
    raise InvalidFieldError(
        f"{source}: {len(values):,} parameters fit no hash grid of {count} levels of {features} "
        f"features from {base} vertices a side, growing by {growth:.6g}, of any size of its table"
    )
