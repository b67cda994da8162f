"""Results as JSON lines. A journal only grows; the last line of an output counts."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nfcodec.jobs.job import Job, Result

log = logging.getLogger("nfcodec")


class Journal:
    """The file ``results.jsonl`` of a batch, or of one shard of it."""

    def __init__(self, folder: Path, shard: tuple[int, int] | None = None) -> None:
        part = "" if shard is None else f".{shard[0]}-of-{shard[1]}"
        self.path = folder / f"results{part}.jsonl"

    def mend(self) -> None:
        """Remove a last line that a crash cut."""
        with suppress(FileNotFoundError), open(self.path, "rb+") as file:
            size = file.seek(0, os.SEEK_END)
            kept = size
            while kept:
                start = max(0, kept - 4096)
                file.seek(start)
                end = file.read(kept - start).rfind(b"\n")
                if end >= 0:
                    kept = start + end + 1
                    break
                kept = start
            if kept < size:
                file.truncate(kept)

    def append(self, result: Result) -> None:
        """Add a line, in one write; it reaches the disk before this returns."""
        line = json.dumps(result.to_json(), ensure_ascii=False, default=str) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, line.encode("utf-8", "surrogateescape"))
            with suppress(OSError):  # file systems that cannot
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Known:
    """What the journals of all shards in a folder say."""

    def __init__(self, folder: Path) -> None:
        self.results: dict[tuple[str, str], Result] = {}
        self._last: dict[tuple[str, ...], str] = {}
        for path in journals(folder):
            for result in lines(path):
                self.results[result.key] = result
                self._last[_place(result.output, result.command, result.input)] = result.state

    def of(self, digest: str, output: str) -> Result | None:
        """The last result of a job for an output."""
        return self.results.get((digest, output))

    def failed(self, job: Job) -> bool:
        """Whether the last that was tried for the place of ``job`` failed, with any options."""
        return self._last.get(_place(job.output, job.call.command, job.input)) == "failed"


def _place(output: str, command: str, source: str) -> tuple[str, ...]:
    return (output,) if output else (command, source)


def journals(folder: Path) -> list[Path]:
    """The journals in a batch's folder."""
    return sorted(folder.glob("results*.jsonl"))


def lines(path: Path) -> Iterator[Result]:
    """The results in a journal; lines that are none are told of and left out."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            try:
                yield Result.from_json(json.loads(line))
            except (ValueError, TypeError, AttributeError):
                if line.endswith("\n"):  # else a crash cut it, or it is being written
                    log.warning("%s:%d is no result, and is left out", path, number)
