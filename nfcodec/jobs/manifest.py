"""From a folder or a file of JSON lines to jobs, with everything wrong found at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from nfcodec.errors import NfcodecError, UsageError
from nfcodec.jobs.job import WORK, Call, Commands, Job
from nfcodec.jobs.remote import is_url

#: Most problems that are told of.
MAX_TOLD = 20
#: What a line may state beside the command's own arguments and options.
_OWN = ("command", "input", "output", "memory")


class ManifestError(UsageError):
    """Jobs that cannot be run. ``problems``: one line each, with file and line number."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems[:MAX_TOLD]))
        self.problems = problems


def from_file(
    path: Path, commands: Commands, command: str, options: Mapping[str, Any], suffix: str | None
) -> list[Job]:
    """The jobs in a file of JSON lines, in order. Blank lines count, and are left out.

    ``command``, ``options`` and ``suffix``: of lines that do not state their own. Inputs are below
    the file's folder. ManifestError for what :func:`from_lines` refuses; UsageError if the file
    cannot be read or has no job.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no text in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    numbered = ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    jobs = from_lines(
        ((f"{path}:{n}", _parsed(line)) for n, line in numbered),
        commands, command, options, suffix, path.parent,
    )  # fmt: skip
    if not jobs:
        raise UsageError(f"{path}: there are no jobs in it")
    return jobs


def from_lines(
    entries: Iterable[tuple[str, Any]], commands: Commands, command: str,
    options: Mapping[str, Any], suffix: str | None, base: Path,
) -> list[Job]:  # fmt: skip
    """Jobs from objects, each with where it was stated.

    ManifestError names all that are no objects, that have unknown or unsuitable options, whose
    input is missing, or that share an output.
    """
    jobs, problems = [], []
    for where, entry in entries:
        try:
            jobs.append(_job(where, entry, commands, command, options, suffix, base))
        except NfcodecError as error:
            problems.append(f"{where}: {error}")
    problems += shared_outputs(jobs)
    if problems:
        raise ManifestError(problems)
    return jobs


def from_folder(
    folder: Path, output: Path, commands: Commands, command: str, options: Mapping[str, Any],
    match: str | None, suffix: str | None,
) -> list[Job]:  # fmt: skip
    """A job for each file below ``folder`` that ``command`` works on, its output mirrored.

    What lies in ``output`` is left out. UsageError if nothing is found.
    """
    inside = Path(os.path.realpath(output))
    found = [
        path
        for path in commands.finds(command, folder, match)
        if inside not in (real := Path(os.path.realpath(path))).parents and real != inside
    ]
    if not found:
        what = f"named {match}" if match else f"that `{command}` works on"
        raise UsageError(f"{folder}: there is nothing {what}; --match PATTERN names other files")
    first = commands.first_argument(command)
    entries = ((str(path), {first: str(path.absolute())}) for path in found)
    return from_lines(entries, commands, command, options, suffix, folder.absolute())


def shared_outputs(jobs: list[Job]) -> list[str]:
    """A problem for each job whose output another one has already."""
    seen: dict[str, Job] = {}
    found = []
    for job in jobs:
        first = seen.setdefault(job.output.casefold(), job) if job.output else job
        if first is not job:
            found.append(f"{job.where}: has the same output as {first.where}: {job.output}")
    return found


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        return error


def _job(
    where: str, entry: Any, commands: Commands, command: str, options: Mapping[str, Any],
    suffix: str | None, base: Path,
) -> Job:  # fmt: skip
    if isinstance(entry, Exception):
        raise UsageError(f"is no JSON: {entry}")
    if not isinstance(entry, Mapping):
        raise UsageError('is no JSON object such as {"input": "a.pt", "bits": 4}')
    named = entry.get("command", command)
    if not isinstance(named, str):
        raise UsageError("the command has to be a name")
    first = commands.first_argument(named)
    given = {name: value for name, value in entry.items() if name not in _OWN}
    if "input" in entry:
        given[first] = entry["input"]
    if first not in given:
        raise UsageError(f'has no input ("input", or "{first}")')
    # Options for all jobs do not apply to a line with another command.
    defaults = options if named == command else {}
    call = commands.parse(named, {**defaults, **given}, base)
    for path in call.inputs().values():
        if not is_url(path) and not os.path.exists(path):
            raise UsageError(f"{path}: there is no such file or folder")
    output = _output(entry.get("output"), call, commands.writes(named), suffix, base)
    return Job(call, output, where, _memory(entry.get("memory")))


def _output(
    stated: Any, call: Call, writes: str | None, suffix: str | None, base: Path
) -> str:  # fmt: skip
    """The output below the batch's folder: the input's name with another suffix by default."""
    if stated is None:
        if writes is None:
            return ""
        ending = suffix or writes
        if not ending:
            raise UsageError("has no output; name it, or give --suffix for all")
        source = Path(next(iter(call.arguments.values())))
        mirrored = source.relative_to(base) if source.is_relative_to(base) else Path(source.name)
        return mirrored.with_suffix(ending).as_posix()
    if not isinstance(stated, str) or not stated:
        raise UsageError("the output has to be a name")
    path = PurePosixPath(Path(stated).as_posix())
    if path.is_absolute() or ".." in path.parts or path.parts[:1] == (".",):
        raise UsageError(f"the output {stated} is outside of the output folder; name one in it")
    if path.parts[0] == WORK:
        raise UsageError(f"the output {stated} is where batches keep unfinished work")
    if path.name.startswith("results") and path.suffix == ".jsonl":
        raise UsageError(f"the output {stated} has the name of a journal of results")
    return str(path)


def _memory(stated: Any) -> int | None:
    if stated is None:
        return None
    if isinstance(stated, bool) or not isinstance(stated, int) or stated < 1:
        raise UsageError("the memory has to be a number of bytes")
    return stated


def numbered(jobs: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Objects that a program made, with names for messages."""
    return ((f"job {number}", entry) for number, entry in enumerate(jobs, 1))
