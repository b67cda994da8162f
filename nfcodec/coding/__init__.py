"""CodedField <-> ``.nfc``: exact in both directions. ``formats/nfc-v1.md`` is the definition."""

from __future__ import annotations

from nfcodec.coding.describe import describe, verify
from nfcodec.coding.file import kind, open, save, to_bytes
from nfcodec.coding.levels import LevelCoder
from nfcodec.coding.previews import read as preview
from nfcodec.coding.writer import Written, write

__all__ = [
    "LevelCoder",
    "Written",
    "describe",
    "kind",
    "open",
    "preview",
    "save",
    "to_bytes",
    "verify",
    "write",
]
