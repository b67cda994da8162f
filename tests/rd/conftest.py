"""Teachers and pictures of a size that tests can afford."""

from __future__ import annotations

from functools import partial

import pytest

from nfcodec.fit import banks
from nfcodec.quantize import supervision
from nfcodec.rd import views


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that learn codes."""
    monkeypatch.setattr(banks, "TEACHER_SIZE", 24)
    monkeypatch.setattr(supervision, "TEACHER_VIEWS", 12)
    monkeypatch.setattr(supervision, "TEACHER_POINTS", 1 << 14)
    monkeypatch.setattr(
        supervision, "ValueLoss", partial(supervision.ValueLoss, points_per_step=1 << 11)
    )
    photometric = partial(supervision.PhotometricLoss, samples_per_step=1 << 12)
    monkeypatch.setattr(supervision, "PhotometricLoss", photometric)
    monkeypatch.setattr(views, "HEIGHT", {"nerf": 24, "sdf": 24, "scalar": 24})
