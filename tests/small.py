"""Teachers and steps of a size that tests can afford."""

from __future__ import annotations

from functools import partial

import pytest

from nfcodec.fit import banks
from nfcodec.quantize.learning import supervision


def shrink_teachers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few and small images, few points, short steps for all that learns codes."""
    monkeypatch.setattr(banks, "TEACHER_SIZE", 24)
    monkeypatch.setattr(supervision, "TEACHER_VIEWS", 12)
    monkeypatch.setattr(supervision, "TEACHER_POINTS", 1 << 14)
    monkeypatch.setattr(
        supervision, "ValueLoss", partial(supervision.ValueLoss, points_per_step=1 << 11)
    )
    photometric = partial(supervision.PhotometricLoss, samples_per_step=1 << 12)
    monkeypatch.setattr(supervision, "PhotometricLoss", photometric)
