"""Numba decorators with the types of what they decorate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def parallel(function: F) -> F:
    """Compiled on first use and kept on disk; ``prange`` loops run on all threads."""
    compiled = njit(parallel=True, cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)


def inline(function: F) -> F:
    """A compiled helper for other compiled functions."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
