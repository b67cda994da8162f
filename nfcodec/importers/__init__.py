"""Opening trained fields, ours and other tools', recognised by content and never by suffix.

One module per source gives one entry of :data:`REGISTRY`; ``docs/importers.md`` says how to add
one. Nothing here runs code that a file brings along.
"""

from __future__ import annotations

from pathlib import Path

from nfcodec.container.frame import MAGIC
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.field import Field
from nfcodec.importers import amgsrn, apmgsrn, h5, npz, pt
from nfcodec.importers.source import InputFile, Source

#: Every source, in the order in which they are asked.
REGISTRY: tuple[Source, ...] = (pt.SOURCE, h5.SOURCE, npz.SOURCE, apmgsrn.SOURCE, amgsrn.SOURCE)

#: How a file that ``torch.save`` wrote before PyTorch 1.6 begins (a pickled magic number).
_LEGACY_TORCH = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"


def load(path: str | Path) -> Field:
    """The field in the file ``path``, checked.

    Errors: UsageError (no such file), DamagedFileError (damaged, unknown, or holding code),
    InvalidFieldError (NaN, shapes that disagree), UnsupportedError (a newer version), LimitError.
    """
    with InputFile(path) as file:
        for source in REGISTRY:
            if source.recognise(file):
                return source.read(file)
        raise _unknown(file)


def recognise(path: str | Path) -> Source | None:
    """The entry of :data:`REGISTRY` that reads ``path``, if one does; errors as :func:`load`."""
    with InputFile(path) as file:
        return next((source for source in REGISTRY if source.recognise(file)), None)


def _unknown(file: InputFile) -> NfcodecError:
    if file.head.startswith(MAGIC):
        return UsageError(
            f"{file.name}: already encoded; nfcodec.open reads it, and nfcodec decode makes a "
            "field of it again"
        )
    if file.head.startswith(_LEGACY_TORCH):
        return UnsupportedError(
            f"{file.name}: written by torch.save in its format of before PyTorch 1.6; load it with "
            "PyTorch, save it again, and import that"
        )
    if file.checkpoint is not None:
        names = sorted(str(name)[:60] for name in file.state_dict)
        found = f"a PyTorch checkpoint with {', '.join(names[:8]) or 'no named tensors'}"
        found += ", ..." if len(names) > 8 else ""
    elif file.archive is not None:
        found = "a zip archive of something else"
    elif file.head.startswith(h5.SIGNATURE):
        found = "an HDF5 file of something else"
    else:
        found = f"a file that begins with {file.head[:8]!r}"
    known = "; ".join(f"{source.name} ({source.description})" for source in REGISTRY)
    return DamagedFileError(
        f"{file.name}: {found} is not a field that can be imported. Recognised are: {known}"
    )


__all__ = ["REGISTRY", "InputFile", "Source", "load", "recognise"]
