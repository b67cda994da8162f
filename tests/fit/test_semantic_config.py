"""Folders that hold no CLIP, which is told without the library that draws on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nfcodec.errors import UnsupportedError, UsageError
from nfcodec.fit.semantic import SemanticLoss


@pytest.mark.parametrize("kind", ["bert", ["clip"], None, {"clip": 1}])
def test_a_model_of_another_type(kind: Any, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(UnsupportedError, match="a CLIP is needed"):
        SemanticLoss(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        SemanticLoss(tmp_path / "nowhere")
