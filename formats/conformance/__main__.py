"""``python -m formats.conformance -- COMMAND``: see README.md here."""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from formats.conformance.compare import TOLERANCE, problem
from formats.conformance.questions import VECTORS, Question, questions

PARTS = ("decoded", "cuts", "values", "refused")


class Decoder:
    """A command that answers questions, started again when it has ended or hangs."""

    def __init__(self, command: list[str], timeout: float) -> None:
        self._command, self._timeout = command, timeout
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer; one without ``answer`` and with a message if there is none."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=self._timeout)
        except queue.Empty:
            self.stop()
            return {"message": f"no answer within {self._timeout:g} seconds"}
        except OSError:
            line = ""
        if not line:
            self.stop()
            return {"message": f"the command has ended, with {process.returncode}"}
        try:
            answer = json.loads(line)
        except ValueError:
            return {"message": f"no JSON: {line[:80]!r}"}
        return answer if isinstance(answer, dict) else {"message": "no JSON object"}

    def stop(self) -> None:
        """End the command."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                encoding="utf-8",
            )  # fmt: skip
            self._lines = queue.Queue()
            threading.Thread(
                target=_collect, args=(self._process, self._lines), daemon=True
            ).start()
        return self._process


def _collect(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Put what the command writes into ``lines``, and an empty one at its end."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m formats.conformance", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--vectors", type=Path, default=VECTORS, help="another folder of vectors")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for an answer")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="of values")
    parser.add_argument("command", nargs="+", help="the decoder, with its arguments")
    options = parser.parse_args(arguments)
    only = options.only.split(",")
    if unknown := set(only) - set(PARTS):
        parser.error(f"unknown parts {', '.join(sorted(unknown))}; known are {', '.join(PARTS)}")
    decoder = Decoder(options.command, options.timeout)
    counts: Counter[tuple[str, str]] = Counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file.nfc"
            for question in questions(options.vectors):
                if question.part in only:
                    counts[question.part, _judge(question, decoder, file, options.tolerance)] += 1
    finally:
        decoder.stop()
    print(f"{'':10}{'right':>8}{'wrong':>8}{'skipped':>9}")
    for part in only:
        print(
            f"{part:10}{counts[part, 'right']:8}{counts[part, 'wrong']:8}"
            f"{counts[part, 'skipped']:9}"
        )
    return int(any(counts[part, "wrong"] for part in only))


def _judge(question: Question, decoder: Decoder, file: Path, tolerance: float) -> str:
    file.write_bytes(question.data)
    wrong = problem(question, decoder.ask({"file": str(file), **question.asked}), tolerance)
    if wrong:
        print(f"{question.part}: {question.name}: {wrong}")
        return "wrong"
    return "right" if wrong is None else "skipped"


if __name__ == "__main__":
    sys.exit(main())
