"""The JavaScript decoder's own tests, run by Node.

They are skipped where Node or the packages of ``web/`` are not there (``npm ci`` in ``web/`` brings
them), and fail instead with ``NFCODEC_REQUIRE_NODE_TESTS=1``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.viewer import browser

WEB = Path(__file__).parents[2] / "web"
OLDEST = 20


def missing() -> str | None:
    """What the tests need and is not there."""
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


def npm(script: str, **environment: str) -> str:
    """What ``npm run`` prints; the test fails with it if npm does."""
    done = subprocess.run(
        ["npm", "run", "--silent", script],
        cwd=WEB,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    return done.stdout


@pytest.fixture(autouse=True)
def _node() -> None:
    reason = missing()
    if reason is None:
        return
    if os.environ.get("NFCODEC_REQUIRE_NODE_TESTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def all_passed(said: str, at_least: int) -> None:
    counts = {name: int(n) for name, n in re.findall(r"^# (pass|fail|skipped) (\d+)", said, re.M)}
    assert counts["pass"] >= at_least, said[-2000:]
    assert counts["fail"] == counts["skipped"] == 0, said[-2000:]


@pytest.mark.slow
def test_the_tests_of_the_decoder_pass() -> None:
    all_passed(npm("test"), at_least=150)


@pytest.mark.slow
def test_they_pass_in_a_browser() -> None:
    browser.require()
    all_passed(npm("test:page", NFCODEC_BROWSER=str(browser.executable())), at_least=12)


def test_types_are_sound() -> None:
    npm("check")


def test_what_a_page_loads_is_within_its_budget() -> None:
    said = npm("size")
    assert re.search(r"together \d+ bytes gzipped", said), said
