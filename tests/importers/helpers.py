"""Writing what other tools, and attackers, write."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from nfcodec.fieldfile import document
from nfcodec.model.field import Field
from nfcodec.untrusted.tensors import Tensor


def same(a: Any, b: Any) -> bool:
    """Whether two trees hold the same values of the same types, arrays to the bit."""
    if isinstance(a, np.ndarray):
        return (
            isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b) and repr(a) == repr(b)


def same_field(a: Field, b: Field) -> bool:
    return same(document.from_field(a), document.from_field(b))


def write_torch_zip(path: Path, pickle: bytes, storages: dict[str, bytes], **more: bytes) -> Path:
    """A file as ``torch.save`` lays it out, with any pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle)
        for name, data in more.items():
            archive.writestr(f"archive/{name}", data)
        for key, data in storages.items():
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", b"3\n")
    return path


def protocol_4(path: Path, value: Any) -> Path:
    """``torch.save`` with pickle protocol 4, which ``torch.load(weights_only=True)`` refuses."""
    import torch

    torch.save(value, path, pickle_protocol=4)
    return path


def built(value: Any) -> Any:
    """``value`` with the arrays that its tensors stand for."""
    if isinstance(value, Tensor):
        return value.array()
    if isinstance(value, dict):
        return {key: built(item) for key, item in value.items()}
    return [built(item) for item in value] if isinstance(value, list) else value
