"""Our own ``.npz``: arrays under their path in the tree, and ``skeleton``, the rest as JSON.

See :mod:`nfcodec.importers.document` for the tree. ``numpy.load`` opens it without pickles.
"""

from __future__ import annotations

import json
from typing import Any

import numpy.typing as npt

from nfcodec.data import npy
from nfcodec.errors import DamagedFileError
from nfcodec.field import Field
from nfcodec.importers import document
from nfcodec.importers.archives import Archive
from nfcodec.importers.faults import shown
from nfcodec.importers.source import InputFile, Source

SKELETON = "skeleton"


def recognise(file: InputFile) -> bool:
    return file.archive is not None and f"{SKELETON}.npy" in file.archive.names


def read(file: InputFile) -> Field:
    assert file.archive is not None
    text = _array(file.archive, f"{SKELETON}.npy", file.name)
    try:
        tree = json.loads(str(text))
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{file.name}: the skeleton is no JSON ({error})") from error
    if not isinstance(tree, dict):
        raise DamagedFileError(f"{file.name}: the skeleton is no JSON object")
    for member in file.archive.names:
        path = member.removesuffix(".npy")
        if path != SKELETON:
            _insert(tree, path, _array(file.archive, member, file.name), file.name)
    return document.to_field(tree, file.name)


def _insert(tree: dict[str, Any], path: str, array: npt.NDArray[Any], source: str) -> None:
    """Put ``array`` where ``path`` ("grids/0/levels/1/features") says."""
    *parents, name = path.split("/")
    node: Any = tree
    for step in parents:
        if isinstance(node, list) and step.isdecimal() and len(step) < 8 and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            raise DamagedFileError(f"{source}: array {path!r} has no place in the skeleton")
    if not isinstance(node, dict):
        raise DamagedFileError(f"{source}: array {path!r} has no place in the skeleton")
    node[name] = array


def _array(archive: Archive, member: str, source: str) -> npt.NDArray[Any]:
    try:
        return npy.array(archive.read(member))
    except ValueError as error:
        raise DamagedFileError(f"{source}: array {shown(member)} is damaged ({error})") from error


SOURCE = Source("nfcodec .npz", "a field that nfcodec exported to NumPy", recognise, read)
