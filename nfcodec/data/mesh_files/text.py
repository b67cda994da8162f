"""Lines and tables of numbers in text formats."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from nfcodec.data.mesh_files.source import Ints, MeshFile, quoted

_BLOCK = 1 << 22  # bytes of text that are split into lines at a time

Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Table:
    """Rows with equally many numbers: ``values`` (R, C), and which of all rows they are (R,)."""

    rows: Ints
    values: npt.NDArray[Any]


def plain(file: MeshFile, data: bytes) -> bytes:
    """Text of any usual encoding as ASCII-compatible bytes, with lines that end in ``\\n``.

    Names and comments may hold any bytes. UTF-16 is known by its mark, or by the zero bytes of
    ASCII text without one.
    """
    wide = None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        wide = "utf-16"
    elif len(data) >= 4 and data[0] and not data[1] and data[2] and not data[3]:
        wide = "utf-16-le"
    elif len(data) >= 4 and data[1] and not data[0] and data[3] and not data[2]:
        wide = "utf-16-be"
    if wide is not None:
        try:
            data = data.decode(wide).encode("utf-8", "replace")
        except UnicodeDecodeError as error:
            raise file.damaged(f"byte {error.start}: the text is not valid UTF-16") from None
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data


def blocks(text: bytes, first: int = 1) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of ``text``, some megabytes at a time, with the number of each block's first."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + _BLOCK)
        end = len(text) if end < 0 else end
        lines = text[start:end].split(b"\n")
        yield first, lines
        start, first = end + 1, first + len(lines)


def tables(
    file: MeshFile, rows: Sequence[bytes], lines: Sequence[int], kind: type[Number]
) -> list[Table]:
    """The numbers in ``rows``, as one table for each number of columns.

    ``lines``: where each row stands in the file. DamagedFileError for what is not a number.
    """
    if not rows:
        return []
    whole = _table(rows, kind)
    if whole is not None:
        return [Table(np.arange(len(rows)), whole)]
    widths = np.array([len(row.split()) for row in rows])
    found = []
    for width in np.unique(widths):
        chosen = np.flatnonzero(widths == width)
        some = chosen.tolist()
        if width == 0:
            values: npt.NDArray[Any] | None = np.zeros((len(some), 0), kind)
        else:
            values = _table([rows[i] for i in some], kind)
        if values is None:
            raise _not_a_number(file, [rows[i] for i in some], [lines[i] for i in some], kind)
        found.append(Table(chosen, values))
    return found


def _table(rows: Sequence[bytes], kind: type[Number]) -> npt.NDArray[Number] | None:
    """(R, C) numbers; None where a row has another number of columns or holds something else."""
    if not rows[0].decode("latin1").split():
        return None  # loadtxt would warn of an empty input; it takes more for blanks than bytes do
    try:
        values = np.loadtxt(rows, dtype=kind, comments=None, ndmin=2, encoding="latin1")
    except (ValueError, OverflowError):
        return None
    return values if len(values) == len(rows) else None


def _not_a_number(
    file: MeshFile, rows: Sequence[bytes], lines: Sequence[int], kind: type[Number]
) -> Exception:
    what = "a whole number" if kind is np.int64 else "a number"
    for row, line in zip(rows, lines, strict=True):
        for word in row.split():
            if _table([word], kind) is None:
                hint = "; decimals are written with a point" if b"," in word else ""
                return file.damaged(f"line {line}: {quoted(word)} is not {what}{hint}")
    return file.damaged(f"line {lines[0]}: numbers are expected, not {quoted(rows[0])}")
