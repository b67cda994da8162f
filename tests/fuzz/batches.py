"""Many inputs of one target in this process, counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from tests.fuzz.target import Target, examine, inputs


@dataclass(frozen=True)
class Finding:
    """A mutant that does what none may do: ``target``, ``seed`` and ``index`` make it again."""

    target: str
    seed: int
    index: int
    fault: str
    place: str

    @property
    def cause(self) -> str:
        """What findings of one cause share."""
        return f"{self.place} {self.fault[:40]}"


@dataclass
class Tally:
    """How often each answer came, the findings, and the slowest input in seconds."""

    answers: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, other: Tally) -> None:
        for name, count in other.answers.items():
            self.answers[name] = self.answers.get(name, 0) + count
        self.findings += other.findings
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)


def run(
    target: Target,
    seed: int,
    first: int,
    count: int,
    skip: Collection[int] = (),
    starts: Callable[[int], None] = lambda index: None,
) -> Tally:
    """Mutants ``first`` to ``first + count - 1`` without those in ``skip``.

    ``starts`` is told the number of each input before it is read.
    """
    begin = time.perf_counter()
    made = [item for item in inputs(target, seed, first, count) if item[0] not in skip]
    tally = judge(target, made, seed, starts)
    tally.seconds = time.perf_counter() - begin
    return tally


def judge(
    target: Target,
    made: Sequence[tuple[int, bytes]],
    seed: int,
    starts: Callable[[int], None],
) -> Tally:
    """The same of inputs that are made already."""
    tally = Tally()
    wait = target.peer([data for _, data in made]) if target.peer else None
    verdicts = []
    for index, data in made:
        starts(index)
        verdicts.append(examine(target, data))
    answers = wait() if wait else [None] * len(made)
    for (index, data), verdict, answer in zip(made, verdicts, answers, strict=True):
        tally.answers[verdict.answer] = tally.answers.get(verdict.answer, 0) + 1
        tally.slowest = max(tally.slowest, verdict.seconds)
        faults = [(verdict.fault, verdict.place)]
        if answer is not None and target.differs:
            faults.append((target.differs(data, verdict, answer), "peer"))
        tally.findings += [
            Finding(target.name, seed, index, fault, place) for fault, place in faults if fault
        ]
    return tally
