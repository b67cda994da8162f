"""Paths and numbers that hardly anybody gives: each is refused at once, in one clear line."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from nfcodec.cli import decode
from nfcodec.cli.inputs import _state_path
from nfcodec.exporters import surface
from tests.cli.conftest import Run, shell


@pytest.fixture
def work(fields: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the small fields in it."""
    for path in fields.glob("*.*"):
        shutil.copy(path, tmp_path / path.name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [".", "", "/", ".."])
def test_folders_without_a_name_of_their_own(nfcodec: Run, work: Path, name: str) -> None:
    for verb in ("encode", "info", "verify", "rd-curve"):
        nfcodec(verb, name).expect(2, "is a folder")


@pytest.mark.parametrize("verb", ["encode", "info", "verify", "view"])
def test_what_is_no_file_is_not_waited_for(nfcodec: Run, work: Path, verb: str) -> None:
    os.mkfifo("pipe")
    for name in ("pipe", "/dev/null"):
        nfcodec(verb, name).expect(2, f"{name} is a pipe or a device", "to a file")
    nfcodec(verb, "-").expect(2, "standard input is not read", "to a file")


def test_what_may_not_be_read_is_no_wrong_usage(
    nfcodec: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it tells: what asks beforehand knows no access lists, and outputs are not read."""
    monkeypatch.setattr(os, "access", lambda path, mode, **_: mode != os.R_OK)
    assert nfcodec("info", "nerf.nfc").code == 0

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "nerf.nfc")

    monkeypatch.setattr("nfcodec.files.kind_of", denied)
    nfcodec("info", "nerf.nfc").expect(1, "nerf.nfc: cannot be read")


def test_a_link_that_leads_nowhere(nfcodec: Run, work: Path) -> None:
    Path("link.nfc").symlink_to("gone.nfc")
    nfcodec("info", "link.nfc").expect(2, "link.nfc: a link to gone.nfc")


def test_names_longer_than_files_can_have(nfcodec: Run, work: Path) -> None:
    name = "a" * 300
    nfcodec("info", name).expect(2, name, "too long")
    nfcodec("encode", "nerf.pt", "-o", f"{name}.nfc").expect(2, name, "too long")


@pytest.mark.parametrize("letter", ["n", "\u00e9"])
def test_the_longest_names_that_files_can_have(nfcodec: Run, work: Path, letter: str) -> None:
    """The state of work beside an output has a longer name, which is cut."""
    size = len(letter.encode())
    names = [letter * (count // size) + ".nfc" for count in (244, 246, 251)]
    for name in names:
        done = nfcodec("encode", "sdf.pt", "-m", "vqad", "--steps", 1, "-b", 2, "-o", name)
        assert done.code == 0, done
    for name in names:
        Path(name).unlink()
        state = _state_path(Path(name))
        state.write_text("half")
        nfcodec("encode", "sdf.pt", "-m", "vqad", "-o", name).expect(2, state.name, "--resume")
    assert len({_state_path(Path(name)) for name in names}) == 3


def test_the_input_is_not_written_over(nfcodec: Run, work: Path) -> None:
    shutil.copy("nerf.pt", "called.nfc")
    before = Path("called.nfc").read_bytes()
    for options in ([], ["--overwrite"], ["-o", "./called.nfc", "--overwrite"]):
        done = nfcodec("encode", "called.nfc", "-m", "kmeans", *options)
        done.expect(2, "called.nfc: it is the input", "-o")
    assert Path("called.nfc").read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode", "nerf.pt", "--lambda", "nan"], ["encode", "nerf.pt", "--target-psnr", "nan"],
        ["encode", "nerf.pt", "--seed", str(2**31)], ["decode", "nerf.nfc", "--level", "nan"],
        ["decode", "nerf.nfc", "--level", "inf"], ["render", "nerf.nfc", "--fov", "nan"],
        ["render", "nerf.nfc", "--eye", "nan,0,0"], ["render", "nerf.nfc", "--target", "0,inf,0"],
        ["render", "nerf.nfc", "--orbit", "99999999999"],
        ["rd-curve", "nerf.pt", "--lambda", "nan"],
        ["render", "nerf.nfc", "--fps", "nan"], ["render", "nerf.nfc", "--device", "cuda:999"],
    ],
)  # fmt: skip
def test_numbers_that_are_none_or_too_large(nfcodec: Run, work: Path, arguments: list[str]) -> None:
    nfcodec(*arguments, "-o", "out.png").expect(2, arguments[2])


def test_cells_of_a_mesh(nfcodec: Run, work: Path) -> None:
    assert decode.MAX_CELLS == surface.MAX_RESOLUTION
    done = nfcodec("decode", "sdf.nfc", "-o", "out.ply", "--resolution", "2049")
    done.expect(2, "--resolution 2049", "2048")


@pytest.mark.parametrize(
    ("options", "users"),
    [
        (["-m", "kmeans", "--rank", "2"], "lra"), (["-m", "lra", "-b", "4"], "vqad, kmeans"),
        (["-m", "vqad", "--lambda", "0.1"], "ecq"), (["-m", "kmeans", "--steps", "9"], "vqad, ecq"),
    ],
)  # fmt: skip
def test_options_that_no_curve_would_use(
    nfcodec: Run, work: Path, options: list[str], users: str
) -> None:
    name = {"-b": "--bits"}.get(options[2], options[2])
    done = nfcodec("rd-curve", "nerf.pt", *options)
    done.expect(2, f"{name} does not apply to {options[1]}", f"for {users}")
    assert not Path("rd").exists()


def test_options_of_serving_for_an_export(nfcodec: Run, work: Path) -> None:
    nfcodec("view", "nerf.nfc", "--export", "site", "--no-open").expect(2, "--no-open")
    assert not Path("site").exists()


def test_names_that_the_terminal_cannot_show(work: Path) -> None:
    shutil.copy("nerf.nfc", "ⅷ.nfc")
    process = shell("info", "ⅷ.nfc", env={"PYTHONIOENCODING": "latin-1:strict"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("\\u2177.nfc: nerf field")
