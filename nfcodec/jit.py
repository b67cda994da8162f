"""Numba decorators with the types of what they decorate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy.typing as npt
from numba import njit

F = TypeVar("F", bound=Callable[..., object])

#: An array argument of a compiled function; its docstring says of what.
Array: TypeAlias = npt.NDArray[Any]


def parallel(function: F) -> F:
    """Compiled on first use and kept on disk; ``prange`` loops run on all threads."""
    compiled = njit(parallel=True, cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)


def inline(function: F) -> F:
    """A compiled helper for other compiled functions."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


def merged(function: F) -> F:
    """A helper that becomes part of its caller: worth it where a call would pass many arrays."""
    compiled = njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function)
    return cast(F, compiled)


def serial(function: F) -> F:
    """Compiled on first use and kept on disk; runs on one thread."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
