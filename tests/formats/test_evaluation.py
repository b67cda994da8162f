"""Vectors of evaluation: what they were made for is in them, and every evaluator agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from formats.making.evaluation import FIELDS, FOLDER
from nfcodec import coding
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.networks import ACTIVATIONS
from tests.formats.by_spec import Decoder
from tests.formats.evaluate_by_spec import Evaluator

NAMES = sorted(path.stem for path in FOLDER.glob("*.nfc"))


def stated(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def test_there_is_one_for_each_field() -> None:
    assert sorted(FIELDS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    wanted, field = stated(name), coding.open(FOLDER / f"{name}.nfc")
    assert len(wanted["values"]) == field.num_lods
    module = FieldModule(field)
    directions = wanted.get("directions")
    for lod, values in enumerate(wanted["values"]):
        found = evaluate(field, wanted["points"], directions, lod=lod)
        scale = np.maximum(1.0, np.abs(values))
        assert (np.abs(found - values) <= 1e-5 * scale).all()
        assert (np.ptp(found, axis=0) > 0).any()
        fast = module(
            torch.tensor(wanted["points"], dtype=torch.float32),
            None if directions is None else torch.tensor(directions, dtype=torch.float32),
            lod=lod,
        )
        assert (np.abs(fast.detach().numpy() - values) <= 1e-3 * scale).all()


def test_together_they_use_all_functions() -> None:
    layers, encodings, options, combines = set(), set(), set(), set()
    for name in NAMES:
        field = coding.open(FOLDER / f"{name}.nfc")
        for network in field.networks:
            layers |= {layer.activation for layer in network.layers}
            encodings |= {
                (block.encoding.kind, block.encoding.degree, block.encoding.include_input)
                for block in network.inputs
            }
        combines |= {grid.combine for grid in field.grids}
        options |= {
            (layout.dims, getattr(layout, "align_corners", None), getattr(layout, "padding", None))
            for layout in (level.layout for level in field.levels)
        }
    assert layers >= set(ACTIVATIONS)
    assert combines == {"sum", "concat", "product"}
    assert encodings >= {("frequency", 0, True), ("frequency", 0, False)} | {
        ("spherical_harmonics", degree, True) for degree in (1, 2, 3, 4)
    }
    assert options >= {
        (3, True, "zeros"), (3, True, "border"), (3, False, "zeros"), (3, False, "border"),
        (3, None, None), (2, False, "border"), (2, True, "zeros"), (1, True, "border"),
    }  # fmt: skip


def test_density_ends_at_cells_and_at_the_box() -> None:
    for name in ("cells", "voxels"):
        wanted, field = stated(name), coding.open(FOLDER / f"{name}.nfc")
        u = (np.array(wanted["points"]) - field.bounds[0]) / np.ptp(field.bounds, axis=0) * 2 - 1
        density = np.array(wanted["values"][-1])[:, 0]
        outside = (np.abs(u) > 1).any(axis=1)
        assert (density[outside] == 0).all()
        assert (density[~outside] == 0).any()
        assert (density[~outside] > 0).any()
        assert (density[(np.abs(u) == 1).all(axis=1)] > 0).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_text_says_the_same(name: str) -> None:
    wanted = stated(name)
    evaluator = Evaluator(Decoder((FOLDER / f"{name}.nfc").read_bytes()))
    directions = wanted.get("directions") or [None] * len(wanted["points"])
    for lod, rows in enumerate(wanted["values"]):
        for point, direction, row in zip(wanted["points"], directions, rows, strict=True):
            found = evaluator.at(point, direction, lod)
            assert found == pytest.approx(row, rel=1e-6, abs=1e-6)
