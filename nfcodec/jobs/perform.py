"""What a worker does with a job: work aside, commit, move into place.

::

    OUT/.nfcodec-batch/<digest>/field.nfc.resume   a state to go on from, while the command learns
                                field.nfc          the output
                                result.json        the job is done: from here on it is not repeated
    OUT/field.nfc                                  the output, moved in one step
    OUT/results.jsonl                              its line; then the folder is removed

A crash between any two of these leaves what :func:`recover` completes.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from nfcodec._version import __version__
from nfcodec.aside import held
from nfcodec.atomic import writing
from nfcodec.errors import NfcodecError
from nfcodec.jobs import peak
from nfcodec.jobs.digests import sha256
from nfcodec.jobs.job import WORK, CommandFailed, Result, Run, Task
from nfcodec.jobs.remote import fetched

_COMMITTED = "result.json"
#: Seconds between looks at whether a worker that lost its batch has let go of its job.
_PAUSE = 0.1
#: Seconds after which it is taken to hang.
_PATIENCE = 600.0


def perform(task: Task, run: Run, device: str | None = None) -> Result:
    """Carry out ``task`` unless that was done, and put its output in place; the result.

    What the command fails of is in the result, too. KeyboardInterrupt passes.
    """
    folder = task.work_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _committed(folder) or _carried_out(task, run, device)
    except OSError as error:  # the batch's folder is full, gone or read-only
        return _failed(task, f"{error.filename or folder}: {error.strerror or error}", 1)
    except NfcodecError as error:
        return _failed(task, str(error), error.exit_code)


def recover(folder: Path) -> Iterator[Result]:
    """Results that were committed but not written to a journal; their outputs are in place after.

    The caller writes each to a journal, and removes its work folder by :func:`discard`.
    """
    for work in sorted((folder / WORK).glob("*/" + _COMMITTED)):
        with _alone(work.parent):
            found = _committed(work.parent)
        if found is not None:
            yield found


def discard(folder: Path, result: Result) -> None:
    """Remove the work folder of ``result`` unless it has a state to go on from."""
    work = folder / WORK / result.job
    if result.state == "failed" and any(work.glob("*.resume")):
        return
    shutil.rmtree(work, ignore_errors=True)


def _carried_out(task: Task, run: Run, device: str | None) -> Result:
    folder, output = task.work_folder, task.job.output
    aside = folder / (Path(output).name or "none")
    blank = _blank(task)
    started = time.time()
    begun = time.perf_counter()
    peak.reset()
    try:
        figures, notes = run(
            fetched(task.job.call, folder), aside if output else None,
            resume=any(folder.glob("*.resume")), device=device,
        )  # fmt: skip
    except CommandFailed as error:
        found = replace(
            blank, state="failed", code=error.code, notes=tuple(error.notes),
            error=_renamed(error.message, aside, task),
        )  # fmt: skip
    else:
        text = _renamed(json.dumps(figures, default=str), aside, task)
        found = replace(blank, state="done", figures=json.loads(text), notes=tuple(notes))
        shutil.rmtree(folder / "inputs", ignore_errors=True)
        if output and not aside.exists():
            with writing(aside) as part:
                part.write_text(json.dumps(found.figures, indent=2) + "\n")
        if output:
            found = replace(found, bytes=aside.stat().st_size, sha256=sha256(aside))
    found = replace(
        found, started=round(started, 3), seconds=round(time.perf_counter() - begun, 3),
        peak_memory=peak.read(),
    )  # fmt: skip
    if found.state == "done":
        with writing(folder / _COMMITTED) as part:
            part.write_text(json.dumps(found.to_json()))
        _put_in_place(folder, found)
    return found


def _committed(folder: Path) -> Result | None:
    """The result that was committed in a work folder, with its output put in place."""
    try:
        found = Result.from_json(json.loads((folder / _COMMITTED).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if _put_in_place(folder, found) else None


def _put_in_place(folder: Path, result: Result) -> bool:
    """Move the output of ``result`` to where it belongs; whether it is there now."""
    if not result.output:
        return True
    target = folder.parent.parent / result.output
    aside = folder / target.name
    if aside.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(aside, target)
    return in_place(folder.parent.parent, result)


def in_place(folder: Path, result: Result) -> bool:
    """Whether the output of ``result`` is where it belongs, by its size."""
    with suppress(OSError):
        return not result.output or (folder / result.output).stat().st_size == result.bytes
    return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the work folder; wait for a worker that has lost its batch and is about to end."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with held(folder) as alone:
            if alone is not False:
                yield
                return
        time.sleep(_PAUSE)
    raise NfcodecError(f"{folder}: another process has been at work on this job for too long")


def _blank(task: Task) -> Result:
    job = task.job
    return Result(
        task.digest, "failed", job.call.command, job.input, job.output, foreseen=task.memory,
        options=job.call.options, worker=f"{platform.node()}:{os.getpid()}", version=__version__,
        line=job.where,
    )  # fmt: skip


def _failed(task: Task, message: str, code: int) -> Result:
    return replace(_blank(task), error=message, code=code)


def gave_up(task: Task, attempts: int, reason: str) -> Result:
    """The result of a job whose workers died."""
    text = f"its worker died {attempts} times, the last {reason}; see what else runs, or give "
    return replace(_failed(task, text + "the job more memory", 1), attempts=attempts, worker="")


def _renamed(text: str, aside: Path, task: Task) -> str:
    """``text`` with the output's own path in place of where it was made."""
    return text.replace(str(aside), str(task.folder / task.job.output))
