"""``nfcodec.batch``: many fields from Python, and what the command does between its options and
its report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nfcodec.cli.batch_commands import ClickCommands, run_call
from nfcodec.errors import UsageError
from nfcodec.jobs import manifest
from nfcodec.jobs.batch import Batch, Only
from nfcodec.jobs.executor import Executor
from nfcodec.jobs.job import Job
from nfcodec.jobs.local import LocalWorkers
from nfcodec.jobs.on_ray import RayCluster
from nfcodec.progress import Progress, Silent


def batch(
    jobs: str | os.PathLike[str] | Iterable[Mapping[str, Any]],
    output: str | os.PathLike[str] = ".",
    *,
    on: str = "local",
    command: str = "encode",
    match: str | None = None,
    suffix: str | None = None,
    workers: int | None = None,
    memory: int | None = None,
    devices: Sequence[str] = (),
    gpus: float = 0.0,
    retries: int = 1,
    only: Only | None = None,
    shard: tuple[int, int] | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> Batch:
    """Jobs to run on all cores, or on a Ray cluster: iterate over it for the results as they come.

    >>> for result in nfcodec.batch("assets", "out", bits=4):
    ...     print(result.input, result.state, result.bytes)

    Args:
        jobs: a file of JSON lines, a folder, or mappings as the lines of such a file have them:
            ``{"input": "a.pt", "output": "a.nfc", "bits": 4}``, with options of ``command``.
        output: the folder for outputs and the journal ``results.jsonl``; what is done there is not
            done again.
        on: "local", "ray" (this machine's cluster, or a new one), or "ray://host:port".
        command: "encode", "decode", "compare", "train nerf", ... of jobs that state none.
        match: a pattern for names in a folder.
        suffix: of outputs that are not named.
        workers: processes; one for each core by default.
        memory: bytes that jobs may take together; most of what is free by default.
        devices: that workers are spread over, such as ("cuda:0", "cuda:1").
        gpus: that each job asks of Ray.
        retries: of a job whose worker died.
        only: "failed" or "new" jobs.
        shard: (i, n), for every n-th job from the i-th.
        overwrite: replace outputs that no batch made.
        options: of ``command``, for jobs that do not state them.

    A job that fails is among the results, with an ``error``. Errors before any work, here or as the
    iteration begins: :class:`~nfcodec.jobs.manifest.ManifestError` with a line for each problem,
    and UsageError. Closing the iterator ends the work; the same call goes on with it.
    """
    folder = Path(output).absolute()
    commands, base = ClickCommands(), Path.cwd()
    given = commands.parse_options(command, options, base)
    found: list[Job]
    if isinstance(jobs, (str, os.PathLike)):
        found = _of_path(Path(jobs), folder, commands, command, given, match, suffix)
    else:
        entries = manifest.numbered(jobs)
        found = manifest.from_lines(entries, commands, command, given, suffix, base)
    executor = executor_of(on, workers, memory, devices, gpus, retries)
    return Batch(found, folder, executor, run_call, only, shard, overwrite, progress or Silent())


def executor_of(
    on: str,
    workers: int | None,
    memory: int | None,
    devices: Sequence[str],
    gpus: float,
    retries: int,
) -> Executor:
    """What ``on`` names; UsageError if it is none."""
    if on == "local":
        if gpus:
            raise UsageError("--gpus is for Ray; --devices names those of this machine")
        return LocalWorkers(workers, memory, devices, retries)
    if on == "ray" or on.startswith("ray://"):
        if devices or memory is not None:
            name = "devices" if devices else "memory"
            raise UsageError(f"--{name} is for this machine; Ray knows what its nodes have")
        return RayCluster(None if on == "ray" else on, workers, gpus, retries)
    raise UsageError(
        f"there is nothing called {on!r} to run jobs on; choose local, ray or ray://host:port"
    )


def _of_path(
    path: Path, folder: Path, commands: ClickCommands, command: str, given: Mapping[str, Any],
    match: str | None, suffix: str | None,
) -> list[Job]:  # fmt: skip
    if path.is_dir():
        return manifest.from_folder(path, folder, commands, command, given, match, suffix)
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if path.suffix.lower() != ".jsonl":
        raise UsageError(f"{path}: jobs are a folder, or a .jsonl file with one on each line")
    if match is not None:
        raise UsageError("--match is for folders; a .jsonl file names its inputs")
    return manifest.from_file(path, commands, command, given, suffix)
