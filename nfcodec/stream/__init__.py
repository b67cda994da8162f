"""CodedField <-> ``.nfc``: exact in both directions. ``formats/nfc-v1.md`` is the definition."""

from __future__ import annotations

from nfcodec.stream.describe import describe, verify
from nfcodec.stream.file import kind, open, save, to_bytes
from nfcodec.stream.previews import read as preview

__all__ = ["describe", "kind", "open", "preview", "save", "to_bytes", "verify"]
