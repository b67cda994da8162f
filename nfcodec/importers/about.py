"""What importers say of a field: where it came from, and what was assumed."""

from __future__ import annotations

import warnings
from typing import Any

from nfcodec.untrusted.faults import printable
from nfcodec.untrusted.source import InputFile


def metadata(file: InputFile, name: str, **facts: Any) -> dict[str, Any]:
    """The field's name, and its source: ``format``, ``file`` and ``facts``."""
    own = printable(file.path.name)
    return {"name": own.split(".")[0], "source": {"format": name, "file": own, **facts}}


def assume(file: InputFile, what: str) -> None:
    """Warn that ``what`` was assumed, since the file does not say it."""
    warnings.warn(f"{file.name}: {what}", stacklevel=3)
