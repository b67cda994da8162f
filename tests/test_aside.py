"""What crashes leave behind goes, what others are writing stays, and long work is done once."""

from __future__ import annotations

import errno
import logging
import os
import threading
from pathlib import Path

import pytest

from nfcodec.aside import claimed, remove_all_stale, remove_stale_folders
from nfcodec.atomic import check_output, writing
from nfcodec.errors import UsageError


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_crash_left_is_removed_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = tmp_path / "scene.nfc"
    stale, other = ".scene.1a2b3c4d.part.nfc", ".scene.1a2b3c4d.part.pt"
    for name in (stale, other, ".other.1a2b3c4d.part.nfc", "scene.1a2b3c4d.part.nfc"):
        (tmp_path / name).write_bytes(b"half")
    with caplog.at_level(logging.WARNING, "nfcodec"):
        check_output(target)
    assert stale not in only(tmp_path)
    assert len(only(tmp_path)) == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"removed {tmp_path / stale}, which an interrupted run left half-written"
    ]
    remove_all_stale(tmp_path)
    assert only(tmp_path) == ["scene.1a2b3c4d.part.nfc"]


def test_a_writer_that_lives_is_let_be(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    target = tmp_path / "scene.nfc"
    with writing(target) as aside:
        aside.write_bytes(b"whole")
        check_output(target)  # as another process would
        remove_all_stale(tmp_path)
        assert aside.exists()
    assert target.read_bytes() == b"whole"
    assert caplog.records == []


def test_without_locks_what_may_be_stale_is_named_once_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr("fcntl.flock", unsupported)
    stale = tmp_path / ".scene.1a2b3c4d.part.nfc"
    stale.write_bytes(b"half")
    for _ in range(2):
        check_output(tmp_path / "scene.nfc")
    assert stale.exists()
    (record,) = caplog.records
    assert str(stale) in record.getMessage()


def test_links_and_pipes_with_such_names_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / ".scene.1a2b3c4d.part.nfc").symlink_to("mine")
    os.mkfifo(tmp_path / ".scene.2a2b3c4d.part.nfc")
    (tmp_path / ".scene.3a2b3c4d.part.nfc").mkdir()
    check_output(tmp_path / "scene.nfc")
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_long_work_claims_its_output(tmp_path: Path) -> None:
    target = tmp_path / "scene.nfc"
    for path in (target, tmp_path):
        with claimed(path):
            with pytest.raises(UsageError, match="another run is at work"), claimed(path):
                pytest.fail("the block must not run")
            with claimed(tmp_path / "other.nfc"):
                pass
        assert only(tmp_path) == []
        with claimed(path):
            pass
    # What a killed process leaves is taken over.
    with claimed(target):
        (left,) = only(tmp_path)
    (tmp_path / left).write_bytes(b"")
    with claimed(target):
        pass
    assert only(tmp_path) == []


def test_claims_are_passed_on_one_at_a_time(tmp_path: Path) -> None:
    inside, seen, done = 0, [], 0

    def work() -> None:
        nonlocal inside, done
        while done < 50:
            try:
                with claimed(tmp_path / "scene.nfc"):
                    inside += 1
                    seen.append(inside)
                    inside -= 1
                    done += 1
            except UsageError:
                pass

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {1}
    assert only(tmp_path) == []


def test_folders_that_a_crash_left_are_removed_or_put_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (".site.1a2b3c4d.part", ".site.1a2b3c4d.part.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    remove_stale_folders(tmp_path / "site")
    assert only(tmp_path) == ["site"]
    assert (tmp_path / "site" / "index.html").read_text() == ".site.1a2b3c4d.part.old"
    assert len(caplog.records) == 2


def test_a_file_that_is_not_locked_yet_is_let_be_for_a_while(tmp_path: Path) -> None:
    new = tmp_path / ".scene.1a2b3c4d.new.nfc"
    new.write_bytes(b"")
    check_output(tmp_path / "scene.nfc")
    assert new.exists()
    os.utime(new, (0, 0))
    check_output(tmp_path / "scene.nfc")
    assert only(tmp_path) == []
