"""How much a file asks of its decoder (``nfc-v1.md`` §9).

Symbols can cost almost no bits, and levels can refer to larger ones: without a limit a small file
could keep a decoder busy for hours.
"""

from __future__ import annotations

from nfcodec.container import limits


class Work:
    """The work of one file so far: about one for each symbol, and one for eight sites looked at."""

    def __init__(self) -> None:
        self.done = 0

    def count(self, amount: int) -> None:
        """Add what a step takes, before it is taken; LimitError if that is too much."""
        self.done += amount
        limits.check(self.done, limits.WORK, "the work of decoding, in symbols,")
