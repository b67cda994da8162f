"""Opening what users name: fields in any known form, training data, interrupted work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nfcodec.cli.console import console
from nfcodec.errors import UsageError

if TYPE_CHECKING:
    from nfcodec.coded import CodedField
    from nfcodec.field import Field
    from nfcodec.quantize.contract import TrainingData

#: Every ``.nfc`` file begins with these bytes, whatever its version (formats/nfc-v1.md).
NFC_SIGNATURE = b"\x89NFC"


def is_nfc(path: Path) -> bool:
    """Whether ``path`` is to be read as a ``.nfc`` file: by its first bytes, else by its name.

    The name counts only so that a damaged file is reported as a damaged ``.nfc``.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    with open(path, "rb") as file:
        return file.read(4) == NFC_SIGNATURE or path.suffix.lower() == ".nfc"


def open_field(path: Path, lod: int | None = None) -> Field | CodedField:
    """The field in ``path``: a ``.nfc`` file, ours in another form, or another tool's."""
    if is_nfc(path):
        from nfcodec import stream

        return stream.open(path, lod=lod)
    from nfcodec import importers

    return importers.load(path)


def open_data(path: Path, kind: str, split: Any) -> TrainingData:
    """What a field of ``kind`` is trained on: posed images (``split`` of them) or a mesh."""
    if kind == "nerf":
        from nfcodec.data import images

        return images.load(path, split=split)
    if kind == "sdf":
        from nfcodec.data import meshes

        return meshes.load(path)
    raise UsageError(f"--data: a {kind} field has no images or mesh to learn from; leave it out")


def check_data(path: Path | None) -> None:
    """Refuse a missing folder or file at once."""
    if path is not None and not path.exists():
        raise click.BadParameter(f"{path}: there is no such file or folder", param_hint="--data")


def state_of(output: Path, resume: bool, overwrite: bool) -> Path:
    """The file in which work on ``output`` keeps its state until it is done.

    UsageError if one is left from an interruption and the user did not say what to do with it.
    """
    state = output.with_name(output.name + ".resume")
    if state.exists() and not resume:
        if not overwrite:
            raise UsageError(
                f"{state} is left from an interrupted run: add --resume to go on from it, or "
                "--overwrite to start anew"
            )
        state.unlink()
    if resume and not state.exists():
        console.note(f"there is no {state} to resume from: starting from the beginning")
    console.resumes_from(state)
    return state
