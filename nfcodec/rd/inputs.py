"""Fields to compare, with their sizes, and what identifies the files of a sweep."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nfcodec import files
from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field

#: A field, or a file that holds one.
FieldSource: TypeAlias = "str | os.PathLike[str] | Field | CodedField"


@dataclass(frozen=True, eq=False)
class Opened:
    """A field with its ``path`` (None if it came as an object) and its size in ``bytes``.

    ``bytes`` are those of the file, up to the LOD that is looked at; for a coded field that came
    as an object, those of the file it would make; None for a plain one.
    """

    field: Field | CodedField
    path: str | None
    bytes: int | None


def open_field(source: FieldSource, lod: int | None = None) -> Opened:
    """Open what a user names: a ``.nfc`` file, or anything that can be imported.

    UsageError if there is no such file or LOD; else as :func:`nfcodec.files.open`.
    """
    from nfcodec import coding

    if isinstance(source, (Field, CodedField)):
        _check_lod(source, lod)
        size = None
        if isinstance(source, CodedField):
            size = prefix_bytes(coding.to_bytes(source), lod)
        return Opened(source, None, size)
    path = os.fspath(source)
    field = files.open(path)
    _check_lod(field, lod)
    if isinstance(field, CodedField):
        return Opened(field, path, prefix_bytes(path, lod))
    return Opened(field, path, os.path.getsize(path))


def prefix_bytes(source: str | bytes, lod: int | None) -> int:
    """How many bytes of a ``.nfc`` file its levels of detail up to ``lod`` need, or as far as they
    are there: of a cut file, finer layers of the last one may be missing."""
    from nfcodec import coding

    if lod is None:
        return len(source) if isinstance(source, bytes) else os.path.getsize(source)
    described = coding.describe(source)
    return int(min(described["lod_bytes"][lod], described["bytes"]))


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256, in hexadecimal, of a file, or of the names and contents of all files in a folder."""
    root = Path(path)
    found = hashlib.sha256()
    found_in = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    for file in found_in:
        name = "" if file == root else file.relative_to(root).as_posix()
        found.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        with open(file, "rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def _check_lod(field: Field | CodedField, lod: int | None) -> None:
    if lod is not None and not 0 <= lod < field.num_lods:
        raise UsageError(f"there is no LOD {lod}: the field has 0 to {field.num_lods - 1}")
