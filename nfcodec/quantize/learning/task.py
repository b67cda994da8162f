"""What is to be coded: a field less what is not worth its bytes, and what it learns under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nfcodec.arrays import FloatArray
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context
from nfcodec.quantize.learning.learning_task import LearningTask
from nfcodec.quantize.learning.stages import read_index, stages_of
from nfcodec.quantize.learning.supervision import Objective, objective_for
from nfcodec.quantize.learning.visibility import prune_invisible_voxels
from nfcodec.quantize.rate.estimates import (
    VALUE_BITS,
    coarser,
    estimate_rates,
    lods_worth_coding,
    min_lods,
)
from nfcodec.quantize.steering import Controller
from nfcodec.quantize.vq.entropy_constrained import InitialRates


@dataclass
class EncodingTask:
    """``module`` is ``field``, as ``objective`` evaluates it; ``corners``: that bits are shared by.

    Where bits have a price, ``price`` is that of one, or ``control`` finds it.
    """

    field: Field
    module: FieldModule
    objective: Objective
    corners: int
    price: float | None = None
    control: Controller | None = None

    @property
    def bit_price(self) -> float:
        """What a bit costs at present, in the units of what errors cost, where it has a price."""
        price = self.price if self.control is None else self.control.price
        assert price is not None
        return price

    @staticmethod
    def of(field: Field, context: Context, steps: int, *, hidden: bool) -> EncodingTask:
        """All of ``field``, or without its ``hidden`` voxels."""
        module = FieldModule(field, pick(context.device))
        objective = objective_for(field, module, context, steps)
        if objective.rays is not None:
            if not hidden:
                field = prune_invisible_voxels(field, module, objective.rays, context.progress)
                module = FieldModule(field, module.device)
            objective = objective.of_field(module, context.progress)
        corners = sum(len(level.features) for level in field.levels)
        return EncodingTask(field, module, objective, corners)

    def coarser(self, lods: int, context: Context) -> EncodingTask:
        """The first ``lods`` levels of detail alone. A bit costs what it did."""
        if lods == self.field.num_lods:
            return self
        field = coarser(self.field, lods)
        module = FieldModule(field, self.module.device)
        objective = self.objective.of_field(module, context.progress)
        return EncodingTask(field, module, objective, self.corners)


@dataclass(frozen=True)
class RatePolicy:
    """Bits have a price: ``rate_weight``, or what leads to the context's target.

    ``bits``: of an index at most. ``early``: how much dearer a bit is in LODs before the finest.
    ``coded``: what a field's module is at present, as a coded field.
    """

    bits: int
    rate_weight: float
    early: float
    coded: Callable[[Field, FieldModule], CodedField]

    def task(self, field: Field, context: Context, steps: int) -> EncodingTask:
        """``field`` less what hardly shows, and less the LODs that are not worth their bytes."""
        task = EncodingTask.of(field, context, steps, hidden=False)
        if context.steering is not None:
            task = task.coarser(context.steering.lods_that_fit(task.field), context)
        rates = self._price(task, context, steps, None)
        lods = task.field.num_lods
        if context.rates is not None:
            lods = lods_worth_coding(
                task.field, task.objective, rates, task.bit_price, context.seed, context.rates
            )
        if context.steering is not None:
            lods = context.steering.lods_needed(task.field, lods, rates, context)
        if lods < task.field.num_lods:
            task = task.coarser(lods, context)
            self._price(task, context, steps, None)
        return task

    def resumed(
        self, field: Field, context: Context, steps: int, state: dict[str, Any]
    ) -> EncodingTask:
        """What :meth:`task` gave when work on it began. DamagedFileError: a checkpoint's ``state``
        that does not fit."""
        task = EncodingTask.of(field, context, steps, hidden=False)
        lods = 1 + read_index(
            state, "finest", task.field.num_lods, context.resume, min_lods(task.field) - 1
        )
        task = task.coarser(lods, context)
        self._price(task, context, steps, state)
        return task

    def _price(
        self, task: EncodingTask, context: Context, steps: int, state: dict[str, Any] | None
    ) -> InitialRates:
        """Set what a bit of ``task`` costs, or what finds it."""
        module, objective, seed = task.module, task.objective, context.seed

        def estimated() -> tuple[InitialRates, list[FloatArray]]:
            return estimate_rates(module, objective, self.bits, seed, task.corners)

        rates, matrices = estimated()
        if context.steering is None:
            task.price = rates.price(self.rate_weight)
            return rates
        learning = LearningTask(
            module, objective, lambda: self.coded(task.field, module), lambda: estimated()[0],
            self.bits, VALUE_BITS, stages_of(task.field, steps)[-1].levels, self.early, seed,
            context.progress,
        )  # fmt: skip
        task.control = context.steering.control(rates, learning)
        if state is None:
            task.control.begin(task.field, matrices)
        else:
            task.control.resume(state, context.resume)
        return rates
