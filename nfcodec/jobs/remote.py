"""Inputs that are URLs: what fsspec reaches, fetched into a job's own folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nfcodec.errors import NfcodecError, UsageError
from nfcodec.jobs.job import Call
from nfcodec.optional import need


def is_url(path: str) -> bool:
    """Whether ``path`` is for fsspec, such as ``s3://bucket/a.pt``."""
    return "://" in path


def digest(url: str) -> str:
    """What tells this content from another: what the store says of it (size, time, ETag).

    UsageError if there is nothing, or the store cannot be reached.
    """
    system, path = _system(url)
    try:
        if not system.exists(path):
            raise UsageError(f"{url}: there is no such file or folder")
        names = system.find(path) if system.isdir(path) else [path]
        return " ".join(str(system.ukey(name)) for name in sorted(names))
    except (OSError, ValueError) as error:
        raise UsageError(f"{url}: cannot be reached: {error}") from error


def fetched(call: Call, folder: Path) -> Call:
    """``call`` with local copies in ``folder`` of all that it reads by URL.

    NfcodecError if one cannot be fetched.
    """
    arguments, options = dict(call.arguments), dict(call.options)
    for names, values in ((call.arguments, arguments), (call.reads, options)):
        for name in names:
            url = str(values[name])
            if is_url(url):
                values[name] = str(_fetch(url, folder / "inputs" / name))
    return replace(call, arguments=arguments, options=options)


def _fetch(url: str, folder: Path) -> Path:
    system, path = _system(url)
    target = folder / path.rstrip("/").rpartition("/")[2]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        system.get(path, str(target), recursive=bool(system.isdir(path)))
    except (OSError, ValueError) as error:
        raise NfcodecError(f"{url}: cannot be fetched: {error}") from error
    return target


def _system(url: str) -> tuple[Any, str]:
    need("fsspec", f"reading {url}")
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except (ValueError, ImportError) as error:  # an unknown protocol, or its package is missing
        raise UsageError(f"{url}: {error}") from error
    return system, str(path)
