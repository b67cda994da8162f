"""What ``nfcodec batch`` says at its end."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nfcodec.cli.console import size, table
from nfcodec.jobs.job import Result

#: Most jobs that have a line each in the table.
MAX_ROWS = 30


def report(results: Sequence[Result], folder: Path) -> tuple[dict[str, Any], str]:
    """The end of a batch: as JSON, and as a table for people."""
    states = {
        state: sum(result.state == state for result in results)
        for state in ("done", "kept", "failed")
    }
    payload = {
        "jobs": len(results), **states, "folder": folder,
        "bytes": sum(result.bytes or 0 for result in results if result.state != "failed"),
        "results": [result.to_json() for result in results],
    }  # fmt: skip
    if not results:
        return payload, "there is nothing to do"
    parts = [_each(results)] if len(results) <= MAX_ROWS else [_failures(results)]
    told = ", ".join(f"{count} {state}" for state, count in states.items() if count)
    ending = f"{len(results)} jobs: {told}; results are in {folder}"
    return payload, "\n\n".join([*filter(None, parts), _commands(results), ending])


def _commands(results: Sequence[Result]) -> str:
    """A line for each command."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.command].append(result)
    rows = []
    for command, group in groups.items():
        whole = [result for result in group if result.state != "failed"]
        before = sum(int(result.figures.get("source_bytes", 0)) for result in whole)
        after = sum(result.bytes or 0 for result in whole)
        seconds = [result.seconds for result in whole if result.seconds]
        peaks = [result.peak_memory for result in whole if result.peak_memory]
        rows.append((
            command, len(group), len(group) - len(whole), size(after) if after else "-",
            f"1/{before / after:.3g}" if before and after else "-",
            f"{statistics.median(seconds):.3g}" if seconds else "-",
            size(max(peaks)) if peaks else "-",
        ))  # fmt: skip
    heads = ("command", "jobs", "failed", "bytes", "of the input", "median seconds", "peak memory")
    return table(rows, heads)


def _each(results: Sequence[Result]) -> str:
    rows = [
        (
            result.output or result.input, result.state,
            "-" if result.bytes is None else size(result.bytes), _quality(result),
            "-" if result.seconds is None else f"{result.seconds:.3g}",
        )
        for result in results
    ]  # fmt: skip
    return table(rows, ("output", "state", "bytes", "quality", "seconds"))


def _failures(results: Sequence[Result]) -> str:
    failed = [result for result in results if result.state == "failed"]
    if not failed:
        return ""
    rows = [(result.line or result.input, result.code) for result in failed[:MAX_ROWS]]
    more = f"\nand {len(failed) - MAX_ROWS} more" if len(failed) > MAX_ROWS else ""
    return table(rows, ("failed", "exit code")) + more


def _quality(result: Result) -> str:
    """The PSNR that the command measured, with its name."""
    places = (result.figures, result.figures.get("metrics"), result.figures.get("between"))
    for place in places:
        for name, value in (place or {}).items():
            if name.endswith("psnr") and isinstance(value, (int, float)):
                return f"{name} {value:.4g} dB"
    return "-"
