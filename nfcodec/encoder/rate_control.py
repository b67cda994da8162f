"""Coding to a target size or quality: how learning is steered, and what follows.

One finetune as a rule. A trial of each level tells the price of a bit to begin with. While the
finest LOD learns, the file is measured from time to time and the weight of the rate follows.
Learning ends a little above the target; from there, codes that are hardly worth their bits are
exchanged (:mod:`nfcodec.encoder.trimming`) until the real file meets the target. Where learning
ended too far off, the finest LOD is learned again at a corrected price, a few times at most. If no
price makes it reach the target, coarser LODs have lost too much: all are learned again, at a lower
price (docs/decisions/0046-learn-all-again.md)::

      ┌────── all fell short: Again.ALL ◀───────────────────────┐
      ▼                                                         │
    begin ──▶ early_price, for each LOD before the last         │
                  └──▶ code_last ──▶ look, while it learns      │
                          ▲               ▼                     │
               Again.LAST └───────────  ended ──────────────────┘
                too far off               ├──▶ CodedField, which meets the target
                                          └──▶ trimming, if it is a little above or no attempt
                                               is left

In terms of Lagrangian optimization: learning minimizes distortion + lambda x rate, where lambda is
:attr:`RateState.weight` relative to the loss, and codes are chosen at :attr:`RateState.price`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nfcodec.arrays import FloatArray
from nfcodec.encoder.goals import SWELL, Goal
from nfcodec.encoder.prices import FAR, REACH, between, leading_from
from nfcodec.encoder.rate_state import Attempt, RateState, Surplus
from nfcodec.encoder.trimming import Trimming, sensitivities
from nfcodec.errors import DamagedFileError
from nfcodec.evaluate.storage import FloatRows
from nfcodec.fit.loop import decay
from nfcodec.methods import MAX_BITS
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.learning.learning_task import LearningTask
from nfcodec.quantize.steering import Again
from nfcodec.quantize.vq.entropy_constrained import InitialRates, RateDistortion

#: Finetunes at most for one price of the coarse LODs' bits; all but the first of these are of the
#: finest LOD alone.
ATTEMPTS = 4
#: How often all LODs are learned again, where the finest alone could not reach the target.
RESTARTS = 2
#: The weight of the rate that prices are counted from: the default of ``ecq``.
_WEIGHT = 0.1
#: The range of weights.
_WEIGHTS = (1e-4, 100.0)
#: How often the file of a stage is measured while it learns.
_LOOKS = 12
#: Steps between two measurements at least.
_LOOK_EVERY = 5
#: How strongly the weight answers to the distance that was found: in full.
_GAIN = 1.0
#: Nats that the weight may change at a time.
_STRIDE = 0.3
#: Codings of the last stage before it learns.
_CODINGS = 3
#: Nats from where they should begin at which codings are near enough.
_NEAR = 0.03
#: A price is as good as the least that is tried within this factor of it.
_AT_BOTTOM = 1.1
#: What learning takes off the loss of codes that are not learned yet, in nats.
_LOSS_LEARNED = 1.0
#: As long as every attempt fell short: how much of the shortfall the next one aims beyond it.
_CAUTION = (0.1, 1.0, 4.0)


class RateControl:
    """The course of one coding towards ``goal``: a :class:`nfcodec.quantize.steering.Controller`.

    The state is there from :meth:`begin` or :meth:`resume` on.
    """

    state: RateState

    def __init__(self, goal: Goal, rates: InitialRates, task: LearningTask) -> None:
        self.goal, self.task = goal, task
        self._corners = rates.corners
        self._now = self._of_stages(rates)

    @property
    def price(self) -> float:
        return self.state.price

    @property
    def weight(self) -> float:
        return self.state.weight

    @property
    def loss(self) -> float:
        """The loss at which learning should end; a bit costs at least that share of it.

        Coarse LODs learn under hardly any loss as long as finer ones make up for theirs.
        """
        return self.state.loss

    def begin(self, field: Field, matrices: Sequence[FloatArray]) -> None:
        goal, rates = self.goal, self._now
        floor = goal.floor(field, self.task.bits)
        least = 1e-3 * _WEIGHT * rates.unit * rates.spread
        price = max(rates.price(_WEIGHT), least, 1e-30)
        self.state = RateState(
            price=price, weight=_WEIGHT, loss=0.0, floor=floor, origin=price,
            learned=goal.learning_gain, aim=goal.target_offset,
        )  # fmt: skip
        found = goal.untrained(field, rates, matrices, price, floor)
        change = goal.target_offset - found - goal.learning_gain
        self._set_price(self._leading_from(price, change))
        self.state.begun = self.price

    def early_price(self) -> float:
        state, done = self.state, sum(self.task.coded_bits())
        if self.goal.in_bytes and done and not state.restarts:
            goal = self.goal
            self._now = self._of_stages(self.task.open())
            floor = state.floor
            state.floor = floor + done / 8.0
            found = goal.distance(state.floor + SWELL * self._now.at(self.price).bits / 8.0)
            change = goal.target_offset - goal.learning_gain - found
            self._set_price(self._leading_from(self.price, change))
            state.begun, state.floor = self.price, floor
        return self.price * self.task.early

    def saved(self) -> dict[str, Any]:
        return self.state.saved()

    def resume(self, state: dict[str, Any], path: Path | None) -> None:
        try:
            self.state = RateState.restored(state["control"])
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedFileError(
                f"{path}: holds no rate control, or not all of it; delete it to start over"
            ) from error

    def code_last(self, code: Callable[[float], None]) -> None:
        """What learning will change is taken from the attempt before, if there was one. Levels that
        are coded already are made what they were, and coded again.
        """
        goal, state = self.goal, self.state
        if state.before is None:
            state.before = self.task.held()
        else:
            self.task.restore(state.before)
        self._now = self._of_stages(self.task.open())
        state.swell = 1.0
        if state.tried:
            last = state.tried[-1]
            price = self._leading_from(last.price, state.aim - last.distance)
            self._set_price(self._within_tried(price))
        coded: list[tuple[float, float]] = []
        for left in reversed(range(_CODINGS)):
            code(self.price)
            value = goal.measure(self.task.coded())
            found = goal.distance(value)
            state.started = found
            # Trials tell of the last levels; all else is as it is.
            state.floor = max(float(value - self._now.at(self.price).bits / 8.0), 1.0)
            off = found + state.learned - state.aim
            coded.append((self.price, off))
            price = self._leading_from(self.price, -off)
            price = min(max(price, self.price / FAR), self.price * FAR)
            price = self._within_tried(between(price, coded))
            if abs(off) < _NEAR or not left or abs(math.log(price / self.price)) < _NEAR:
                break
            self._set_price(price)
            self.task.restore(state.before)

    def look(self, done: int, steps: int) -> float:
        state, goal = self.state, self.goal
        every = max(_LOOK_EVERY, steps // _LOOKS)
        if not goal.in_bytes or done % every or done == steps:
            return self.weight
        found = goal.distance(goal.measure(self.task.coded()))
        ahead = found
        if state.looked is not None:
            before, distance = state.looked
            passed = sum(decay(step, steps) for step in range(before, done))
            left = sum(decay(step, steps) for step in range(done, steps))
            # The last change goes on as long as steps are as large; beyond that the extrapolation
            # is unreliable.
            ahead += (found - distance) * min(left / passed, 2.0)
        change = min(max(_GAIN * (ahead - goal.target_offset), -_STRIDE), _STRIDE)
        weight = self.weight * math.exp(change)
        state.weight = min(max(weight, _WEIGHTS[0]), _WEIGHTS[1])
        state.looked = (done, found)
        return self.weight

    def ended(self) -> CodedField | Again:
        goal, state = self.goal, self.state
        low, high = goal.tolerance
        coded = self.task.coded()
        value = goal.measure(coded)
        found = goal.distance(value)
        state.attempts.append(Attempt(self.price, found, value))
        if low <= found <= high:
            return coded
        tried = state.tried
        last = len(tried) >= ATTEMPTS
        if found > high:
            # Cheaper codes of the finest LOD alone may have little to give.
            little = goal.in_bytes and value < 1.05 * state.floor
            if found <= goal.relearn_above or last or little:
                return self._trimmed(coded)
            if state.above is None or found < state.above.distance:
                state.above = Surplus(found, self.task.held())
        at_bottom = self.price < _AT_BOTTOM * self._least and found < low
        if not last and not at_bottom:
            state.learned = found - state.started
            short = all(attempt.distance < 0.0 for attempt in tried)
            # Where all attempts fell short: what is surely too much can be trimmed.
            caution = _CAUTION[len(tried) - 1] * abs(found) if short else 0.0
            state.aim = goal.target_offset + caution
            return Again.LAST
        if state.above is not None:
            self.task.restore(state.above.held)
            return self._trimmed(self.task.coded())
        if self._start_over():
            return Again.ALL
        best = max(attempt.value for attempt in state.attempts)
        count = len(state.attempts)
        finetunes = f"{count} finetunes" if count > 1 else "one finetune"
        more = "more bits or " if self.task.bits < MAX_BITS else "more "
        raise goal.unmet(
            f"the most that {finetunes} at -b {self.task.bits} came to is "
            f"{goal.text(best)}; {more}--steps may reach further"
        )

    @property
    def _least(self) -> float:
        """The least price that is tried."""
        return self.state.origin / REACH

    def _start_over(self) -> bool:
        """Make everything what it was before learning, at a lower price; False if there is none.

        The first time the price is half way to the least, in nats, and then that.
        """
        state, goal, least = self.state, self.goal, self._least
        has_coarse = len(self.task.last) < len(self.task.module.rows)
        if not has_coarse or state.begun < _AT_BOTTOM * least or state.restarts == RESTARTS:
            return False
        state.restarts += 1
        state.begun = least if state.restarts == RESTARTS else math.sqrt(state.begun * least)
        state.first_attempt = len(state.attempts)
        state.aim, state.before = goal.target_offset, None
        self.task.start_over()
        self._now = self._of_stages(self.task.open())
        self._set_price(state.begun)
        return True

    def _of_stages(self, rates: InitialRates) -> InitialRates:
        """``rates``, of the levels that are not coded yet, with a price for all levels."""
        free = [n for n, rows in enumerate(self.task.module.rows) if isinstance(rows, FloatRows)]
        factors = [1.0 if n in self.task.last else self.task.early for n in free]
        return replace(rates, corners=self._corners, factors=factors)

    def _set_price(self, price: float) -> None:
        errors = self._now.unit * self._now.at(price).error
        weight = price / errors if errors > 0.0 else _WEIGHT
        state = self.state
        state.price = price
        state.weight = min(max(weight, _WEIGHTS[0]), _WEIGHTS[1])
        state.loss = self._now.loss(price) * math.exp(-_LOSS_LEARNED)
        state.looked = None

    def _within_tried(self, price: float) -> float:
        """``price``, or one between those that were too low and too high if it is not."""
        aim = self.goal.target_offset
        return between(price, [(one.price, one.distance - aim) for one in self.state.tried])

    def _leading_from(self, price: float, change: float) -> float:
        """The price by which the distance is ``change`` more than by ``price``, as trials tell."""
        goal, state = self.goal, self.state

        def expected(at: float) -> float:
            error, bits = self._now.at(at)
            return goal.expected(RateDistortion(error, state.swell * bits), state.floor)

        return leading_from(price, change, state.origin, expected)

    def _trimmed(self, coded: CodedField) -> CodedField:
        goal, task = self.goal, self.task
        measure = goal.near(coded)
        matrices = sensitivities(task.module, task.objective, coded, task.seed)
        values: list[float] = []

        def distance(field: CodedField) -> float:
            values.append(measure(field))
            return goal.distance(values[-1])

        trimmed, _ = Trimming(coded, matrices, task.value_bits).search(
            distance, *goal.trim_range, 0.1 * self.price, task.progress
        )
        if goal.suffices(measure(trimmed)):
            return trimmed
        values.append(measure(coded))
        above = min(value for value in values if goal.distance(value) > 0.0)
        below = max((value for value in values if goal.distance(value) <= 0.0), default=None)
        if below is None:
            raise goal.unmet(f"the least it came to is {goal.text(above)}")
        raise goal.unmet(
            f"the nearest it came to is {goal.text(below)} and {goal.text(above)}, as the codes of "
            "few vectors change in large steps"
        )
