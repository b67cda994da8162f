"""Where rate control is: all that a checkpoint keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from nfcodec.encoder.goals import SWELL


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
    #: The price that the coarse LODs' bits began from.
    begun: float = 0.0
    #: How often all LODs have been learned again, and how many attempts there were before the last
    #: time.
    restarts: int = 0
    first_attempt: int = 0
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

    @property
    def tried(self) -> list[Attempt]:
        """The attempts with the present codes of the coarse LODs."""
        return self.attempts[self.first_attempt :]

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
            "price", "weight", "loss", "floor", "origin", "learned", "aim", "begun", "started",
            "swell",
        )  # fmt: skip
        for name in numbers:
            setattr(state, name, float(found[name]))
        for name in ("restarts", "first_attempt"):
            setattr(state, name, int(found[name]))
        state.attempts = [Attempt(*map(float, one)) for one in found["attempts"]]
        if found["looked"] is not None:
            done, distance = found["looked"]
            state.looked = int(done), float(distance)
        if found["above"] is not None:
            state.above = Surplus(float(found["above"]["distance"]), found["above"]["held"])
        return state
