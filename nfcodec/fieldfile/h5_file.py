"""A new HDF5 file that a full disk cannot bring the process down with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from nfcodec.optional import need


@contextmanager
def new_file(path: Path) -> Iterator[tuple[Any, Callable[[], None]]]:
    """An HDF5 file to fill, and a function that raises the OSError of a write that has failed.

    HDF5 (2.0, 1.14) crashes the process when it closes a file that it could not write. So it writes
    to a file of Python's that takes everything, also what no longer goes to the disk, and the error
    is raised after it has closed.
    """
    need("h5py", "writing .h5")
    import h5py

    with _Patient(path, "wb+") as file:
        try:
            with h5py.File(file, "w") as root:
                yield root, file.check
        finally:
            file.check()


class _Patient(FileIO):
    """A file that holds back the first error of its writes until :meth:`check`."""

    _error: OSError | None = None

    def write(self, data: Any) -> int:
        whole = memoryview(data).cast("B")
        left = whole
        while self._error is None and left:
            try:
                left = left[super().write(left) or 0 :]
            except OSError as error:
                self._error = error
        return len(whole)

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:  # longer than the disk has room for
            self._error = self._error or error
            return size or 0

    def check(self) -> None:
        if self._error is not None:
            raise self._error
