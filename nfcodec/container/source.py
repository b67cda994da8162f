"""Where bytes come from: memory, a path, or anything that answers range requests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from nfcodec.errors import NfcodecError, UsageError


@runtime_checkable
class ByteRangeSource(Protocol):
    """Anything that can be read in ranges: an HTTP client, a file still arriving, an archive.

    ``size`` is the number of bytes there are, None if that is not known.
    """

    @property
    def size(self) -> int | None: ...

    def read(self, offset: int, length: int) -> bytes:
        """The bytes [offset, offset + length), fewer only where the data ends."""


class BytesSource:
    """A file in memory."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = memoryview(data).cast("B")

    @property
    def size(self) -> int:
        return len(self._data)

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self._data[offset : offset + length])


class PathSource:
    """A file on disk, opened for each range so that nothing needs closing."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        try:
            if self._path.is_dir():
                raise UsageError(f"{path} is a folder, not a file")
            self._size = self._path.stat().st_size
        except FileNotFoundError as error:
            raise UsageError(f"{path}: no such file") from error
        except OSError as error:
            raise NfcodecError(f"{path} cannot be read: {error.strerror}") from error

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        try:
            with open(self._path, "rb") as file:
                file.seek(offset)
                return file.read(max(0, min(length, self._size - offset)))
        except OSError as error:
            raise NfcodecError(f"{self._path} cannot be read: {error.strerror}") from error


Source: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | ByteRangeSource"


def as_source(source: Source) -> tuple[ByteRangeSource, str]:
    """``source`` as a :class:`ByteRangeSource`, and a name for it in messages."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return BytesSource(source), "<bytes>"
    if isinstance(source, (str, os.PathLike)):
        return PathSource(source), os.fspath(source)
    if isinstance(source, ByteRangeSource):
        return source, str(getattr(source, "name", f"<{type(source).__name__}>"))
    raise UsageError(f"cannot read a .nfc file from a {type(source).__name__}")
