"""A batch from its jobs to their results, as the command and the Python interface run it.

::

    jobs ──▶ digests ──▶ what is done? ──no──▶ executor ──▶ journal ──▶ results
                              └────yes: kept, or copied ───────────────────▲
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from nfcodec.aside import claimed
from nfcodec.atomic import writing
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.jobs.digests import Digests
from nfcodec.jobs.executor import Executor
from nfcodec.jobs.foresight import Foresight
from nfcodec.jobs.job import WORK, Job, Result, Run, Task
from nfcodec.jobs.journal import Journal, Known
from nfcodec.jobs.manifest import ManifestError
from nfcodec.jobs.perform import discard, in_place, recover
from nfcodec.progress import Progress, Silent

Only = Literal["failed", "new"]


@dataclass
class Batch:
    """Jobs with a folder for their outputs, their journal and unfinished work.

    ``only``: "failed" or "new" jobs, by the journal; by default all that are not done. ``shard``:
    (i, n) for every n-th job from the i-th, counted from 1. ``overwrite``: replace files that no
    batch made.
    """

    jobs: Sequence[Job]
    folder: Path
    executor: Executor
    run: Run
    only: Only | None = None
    shard: tuple[int, int] | None = None
    overwrite: bool = False
    progress: Progress = dataclasses.field(default_factory=Silent)

    def __post_init__(self) -> None:
        if self.shard is not None:
            first, step = self.shard
            self.jobs = self.jobs[first - 1 :: step]

    def __len__(self) -> int:
        """The number of jobs."""
        return len(self.jobs)

    def __iter__(self) -> Iterator[Result]:
        """The results as they come, those of jobs done before first.

        Jobs that fail are among them. Closing the iterator ends the work in good order, to be gone
        on with later. ManifestError: inputs that are missing, outputs that somebody else made.
        UsageError: a folder that cannot be written, or another run at work there.
        """
        make_folder(self.folder)
        with ExitStack() as stack:
            book = Journal(self.folder, self.shard)
            stack.enter_context(claimed(book.path.absolute()))
            book.mend()
            self._recover(book)
            todo = self._named()
            known = Known(self.folder)
            kept, copies, twins, tasks = self._sorted(todo, known)
            self.executor.check(tasks)
            yield from kept
            told = _Told(self.progress, len(kept), len(copies) + len(tasks), twins)
            for result, job in copies:
                copy = self._copied(result, job)
                book.append(copy)
                told.of(copy)
                yield copy
            for result in self._worked(book, tasks, twins):
                told.of(result)
                yield result
            self.progress.finish()

    def _recover(self, book: Journal) -> None:
        """Finish what a run that was killed had all but finished."""
        known = Known(self.folder)
        ours = {job.output for job in self.jobs}
        for result in recover(self.folder):
            if result.output not in ours:
                continue  # another shard's
            before = known.of(*result.key)
            if before is None or before.state == "failed":
                book.append(result)
            discard(self.folder, result)

    def _named(self) -> list[tuple[str, Job]]:
        """Each job with its digest. ManifestError for inputs that cannot be read."""
        digests = Digests(self.folder / WORK / "inputs.jsonl")
        found, problems = [], []
        for job in self.jobs:
            try:
                contents = {name: digests.of(path) for name, path in job.call.inputs().items()}
            except NfcodecError as error:
                problems.append(f"{job.where}: {error}")
                continue
            found.append((job.call.digest(contents, Path(job.output).suffix), job))
        digests.keep()
        if problems:
            raise ManifestError(problems)
        return found

    def _sorted(
        self, todo: list[tuple[str, Job]], known: Known
    ) -> tuple[list[Result], list[tuple[Result, Job]], dict[str, list[Job]], list[Task]]:
        """What is done; what is a copy of an output that is there, or (by its digest) of one to
        come; and the rest."""
        foresight = Foresight()
        whole = {
            result.job: result
            for result in known.results.values()
            if result.state == "done" and in_place(self.folder, result)
        }
        made = {(r.output, r.bytes) for r in known.results.values() if r.output}
        kept: list[Result] = []
        copies: list[tuple[Result, Job]] = []
        twins: dict[str, list[Job]] = {}
        tasks: dict[str, Task] = {}
        problems = []
        for digest, job in todo:
            before = known.of(digest, job.output)
            done = before is not None and before.state == "done"
            if done and before is not None and in_place(self.folder, before):
                if self.only is None:
                    kept.append(replace(before, state="kept"))
                continue
            failed = known.failed(job)
            if (self.only == "failed" and not failed) or (self.only == "new" and failed):
                continue
            target = self.folder / job.output
            if job.output and not self.overwrite and target.exists():
                size = target.stat().st_size if target.is_file() else -1
                if (job.output, size) not in made:
                    problems.append(
                        f"{job.where}: {target} exists and was made by no batch; pass --overwrite "
                        "to replace it, or choose another output folder"
                    )
            if digest in whole and job.output:
                copies.append((whole[digest], job))
            elif digest in tasks:
                twins.setdefault(digest, []).append(job)
            else:
                tasks[digest] = Task(job, digest, self.folder, foresight.of(job))
        if problems:
            raise ManifestError(problems)
        return kept, copies, twins, list(tasks.values())

    def _worked(
        self, book: Journal, tasks: list[Task], twins: dict[str, list[Job]]
    ) -> Iterator[Result]:
        """Run ``tasks``, write down each result, and copy outputs for jobs that are alike."""
        for result in self.executor.results(tasks, self.run) if tasks else ():
            book.append(result)
            discard(self.folder, result)
            yield result
            for job in twins.get(result.job, ()):
                if result.state == "done":
                    copy = self._copied(result, job)
                else:
                    copy = replace(result, output=job.output, input=job.input, line=job.where)
                book.append(copy)
                yield copy

    def _copied(self, result: Result, job: Job) -> Result:
        """The output of a job that is the same but for its place, put in the place of ``job``."""
        if job.output:
            target = self.folder / job.output
            target.parent.mkdir(parents=True, exist_ok=True)
            with writing(target, overwrite=True) as aside:
                shutil.copyfile(self.folder / result.output, aside)
        return replace(
            result, state="done", input=job.input, output=job.output, line=job.where, seconds=0.0,
            peak_memory=None, foreseen=None, notes=(f"a copy of {result.output}",),
        )  # fmt: skip


class _Told:
    """How far a batch is, to its progress."""

    def __init__(
        self, progress: Progress, done: int, more: int, twins: dict[str, list[Job]]
    ) -> None:
        self.progress, self.done, self.failed = progress, done, 0
        total = done + more + sum(map(len, twins.values()))
        progress.start("batch", total, done)

    def of(self, result: Result) -> None:
        self.done += 1
        self.failed += result.state == "failed"
        self.progress.update(self.done, **({"failed": self.failed} if self.failed else {}))


def make_folder(folder: Path) -> None:
    """Make the batch's folder; UsageError if that, or a file in it, cannot be written."""
    try:
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        with open(folder / WORK / "inputs.jsonl", "a"):
            pass
    except OSError as error:
        place = error.filename or folder
        reason = error.strerror or os.fspath(place)
        raise UsageError(
            f"the output folder {folder} cannot be written: {place}: {reason}"
        ) from error
