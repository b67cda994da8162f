"""Building and taking apart a chunk's payload: little-endian fields and 4-byte aligned arrays."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nfcodec.container.frame import padded
from nfcodec.errors import DamagedFileError


@dataclass(frozen=True)
class Section:
    """Finished bytes of a payload, and the ``cost`` of decoding them (``nfc-v1.md`` §9)."""

    data: bytes
    cost: int = 0

    @property
    def size(self) -> int:
        return len(self.data)

    def __add__(self, other: Section) -> Section:
        """This section followed by ``other``."""
        return Section(self.data + other.data, self.cost + other.cost)


class Builder:
    """Collects the parts of a payload."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def fields(self, layout: str, *values: int) -> None:
        """Fields in :mod:`struct` notation, little endian, then zeros up to the alignment."""
        self.raw(struct.pack("<" + layout, *values))

    def array(self, values: npt.NDArray[np.generic]) -> None:
        """The elements in C order, little endian, then zeros up to the alignment."""
        little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        self.raw(little.tobytes())

    def raw(self, data: bytes) -> None:
        """Bytes, then zeros up to the alignment."""
        self._parts.append(data.ljust(padded(len(data)), b"\0"))

    def append(self, other: Section) -> None:
        """All that is in ``other``."""
        self._parts.append(other.data)

    @property
    def data(self) -> bytes:
        """All that has been collected."""
        return b"".join(self._parts)

    def section(self, cost: int = 0) -> Section:
        """All that has been collected; decoding it takes ``cost``."""
        return Section(self.data, cost)


@dataclass
class Cursor:
    """Reads a payload from front to back; raises DamagedFileError rather than run over its end.

    ``spans``: (label, bytes) of everything read, labeled by the enclosing :meth:`part`.
    """

    data: bytes
    at: int = 0
    label: str = "other"
    spans: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def part(self, label: str) -> Iterator[None]:
        """What is read inside counts as ``label``; errors raised by this cursor say so."""
        outer, self.label = self.label, label
        try:
            yield
        finally:
            self.label = outer

    def fields(self, layout: str) -> tuple[int, ...]:
        """The inverse of :meth:`Builder.fields`."""
        size = struct.calcsize("<" + layout)
        return struct.unpack("<" + layout, self._take(size))

    def peek(self) -> int:
        """The next byte, which stays where it is; -1 at the end."""
        return self.data[self.at] if self.at < len(self.data) else -1

    def words(self, count: int) -> npt.NDArray[np.uint32]:
        """``count`` uint32 words."""
        raw = self._take(4 * count)
        return np.frombuffer(raw, "<u4").astype(np.uint32, copy=False)

    def halves(self, *shape: int) -> npt.NDArray[np.float16]:
        """An array of float16 values."""
        raw = self._take(2 * math.prod(shape))
        return np.frombuffer(raw, "<f2").astype(np.float16, copy=False).reshape(shape)

    def octets(self, count: int) -> npt.NDArray[np.uint8]:
        """``count`` bytes."""
        return np.frombuffer(self._take(count), np.uint8)

    def finish(self) -> None:
        """DamagedFileError if something is left."""
        if self.at != len(self.data):
            raise DamagedFileError(f"{len(self.data) - self.at} bytes too many")

    def _take(self, size: int) -> memoryview:
        end = self.at + padded(size)
        if end > len(self.data):
            raise DamagedFileError(
                f"{self.label} runs over the end of its chunk "
                f"({end - self.at:,} bytes wanted, {len(self.data) - self.at:,} there)"
            )
        view = memoryview(self.data)[self.at : end]
        if any(view[size:]):
            raise DamagedFileError(f"{self.label}: padding is not zero")
        self.spans.append((self.label, size))
        if end > self.at + size:
            self.spans.append(("padding", end - self.at - size))
        self.at = end
        return view[:size]
