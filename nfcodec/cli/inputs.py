"""What users name: fields in any known form, data, and work that was interrupted."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import click

from nfcodec.aside import claimed, remove_stale
from nfcodec.cli.console import console
from nfcodec.errors import UsageError

#: Bytes of a file's name on usual file systems.
_LONGEST_NAME = 255


def check_data(path: Path | None) -> None:
    """Refuse a missing folder or file at once."""
    if path is not None and not path.exists():
        raise click.BadParameter(f"{path}: there is no such file or folder", param_hint="--data")


def _state_path(output: Path) -> Path:
    name = f"{output.name}.resume"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        token = f"{zlib.crc32(os.fsencode(output.name)):08x}"
        name = f"{output.name[:40]}.{token}.resume"
    return output.with_name(name)


def state_of(output: Path, resume: bool, overwrite: bool) -> Path:
    """The file in which work on ``output`` keeps its state until it is done.

    UsageError if one is left from an interruption and the user did not say what to do with it, or
    if another process is at work on ``output``.
    """
    state = _state_path(output)
    click.get_current_context().with_resource(claimed(Path(os.path.realpath(output))))
    remove_stale(Path(os.path.realpath(state)))
    if state.exists() and not resume:
        if not overwrite:
            raise UsageError(
                f"{state} is left from an interrupted run: add --resume to go on from it, or "
                "--overwrite to start over"
            )
        state.unlink()
    if resume and not state.exists():
        console.note(f"there is no {state} to resume from: starting from the beginning")
    console.resumes_from(state)
    return state
