"""Keeps damaged HDF5 files from hanging or killing this process.

On some damaged files the HDF5 library itself never comes to an end, or crashes, and nothing in the
same process can stop it. So another process reads a file first and tells no more than that it
survived. It is started for the first file and serves all that follow.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from nfcodec.errors import DamagedFileError, NfcodecError

#: Seconds that reading a file may take: at least, and for each of its bytes.
LEAST_SECONDS = 30.0
_SECONDS_PER_BYTE = 1e-6
#: Members that are looked at, and how deep.
_MAX_MEMBERS = 100_000
_MAX_DEPTH = 10

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from nfcodec.untrusted import h5_guard
h5_guard.serve()
"""


def check(path: Path, source: str) -> None:
    """Raise DamagedFileError if the HDF5 library does not survive reading ``path``.

    Whatever else is wrong with the file is left to whoever reads it next. NfcodecError if no
    process can be started.
    """
    limit = LEAST_SECONDS + _SECONDS_PER_BYTE * path.stat().st_size
    with _LOCK:
        fate = _READER.read(str(path.resolve()), limit)
    if fate:
        raise DamagedFileError(f"{source}: a damaged HDF5 file (the HDF5 library {fate})")


class _Reader:
    """The other process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def read(self, path: str, seconds: float) -> str:
        """What becomes of a process that reads ``path``; empty if it survives."""
        process = self._running()
        answer = self._ask(process, path, seconds)
        if answer:
            return ""
        self.stop()
        if answer is None:
            return f"did not finish reading it within {seconds:.0f} s"
        if process.returncode < 0:
            return f"crashes on it with signal {-process.returncode}"
        raise NfcodecError(
            "HDF5 files are first read by a process of their own, which ended with exit code "
            f"{process.returncode}; is {sys.executable} a working Python?"
        )

    def _running(self) -> subprocess.Popen[str]:
        if self._owner != os.getpid():  # a forked process has no share in its parent's pipes
            self._process = None
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _PROGRAM, json.dumps(sys.path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            except (OSError, ValueError) as error:
                raise NfcodecError(
                    "HDF5 files are first read by a process of their own, which cannot be "
                    f"started: {error}"
                ) from error
            self._owner = os.getpid()
        return self._process

    def _ask(self, process: subprocess.Popen[str], path: str, seconds: float) -> str | None:
        """The answer; empty if the process ended, None if it takes too long."""
        assert process.stdin is not None
        assert process.stdout is not None
        said: list[str] = []
        stdout = process.stdout
        waiting = threading.Thread(target=lambda: said.append(stdout.readline()), daemon=True)
        with contextlib.suppress(OSError):  # it has ended, which the answer shows
            process.stdin.write(json.dumps(path) + "\n")
            process.stdin.flush()
        waiting.start()
        waiting.join(seconds)
        if not said:
            process.kill()
            waiting.join()
            return None
        return said[0]

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


_LOCK = threading.Lock()
_READER = _Reader()
atexit.register(_READER.stop)


def serve() -> None:
    """Read the files whose names come on stdin, and answer each with a line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        survey(Path(json.loads(line)))
        answers.write("survived\n")
        answers.flush()


def survey(path: Path) -> None:
    """Read in ``path`` what an import may read; errors count as survival."""
    import h5py

    from nfcodec.untrusted import h5_values

    todo: list[tuple[Any, int]] = []
    with contextlib.suppress(Exception), h5py.File(path, "r", locking="best-effort") as root:
        todo.append((root, 0))
        for _ in range(_MAX_MEMBERS):
            if not todo:
                break
            node, depth = todo.pop()
            with contextlib.suppress(Exception):
                for name in node.attrs:
                    with contextlib.suppress(Exception):
                        h5_values.attribute(node, name, name)
            with contextlib.suppress(Exception):
                if isinstance(node, h5py.Dataset):
                    h5_values.survey(node)
                elif depth < _MAX_DEPTH:
                    for name in node:
                        with contextlib.suppress(Exception):
                            todo.append((h5_values.child(node, name, ""), depth + 1))
