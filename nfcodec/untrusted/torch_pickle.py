"""What PyTorch's pickles mean: tensors, their storages, and the containers they come in.

The same in both of PyTorch's file formats (:mod:`nfcodec.untrusted.torch_zip` and
:mod:`nfcodec.untrusted.torch_legacy`), which differ in where the storages' values lie.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nfcodec.untrusted.safe_pickle import MAX_OPERATIONS, Call, Global, Placeholder, key_of
from nfcodec.untrusted.tensors import BFLOAT16, MAX_DIMENSIONS, Storage, Storages, Tensor

#: PyTorch's types of values under NumPy's names, "" where NumPy has none; and bytes of a value.
_TYPES = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": BFLOAT16,
    "int64": "i8", "int32": "i4", "int16": "i2", "int8": "i1",
    "uint64": "u8", "uint32": "u4", "uint16": "u2", "uint8": "u1", "bool": "?",
    "complex64": "c8", "complex128": "c16",
}  # fmt: skip
_STORAGES = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32",
    "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}  # fmt: skip
_STORAGE_MODULES = ("torch", "torch.cuda", "torch.storage")

#: Bytes of a value in storages that are not read, but may lie before one that is.
OTHER_SIZES = {
    "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4, "QUInt4x2Storage": 1,
    "QUInt2x4Storage": 1,
}  # fmt: skip

#: Sizes in a torch.Size.
_MAX_SIZES = 64


class TorchPickle:
    """Gives meaning to the names and persistent ids in a pickle of ``torch.save``.

    ``seen``: the storages that the pickle mentions, by key.
    """

    def __init__(self, storages: Storages) -> None:
        self.storages = storages
        self.seen: dict[str, Storage] = {}
        self._pairs_left = MAX_OPERATIONS
        self.calls: dict[Global, Call] = {
            Global("collections", "OrderedDict"): self._dict,
            Global("collections", "defaultdict"): lambda arguments: {},
            Global("collections", "Counter"): self._dict,
            Global("torch", "Size"): _size,
            Global("torch._utils", "_rebuild_tensor"): self._tensor,
            Global("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            Global("torch._utils", "_rebuild_tensor_v3"): self._typed_tensor,
            Global("torch._utils", "_rebuild_parameter"): lambda arguments: arguments[0],
            Global("torch._utils", "_rebuild_parameter_with_state"): lambda arguments: arguments[0],
            Global("torch._tensor", "_rebuild_from_type_v2"): self._subclass,
        }

    def persistent(self, identity: tuple[Any, ...]) -> Any:
        """The meaning of a persistent id.

        ("storage", class, key, device, count[, view]), view being (key, start, count) in files of
        before PyTorch 0.4; or ("module", class, file, source code).
        """
        if identity[:1] == ("module",) and len(identity) >= 2:
            return identity[1]
        if len(identity) not in (5, 6) or identity[0] != "storage":
            raise ValueError("a storage described in an unknown way")
        kind, key, _, count, *views = identity[1:]
        if not isinstance(kind, Global) or not isinstance(key, str) or not _is_count(count):
            raise ValueError("a storage without a type, a key and a size")
        if kind.module not in _STORAGE_MODULES or not kind.name.endswith("Storage"):
            raise ValueError(f"an unknown kind of storage, {str(kind)[:60]}")
        name = _STORAGES.get(kind.name, "")
        storage = Storage(key, kind.name, _TYPES.get(name, ""), count)
        self.seen.setdefault(key, storage)
        if not views or views[0] is None:
            return storage
        view = views[0]
        if not isinstance(view, tuple) or len(view) != 3 or not all(map(_is_count, view[1:])):
            raise ValueError("a part of a storage described in an unknown way")
        return replace(storage, start=view[1], count=view[2])

    def _tensor(self, arguments: tuple[Any, ...]) -> Tensor:
        """The meaning of ``_rebuild_tensor*(storage, offset, size, stride, ...)``."""
        storage, offset, size, stride = arguments[:4]
        if not (isinstance(storage, Storage) and isinstance(size, tuple)
                and isinstance(stride, tuple) and len(size) == len(stride) <= MAX_DIMENSIONS
                and all(_is_count(n) for n in (offset, *size, *stride))):  # fmt: skip
            raise ValueError("a tensor without storage, offset, sizes and strides")
        return Tensor(self.storages, storage, offset, size, stride)

    def _typed_tensor(self, arguments: tuple[Any, ...]) -> Tensor:
        """``_rebuild_tensor_v3(storage, offset, size, stride, gradient, hooks, dtype, ...)``."""
        tensor, dtype = self._tensor(arguments), arguments[6]
        if not isinstance(dtype, Global) or dtype.module != "torch":
            raise ValueError("a tensor without a type")
        # The storage is one of bytes; only its end, which reading checks, bounds the values.
        kind = _TYPES.get(dtype.name, "")
        storage = replace(tensor.storage, kind=dtype.name, dtype=kind, count=0)
        return replace(tensor, storage=storage)

    def _dict(self, arguments: tuple[Any, ...]) -> dict[Any, Any]:
        """An ordered dict: empty, or with initial items, as Python 2 wrote it."""
        given = arguments[0] if arguments else {}
        if isinstance(given, dict):
            return given
        # The same list could be given any number of times.
        self._pairs_left -= len(given)
        if self._pairs_left < 0 or not all(
            isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in given
        ):
            raise ValueError("an ordered dict without pairs of keys and values")
        return {key_of(key): value for key, value in given}

    def _subclass(self, arguments: tuple[Any, ...]) -> Any:
        """``_rebuild_from_type_v2(function, class, arguments, state)``: the plain tensor."""
        function, _, inner = arguments[:3]
        if isinstance(function, Global) and function in self.calls and isinstance(inner, tuple):
            if self.calls[function] == self._subclass:
                raise ValueError("a tensor of a class within a class")
            return self.calls[function](inner)
        return Placeholder(Global("torch", "Tensor"), arguments)


def _size(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    sizes = arguments[0]
    if not isinstance(sizes, (list, tuple)) or len(sizes) > _MAX_SIZES:
        raise ValueError("a torch.Size without sizes")
    return tuple(sizes)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63
