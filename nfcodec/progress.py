"""How long work reports where it stands. Libraries call it; the CLI draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the state of one piece of work."""

    def start(self, label: str, total: int, done: int = 0) -> None:
        """Work called ``label`` of ``total`` steps begins, ``done`` of them already behind it."""

    def update(self, done: int, **figures: float) -> None:
        """``done`` steps are behind; ``figures`` (loss, psnr, ...) are worth showing."""

    def finish(self) -> None:
        """The work has ended."""


class Silent:
    """Reports to nobody."""

    def start(self, label: str, total: int, done: int = 0) -> None: ...

    def update(self, done: int, **figures: float) -> None: ...

    def finish(self) -> None: ...
