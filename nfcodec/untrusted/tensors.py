"""Tensors of a checkpoint, described at once and built only when an importer asks for one."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError

BFLOAT16 = "bfloat16"

#: Memory that the tensors of one file may take: an absolute part, and a multiple of what was read.
#: Tensors share storages and repeat values (``expand``): a small file can describe endless ones.
MIN_BUILT = 1 << 26
MAX_BUILT = 8
MAX_DIMENSIONS = 32


@dataclass(frozen=True)
class Storage:
    """Where values lie in the file: ``count`` of type ``dtype`` under ``key``, from ``start``.

    ``dtype`` is NumPy's name of the type, or bfloat16; "" if NumPy has none like ``kind``.
    """

    key: str
    kind: str
    dtype: str
    count: int
    start: int = 0


class Storages(ABC):
    """The storages of one file, read one by one."""

    order: Literal["<", ">"] = "<"

    def __init__(self, source: str) -> None:
        self.source = source
        self._read: dict[tuple[str, str], npt.NDArray[Any]] = {}
        self._left = MIN_BUILT

    @abstractmethod
    def fetch(self, key: str, count: int, itemsize: int) -> bytearray:
        """The bytes of a storage, in which ``count`` values of ``itemsize`` bytes are promised."""

    def take(self, count: int, shape: tuple[int, ...]) -> None:
        """Count ``count`` bytes of memory for a tensor; LimitError if they are too many."""
        self._left -= count
        if self._left < 0:
            raise LimitError(
                f"{self.source}: its tensors, one of shape {shape}, take far more memory than the "
                f"file holds values, more than {MAX_BUILT} times as much; save them with .clone()"
            )

    def values(self, storage: Storage) -> npt.NDArray[Any]:
        """(N,) values of a storage in this machine's byte order, bfloat16 as float32."""
        identity = (storage.key, storage.dtype)
        if identity not in self._read:
            self._read[identity] = self._decoded(storage)
        values = self._read[identity]
        if values.size < storage.start + storage.count:
            raise DamagedFileError(
                f"{self.source}: storage {storage.key[:40]!r} holds {values.size} values, "
                f"{storage.start + storage.count} were promised"
            )
        return values[storage.start :]

    def _decoded(self, storage: Storage) -> npt.NDArray[Any]:
        dtype = np.dtype("u2" if storage.dtype == BFLOAT16 else storage.dtype)
        data = self.fetch(storage.key, storage.start + storage.count, dtype.itemsize)
        self._left += MAX_BUILT * len(data)
        if len(data) % dtype.itemsize:
            raise DamagedFileError(
                f"{self.source}: storage {storage.key[:40]!r} ends within a value"
            )
        if dtype == np.bool_:
            return np.not_equal(np.frombuffer(data, np.uint8), 0)
        values = np.frombuffer(data, dtype.newbyteorder(self.order)).astype(dtype, copy=False)
        if storage.dtype == BFLOAT16:
            wide: npt.NDArray[np.uint32] = np.left_shift(values.astype(np.uint32), 16)
            return wide.view(np.float32)
        return values


@dataclass(frozen=True)
class Tensor:
    """A view of a storage that nothing has been read of yet; sizes and strides in values."""

    storages: Storages
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> npt.NDArray[Any]:
        """The values; of a tensor that repeats them a copy, else a view of the storage.

        DamagedFileError if the storage is missing or too small, UnsupportedError for values of a
        type that NumPy does not have, LimitError if the values take too much memory.
        """
        source, storage = self.storages.source, self.storage
        if not storage.dtype:
            raise UnsupportedError(
                f"{source}: a tensor of shape {self.shape} holds {storage.kind}, which is not "
                "supported; convert it with .float() and save it again"
            )
        values = self.storages.values(storage)
        count = math.prod(self.shape)
        if not count:
            try:
                return np.zeros(self.shape, values.dtype)
            except (ValueError, OverflowError):  # other sides that no array can have
                raise DamagedFileError(
                    f"{source}: a tensor without values has the shape {self.shape}"
                ) from None
        last = self.offset + sum(
            (n - 1) * step for n, step in zip(self.shape, self.stride, strict=True)
        )
        if last >= values.size:
            raise DamagedFileError(
                f"{source}: a tensor of shape {self.shape} needs {last + 1} values, its storage "
                f"{storage.key[:40]!r} has {values.size}"
            )
        self.storages.take(count * values.itemsize, self.shape)
        # The stride of a side of one value is never used, and may be any number.
        sides = zip(self.shape, self.stride, strict=True)
        steps = tuple(step * values.itemsize if n > 1 else 0 for n, step in sides)
        view: npt.NDArray[Any] = np.lib.stride_tricks.as_strided(
            values[self.offset :], self.shape, steps
        )
        repeats = any(n > 1 and not step for n, step in zip(self.shape, self.stride, strict=True))
        return view.copy() if repeats or count > values.size else view
