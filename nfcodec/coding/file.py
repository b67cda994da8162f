"""CodedField <-> chunks <-> file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from nfcodec.atomic import check_output, writing
from nfcodec.check.field import check_field
from nfcodec.coding import header as headers
from nfcodec.coding.contents import Contents, naming
from nfcodec.coding.writer import LayerCount, write
from nfcodec.container import Source
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field


def to_bytes(coded: CodedField, *, layers: LayerCount = None) -> bytes:
    """``coded`` as a ``.nfc`` file.

    ``layers``: in how many the indices of each level are, 1 to 8, the coarsest first; levels of few
    or of more than 256 codes have fewer. By default, and for LODs that a mapping does not have, two
    where that takes hardly more bytes.

    Raises InvalidFieldError if ``coded`` breaks its own rules, UsageError if it is no coded field,
    a network holds a value that float16 cannot represent or the metadata one that cannot be stored,
    and LimitError for what no decoder would read.
    """
    _require_coded(coded)
    check_field(coded, "coded field")
    return write(coded, layers=layers).to_bytes()


def _require_coded(coded: object) -> None:
    """UsageError that says what to call for anything but a coded field."""
    if isinstance(coded, CodedField):
        return
    if isinstance(coded, Field):
        raise UsageError(
            "a .nfc file holds a coded field, and this one is not coded yet: nfcodec.encode(field) "
            "codes it; nfcodec.export(field, path) writes it as it is, such as a .pt"
        )
    raise UsageError(f"a .nfc file holds a coded field, not a {type(coded).__name__}")


def save(
    coded: CodedField,
    path: str | os.PathLike[str],
    overwrite: bool = False,
    preview: Callable[[int], bytes | None] | None = None,
    layers: LayerCount = None,
) -> int:
    """Write ``coded`` to ``path``, aside first and then renamed; the number of bytes written.

    ``layers``: as in :func:`to_bytes`. ``preview``: gives the image to put at the end, if any,
    for the file's length without it.
    Raises what :func:`to_bytes` and :func:`nfcodec.atomic.writing` raise, and UsageError unless
    ``path`` ends in ``.nfc``: other suffixes belong to other formats.
    """
    _require_coded(coded)
    suffix = Path(path).suffix.lower()
    if suffix != ".nfc":
        raise UsageError(
            f"cannot write {os.fspath(path)}: a coded field is saved as .nfc; nfcodec.export(coded,"
            " path) writes it in other forms, such as .pt and .ply"
        )
    check_output(path, overwrite)
    check_field(coded, "coded field")
    written = write(coded, layers=layers)
    image = None if preview is None else preview(written.size)
    if image is not None:
        written = written.with_preview(image)
    data = written.to_bytes()
    with writing(path, overwrite=overwrite) as aside:
        aside.write_bytes(data)
    return len(data)


def open(source: Source, lod: int | None = None) -> CodedField:
    """Read a ``.nfc`` file: a path, its bytes, or a :class:`ByteRangeSource`.

    Only what is needed is read. With ``lod`` levels of detail 0..lod are read, by default all
    that the file, which may be cut or still arriving, holds; ``total_lods`` of the result tells
    how many there would be if that is not all of them. Of the last LOD of a cut file some layers
    may be missing: its levels then have coarser codes than in the whole file.

    Raises UsageError (no such file or LOD), DamagedFileError, UnsupportedError, LimitError.
    """
    with naming(source) as (reader, name):
        field = Contents(reader).decode(lod)
        check_field(field, name)
        return field


def kind(source: Source) -> str:
    """The kind of field in a ``.nfc`` file, of which the front alone is read; errors as
    :func:`open`."""
    with naming(source) as (reader, _):
        return headers.from_bytes(reader.header).kind
