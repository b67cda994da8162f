"""Arrays of values on a regular lattice: ``.npy``, ``.npz`` and headerless files.

Sizes are checked against the file and the limits before anything is allocated, and nothing is
unpickled.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from nfcodec.container import limits
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError, UsageError

#: Types that a coded volume gives back: integers that float32 has, and floats.
DTYPES = ("uint8", "int8", "uint16", "int16", "float16", "float32")
SUFFIXES = (".npy", ".npz", ".raw")


@dataclass(frozen=True, eq=False)
class Volume:
    """``values``: of two to four axes, the slowest first; the first of four counts channels.

    Of a type of :data:`DTYPES`, in this machine's byte order; NaN marks what is not there.
    ``source``: the file, for messages.
    """

    values: npt.NDArray[Any]
    source: str

    @staticmethod
    def of(values: npt.NDArray[Any], source: str = "the array") -> Volume:
        """A volume of any array that one can hold.

        UnsupportedError for types that would lose digits, LimitError for sizes, UsageError for
        numbers of axes and for infinities. An array of float64 counts as float32.
        """
        _check(values.shape, values.dtype, source)
        kept = values.dtype.name if values.dtype.name in DTYPES else "float32"
        with np.errstate(over="ignore"):
            found = np.ascontiguousarray(values, np.dtype(kept))
        if found.dtype.kind == "f":
            bad = int(np.isinf(found).sum())
            if bad:
                raise UsageError(
                    f"{source}: infinite values ({bad:,} of them) in {kept}; put NaN where nothing "
                    "is known, or clip them"
                )
            if np.isnan(found).all():
                raise UsageError(f"{source}: all {found.size:,} values are NaN")
        return Volume(found, source)


def as_type(values: npt.NDArray[Any], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """``values`` in a volume's own type: whole numbers rounded and held within their range."""
    if dtype.kind not in "ui":
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype)
    info = np.iinfo(dtype)
    return np.asarray(np.clip(np.rint(values), info.min, info.max), dtype)


def is_volume(path: Path) -> bool:
    """Whether a file is an array of numbers: by its name, and ``.npy`` and ``.npz`` by content.

    Fields come in these two forms too: as Python objects, or with a skeleton.
    """
    suffix = path.suffix.lower()
    if suffix == ".raw":
        return True
    try:
        if suffix == ".npy":
            with path.open("rb") as file:
                return not _npy_header(file)[2].hasobject
        if suffix == ".npz":
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
                return len(names) == 1 and names[0] != "skeleton.npy"
    except (OSError, ValueError, zipfile.BadZipFile):
        return suffix == ".npy" and path.is_file()
    return False


def load(path: Path, shape: Sequence[int] | None = None, dtype: str | None = None) -> Volume:
    """The volume in a file.

    ``shape`` and ``dtype``, such as ``<f4``, say what a ``.raw`` file holds. Errors: UsageError,
    DamagedFileError for bytes that are no array, and as :meth:`Volume.of`.
    """
    source = str(path)
    suffix = path.suffix.lower()
    if suffix == ".raw":
        return Volume.of(_raw(path, shape, dtype), source)
    if shape is not None or dtype is not None:
        raise UsageError(f"{source}: --shape and --dtype are for .raw files; this one says its own")
    try:
        if suffix == ".npy":
            with path.open("rb") as file:
                return Volume.of(_npy(file, path.stat().st_size, source), source)
        with zipfile.ZipFile(path) as archive:
            member = archive.infolist()[0]
            with archive.open(member) as opened:
                return Volume.of(_npy(opened, member.file_size, source), source)  # type: ignore[arg-type]
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise DamagedFileError(f"{source}: no array can be read ({error})") from error


def _check(shape: tuple[int, ...], dtype: np.dtype[Any], source: str) -> None:
    sides = " x ".join(map(str, shape))
    if dtype.kind not in "uif" or (dtype.kind in "ui" and dtype.itemsize > 2):
        raise UnsupportedError(
            f"{source}: values of type {dtype.name}; a volume holds {', '.join(DTYPES)} (float64 "
            "becomes float32)"
        )
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise UsageError(
            f"{source}: an array of shape ({sides}); a volume has two to four axes, none of them "
            "empty"
        )
    rows = math.prod(shape[-3:])
    if rows > limits.CORNERS or max(shape) > limits.SIDE:
        raise LimitError(
            f"{source}: {sides} = {math.prod(shape):,} values; a file holds {limits.CORNERS:,} "
            f"with sides of {limits.SIDE:,}: cut the array into bricks, one file each"
        )
    if len(shape) == 4 and shape[0] > limits.FEATURES:
        raise LimitError(f"{source}: {shape[0]} channels; the limit is {limits.FEATURES}")


def _npy_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """ValueError for anything but the start of a ``.npy`` file."""
    try:
        if np.lib.format.read_magic(file) == (1, 0):
            return np.lib.format.read_array_header_1_0(file)
        return np.lib.format.read_array_header_2_0(file)
    except ValueError:
        raise
    except Exception as error:  # anything NumPy's parser raises on a damaged header
        raise ValueError(str(error) or type(error).__name__) from error


def _npy(file: BinaryIO, size: int, source: str) -> npt.NDArray[Any]:
    shape, fortran, dtype = _npy_header(file)
    _check(shape, dtype, source)
    wanted = math.prod(shape) * dtype.itemsize
    if wanted != size - file.tell():
        raise ValueError(
            f"its header says {wanted:,} bytes of values, and there are {size - file.tell():,}"
        )
    flat = np.frombuffer(bytearray(file.read(wanted)), dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _raw(path: Path, shape: Sequence[int] | None, dtype: str | None) -> npt.NDArray[Any]:
    if shape is None or dtype is None:
        raise UsageError(
            f"{path}: a .raw file does not say what it holds: give --shape, slowest axis first, "
            "and --dtype, such as --shape 41,128,128 --dtype '<f4'"
        )
    try:
        kind = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise UsageError(f"--dtype {dtype!r} is no type of numbers such as '<f4' or u1") from error
    _check(tuple(shape), kind, str(path))
    size, wanted = path.stat().st_size, math.prod(shape) * kind.itemsize
    if size != wanted:
        sides = " x ".join(map(str, shape))
        raise UsageError(
            f"{path}: {sides} values of {kind.itemsize} bytes are {wanted:,} bytes, and the file "
            f"has {size:,}"
        )
    return np.fromfile(path, kind).reshape(shape)
