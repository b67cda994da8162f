"""What the golden files' fields give at a few points, beside what the files decode to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate
from tests.formats.test_vectors import FILES

FOLDER = Path(__file__).parents[2] / "formats" / "vectors" / "v1-values"


def test_each_golden_file_has_values_and_they_tell_something() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {path.stem for path in FILES}
    for path in FOLDER.glob("*.json"):
        finest = np.array(json.loads(path.read_text())["values"][-1])
        assert (np.ptp(finest, axis=0) > 1e-3).all(), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_values(path: Path) -> None:
    wanted = json.loads((FOLDER / f"{path.stem}.json").read_text())
    field = coding.open(path)
    module = FieldModule(field)
    points = np.array(wanted["points"])
    directions = np.array(wanted["directions"]) if "directions" in wanted else None
    assert len(wanted["values"]) == field.num_lods
    for lod, values in enumerate(wanted["values"]):
        found = evaluate(field, points, directions, lod=lod)
        np.testing.assert_allclose(found, values, rtol=1e-5, atol=1e-6)
        fast = module(
            torch.tensor(points, dtype=torch.float32),
            None if directions is None else torch.tensor(directions, dtype=torch.float32),
            lod=lod,
        )
        np.testing.assert_allclose(fast.detach().numpy(), values, rtol=1e-3, atol=2e-4)
