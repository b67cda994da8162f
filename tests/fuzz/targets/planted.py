"""A reader with one fault of each kind, by which the harness itself is tested."""

from __future__ import annotations

import itertools
import os
import signal
import zlib
from random import Random
from typing import Any

from nfcodec.errors import DamagedFileError, UsageError
from tests.fuzz.target import Target

#: What each input does, by its first byte.
FAULTS = (
    "fine", "refused", "wrong error", "wrong code", "recursion", "slow", "memory", "crash",
    "hang", "exit",
)  # fmt: skip


def read(data: bytes) -> Any:
    fault = FAULTS[data[0]]
    if fault == "refused":
        raise DamagedFileError("damaged")
    if fault == "wrong error":
        raise KeyError("x")
    if fault == "wrong code":
        raise UsageError("the file is blamed on the user")
    if fault == "recursion":
        try:
            return _deeper()
        except RecursionError as error:
            raise DamagedFileError("nested too deep") from error
    if fault == "slow":
        while zlib.crc32(b"x"):
            pass
    if fault == "memory":
        return bytearray(1 << 30)
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "hang":  # in C, where no handler of Python's gets a turn
        return sum(itertools.repeat(0))
    if fault == "exit":
        os._exit(1)
    return fault


def _deeper() -> Any:
    return _deeper()


def mutant(rng: Random) -> bytes:
    """Input i is fault i: the number is all that the generator is seeded with."""
    return bytes([_number(rng)])


def _number(rng: Random) -> int:
    states = [Random((1 << 40) + i).getstate() for i in range(len(FAULTS))]
    return states.index(rng.getstate())


def targets() -> list[Target]:
    return [Target("planted", {"fine": b"\0", "refused": b"\1"}, mutant, read, seconds=0.2)]
