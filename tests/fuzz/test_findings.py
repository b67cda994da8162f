"""Every input that was ever found to do what none may do."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.fuzz import registry
from tests.fuzz.target import examine
from tests.web import node

FOLDER = Path(__file__).resolve().parents[1] / "fuzz_findings"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file())


def test_there_are_findings() -> None:
    assert FILES
    assert {path.parent.name for path in FILES} <= registry.MODULES.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_stays_mended(path: Path) -> None:
    target, data = registry.target(path.parent.name), path.read_bytes()
    if target.peer:
        node.require()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wait = target.peer([data]) if target.peer else None
        verdict = examine(target, data)
    assert verdict.fault is None
    if wait and target.differs:
        assert target.differs(data, verdict, wait()[0]) is None
