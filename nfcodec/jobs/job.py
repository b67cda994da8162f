"""Jobs and their results, as plain data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

#: The folder within a batch's folder that holds unfinished work.
WORK = ".nfcodec-batch"


@dataclass(frozen=True)
class Call:
    """A command with its arguments and options, checked.

    ``arguments``: absolute paths or URLs of what it reads, by the argument's name. ``options``: the
    JSON-able values of options that differ from their defaults, by the parameter's name. ``reads``:
    those of ``options`` that name files. ``device_option``: whether it can be put on a device.
    """

    command: str
    arguments: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    device_option: bool = False

    def inputs(self) -> dict[str, str]:
        """Paths of all that the command reads, by the name of the argument or option."""
        return {**self.arguments, **{name: str(self.options[name]) for name in self.reads}}

    def digest(self, contents: Mapping[str, str], suffix: str) -> str:
        """Names the job: SHA-256 of command, options and ``contents`` of the inputs, shortened.

        Where inputs and output are, and on which device the command runs, makes no difference.
        ``suffix``: of the output, by which some commands choose its form.
        """
        options = {
            name: value
            for name, value in self.options.items()
            if name != "device" and name not in self.reads
        }
        known = {
            "command": self.command, "options": options, "contents": dict(contents),
            "suffix": suffix.lower(),
        }  # fmt: skip
        text = json.dumps(known, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Job:
    """One line of a manifest, or one file of a folder.

    ``output``: relative to the batch's folder; "" if the command writes none. ``memory``: bytes it
    takes, if the user says so. ``where``: its file and line, for messages.
    """

    call: Call
    output: str
    where: str
    memory: int | None = None

    @property
    def input(self) -> str:
        """The first argument, which stands for the job in tables."""
        return next(iter(self.call.arguments.values()))


@dataclass(frozen=True)
class Task:
    """A job as an executor gets it.

    ``digest``: its name. ``folder``: the batch's folder. ``memory``: bytes foreseen for it.
    """

    job: Job
    digest: str
    folder: Path
    memory: int

    @property
    def work_folder(self) -> Path:
        """Where the job works until it is finished."""
        return self.folder / WORK / self.digest


@dataclass(frozen=True)
class Result:
    """What became of a job: one line of the journal.

    ``state``: "done", "failed", or "kept" if it was done before. ``bytes`` and ``sha256`` are of
    the output. ``seconds``: of the attempt that ended it. ``peak_memory``: largest resident memory
    of the worker meanwhile; ``foreseen``: what had been set aside for it; both in bytes.
    ``started``: seconds since the epoch. ``attempts``: 1 unless a worker died. ``code``: the exit
    code that the command alone would have ended with. ``figures``: what it prints with --json.
    ``notes``: warnings. ``worker``: host and process. ``line``: where the job was stated.
    """

    job: str
    state: str
    command: str
    input: str
    output: str = ""
    bytes: int | None = None
    sha256: str | None = None
    seconds: float | None = None
    peak_memory: int | None = None
    foreseen: int | None = None
    started: float | None = None
    attempts: int = 1
    code: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    worker: str = ""
    version: str = ""
    line: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What the result is of: one output of one job."""
        return self.job, self.output

    def to_json(self) -> dict[str, Any]:
        """The fields that say something, in order."""
        found = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: value for name, value in found.items() if value not in (None, "", (), {})}

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> Result:
        """From :meth:`to_json`; fields that this version does not know are left out.

        TypeError if something is missing.
        """
        known = {f.name for f in dataclasses.fields(Result)}
        values = {name: value for name, value in found.items() if name in known}
        return Result(**{**values, "notes": tuple(values.get("notes", ()))})


class Commands(Protocol):
    """What jobs can run. The command line provides it."""

    def parse(self, command: str, given: Mapping[str, Any], base: Path) -> Call:
        """``command`` with the arguments and options ``given``, by name; UsageError if it has no
        such option, or the value does not suit. Relative paths are below ``base``."""

    def writes(self, command: str) -> str | None:
        """The suffix of what ``command`` writes; "" if the user has to choose, None if nothing."""

    def first_argument(self, command: str) -> str:
        """The name of what ``command`` works on, which jobs call ``input``."""

    def finds(self, command: str, folder: Path, match: str | None) -> list[Path]:
        """What ``command`` would work on in ``folder`` and below, sorted. ``match``: a pattern that
        names have to match; by default they are known by their suffix, or by what is in them."""


class Run(Protocol):
    """Runs a checked command in a worker; it must be importable there by its name."""

    def __call__(
        self, call: Call, output: Path | None, *, resume: bool, device: str | None
    ) -> tuple[dict[str, Any], list[str]]:
        """The result as JSON, and warnings. Raises :class:`CommandFailed`, or KeyboardInterrupt if
        the worker is asked to end, and leaves a state to go on from beside ``output``."""


class CommandFailed(Exception):
    """A command ended with an error, which has been put into words."""

    def __init__(self, message: str, code: int, notes: list[str]) -> None:
        super().__init__(message)
        self.message, self.code, self.notes = message, code, notes
