"""Files written aside and renamed: a target is either untouched or complete, never half-written."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nfcodec.errors import NfcodecError, UsageError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def check_output(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """The file that writing to ``path`` would make (links followed), if it can be made.

    Call it before long work, so that a typing error costs a second and not an hour. UsageError if
    the folder is missing or cannot be written, if ``path`` is a folder, or if the file exists and
    ``overwrite`` is false.
    """
    target = Path(os.path.realpath(path))
    folder = target.parent
    if not folder.is_dir():
        raise UsageError(
            f"cannot write {path}: the folder {folder} does not exist; create it first"
        )
    if target.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder, and a file name is needed")
    if target.exists() and not overwrite:
        raise UsageError(f"{path} exists and is kept; pass --overwrite to replace it")
    probe = _aside(target)
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError as error:
        raise _refusal(error, path, folder) from error
    finally:  # also where a signal ends the work right here
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return target


@contextmanager
def writing(path: str | os.PathLike[str], overwrite: bool = False) -> Iterator[Path]:
    """A temporary path beside ``path``, with the same suffix, to be written by the caller.

    It takes the name ``path`` in one step when the block ends, and is removed if the block raises
    (Ctrl-C included). A file that is replaced passes on its permissions; while it is written, the
    new one is open to its owner alone. Raises as :func:`check_output`, and NfcodecError if the
    disk is full.
    """
    target = check_output(path, overwrite)
    aside = _aside(target)
    replaced = target.stat() if overwrite and target.exists() else None
    try:
        if replaced is not None:
            os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield aside
        with open(aside, "rb+") as written:
            os.fsync(written.fileno())  # the content reaches the disk before the name does
        if replaced is not None:
            keep_access(replaced, aside)
        if overwrite:
            os.replace(aside, target)
        else:
            _rename_new(aside, target)
    except BaseException as error:
        full = isinstance(error, Exception) and _disk_full(error, target.parent)
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        if full:
            raise NfcodecError(
                f"cannot write {path}: no space left in {target.parent}; "
                "free some or choose another place with -o (nothing was left behind)"
            ) from error
        if isinstance(error, FileExistsError):
            raise UsageError(
                f"{path} exists and is kept; pass --overwrite to replace it"
            ) from error
        raise


def keep_access(old: os.stat_result, path: Path) -> None:
    """Give ``path`` the permissions, and where the system allows it the owners, of what was there.

    A group that cannot be kept leaves the new group with no more than everybody has: what one group
    shares is not opened to another.
    """
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if hasattr(os, "chown"):
        now = path.stat()
        if old.st_uid != now.st_uid:
            with suppress(OSError):
                os.chown(path, old.st_uid, -1)
        if old.st_gid != now.st_gid:
            try:
                os.chown(path, -1, old.st_gid)
            except OSError:
                mode &= ~0o070 | (mode & 0o007) << 3
    with suppress(OSError):  # a file system without permissions, such as FAT
        os.chmod(path, mode)


def _aside(target: Path) -> Path:
    # Cut, as names have at most 255 bytes, of which a character may take four.
    return target.with_name(f".{target.stem[:40]}.{secrets.token_hex(4)}.part{target.suffix}")


def _rename_new(source: Path, target: Path) -> None:
    """Rename without replacing a file that appeared meanwhile; FileExistsError if one did."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: a check just before has to do
        if target.exists():
            raise FileExistsError(target) from None
        os.replace(source, target)
    else:
        source.unlink()


def _disk_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if isinstance(error, NfcodecError):
        return False
    # Writers in other languages (HDF5, PyTorch, video) report a full disk in their own words.
    if "no space left" in str(error).lower():
        return True
    if not isinstance(error, (OSError, RuntimeError)) or not hasattr(os, "statvfs"):
        return False
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize < 1 << 16


def _refusal(error: OSError, path: str | os.PathLike[str], folder: Path) -> NfcodecError:
    if error.errno in _FULL:
        return NfcodecError(f"cannot write {path}: no space left in {folder}")
    reason = error.strerror or str(error)
    return UsageError(f"cannot write {path}: the folder {folder} cannot be written ({reason})")
