"""What is fuzzed, and the judge of what comes out."""

from __future__ import annotations

import contextlib
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from types import FrameType
from typing import Any

from nfcodec.errors import NfcodecError

#: What the error of a bad input may end a command with: damaged, unsupported, over a limit.
EXIT_CODES = (3, 4, 5)


def nothing(value: Any) -> None:
    """Checks nothing."""


@dataclass(frozen=True)
class Target:
    """One reader under test.

    ``seeds``: tiny sound files by name. ``mutant``: makes the next input. ``read``: reads it.
    ``check``: raises AssertionError if what was read is inconsistent; what it returns is compared
    with the answer of ``peer``, another implementation, which is given inputs and returns a
    function that waits for its answers. ``differs`` says how a verdict and an answer disagree.
    ``seconds``: processor time for one input. ``mebibytes``: address space for one input.
    """

    name: str
    seeds: Mapping[str, bytes]
    mutant: Callable[[Random], bytes]
    read: Callable[[bytes], Any]
    check: Callable[[Any], Any] = nothing
    peer: Callable[[Sequence[bytes]], Callable[[], Sequence[Any]]] | None = None
    differs: Callable[[bytes, Verdict, Any], str | None] | None = None
    seconds: float = 2.0
    mebibytes: int = 256


@dataclass(frozen=True)
class Verdict:
    """What became of one input.

    ``answer``: "accepted" or the name of the error. ``fault``: what is wrong with that, or None;
    ``place``: where, so that findings of one cause count as one.
    """

    answer: str
    fault: str | None = None
    place: str = ""
    digest: Any = None
    seconds: float = 0.0


class OutOfTime(BaseException):
    """An input took too long. No ``except Exception`` of a reader swallows it."""


def inputs(target: Target, seed: int, first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """The mutants ``first`` to ``first + count - 1``, each with its number."""
    for index in range(first, first + count):
        yield index, target.mutant(Random((seed << 40) + index))


def examine(target: Target, data: bytes) -> Verdict:
    """Read ``data`` and judge the outcome."""
    start = time.process_time()
    try:
        with _deadline(target.seconds):
            try:
                value = target.read(data)
            except NfcodecError as error:
                verdict = _refused(error)
            else:
                verdict = Verdict("accepted", digest=target.check(value))
    except KeyboardInterrupt:
        raise
    except OutOfTime as error:
        verdict = Verdict("out of time", f"took over {target.seconds:g} s", _place(error))
    except BaseException as error:
        verdict = Verdict(
            type(error).__name__, f"{type(error).__name__}: {error!s:.300}", _place(error)
        )
    return replace(verdict, seconds=time.process_time() - start)


def _refused(error: NfcodecError) -> Verdict:
    name = type(error).__name__
    if error.exit_code not in EXIT_CODES:
        return Verdict(name, f"{name}, exit code {error.exit_code}: {error!s:.300}", _place(error))
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (MemoryError, RecursionError)):
            return Verdict(name, f"{type(cause).__name__} behind {name}", _place(cause))
        cause = cause.__cause__ or cause.__context__
    return Verdict(name)


def _place(error: BaseException) -> str:
    """The innermost line of nfcodec in the traceback, and of whatever it called."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/nfcodec/" in frame.filename]
    last = (own or frames)[-1]
    name = last.filename.rsplit("/nfcodec/", 1)[-1].rsplit("/tests/", 1)[-1]
    return f"{name}:{last.name}"


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raises :class:`OutOfTime` after so much processor time: a busy machine is no hang."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
