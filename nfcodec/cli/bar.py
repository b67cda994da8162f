"""Progress as a bar on the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from tqdm import tqdm

FORMAT = "{desc} {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
UNITS = {"psnr": " dB"}


class Bar:
    """:class:`nfcodec.progress.Progress` on stderr: the share done, time left, and the figures."""

    def __init__(self) -> None:
        self._bar: Any = None

    def start(self, label: str, total: int, done: int = 0) -> None:
        self.finish()
        with suppress(OSError):  # the terminal is gone; here and below
            self._bar = tqdm(
                total=total, initial=done, desc=label, leave=False, dynamic_ncols=True,
                file=sys.stderr, bar_format=FORMAT,
            )  # fmt: skip

    def update(self, done: int, **figures: float) -> None:
        if self._bar is None:
            return
        if figures:
            shown = (f"{name} {value:.4g}{UNITS.get(name, '')}" for name, value in figures.items())
            self._bar.set_postfix_str(", ".join(shown), refresh=False)
        with suppress(OSError):
            self._bar.update(done - self._bar.n)

    def finish(self) -> None:
        if self._bar is not None:
            with suppress(OSError):
                self._bar.close()
            self._bar = None
