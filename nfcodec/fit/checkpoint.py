"""State of interrupted work, kept in a file so that the same command can go on from there."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.atomic import writing
from nfcodec.errors import DamagedFileError, NfcodecError, UsageError

log = logging.getLogger("nfcodec")


class Checkpoint:
    """A file of tensors and plain values, written at most every ``every`` seconds.

    ``identity`` says what the work is (method, options, sizes); a file of other work is refused.
    """

    def __init__(self, path: str | Path, identity: dict[str, Any], every: float = 30.0) -> None:
        self.path = Path(path)
        self.identity = identity
        self.every = every
        self._last = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """The kept state, or None if there is no file.

        Raises DamagedFileError if the file cannot be read, UsageError if it is of other work.
        """
        if not self.path.exists():
            return None
        state = _read(self.path)
        identity = state["identity"]
        if identity != self.identity:
            keys = {k for k in {*identity, *self.identity}
                    if k not in identity or k not in self.identity
                    or identity[k] != self.identity[k]}  # fmt: skip
            raise UsageError(
                f"{self.path}: is a checkpoint of other work ({', '.join(sorted(keys))} differ); "
                "give the same options as before, or delete it to start over"
            )
        return state

    @property
    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() - self._last >= self.every

    def save(self, state: dict[str, Any]) -> None:
        """Write ``state`` (tensors and plain values) aside, then move it into place.

        Where that fails (a full disk, a folder that has gone) the work is worth more than its
        state: a warning says so, and the state before remains.
        """
        try:
            # Through an open file: PyTorch's own writing does not say why it failed.
            with writing(self.path, overwrite=True) as path, open(path, "wb") as file:
                torch.save({"identity": self.identity, **state}, file)
        except (OSError, NfcodecError) as error:
            log.warning("no state is kept for --resume: %s", error)
        self._last = time.monotonic()


def work_in(path: Path) -> object:
    """The kind of work in the checkpoint ``path``; None if there is no checkpoint.

    DamagedFileError if it cannot be read.
    """
    return _read(path)["identity"].get("work") if path.exists() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        state = dict(torch.load(path, map_location="cpu", weights_only=True))
        return {**state, "identity": dict(state["identity"])}
    except Exception as error:
        raise DamagedFileError(
            f"{path}: not a checkpoint that can be read; delete it to start over"
        ) from error


def digest(arrays: Iterable[npt.NDArray[Any]]) -> str:
    """16 hexadecimal digits that tell whether arrays are the same, for a checkpoint's identity."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(repr((array.shape, array.dtype.str)).encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()[:16]
