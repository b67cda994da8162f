"""HDF5 files on which the HDF5 library itself hangs or crashes."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from nfcodec import importers
from nfcodec.errors import DamagedFileError, NfcodecError
from nfcodec.exporters import export
from nfcodec.untrusted import h5_guard
from tests.fields import random_field

HANGS = sorted((Path(__file__).parents[1] / "fuzz_findings" / "hdf5").glob("*never_ends*"))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return export(random_field("scalar", "dense"), tmp_path / "sound.h5")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> h5_guard._Reader:
    """A reader of this test's own, so that what is done to it harms no other."""
    made = h5_guard._Reader()
    monkeypatch.setattr(h5_guard, "_READER", made)
    return made


def test_a_file_that_the_library_never_finishes_is_refused(
    sound: Path, reader: h5_guard._Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert HANGS
    importers.load(sound)
    monkeypatch.setattr(h5_guard, "LEAST_SECONDS", 1.0)
    start = time.monotonic()
    with pytest.raises(DamagedFileError, match="did not finish reading it within 1 s"):
        importers.load(HANGS[0])
    assert time.monotonic() - start < 20
    monkeypatch.undo()
    importers.load(sound)  # the next file finds a new process


def test_one_process_serves_all_files(sound: Path, reader: h5_guard._Reader) -> None:
    importers.load(sound)
    process = reader._process
    assert process is not None
    importers.load(sound)
    threads = [threading.Thread(target=importers.load, args=(sound,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reader._process is process
    assert process.poll() is None
    reader.stop()
    assert process.poll() == 0


def test_a_process_that_is_gone_is_started_again(sound: Path, reader: h5_guard._Reader) -> None:
    importers.load(sound)
    assert reader._process is not None
    reader._process.kill()
    reader._process.wait()
    importers.load(sound)
    reader.stop()


def test_a_file_that_crashes_the_library_is_refused(
    sound: Path, reader: h5_guard._Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import os, signal, sys\nsys.stdin.readline()\nos.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(h5_guard, "_PROGRAM", program)
    with pytest.raises(DamagedFileError, match=r"sound\.h5: .*crashes on it with signal 11"):
        importers.load(sound)


def test_where_no_process_can_be_started_the_file_is_not_blamed(
    sound: Path, reader: h5_guard._Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for executable, message in (
        ("/nowhere/python", "cannot be started"),
        ("", "cannot be started"),
    ):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(NfcodecError, match=message) as caught:
            importers.load(sound)
        assert caught.value.exit_code == 1
    monkeypatch.undo()
    monkeypatch.setattr(h5_guard, "_READER", reader)
    monkeypatch.setattr(h5_guard, "_PROGRAM", "raise SystemExit(3)")
    with pytest.raises(NfcodecError, match="ended with exit code 3") as caught:
        importers.load(sound)
    assert caught.value.exit_code == 1
