"""Our own ``.pt``: the tree of :mod:`nfcodec.importers.document` as ``torch.save`` writes it.

Any PyTorch reads it with ``torch.load(path, weights_only=True)``; here it is read without PyTorch.
"""

from __future__ import annotations

from nfcodec.field import Field
from nfcodec.importers import document
from nfcodec.importers.source import InputFile, Source


def recognise(file: InputFile) -> bool:
    return file.stated_format == document.FORMAT


def read(file: InputFile) -> Field:
    return document.to_field(file.checkpoint, file.name)


SOURCE = Source("nfcodec .pt", "a field that nfcodec trained or decoded", recognise, read)
