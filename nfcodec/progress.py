"""How long work reports where it stands. Libraries call it; the CLI draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the state of one piece of work."""

    def start(self, label: str, total: int, done: int = 0) -> None:
        """Work called ``label`` of ``total`` steps begins, of which ``done`` are done already."""

    def update(self, done: int, **figures: float) -> None:
        """``done`` steps are behind; ``figures`` (loss, psnr, ...) are worth showing."""

    def finish(self) -> None:
        """The work has ended."""


class Silent:
    """Discards progress reports."""

    def start(self, label: str, total: int, done: int = 0) -> None: ...

    def update(self, done: int, **figures: float) -> None: ...

    def finish(self) -> None: ...


class Whole:
    """One piece of work of ``total`` steps, done in parts that each report as work of their own."""

    def __init__(self, progress: Progress, label: str, total: int) -> None:
        self.progress, self.label, self.total = progress, label, total
        self._started = False

    def part(self, behind: int) -> Progress:
        """What the part that begins ``behind`` steps into the whole reports to."""
        return _Part(self, behind)

    def begin(self, done: int) -> None:
        """Tell of the start, the first time."""
        if not self._started:
            self._started = True
            self.progress.start(self.label, self.total, done)

    def finish(self) -> None:
        """The whole has ended."""
        self.progress.finish()


class _Part:
    def __init__(self, whole: Whole, behind: int) -> None:
        self.whole, self.behind = whole, behind

    def start(self, label: str, total: int, done: int = 0) -> None:
        self.whole.begin(self.behind + done)

    def update(self, done: int, **figures: float) -> None:
        self.whole.progress.update(self.behind + done, **figures)

    def finish(self) -> None: ...
