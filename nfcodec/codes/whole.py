"""Headers of codes that come in one layer."""

from __future__ import annotations

from nfcodec.container import Cursor
from nfcodec.layouts.memory import Around
from nfcodec.model.protocols import Code, Described


class WholeHeader:
    """What is alike in all of them."""

    @property
    def layers(self) -> tuple[int, ...]:
        return ()

    def describe(self) -> Described:
        return {}

    def refine(self, cursor: Cursor, before: Code, layer: int, around: Around) -> Code:
        raise ValueError(f"a {before.name} code has one layer")
