"""A disk that fills up at any write, and folders that cannot be written: one clear error each.

A limit on the size of files stands for the full disk: the system refuses the write that passes it,
whatever library makes it.
"""

from __future__ import annotations

import errno
import logging
import os
import pathlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import coding, exporters, viewer
from nfcodec.errors import NfcodecError, UsageError
from nfcodec.fit.checkpoint import Checkpoint
from nfcodec.rd.sweep import sweep
from nfcodec.render import images
from tests.cli.conftest import Run
from tests.fields import random_field

resource = pytest.importorskip("resource")


@contextmanager
def room_for(count: int) -> Iterator[None]:
    """No file can have more than ``count`` bytes during the block."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def places(size: int) -> list[int]:
    """Bytes after which the disk is full: the ends and some between."""
    return sorted({0, 1, *np.linspace(2, size - 1, 9).astype(int).tolist()})


def scene(suffix: str) -> Callable[[Path, bool], object]:
    field = random_field("sdf", "octree")
    return lambda path, overwrite: exporters.export(
        field, path.with_suffix(suffix), overwrite=overwrite, device="cpu",
        resolution=16 if suffix == ".ply" else None,
    )  # fmt: skip


def samples(path: Path, overwrite: bool) -> object:
    field = random_field("scalar", "dense")
    return exporters.export(
        field, path.with_suffix(".h5"), overwrite=overwrite, device="cpu", resolution=8
    )


def coded(path: Path, overwrite: bool) -> object:
    from nfcodec import quantize

    return coding.save(
        quantize.encode(random_field("sdf", "octree"), "float16"), path, overwrite=overwrite
    )


def image(path: Path, overwrite: bool) -> object:
    noise = np.random.default_rng(0).random((32, 32, 3))
    return images.save_png(noise, path.with_suffix(".png"), overwrite)


def film(path: Path, overwrite: bool) -> object:
    noise = np.random.default_rng(0).random((3, 32, 32, 3))
    return images.save_video(noise, path.with_suffix(".gif"), overwrite=overwrite)


WRITERS = {
    "pt": scene(".pt"), "h5": scene(".h5"), "samples": samples, "npz": scene(".npz"),
    "ply": scene(".ply"), "nfc": coded, "png": image, "gif": film,
}  # fmt: skip


@pytest.mark.parametrize("kind", WRITERS)
def test_a_disk_that_is_full_at_any_byte(kind: str, tmp_path: Path) -> None:
    write = WRITERS[kind]
    write(tmp_path / "out.nfc", False)
    (whole,) = tmp_path.iterdir()
    content = whole.read_bytes()
    for overwrite in (True, False):
        for count in places(len(content)):
            with room_for(count), pytest.raises(NfcodecError, match="no space left") as caught:
                write(tmp_path / "out.nfc", overwrite)
            assert caught.value.exit_code == 1
            assert [path.read_bytes() for path in tmp_path.iterdir()] == [content] * overwrite
        whole.unlink(missing_ok=True)
    with room_for(len(content)):
        write(tmp_path / "out.nfc", False)
    assert whole.read_bytes() == content


def test_a_state_that_cannot_be_kept_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Checkpoint(tmp_path / "state", {"work": "test"})
    kept.save({"x": torch.zeros(1000), "step": 1})
    size = (tmp_path / "state").stat().st_size
    for count in places(size):
        caplog.clear()
        with room_for(count), caplog.at_level(logging.WARNING, "nfcodec"):
            kept.save({"x": torch.ones(1000), "step": 2})
        (record,) = caplog.records
        assert "no state is kept for --resume" in record.getMessage()
        assert "no space left" in record.getMessage()
        state = kept.load()
        assert state is not None
        assert state["step"] == 1
        assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_site_is_exported_whole_or_not_at_all(fields: Path, tmp_path: Path) -> None:
    for count in (0, 100, 5000):
        with room_for(count), pytest.raises(NfcodecError, match="no space left"):
            viewer.export([fields / "sdf.nfc"], tmp_path / "site")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_curve_goes_on_when_there_is_room_again(fields: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"methods": ["kmeans"], "bits": [1], "jobs": 1, "device": "cpu"}
    wanted = sweep(fields / "scalar.pt", tmp_path / "whole", **options)
    for count in (10, 600, 2000, 20_000):
        with room_for(count), pytest.raises(NfcodecError, match="no space left"):
            sweep(fields / "scalar.pt", tmp_path / "rd", **options)
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]
    assert sweep(fields / "scalar.pt", tmp_path / "rd", **options) == wanted


@pytest.fixture
def read_only(fields: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with a field in it that only root can write."""
    folder = tmp_path / "ro"
    folder.mkdir()
    for name in ("scalar.pt", "scalar.nfc"):
        shutil.copy(fields / name, folder / name)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@pytest.fixture
def refused(read_only: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, for root too, whom no permissions bind: the system's calls refuse."""
    if os.geteuid() != 0:
        return read_only

    def refusing(call: Any) -> Any:
        def checked(path: Any, *rest: Any, **options: Any) -> Any:
            making = call is not os.open or (rest and rest[0] & os.O_CREAT)
            if making and Path(os.fsdecode(path)).parent == read_only:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fspath(path))
            return call(path, *rest, **options)

        return checked

    access = os.access
    monkeypatch.setattr(os, "open", refusing(os.open))
    monkeypatch.setattr(os, "mkdir", refusing(os.mkdir))
    if sys.version_info < (3, 11):  # its paths keep the function that they found at first
        accessor = pathlib._NormalAccessor  # type: ignore[attr-defined]
        monkeypatch.setattr(accessor, "mkdir", staticmethod(os.mkdir))
    monkeypatch.setattr(
        os, "access", lambda path, mode, **more: path != read_only and access(path, mode, **more)
    )
    return read_only


@pytest.mark.parametrize(
    "arguments",
    [["decode", "scalar.nfc", "-o", "a.pt"], ["encode", "scalar.pt", "-o", "a.nfc"],
     ["encode", "scalar.pt", "-m", "kmeans", "-o", "a.nfc"],
     ["render", "scalar.nfc", "-o", "a.png"], ["rd-curve", "scalar.pt", "-o", "rd"],
     ["rd-curve", "scalar.pt", "-o", "."], ["view", "scalar.nfc", "--export", "site"],
     ["train", "sdf", "scalar.pt", "-o", "a.pt"]],
    ids=" ".join,
)  # fmt: skip
def test_a_folder_that_cannot_be_written(
    nfcodec: Run, refused: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(refused.iterdir())
    given = [str(refused / word) if "." in word or word in ("rd", "site") else word
             for word in arguments]  # fmt: skip
    found = nfcodec(*given).expect(2, str(refused))
    assert "cannot be written" in found.err or "cannot make" in found.err
    assert sorted(refused.iterdir()) == before


def test_a_refusal_to_export_is_about_the_folder_beside(refused: Path, fields: Path) -> None:
    with pytest.raises(UsageError, match=r"the folder .*ro cannot be written"):
        viewer.export([fields / "sdf.nfc"], refused / "site")
