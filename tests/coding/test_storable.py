"""What a .nfc file cannot hold is told before a field is coded."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec.coding.storable import check_storable
from nfcodec.encoder.encode_file import encode
from nfcodec.errors import InvalidFieldError, LimitError, UsageError
from nfcodec.exporters import export
from nfcodec.files import require_plain
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.quantize.vq import kmeans
from tests.fields import random_field

UNSTORABLE: dict[str, tuple[dict[str, Any], str]] = {
    "integer": ({"a": {"b": [1, 2**70]}}, "metadata['a']['b'][1] is an integer of 71 bits"),
    "negative": ({"n": -(2**64) - 1}, "metadata['n'] is an integer of 65 bits"),
    "text": ({"source": {"file": "caf\udce9.pt"}}, "metadata['source']['file'] is a text with"),
    "key": ({"\ud800": 1}, "a key of metadata is a text with surrogates"),
    "size": ({"log": "a" * (1 << 24)}, "metadata of 16,777,2"),
}


def _field(metadata: dict[str, Any]) -> Field:
    return replace(random_field("scalar", "dense", levels=1), metadata=metadata)


@pytest.mark.parametrize("name", UNSTORABLE)
def test_metadata_that_cannot_be_stored_is_told_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def learned(*_: Any) -> None:
        raise AssertionError("the work began")

    metadata, message = UNSTORABLE[name]
    monkeypatch.setattr(kmeans.KMeans, "quantize", learned)
    with pytest.raises(UsageError) as caught:
        encode(_field(metadata), "kmeans")
    assert message in str(caught.value)
    path = export(_field(metadata), tmp_path / "a.pt")
    with pytest.raises(UsageError) as caught:
        require_plain(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_what_can_be_stored_passes() -> None:
    fine = {"a": 2**64 - 1, "b": -(2**64), "c": ["déjà", 1.5, None, True], "viewpoints": [2**70]}
    check_storable(_field(fine), "x")


def test_a_layout_that_no_decoder_reads_is_told_first() -> None:
    sides = (1, 1, (1 << 16) + 1)
    level = Level(DenseLayout(sides), 0, np.zeros((math.prod(sides), 4), np.float32))
    field = replace(random_field("scalar", "dense", levels=1), grids=(Grid((level,)),))
    with pytest.raises(LimitError, match="x: "):
        check_storable(field, "x")


def test_an_empty_octree_level_is_told_by_the_file_it_is_in() -> None:
    field = random_field("nerf", "octree")
    last = field.levels[-1]
    empty = Level(
        OctreeLayout(last.layout.depth, np.zeros(0, np.uint64)),  # type: ignore[union-attr]
        last.lod,
        np.zeros((0, last.num_features), np.float32),
    )
    levels = (*field.grids[0].levels[:-1], empty)
    with pytest.raises(InvalidFieldError, match=r"a\.pt: a \.nfc file cannot hold it"):
        check_storable(replace(field, grids=(replace(field.grids[0], levels=levels),)), "a.pt")
