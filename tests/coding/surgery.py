"""Taking files apart and putting them together again with something changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nfcodec.container import BytesSource, Reader, assemble, cbor


def chunks_of(data: bytes) -> list[tuple[str, bytes]]:
    reader = Reader(BytesSource(data))
    found = []
    for chunk in reader.chunks:
        payload = reader.read(chunk)
        assert payload is not None
        found.append((chunk.type, payload))
    return found


def with_chunks(data: bytes, chunks: list[tuple[str, bytes]]) -> bytes:
    """``data`` with other chunks, and right checksums."""
    return assemble(Reader(BytesSource(data)).header, chunks)


def with_header(data: bytes, change: Callable[[Any], None]) -> bytes:
    """``data`` with a changed header, and right checksums."""
    tree = cbor.loads(Reader(BytesSource(data)).header, "header")
    change(tree)
    return assemble(cbor.dumps(tree), chunks_of(data))
