"""HDF5 files that nobody vouches for: sizes are compared with the file's before values are read."""

from __future__ import annotations

import errno
import math
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.errors import (
    DamagedFileError,
    InvalidFieldError,
    LimitError,
    NfcodecError,
    UnsupportedError,
)
from nfcodec.optional import need
from nfcodec.untrusted import h5_guard
from nfcodec.untrusted.faults import shown, unreadable

PLAIN_DTYPES = ("f2", "f4", "f8", "i8", "u8", "u1", "?")

#: Filters of values by their numbers in HDF5, and how far each can expand. Others either run code
#: of a plug-in that the file names, or do not suit floating point.
_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF = 1, 2, 3, 32000
_EXPANSION = {_DEFLATE: 1100, _SHUFFLE: 1, _FLETCHER32: 1, _LZF: 100}
_CHECKSUM_BYTES = 4
#: Chunks of a dataset, and bytes of a chunk.
_MAX_CHUNKS = 1 << 20
_MAX_CHUNK_BYTES = 1 << 30
#: Values of a dataset that is read ahead.
_MAX_SURVEYED = 1 << 22
#: Values of an attribute.
_MAX_LIST = 64
#: Bytes of a text that is an attribute.
_MAX_TEXT = 1 << 16

_IN_USE = (
    "the file may be sound, but another program has it open for writing; close that program (or "
    "shut down the notebook), or copy the file, and try again"
)
_COPY = "copy the values themselves into the file"
_MARKED = (
    "the file says that a program is writing to it; close that program, or, if it crashed, run "
    "`h5clear -s` on a copy of the file"
)


@contextmanager
def opened(path: Path, source: str) -> Iterator[Any]:
    """The root of an HDF5 file.

    DamagedFileError if it is damaged, NfcodecError if it is locked or out of reach.
    """
    need("h5py", "reading HDF5 files")
    import h5py

    try:
        h5_guard.check(path, source)
        # A file system without locks has none to wait for.
        with h5py.File(path, "r", locking="best-effort") as root:
            yield root
    except NfcodecError:
        raise
    except OSError as error:
        raise _explained(source, error) from error
    # HDF5 reports damage through whichever of these its wrapper maps the cause to.
    except (
        RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError, IndexError,
        NotImplementedError, SystemError, MemoryError,
    ) as error:  # fmt: skip
        raise DamagedFileError(f"{source}: a damaged HDF5 file ({_line(error)})") from error


def _explained(source: str, error: OSError) -> NfcodecError:
    text = _line(error)
    if "already open for" in text:
        return NfcodecError(f"{source}: {_MARKED}")
    # HDF5 gives the system's number in its message, and not always in the exception.
    stated = re.search(r"errno = (\d+)", text)
    number = int(stated[1]) if stated else error.errno
    if "lock" in text and number in (errno.EAGAIN, errno.EACCES, errno.EBUSY):
        return NfcodecError(f"{source}: locked ({error.strerror or text}): {_IN_USE}")
    if number is None:
        return DamagedFileError(f"{source}: a damaged HDF5 file ({text})")
    return unreadable(source, OSError(number, os.strerror(number)), f"damaged: {text}")


def child(group: Any, name: str, source: str) -> Any:
    """The member ``name`` of ``group``.

    DamagedFileError if there is none, UnsupportedError if it is a link to elsewhere.
    """
    import h5py

    link = group.get(name, getlink=True)
    where = f"{source}: {shown(group.name.rstrip('/'))}/{shown(name)}"
    if link is None:
        raise DamagedFileError(f"{where} is missing")
    if not isinstance(link, h5py.HardLink):
        raise UnsupportedError(f"{where} is a link to elsewhere, which is not followed; {_COPY}")
    return group[name]


def attribute(group: Any, name: str, where: str) -> Any:
    """The plain Python value of an attribute."""
    stored = group.attrs.get_id(name)
    count = math.prod(stored.shape)
    if count > _MAX_LIST or stored.dtype.itemsize > _MAX_TEXT:
        raise InvalidFieldError(f"{where} is no string, number or short list of numbers")
    value = group.attrs[name]
    if isinstance(value, (str, bytes)):
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise InvalidFieldError(f"{where} is no string, number or short list of numbers")


def text(group: Any, name: str) -> str | None:
    """The attribute ``name``, if it is there and a text."""
    if name not in group.attrs:
        return None
    try:
        value = attribute(group, name, name)
    except InvalidFieldError:
        return None
    return value if isinstance(value, str) else None


def values(dataset: Any, where: str) -> npt.NDArray[Any]:
    """The values of a dataset in this machine's byte order.

    Its values, and each of its chunks, must be of a size that the bytes in the file can make.
    """
    if dataset.external or dataset.is_virtual:
        raise UnsupportedError(
            f"{where} keeps its values in another file, which is not followed; {_COPY}"
        )
    if dataset.shape is None:
        raise InvalidFieldError(f"{where} holds nothing")
    if dataset.dtype.newbyteorder("=") not in [np.dtype(name) for name in PLAIN_DTYPES]:
        raise InvalidFieldError(f"{where} holds {dataset.dtype}, not plain numbers")
    _check_sizes(dataset, where)
    found: npt.NDArray[Any] = dataset[()]
    return np.asarray(found).astype(dataset.dtype.newbyteorder("="), copy=False)


def survey(dataset: Any) -> None:
    """Read a dataset if it is small, else the index of its chunks; errors as :func:`values`."""
    if dataset.dtype.kind == "O":
        dataset.asstr()[()]
    elif dataset.size > _MAX_SURVEYED:
        _check_sizes(dataset, "")
    else:
        values(dataset, "")


def _check_sizes(dataset: Any, where: str) -> None:
    pipeline = _pipeline(dataset, where)
    in_file = dataset.file.id.get_filesize()
    stored = dataset.id.get_storage_size()
    expansion = math.prod(_EXPANSION[number] for number in pipeline)
    # Chunks may overlap in a crafted file; together they still hold at most its bytes.
    if stored > in_file or dataset.nbytes > stored * expansion:
        raise DamagedFileError(
            f"{where} of shape {dataset.shape} has only {min(stored, in_file)} bytes in the file"
        )
    if dataset.chunks is None or not dataset.nbytes:
        return
    size = math.prod(dataset.chunks) * dataset.dtype.itemsize
    if size > _MAX_CHUNK_BYTES or size > in_file * expansion:
        raise LimitError(f"{where}: chunks of {size:,} bytes in a file of {in_file:,}")
    if _DEFLATE in pipeline:
        _check_deflated(dataset, size, pipeline, where)


def _pipeline(dataset: Any, where: str) -> list[int]:
    """The filters of a dataset, in the order in which they were applied."""
    created = dataset.id.get_create_plist()
    numbers: list[int] = []
    for i in range(created.get_nfilters()):
        number, _, _, called = created.get_filter(i)
        if number not in _EXPANSION:
            named = called.decode("utf-8", "replace") if called else f"number {number}"
            raise UnsupportedError(
                f"{where} is compressed by {shown(named)}; write the file again with gzip or "
                "without compression, as h5repack -f NONE does"
            )
        if number in numbers:
            raise UnsupportedError(f"{where} is compressed twice; write the file again")
        numbers.append(int(number))
    return numbers


def _check_deflated(dataset: Any, size: int, pipeline: list[int], where: str) -> None:
    """DamagedFileError unless every deflated chunk gives at most the ``size`` bytes of a chunk.

    The HDF5 library takes as much memory as a stream asks for.
    """
    places: list[tuple[Any, int]] = []

    def note(chunk: Any) -> None:
        if len(places) >= _MAX_CHUNKS:
            raise LimitError(f"{where}: more than {_MAX_CHUNKS} chunks")
        if chunk.size > size + size // 8 + 1024:
            raise DamagedFileError(f"{where}: a compressed chunk is larger than its values")
        places.append((chunk.chunk_offset, chunk.filter_mask))

    dataset.id.chunk_iter(note)
    bit = 1 << pipeline.index(_DEFLATE)
    after = pipeline[pipeline.index(_DEFLATE) + 1 :]
    tail = _CHECKSUM_BYTES * after.count(_FLETCHER32)
    most = size + _CHECKSUM_BYTES  # a checksum may have been put in before
    for offset, mask in places:
        if mask & bit:  # stored as it was, as it would not have become smaller
            continue
        _, data = dataset.id.read_direct_chunk(offset)
        if _SHUFFLE in after or _LZF in after:
            raise UnsupportedError(f"{where} is compressed and then shuffled; write it again")
        stream = zlib.decompressobj()
        try:
            length = len(stream.decompress(data[: len(data) - tail], most + 1))
        except zlib.error as error:
            raise DamagedFileError(f"{where}: a damaged chunk ({error})") from error
        if length > most:
            raise DamagedFileError(f"{where}: a chunk expands beyond its {size:,} bytes")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
