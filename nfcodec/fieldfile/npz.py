"""Our own ``.npz``: arrays under their path in the tree, and ``skeleton``, the rest as JSON.

See :mod:`nfcodec.fieldfile.document` for the tree. ``numpy.load`` opens it without pickles.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data import npy
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.fieldfile import document
from nfcodec.model.field import Field
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.source import InputFile, Source

SKELETON = "skeleton"


def recognize(file: InputFile) -> bool:
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
    except npy.ObjectsError as error:
        raise UnsupportedError(
            f"{source}: array {shown(member)}: {error}, which are not read; save it with "
            "dtype=numpy.float32"
        ) from error
    except ValueError as error:
        raise DamagedFileError(f"{source}: array {shown(member)} is damaged ({error})") from error


def write(field: Field, path: Path) -> None:
    """Write ``field`` to ``path``: arrays under their path in the tree, the rest as JSON."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    skeleton = _without_arrays(document.from_field(field), "", arrays)
    text = json.dumps(skeleton, indent=1, allow_nan=False)
    with open(path, "wb") as file:
        np.savez(file, **{SKELETON: np.array(text), **arrays})  # type: ignore[arg-type]


def _without_arrays(value: Any, where: str, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """``value`` without its arrays, which go to ``arrays`` under their path."""
    if isinstance(value, dict):
        kept = {}
        for key, item in value.items():
            if isinstance(item, np.ndarray):
                arrays[f"{where}{key}"] = item
            else:
                kept[key] = _without_arrays(item, f"{where}{key}/", arrays)
        return kept
    if isinstance(value, list):
        return [_without_arrays(item, f"{where}{i}/", arrays) for i, item in enumerate(value)]
    return value


SOURCE = Source("nfcodec .npz", "a field that nfcodec exported to NumPy", recognize, read)
