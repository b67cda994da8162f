"""MessagePack files, plain or inside gzip or zlib, read with limits."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

from nfcodec.errors import DamagedFileError, LimitError
from nfcodec.optional import need
from nfcodec.untrusted.archives import MAX_EXPANSION, MIN_EXPANDED
from nfcodec.untrusted.faults import unreadable

_MAP = re.compile(rb"[\x80-\x8f]|\xde|\xdf")
#: Bytes of a file, and of what it expands to.
_MOST = 1 << 31
_MOST_ITEMS = 1 << 20


def front(head: bytes, size: int = 1 << 16) -> bytes | None:
    """The beginning of the MessagePack map in a file that begins with ``head``; None if none."""
    window = _window(head)
    if window is not None:
        try:
            head = zlib.decompressobj(window).decompress(head, size)
        except zlib.error:
            return None
    return head if _MAP.match(head) else None


def read(path: Path, source: str) -> dict[Any, Any]:
    """The map in the file, binary values as bytes.

    DamagedFileError if it is cut, malformed or no map, LimitError if it is or expands to far more
    than such files are.
    """
    try:
        size = path.stat().st_size
        if size > _MOST:
            raise LimitError(f"{source}: {size:,} bytes; the limit is {_MOST:,}")
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(source, error) from error
    data = _expanded(data, source)
    need("msgpack", "reading MessagePack")
    import msgpack

    try:
        found = msgpack.unpackb(
            data, strict_map_key=False, max_bin_len=len(data), max_str_len=1 << 20,
            max_array_len=_MOST_ITEMS, max_map_len=_MOST_ITEMS, max_ext_len=0,
        )  # fmt: skip
    except Exception as error:  # anything that the parser raises on damaged bytes
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise DamagedFileError(
            f"{source}: damaged or incomplete MessagePack ({said}); get the file again"
        ) from error
    if not isinstance(found, dict):
        raise DamagedFileError(f"{source}: MessagePack of something other than a map")
    return found


def _window(head: bytes) -> int | None:
    """zlib's number for gzip or zlib; None of other bytes."""
    if head[:2] == b"\x1f\x8b":
        return 31
    if head[:1] == b"\x78" and int.from_bytes(head[:2], "big") % 31 == 0:
        return 15
    return None


def _expanded(data: bytes, source: str) -> bytes:
    window = _window(data)
    if window is None:
        return data
    most = max(MIN_EXPANDED, MAX_EXPANSION * len(data))
    stream = zlib.decompressobj(window)
    try:
        found = stream.decompress(data, most)
    except zlib.error as error:
        raise DamagedFileError(f"{source}: damaged gzip or zlib ({error})") from error
    if stream.unconsumed_tail:
        raise LimitError(f"{source}: expands to more than {most:,} bytes")
    if not stream.eof:
        raise DamagedFileError(f"{source}: its gzip or zlib stream ends too early")
    return found
