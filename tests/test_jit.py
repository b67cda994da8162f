"""Compiled code is kept where it can be, and what keeps it from being kept is no error."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from numba.core import caching

from nfcodec import jit

Adder = Callable[[int], int]


def adder() -> Adder:
    """A new compiled function."""

    def add(number: int) -> int:
        return number + 1

    return jit.serial(add)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba finds no place: no folder beside the module, none of the user's."""
    only = caching.CompileResultCacheImpl._locator_classes[:1]  # NUMBA_CACHE_DIR
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", only)
    monkeypatch.setattr(jit.config, "CACHE_DIR", "")


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("nfcodec-numba-*/*/*.nbi"))


def test_without_a_place_for_a_cache_a_temporary_folder_is_one(
    nowhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = os.umask(0o777)  # an odd one: folders are made that nobody may enter
    try:
        assert adder()(1) == 2
    finally:
        os.umask(before)
    (index,) = kept(tmp_path)
    assert index.parent.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("trouble", ["missing", "shared"])
def test_without_any_place_nothing_is_kept(
    nowhere: None, trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    if trouble == "shared":  # what is in it is executed: others must not be able to write there
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        shared = tmp_path / f"nfcodec-numba-{os.getuid()}"
        shared.mkdir()
        shared.chmod(0o777)
    assert adder()(1) == 2
    assert kept(tmp_path) == []


def test_a_cache_folder_that_cannot_be_made_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jit.config, "CACHE_DIR", os.path.join(os.devnull, "x"))
    assert adder()(1) == 2


def test_a_full_disk_does_not_end_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(jit.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full)
    assert adder()(1) == 2


def test_a_damaged_cache_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit.config, "CACHE_DIR", str(tmp_path))
    assert adder()(1) == 2
    (index,) = tmp_path.glob("*/*.nbi")
    whole = index.read_bytes()
    index.write_bytes(bytes(len(whole)))
    assert adder()(1) == 2
    assert index.read_bytes() == whole


@pytest.mark.parametrize(
    ("name", "value"),
    [("NUMBA_NUM_THREADS", "0"), ("NUMBA_NUM_THREADS", "two"), ("NUMBA_NUM_THREADS", "99999999"),
     ("NUMBA_THREADING_LAYER", "nonsense")],
)  # fmt: skip
def test_senseless_settings_of_threads_are_ignored(name: str, value: str) -> None:
    script = (
        "from nfcodec.cli import threads; threads.prepare(); "
        f"import os; assert {name!r} not in os.environ"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.startswith(f"nfcodec: warning: {name}={value} is ignored")
