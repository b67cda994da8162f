"""A target is untouched or complete, whatever happens in between."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nfcodec.atomic import check_output, keep_access, writing
from nfcodec.errors import NfcodecError, UsageError


def only(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_the_file_appears_complete(tmp_path: Path) -> None:
    target = tmp_path / "scene.nfc"
    with writing(target) as aside:
        assert aside.parent == tmp_path
        assert aside.suffix == ".nfc"
        aside.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert only(tmp_path) == ["scene.nfc"]


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    target = tmp_path / ("が" * 83 + ".nfc")  # 253 of 255 bytes
    with writing(target) as aside:
        aside.write_bytes(b"whole")
    assert only(tmp_path) == [target.name]


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()])
def test_nothing_is_left_when_the_work_fails(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "scene.nfc"
    target.write_bytes(b"old")
    with pytest.raises(type(error)), writing(target, overwrite=True) as aside:
        aside.write_bytes(b"half")
        raise error
    assert target.read_bytes() == b"old"
    assert only(tmp_path) == ["scene.nfc"]


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "scene.nfc"
    target.write_bytes(b"old")
    with pytest.raises(UsageError, match="--overwrite"), writing(target):
        pytest.fail("the block must not run")
    assert target.read_bytes() == b"old"
    with writing(target, overwrite=True) as aside:
        aside.write_bytes(b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_a_file_that_is_replaced_passes_on_its_permissions(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "scene.nfc"
    target.write_bytes(b"old")
    target.chmod(mode)
    with writing(target, overwrite=True) as aside:
        aside.write_bytes(b"new")
        assert aside.stat().st_mode & 0o077 == 0  # private until it has the old one's mode
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == mode


def test_a_group_that_cannot_be_kept_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, owner: int, group: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "scene.nfc"
    path.write_bytes(b"new")
    here = path.stat()
    old = os.stat_result((0o100664, *here[1:5], here.st_gid + 1, *here[6:]))
    monkeypatch.setattr(os, "chown", refuse)
    keep_access(old, path)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    for overwrite in (False, True):
        target = tmp_path / f"{overwrite}.nfc"
        with writing(target, overwrite) as aside:
            aside.write_bytes(b"new")
        assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "scene.nfc"
    with pytest.raises(UsageError, match="exists"), writing(target) as aside:
        aside.write_bytes(b"mine")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs"
    assert only(tmp_path) == ["scene.nfc"]


def test_missing_folder_and_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"folder .*nowhere does not exist"):
        check_output(tmp_path / "nowhere" / "a.nfc")
    with pytest.raises(UsageError, match="is a folder"):
        check_output(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write")
def test_unwritable_folder() -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        check_output("/proc/a.nfc")


def test_checking_leaves_no_trace(tmp_path: Path) -> None:
    assert check_output(tmp_path / "a.nfc") == (tmp_path / "a.nfc").resolve()
    assert only(tmp_path) == []


def test_links_are_followed(tmp_path: Path) -> None:
    real = tmp_path / "real.nfc"
    real.write_bytes(b"old")
    link = tmp_path / "link.nfc"
    link.symlink_to(real)
    with writing(link, overwrite=True) as aside:
        aside.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), RuntimeError("write: No space left on it")],
)
def test_full_disk_is_one_clear_error(tmp_path: Path, error: Exception) -> None:
    with (
        pytest.raises(NfcodecError, match="no space left") as caught,
        writing(tmp_path / "a.nfc") as aside,
    ):
        aside.write_bytes(b"half")
        raise error
    assert caught.value.exit_code == 1
    assert only(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_really_full_device_is_recognized(tmp_path: Path) -> None:
    with (
        pytest.raises(NfcodecError, match="no space left"),
        writing(tmp_path / "a.nfc") as aside,
    ):
        aside.unlink()
        aside.symlink_to("/dev/full")
        with open(aside, "wb", buffering=0) as sink:
            sink.write(b"x")
    assert only(tmp_path) == []


def test_a_signal_during_the_trial_of_the_folder_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(descriptor: int) -> None:
        close(descriptor)
        raise KeyboardInterrupt

    close = os.close
    with monkeypatch.context() as patched:
        patched.setattr(os, "close", interrupted)
        with pytest.raises(KeyboardInterrupt):
            check_output(tmp_path / "scene.nfc")
    assert only(tmp_path) == []


def unsupported(*_: object, **__: object) -> None:
    raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "missing",
    [("fsync",), ("link",), ("link", "replace"), ("chmod",), ("flock",),
     ("fsync", "link", "replace", "chmod", "flock")],
)  # fmt: skip
def test_what_a_file_system_may_lack(
    missing: tuple[str, ...], overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "scene.nfc"
    if overwrite:
        target.write_bytes(b"old, and longer")
    for name in missing:
        monkeypatch.setattr(f"fcntl.{name}" if name == "flock" else f"os.{name}", unsupported)
    with writing(target, overwrite) as aside:
        aside.write_bytes(b"whole")
    assert target.read_bytes() == b"whole"
    assert only(tmp_path) == ["scene.nfc"]
    with pytest.raises(UsageError, match="exists"), writing(target):
        pytest.fail("the block must not run")


def test_without_renaming_no_part_of_a_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(source: object, sink: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("link", "replace"):
        monkeypatch.setattr(os, name, unsupported)
    monkeypatch.setattr("shutil.copyfileobj", half)
    with pytest.raises(NfcodecError, match="no space left"), writing(tmp_path / "a.nfc") as aside:
        aside.write_bytes(b"whole")
    assert only(tmp_path) == []


def test_a_disk_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="error"), writing(tmp_path / "a.nfc") as aside:
        aside.write_bytes(b"whole")
    assert only(tmp_path) == []


@pytest.mark.parametrize(
    ("umask", "mode"), [(0o777, 0o400), (0o022, 0o644), (0o277, 0o400), (0, 0o666)]
)
def test_an_odd_umask_is_for_the_finished_file(umask: int, mode: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        with writing(tmp_path / "a.nfc") as aside:
            assert aside.stat().st_mode & 0o600 == 0o600  # else nobody but root could write it
            aside.write_bytes(b"whole")
    finally:
        os.umask(before)
    assert (tmp_path / "a.nfc").stat().st_mode & 0o777 == mode


WRITER = """
import sys
from nfcodec.atomic import writing
from nfcodec.errors import UsageError
target, letter, overwrite = sys.argv[1], sys.argv[2].encode(), sys.argv[3] == "True"
for _ in range(100):
    try:
        with writing(target, overwrite) as aside:
            aside.write_bytes(letter * 100_000)
    except UsageError as error:
        print(error)
        break
"""


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_two_processes_one_wins_whole(overwrite: bool, tmp_path: Path) -> None:
    target = tmp_path / "scene.nfc"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target), letter, str(overwrite)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for letter in "ab"
    ]
    while any(process.poll() is None for process in processes):
        if target.exists():
            content = target.read_bytes()
            assert content in (b"a" * 100_000, b"b" * 100_000)
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert all(error == "" for _, error in said)
    assert all(("exists and is kept" in out) != overwrite for out, _ in said)
    assert only(tmp_path) == ["scene.nfc"]
