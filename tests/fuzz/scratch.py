"""Files that inputs are written to: in memory where the system has a folder for that."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """An empty folder of that name, which this process removes when it ends."""
    shared = Path("/dev/shm")
    parent = tempfile.TemporaryDirectory(
        prefix="nfcodec-fuzz-", dir=shared if shared.is_dir() else None
    )
    atexit.register(parent.cleanup)
    made = Path(parent.name) / name
    made.mkdir()
    return made
