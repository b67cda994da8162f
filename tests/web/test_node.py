"""The JavaScript decoder's own tests, run by Node.

They are skipped where Node or the packages of ``web/`` are not there (``npm ci`` in ``web/`` brings
them), and fail instead with ``NFCODEC_REQUIRE_NODE_TESTS=1``.
"""

from __future__ import annotations

import re

import pytest

from tests.viewer import browser
from tests.web import node


@pytest.fixture(autouse=True)
def _node() -> None:
    node.require()


def npm(script: str, **environment: str) -> str:
    return node.run(["npm", "run", "--silent", script], **environment)


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
    assert re.search(r"with the element: \d+ bytes gzipped", said), said
