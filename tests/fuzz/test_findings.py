"""Every input that was ever found to do what none may do, read under its target's limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz import registry
from tests.fuzz.supervise import Worker
from tests.web import node

FOLDER = Path(__file__).resolve().parents[1] / "fuzz_findings"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file())


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as made:
        yield made


def test_there_are_findings() -> None:
    assert FILES
    assert {path.parent.name for path in FILES} <= registry.MODULES.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_stays_mended(path: Path, worker: Worker) -> None:
    if path.parent.name == "nfc":
        node.require()
    tally = worker.read(path.parent.name, path)
    assert not tally.findings
    assert sum(tally.answers.values()) == 1
