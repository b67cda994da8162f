"""Teachers and steps of a size that tests can afford."""

from __future__ import annotations

from functools import partial

import pytest

from nfcodec.fit import banks
from nfcodec.quantize import vqad


@pytest.fixture(autouse=True)
def _small_teachers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banks, "TEACHER_SIZE", 24)
    monkeypatch.setattr(vqad, "TEACHER_VIEWS", 12)
    monkeypatch.setattr(vqad, "TEACHER_POINTS", 1 << 14)
    monkeypatch.setattr(vqad, "ValueLoss", partial(vqad.ValueLoss, points_per_step=1 << 11))
    photometric = partial(vqad.PhotometricLoss, samples_per_step=1 << 12)
    monkeypatch.setattr(vqad, "PhotometricLoss", photometric)
