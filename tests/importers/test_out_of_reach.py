"""Locked files and failing disks are not called damaged."""

from __future__ import annotations

import errno
import fcntl
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, NfcodecError, UsageError
from nfcodec.exporters import export
from nfcodec.untrusted import h5_values, source, torch_legacy
from nfcodec.untrusted.faults import printable, unreadable
from nfcodec.untrusted.source import InputFile, read_options
from tests.fields import random_field
from tests.importers.test_checkpoints import as_tensors, volume


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EIO, NfcodecError, "may be sound: check the disk or the network"),
        (errno.ESTALE, NfcodecError, "may be sound"),
        (errno.ETIMEDOUT, NfcodecError, "may be sound"),
        (errno.ENOTCONN, NfcodecError, "may be sound"),
        (errno.EAGAIN, NfcodecError, "may be sound"),
        (errno.EACCES, NfcodecError, "change its permissions"),
        (errno.EPERM, NfcodecError, "change its permissions"),
        (errno.ENOENT, UsageError, "no such file"),
        (errno.EINVAL, DamagedFileError, "a damaged file"),
    ],
)
def test_what_the_system_says_decides(number: int, kind: type[NfcodecError], words: str) -> None:
    error = unreadable("a.pt", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert str(error).startswith("a.pt: ")
    assert words in str(error)


def _failing(number: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_disk_that_fails_while_a_checkpoint_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old, npz = tmp_path / "a.pt", tmp_path / "b.pt", tmp_path / "c.npz"
    torch.save(as_tensors(volume()), new)
    torch.save(as_tensors(volume()), old, _use_new_zipfile_serialization=False)
    export(random_field("scalar", "dense", levels=1), npz)
    with monkeypatch.context() as broken:
        broken.setattr(zipfile.ZipExtFile, "read", _failing(errno.EIO))
        for path in (new, npz):
            with pytest.raises(NfcodecError, match="Input/output error") as caught:
                importers.load(path)
            assert caught.value.exit_code == 1
    with monkeypatch.context() as broken:
        broken.setattr(torch_legacy, "_read", _failing(errno.ESTALE))
        with pytest.raises(NfcodecError, match=r"b\.pt: cannot be read") as caught:
            importers.load(old)
        assert caught.value.exit_code == 1
    (tmp_path / "options.json").write_text("{}")
    for name in ("json", "is_file"):
        with monkeypatch.context() as broken:
            broken.setattr(
                *((source.Path, "read_text") if name == "json" else (source.Path, "is_file")),
                _failing(errno.EACCES),
            )
            with pytest.raises(
                NfcodecError, match=r"(options|import)\.json: cannot be read"
            ) as caught:
                importers.load(new)
            assert caught.value.exit_code == 1
    with monkeypatch.context() as broken:
        broken.setattr(source.Path, "stat", _failing(errno.EIO))
        with pytest.raises(NfcodecError, match="cannot be read") as caught:
            InputFile(new)
        assert caught.value.exit_code == 1
        with pytest.raises(NfcodecError, match="cannot be read"):
            read_options(new)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HDF5_USE_FILE_LOCKING", "TRUE")
    return export(random_field("scalar", "dense", levels=1), tmp_path / "a.h5")


def test_a_locked_h5_is_not_damaged(stored: Path) -> None:
    with open(stored, "rb+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(NfcodecError, match=r"a\.h5: locked .*another program") as caught:
            importers.load(stored)
        assert caught.value.exit_code == 1
        assert "damaged" not in str(caught.value)
    importers.load(stored)


def test_an_h5_that_a_crashed_program_was_writing(stored: Path) -> None:
    """The mark that HDF5 leaves in the superblock of a file open for writing."""
    path = stored.with_name("b.h5")
    with h5py.File(path, "w", libver="latest") as root:
        root.attrs["format"] = "x"
        root.flush()
        path.with_name("c.h5").write_bytes(path.read_bytes())
    with pytest.raises(NfcodecError, match=r"c\.h5: .*h5clear") as caught:
        importers.load(path.with_name("c.h5"))
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError("Can't read data (file read failed: errno = 5, error message = 'I/O')"), 1),
        (OSError("Unable to open file (errno = 13, error message = 'Permission denied')"), 1),
        (BlockingIOError(11, "Unable to open file (unable to lock file, errno = 11)"), 1),
        (OSError("Unable to open file (truncated file: eof = 96, sblock->base_addr = 0)"), 3),
        (OSError("Unable to open file (file signature not found)"), 3),
    ],
)
def test_what_hdf5_says_is_told_apart(error: OSError, code: int) -> None:
    assert h5_values._explained("a.h5", error).exit_code == code


def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.pt"))
    torch.save(as_tensors(volume()), path)
    assert importers.load(path).metadata["source"]["file"] == r"caf\xe9.pt"
    assert printable("déjà vu") == "déjà vu"
    assert printable("a\ud800b") == r"a\ud800b"


def test_a_pipe_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.pt")
    with pytest.raises(UsageError, match="not a pipe"):
        importers.load(tmp_path / "x.pt")
