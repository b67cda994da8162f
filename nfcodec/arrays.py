"""Types of arrays that every room uses, and checks of arrays from outside."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.errors import InvalidFieldError

FloatArray: TypeAlias = npt.NDArray[np.float32]
HalfArray: TypeAlias = npt.NDArray[np.float16]

#: Size of a coordinate, gain or scale: far inside float32, so that products stay finite.
MAX_NUMBER = 1e30


def need_array(array: object, dtype: npt.DTypeLike, ndim: int, where: str) -> None:
    """InvalidFieldError unless ``array`` is an array of that type and number of axes."""
    if not isinstance(array, np.ndarray) or array.dtype != np.dtype(dtype) or array.ndim != ndim:
        got = (
            f"{array.dtype} of shape {array.shape}"
            if isinstance(array, np.ndarray)
            else type(array).__name__
        )
        raise InvalidFieldError(
            f"{where}: a {ndim}-D array of {np.dtype(dtype).name} is needed, not {got}"
        )


_FINITE_CHUNK = 1 << 22


def need_finite(array: npt.NDArray[Any], where: str) -> None:
    """InvalidFieldError that counts NaN and infinity in ``array``, if there are any."""
    nans = infinities = 0
    # In pieces of the first axis: the temporary of a whole level would double its memory.
    step = max(1, _FINITE_CHUNK // max(1, array[:1].size))
    for start in range(0, array.shape[0], step):
        part = array[start : start + step]
        if not np.isfinite(part).all():
            nans += int(np.isnan(part).sum())
            infinities += int(np.isinf(part).sum())
    if nans or infinities:
        raise InvalidFieldError(
            f"{where}: {nans} NaN and {infinities} infinite among {array.size} values; "
            "the field was damaged or its training diverged"
        )


def is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def need_half(array: object, ndim: int, where: str) -> None:
    """InvalidFieldError unless ``array`` is a finite float16 array of that number of axes."""
    need_array(array, np.float16, ndim, where)
    assert isinstance(array, np.ndarray)
    need_finite(array, where)


def is_moderate(value: object) -> bool:
    """Whether ``value`` is a number of at most :data:`MAX_NUMBER` in size."""
    return (isinstance(value, (int, float, np.floating)) and not isinstance(value, bool)) and abs(
        float(value) if isinstance(value, np.floating) else value
    ) <= MAX_NUMBER
