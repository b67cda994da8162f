"""Node, and whether what the tests of ``web/`` need is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
OLDEST = 20


def missing() -> str | None:
    """What the tests need and is not there; None if nothing is missing."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"needs Node {OLDEST} or newer with npm"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    if version is None or int(version[1]) < OLDEST:
        return f"needs Node {OLDEST} or newer, not {said.strip() or 'one that does not start'}"
    if not (WEB / "node_modules" / "esbuild").is_dir():
        return "needs the packages of web/: run `npm ci` there"
    return None


def require() -> None:
    """Skip the test, or fail it where NFCODEC_REQUIRE_NODE_TESTS=1, if something is missing."""
    reason = missing()
    if reason is None:
        return
    if os.environ.get("NFCODEC_REQUIRE_NODE_TESTS") == "1":
        pytest.fail(f"NFCODEC_REQUIRE_NODE_TESTS=1, but a test {reason}")
    pytest.skip(reason)


def run(command: list[str], given: str | None = None, **environment: str) -> str:
    """What a command in ``web/`` prints; the test fails with it if the command does."""
    done = subprocess.run(
        command,
        cwd=WEB,
        env={**os.environ, **environment},
        input=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    return done.stdout
