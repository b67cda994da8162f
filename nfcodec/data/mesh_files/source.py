"""What every mesh format has: a name, suffixes, how its files begin, and a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError

#: Bytes of a mesh file, and of each file beside it that it names, above which it is refused.
MAX_FILE_BYTES = 2**31
#: Triangles above which a mesh is refused.
MAX_FACES = 2**24

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: (V, 3) vertices in the file's own units, and (T, 3) triangles as numbers of vertices.
Triangles: TypeAlias = tuple[Floats, Ints]


@dataclass(frozen=True)
class MeshFile:
    """A mesh file in memory. ``warnings``: what its reader left out or took for granted."""

    path: Path
    data: bytes
    warnings: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        self.warnings.append(f"{self.path}: {_printable(text)}")

    def damaged(self, text: str) -> DamagedFileError:
        """The error for a file that breaks its format's rules; ``text`` says where and how."""
        return DamagedFileError(f"{self.path}: {_printable(text)}")

    def unsupported(self, text: str) -> UnsupportedError:
        """The error for a sound file with something that we do not read."""
        return UnsupportedError(f"{self.path}: {_printable(text)}")

    def check_faces(self, count: int) -> None:
        """LimitError above :data:`MAX_FACES` triangles, before they take memory."""
        if count > MAX_FACES:
            raise LimitError(
                f"{self.path}: {count} triangles, more than {MAX_FACES}; simplify the mesh"
            )


@dataclass(frozen=True)
class MeshFormat:
    """One entry of the registry.

    ``begins``: whether a file with these first bytes, and of this size, is of the format, to tell
    what a file with another suffix is. ``read`` raises DamagedFileError, UnsupportedError and
    LimitError.
    """

    name: str
    suffixes: tuple[str, ...]
    begins: Callable[[bytes, int], bool]
    read: Callable[[MeshFile], Triangles]


def quoted(text: bytes, most: int = 40) -> str:
    """A piece of a file as messages show it: printable, and not long."""
    shown = _printable(text[:most].decode("utf-8", "backslashreplace"))
    return f"'{shown}...'" if len(text) > most else f"'{shown}'"


def _printable(text: str) -> str:
    """``text`` without what a file may send to the terminal: escapes, line ends, surrogates."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
