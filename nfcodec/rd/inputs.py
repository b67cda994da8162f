"""What is compared: fields and their sizes, and the data they are measured on."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from nfcodec.errors import UsageError
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field

if TYPE_CHECKING:
    from nfcodec.data.images import PosedImages
    from nfcodec.data.meshes import Mesh

    TestData: TypeAlias = "PosedImages | Mesh"

#: A field, or a file that holds one.
FieldSource: TypeAlias = "str | os.PathLike[str] | Field | CodedField"

#: Random points at which values are compared by default, and as many near the surface.
POINTS = 1 << 17

NO_DATA_FOR_SCALARS = "a scalar field has no images or mesh to learn from or be measured on"

_SIGNATURE = b"\x89NFC"


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

    UsageError if there is no such file or LOD; else as :func:`nfcodec.coding.open` and
    :func:`nfcodec.importers.load`.
    """
    from nfcodec import coding

    if isinstance(source, (Field, CodedField)):
        _check_lod(source, lod)
        size = None
        if isinstance(source, CodedField):
            size = prefix_bytes(coding.to_bytes(source), lod)
        return Opened(source, None, size)
    path = os.fspath(source)
    if is_nfc(path):
        coded = coding.open(path)
        _check_lod(coded, lod)
        return Opened(coded, path, prefix_bytes(path, lod))
    from nfcodec import importers

    field = importers.load(path)
    _check_lod(field, lod)
    return Opened(field, path, os.path.getsize(path))


def is_nfc(path: str | os.PathLike[str]) -> bool:
    """Whether a file is to be read as ``.nfc``: by its first bytes, else by its name."""
    if os.path.isdir(path):
        raise UsageError(
            f"{os.fspath(path)} is a folder, where a file with a field is needed: a .nfc file, or "
            "a trained field such as a .pt; `nfcodec train nerf` makes one from a folder of images"
        )
    if not os.path.isfile(path):
        raise UsageError(f"{os.fspath(path)}: there is no such file")
    with open(path, "rb") as file:
        return file.read(4) == _SIGNATURE or Path(path).suffix.lower() == ".nfc"


def prefix_bytes(source: str | bytes, lod: int | None) -> int:
    """How many bytes of a ``.nfc`` file its levels of detail up to ``lod`` need, or as far as they
    are there: of a cut file, finer layers of the last one may be missing."""
    from nfcodec import coding

    if lod is None:
        return len(source) if isinstance(source, bytes) else os.path.getsize(source)
    described = coding.describe(source)
    return int(min(described["lod_bytes"][lod], described["bytes"]))


def open_data(
    path: str | os.PathLike[str], kind: str, split: Literal["train", "test"] = "test"
) -> TestData:
    """What a field of ``kind`` is measured on (or, ``train``, learns from): views, or a mesh."""
    if kind in ("nerf", "vq-nerf"):
        from nfcodec.data import images

        return images.load(Path(path), split=split)
    if kind == "sdf":
        from nfcodec.data import meshes

        return meshes.load(Path(path))
    raise UsageError(f"{os.fspath(path)}: {NO_DATA_FOR_SCALARS}")


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256, in hexadecimal, of a file, or of the names and contents of all files in a folder."""
    root = Path(path)
    found = hashlib.sha256()
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    for file in files:
        name = "" if file == root else file.relative_to(root).as_posix()
        found.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        with open(file, "rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def require_comparable(reference: Field | CodedField, test: Field | CodedField) -> None:
    """UsageError unless the two fields give the same kind of values, or of images, over as many
    dimensions."""
    if reference.is_radiance and test.is_radiance:
        return
    for what in ("kind", "dims", "num_outputs"):
        one, two = getattr(reference, what), getattr(test, what)
        if one != two:
            name = {"kind": "kind", "dims": "dimensions", "num_outputs": "outputs"}[what]
            raise UsageError(f"the fields cannot be compared: their {name} differ, {one} and {two}")


def require_plain(source: str | os.PathLike[str]) -> Field:
    """The plain field in a file, which a ``.nfc`` file can hold.

    UsageError if there is no such file, it holds a coded field, or metadata that cannot be stored.
    """
    if is_nfc(source):
        raise UsageError(
            f"{os.fspath(source)} is coded already; give the field that it was made from"
        )
    from nfcodec import importers
    from nfcodec.coding.storable import check_storable

    field = importers.load(Path(source))
    check_storable(field, os.fspath(source))
    return field


def _check_lod(field: Field | CodedField, lod: int | None) -> None:
    if lod is not None and not 0 <= lod < field.num_lods:
        raise UsageError(f"there is no LOD {lod}: the field has 0 to {field.num_lods - 1}")
