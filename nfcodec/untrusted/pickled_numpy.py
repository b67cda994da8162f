"""NumPy arrays inside pickles, from what the pickle says of them."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nfcodec.untrusted.safe_pickle import Placeholder
from nfcodec.untrusted.tensors import MAX_DIMENSIONS

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_BUFFER_MODULES = ("numpy.core.numeric", "numpy._core.numeric")
_PLAIN_KINDS = "fiub"
_ORDERS: dict[Any, Literal["<", ">", "="]] = {"<": "<", ">": ">", "=": "=", "|": "="}


def is_array(value: Placeholder) -> bool:
    """Whether ``value`` stands for a NumPy array."""
    name = value.name
    return (name.module in _MODULES and name.name == "_reconstruct") or (
        name.module in _BUFFER_MODULES and name.name == "_frombuffer"
    )


def array(value: Placeholder) -> npt.NDArray[Any] | None:
    """The array that ``value`` stands for; None if it is malformed or not of plain numbers."""
    if value.name.name == "_frombuffer" and len(value.arguments) == 4:
        data, dtype, shape, order = value.arguments
        fortran = order == "F"
    elif isinstance(value.state, tuple) and len(value.state) == 5:
        _, shape, dtype, fortran, data = value.state
    else:
        return None
    kind = _dtype(dtype)
    if isinstance(data, Placeholder) and str(data.name) == "_codecs.encode" and data.arguments:
        data = data.arguments[0]  # bytes, as pickles of protocol 2 write them
    if isinstance(data, str):  # as there, or of Python 2, whose texts were bytes
        data = data.encode("latin-1", "replace")
    if kind is None or not isinstance(data, (bytes, bytearray)) or not _is_shape(shape):
        return None
    if math.prod(shape) * kind.itemsize != len(data):
        return None
    flat = np.frombuffer(bytearray(data), kind)
    found: npt.NDArray[Any] = flat.reshape(shape, order="F" if fortran else "C")
    return found.astype(kind.newbyteorder("="), copy=False)


def shape(value: Placeholder) -> tuple[int, ...] | None:
    """The shape of the array that ``value`` stands for, if it is stated as it should be."""
    places = (value.arguments, 2, 4) if value.name.name == "_frombuffer" else (value.state, 1, 5)
    held, at, length = places
    if not isinstance(held, tuple) or len(held) != length or not _is_shape(held[at]):
        return None
    stated: tuple[int, ...] = held[at]
    return stated


def _dtype(value: Any) -> np.dtype[Any] | None:
    """The type that a pickled ``numpy.dtype`` stands for, of plain numbers only."""
    if not isinstance(value, Placeholder) or (value.name.module, value.name.name) != (
        "numpy",
        "dtype",
    ):
        return None
    code = value.arguments[0] if value.arguments else None
    order = value.state[1] if isinstance(value.state, tuple) and len(value.state) > 1 else "="
    if not isinstance(code, str) or len(code) > 3 or order not in _ORDERS:
        return None
    try:
        found = np.dtype(code)
    except TypeError:
        return None
    if found.kind not in _PLAIN_KINDS:
        return None
    swapped: np.dtype[Any] = found.newbyteorder(_ORDERS[order])
    return swapped


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) <= MAX_DIMENSIONS
        and all(type(n) is int and 0 <= n < 1 << 63 for n in value)
    )
