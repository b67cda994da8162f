"""What the benchmarks share: where they ran, how they take times, how they write results.

Cases that are compared run in one process, one after the other in each round, and a comparison is
the median over the rounds of the ratio within a round: what slows the machine down slows both.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("nfcodec-core", "torch", "numpy", "numba", "constriction", "scikit-learn", "warp-lang")


def machine() -> dict[str, Any]:
    """What figures were taken on: hardware, versions, commit, and how busy it was."""
    found: dict[str, Any] = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "ram_gb": _ram_gb(),
        "load_average": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    found["commit"] = commit()
    return found


def commit() -> str:
    """The checkout's commit, with ``-dirty`` if the package itself differs from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    dirty = git("status", "--porcelain", "--untracked-files=no", "--", "../nfcodec")
    return git("rev-parse", "--short=10", "HEAD") + ("-dirty" if dirty else "")


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def _ram_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def set_threads(threads: int) -> None:
    """Let PyTorch and Numba use that many threads."""
    import numba
    import torch

    torch.set_num_threads(threads)
    numba.set_num_threads(threads)


@dataclass(frozen=True)
class Times:
    """Seconds of each round, by the clock and of the processor (all threads together)."""

    wall: list[float]
    cpu: list[float]

    def summary(self) -> dict[str, float]:
        """Medians, and the quartiles of the clock's times as what to expect of noise."""
        low, high = np.percentile(self.wall, [25, 75])
        return {
            "ms": _round(1e3 * float(np.median(self.wall))),
            "ms_quartiles": [_round(1e3 * low), _round(1e3 * high)],
            "cpu_ms": _round(1e3 * float(np.median(self.cpu))),
            "cpu_ms_least": _round(1e3 * min(self.cpu)),
        }


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Time every case once per round, after a first round that does not count."""
    taken = {name: Times([], []) for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            cpu, wall = time.process_time(), time.perf_counter()
            case()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if number:
                taken[name].wall.append(wall)
                taken[name].cpu.append(cpu)
    return taken


def ratio(slow: Times, fast: Times, by: str = "wall") -> dict[str, Any]:
    """How many times as long ``slow`` takes as ``fast``: median and quartiles over the rounds."""
    ratios = np.array(getattr(slow, by)) / np.array(getattr(fast, by))
    low, median, high = np.percentile(ratios, [25, 50, 75])
    return {"median": _round(median), "quartiles": [_round(low), _round(high)]}


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def peak_bytes() -> int:
    """The largest resident size this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def fresh(script: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """What ``script``, run in a process of its own, prints as JSON on its last line.

    RuntimeError with the end of its error output if it fails.
    """
    done = subprocess.run(
        [sys.executable, script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def write(name: str, settings: Mapping[str, Any], results: Mapping[str, Any]) -> Path:
    """Write ``benchmarks/results/<name>.json`` and print it."""
    document = {
        "benchmark": name,
        "machine": machine(),
        "settings": dict(settings),
        "results": dict(results),
    }
    text = json.dumps(document, indent=2)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(text + "\n")
    print(text)
    return path
