"""Our own ``.pt``: the tree of :mod:`nfcodec.fieldfile.document` as ``torch.save`` writes it.

Any PyTorch reads it with ``torch.load(path, weights_only=True)``; here it is read without PyTorch.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.fieldfile import document
from nfcodec.model.field import Field
from nfcodec.optional import need
from nfcodec.untrusted.source import InputFile, Source


def recognize(file: InputFile) -> bool:
    return file.stated_format == document.FORMAT


def read(file: InputFile) -> Field:
    return document.to_field(file.checkpoint, file.name)


def write(field: Field, path: Path) -> None:
    """Write ``field`` to ``path``; ``torch.load(path, weights_only=True)`` gives the tree back."""
    write_tree(document.from_field(field), path)


def write_tree(tree: dict[str, Any], path: Path) -> None:
    """Write plain values and arrays in dicts and lists; equal trees become equal files."""
    need("torch", "writing .pt")
    import torch

    # Through an open file: given a path, PyTorch writes its name into the archive.
    with open(path, "wb") as file:
        torch.save(_tensors(tree), file)


def _tensors(value: Any) -> Any:
    import torch

    if isinstance(value, np.ndarray):
        if value.dtype == np.uint64:  # voxel codes; PyTorch knows little of unsigned integers
            value = value.view(np.int64)
        # A copy of its own, since a tensor takes along the whole of what it is a view of.
        return torch.from_numpy(np.array(value, order="C"))
    if isinstance(value, dict):
        return {sys.intern(key): _tensors(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tensors(item) for item in value]
    # Pickles write a string object once; interned, equal fields become equal files.
    return sys.intern(value) if isinstance(value, str) else value


SOURCE = Source("nfcodec .pt", "a field that nfcodec trained or decoded", recognize, read)
