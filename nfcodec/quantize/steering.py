"""What the caller supplies to quantizers: what files cost, and where learning should end.

Quantizers know neither bytes nor targets. The encoder gives them a :class:`RateModel`, and, for a
target, a :class:`Steering` that makes a :class:`Controller` for each piece of work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nfcodec.arrays import FloatArray
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field

if TYPE_CHECKING:
    from nfcodec.quantize.contract import Context
    from nfcodec.quantize.learning.learning_task import LearningTask
    from nfcodec.quantize.vq.entropy_constrained import InitialRates


class Again(Enum):
    """What is to be learned again: the last stage's codes, or all, from the field as it was."""

    LAST = "last"
    ALL = "all"


class RateModel(Protocol):
    """What a file takes beside its codes."""

    def floor(self, field: Field) -> int:
        """Bytes of a file of ``field`` with one code for each level and no metadata."""


class Steering(Protocol):
    """A target for the result, a size or a quality, whose measure the encoder knows."""

    def of(self, finish: Callable[[CodedField], CodedField]) -> Steering:
        """The same target for coded fields that ``finish`` has yet to finish."""

    def to_json(self) -> dict[str, Any]:
        """As recorded in the coded field's metadata."""

    def lods_that_fit(self, field: Field) -> int:
        """The most LODs of ``field`` that may meet the target; the fewest possible if none do."""

    def lods_needed(self, field: Field, lods: int, rates: InitialRates, context: Context) -> int:
        """``lods`` of ``field``, or more if so few cannot come up to the target."""

    def control(self, rates: InitialRates, task: LearningTask) -> Controller:
        """What leads ``task`` to the target."""


class Controller(Protocol):
    """Leads one piece of learning to a target: sets prices, and says whether to learn again."""

    @property
    def price(self) -> float:
        """Of a bit when codes are chosen, in the units of what errors cost."""

    @property
    def weight(self) -> float:
        """Of the rate while codes learn."""

    @property
    def loss(self) -> float:
        """The loss that a share of is what a bit costs at least."""

    def begin(self, field: Field, matrices: Sequence[FloatArray]) -> None:
        """Find the price to begin with. ``matrices``: what errors in each level of ``field`` cost.

        UsageError if the target is out of reach anyway.
        """

    def resume(self, state: dict[str, Any], path: Path | None) -> None:
        """Go on from a checkpoint's ``state``; DamagedFileError names its ``path``."""

    def saved(self) -> dict[str, Any]:
        """What a checkpoint has to hold to :meth:`resume`: plain values and tensors."""

    def early_price(self) -> float:
        """The price of a bit in a stage before the last."""

    def code_last(self, code: Callable[[float], None]) -> None:
        """Have ``code`` code the last stage's levels at the price that should meet the target."""

    def look(self, done: int, steps: int) -> float:
        """The weight of the rate after ``done`` of ``steps`` steps of the last stage."""

    def ended(self) -> CodedField | Again:
        """The codes that meet the target, now that learning has ended, or what to learn again.

        For :attr:`Again.ALL` the module is what it was before any learning.

        UsageError if the target is out of reach.
        """
