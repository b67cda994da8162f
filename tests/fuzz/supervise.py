"""Runs a worker, and survives what its inputs do to it."""

from __future__ import annotations

import json
import os
import selectors
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.batches import Finding, Tally

ROOT = Path(__file__).resolve().parents[2]

_WAITING = 20.0
#: What is compiled and made before the first input takes longer than any input.
_STARTING = 10.0
#: The note of a worker that reads no input.
_NOTHING = struct.pack("<q", -1)


class Worker:
    """One worker process, started again after each input that ends it. A context manager.

    ``patience``: seconds of the processor for one input, after which the worker is killed. One that
    waits for something is killed after 20 times as many of the clock.
    """

    def __init__(self, patience: float = 20.0) -> None:
        self._patience = patience
        self._folder = tempfile.TemporaryDirectory(prefix="nfcodec-fuzz-")
        self._note = Path(self._folder.name) / "current"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *about: object) -> None:
        self._stop()
        self._folder.cleanup()

    def run(self, target: str, seed: int, first: int, count: int) -> Tally:
        """Mutants ``first`` to ``first + count - 1``; those that end the worker are findings."""
        killers: list[Finding] = []
        begin = time.perf_counter()
        while True:
            skip = [finding.index for finding in killers]
            batch = {"target": target, "seed": seed, "first": first, "count": count, "skip": skip}
            said = self._ask(json.dumps(batch))
            if said is not None:
                break
            index, why = self._autopsy()
            if not first <= index < first + count or index in skip:
                errors = self._note.with_suffix(".error")
                said = errors.read_text() if errors.exists() else ""
                raise RuntimeError(f"the worker of {target} {why} at input {index}: {said}")
            killers.append(Finding(target, seed, index, why, "worker"))
        tally = _tally(said)
        for finding in killers:
            tally.add(Tally({finding.fault: 1}, [finding]))
        tally.seconds = time.perf_counter() - begin
        return tally

    def read(self, target: str, file: Path) -> Tally:
        """One file, read under the target's limits."""
        said = self._ask(json.dumps({"target": target, "file": str(file)}))
        if said is not None:
            return _tally(said)
        index, why = self._autopsy()
        return Tally({why: 1}, [Finding(target, 0, index, why, "worker")])

    def _ask(self, line: str) -> str | None:
        """The worker's answer; None if it ends or makes no progress."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            before, since, used = b"", time.monotonic(), 0.0
            while not selector.select(timeout=1.0):
                now, spent = self._note.read_bytes(), _processor_seconds(process.pid)
                if now != before:
                    before, since, used = now, time.monotonic(), spent
                patience = self._patience * (_STARTING if now == _NOTHING else 1.0)
                waited = time.monotonic() - since
                if spent - used > patience or waited > _WAITING * patience:
                    return None
        return process.stdout.readline() or None

    def _start(self) -> subprocess.Popen[str]:
        self._note.write_bytes(_NOTHING)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker", str(self._note)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "MALLOC_ARENA_MAX": "2",
                "OMP_NUM_THREADS": "1",
                "NUMBA_NUM_THREADS": "1",
            },
        )
        return self._process

    def _autopsy(self) -> tuple[int, str]:
        """Which input ended the worker, and how; the worker is gone afterwards."""
        assert self._process is not None
        try:
            code = self._process.wait(timeout=2)
            how = f"killed the process (signal {-code})" if code < 0 else f"ended it ({code})"
        except subprocess.TimeoutExpired:
            how = "hangs"
        index = struct.unpack("<q", self._note.read_bytes())[0]
        self._stop()
        return index, how

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _processor_seconds(process: int) -> float:
    """User and system time of a process so far; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tally(said: str) -> Tally:
    found = json.loads(said)
    return Tally(**{**found, "findings": [Finding(**each) for each in found["findings"]]})
