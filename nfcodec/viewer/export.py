"""The viewer as a folder of static files, for any web server."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from nfcodec import aside
from nfcodec.atomic import keep_access
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.viewer.pages import LIST, Resource, resources
from nfcodec.viewer.settings import PageSettings


def check_export(folder: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """The folder that an export to ``folder`` would make (links followed), if it can be made.

    UsageError if its parent is missing or it is a file; if it has anything in it and ``overwrite``
    is false; and if it has anything in it that no export put there, which is never removed.
    """
    target = Path(os.path.realpath(folder))
    if not target.parent.is_dir():
        raise UsageError(
            f"cannot export to {folder}: the folder {target.parent} does not exist; create it first"
        )
    if target.exists() and not target.is_dir():
        raise UsageError(f"cannot export to {folder}: it is a file, and a folder is needed")
    aside.remove_stale_folders(target)
    _try_parent(target, folder)
    if not target.exists():
        return target
    # A link, a socket or an empty folder is somebody's as well.
    there = {
        path.relative_to(target).as_posix()
        for path in target.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }
    if there and not overwrite:
        raise UsageError(f"{folder} has files in it and is kept; pass --overwrite to replace it")
    stray = sorted(there - _exported(target))
    if stray:
        raise UsageError(
            f"{folder} is kept: {stray[0]} in it was not written by an export; move it away or "
            "export to another folder"
        )
    return target


def export(
    files: Sequence[Path],
    folder: str | os.PathLike[str],
    settings: PageSettings | None = None,
    *,
    overwrite: bool = False,
) -> tuple[Path, int]:
    """Write the viewer and ``files`` to ``folder``; where it is, and the bytes written.

    The site is made aside and takes its name in one step. Raises as :func:`check_export` and
    :func:`nfcodec.viewer.resources`, and NfcodecError if the disk is full.
    """
    parts = resources(files, settings)
    target = check_export(folder, overwrite)
    made = aside.folder_named(target)
    made.mkdir()
    try:
        with aside.held(made):
            written = _fill(made, parts)
            _keep_access(target, made)
            _take_name(made, target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise NfcodecError(
                f"cannot export to {folder}: no space left in {target.parent} "
                "(nothing was left behind)"
            ) from error
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target, written


def _try_parent(target: Path, folder: str | os.PathLike[str]) -> None:
    """UsageError if no folder can be made beside ``target``."""
    trial = aside.folder_named(target)
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        raise UsageError(
            f"cannot export to {folder}: the folder {target.parent} cannot be written "
            f"({error.strerror})"
        ) from error


def _fill(folder: Path, parts: Mapping[str, Resource]) -> int:
    """Write the site into ``folder``; the bytes written."""
    for part in parts.values():
        place = folder / part.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(part.content, bytes):
            place.write_bytes(part.content)
        else:
            shutil.copyfile(part.content, place)
    _record(folder, parts)
    return sum((folder / name).stat().st_size for name in parts)


def _record(folder: Path, names: Iterable[str]) -> None:
    """Add to the list of files which names an export wrote, so that a later one may replace it."""
    listing = json.loads((folder / LIST).read_bytes())
    listing["exported"] = sorted(names)
    (folder / LIST).write_text(json.dumps(listing, indent=1))


def _keep_access(old: Path, new: Path) -> None:
    """Give the files and folders of ``new`` the permissions of those they replace in ``old``."""
    if not old.exists():
        return
    for place in [*new.rglob("*"), new]:
        before = old / place.relative_to(new)
        if before.exists():
            keep_access(before.stat(), place)


def _exported(folder: Path) -> set[str]:
    try:
        names = json.loads((folder / LIST).read_bytes())["exported"]
        return {str(name) for name in names}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _take_name(made: Path, target: Path) -> None:
    """Put the finished folder in the place of ``target``, which is back if that fails."""
    if not target.exists():
        os.rename(made, target)
        return
    old = target.with_name(f"{made.name}.old")
    with aside.held(target):
        os.rename(target, old)
        try:
            os.rename(made, target)
        except BaseException:
            with suppress(OSError):
                os.rename(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)
