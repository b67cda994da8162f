"""Our own ``.h5``: the tree of :mod:`nfcodec.importers.document` as groups, datasets, attributes.

Lists are groups with members ``0``, ``1``, ...; ``metadata`` is JSON in a string. One level can be
read without the others: :func:`read_level`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy.typing as npt

from nfcodec.errors import InvalidFieldError, LimitError, UsageError
from nfcodec.field import Field, Level
from nfcodec.importers import document
from nfcodec.importers.faults import shown
from nfcodec.importers.h5_values import attribute, child, opened, text, values
from nfcodec.importers.source import InputFile, Source
from nfcodec.layouts.check import MAX_VALUES, check_level

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MAX_DEPTH = 8
_MAX_MEMBERS = 100_000


def recognise(file: InputFile) -> bool:
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
        if not recognise(file):
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
        if self.values > MAX_VALUES:
            raise LimitError(f"{where} of shape {dataset.shape}: the limit is {MAX_VALUES} values")
        return values(dataset, where)


SOURCE = Source("nfcodec .h5", "a field that nfcodec exported to HDF5", recognise, read)
