"""A command of tests: it copies a file, or does what its options say. Workers import it by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nfcodec.errors import UsageError
from nfcodec.jobs.job import Call, CommandFailed, Job

OPTIONS = {"times", "sleep", "fail", "die", "log", "peak"}


class FakeCommands:
    """One command, "copy"."""

    def parse(self, command: str, given: Mapping[str, Any], base: Path) -> Call:
        options = dict(given)
        source = base / str(options.pop("file"))
        unknown = options.keys() - OPTIONS
        if unknown:
            raise UsageError(f"`{command}` has no option {min(unknown)!r}")
        return Call(command, {"file": str(source)}, options)

    def writes(self, command: str) -> str | None:
        return ".out"

    def first_argument(self, command: str) -> str:
        if command != "copy":
            raise UsageError(f"there is no command {command!r}")
        return "file"

    def finds(self, command: str, folder: Path, match: str | None) -> list[Path]:
        return sorted(path for path in folder.rglob(match or "*.in") if path.is_file())


def run(
    call: Call, output: Path | None, *, resume: bool, device: str | None
) -> tuple[dict[str, Any], list[str]]:
    """Copy ``file``; each finished copy is a line of the file ``log``, if there is one."""
    options = call.options
    die = options.get("die")  # "always", or once, which a file of this name notes
    if die == "always" or (die is not None and not Path(die).exists()):
        if die != "always":
            Path(die).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(options.get("sleep", 0.0))
    if "fail" in options:
        raise CommandFailed(f"{output}: {options['fail']}", 3, ["a warning"])
    data = Path(call.arguments["file"]).read_bytes() * options.get("times", 1)
    assert output is not None
    output.write_bytes(data)
    if "log" in options:
        with open(options["log"], "a") as log:
            log.write(f"{output.name}\n")
    return {"path": str(output), "bytes": len(data), "device": device, "pid": os.getpid()}, []


def job(source: Path, output: str = "", **options: Any) -> Job:
    """A job that copies ``source``."""
    call = Call("copy", {"file": str(source)}, options)
    return Job(call, output or f"{source.stem}.out", f"job {source.stem}")
