"""Finding the files that another file names, as other machines write their names.

A name is tried as it is written; then with a slash for each backslash; then letter by letter
without regard to case and to how accents are composed; each of these with the suffix of an image
added. If nothing is there, leading folders of the name are dropped one by one, since many tools
write the paths of the machine, or of the folder, that they ran in.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nfcodec.untrusted.faults import unreadable

#: Suffixes that a name may lack, the likeliest first.
SUFFIXES = (
    "", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".tga", ".gif", ".avif",
    ".exr", ".heic",
)  # fmt: skip
#: Characters of a name above which no file system has such a file.
_LONGEST = 4096


@dataclass(frozen=True)
class Found:
    """A file, and whether it lies ``elsewhere`` than its name says: leading folders were wrong."""

    path: Path
    elsewhere: bool


class Finder:
    """Finds files in and below ``folder``; each folder is listed once, and only if need be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listings: dict[Path, dict[str, list[str]]] = {}
        self._forbidden: PermissionError | None = None

    def find(self, name: str) -> Found | None:
        """The file called ``name``, relative to the folder or absolute; None if there is none.

        NfcodecError if that cannot be told, as a folder may not be looked into.
        """
        if "\0" in name or len(name) > _LONGEST:
            return None
        for suffix in SUFFIXES:
            candidate = self.folder / (name + suffix)
            if _is_file(candidate):
                return Found(candidate, False)
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if not parts:
            return None
        found = self._walk(parts)
        if found is not None:
            return Found(found, name.startswith(("/", "\\")))
        for start in range(1, len(parts)):
            if parts[start] != "..":
                found = self._walk(parts[start:])
                if found is not None:
                    return Found(found, True)
        if self._forbidden is not None:
            raise unreadable(self._forbidden.filename, self._forbidden) from self._forbidden
        return None

    def below(self, name: str) -> Path | None:
        """The file called ``name``, relative to the folder, ignoring case."""
        if _is_file(self.folder / name):
            return self.folder / name
        return self._walk(name.split("/"), ("",))

    def beside(self, file: Path, name: str) -> Path | None:
        """The file called exactly ``name`` in the folder of ``file``, if there is one."""
        names = self._listing(file.parent).get(_plain(name), [])
        return file.parent / name if name in names and _is_file(file.parent / name) else None

    def _walk(self, parts: list[str], suffixes: tuple[str, ...] = SUFFIXES) -> Path | None:
        """The file at ``parts`` below the folder, ignoring case."""
        at = self.folder
        for part in parts[:-1]:
            if part == "..":
                at = at / part
                continue
            name = self._only(at, part)
            if name is None:
                return None
            at = at / name
        for suffix in suffixes:
            name = self._only(at, parts[-1] + suffix)
            if name is not None and self._is_listed_file(at / name):
                return at / name
        return None

    def _is_listed_file(self, path: Path) -> bool:
        try:
            return path.is_file()
        except PermissionError as error:
            self._forbidden = error
        except (OSError, ValueError):
            pass
        return False

    def _only(self, folder: Path, name: str) -> str | None:
        """The entry of ``folder`` that ``name`` stands for, if there is one and no doubt."""
        names = self._listing(folder).get(_plain(name), [])
        if name in names:
            return name
        return names[0] if len(names) == 1 else None

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._listings:
            found: dict[str, list[str]] = {}
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        found.setdefault(_plain(entry.name), []).append(entry.name)
            except PermissionError as error:
                self._forbidden = error
            except OSError:  # no folder: nothing is found there
                pass
            self._listings[folder] = found
        return self._listings[folder]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with surrogates, for the file system
        return False
