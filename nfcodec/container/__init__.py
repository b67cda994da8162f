"""Chunks <-> file. Knows bytes, checksums and limits; knows nothing of what the chunks hold."""

from __future__ import annotations

from nfcodec.container.frame import Chunk, assemble
from nfcodec.container.payload import Builder, Cursor, Section
from nfcodec.container.reader import Reader
from nfcodec.container.source import ByteRangeSource, BytesSource, PathSource, Source, as_source

__all__ = [
    "Builder",
    "ByteRangeSource",
    "BytesSource",
    "Chunk",
    "Cursor",
    "PathSource",
    "Reader",
    "Section",
    "Source",
    "as_source",
    "assemble",
]
