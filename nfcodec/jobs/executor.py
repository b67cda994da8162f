"""What carries jobs out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from nfcodec.jobs.job import Result, Run, Task


class Executor(Protocol):
    """One machine's workers, or a cluster's."""

    def check(self, tasks: Sequence[Task]) -> None:
        """Refuse before any work what cannot go well. UsageError says what to do."""

    def results(self, tasks: Sequence[Task], run: Run) -> Iterator[Result]:
        """The results of ``tasks``, in the order in which they end.

        A task whose worker died is tried once more. Closing the iterator ends the work.
        """
