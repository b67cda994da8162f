"""scripts/setup.sh leaves an environment that it did not make as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a POSIX shell script")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "mine").write_text("keep me")
    return tmp_path


def stand_in(checkout: Path, script: str) -> None:
    """A Python in the environment that answers as ``script`` says."""
    python = checkout / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\n" + script)
    python.chmod(0o755)


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["sh", checkout / "scripts" / "setup.sh"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": sys.executable},
    )
    assert (checkout / ".venv" / "mine").read_text() == "keep me"
    return done


def test_an_environment_without_python_is_left_alone(checkout: Path) -> None:
    done = set_up(checkout)
    assert done.returncode == 1
    assert "left as it is" in done.stderr


def test_an_old_python_is_left_alone(checkout: Path) -> None:
    stand_in(checkout, "exit 1\n")
    assert "left as it is" in set_up(checkout).stderr


def test_without_pip_and_ensurepip_it_says_so(checkout: Path) -> None:
    stand_in(checkout, 'if [ "$1" = -m ]; then exit 1; fi\n')
    done = set_up(checkout)
    assert done.returncode == 1
    assert "ensurepip" in done.stderr


def test_a_missing_pip_is_added(checkout: Path) -> None:
    stand_in(
        checkout,
        """
case "$*" in
"-m pip --version") test -e "$0.pip" ;;
"-m ensurepip") touch "$0.pip" ;;
esac
""",
    )
    done = set_up(checkout)
    assert done.returncode == 0, done.stderr
    assert "has no pip" in done.stderr
    assert (checkout / ".venv" / "bin" / "python.pip").exists()
