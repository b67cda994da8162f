"""Teachers and steps of a size that tests can afford."""

from __future__ import annotations

import pytest

from tests.small import shrink_teachers


@pytest.fixture(autouse=True)
def _small_teachers(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_teachers(monkeypatch)
