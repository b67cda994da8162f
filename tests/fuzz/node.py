"""The TypeScript decoder in one Node process that answers for many files."""

from __future__ import annotations

import struct
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.web.node import WEB

NAMES = ("accepted", "damaged", "unsupported", "limit", "network", "crashed")
_RECORD = struct.Struct("<BII")


@dataclass(frozen=True)
class Answer:
    """``name``: one of :data:`NAMES`; ``digest`` of what was decoded; ``seconds`` of the clock."""

    name: str
    digest: int
    seconds: float


class Decoder:
    """Started at the first question; a context manager is not needed,
    its pipe ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, files: Sequence[bytes]) -> Callable[[], list[Answer]]:
        """Start decoding ``files``; the function that is returned waits for the answers.

        RuntimeError if Node dies.
        """
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                ["node", "--max-old-space-size=3000", "scripts/fuzz-answers.js"],
                cwd=WEB,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        given, said = process.stdin, process.stdout

        def send() -> None:
            for file in files:
                given.write(struct.pack("<I", len(file)) + file)
            given.flush()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()

        def wait() -> list[Answer]:
            data = said.read(_RECORD.size * len(files))
            if len(data) < _RECORD.size * len(files):
                raise RuntimeError(f"Node died at input {len(data) // _RECORD.size} of a batch")
            sender.join()
            records = _RECORD.iter_unpack(data)
            return [Answer(NAMES[code], crc, us / 1e6) for code, crc, us in records]

        return wait

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
