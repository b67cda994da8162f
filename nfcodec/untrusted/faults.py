"""Messages for files that cannot be reached, as opposed to damaged ones, and for odd names."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from nfcodec.errors import DamagedFileError, NfcodecError, UsageError

_FORBIDDEN = {errno.EACCES, errno.EPERM}
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}
#: What the operating system answers to a seek to where no file can go, as damaged files ask for.
_NONSENSE = {None, errno.EINVAL, errno.EOVERFLOW}
#: Characters of a name, and names, that a message shows.
_SHOWN_CHARACTERS = 60
_SHOWN_NAMES = 8


def unreadable(name: object, error: OSError, damage: str = "a damaged file") -> NfcodecError:
    """The error for a file that the operating system does not let us read.

    A locked file, a lost connection or a failing disk is no damage (exit code 1), and a file that
    is not there is a usage error. ``damage`` is the message if the content requested nonsense.
    """
    reason = error.strerror or str(error)
    if error.errno in _NONSENSE:
        return DamagedFileError(f"{name}: {damage} ({reason})")
    if error.errno in _ABSENT:
        return UsageError(f"{name}: there is no such file ({reason})")
    if error.errno in _FORBIDDEN:
        return NfcodecError(
            f"{name}: cannot be read ({reason}); the file may be sound: change its permissions, "
            "or ask its owner for a copy"
        )
    return NfcodecError(
        f"{name}: cannot be read ({reason}); the file may be sound: check the disk or the network "
        "connection and try again, or copy the file to a local disk first"
    )


def shown(name: object) -> str:
    """A name from a file as a message may show it: short, and on one line."""
    text = str(name)
    if len(text) > _SHOWN_CHARACTERS:
        text = text[: _SHOWN_CHARACTERS - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def listed(names: Iterable[object]) -> str:
    """The first few of ``names``, sorted."""
    found = sorted(shown(name) for name in names)
    return ", ".join(found[:_SHOWN_NAMES]) + (", ..." if len(found) > _SHOWN_NAMES else "")


def printable(name: str) -> str:
    """``name`` as a text that any file can hold.

    Bytes of a file's name that are no UTF-8 become ``\\x..``, as in ``caf\\xe9.pt``.
    """
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # surrogates that stand for no byte
        data = name.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")
