"""The commands in README and guide: all of them parse, and those marked to be run do run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import click
import pytest

from nfcodec.cli.app import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/guide.md")
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


@pytest.mark.parametrize("page", [*PAGES, "docs/conventions.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), target
