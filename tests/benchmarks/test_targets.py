"""Targets whose processes fail, with a last word or without."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest
import targets

OPTIONS = argparse.Namespace(field="lego.pt", data=None, steps=10)


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let ``nfcodec`` be a shell ``script``."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("kill -9 $$", -9, "encode ended with -9: it said nothing"),
        ("echo working >&2; echo over a limit >&2; exit 5", 5, "encode ended with 5: over a limit"),
    ],
)
def test_a_failure_is_recorded_with_its_last_word(
    script: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, script)
    record = targets.coded(OPTIONS, "size", 3e4)
    assert (record["exit"], record["error"], record["met"]) == (code, said, False)


def test_a_file_that_cannot_be_measured_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its target is neither met nor missed."""
    script = 'if [ "$3" = encode ]; then : >"$6"; echo "{}"; else echo no views >&2; exit 2; fi'
    pretend(monkeypatch, tmp_path, script)
    with pytest.raises(SystemExit, match=r"size 30000 cannot be measured: compare .* no views"):
        targets.coded(OPTIONS, "size", 3e4)
