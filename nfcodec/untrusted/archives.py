"""Zip archives that nobody vouches for, read without expanding far beyond their own size."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from nfcodec.untrusted.faults import shown, unreadable

#: Bytes that compressed members may expand to: absolute, or as a multiple of the file. Trained
#: numbers hardly shrink; what shrinks by more is mostly zeros, or made to fill memory.
MIN_EXPANDED = 1 << 26
MAX_EXPANSION = 100

_BLOCK = 1 << 20
#: Bit of a member's flags: it is encrypted.
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip archive; members are read whole, stored or deflated.

    DamagedFileError if it is damaged or incomplete.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.source = source
        with self._explaining("a damaged or incomplete zip archive"):
            self.size = path.stat().st_size
            self._zip = zipfile.ZipFile(path)
        members = self._zip.infolist()
        # Some programs for Windows write their own separator.
        self._members = {info.filename.replace("\\", "/"): info for info in members}
        counts = Counter(info.filename.replace("\\", "/") for info in members)
        self._twice = {name for name, count in counts.items() if count > 1}
        self._stored_left = self.size
        self._expanded_left = max(MIN_EXPANDED, MAX_EXPANSION * self.size)

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def close(self) -> None:
        self._zip.close()

    def read(self, name: str) -> bytearray:
        """The bytes of a member.

        DamagedFileError if it is missing, there twice, cut or damaged; UnsupportedError if it is
        encrypted or compressed by another method; LimitError if it expands too far.
        """
        where = f"{self.source}: member {shown(name)}"
        info = self._members.get(name)
        if info is None:
            raise DamagedFileError(f"{where} is missing")
        if name in self._twice:
            raise DamagedFileError(f"{where} is there twice")
        if info.flag_bits & _ENCRYPTED:
            raise UnsupportedError(f"{where} is encrypted; unpack the archive and zip it without")
        if info.compress_type not in _METHODS:
            raise UnsupportedError(
                f"{where} is compressed by another method than deflate; unpack the archive and zip "
                "it again without compression"
            )
        self._count(info, where)
        with self._explaining(f"member {shown(name)} is damaged"), self._zip.open(info) as member:
            data, at = bytearray(info.file_size), 0
            while block := member.read(min(_BLOCK, info.file_size - at + 1)):
                data[at : at + len(block)] = block
                at += len(block)
        if at != info.file_size:
            raise DamagedFileError(f"{where} is cut short")
        return data

    def _count(self, info: zipfile.ZipInfo, where: str) -> None:
        """Count a member's bytes against what may be read, before any memory is taken."""
        if info.compress_size > self.size:
            raise DamagedFileError(f"{where} is larger than the archive")
        if info.compress_type == zipfile.ZIP_DEFLATED:
            self._expanded_left -= info.file_size
            if self._expanded_left < 0:
                raise LimitError(
                    f"{where}: its members expand to more than {MAX_EXPANSION} times the file; if "
                    "you trust it, unpack it and zip it again without compression"
                )
            return
        if info.file_size != info.compress_size:
            raise DamagedFileError(f"{where} states two sizes")
        # Members may overlap in a crafted archive; together they still hold at most its bytes.
        self._stored_left -= info.file_size
        if self._stored_left < 0:
            raise DamagedFileError(f"{self.source}: its members overlap")

    @contextmanager
    def _explaining(self, damage: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unreadable(self.source, error, damage) from error
        except (
            zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            ValueError, OverflowError,
        ) as error:  # fmt: skip
            raise DamagedFileError(f"{self.source}: {damage} ({error})") from error
