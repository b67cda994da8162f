"""Files that ``torch.save`` writes, read without PyTorch and without running their pickle.

The file is a zip archive of uncompressed members under one folder: ``data.pkl`` describes the
object, ``data/<key>`` hold the storages (raw little-endian values) that its tensors are views of.
Tensors come back as NumPy arrays; bfloat16 becomes float32.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError
from nfcodec.importers import safe_pickle
from nfcodec.importers.safe_pickle import Global

_BFLOAT16 = "bfloat16"

#: PyTorch's storage classes and the type of their elements.
_STORAGES: dict[Global, str] = {
    Global("torch", f"{name}Storage"): dtype
    for name, dtype in {
        "Double": "f8", "Float": "f4", "Half": "f2", "BFloat16": _BFLOAT16,
        "Long": "i8", "Int": "i4", "Short": "i2", "Char": "i1", "Byte": "u1", "Bool": "?",
    }.items()
}  # fmt: skip

_NAMES = frozenset(_STORAGES) | frozenset(
    Global("torch", name)
    for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8",
                 "uint8", "bool")
) | {
    # Under which PyTorch Lightning, up to 1.0, keeps the state of a callback.
    Global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
}  # fmt: skip


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: str
    count: int


def read(archive: zipfile.ZipFile, source: str) -> Any:
    """The object that ``torch.save`` wrote into ``archive``, its tensors as NumPy arrays.

    DamagedFileError if the archive is not sound, or its pickle names anything but tensors and
    plain data; LimitError if it is too large.
    """
    return _Reader(archive, source).read()


def is_torch(archive: zipfile.ZipFile) -> bool:
    """Whether ``archive`` is one that ``torch.save`` wrote."""
    return any(_is_pickle(name) for name in archive.namelist())


def read_member(archive: zipfile.ZipFile, name: str, source: str) -> bytes:
    """The bytes of a stored member; never more than the archive itself has.

    DamagedFileError if it is missing, compressed, encrypted, cut or damaged.
    """
    try:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise DamagedFileError(
                f"{source}: member {name} is compressed or encrypted; "
                "torch.save and numpy.savez write plain members"
            )
        if info.file_size != info.compress_size:
            raise DamagedFileError(f"{source}: member {name} states two sizes")
        data = archive.read(info)
    except KeyError:
        raise DamagedFileError(f"{source}: member {name} is missing") from None
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise DamagedFileError(f"{source}: member {name} is damaged ({error})") from error
    if len(data) != info.file_size:
        raise DamagedFileError(f"{source}: member {name} is cut short")
    return data


def _is_pickle(name: str) -> bool:
    return name.endswith("/data.pkl") and name.count("/") == 1


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, source: str) -> None:
        self.archive = archive
        self.source = source
        pickles = [name for name in archive.namelist() if _is_pickle(name)]
        if len(pickles) != 1:
            raise DamagedFileError(f"{source}: {len(pickles)} pickles where one is expected")
        self.root = pickles[0][: -len("data.pkl")]
        self.order = self._byte_order()
        self.storages: dict[tuple[str, str], npt.NDArray[Any]] = {}
        # Members may overlap in a crafted archive; together they still hold at most its bytes.
        self.bytes_left = sum(info.file_size for info in archive.infolist())

    def read(self) -> Any:
        calls = {
            Global("collections", "OrderedDict"): _ordered_dict,
            Global("torch._utils", "_rebuild_tensor"): self._tensor,
            Global("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            Global("torch._utils", "_rebuild_parameter"): lambda arguments: arguments[0],
            Global("torch", "Size"): lambda arguments: tuple(arguments[0]),
            Global("torch", "device"): lambda arguments: arguments[0],
        }
        data = read_member(self.archive, self.root + "data.pkl", self.source)
        return safe_pickle.read(data, self.source, calls, _NAMES, self._storage)

    def _byte_order(self) -> Literal["<", ">"]:
        name = self.root + "byteorder"
        if name not in self.archive.namelist():
            return "<"
        stated = read_member(self.archive, name, self.source)
        if stated not in (b"little", b"big"):
            raise DamagedFileError(f"{self.source}: unknown byte order {stated[:20]!r}")
        return "<" if stated == b"little" else ">"

    def _storage(self, identity: tuple[Any, ...]) -> _Storage:
        """The meaning of a persistent id: ("storage", class, key, device, element count)."""
        if len(identity) != 5 or identity[0] != "storage" or not isinstance(identity[1], Global):
            raise ValueError("a storage described in an unknown way")
        _, kind, key, _, count = identity
        if kind not in _STORAGES or not isinstance(key, str) or not _is_count(count):
            raise ValueError(f"an unknown kind of storage, {kind}")
        return _Storage(key, _STORAGES[kind], count)

    def _tensor(self, arguments: tuple[Any, ...]) -> npt.NDArray[Any]:
        """The meaning of ``_rebuild_tensor*(storage, offset, size, stride, ...)``."""
        storage, offset, size, stride = arguments[:4]
        if not (isinstance(storage, _Storage) and isinstance(size, tuple)
                and isinstance(stride, tuple) and len(size) == len(stride) <= 32
                and all(_is_count(n) for n in (offset, *size, *stride))):  # fmt: skip
            raise ValueError("a tensor without storage, offset, sizes and strides")
        values = self._values(storage)
        count = math.prod(size)
        last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
        if count and last >= values.size:
            raise DamagedFileError(
                f"{self.source}: a tensor of shape {size} needs {last + 1} values, "
                f"its storage {storage.key!r} has {values.size}"
            )
        if count > values.size:
            raise DamagedFileError(
                f"{self.source}: a tensor of shape {size} repeats the {values.size} values of its "
                "storage; save it with .contiguous()"
            )
        if not count:
            return np.zeros(size, values.dtype)
        steps = tuple(s * values.itemsize for s in stride)
        view: npt.NDArray[Any] = np.lib.stride_tricks.as_strided(values[offset:], size, steps)
        return view

    def _values(self, storage: _Storage) -> npt.NDArray[Any]:
        identity = (storage.key, storage.dtype)
        if identity not in self.storages:
            data = read_member(self.archive, f"{self.root}data/{storage.key}", self.source)
            self.bytes_left -= len(data)
            if self.bytes_left < 0:
                raise DamagedFileError(f"{self.source}: its members overlap")
            self.storages[identity] = self._decode(data, storage)
        values = self.storages[identity]
        if values.size < storage.count:
            raise DamagedFileError(
                f"{self.source}: storage {storage.key!r} holds {values.size} values, "
                f"{storage.count} were promised"
            )
        return values

    def _decode(self, data: bytes, storage: _Storage) -> npt.NDArray[Any]:
        dtype = np.dtype("u2" if storage.dtype == _BFLOAT16 else storage.dtype)
        if len(data) % dtype.itemsize:
            raise DamagedFileError(f"{self.source}: storage {storage.key!r} ends within a value")
        if dtype == np.bool_:
            return np.not_equal(np.frombuffer(data, np.uint8), 0)
        # A copy that may be written to, which PyTorch wants of arrays it shares.
        values = np.frombuffer(bytearray(data), dtype.newbyteorder(self.order))
        values = values.astype(dtype, copy=False)
        if storage.dtype == _BFLOAT16:
            wide: npt.NDArray[np.uint32] = np.left_shift(values.astype(np.uint32), 16)
            return wide.view(np.float32)
        return values


def _ordered_dict(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise ValueError("an ordered dict with initial items")
    return {}


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0
