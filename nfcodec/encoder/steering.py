"""A goal as quantizers are given it: which LODs it leaves, and what leads learning to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nfcodec.encoder.goals import Goal
from nfcodec.encoder.rate_control import RateControl
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context
from nfcodec.quantize.learning.learning_task import LearningTask
from nfcodec.quantize.vq.entropy_constrained import InitialRates


@dataclass(frozen=True)
class GoalSteering:
    """Steers to ``goal``; :class:`nfcodec.quantize.steering.Steering` says what its methods do."""

    goal: Goal

    def of(self, finish: Callable[[CodedField], CodedField]) -> GoalSteering:
        return GoalSteering(self.goal.of(finish))

    def to_json(self) -> dict[str, Any]:
        return self.goal.to_json()

    def lods_that_fit(self, field: Field) -> int:
        return self.goal.lods_that_fit(field)

    def lods_needed(self, field: Field, lods: int, rates: InitialRates, context: Context) -> int:
        return self.goal.lods_needed(field, lods, rates, context)

    def control(self, rates: InitialRates, task: LearningTask) -> RateControl:
        return RateControl(self.goal, rates, task)
