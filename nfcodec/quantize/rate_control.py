"""Coding to a wanted size or quality: how learning is steered towards it, and what follows.

One finetune as a rule. A trial of each level tells the price of a bit to begin with. While the
finest LOD learns, the file is measured from time to time and the price follows. Learning ends a
little above the target; from there, codes that are hardly worth their bits are exchanged
(:mod:`nfcodec.quantize.trimming`) until the real file is on it. Where learning ended too far off,
the finest LOD is learned again at a corrected price, a few times at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nfcodec.arrays import FloatArray
from nfcodec.entropy.tables import entropy
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.storage import FloatRows
from nfcodec.fit.loop import decay
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress
from nfcodec.quantize.drafts import barest, draft, most_bytes
from nfcodec.quantize.entropy_constrained import Opening, Outcome
from nfcodec.quantize.goals import Goal, SizeGoal
from nfcodec.quantize.soft_rows import SoftRows
from nfcodec.quantize.supervision import Objective
from nfcodec.quantize.trimming import Trimming, sensitivities

#: Finetunes at most; all but the first are of the finest LOD alone.
ATTEMPTS = 4
#: The weight of the rate that prices are counted from, and the range of weights.
_WEIGHT, _WEIGHTS = 0.1, (1e-4, 100.0)
#: Prices that are tried are within this factor of the first; halvings of the stretch in which the
#: one lies that, as trials tell, leads to the target, before it is interpolated.
_REACH, _HALVINGS = 4.0**6, 2
#: How often a stage's file is measured, never more often than every so many steps; how strongly
#: the price answers to what was found, and at most at a time.
_LOOKS, _LOOK_EVERY, _GAIN, _STRIDE = 12, 5, 1.0, 0.3
#: Codings of the last stage before it learns, and how near they have to come. Of prices that led to
#: the wrong side of the target the next one is at least this factor away, and at most that.
_CODINGS, _NEAR, _NEXT, _FAR = 3, 0.03, 1.2, 8.0
#: Finer LODs make up for what coarser ones lose: how many more bits they take than trials tell.
_SWELL = 1.5
#: What learning takes off the loss of codes that are not learned yet, in nats.
_LOSS_LEARNED = 1.0
#: As long as every attempt fell short: how much of the shortfall the next one aims beyond it.
_CAUTION = (0.1, 1.0, 4.0)
#: What a checkpoint has to hold to go on from.
_STATE = {
    "price", "weight", "loss", "floor", "origin", "tried", "looked", "before", "above", "learned",
    "aim", "started", "swell",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What is being coded, as rate control sees it.

    ``coded``: what ``module``, which ``objective`` evaluates, is as a coded field at present;
    ``open``: what rates are in store for the levels that are not coded yet.
    ``value_bits``: that a value of a code takes in the file. ``last``: positions of the levels of
    the last stage, the finest LOD's. ``early``: how much dearer a bit is in the others.
    """

    module: FieldModule
    objective: Objective
    coded: Callable[[], CodedField]
    open: Callable[[], Opening]
    bits: int
    value_bits: float
    last: list[int]
    early: float
    seed: int
    progress: Progress

    def held(self) -> dict[str, Any]:
        """All that is learned, for :meth:`restore`."""
        return {
            name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
            for name, value in self.module.state_dict().items()
            if name.startswith(("rows.", "networks."))
        }

    def restore(self, held: dict[str, Any]) -> None:
        """Make everything what it was; indices that were learned stay."""
        for position in range(len(self.module.rows)):
            free = held.get(f"rows.{position}.features")
            rows: FloatRows | SoftRows
            if free is not None:
                rows = FloatRows(torch.zeros_like(free))
            else:
                codebook = held[f"rows.{position}.codebook"].numpy()
                candidates = held[f"rows.{position}.candidates"].numpy()
                rows = SoftRows(codebook, candidates, np.zeros(candidates.shape, np.float32), 1.0)
                rows.freeze()
            self.module.rows[position] = rows.to(self.module.device)
        self.module.load_state_dict(held, strict=False)

    def coded_bits(self) -> list[float]:
        """Bits of each level that is coded: of indices, at zero order, and of codes."""
        found = []
        for rows in self.module.rows:
            if isinstance(rows, SoftRows):
                counts = np.bincount(rows.indices().cpu().numpy(), minlength=rows.num_codes)
                codes = np.count_nonzero(counts) * rows.num_features
                found.append(float(entropy(counts) * counts.sum() + self.value_bits * codes))
        return found

    def trimming(self, coded: CodedField) -> Trimming:
        """What of ``coded`` can be exchanged, with what that costs at present."""
        found = sensitivities(self.module, self.objective, coded, self.seed)
        return Trimming(coded, found, self.value_bits)


class RateControl:
    """The course of one coding towards ``goal``.

    ``price``: of a bit when codes are chosen, as :class:`Opening` has it. ``weight``: of the rate
    while the codes learn. ``state``: what a checkpoint keeps of it.
    """

    def __init__(self, goal: Goal, opening: Opening, work: Work) -> None:
        self.goal, self.work = goal, work
        self._corners = opening.corners
        self._now = self._of_stages(opening)
        self.state: dict[str, Any] = {}

    @property
    def price(self) -> float:
        return float(self.state["price"])

    @property
    def weight(self) -> float:
        return float(self.state["weight"])

    @property
    def loss(self) -> float:
        """Where learning should end: what a bit costs is no less than that share of it.

        Coarse LODs learn under hardly any loss as long as finer ones make up for theirs.
        """
        return float(self.state["loss"])

    def begin(self, field: Field, matrices: Sequence[FloatArray]) -> None:
        """Find the price to begin with. ``matrices``: what errors in each level of ``field`` cost.

        UsageError if the target is a size that is out of reach anyway.
        """
        goal, opening = self.goal, self._now
        floor = 0.0
        if isinstance(goal, SizeGoal):
            floor = goal.measure(barest(field))
            if goal.distance(floor) > 0.0:
                raise self._error(
                    f"with one code for each level the file takes {goal.text(floor)} already"
                )
            most = floor + most_bytes(field, self.work.bits)
            if goal.distance(most) < goal.accepted[0]:
                raise self._error(
                    f"no file of this field at -b {self.work.bits} takes more than "
                    f"{goal.text(most)}"
                )
        least = 1e-3 * _WEIGHT * opening.unit * opening.spread
        price = max(opening.price(_WEIGHT), least, 1e-30)
        self.state.update(
            floor=floor, origin=price, tried=[], looked=None, before=None, above=None,
            learned=goal.learned, aim=goal.aim, started=0.0, swell=_SWELL,
        )  # fmt: skip
        if isinstance(goal, SizeGoal):
            found = goal.distance(floor + _SWELL * opening.at(price).bits / 8.0)
        else:
            found = goal.distance(goal.measure(draft(field, opening, matrices, price)))
        self._set_price(self._leading_from(price, goal.aim - found - goal.learned))

    def early_price(self) -> float:
        """The price of a bit in a stage before the last, in the light of what is coded already."""
        state, done = self.state, sum(self.work.coded_bits())
        if isinstance(self.goal, SizeGoal) and done:
            self._now = self._of_stages(self.work.open())
            floor = state["floor"]
            state["floor"] = floor + done / 8.0
            found = self.goal.distance(
                state["floor"] + _SWELL * self._now.at(self.price).bits / 8.0
            )
            change = self.goal.aim - self.goal.learned - found
            self._set_price(self._leading_from(self.price, change))
            state["floor"] = floor
        return self.price * self.work.early

    def resume(self, state: dict[str, Any], path: Path | None) -> None:
        """Go on with the ``state`` of interrupted work, which lies in ``path``.

        DamagedFileError, which names the file, if it has none.
        """
        held = state.get("control")
        if not isinstance(held, dict) or not held.keys() >= _STATE:
            raise DamagedFileError(
                f"{path}: holds no rate control, or not all of it; delete it to start over"
            )
        self.state = held

    def code_last(self, code: Callable[[float], None]) -> None:
        """``code`` the last stage's levels at the price that should lead to the target.

        What learning will change is taken from the attempt before, if there was one. Levels that
        are coded already are made what they were, and coded anew.
        """
        goal, state = self.goal, self.state
        if state["before"] is None:
            state["before"] = self.work.held()
        else:
            self.work.restore(state["before"])
        self._now = self._of_stages(self.work.open())
        state["swell"] = 1.0
        if state["tried"]:
            last, found, _ = state["tried"][-1]
            price = self._leading_from(last, state["aim"] - found)
            self._set_price(self._within_tried(price))
        coded: list[tuple[float, float]] = []
        for left in reversed(range(_CODINGS)):
            code(self.price)
            value = goal.measure(self.work.coded())
            found = goal.distance(value)
            state["started"] = found
            # Trials tell of the last levels; all else is as it is.
            state["floor"] = max(float(value - self._now.at(self.price).bits / 8.0), 1.0)
            off = found + state["learned"] - state["aim"]
            coded.append((self.price, off))
            price = self._leading_from(self.price, -off)
            # What trials say of far-away prices is not worth much.
            price = min(max(price, self.price / _FAR), self.price * _FAR)
            price = self._within_tried(between(price, coded))
            if abs(off) < _NEAR or not left or abs(math.log(price / self.price)) < _NEAR:
                break
            self._set_price(price)
            self.work.restore(state["before"])

    def look(self, done: int, steps: int) -> float:
        """The weight after ``done`` of ``steps`` steps of the last stage."""
        state, goal = self.state, self.goal
        every = max(_LOOK_EVERY, steps // _LOOKS)
        if not isinstance(goal, SizeGoal) or done % every or done == steps:
            return self.weight
        found = goal.distance(goal.measure(self.work.coded()))
        ahead = found
        if state["looked"] is not None:
            before, distance = state["looked"]
            passed = sum(decay(step, steps) for step in range(before, done))
            left = sum(decay(step, steps) for step in range(done, steps))
            # What came lately goes on as long as steps are as large; further than that it is
            # anybody's guess.
            ahead += (found - distance) * min(left / passed, 2.0)
        change = min(max(_GAIN * (ahead - goal.aim), -_STRIDE), _STRIDE)
        weight = self.weight * math.exp(change)
        state["weight"] = min(max(weight, _WEIGHTS[0]), _WEIGHTS[1])
        state["looked"] = [done, found]
        return self.weight

    def ended(self) -> CodedField | None:
        """The codes that meet the target, now that learning has ended; None: learn again.

        UsageError if the target is out of reach.
        """
        goal, state = self.goal, self.state
        low, high = goal.accepted
        coded = self.work.coded()
        value = goal.measure(coded)
        found = goal.distance(value)
        state["tried"].append([self.price, found, value])
        if low <= found <= high:
            return coded
        last = len(state["tried"]) >= ATTEMPTS
        if found > high:
            # Cheaper codes of the finest LOD alone may have little to give.
            little = isinstance(goal, SizeGoal) and value < 1.05 * state["floor"]
            if found <= goal.slack or last or little:
                return self._trimmed(coded)
            if state["above"] is None or found < state["above"]["distance"]:
                state["above"] = {"distance": found, "held": self.work.held()}
        at_bottom = self.price < 1.1 * state["origin"] / _REACH and found < low
        if not last and not at_bottom:
            state["learned"] = found - state["started"]
            short = all(distance < 0.0 for _, distance, _ in state["tried"])
            # Where all attempts fell short: what is surely too much can be trimmed.
            caution = _CAUTION[len(state["tried"]) - 1] * abs(found) if short else 0.0
            state["aim"] = goal.aim + caution
            return None
        if state["above"] is None:
            best = max(tried[2] for tried in state["tried"])
            count = len(state["tried"])
            finetunes = f"{count} finetunes" if count > 1 else "one finetune"
            raise self._error(
                f"the most that {finetunes} at -b {self.work.bits} came to is "
                f"{goal.text(best)}; more bits or --steps may reach further"
            )
        self.work.restore(state["above"]["held"])
        return self._trimmed(self.work.coded())

    def _of_stages(self, opening: Opening) -> Opening:
        """``opening``, of the levels that are not coded yet, with a price for all levels."""
        free = [n for n, rows in enumerate(self.work.module.rows) if isinstance(rows, FloatRows)]
        factors = [1.0 if n in self.work.last else self.work.early for n in free]
        return replace(opening, corners=self._corners, factors=factors)

    def _set_price(self, price: float) -> None:
        errors = self._now.unit * self._now.at(price).error
        weight = price / errors if errors > 0.0 else _WEIGHT
        weight = min(max(weight, _WEIGHTS[0]), _WEIGHTS[1])
        loss = self._now.loss(price) * math.exp(-_LOSS_LEARNED)
        self.state.update(price=price, weight=weight, loss=loss, looked=None)

    def _within_tried(self, price: float) -> float:
        """``price``, or one between those that were too low and too high if it is not."""
        aim = self.goal.aim
        return between(price, [(one, off - aim) for one, off, _ in self.state["tried"]])

    def _leading_from(self, price: float, change: float) -> float:
        """The price by which the distance is ``change`` more than by ``price``, as trials tell."""
        goal, state = self.goal, self.state

        @cache
        def expected(at: float) -> float:
            error, bits = self._now.at(at)
            return goal.expected(Outcome(error, state["swell"] * bits), state["floor"])

        wanted = expected(price) + change
        origin = float(state["origin"])
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
        goal = self.goal
        measure = goal.near(coded)
        trimmed, found = self.work.trimming(coded).search(
            lambda field: goal.distance(measure(field)), *goal.trimmed, 0.1 * self.price,
            self.work.progress,
        )  # fmt: skip
        if goal.suffices(measure(trimmed)):
            return trimmed
        value = goal.text(measure(trimmed))
        above = found > goal.accepted[1]
        raise self._error(f"{'the least' if above else 'the nearest'} it came to is {value}")

    def _error(self, why: str) -> UsageError:
        goal = self.goal
        return UsageError(f"--{goal.option} {goal.text(goal.target)} cannot be met: {why}")


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
