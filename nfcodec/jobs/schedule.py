"""Which job runs next: the largest first, and none before there is room for it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace

from nfcodec.jobs.foresight import Foresight
from nfcodec.jobs.job import Result, Task


class Schedule:
    """Tasks that wait, and the memory of those that run.

    A task that does not fit waits for room, and nothing overtakes it; the largest come first, so
    that little waits behind them. One larger than ``memory`` runs alone.
    """

    def __init__(self, tasks: Iterable[Task], memory: int, foresight: Foresight) -> None:
        self.memory, self.foresight = memory, foresight
        self._waiting = [(-task.memory, number, task) for number, task in enumerate(tasks)]
        heapq.heapify(self._waiting)
        self._numbers = {task.digest: number for _, number, task in self._waiting}
        self._running: dict[str, int] = {}
        self._more: dict[str, int] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def taken(self) -> int:
        """Bytes set aside for what runs."""
        return sum(self._running.values())

    def next(self) -> Task | None:
        """The next task, with the memory set aside for it; None if there is no room or no task."""
        if not self._waiting:
            return None
        _, _, task = self._waiting[0]
        need = self._need(task)
        if self._running and self.taken + need > self.memory:
            return None
        heapq.heappop(self._waiting)
        self._running[task.digest] = need
        return replace(task, memory=need)

    def again(self, task: Task, larger: bool) -> None:
        """``task`` failed to end and waits again. ``larger``: it may have been for want of memory,
        and twice as much is set aside."""
        need = self._running.pop(task.digest)
        if larger:
            self._more[task.digest] = 2 * need
        first = self.foresight.of(task.job)
        entry = (-max(need, first), self._numbers[task.digest], replace(task, memory=first))
        heapq.heappush(self._waiting, entry)

    def ended(self, task: Task, result: Result) -> None:
        """``task`` has a result; its memory is free."""
        self._running.pop(task.digest)
        self.foresight.learn(task.job, self.foresight.of(task.job), result)

    def _need(self, task: Task) -> int:
        corrected = self.foresight.corrected(task.job, task.memory)
        return max(corrected, self._more.get(task.digest, 0))
