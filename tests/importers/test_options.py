"""``options.json`` beside a checkpoint: read, or refused by its own name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError
from tests.importers.test_checkpoints import as_tensors, volume


def _load(folder: Path, text: bytes) -> importers.Field:
    torch.save(as_tensors(volume()), folder / "v.pt")
    (folder / "options.json").write_bytes(text)
    return importers.load(folder / "v.pt")


@pytest.mark.parametrize(
    "text",
    [
        b'{"data_min": 0.0, "data_max": 2.0}',
        b'\xef\xbb\xbf{"data_min": 0.0, "data_max": 2.0}',
        b'{"data_min": "0", "data_max": " 2.0 "}',
        b'{"data_min": 0, "data_max": 2, "loss": NaN, "best": -Infinity}',
        b'{"data_min": 0, "data_max": 2, "full_shape": [7.0, "6", 5]}',
    ],
)
def test_ranges_that_can_be_read(tmp_path: Path, text: bytes) -> None:
    field = _load(tmp_path, text)
    assert field.metadata["value_range"] == [0.0, 2.0]
    assert field.networks[0].layers[-1].gain == 2.0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b'{"data_min": -Infinity, "data_max": 1.0}', "data_min is no finite number"),
        (b'{"data_min": 0, "data_max": 1e400}', "data_max is no finite number"),
        (b'{"data_min": NaN, "data_max": 1.0}', "data_min is no finite number"),
        (b'{"data_min": 0, "data_max": "high"}', "data_max is no finite number"),
        (b'{"data_min": false, "data_max": 1}', "data_min is no finite number"),
        (b'{"data_min": [0], "data_max": 1}', "data_min is no finite number"),
        (b'{"data_min": 0, "data_max": 1' + b"0" * 400 + b"}", "data_max is no finite number"),
        (b'{"data_min": 2, "data_max": 1}', "data_min 2 is not below data_max 1"),
        (b'{"data_min": 1, "data_max": 1}', "not below"),
        (b'{"data_min": -1e300, "data_max": 1e300}', "beyond float32"),
        (b'{"full_shape": [5, 6]}', "full_shape"),
        (b'{"full_shape": [5, 6, 1]}', "full_shape"),
        (b'{"full_shape": "5,6,7"}', "full_shape"),
        (b'{"a": 1', "cannot be read"),
        (b"\xff\xfe{\x00}\x00", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_and_options_json_named(
    tmp_path: Path, text: bytes, named: str
) -> None:
    with pytest.raises(DamagedFileError) as caught:
        _load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "options.json"))
    assert named in str(caught.value)
