"""Errors in the words of the command line, with their exit codes."""

from __future__ import annotations

import errno

import click

from nfcodec.errors import NfcodecError
from nfcodec.optional import missing


def explain(error: Exception) -> tuple[str, int]:
    """The message for ``error`` and the exit code."""
    if isinstance(error, click.UsageError):
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        return error.format_message().rstrip(".") + hint, 2
    if isinstance(error, click.ClickException):
        return error.format_message(), error.exit_code
    if isinstance(error, NfcodecError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, ModuleNotFoundError):
        return str(missing(error) or _of_defect(error)), 1
    return _of_defect(error), 1


def _of_system(error: OSError) -> tuple[str, int]:
    where = f"{error.filename}: " if error.filename else ""
    what = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{where}no space left on the disk; free some or write elsewhere", 1
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}:
        return f"{where}cannot be read or written: {what}", 1
    if error.errno == errno.EISDIR:
        return f"{where}is a folder, where a file is needed", 2
    if error.errno == errno.ENOENT:
        return f"{where}there is no such file or folder", 2
    if error.errno == errno.ENAMETOOLONG:
        return f"{where}the name is too long; choose a shorter one", 2
    return f"{where}{what}", 1


def _of_defect(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if memory or "can't allocate memory" in text:
        return "not enough memory; close other programs, or try fewer bits, a lower LOD or --size"
    return (
        f"unexpected {type(error).__name__}: {text or 'no message'}; this is a defect of nfcodec: "
        "please report it with the traceback that -vv prints"
    )
