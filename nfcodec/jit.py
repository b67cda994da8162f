"""Numba decorators with the types of what they decorate."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar, cast

import numpy.typing as npt
from numba import njit
from numba.core import config
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound=Callable[..., object])

#: An array argument of a compiled function; its docstring says of what.
Array: TypeAlias = npt.NDArray[Any]


def parallel(function: F) -> F:
    """Compiled on first use and kept on disk; ``prange`` loops run on all threads."""
    return _kept(function, parallel=True)


def inline(function: F) -> F:
    """A compiled helper for other compiled functions."""
    return _kept(function)


def merged(function: F) -> F:
    """A helper that becomes part of its caller: worth it where a call would pass many arrays."""
    return _kept(function, forceinline=True)


def serial(function: F) -> F:
    """Compiled on first use and kept on disk; runs on one thread."""
    return _kept(function)


class _Cache(FunctionCache):  # type: ignore[misc]
    """Numba's cache on disk, which saves time and must never cost a result.

    Numba raises what reading or writing it raises: a full disk, a damaged or removed file.
    """

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return super().load_overload(*arguments)  # type: ignore[no-untyped-call]
        except Exception:
            with suppress(Exception):
                self.flush()  # type: ignore[no-untyped-call]  # to keep what is compiled now
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(Exception):
            super().save_overload(*arguments)  # type: ignore[no-untyped-call]


def _kept(function: F, **options: Any) -> F:
    """``function``, compiled on first use, with a cache on disk if there is a place for one.

    Numba looks at ``NUMBA_CACHE_DIR``, beside the module and in the user's cache folder, and gives
    up where none can be written: in containers, on Nix, in a system-wide installation.
    """
    compiled: Any = njit(nogil=True, error_model="numpy", **options)(function)
    if isinstance(compiled, Dispatcher):  # else Numba is switched off (NUMBA_DISABLE_JIT)
        cache = _cache(function) or _cache(function, _temporary_folder())
        if cache is not None:
            setattr(compiled, "_cache", cache)  # noqa: B010
    return cast(F, compiled)


def _cache(function: Callable[..., object], folder: str | None = None) -> _Cache | None:
    """A cache of ``function`` where Numba finds a place or, if given, in ``folder``."""
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = folder or before
    try:
        return _Cache(function)  # type: ignore[no-untyped-call]
    except Exception:  # no place can be written, or the name of one cannot be told in bytes
        return None
    finally:
        settings.CACHE_DIR = before


def _temporary_folder() -> str | None:
    """This user's folder for compiled code among the temporary files, if there can be one.

    The cache holds code that is executed, so nobody else may be able to write there.
    """
    try:
        user = os.getuid() if hasattr(os, "getuid") else 0
        folder = os.path.join(tempfile.gettempdir(), f"nfcodec-numba-{user}")
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
            os.chmod(folder, 0o700)  # regardless of the umask
        found = os.lstat(folder)
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == user
    return folder if ours and not found.st_mode & 0o022 else None
