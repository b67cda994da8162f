"""Mesh files to vertices and triangles, as the file says: nothing is repaired, merged or turned.

One module for each format gives one entry of :data:`FORMATS`; formats are told apart by suffix.
Files are taken for hostile: sizes are checked against the file's before memory is allocated, and
nothing outside of the mesh's folder is opened.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from nfcodec.data.mesh_files import gltf, obj, ply, stl
from nfcodec.data.mesh_files.sniff import signature
from nfcodec.data.mesh_files.source import (
    MAX_FACES,
    MAX_FILE_BYTES,
    MeshFile,
    MeshFormat,
    Triangles,
)
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

#: Every format that is read.
FORMATS: tuple[MeshFormat, ...] = (obj.FORMAT, ply.FORMAT, stl.FORMAT, gltf.FORMAT)
#: What a mesh file may be, by suffix.
SUFFIXES = tuple(suffix for form in FORMATS for suffix in form.suffixes)

_HEAD = 4096  # bytes that identify a format


def read(path: Path) -> Triangles:
    """(V, 3) float64 vertices and (T, 3) int64 triangles, T > 0, of a mesh file.

    A UserWarning names what a reader leaves out. Errors: UsageError (no such file),
    UnsupportedError (another suffix, or a feature that is not read), DamagedFileError (a file that
    breaks its format's rules, or holds no surface), LimitError.
    """
    form = _format(path)
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise LimitError(f"{path}: {size} bytes, above the limit of {MAX_FILE_BYTES}")
    file = MeshFile(path, path.read_bytes())
    try:
        # Vertices that are no places, such as NaN, are refused by those who know which are used.
        with np.errstate(all="ignore"):
            vertices, triangles = form.read(file)
        if not len(triangles):
            raise _nothing(file, form, len(vertices))
    except DamagedFileError as error:
        found = _something_else(file.data, form)
        if found is None:
            raise
        raise DamagedFileError(f"{path}: no {form.name} file but {found}") from error
    for text in file.warnings:
        warnings.warn(text, stacklevel=1)
    return vertices, triangles


def mesh_format(head: bytes, size: int) -> MeshFormat | None:
    """The format of a file of ``size`` bytes that begins with ``head``, if these tell it."""
    return next((form for form in FORMATS if form.begins(head, size)), None)


def _something_else(data: bytes, form: MeshFormat) -> str | None:
    """What a file that is not of ``form`` seems to be, to say after "this is"; None if unknown."""
    head = data[:_HEAD]
    found = mesh_format(head, len(data))
    if found is not None and found is not form:
        return f"a mesh of the format {found.name} ({found.suffixes[0]})"
    return signature(head)


def _format(path: Path) -> MeshFormat:
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, where a mesh file is needed ({', '.join(SUFFIXES)}); name the "
            "file in it"
        )
    if not path.exists():
        raise UsageError(f"{path}: no such file")
    if not path.is_file():
        raise UsageError(f"{path} is a pipe or a device; save what it gives to a file first")
    suffix = path.suffix.lower()
    for form in FORMATS:
        if suffix in form.suffixes:
            return form
    raise UnsupportedError(
        f"{path}: meshes are read from {', '.join(SUFFIXES)}, not {suffix or 'no suffix'}"
    )


def _nothing(file: MeshFile, form: MeshFormat, vertices: int) -> DamagedFileError:
    if vertices:
        return file.damaged(
            f"the mesh has {vertices} vertices but no faces; a surface is needed, not points"
        )
    return file.damaged(f"holds neither vertices nor faces; it is empty, or not {form.name} at all")


__all__ = [
    "FORMATS",
    "MAX_FACES",
    "MAX_FILE_BYTES",
    "SUFFIXES",
    "MeshFile",
    "MeshFormat",
    "mesh_format",
    "read",
]
