"""Our own ``.h5``: the tree of :mod:`nfcodec.importers.document` as groups, datasets, attributes.

Lists are groups with members ``0``, ``1``, ...; ``metadata`` is JSON in a string. One level can be
read without the others: :func:`read_level`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError, InvalidFieldError, LimitError, UsageError
from nfcodec.field import Field, Level
from nfcodec.importers import document
from nfcodec.importers.source import InputFile, Source
from nfcodec.layouts.check import MAX_VALUES, check_level

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MAX_DEPTH = 8
_MAX_MEMBERS = 100_000
#: No deflate or shuffle stream expands further, so a dataset that does is mostly fill values.
_MAX_EXPANSION = 1100
_PLAIN_DTYPES = ("f2", "f4", "f8", "i8", "u8", "u1", "?")


def recognise(file: InputFile) -> bool:
    if not file.head.startswith(SIGNATURE):
        return False
    with _open(file.path, file.name) as root:
        stated = _text(root.attrs.get("format"))
        return isinstance(stated, str) and stated == document.FORMAT


def read(file: InputFile) -> Field:
    with _open(file.path, file.name) as root:
        tree = _Reader(file.name).group(root)
        tree["metadata"] = _metadata(root, file.name)
    return document.to_field(tree, file.name)


def count_levels(path: str | Path) -> int:
    """The number of levels, all grids taken together, of the field in ``path``."""
    with _open(Path(path), str(path)) as root:
        return len(_level_paths(root, str(path)))


def read_level(path: str | Path, index: int) -> Level:
    """Level ``index``, counted grid by grid from 0; of the file's arrays only its own are read.

    UsageError if the field has no such level; otherwise as :func:`nfcodec.importers.load`.
    """
    source = str(path)
    with InputFile(path) as file:
        if not recognise(file):
            raise InvalidFieldError(f"{source}: not an HDF5 file that holds a field")
    with _open(Path(path), source) as root:
        document.check_version(document.FORMAT, _attribute(root.attrs["version"], source), source)
        paths = _level_paths(root, source)
        if not 0 <= index < len(paths):
            raise UsageError(f"{source}: no level {index}; the field has {len(paths)}")
        where = f"{source}: {paths[index]}"
        tree = _Reader(source).group(root[paths[index]])
        dims = int(root["bounds"].shape[1])
    level = document.level_from_tree(tree, where)
    check_level(level, dims, where)
    return level


@contextmanager
def _open(path: Path, source: str) -> Iterator[Any]:
    import h5py

    try:
        with h5py.File(path, "r") as root:
            yield root
    # HDF5 reports damage through whichever of these its wrapper maps the cause to.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DamagedFileError(f"{source}: a damaged HDF5 file ({error})") from error


def _level_paths(root: Any, source: str) -> list[str]:
    paths = []
    reader = _Reader(source)
    for g in reader.names(root["grids"]):
        paths += [f"grids/{g}/levels/{i}" for i in reader.names(root[f"grids/{g}/levels"])]
    return paths


def _metadata(root: Any, source: str) -> Any:
    dataset = root["metadata"]
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
            name: _attribute(value, f"{self.source}: {group.name}.{name}")
            for name, value in group.attrs.items()
        }
        for name in group:
            self.members += 1
            if self.members > _MAX_MEMBERS:
                raise LimitError(f"{self.source}: more than {_MAX_MEMBERS} members")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise DamagedFileError(
                    f"{self.source}: {group.name}/{name} is a link to elsewhere; it is not followed"
                )
            member = group[name]
            if isinstance(member, h5py.Dataset):
                if name != "metadata":
                    tree[name] = self.dataset(member)
            elif name in document.LISTS:
                tree[name] = [self.group(member[k], depth + 2) for k in self.names(member)]
            else:
                tree[name] = self.group(member, depth + 1)
        return tree

    def dataset(self, dataset: Any) -> npt.NDArray[Any]:
        where = f"{self.source}: {dataset.name}"
        if dataset.external or dataset.is_virtual:
            raise DamagedFileError(f"{where} keeps its values in another file; it is not followed")
        if dataset.dtype.newbyteorder("=") not in [np.dtype(name) for name in _PLAIN_DTYPES]:
            raise InvalidFieldError(f"{where} holds {dataset.dtype}, not plain numbers")
        self.values += dataset.size
        if self.values > MAX_VALUES:
            raise LimitError(f"{where} of shape {dataset.shape}: the limit is {MAX_VALUES} values")
        stored = dataset.id.get_storage_size()
        if dataset.nbytes > stored * _MAX_EXPANSION:
            raise DamagedFileError(
                f"{where} of shape {dataset.shape} has only {stored} bytes in the file"
            )
        values: npt.NDArray[Any] = dataset[()]
        return values.astype(values.dtype.newbyteorder("="), copy=False)


def _attribute(value: Any, where: str) -> Any:
    """The plain Python value of an attribute."""
    if isinstance(value, (str, bytes)):
        return _text(value)
    if isinstance(value, (np.generic, np.ndarray)) and value.size <= 64:
        return value.tolist()
    raise InvalidFieldError(f"{where} is no string, number or short list of numbers")


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


SOURCE = Source("nfcodec .h5", "a field that nfcodec exported to HDF5", recognise, read)
