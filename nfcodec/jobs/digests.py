"""Digests of inputs by content, kept so that a file is read once and not in every run."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from nfcodec.errors import UsageError
from nfcodec.jobs import remote

_CHUNK = 1 << 20
#: Seconds after its last change in which a file may change again without a new time stamp.
_FRESH = 2.0


class Digests:
    """SHA-256 of files and folders. What is known goes into the file ``cache``, a line each.

    A file is taken to be unchanged if its path, size and time of change are.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self._known: dict[str, tuple[int, int, str]] = {}
        self._new: list[str] = []
        self._folders: dict[str, str] = {}
        with suppress(OSError), open(cache, encoding="utf-8") as lines:
            for line in lines:
                with suppress(ValueError, TypeError):  # cut by a crash
                    path, size, changed, digest = json.loads(line)
                    self._known[path] = (size, changed, digest)

    def of(self, name: str) -> str:
        """The digest of a file, or of the names and contents of all files in a folder.

        Of a URL, it is what its store tells of it. UsageError if there is nothing, or it cannot be
        read.
        """
        if remote.is_url(name):
            return remote.digest(name)
        path = Path(name)
        try:
            if not path.is_dir():
                return self._of_file(path)
            if name not in self._folders:
                self._folders[name] = self._of_folder(path)
            return self._folders[name]
        except FileNotFoundError:
            raise UsageError(f"{path}: there is no such file or folder") from None
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None

    def keep(self) -> None:
        """Write what was learned to the cache; one that cannot be written does without."""
        lines, self._new = self._new, []
        with suppress(OSError), open(self.cache, "a", encoding="utf-8") as file:
            file.writelines(lines)

    def _of_file(self, path: Path) -> str:
        name, state = str(path), path.stat()
        signature = (state.st_size, state.st_mtime_ns)
        known = self._known.get(name)
        if known is not None and known[:2] == signature:
            return known[2]
        digest = sha256(path)
        self._known[name] = (*signature, digest)
        if abs(_now(self.cache) - state.st_mtime) > _FRESH:
            self._new.append(json.dumps([name, *signature, digest]) + "\n")
        return digest

    def _of_folder(self, folder: Path) -> str:
        whole = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                whole.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                whole.update(self._of_file(path).encode())
        return whole.hexdigest()


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()


def _now(cache: Path) -> float:
    """The time by the clock that stamps files, which on a network is another machine's."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with open(cache, "a", encoding="utf-8"):
        os.utime(cache)
    return cache.stat().st_mtime
