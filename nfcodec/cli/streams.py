"""Standard streams that are closed, that nobody reads any more, or that lack a character."""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress

STDOUT, STDERR = 1, 2


def prepare() -> None:
    """Make the standard streams safe to write to.

    A closed one leads nowhere from now on. If its number stayed free, the next file to be opened
    would get it, and messages of libraries would be written into that file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            _lead_nowhere(number)
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and out.errors in ("strict", "surrogateescape"):
        # Names of files may be what the terminal's encoding does not have.
        out.reconfigure(errors="backslashreplace")


def give_up(number: int) -> None:
    """Let what is still written to a stream that failed, and flushed at exit, lead nowhere."""
    with suppress(OSError):
        _lead_nowhere(number)


def reader_gone(number: int) -> bool:
    """Whether the stream is a pipe that nobody reads any more."""
    if not hasattr(select, "poll"):
        return True  # Windows: it cannot be asked
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _lead_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
    os.set_inheritable(number, True)
