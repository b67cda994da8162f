"""Jobs on the cores of this machine: one process each, which loads its libraries once.

Not a pool of :mod:`concurrent.futures` or loky: where a worker dies, those end all the others and
lose their jobs (docs/decisions/0045-many-fields.md). Here each worker has a pipe of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import connection
from typing import Any

from nfcodec.errors import NfcodecError
from nfcodec.jobs import foresight, worker
from nfcodec.jobs.foresight import Foresight
from nfcodec.jobs.job import Result, Run, Task
from nfcodec.jobs.perform import gave_up
from nfcodec.jobs.schedule import Schedule

#: Variables by which libraries are told how many threads to use, once, as they load.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
#: Seconds that workers have to put their work in order when a batch ends early.
_GRACE = 15.0
#: Workers that may die one after the other as they start.
_MAX_STILLBORN = 20


@dataclass
class LocalWorkers:
    """``count`` processes; by default one for each core, or each of ``devices``.

    ``memory``: bytes that jobs may take together; most of what is free by default.
    ``devices``: names of devices that workers are spread over, in turn. ``retries``: how often a
    job is tried again whose worker died.
    """

    count: int | None = None
    memory: int | None = None
    devices: Sequence[str] = ()
    retries: int = 1
    cores: int = field(default_factory=lambda: cores())

    def check(self, tasks: Sequence[Task]) -> None:
        """Nothing can be wrong with this machine that a job would not say more clearly."""

    def results(self, tasks: Sequence[Task], run: Run) -> Iterator[Result]:
        """As :class:`nfcodec.jobs.executor.Executor` has it."""
        count = min(self.count or len(self.devices) or self.cores, max(len(tasks), 1))
        schedule = Schedule(tasks, foresight.available(self.memory), Foresight())
        pool = _Pool(count, run, self.devices, max(1, self.cores // count))
        attempts: dict[str, int] = {}
        try:
            while schedule or pool.busy:
                pool.fill(schedule)
                for task, outcome in pool.wait():
                    attempts[task.digest] = attempts.get(task.digest, 0) + 1
                    tried = attempts[task.digest]
                    if isinstance(outcome, Result):
                        result = replace(outcome, attempts=tried)
                    elif tried <= self.retries:
                        schedule.again(task, larger=outcome.killed)
                        continue
                    else:
                        result = gave_up(task, tried, str(outcome))
                    schedule.ended(task, result)
                    yield result
        finally:
            pool.close()


@dataclass(frozen=True)
class _Death:
    """How a worker ended that was at work."""

    code: int | None

    @property
    def killed(self) -> bool:
        """By SIGKILL, as the system does when memory runs out."""
        return self.code == -getattr(signal, "SIGKILL", 9)

    def __str__(self) -> str:
        if self.code is None or self.code >= 0:
            return f"with exit code {self.code}"
        try:
            name = signal.Signals(-self.code).name
        except ValueError:
            name = str(-self.code)
        out_of_memory = "; the system does so when memory runs out" if self.killed else ""
        return f"by signal {name}{out_of_memory}"


class _Worker:
    """A process and the task it is at."""

    def __init__(self, context: Any, run: Run, device: str | None) -> None:
        self.device = device
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=worker.serve, args=(theirs, run, device), name="nfcodec-batch", daemon=True
        )
        self.process.start()
        theirs.close()
        self.ready = False
        self.task: Task | None = None

    def give(self, task: Task) -> bool:
        """Send ``task``; whether the worker is there to take it."""
        try:
            self.pipe.send(task)
        except OSError:
            return False
        self.task = task
        return True

    def received(self) -> Result | None:
        """What the worker has sent, if it is whole and a result."""
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                if isinstance(message, Result):
                    return message
                self.ready = True
        except (OSError, EOFError, pickle.UnpicklingError):
            self.process.join(_GRACE)  # it died as it wrote
        return None

    def end(self) -> None:
        self.pipe.close()
        if self.process.is_alive():
            self.process.terminate()


class _Pool:
    def __init__(self, count: int, run: Run, devices: Sequence[str], threads: int) -> None:
        self._context = multiprocessing.get_context("spawn")  # torch's threads survive no fork
        self._run, self._threads = run, str(threads)
        self._devices = [devices[k % len(devices)] if devices else None for k in range(count)]
        self._workers: list[_Worker | None] = [None] * count
        self._stillborn = 0

    @property
    def busy(self) -> list[_Worker]:
        """Workers with a task."""
        return [one for one in self._workers if one is not None and one.task is not None]

    def fill(self, schedule: Schedule) -> None:
        """Give idle workers what there is room for."""
        for slot in range(len(self._workers)):
            one = self._workers[slot]
            if one is not None and one.task is not None:
                continue
            task = schedule.next()
            if task is None:
                return
            if one is None or not one.give(task):
                if one is not None:
                    one.end()
                self._start(slot).give(task)

    def wait(self) -> list[tuple[Task, Result | _Death]]:
        """What has ended, once something has."""
        busy = self.busy
        connection.wait([*(one.pipe for one in busy), *(one.process.sentinel for one in busy)])
        found: list[tuple[Task, Result | _Death]] = []
        for slot, one in enumerate(self._workers):
            if one is None or one.task is None:
                continue
            task, alive = one.task, one.process.is_alive()
            result = one.received()
            if result is not None:
                one.task, self._stillborn = None, 0
                found.append((task, result))
            elif not alive or not one.process.is_alive():
                self._bury(slot, one)
                if one.ready:
                    found.append((task, _Death(one.process.exitcode)))
                else:  # it never got to the task
                    self._start(slot).give(task)
        return found

    def close(self) -> None:
        """End all workers, which put their work in order first."""
        living = [one for one in self._workers if one is not None]
        for one in living:
            one.end()
        for one in living:
            one.process.join(_GRACE)
            if one.process.is_alive():
                one.process.kill()
                one.process.join()

    def _start(self, slot: int) -> _Worker:
        with _environment(dict.fromkeys(_THREADS, self._threads)):
            one = _Worker(self._context, self._run, self._devices[slot])
        self._workers[slot] = one
        return one

    def _bury(self, slot: int, one: _Worker) -> None:
        one.process.join()
        one.end()
        self._workers[slot] = None
        if one.ready:
            return
        self._stillborn += 1
        code = one.process.exitcode
        if code is not None and code > 0:
            raise NfcodecError(
                f"worker processes cannot start (exit code {code}); a program that calls "
                'nfcodec.batch needs `if __name__ == "__main__":` before what it runs'
            )
        if self._stillborn > _MAX_STILLBORN:
            raise NfcodecError(
                f"{self._stillborn} worker processes died one after the other as they started, the "
                f"last {_Death(code)}; see what else runs, or start fewer with -j"
            )


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables that are not set, for processes that start during the block."""
    new = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            with suppress(KeyError):
                del os.environ[name]
