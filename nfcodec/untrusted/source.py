"""What every importer is given and gives: an open file, and the entry of the registry."""

from __future__ import annotations

import json
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction
from nfcodec.untrusted import state_dicts, torch_legacy, torch_zip
from nfcodec.untrusted.archives import Archive
from nfcodec.untrusted.faults import unreadable
from nfcodec.untrusted.state_dicts import StateDict

#: Bytes of an options file beside a checkpoint.
MAX_OPTIONS_BYTES = 1 << 20
#: Bytes of :attr:`InputFile.head`, enough for the first header of a tar archive.
_HEAD_BYTES = 512


def read_options(path: Path) -> dict[str, Any]:
    """The options in a JSON file that lies beside weights, such as a model's ``config.json``.

    DamagedFileError if it is larger than any such file or holds no options.
    """
    options = _json(path)
    if not isinstance(options, dict):
        raise DamagedFileError(f"{path}: holds no options")
    return options


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_OPTIONS_BYTES:
            raise ValueError("it is larger than any such file")
        # Editors on Windows put a byte order mark first.
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path}: cannot be read ({error})") from error


class InputFile:
    """A file to import, looked at only as far as the importers ask; a context manager.

    UsageError if there is no such file, DamagedFileError if it is empty, NfcodecError if it cannot
    be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = str(path)
        try:
            mode = self.path.stat().st_mode
            if stat.S_ISREG(mode):
                with open(self.path, "rb") as file:
                    self.head = file.read(_HEAD_BYTES)
        except FileNotFoundError as error:
            raise UsageError(f"{path}: there is no such file") from error
        except OSError as error:
            raise unreadable(path, error) from error
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: a file is needed, not a folder")
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path}: a file on a disk is needed, not a pipe or a device")
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
        if isinstance(self.__dict__.get("archive"), Archive):
            self.__dict__["archive"].close()

    @cached_property
    def archive(self) -> Archive | None:
        """The zip archive that the file is, or None."""
        return Archive(self.path, self.name) if self.head.startswith(b"PK") else None

    @cached_property
    def checkpoint(self) -> Any:
        """What ``torch.save`` wrote, its tensors not yet read; None if it wrote no such file."""
        if self.archive is not None and torch_zip.is_torch(self.archive):
            return torch_zip.read(self.archive)
        if torch_legacy.is_legacy(self.head):
            return torch_legacy.read(self.path, self.name)
        return None

    @cached_property
    def state_dicts(self) -> list[StateDict]:
        """Every place with named tensors in the checkpoint, the outermost first."""
        return state_dicts.find(self.checkpoint, self.name)

    def tensors(self, knows: Callable[[StateDict], bool]) -> StateDict | None:
        """The named tensors that ``knows`` takes for its own, wherever in the checkpoint; or None.

        UnsupportedError if there are several.
        """
        return state_dicts.pick(self.state_dicts, knows, self.name)

    @property
    def stated_format(self) -> str | None:
        """What a tree that ``torch.save`` wrote calls its ``format``, as ours do; else None.

        Whatever else lies there, such as an array, is no name.
        """
        found = self.checkpoint.get("format") if isinstance(self.checkpoint, dict) else None
        return found if isinstance(found, str) else None

    @property
    def options_path(self) -> Path:
        return self.path.with_name("options.json")

    @cached_property
    def options(self) -> dict[str, Any]:
        """``options.json`` beside the file, if there is one; else {}.

        Warns if there is one that holds something else.
        """
        path = self.options_path
        try:
            if not path.is_file():
                return {}
            large = path.stat().st_size > MAX_OPTIONS_BYTES
        except OSError as error:
            raise unreadable(path, error) from error
        options = None if large else _json(path)
        if isinstance(options, dict):
            return options
        warnings.warn(f"{path}: holds no options of a checkpoint and is not used", stacklevel=2)
        return {}


@dataclass(frozen=True)
class Source:
    """One kind of file that can be imported.

    ``recognize`` decides from the content alone, cheaply, and raises only if the file is damaged,
    cannot be read or holds several fields; ``read`` gives the field. ``function``: in its place, of
    what can be evaluated but has no parts that a field of ours could have.
    """

    name: str
    description: str
    recognize: Callable[[InputFile], bool]
    read: Callable[[InputFile], Field] | None = None
    function: Callable[[InputFile], FieldFunction] | None = None
