"""What is to be coded: a field less what is not worth its bytes, and what it learns under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nfcodec.arrays import FloatArray
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit.points import ValueLoss
from nfcodec.fit.radiance import PhotometricLoss
from nfcodec.fit.sight import sight
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize.contract import Context
from nfcodec.quantize.drafts import barest
from nfcodec.quantize.entropy_constrained import Opening
from nfcodec.quantize.float16 import Float16
from nfcodec.quantize.goals import Goal, SizeGoal
from nfcodec.quantize.rate_control import RateControl, Work
from nfcodec.quantize.rates import VALUE_BITS, coarser, least_lods, open_rates, worth_coding
from nfcodec.quantize.stages import number_of, stages_of
from nfcodec.quantize.supervision import Objective, objective_for
from nfcodec.quantize.visibility import without_hidden

#: Nats by which plain vectors have to be better than the quality that their codes are to have.
_HEADROOM = 0.1
#: Nats by which the largest files have to be larger than a wanted size.
_ROOM = 0.3


@dataclass
class Subject:
    """``module`` is ``field``, as ``objective`` evaluates it; ``corners``: that bits are shared by.

    Where bits have a price, ``price`` is that of one, or ``control`` finds it.
    """

    field: Field
    module: FieldModule
    objective: Objective
    corners: int
    price: float | None = None
    control: RateControl | None = None

    @property
    def bit_price(self) -> float:
        """What a bit costs at present, in the units of what errors cost, where it has a price."""
        price = self.price if self.control is None else self.control.price
        assert price is not None
        return price

    @staticmethod
    def of(field: Field, context: Context, steps: int, *, hidden: bool) -> Subject:
        """All of ``field``, or without its ``hidden`` voxels."""
        module = FieldModule(field, pick(context.device))
        objective = objective_for(field, module, context, steps)
        if isinstance(objective, PhotometricLoss):
            if not hidden:
                field = without_hidden(field, module, objective.bank, context.progress)
                module = FieldModule(field, module.device)
            objective = _of(module, objective, context)
        corners = sum(len(level.features) for level in field.levels)
        return Subject(field, module, objective, corners)

    def coarser(self, lods: int, context: Context) -> Subject:
        """The first ``lods`` levels of detail alone. A bit costs what it did."""
        if lods == self.field.num_lods:
            return self
        field = coarser(self.field, lods)
        module = FieldModule(field, self.module.device)
        # Features of images need all LODs.
        assert isinstance(self.objective, PhotometricLoss | ValueLoss)
        return Subject(field, module, _of(module, self.objective, context), self.corners)


def _of(module: FieldModule, objective: PhotometricLoss | ValueLoss, context: Context) -> Objective:
    """``objective`` of another field, which rays see in another way."""
    if isinstance(objective, ValueLoss):
        return objective.of(module)
    return objective.of(module, sight(module, objective.bank, context.progress))


@dataclass(frozen=True)
class Terms:
    """Bits have a price: ``rate_weight``, or what leads to the context's goal.

    ``bits``: of an index at most. ``early``: how much dearer a bit is in LODs before the finest.
    ``coded``: what a field's module is at present, as a coded field.
    """

    bits: int
    rate_weight: float
    early: float
    coded: Callable[[Field, FieldModule], CodedField]

    def subject(self, field: Field, context: Context, steps: int) -> Subject:
        """``field`` less what hardly shows, and less the LODs that are not worth their bytes."""
        subject = Subject.of(field, context, steps, hidden=False)
        goal = context.goal
        if isinstance(goal, SizeGoal):
            subject = subject.coarser(_fitting(subject.field, goal), context)
        opening = self._price(subject, context, steps, None)
        lods = worth_coding(
            subject.field, subject.objective, opening, subject.bit_price, context.seed
        )
        if isinstance(goal, SizeGoal):
            lods = _filling(subject.field, goal, lods, opening)
        elif goal is not None:
            lods = _reaching(subject.field, goal, lods, context)
        if lods < subject.field.num_lods:
            subject = subject.coarser(lods, context)
            self._price(subject, context, steps, None)
        return subject

    def resumed(self, field: Field, context: Context, steps: int, state: dict[str, Any]) -> Subject:
        """What :meth:`subject` gave when work on it began. DamagedFileError: a checkpoint's
        ``state`` that does not fit."""
        subject = Subject.of(field, context, steps, hidden=False)
        lods = 1 + number_of(
            state, "finest", subject.field.num_lods, context.resume, least_lods(subject.field) - 1
        )
        subject = subject.coarser(lods, context)
        self._price(subject, context, steps, state)
        return subject

    def _price(
        self, subject: Subject, context: Context, steps: int, state: dict[str, Any] | None
    ) -> Opening:
        """Set what a bit of ``subject`` costs, or what finds it."""
        module, objective, seed = subject.module, subject.objective, context.seed

        def rates() -> tuple[Opening, list[FloatArray]]:
            return open_rates(module, objective, self.bits, seed, subject.corners)

        opening, matrices = rates()
        if context.goal is None:
            subject.price = opening.price(self.rate_weight)
            return opening
        last = stages_of(subject.field, steps)[-1].levels
        subject.control = RateControl(context.goal, opening, Work(
            module, objective, lambda: self.coded(subject.field, module), lambda: rates()[0],
            self.bits, VALUE_BITS, last, self.early, seed, context.progress,
        ))  # fmt: skip
        if state is None:
            subject.control.begin(subject.field, matrices)
        else:
            subject.control.resume(state, context.resume)
        return opening


def _fitting(field: Field, goal: SizeGoal) -> int:
    """The most LODs of ``field`` of which a file may be small enough; the least if none is."""
    lods = field.num_lods
    while (
        lods > least_lods(field) and goal.distance(goal.measure(barest(coarser(field, lods)))) > 0.0
    ):
        lods -= 1
    return lods


def _filling(field: Field, goal: SizeGoal, lods: int, opening: Opening) -> int:
    """``lods``, or more: of so many, files can be clearly larger than ``goal``."""
    free = [trial.at(0.0).bits / 8.0 for trial in opening.trials]
    for count in range(lods, field.num_lods):
        kept = [n for n, level in enumerate(field.levels) if level.lod < count]
        most = goal.measure(barest(coarser(field, count))) + sum(free[n] for n in kept)
        if goal.distance(most) > _ROOM:
            return count
    return field.num_lods


def _reaching(field: Field, goal: Goal, lods: int, context: Context) -> int:
    """``lods``, or more: of so many plain vectors are clearly better than ``goal``."""
    for count in range(lods, field.num_lods):
        plain = Float16().quantize(coarser(field, count), context)
        if goal.distance(goal.measure(plain)) > _HEADROOM:
            return count
    return field.num_lods
