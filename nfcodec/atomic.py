"""Files written aside and renamed: a target is either untouched or complete, never half-written."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nfcodec.aside import Aside, remove_stale
from nfcodec.errors import NfcodecError, UsageError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: What file systems say that cannot rename, or that hold the target in place (a mounted file).
_NO_RENAME = {
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EPERM,
    errno.EINVAL,
    errno.EXDEV,
    errno.EBUSY,
}


def check_output(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """The file that writing to ``path`` would make (links followed), if it can be made.

    Call it before long work, so that a typing error costs a second and not an hour. It removes
    what interrupted writers of ``path`` left behind. UsageError if
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
    remove_stale(target)
    if target.exists() and not overwrite:
        raise _exists(path)
    _try_folder(target, path).remove()
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
    replaced = target.stat() if overwrite and target.exists() else None
    aside = _try_folder(target, path, private=replaced is not None)
    try:
        yield aside.path
        _sync(aside.path)  # the content reaches the disk before the name does
        if replaced is None:
            aside.finish_mode()
        else:
            keep_access(replaced, aside.path)
        _take_name(aside.path, target, overwrite)
    except BaseException as error:
        origin = _origin(error)
        full = isinstance(origin, Exception) and _disk_full(origin, target.parent)
        aside.remove()
        if full:
            raise NfcodecError(
                f"cannot write {path}: no space left in {target.parent}; "
                "free some or choose another place with -o (nothing was left behind)"
            ) from error
        if isinstance(error, FileExistsError):
            raise _exists(path) from error
        if origin is not error:
            raise origin from None
        raise
    finally:
        aside.close()


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


def _try_folder(target: Path, path: str | os.PathLike[str], private: bool = False) -> Aside:
    try:
        return Aside(target, private)
    except OSError as error:
        raise _refusal(error, path, target.parent) from error


def _exists(path: str | os.PathLike[str]) -> UsageError:
    return UsageError(f"{path} exists and is kept; pass --overwrite to replace it")


def _sync(path: Path) -> None:
    """Force a file to the disk, where the file system can do that."""
    with open(path, "rb+") as written:
        try:
            os.fsync(written.fileno())
        except OSError as error:  # network and user-space file systems know no such thing
            if error.errno in _FULL or error.errno == errno.EIO:
                raise


def _take_name(aside: Path, target: Path, overwrite: bool) -> None:
    """Make ``target`` the file ``aside``, in one step where the file system can do that."""
    try:
        if overwrite:
            os.replace(aside, target)
        else:
            _rename_new(aside, target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        _copy(aside, target, overwrite)


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


def _copy(source: Path, target: Path, overwrite: bool) -> None:
    """Copy ``source`` to ``target`` and remove it; no part of a new file remains if that fails."""
    new = not target.exists()
    try:
        with open(source, "rb") as content, open(target, "wb" if overwrite else "xb") as copy:
            shutil.copyfileobj(content, copy)
        _sync(target)
    except FileExistsError:
        raise
    except BaseException:
        if new:
            with suppress(OSError):
                target.unlink()
        raise
    source.unlink()


def _origin(error: BaseException) -> BaseException:
    """The system's error behind a RuntimeError: PyTorch puts its own before it as it unwinds."""
    origin: BaseException | None = error
    while isinstance(origin, RuntimeError):
        origin = origin.__cause__ or origin.__context__
    return origin if isinstance(origin, OSError) else error


def _disk_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if isinstance(error, NfcodecError):
        return False
    # Writers in other languages (HDF5, PyTorch, video) report a full disk in their own words.
    if any(words in str(error).lower() for words in ("no space left", "file too large")):
        return True
    if not isinstance(error, (OSError, RuntimeError)) or not hasattr(os, "statvfs"):
        return False
    try:
        state = os.statvfs(folder)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < 1 << 16


def _refusal(error: OSError, path: str | os.PathLike[str], folder: Path) -> NfcodecError:
    if error.errno in _FULL:
        return NfcodecError(f"cannot write {path}: no space left in {folder}")
    reason = error.strerror or str(error)
    return UsageError(f"cannot write {path}: the folder {folder} cannot be written ({reason})")
