"""Temporary files beside an output: locked while they are written, removed once left behind.

A file that is written under another name has a lock (``flock``) which ends with its writer, however
that ends. So a later run can tell what a crash left behind from what another process is writing.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nfcodec.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: nothing is locked, and nothing that was left behind is removed
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("nfcodec")

_READ_AND_WRITE = 0o600
_TOKEN = r"[0-9a-f]{8}\.(part|new)"
#: Seconds after which a file that was never locked is one left behind.
_NEW = 60.0
_told: set[Path] = set()


class Aside:
    """An empty file beside ``target`` with the same suffix, locked where files can be locked.

    ``private``: open to its owner alone. Where files cannot be locked, one that is not private is
    only a name. OSError if the folder cannot be written.
    """

    def __init__(self, target: Path, private: bool = False) -> None:
        # Under a name of its own until it is locked: nobody may take it for one left behind.
        self.path, final = _names(target)
        self._descriptor: int | None = os.open(
            self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _READ_AND_WRITE if private else 0o666
        )
        try:
            self.mode = os.fstat(self._descriptor).st_mode & 0o777
            if self.mode & _READ_AND_WRITE != _READ_AND_WRITE:  # an odd umask
                with suppress(OSError):
                    os.chmod(self.path, self.mode | _READ_AND_WRITE)
            locked = _lock(self._descriptor)
            try:
                os.rename(self.path, final)
            except OSError:
                locked = None
            else:
                self.path = final
            if locked is None and private:
                self.close()
            elif locked is None:  # such a file system may not let a file be written twice
                self.remove()
                self.path = final
        except BaseException:
            self.remove()
            raise

    def finish_mode(self) -> None:
        """Give the file the permissions that the umask asks for, but let its owner read it."""
        if self.mode & _READ_AND_WRITE != _READ_AND_WRITE:
            with suppress(OSError):
                os.chmod(self.path, self.mode | 0o400)

    def remove(self) -> None:
        """Remove the file, if it is still there under this name, and unlock it."""
        if fcntl is None:  # Windows removes no open file
            self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Unlock the file."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def _names(target: Path) -> tuple[Path, Path]:
    """New hidden names beside ``target`` with its suffix: of a file not yet locked, and locked."""
    # Cut, as names have at most 255 bytes, of which a character may take four.
    start = f".{target.stem[:40]}.{secrets.token_hex(4)}"
    new, part = (target.with_name(f"{start}{end}{target.suffix}") for end in (".new", ".part"))
    return new, part


def remove_stale(target: Path) -> None:
    """Remove temporary files of ``target`` whose writer is gone, and say so.

    Those that another process is writing stay. So do all where files cannot be locked.
    """
    _remove(target.parent, re.escape(f".{target.stem[:40]}.") + _TOKEN + re.escape(target.suffix))


def remove_all_stale(*folders: Path) -> None:
    """The same for all temporary files in ``folders``, which are work's own."""
    for folder in folders:
        _remove(folder, r"\..*\." + _TOKEN + r"(\..*)?")


def folder_named(target: Path) -> Path:
    """A new hidden name beside the folder ``target``."""
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")


def remove_stale_folders(target: Path) -> None:
    """Remove folders that :func:`folder_named` named and nobody holds.

    One that ends in ``.old`` was ``target`` until a new one was to take its place: it is again.
    """
    for path in _found(target.parent, re.escape(f".{target.name[:40]}.") + _TOKEN + r"(\.old)?"):
        with suppress(OSError), held(path) as alone:
            if alone and path.suffix == ".old" and not target.exists():
                os.rename(path, target)
                log.warning("put back %s, which an interrupted run had moved away", target)
            elif alone:
                shutil.rmtree(path)
                log.warning("removed %s, which an interrupted run left behind", path)


@contextmanager
def held(folder: Path) -> Iterator[bool | None]:
    """Lock ``folder`` during the block, so that nobody takes it for one left behind.

    Gives whether it is ours alone; None where folders cannot be locked.
    """
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
    descriptor = os.open(folder, os.O_RDONLY | flags) if fcntl is not None else None
    try:
        yield None if descriptor is None else _lock(descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _remove(folder: Path, pattern: str) -> None:
    for path in _found(folder, pattern):
        with suppress(OSError):
            _remove_if_stale(path)


def _found(folder: Path, pattern: str) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if re.fullmatch(pattern, entry.name, re.DOTALL)
            ]
    except OSError:
        return []


def _remove_if_stale(path: Path) -> None:
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a link, a pipe: not ours
    descriptor = os.open(path, os.O_RDWR | flags)
    try:
        new = re.search(_TOKEN + r"(\.[^.]*)?$", path.name)
        if new and new[1] == "new" and time.time() - os.fstat(descriptor).st_mtime < _NEW:
            return
        locked = _lock(descriptor)
        if locked and path.exists():
            path.unlink()
            log.warning("removed %s, which an interrupted run left half-written", path)
        elif locked is None and path not in _told:
            _told.add(path)
            log.warning("%s is in use, or was left by an interrupted run and can be deleted", path)
    finally:
        os.close(descriptor)


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keep other processes off long work on ``path``, a file to be or a folder, during the block.

    UsageError if one is at it. Where files cannot be locked it changes nothing.
    """
    lock = path
    if not path.is_dir():
        token = f"{zlib.crc32(os.fsencode(path.name)):08x}"
        lock = path.with_name(f".{path.stem[:40]}.{token}.lock")
    descriptor = _claim(lock, path)
    try:
        yield
    finally:
        if descriptor is not None:
            if lock is not path:
                with suppress(OSError):
                    lock.unlink()
            os.close(descriptor)


def _claim(lock: Path, path: Path) -> int | None:
    """An open file that holds the lock on ``lock``, or None where there can be none."""
    while True:
        try:
            flags = os.O_RDONLY if lock is path else os.O_RDWR | os.O_CREAT
            descriptor = os.open(lock, flags, 0o666)
        except OSError:
            return None
        locked = _lock(descriptor)
        if locked:
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                    return descriptor
        os.close(descriptor)
        if locked is False:
            raise UsageError(
                f"another run is at work on {path}; wait until it has ended, or name another "
                "output with -o"
            )
        if locked is None:
            if lock is not path:
                with suppress(OSError):
                    lock.unlink()
            return None


def _lock(descriptor: int) -> bool | None:
    """Whether the file is ours alone now; None where files cannot be locked."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
