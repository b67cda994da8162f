"""What a file may have to meet: a size, or a quality.

Distances from a target are in nats: of the bytes, or of the mean squared error that a PSNR stands
for. Those of files that are too large, or too good, are above zero.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from nfcodec.arrays import FloatArray
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context
from nfcodec.quantize.float16 import Float16
from nfcodec.quantize.rate.drafts import code_without_learning, size_upper_bound, smallest_code
from nfcodec.quantize.rate.estimates import coarser, min_lods
from nfcodec.quantize.vq.entropy_constrained import InitialRates, RateDistortion

G = TypeVar("G", bound="Goal")

#: Bytes by which one code more may change a file: sizes of tiny files are no finer.
_GRAIN = 32.0
#: Nats by which unquantized vectors have to be better than the quality their codes are to have.
_HEADROOM = 0.1
#: Nats by which the largest files have to be larger than a target size.
_ROOM = 0.3
#: Finer LODs make up for what coarser ones lose: they take this many times the bits of trials.
SWELL = 1.5


@dataclass(frozen=True)
class Goal(ABC):
    """``target``: what ``measure`` is to give for a coded field, as it is written or shown.

    ``near``: gives, for a coded field, a measure for others that hardly differ from it, which does
    not jump from one of them to the next.
    """

    target: float
    measure: Callable[[CodedField], float]
    near: Callable[[CodedField], Callable[[CodedField], float]]

    option: ClassVar[str]
    #: Whether what is measured is bytes: a floor that any file has, and those of the codes.
    in_bytes: ClassVar[bool]
    #: Distances that meet the target.
    tolerance: ClassVar[tuple[float, float]]
    #: Distances that trimming looks for.
    trim_range: ClassVar[tuple[float, float]]
    #: Distance at which learning should end, for trimming to go on from.
    target_offset: ClassVar[float]
    #: Distance above which the finest LOD is learned again rather than trimmed.
    relearn_above: ClassVar[float]
    #: What learning adds to the distance of codes that are not learned yet.
    learning_gain: ClassVar[float]

    def of(self: G, finish: Callable[[CodedField], CodedField]) -> G:
        """The same goal for fields that ``finish`` has yet to finish."""

        def near(coded: CodedField) -> Callable[[CodedField], float]:
            measure = self.near(finish(coded))
            return lambda other: measure(finish(other))

        return replace(self, measure=lambda coded: self.measure(finish(coded)), near=near)

    def meets(self, value: float) -> bool:
        """Whether a measured ``value`` will do."""
        low, high = self.tolerance
        return low <= self.distance(value) <= high

    def suffices(self, value: float) -> bool:
        """Whether a measured ``value`` is near enough once nothing nearer can be had."""
        return self.meets(value)

    def unmet(self, why: str) -> UsageError:
        """The error that says ``why`` the target cannot be met."""
        return UsageError(f"--{self.option} {self.text(self.target)} cannot be met: {why}")

    def to_json(self) -> dict[str, Any]:
        """As recorded in the coded field's metadata."""
        return {self.option.replace("-", "_"): self.target}

    @abstractmethod
    def distance(self, value: float) -> float:
        """The distance of a measured ``value`` from the target, in nats."""

    @abstractmethod
    def expected(self, outcome: RateDistortion, floor: float) -> float:
        """The distance that a trial's ``outcome`` leads to, in nats, but for a constant.

        ``floor``: what is measured without any codes.
        """

    @abstractmethod
    def text(self, value: float) -> str:
        """``value`` for people."""

    @abstractmethod
    def floor(self, field: Field, bits: int) -> float:
        """What is measured of ``field`` with one code for each level, 0 where that says nothing.

        UsageError if the target is out of reach for indices of ``bits`` bits.
        """

    @abstractmethod
    def untrained(
        self, field: Field, rates: InitialRates, matrices: Sequence[FloatArray], price: float,
        floor: float,
    ) -> float:  # fmt: skip
        """The distance of ``field`` coded at ``price`` without learning, as far as can be told."""

    @abstractmethod
    def lods_that_fit(self, field: Field) -> int:
        """The most LODs of ``field`` that may meet the target; the fewest possible if none do."""

    @abstractmethod
    def lods_needed(self, field: Field, lods: int, rates: InitialRates, context: Context) -> int:
        """``lods`` of ``field``, or more if so few cannot come up to the target."""


@dataclass(frozen=True)
class SizeGoal(Goal):
    """Files of at most ``target`` bytes, less 2 % or, if no size is nearer, :data:`_GRAIN`."""

    option: ClassVar[str] = "target-size"
    in_bytes: ClassVar[bool] = True
    tolerance: ClassVar[tuple[float, float]] = (math.log(0.98), 0.0)
    trim_range: ClassVar[tuple[float, float]] = (math.log(0.99), 0.0)
    target_offset: ClassVar[float] = 0.015
    relearn_above: ClassVar[float] = 0.15
    learning_gain: ClassVar[float] = -0.05

    def suffices(self, value: float) -> bool:
        return self.meets(value) or 0.0 <= self.target - value <= _GRAIN

    def distance(self, value: float) -> float:
        return math.log(max(value, 1.0) / self.target)

    def expected(self, outcome: RateDistortion, floor: float) -> float:
        return math.log(floor + outcome.bits / 8.0)

    def text(self, value: float) -> str:
        return f"{value:,.0f} bytes"

    def floor(self, field: Field, bits: int) -> float:
        floor = self.measure(smallest_code(field))
        if self.distance(floor) > 0.0:
            raise self.unmet(
                f"with one code for each level the file takes {self.text(floor)} already"
            )
        most = floor + size_upper_bound(field, bits)
        if self.distance(most) < self.tolerance[0]:
            raise self.unmet(
                f"no file of this field at -b {bits} takes more than {self.text(most)}"
            )
        return floor

    def untrained(
        self, field: Field, rates: InitialRates, matrices: Sequence[FloatArray], price: float,
        floor: float,
    ) -> float:  # fmt: skip
        return self.distance(floor + SWELL * rates.at(price).bits / 8.0)

    def lods_that_fit(self, field: Field) -> int:
        lods, least = field.num_lods, min_lods(field)
        while lods > least and self._smallest(field, lods) > self.target:
            lods -= 1
        return lods

    def lods_needed(self, field: Field, lods: int, rates: InitialRates, context: Context) -> int:
        free = [trial.at(0.0).bits / 8.0 for trial in rates.trials]
        for count in range(lods, field.num_lods):
            kept = [n for n, level in enumerate(field.levels) if level.lod < count]
            most = self._smallest(field, count) + sum(free[n] for n in kept)
            if self.distance(most) > _ROOM:
                return count
        return field.num_lods

    def _smallest(self, field: Field, lods: int) -> float:
        return self.measure(smallest_code(coarser(field, lods)))


@dataclass(frozen=True)
class QualityGoal(Goal):
    """Codes of ``target`` dB, within 0.1 dB."""

    option: ClassVar[str] = "target-psnr"
    in_bytes: ClassVar[bool] = False
    tolerance: ClassVar[tuple[float, float]] = (-0.0225, 0.0225)
    trim_range: ClassVar[tuple[float, float]] = (0.0, 0.02)
    target_offset: ClassVar[float] = 0.03
    relearn_above: ClassVar[float] = 0.1
    learning_gain: ClassVar[float] = 0.5

    def distance(self, value: float) -> float:
        return (value - self.target) * math.log(10.0) / 10.0

    def expected(self, outcome: RateDistortion, floor: float) -> float:
        return -math.log(max(outcome.error, 1e-30))

    def text(self, value: float) -> str:
        return f"{value:.2f} dB"

    def floor(self, field: Field, bits: int) -> float:
        return 0.0

    def untrained(
        self, field: Field, rates: InitialRates, matrices: Sequence[FloatArray], price: float,
        floor: float,
    ) -> float:  # fmt: skip
        return self.distance(self.measure(code_without_learning(field, rates, matrices, price)))

    def lods_that_fit(self, field: Field) -> int:
        return field.num_lods

    def lods_needed(self, field: Field, lods: int, rates: InitialRates, context: Context) -> int:
        for count in range(lods, field.num_lods):
            plain = Float16().quantize(coarser(field, count), context)
            if self.distance(self.measure(plain)) > _HEADROOM:
                return count
        return field.num_lods
