"""Coding to a target size or quality: how learning is steered, and what follows.

One finetune as a rule. A trial of each level tells the price of a bit to begin with. While the
finest LOD learns, the file is measured from time to time and the weight of the rate follows.
Learning ends a little above the target; from there, codes that are hardly worth their bits are
exchanged (:mod:`nfcodec.encoder.trimming`) until the real file meets the target. Where learning
ended too far off, the finest LOD is learned again at a corrected price, a few times at most::

    begin ──▶ early_price, for each LOD before the last ──▶ code_last ──▶ look, while it learns
                                                               ▲              │
                                                     too far   │              ▼
                                                     off: None └─────────── ended ──▶ CodedField
                                                                              │ a little above, or
                                                                              ▼ no attempt is left
                                                                           trimming

In terms of Lagrangian optimization: learning minimizes distortion + lambda x rate, where lambda is
:attr:`RateState.weight` relative to the loss, and codes are chosen at :attr:`RateState.price`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from nfcodec.arrays import FloatArray
from nfcodec.encoder.goals import SWELL, Goal
from nfcodec.encoder.trimming import Trimming, sensitivities
from nfcodec.errors import DamagedFileError
from nfcodec.evaluate.storage import FloatRows
from nfcodec.fit.loop import decay
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.learning.learning_task import LearningTask
from nfcodec.quantize.vq.entropy_constrained import InitialRates, RateDistortion

#: Finetunes at most; all but the first are of the finest LOD alone.
ATTEMPTS = 4
#: The weight of the rate that prices are counted from: the default of ``ecq``.
_WEIGHT = 0.1
#: The range of weights.
_WEIGHTS = (1e-4, 100.0)
#: Prices that are tried are within this factor of the first.
_REACH = 4.0**6
#: Halvings of the stretch in which the price lies that trials say leads to the target, before the
#: rest is interpolated.
_HALVINGS = 2
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
#: A price next to one that led to the wrong side of the target is at least this factor away.
_NEXT = 1.2
#: A price is at most this factor away from the one before: trials say little of farther ones.
_FAR = 8.0
#: What learning takes off the loss of codes that are not learned yet, in nats.
_LOSS_LEARNED = 1.0
#: As long as every attempt fell short: how much of the shortfall the next one aims beyond it.
_CAUTION = (0.1, 1.0, 4.0)


@dataclass(frozen=True)
class Attempt:
    """One finetune: the ``price`` of a bit its codes were chosen at, the ``distance`` from the
    target in nats at which it ended, and the measured ``value`` in bytes or dB."""

    price: float
    distance: float
    value: float


@dataclass(frozen=True)
class Surplus:
    """What was learned (``held``) where an attempt ended ``distance`` nats above the target."""

    distance: float
    held: dict[str, Any]


@dataclass
class RateState:
    """Where rate control is; all that a checkpoint keeps of it.

    Prices are in the units of what errors cost (``d H d`` over all corners), distances in nats.
    """

    #: Of a bit when codes are chosen.
    price: float
    #: Weight of the rate while codes learn, as a share of the loss.
    weight: float
    #: The loss at which learning should end.
    loss: float
    #: Bytes of the file without the codes that are still to be chosen; 0 for a quality.
    floor: float
    #: The first price.
    origin: float
    #: What learning changes the distance by.
    learned: float
    #: The distance at which learning should end.
    aim: float
    #: The distance of the last stage's codes before they learn.
    started: float = 0.0
    #: How many times the bits of trials levels take.
    swell: float = SWELL
    attempts: list[Attempt] = field(default_factory=list)
    #: The last look: after how many steps, and the distance.
    looked: tuple[int, float] | None = None
    #: What was learned before the last stage.
    before: dict[str, Any] | None = None
    #: The attempt that ended nearest above the target.
    above: Surplus | None = None

    def saved(self) -> dict[str, Any]:
        """Plain values and tensors."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        found["attempts"] = [[a.price, a.distance, a.value] for a in self.attempts]
        found["looked"] = None if self.looked is None else list(self.looked)
        if self.above is not None:
            found["above"] = {"distance": self.above.distance, "held": self.above.held}
        return found

    @staticmethod
    def restored(found: dict[str, Any]) -> RateState:
        """The inverse of :meth:`saved`; KeyError, TypeError or ValueError if it is not."""
        names = [one.name for one in fields(RateState)]
        state = RateState(**{name: found[name] for name in names})
        numbers = (
            "price", "weight", "loss", "floor", "origin", "learned", "aim", "started", "swell",
        )  # fmt: skip
        for name in numbers:
            setattr(state, name, float(found[name]))
        state.attempts = [Attempt(*map(float, one)) for one in found["attempts"]]
        if found["looked"] is not None:
            done, distance = found["looked"]
            state.looked = int(done), float(distance)
        if found["above"] is not None:
            state.above = Surplus(float(found["above"]["distance"]), found["above"]["held"])
        return state


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

    def early_price(self) -> float:
        state, done = self.state, sum(self.task.coded_bits())
        if self.goal.in_bytes and done:
            goal = self.goal
            self._now = self._of_stages(self.task.open())
            floor = state.floor
            state.floor = floor + done / 8.0
            found = goal.distance(state.floor + SWELL * self._now.at(self.price).bits / 8.0)
            change = goal.target_offset - goal.learning_gain - found
            self._set_price(self._leading_from(self.price, change))
            state.floor = floor
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
        if state.attempts:
            last = state.attempts[-1]
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
            price = min(max(price, self.price / _FAR), self.price * _FAR)
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

    def ended(self) -> CodedField | None:
        goal, state = self.goal, self.state
        low, high = goal.tolerance
        coded = self.task.coded()
        value = goal.measure(coded)
        found = goal.distance(value)
        state.attempts.append(Attempt(self.price, found, value))
        if low <= found <= high:
            return coded
        last = len(state.attempts) >= ATTEMPTS
        if found > high:
            # Cheaper codes of the finest LOD alone may have little to give.
            little = goal.in_bytes and value < 1.05 * state.floor
            if found <= goal.relearn_above or last or little:
                return self._trimmed(coded)
            if state.above is None or found < state.above.distance:
                state.above = Surplus(found, self.task.held())
        at_bottom = self.price < 1.1 * state.origin / _REACH and found < low
        if not last and not at_bottom:
            state.learned = found - state.started
            short = all(attempt.distance < 0.0 for attempt in state.attempts)
            # Where all attempts fell short: what is surely too much can be trimmed.
            caution = _CAUTION[len(state.attempts) - 1] * abs(found) if short else 0.0
            state.aim = goal.target_offset + caution
            return None
        if state.above is None:
            best = max(attempt.value for attempt in state.attempts)
            count = len(state.attempts)
            finetunes = f"{count} finetunes" if count > 1 else "one finetune"
            raise goal.unmet(
                f"the most that {finetunes} at -b {self.task.bits} came to is "
                f"{goal.text(best)}; more bits or --steps may reach further"
            )
        self.task.restore(state.above.held)
        return self._trimmed(self.task.coded())

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
        return between(price, [(one.price, one.distance - aim) for one in self.state.attempts])

    def _leading_from(self, price: float, change: float) -> float:
        """The price by which the distance is ``change`` more than by ``price``, as trials tell."""
        goal, state = self.goal, self.state

        @cache
        def expected(at: float) -> float:
            error, bits = self._now.at(at)
            return goal.expected(RateDistortion(error, state.swell * bits), state.floor)

        wanted = expected(price) + change
        origin = state.origin
        least, most = origin / _REACH, origin * _REACH
        low = high = min(max(price, least), most)
        while expected(low) < wanted and low > least:
            low, high = max(low / 4.0, least), low
        while expected(high) > wanted and high < most:
            low, high = high, min(high * 4.0, most)
        if expected(low) <= wanted or expected(high) >= wanted:
            return low if expected(low) <= wanted else high
        for _ in range(_HALVINGS):
            middle = math.sqrt(low * high)
            low, high = (middle, high) if expected(middle) > wanted else (low, middle)
        share = float((expected(low) - wanted) / (expected(low) - expected(high)))
        return low * math.exp(share * math.log(high / low))

    def _trimmed(self, coded: CodedField) -> CodedField:
        goal, task = self.goal, self.task
        measure = goal.near(coded)
        matrices = sensitivities(task.module, task.objective, coded, task.seed)
        trimmed, found = Trimming(coded, matrices, task.value_bits).search(
            lambda field: goal.distance(measure(field)), *goal.trim_range, 0.1 * self.price,
            task.progress,
        )  # fmt: skip
        value = measure(trimmed)
        if goal.suffices(value):
            return trimmed
        what = "the least" if found > goal.tolerance[1] else "the nearest"
        raise goal.unmet(f"{what} it came to is {goal.text(value)}")


def between(price: float, tried: Sequence[tuple[float, float]]) -> float:
    """``price``, or another if it lies where ``tried`` say that the wanted one does not.

    They are prices and how far above what is wanted each of them led.
    """
    dear = min((one for one, off in tried if off < 0.0), default=math.inf)
    cheap = max((one for one, off in tried if off >= 0.0), default=0.0)
    if cheap < price < dear or not cheap < dear:
        return price
    if cheap > 0.0 and dear < math.inf:
        return math.sqrt(cheap * dear)
    return cheap * _NEXT if cheap > 0.0 else dear / _NEXT
