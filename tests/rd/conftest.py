"""Teachers and images of a size that tests can afford."""

from __future__ import annotations

import pytest

from nfcodec.metrics import views
from tests.small import shrink_teachers


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that learn codes."""
    shrink_teachers(monkeypatch)
    monkeypatch.setattr(views, "HEIGHT", {"nerf": 24, "sdf": 24, "scalar": 24})
