"""Files named as other machines name them."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from nfcodec.data import images
from nfcodec.data.locate import Finder
from nfcodec.errors import DamagedFileError, NfcodecError
from tests.data.sets import load, put, write

CAFE = "images/caf\u00e9 \u00e0 {:02d} 100% #1.png"


def renamed(folder: Path, stored: str, given: str) -> None:
    """A set whose images are called ``stored`` and listed as ``given``."""
    content = write(folder, name=stored)
    for i, frame in enumerate(content["frames"]):
        frame["file_path"] = given.format(i)
    put(folder, content)


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ("images/{:03d}.png", ".\\images\\{:03d}.png"),
        ("images/{:03d}.png", "images/{:03d}"),
        ("images/IMG_{:04d}.JPG", "images/IMG_{:04d}"),
        ("images/a{:03d}.PNG", "images/a{:03d}.png"),
        ("Images/A{:03d}.png", "images/a{:03d}.PNG"),
        ("images/{:03d}.webp", "images/{:03d}"),
        (unicodedata.normalize("NFD", CAFE), unicodedata.normalize("NFC", CAFE)),
        (unicodedata.normalize("NFC", CAFE), unicodedata.normalize("NFD", CAFE)),
    ],
)
def test_spellings_of_a_name(tmp_path: Path, stored: str, given: str) -> None:
    renamed(tmp_path, stored, given)
    posed, said = load(tmp_path)
    assert len(posed) == 10
    assert said == ""


@pytest.mark.parametrize(
    "given",
    [
        "/home/somebody/captures/desk/images/{:03d}.png",
        "C:\\captures\\desk\\images\\{:03d}.png",
        "data/desk/images/{:03d}.png",
        "../desk/images/{:03d}.png",
    ],
)
def test_paths_of_another_machine(tmp_path: Path, given: str) -> None:
    renamed(tmp_path, "images/{:03d}.png", given)
    posed, said = load(tmp_path)
    assert len(posed) == 10
    assert "10 of 10 images are not where file_path says" in said
    assert str(tmp_path / "images" / "000.png") in said


def test_the_first_path_looked_for_is_named(tmp_path: Path) -> None:
    renamed(tmp_path, "images/{:03d}.png", "/nowhere/frames/f{:03d}.png")
    with pytest.raises(DamagedFileError, match=r"looked for: /nowhere/frames/f000\.png"):
        images.load(tmp_path)
    with pytest.raises(DamagedFileError, match="looked for"):
        content = write(tmp_path / "b" if (tmp_path / "b").mkdir() is None else tmp_path)
        for frame in content["frames"]:
            frame["file_path"] = "\ud800" + "x" * 9000
        put(tmp_path / "b", content)
        images.load(tmp_path / "b")


def test_a_name_that_two_files_answer_to_is_no_name(tmp_path: Path) -> None:
    for name in ("a.PNG", "A.png"):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("the file system does not tell cases apart")
    finder = Finder(tmp_path)
    assert finder.find("a.png") is None
    exact = finder.find("A.png")
    assert exact is not None
    assert exact.path == tmp_path / "A.png"
    assert finder.find("") is None
    assert finder.find("/") is None
    assert finder.find("..") is None
    assert finder.find("\0") is None


def test_a_folder_that_may_not_be_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images that cannot be looked for are not missing; paths of another machine do not matter."""
    content = write(tmp_path)
    (tmp_path / "images").rename(tmp_path / "pictures")
    scan = os.scandir

    def scandir(folder: Path) -> Any:
        if folder == tmp_path / "pictures":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    for frame in content["frames"]:
        frame["file_path"] = frame["file_path"].replace("images", "Pictures")
    put(tmp_path, content)
    with pytest.raises(NfcodecError, match=r"pictures: cannot be read \(Permission") as raised:
        images.load(tmp_path)
    assert raised.value.exit_code == 1
