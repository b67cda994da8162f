"""What a coded field may be wanted to meet: a file's size, or a quality.

Distances from a target are in nats: of the bytes, or of the mean squared error that a PSNR stands
for. Those of files that are too large, or too good, are above zero.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from nfcodec.model.coded import CodedField
from nfcodec.quantize.entropy_constrained import Outcome

G = TypeVar("G", bound="Goal")

#: Bytes by which one code more may change a file: sizes of tiny files are no finer.
_GRAIN = 32.0


@dataclass(frozen=True)
class Goal(ABC):
    """``target``: of what ``measure`` tells of a coded field, as it is written or shown.

    ``near``: gives, for a coded field, what tells the same of others that hardly differ from it,
    and does not jump from one of them to the next.
    """

    target: float
    measure: Callable[[CodedField], float]
    near: Callable[[CodedField], Callable[[CodedField], float]]

    option: ClassVar[str]
    #: Distances that will do; those that trimming looks for; where learning should end; above
    #: this it is learned again rather than trimmed; what learning adds to the distance of codes
    #: that are not learned yet.
    accepted: ClassVar[tuple[float, float]]
    trimmed: ClassVar[tuple[float, float]]
    aim: ClassVar[float]
    slack: ClassVar[float]
    learned: ClassVar[float]

    def of(self: G, finish: Callable[[CodedField], CodedField]) -> G:
        """The same of fields that are yet to be finished by ``finish``."""

        def near(coded: CodedField) -> Callable[[CodedField], float]:
            measure = self.near(finish(coded))
            return lambda other: measure(finish(other))

        return replace(self, measure=lambda coded: self.measure(finish(coded)), near=near)

    def suffices(self, value: float) -> bool:
        """Whether ``value`` is near enough once nothing nearer can be had."""
        low, high = self.accepted
        return low <= self.distance(value) <= high

    @abstractmethod
    def distance(self, value: float) -> float:
        """Of a measured ``value`` from the target."""

    @abstractmethod
    def expected(self, outcome: Outcome, floor: float) -> float:
        """What a trial's ``outcome`` says of a file's value, in nats, but for a constant.

        ``floor``: what is measured without any codes.
        """

    @abstractmethod
    def text(self, value: float) -> str:
        """For people."""

    def to_json(self) -> dict[str, Any]:
        """As recorded in the coded field's metadata."""
        return {self.option.replace("-", "_"): self.target}


@dataclass(frozen=True)
class SizeGoal(Goal):
    """Files of at most ``target`` bytes, less 2 % or, if no size is nearer, :data:`_GRAIN`."""

    option: ClassVar[str] = "target-size"
    accepted: ClassVar[tuple[float, float]] = (math.log(0.98), 0.0)
    trimmed: ClassVar[tuple[float, float]] = (math.log(0.99), 0.0)
    aim: ClassVar[float] = 0.015
    slack: ClassVar[float] = 0.15
    learned: ClassVar[float] = -0.05

    def suffices(self, value: float) -> bool:
        return super().suffices(value) or 0.0 <= self.target - value <= _GRAIN

    def distance(self, value: float) -> float:
        return math.log(max(value, 1.0) / self.target)

    def expected(self, outcome: Outcome, floor: float) -> float:
        return math.log(floor + outcome.bits / 8.0)

    def text(self, value: float) -> str:
        return f"{value:,.0f} bytes"


@dataclass(frozen=True)
class QualityGoal(Goal):
    """Codes of ``target`` dB, within 0.1 dB."""

    option: ClassVar[str] = "target-psnr"
    accepted: ClassVar[tuple[float, float]] = (-0.0225, 0.0225)
    trimmed: ClassVar[tuple[float, float]] = (0.0, 0.02)
    aim: ClassVar[float] = 0.03
    slack: ClassVar[float] = 0.1
    learned: ClassVar[float] = 0.5

    def distance(self, value: float) -> float:
        return (value - self.target) * math.log(10.0) / 10.0

    def expected(self, outcome: Outcome, floor: float) -> float:
        return -math.log(max(outcome.error, 1e-30))

    def text(self, value: float) -> str:
        return f"{value:.2f} dB"
