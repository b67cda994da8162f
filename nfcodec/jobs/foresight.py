"""How much memory jobs will take, and how much there is."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nfcodec.jobs.job import Call, Job, Result
from nfcodec.jobs.remote import is_url

MIB = 1 << 20
#: A worker with its libraries loaded and nothing else, in bytes: measured 585 to 611 MB for a
#: field of 2 MB (docs/decisions/0045-many-fields.md).
BASE = 600 * MIB
#: Bytes of memory for each byte of input, until jobs of a batch have shown what they take.
_PER_BYTE = 12.0
#: Bytes of memory for each cell of a mesh or volume: its value, and what marching cubes takes.
_PER_CELL = 16
#: Share of the memory that is free when the batch begins which its jobs may take.
_SHARE = 0.9
#: Results after which what they took counts, and the margin that is left to them.
_ENOUGH, _MARGIN = 4, 1.15


class Foresight:
    """Estimates from the size of the input, corrected by what jobs of the same command took."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[float]] = defaultdict(list)

    def of(self, job: Job) -> int:
        """Bytes that ``job`` is expected to take, libraries included."""
        return job.memory or BASE + _from_size(job.call)

    def corrected(self, job: Job, foreseen: int) -> int:
        """``foreseen`` in the light of the results so far."""
        seen = self._seen[_like(job.call)]
        if job.memory or len(seen) < _ENOUGH:
            return foreseen
        return int(foreseen * max(seen) * _MARGIN)

    def learn(self, job: Job, first: int, result: Result) -> None:
        """Note what ``result`` took, where ``first`` had been expected."""
        if result.state == "done" and result.peak_memory:
            self._seen[_like(job.call)].append(result.peak_memory / first)


def available(stated: int | None = None) -> int:
    """Bytes that a batch may take: ``stated``, or most of what machine and container have left."""
    if stated is not None:
        return stated
    free = [value for value in (_free(), _container()) if value is not None]
    return int(min(free) * _SHARE) if free else 4 << 30


def _from_size(call: Call) -> int:
    size = sum(_bytes(Path(path)) for path in call.inputs().values() if not is_url(path))
    cells = call.options.get("resolution")
    volume = _PER_CELL * int(cells) ** 3 if cells else 0
    return int(_PER_BYTE * size) + volume


def _like(call: Call) -> tuple[str, str]:
    return call.command, str(call.options.get("method", ""))


def _bytes(path: Path) -> int:
    with suppress(OSError):
        if not path.is_dir():
            return path.stat().st_size
        return sum(inner.stat().st_size for inner in path.rglob("*") if inner.is_file())
    return 0


def _free() -> int | None:
    with suppress(OSError), open("/proc/meminfo") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _container() -> int | None:
    """What the memory limit of this control group leaves (version 2, then 1)."""
    root = Path("/sys/fs/cgroup")
    for folder, limit, used in (
        (root, "memory.max", "memory.current"),
        (root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        with suppress(OSError, ValueError):
            return max(int((folder / limit).read_text()) - _used(folder / used), 0)
    return None


def _used(path: Path) -> int:
    """Memory in use less what the page cache would give back."""
    total = int(path.read_text())
    values: Mapping[str, str] = dict(
        line.split()[:2]  # type: ignore[misc]
        for line in (path.parent / "memory.stat").read_text().splitlines()
    )
    return total - int(values.get("inactive_file", values.get("total_inactive_file", 0)))
