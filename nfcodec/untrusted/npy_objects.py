"""``.npy`` files of objects that are lists of plain arrays, read without running their pickle."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError
from nfcodec.untrusted import pickled_numpy, safe_pickle
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.safe_pickle import Placeholder

_MAGIC = b"\x93NUMPY"
_MAX_ARRAYS = 1024


def is_objects(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a ``.npy`` of one dimension of objects."""
    return head.startswith(_MAGIC) and b"'descr': '|O'" in head[:128]


def read(path: Path, source: str) -> list[npt.NDArray[Any]] | None:
    """The arrays in the file; None if it holds anything else.

    DamagedFileError if it is cut or malformed, LimitError if it is too large for a pickle.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= safe_pickle.MAX_PICKLE_BYTES else b""
    except OSError as error:
        raise unreadable(source, error) from error
    stream = io.BytesIO(data)
    try:
        np.lib.format.read_magic(stream)
        np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # anything NumPy's parser raises on a damaged header
        raise DamagedFileError(f"{source}: a damaged .npy file ({error})") from error
    outer = safe_pickle.read_next(stream, source, {})
    members = _members(outer)
    if members is None or len(members) > _MAX_ARRAYS:
        return None
    found = []
    for member in members:
        if not isinstance(member, Placeholder) or not pickled_numpy.is_array(member):
            return None
        array = pickled_numpy.array(member)
        if array is None:
            raise DamagedFileError(f"{source}: one of its arrays holds no plain numbers")
        found.append(array)
    return found


def _members(value: Any) -> list[Any] | None:
    """The members of a pickled array of objects."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Placeholder) or not pickled_numpy.is_array(value):
        return None
    state = value.state
    if isinstance(state, tuple) and len(state) == 5 and isinstance(state[4], list):
        members: list[Any] = state[4]
        return members
    return None
