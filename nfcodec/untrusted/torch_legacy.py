"""Files that ``torch.save`` wrote before PyTorch 1.6, or writes without its zip format.

Five pickles one after the other (a magic number, the version 1001, facts about the machine, the
object, the list of its storages' keys), then for each key an int64 count of values and the values
themselves, little-endian on every machine (``torch.serialization._legacy_save``).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.untrusted import safe_pickle
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.tensors import BFLOAT16, Storage, Storages
from nfcodec.untrusted.torch_pickle import OTHER_SIZES, TorchPickle

#: How such a file begins: a pickled magic number (of pickle protocol 2; the number ends at 13).
MAGIC = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"
_VERSION = 1001
_COUNT_BYTES = 8


def is_legacy(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is of this format, of any pickle protocol."""
    return head[:1] == b"\x80" and MAGIC in head[2:32]


def read(path: Path, source: str) -> Any:
    """The object in the file, its tensors as :class:`Tensor`.

    DamagedFileError if the file is cut or malformed, UnsupportedError for another version.
    """
    try:
        with open(path, "rb") as file:
            return _read(file, path, source)
    except OSError as error:
        raise unreadable(source, error) from error


def _read(file: BinaryIO, path: Path, source: str) -> Any:
    size = path.stat().st_size
    # In memory, where asking for more bytes than there are costs nothing.
    front = io.BytesIO(file.read(min(size, safe_pickle.MAX_PICKLE_BYTES)))
    safe_pickle.read_next(front, source, {})  # the magic number, which is known
    version = safe_pickle.read_next(front, source, {})
    if version != _VERSION:
        raise UnsupportedError(
            f"{source}: version {str(version)[:20]} of PyTorch's older format; load it with "
            "PyTorch, save it again, and import that"
        )
    safe_pickle.read_next(front, source, {})  # facts about the machine
    storages = _LegacyStorages(path, source)
    meaning = TorchPickle(storages)
    found = safe_pickle.read_next(front, source, meaning.calls, meaning.persistent)
    keys = safe_pickle.read_next(front, source, {})
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise DamagedFileError(f"{source}: the list of its storages is malformed")
    storages.places = _places(file, front.tell(), size, keys, meaning.seen, source)
    return found


def _places(
    file: BinaryIO, start: int, size: int, keys: list[str], seen: dict[str, Storage], source: str
) -> dict[str, tuple[int, int]]:
    """Where each storage's values begin, and their number; nothing but the numbers is read."""
    places: dict[str, tuple[int, int]] = {}
    at = start
    for key in keys:
        if key not in seen or key in places:
            raise DamagedFileError(f"{source}: storage {key[:40]!r} is there twice, or unknown")
        width = _itemsize(seen[key], source)
        file.seek(at)
        count = int.from_bytes(file.read(_COUNT_BYTES), "little", signed=True)
        at += _COUNT_BYTES
        if at > size or not 0 <= count <= (size - at) // width:
            raise DamagedFileError(
                f"{source}: the file ends within its tensors; it was cut, such as by an "
                "interrupted download or copy"
            )
        places[key] = (at, count)
        at += count * width
    return places


def _itemsize(storage: Storage, source: str) -> int:
    if storage.dtype:
        return 2 if storage.dtype == BFLOAT16 else np.dtype(storage.dtype).itemsize
    if storage.kind not in OTHER_SIZES:
        raise UnsupportedError(
            f"{source}: holds tensors of type {storage.kind[:40]}; convert them with .float() and "
            "save it again"
        )
    return OTHER_SIZES[storage.kind]


class _LegacyStorages(Storages):
    def __init__(self, path: Path, source: str) -> None:
        super().__init__(source)
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}

    def fetch(self, key: str, count: int, itemsize: int) -> bytearray:
        if key not in self.places:
            raise DamagedFileError(f"{self.source}: storage {key[:40]!r} is missing")
        at, held = self.places[key]
        data = bytearray(held * itemsize)
        try:
            with open(self.path, "rb") as file:
                file.seek(at)
                if file.readinto(data) != len(data):
                    raise DamagedFileError(f"{self.source}: the file was cut while it was read")
        except OSError as error:
            raise unreadable(self.source, error) from error
        return data
