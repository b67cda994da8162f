"""Jobs as tasks of a Ray cluster, which places them and outlives nodes that are lost."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nfcodec._version import __version__
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.jobs.job import WORK, Result, Run, Task
from nfcodec.jobs.perform import gave_up, perform
from nfcodec.jobs.remote import is_url
from nfcodec.optional import need

#: Tasks that Ray has at once, for each core: enough to keep all busy, few enough to end quickly.
_AHEAD = 4
#: Seconds that a node may take to say what it has, and tasks to put their work in order.
_PATIENCE, _GRACE = 120.0, 15.0
#: Seconds in which a cluster has to answer.
_ANSWER = 10.0
#: Inputs that a node lacks which are told of.
_TOLD = 3


@dataclass
class RayCluster:
    """``address``: of a cluster, as ``ray.init`` takes it; None for the one that this machine
    belongs to, or else a new one of this machine alone.

    ``count``: most jobs at once. ``gpus``: that each job asks for. ``retries``: of a job whose
    worker or node is lost.
    """

    address: str | None = None
    count: int | None = None
    gpus: float = 0.0
    retries: int = 1

    def check(self, tasks: Sequence[Task]) -> None:
        """Connect, and ask each node whether it has this nfcodec, the folder and the inputs.

        UsageError names the nodes that have not. NfcodecError: nothing answers at the address.
        """
        if not tasks:
            return
        self._connect()
        try:
            problems = list(_problems(tasks))
            if self.gpus > _most("GPU"):
                problems.append(f"no node has {self.gpus:g} GPUs")
        except BaseException:
            self._disconnect()
            raise
        if problems:
            self._disconnect()
            raise UsageError("the cluster cannot run these jobs: " + "; ".join(problems))

    def results(self, tasks: Sequence[Task], run: Run) -> Iterator[Result]:
        """As :class:`nfcodec.jobs.executor.Executor` has it."""
        import ray

        remote = ray.remote(perform)
        needs = {
            "max_retries": self.retries, "num_cpus": 1, "num_gpus": self.gpus,
            "name": "nfcodec-batch",
            "runtime_env": {"env_vars": {"NUMBA_NUM_THREADS": "1"}},
        }  # fmt: skip
        largest = _most("memory")
        waiting = sorted(tasks, key=lambda task: -task.memory)[::-1]  # the largest are taken first
        flying: dict[Any, Task] = {}
        try:
            while waiting or flying:
                ahead = self.count or max(_AHEAD * int(_sum("CPU")), 1)
                while waiting and len(flying) < ahead:
                    task = waiting.pop()
                    # One that is larger than any node has to itself the memory of the largest.
                    memory = min(task.memory, largest)
                    flying[remote.options(memory=memory, **needs).remote(task, run)] = task
                ready, _ = ray.wait(list(flying), num_returns=1)
                for reference in ready:
                    yield self._result(reference, flying.pop(reference))
        finally:
            _cancel(list(flying))
            self._disconnect()

    def _result(self, reference: Any, task: Task) -> Result:
        import ray

        try:
            found: Result = ray.get(reference)
        except ray.exceptions.RayError as error:  # a lost worker or node, more often than allowed
            return gave_up(task, self.retries + 1, f"by {_first_line(error)}")
        return found

    def _connect(self) -> None:
        need("ray", "running jobs on Ray")
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no report to anybody
        import ray

        self._ours = not ray.is_initialized()
        if not self._ours:  # the program's own cluster
            return
        where = self.address or "this machine"
        try:
            _reach(self.address)
            ray.init(self.address, log_to_driver=False, logging_level="ERROR")
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise NfcodecError(
                f"no Ray cluster answers at {where}: {_first_line(error)}"
            ) from error

    def _disconnect(self) -> None:
        import ray

        if self._ours and ray.is_initialized():
            ray.shutdown()


def _reach(address: str | None) -> None:
    """OSError if nothing listens at ``address``: Ray itself takes minutes to say so."""
    host, _, port = (address or "").rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER):
            pass


def probe(folder: str, inputs: Sequence[str]) -> tuple[str, bool, list[str]]:
    """What a node has: its nfcodec's version, whether it sees the batch's folder, and those of
    ``inputs`` that it lacks."""
    missing = [path for path in inputs if not os.path.exists(path)]
    return __version__, (Path(folder) / WORK).is_dir(), missing


def _problems(tasks: Sequence[Task]) -> Iterator[str]:
    """What each node lacks, in words."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    folder = str(tasks[0].folder)
    inputs = sorted({
        path for task in tasks for path in task.job.call.inputs().values() if not is_url(path)
    })  # fmt: skip
    asked = {}
    for node in ray.nodes():
        if node["Alive"] and node["Resources"].get("CPU"):
            place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ask = ray.remote(probe).options(scheduling_strategy=place, num_cpus=0, max_retries=0)
            asked[ask.remote(folder, inputs)] = node["NodeManagerHostname"]
    for reference, host in asked.items():
        try:
            version, sees, missing = ray.get(reference, timeout=_PATIENCE)
        except ray.exceptions.RayError as error:
            yield f"node {host} has no nfcodec that answers ({_first_line(error)})"
            continue
        if version != __version__:
            yield f"node {host} has nfcodec {version}, this machine {__version__}"
        if not sees:
            yield f"node {host} does not see the output folder {folder}; use a shared path"
        if missing:
            more = f" and {len(missing) - _TOLD} more" if len(missing) > _TOLD else ""
            named = ", ".join(missing[:_TOLD]) + more
            yield f"node {host} lacks {named}; use a shared path, or a URL that fsspec reads"


def _cancel(flying: list[Any]) -> None:
    """Interrupt tasks, which keep their state, and end those that do not heed it."""
    import ray

    if not flying or not ray.is_initialized():
        return
    for force in (False, True):
        for reference in flying:
            with suppress(Exception):
                ray.cancel(reference, force=force)
        end = time.monotonic() + _GRACE
        while flying and time.monotonic() < end:
            flying = ray.wait(flying, num_returns=len(flying), timeout=0.5)[1]
            if not flying:
                return


def _most(resource: str) -> Any:
    """The most of a resource that one node has."""
    import ray

    return max(
        (node["Resources"].get(resource, 0) for node in ray.nodes() if node["Alive"]), default=0
    )


def _sum(resource: str) -> float:
    import ray

    return float(ray.cluster_resources().get(resource, 0))


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
