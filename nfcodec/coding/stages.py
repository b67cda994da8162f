"""What a kind with an image stage brings to files: a header entry and the chunk ``PICT``."""

from __future__ import annotations

from typing import Any, Protocol, cast

from nfcodec.container import Cursor, Section
from nfcodec.container.tree import Node
from nfcodec.container.work import Work
from nfcodec.errors import UnsupportedError
from nfcodec.model.kinds import ImageStage, OfKind, kind_of


class StageHeader(Protocol):
    """What the header says of an image stage."""

    @property
    def num_values(self) -> int:
        """How many numbers the chunk holds."""

    def describe(self) -> dict[str, Any]:
        """As :meth:`nfcodec.model.kinds.ImageStage.describe`."""


class StageChunk(Protocol):
    """The part "chunk" of a kind."""

    def header_tree(self, stage: ImageStage) -> Any:
        """The header's entry, for CBOR."""

    def read_header(self, node: Node) -> StageHeader:
        """The inverse of :meth:`header_tree`; errors as for all of the header."""

    def encode(self, stage: ImageStage, work: Work | None = None) -> Section:
        """The payload of the chunk; ``work`` as for :func:`nfcodec.entropy.float16.encode`."""

    def decode(self, cursor: Cursor, header: Any, work: Work | None = None) -> ImageStage:
        """The inverse of :meth:`encode`."""


def chunk_of(field: OfKind) -> StageChunk:
    """How files hold the image stage of ``field``; UnsupportedError if they do not."""
    found = kind_of(field).part("chunk")
    if found is None:
        raise UnsupportedError(f"a .nfc file cannot hold the image stage of a {field.kind} field")
    return cast(StageChunk, found)
