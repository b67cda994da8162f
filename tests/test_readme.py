"""The commands in README and guide: all of them parse, and those marked to be run do run."""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from nfcodec.cli.app import cli
from nfcodec.exporters import export
from tests.fields import random_field
from tests.rd.known import write_images

TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/guide.md", "docs/vq-nerf.md", "docs/many-fields.md")
FIELDS = ROOT / "examples" / "fields"
BLOCK = re.compile(r"(<!-- run -->\n)?```console\n(.*?)```", re.S)


def commands(page: str, *, to_run: bool | None = None) -> list[list[str]]:
    """The commands behind `$ ` in a page's console blocks, comments left out."""
    found = []
    for mark, block in BLOCK.findall((ROOT / page).read_text()):
        if to_run is None or to_run == bool(mark):
            lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
            found += [shlex.split(line, comments=True) for line in lines]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_possible(page: str) -> None:
    found = commands(page)
    assert len(found) > 5
    for words in found:
        assert words[0] == "nfcodec"
        command: click.Command = cli
        rest = words[1:]
        while isinstance(command, click.Group):
            command = command.commands[rest.pop(0)]
        command.make_context(words[1], rest).close()  # parses the options, runs nothing


def test_every_verb_is_shown() -> None:
    shown = {words[1] for page in PAGES for words in commands(page)}
    assert shown == set(cli.commands)


@pytest.mark.skipif(not (FIELDS / "ornament.pt").exists(), reason="needs the example fields")
def test_marked_commands_run(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = commands("README.md", to_run=True)
    assert len(found) >= 4
    for words in found:
        done = subprocess.run(
            words, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        for option, value in pairwise(words):
            if option == "-o":
                assert (tmp_path / value).stat().st_size > 0


#: What takes minutes at the size that the README shows. Training has its own tests.
QUICK = {
    "640x480": "16x12",
    "60": "2",
    "vqad,kmeans,lra": "kmeans,lra",
    "1,2,4,6,8": "2,4",
    "wgpu": "cpu",
    "150kB": "6kB",
}


@pytest.mark.slow
def test_the_commands_of_the_readme_follow_from_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the main block in order but training, on a tiny scene and with few steps."""
    from nfcodec.cli.app import run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nfcodec.rd.sweep.POINTS", 2000)
    field = random_field("nerf", "octree", levels=3)
    export(field, tmp_path / "lego.pt")
    write_images(field, tmp_path / "lego", views=4)
    export(random_field("scalar", "dense"), tmp_path / "model.pt").rename("model.ckpt.tar")
    (tmp_path / "armadillo.obj").write_text(TETRAHEDRON)
    np.save(tmp_path / "head.npy", np.linspace(0, 1, 8**3, dtype=np.float32).reshape(8, 8, 8))
    found = [words for words in commands("README.md", to_run=False) if words[1] != "train"]
    assert len(found) >= 10
    for words in found:
        if words[1] == "view":  # serves until it is stopped
            continue
        given = [QUICK.get(word, word) for word in words[1:]]
        straight = words[2].endswith((".obj", ".npy"))  # learns nothing, and names its file itself
        learns = words[1] == "encode" and not straight and ("-m" not in words or "ecq" in words)
        given += ["--steps", "2"] if learns else []
        outputs = [tmp_path / value for option, value in pairwise(words) if option == "-o"]
        outputs += [(tmp_path / words[2]).with_suffix(".nfc")] if straight else []
        for path in outputs:
            path.unlink(missing_ok=True)  # another command's: the README shows ways to the same
        assert run(given) == 0, given
        assert all(path.exists() for path in outputs)
    assert (tmp_path / "rd" / "rd.json").stat().st_size > 0


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nfcodec

    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    monkeypatch.chdir(tmp_path)
    export(random_field("nerf", "octree", levels=3), tmp_path / "lego.pt")
    quick = functools.partial(nfcodec.encode, steps=2, device="cpu")
    monkeypatch.setattr(nfcodec, "encode", quick, raising=False)
    names: dict[str, Any] = {}
    exec(code.replace("(640, 480)", "(32, 24)"), names)
    assert names["image"].shape == (24, 32, 3)
    assert names["coded"].num_lods == 3
    assert (tmp_path / "lego.nfc").stat().st_size > 0


def test_the_field_of_the_guide_is_made_and_coded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nfcodec

    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/guide.md").read_text(), re.S)
    (code,) = (block for block in blocks if "nfcodec.field" in block)
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    coded = nfcodec.open("ball.nfc")
    assert (coded.kind, coded.num_lods) == ("sdf", 1)
    assert nfcodec.load("ball.pt").num_outputs == 1


DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(p for d in ("docs", "formats") for p in ROOT.glob(f"{d}/**/*.md")),
]


@pytest.mark.parametrize("page", [str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), target
