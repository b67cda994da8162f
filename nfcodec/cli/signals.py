"""Signals that end work in good order: it unwinds as after Ctrl-C, and what was done is kept."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED = 130
#: Signals that end work as Ctrl-C does, and their exit codes. Windows has no SIGHUP.
POLITE = {
    getattr(signal, name): code
    for name, code in (("SIGTERM", 143), ("SIGHUP", 129))
    if hasattr(signal, name)
}
#: Seconds in which a second signal counts as the first: a shell that ends passes on the SIGHUP that
#: the terminal sends as well, and it must not hit the work as it puts things in order.
_ECHO = 1.0


class Terminated(KeyboardInterrupt):
    """A polite kill, or the end of the terminal."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.code = POLITE[number]


@contextmanager
def polite() -> Iterator[None]:
    """Let polite signals raise Terminated during the block.

    One that is ignored stays so, which is how ``nohup`` works. In another thread than the main one
    no signals arrive, and nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last = -_ECHO

    def terminate(number: int, frame: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before >= _ECHO:
            raise Terminated(number)

    def swallowed(args: UnraisableHookArgs) -> None:
        """Send a signal again that hit a callback from C (Numba compiles so), to no effect."""
        nonlocal last
        if not issubclass(args.exc_type, KeyboardInterrupt):
            hook(args)
            return
        last = -_ECHO
        number = getattr(args.exc_value, "number", signal.SIGINT)
        timer = threading.Timer(0.1, signal.raise_signal, (number,))
        timer.daemon = True
        timer.start()

    handlers: dict[int, Any] = {
        number: signal.signal(number, terminate)
        for number in POLITE
        if signal.getsignal(number) not in (signal.SIG_IGN, None)  # None: set by other than Python
    }
    hook, sys.unraisablehook = sys.unraisablehook, swallowed
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)


def ignore() -> None:
    """Ignore further polite signals: this process ends, and says so by its exit code."""
    if threading.current_thread() is threading.main_thread():
        for number in POLITE:
            signal.signal(number, signal.SIG_IGN)
