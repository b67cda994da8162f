"""What every importer is given and gives: an open file, and the entry of the registry."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.field import Field
from nfcodec.importers import torch_zip

#: Bytes of an options file beside a checkpoint.
MAX_OPTIONS_BYTES = 1 << 20


def read_options(path: Path) -> dict[str, Any]:
    """The options in a JSON file that lies beside weights, such as a model's ``config.json``.

    DamagedFileError if it cannot be read, is larger than any such file or holds no options.
    """
    try:
        if path.stat().st_size > MAX_OPTIONS_BYTES:
            raise ValueError("it is larger than any such file")
        options = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path}: cannot be read ({error})") from error
    if not isinstance(options, dict):
        raise DamagedFileError(f"{path}: holds no options")
    return options


class InputFile:
    """A file to import, looked at only as far as the importers ask; a context manager.

    UsageError if there is no such file, DamagedFileError if it is empty or cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = str(path)
        if not self.path.exists():
            raise UsageError(f"{path}: there is no such file")
        if not self.path.is_file():
            raise UsageError(f"{path}: a file is needed, not a folder")
        try:
            with open(self.path, "rb") as file:
                self.head = file.read(64)
        except OSError as error:
            raise DamagedFileError(f"{path}: cannot be read ({error.strerror})") from error
        if not self.head:
            raise DamagedFileError(f"{path}: the file is empty")

    def __enter__(self) -> InputFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.head.startswith(b"PK") and "archive" in self.__dict__ and self.archive is not None:
            self.archive.close()

    @cached_property
    def archive(self) -> zipfile.ZipFile | None:
        """The zip archive that the file is, or None."""
        if not self.head.startswith(b"PK"):
            return None
        try:
            return zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DamagedFileError(
                f"{self.name}: a damaged or incomplete zip archive ({error})"
            ) from error

    @cached_property
    def checkpoint(self) -> Any:
        """What ``torch.save`` wrote, tensors as NumPy arrays; None if it wrote no such file."""
        if self.archive is None or not torch_zip.is_torch(self.archive):
            return None
        return torch_zip.read(self.archive, self.name)

    @cached_property
    def state_dict(self) -> dict[str, Any]:
        """The checkpoint's tensors by name, found at its top or under ``state_dict``; else {}."""
        found = self.checkpoint
        if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
            found = found["state_dict"]
        return found if isinstance(found, dict) else {}

    @property
    def stated_format(self) -> str | None:
        """What a tree that ``torch.save`` wrote calls its ``format``, as ours do; else None.

        Whatever else lies there, such as an array, is no name.
        """
        found = self.checkpoint.get("format") if isinstance(self.checkpoint, dict) else None
        return found if isinstance(found, str) else None

    @cached_property
    def options(self) -> dict[str, Any]:
        """``options.json`` beside the file, if there is one; else {}."""
        path = self.path.with_name("options.json")
        try:
            if not path.is_file() or path.stat().st_size > MAX_OPTIONS_BYTES:
                return {}
            options = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise DamagedFileError(f"{path}: cannot be read ({error})") from error
        return options if isinstance(options, dict) else {}


@dataclass(frozen=True)
class Source:
    """One kind of file that can be imported.

    ``recognise`` decides from the content alone, cheaply, and raises only if the file is damaged;
    ``read`` gives the field.
    """

    name: str
    description: str
    recognise: Callable[[InputFile], bool]
    read: Callable[[InputFile], Field]
