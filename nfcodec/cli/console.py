"""What the command line says and where: results on stdout, all else on stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

from nfcodec.cli import streams
from nfcodec.errors import NfcodecError
from nfcodec.progress import Progress, Silent

PACKAGE = str(Path(__file__).resolve().parent.parent)


@dataclass
class Collected:
    """``results``: as JSON would have them; ``messages``: lines without "nfcodec:"."""

    results: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class Console:
    """The state of one run: how talkative it is, and what to say if it is interrupted."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.verbosity = 0
        self._bar: Progress | None = None
        self._advice = "nothing was written"
        self._state: Path | None = None
        self._warned: set[str] = set()
        self.collected: Collected | None = None

    @contextmanager
    def collecting(self) -> Iterator[Collected]:
        """Keep results and messages instead of printing them: those of a job of a batch."""
        self.reset()
        self.set_up()
        self.collected = Collected()
        try:
            yield self.collected
        finally:
            self.collected = None

    @property
    def debug(self) -> bool:
        return self.verbosity >= 2 or bool(os.environ.get("NFCODEC_DEBUG"))

    @property
    def quiet(self) -> bool:
        return self.verbosity < 0

    def set_up(self) -> None:
        """Send log records and warnings to stderr, one line each."""
        level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
        log = logging.getLogger("nfcodec")
        log.setLevel(level.get(max(self.verbosity, -1), logging.DEBUG))
        log.handlers[:] = [_Lines()]
        log.propagate = False
        # It warns of folders of its own that cannot be written, which it does without.
        logging.getLogger("matplotlib").setLevel(logging.DEBUG if self.debug else logging.ERROR)
        warnings.showwarning = self._show_warning

    def progress(self) -> Progress:
        """A bar on stderr where that is a terminal that can go back in a line, else silence."""
        drawn = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        if self.quiet or not drawn or self.collected is not None:
            return Silent()
        from nfcodec.cli.bar import Bar

        self._bar = Bar()
        return self._bar

    def finish(self) -> None:
        """Clear the progress bar, if one is drawn."""
        if self._bar is not None:
            self._bar.finish()

    def result(self, as_json: bool, payload: Any, text: str) -> None:
        """Print a result: ``payload`` as JSON or ``text`` for people."""
        self.finish()
        if self.collected is not None:
            self.collected.results.append(json.loads(json.dumps(payload, default=_plain)))
            return
        try:
            click.echo(json.dumps(payload, indent=2, default=_plain) if as_json else text)
        except BrokenPipeError:  # the reader has seen enough: no error, and no end to the work
            streams.give_up(streams.STDOUT)
        except OSError as error:
            streams.give_up(streams.STDOUT)
            raise NfcodecError(f"standard output cannot be written: {error.strerror}") from error

    def note(self, message: str) -> None:
        """A line on stderr that -q silences."""
        if not self.quiet:
            _line(message)

    def error(self, message: str) -> None:
        _line("error: " + " ".join(message.split("\n")))

    def resumes_from(self, state: Path) -> None:
        """Ctrl-C may leave ``state`` behind, from which --resume goes on."""
        self._state = state

    def on_interrupt(self, advice: str) -> None:
        """What to say after Ctrl-C."""
        self._advice = advice

    def interrupted(self) -> None:
        self.finish()
        _line(f"interrupted; {self.way_on() or self._advice}")

    def way_on(self) -> str:
        """How to go on from the state that is kept; empty without one."""
        if self._state is None or not self._state.exists():
            return ""
        return f"run the same command with --resume to go on (from {self._state})"

    def _show_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        ours = filename.startswith(PACKAGE) and issubclass(category, UserWarning)
        # Python forgets what it has shown whenever filters change, which readers of images do.
        if ours and not self.quiet and str(message) not in self._warned:
            self._warned.add(str(message))
            _line(f"warning: {message}")
        elif self.debug:
            _line(f"{filename}:{lineno}: {category.__name__}: {message}")


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        prefix = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        _line(prefix + record.getMessage())


def _line(text: str) -> None:
    if console.collected is not None:
        console.collected.messages.append(text)
        return
    try:
        if "tqdm" in sys.modules:  # a bar may be drawn: write above it
            sys.modules["tqdm"].tqdm.write(f"nfcodec: {text}", file=sys.stderr)
        else:
            click.echo(f"nfcodec: {text}", err=True)
    except OSError:  # the terminal or the reader is gone, which must not end the work
        streams.give_up(streams.STDERR)


def _plain(value: Any) -> Any:
    """NumPy numbers and arrays, and paths, as JSON has them."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")


def table(rows: Iterable[Sequence[object]], heads: Sequence[str]) -> str:
    """Columns of text, the first aligned left and the others right."""
    cells = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(heads))]
    lines = [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def size(count: int) -> str:
    """Bytes for people: ``131.2 kB``, in powers of 1000 as file managers count."""
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} bytes" if unit == "bytes" else f"{value:.4g} {unit}"


console = Console()


def _count(context: click.Context, parameter: click.Parameter, value: int) -> int:
    console.verbosity += value if parameter.name == "verbose" else -value
    console.set_up()
    return value


class Verb(click.Command):
    """A command that takes -v and -q, as all do, wherever the user writes them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += talk_options()


class VerbGroup(click.Group):
    """A group of verbs in the order in which they were added."""

    command_class = Verb

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += talk_options()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def talk_options() -> list[click.Parameter]:
    """-v and -q."""
    return [
        click.Option(
            ["-v", "--verbose"], count=True, callback=_count, expose_value=False,
            help="Say more; twice also prints tracebacks.",
        ),
        click.Option(
            ["-q", "--quiet"], count=True, callback=_count, expose_value=False,
            help="Say less: no progress, no warnings.",
        ),
    ]  # fmt: skip
