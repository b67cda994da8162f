"""Our own ``.h5``: the tree of :mod:`nfcodec.fieldfile.document` as groups, datasets, attributes.

Lists are groups with members ``0``, ``1``, ...; ``metadata`` is JSON in a string. One level can be
read without the others: :func:`read_level`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.check.field import check_level
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError, UsageError
from nfcodec.fieldfile import document
from nfcodec.fieldfile.h5_file import new_file
from nfcodec.model.field import Field, Level
from nfcodec.untrusted.faults import shown
from nfcodec.untrusted.h5_values import attribute, child, opened, text, values
from nfcodec.untrusted.source import InputFile, Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MAX_DEPTH = 8
_MAX_MEMBERS = 100_000


def recognize(file: InputFile) -> bool:
    if not file.head.startswith(SIGNATURE):
        return False
    with opened(file.path, file.name) as root:
        return text(root, "format") == document.FORMAT


def names(file: InputFile) -> list[str]:
    """What the root of an HDF5 file holds: its members, and then its attributes."""
    with opened(file.path, file.name) as root:
        return [*root, *root.attrs]


def read(file: InputFile) -> Field:
    with opened(file.path, file.name) as root:
        tree = _Reader(file.name).group(root)
        tree["metadata"] = _metadata(root, file.name)
    return document.to_field(tree, file.name)


def count_levels(path: str | Path) -> int:
    """The number of levels, all grids taken together, of the field in ``path``."""
    with opened(Path(path), str(path)) as root:
        return len(_level_groups(root, str(path)))


def read_level(path: str | Path, index: int) -> Level:
    """Level ``index``, counted grid by grid from 0; of the file's arrays only its own are read.

    UsageError if the field has no such level; otherwise as :func:`nfcodec.importers.load`.
    """
    source = str(path)
    with InputFile(path) as file:
        if not recognize(file):
            raise InvalidFieldError(f"{source}: not an HDF5 file that holds a field")
    with opened(Path(path), source) as root:
        document.check_version(document.FORMAT, attribute(root, "version", source), source)
        groups = _level_groups(root, source)
        if not 0 <= index < len(groups):
            raise UsageError(f"{source}: no level {index}; the field has {len(groups)}")
        where = f"{source}: {groups[index].name.lstrip('/')}"
        tree = _Reader(source).group(groups[index])
        dims = int(child(root, "bounds", source).shape[1])
    level = document.level_from_tree(tree, where)
    check_level(level, dims, where)
    return level


def _level_groups(root: Any, source: str) -> list[Any]:
    groups = []
    reader = _Reader(source)
    grids = child(root, "grids", source)
    for g in reader.names(grids):
        levels = child(child(grids, g, source), "levels", source)
        groups += [child(levels, i, source) for i in reader.names(levels)]
    return groups


def _metadata(root: Any, source: str) -> Any:
    dataset = child(root, "metadata", source)
    if dataset.shape != () or dataset.dtype.kind != "O" or dataset.is_virtual or dataset.external:
        raise InvalidFieldError(f"{source}: metadata is not one string")
    try:
        return json.loads(dataset.asstr()[()])
    except (ValueError, RecursionError) as error:
        raise InvalidFieldError(f"{source}: metadata is not JSON ({error})") from error


class _Reader:
    """Turns groups into trees; counts what it reads against the limits."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.members = 0
        self.values = 0

    def names(self, group: Any) -> list[str]:
        """The members of a list, in order."""
        found = sorted((name for name in group if name.isdecimal()), key=int)
        if found != [str(i) for i in range(len(group))]:
            raise InvalidFieldError(f"{self.source}: {group.name} is not numbered from 0")
        return found

    def group(self, group: Any, depth: int = 0) -> document.Tree:
        import h5py

        if depth > _MAX_DEPTH:
            raise LimitError(f"{self.source}: groups nested deeper than {_MAX_DEPTH}")
        tree: document.Tree = {
            name: attribute(group, name, f"{self.source}: {group.name}.{shown(name)}")
            for name in group.attrs
        }
        for name in group:
            self.members += 1
            if self.members > _MAX_MEMBERS:
                raise LimitError(f"{self.source}: more than {_MAX_MEMBERS} members")
            member = child(group, name, self.source)
            if isinstance(member, h5py.Dataset):
                if name != "metadata":
                    tree[name] = self.dataset(member)
            elif name in document.LISTS:
                tree[name] = [
                    self.group(child(member, k, self.source), depth + 2) for k in self.names(member)
                ]
            else:
                tree[name] = self.group(member, depth + 1)
        return tree

    def dataset(self, dataset: Any) -> npt.NDArray[Any]:
        where = f"{self.source}: {shown(dataset.name)}"
        self.values += dataset.size or 0
        if self.values > limits.VALUES:
            raise LimitError(
                f"{where} of shape {dataset.shape}: the limit is {limits.VALUES} values"
            )
        return values(dataset, where)


_CHUNK_BYTES = 1 << 18
_SMALL_BYTES = 1 << 16

_ABOUT = (
    "A trained neural field (nfcodec-field, version 1). A point is normalized to [-1, 1] within "
    "bounds; each grid maps it by its transform and interpolates its levels; networks turn the "
    "features into values. Lists are groups with members 0, 1, ..."
)
_ABOUT_LAYOUT = {
    "dense": "One row of features for each lattice point, x fastest; shape is slowest axis first.",
    "octree": (
        "One row of features for each distinct corner of the occupied voxels, ordered by "
        "(z * (2^depth + 1) + y) * (2^depth + 1) + x; voxels are Morton codes, bit 3i of a code "
        "being bit i of x, 3i + 1 of y, 3i + 2 of z."
    ),
}


def write(field: Field, path: Path) -> None:
    """Write ``field`` to ``path``."""
    tree = document.from_field(field)
    metadata = tree.pop("metadata")
    with new_file(path) as (root, _):
        root.attrs["description"] = _ABOUT
        _group(root, tree)
        root.create_dataset("metadata", data=json.dumps(metadata, allow_nan=False))


def _group(group: Any, tree: document.Tree) -> None:
    for key, value in tree.items():
        if isinstance(value, np.ndarray):
            _dataset(group, key, value)
        elif key in document.LISTS:
            members = group.create_group(key)
            for i, item in enumerate(value):
                _group(members.create_group(str(i)), item)
        elif isinstance(value, dict):
            _group(group.create_group(key), value)
        elif isinstance(value, list):
            group.attrs[key] = np.array(value, np.int64)
        else:
            group.attrs[key] = value
    if tree.get("type") in _ABOUT_LAYOUT:
        group.attrs["description"] = _ABOUT_LAYOUT[tree["type"]]


def _dataset(group: Any, name: str, values: npt.NDArray[Any]) -> None:
    options: dict[str, Any] = {}
    if values.nbytes > _SMALL_BYTES:
        row = max(1, values[:1].nbytes)
        rows = min(values.shape[0], max(1, _CHUNK_BYTES // row))
        options = {"chunks": (rows, *values.shape[1:]), "fletcher32": True}
    dataset = group.create_dataset(name, data=values, track_times=False, **options)
    if name == "features":
        dataset.dims[0].label, dataset.dims[1].label = "corner", "channel"


SOURCE = Source("nfcodec .h5", "a field that nfcodec exported to HDF5", recognize, read)
