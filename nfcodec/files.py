"""The door to disk: opens the files that users name, whatever form they have.

Nothing heavy loads with this module; what a file needs loads when it is opened.
"""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nfcodec.errors import UsageError

if TYPE_CHECKING:
    from nfcodec.data import FieldData
    from nfcodec.model.coded import CodedField
    from nfcodec.model.field import Field

NO_DATA_FOR_SCALARS = "a scalar field has no images or mesh to learn from or be measured on"

#: Suffixes of meshes: those of :data:`nfcodec.data.mesh_files.FORMATS`, which is heavy to load.
_MESHES = (".obj", ".ply", ".stl", ".glb", ".gltf")

_SIGNATURE = b"\x89NFC"


def kind_of(path: str | os.PathLike[str]) -> Literal["coded", "plain"]:
    """Whether a file is ``.nfc`` ("coded"), by its first bytes or else by its name.

    "plain" is any other file: a field of ours or another tool's. UsageError unless it is a file.
    """
    if os.path.isdir(path):
        raise UsageError(
            f"{os.fspath(path)} is a folder, where a file with a field is needed: a .nfc file, or "
            "a trained field such as a .pt; `nfcodec train nerf` makes one from a folder of images"
        )
    if not os.path.isfile(path):
        raise UsageError(f"{os.fspath(path)}: there is no such file")
    with builtins.open(path, "rb") as file:
        signed = file.read(4) == _SIGNATURE
    return "coded" if signed or Path(path).suffix.lower() == ".nfc" else "plain"


def is_mesh(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a mesh, by its name."""
    return Path(path).suffix.lower() in _MESHES


def is_array(path: str | os.PathLike[str]) -> bool:
    """Whether a file is an array of values, by its name and, where that leaves it open, content."""
    if Path(path).suffix.lower() not in (".npy", ".npz", ".raw"):
        return False
    from nfcodec.data import volumes

    return volumes.is_volume(Path(path))


def open(path: str | os.PathLike[str], lod: int | None = None) -> Field | CodedField:
    """The field in a file: a ``.nfc`` file, of which only what ``lod`` needs is read, or any
    field that can be imported.

    UsageError if there is no such file; else as :func:`nfcodec.coding.open` and
    :func:`nfcodec.importers.load`.
    """
    if kind_of(path) == "coded":
        from nfcodec import coding

        return coding.open(os.fspath(path), lod=lod)
    from nfcodec import importers

    return importers.load(Path(path))


def require_plain(path: str | os.PathLike[str]) -> Field:
    """The plain field in a file, which a ``.nfc`` file can hold once it is coded.

    UsageError if there is no such file, it holds a coded field, or metadata that cannot be stored.
    """
    if kind_of(path) == "coded":
        raise UsageError(
            f"{os.fspath(path)} is coded already; give the field that it was made from"
        )
    from nfcodec import importers
    from nfcodec.coding.storable import check_storable

    field = importers.load(Path(path))
    check_storable(field, os.fspath(path))
    return field


def open_data(
    path: str | os.PathLike[str], kind: str, split: Literal["train", "test"] = "test"
) -> FieldData:
    """Images (their ``split``) or the mesh that a field of ``kind`` is measured on or learns from.

    UsageError for a ``scalar`` field, which has neither.
    """
    from nfcodec.model.kinds import KINDS

    if KINDS.named(kind, os.fspath(path)).has_density:
        from nfcodec.data import images

        return images.load(Path(path), split=split)
    if kind == "sdf":
        from nfcodec.data import meshes

        return meshes.load(Path(path))
    raise UsageError(f"{os.fspath(path)}: {NO_DATA_FOR_SCALARS}")
