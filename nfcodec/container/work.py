"""How much a file asks of its decoder (``nfc-v1.md`` §9).

Symbols can cost almost no bits, and levels can refer to larger ones: without a limit a small file
could keep a decoder busy for hours. What a file may ask for grows with its bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from nfcodec.container import Section, limits
from nfcodec.errors import LimitError


class Work:
    """The work of one file so far: about one for each symbol, in proportion to time and memory.

    ``bytes``: of the chunks that have been reached, which allow it.
    """

    def __init__(self) -> None:
        self.done = 0
        self.bytes = 0

    def reach(self, size: int) -> None:
        """A chunk, or a section that is being written, of ``size`` bytes is about to be decoded."""
        self.bytes += size

    def choose(self, candidates: Sequence[Section]) -> Section:
        """The shortest of ``candidates`` that is allowed, taken in; the cheapest of equals."""
        for section in sorted(candidates, key=lambda section: (section.size, section.cost)):
            if self.fits(section.cost, section.size):
                break
        self.take(section)
        return section

    def take(self, section: Section) -> None:
        """Add a section that is being written; LimitError if no decoder would read it."""
        self.reach(section.size)
        self.count(section.cost)

    def fits(self, cost: int, size: int = 0) -> bool:
        """Whether a section of ``size`` more bytes may ask for ``cost``."""
        return self.done + cost <= self._most(size)

    def count(self, cost: int) -> None:
        """Add what a step takes, before it is taken; LimitError if that is too much."""
        self.done += cost
        most = self._most()
        if self.done > most:
            raise LimitError(
                f"the work of decoding, in symbols, is {self.done:,}; the limit is {most:,}"
                + ("" if most == limits.WORK else f" for a file of {self.bytes:,} bytes so far")
            )

    def _most(self, size: int = 0) -> int:
        allowed = limits.FREE_WORK + limits.WORK_PER_BYTE * (self.bytes + size)
        return min(limits.WORK, allowed)
