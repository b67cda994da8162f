"""Progress that records, and progress that presses Ctrl-C."""

from __future__ import annotations


class Recorder:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.started: list[tuple[str, int, int]] = []
        self.updates: list[tuple[int, dict[str, float]]] = []
        self.finished = 0

    def start(self, label: str, total: int, done: int = 0) -> None:
        self.started.append((label, total, done))

    def update(self, done: int, **figures: float) -> None:
        self.updates.append((done, figures))

    def finish(self) -> None:
        self.finished += 1


class Interrupter(Recorder):
    """Raises KeyboardInterrupt once, when work whose label holds ``label`` reaches ``step``."""

    def __init__(self, step: int, label: str = "") -> None:
        super().__init__()
        self.step, self.label = step, label

    def update(self, done: int, **figures: float) -> None:
        super().update(done, **figures)
        if done == self.step and self.label in self.started[-1][0]:
            raise KeyboardInterrupt
