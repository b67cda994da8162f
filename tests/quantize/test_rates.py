"""LODs are left out where they are not worth their bytes, and what is left is what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import coding, quantize
from nfcodec.codes import Float16Code, VQCode
from nfcodec.encoder.encode_file import encode_file
from nfcodec.encoder.rate_model import FileRates
from nfcodec.encoder.request import EncodeRequest, Quality, Size
from nfcodec.errors import DamagedFileError
from nfcodec.evaluate import FieldModule
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Grid, Kind
from nfcodec.model.packed import PackedIntegers
from nfcodec.quantize import Context
from nfcodec.quantize.contract import with_codes
from nfcodec.quantize.learning.task import EncodingTask
from nfcodec.quantize.rate.drafts import smallest_code
from nfcodec.quantize.rate.estimates import (
    coarser,
    estimate_rates,
    lods_worth_coding,
    min_lods,
    wants_more_codes,
)
from nfcodec.rd.compare import compare
from tests.fields import random_field
from tests.interrupt import Interrupter


def request(target: Size | Quality, steps: int, **options: Any) -> EncodeRequest:
    return EncodeRequest.of(target=target, steps=steps, device="cpu", preview=False, **options)


def scaled(field: Field, finest: float) -> Field:
    """``field`` with the vectors of its finest LOD multiplied by ``finest``."""
    last = field.num_lods - 1
    features = [v.features * (finest if v.lod == last else 1.0) for v in field.levels]
    return field.with_features(features)


@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_the_first_lods_are_what_they_were(kind: Kind) -> None:
    field = random_field(kind, "octree")
    points = torch.rand(200, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for lods in (1, 2, 3):
        alone = FieldModule(coarser(field, lods))
        assert alone.num_lods == lods
        whole = FieldModule(field)
        at = lods - 1
        name = field.networks[-1].name
        assert name is not None
        if kind == "nerf":
            assert torch.equal(whole.density(points, at), alone.density(points))
        else:
            assert torch.equal(whole(points, lod=at), alone(points))


def test_joined_vectors_need_all_their_levels() -> None:
    assert min_lods(random_field("scalar", "octree")) == 1
    field = random_field("scalar", "multigrid")
    assert min_lods(field) == field.num_lods
    summed = random_field("scalar", "octree")
    (grid,) = summed.grids
    later = Grid(tuple(replace(v, lod=v.lod + 1) for v in grid.levels), grid.combine)
    assert min_lods(replace(summed, grids=(grid, later))) == 2


def chosen(field: Field, weight: float) -> int:
    """How many LODs are worth coding at a rate."""
    subject = EncodingTask.of(field, Context(), 20, hidden=False)
    opening, _ = estimate_rates(subject.module, subject.objective, 6, 0, subject.corners)
    price = opening.price(weight)
    return lods_worth_coding(subject.field, subject.objective, opening, price, 0, FileRates())


def test_a_finest_lod_that_says_nothing_is_not_worth_coding() -> None:
    field = random_field("scalar", "octree")
    assert chosen(scaled(field, 0.0), 1.0) < 3
    assert chosen(scaled(field, 3.0), 1e-6) == 3
    # Of a distance all are kept: squared errors do not tell what a surface loses.
    assert chosen(scaled(random_field("sdf", "octree"), 0.0), 1.0) == 3


def test_files_have_the_lods_that_the_rate_pays_for(tmp_path: Path) -> None:
    field = scaled(random_field("scalar", "octree"), 0.05)
    many = quantize.encode(field, "ecq", rates=FileRates(), steps=3, rate_weight=1e-3, device="cpu")
    few = quantize.encode(field, "ecq", rates=FileRates(), steps=3, rate_weight=10.0, device="cpu")
    assert many.num_lods == 3
    assert few.num_lods < 3
    coding.save(few, tmp_path / "few.nfc")
    assert coding.open(tmp_path / "few.nfc").num_lods == few.num_lods
    # Codes of a fixed rate have no use for the choice.
    assert quantize.encode(field, "vqad", steps=3, device="cpu").num_lods == 3


@pytest.mark.slow
def test_a_size_below_the_floor_of_all_lods_is_met_by_fewer() -> None:
    field = random_field("scalar", "octree", levels=5)
    floors = [len(coding.to_bytes(smallest_code(coarser(field, lods)))) for lods in (4, 5)]
    wanted = round(0.95 * floors[1])
    assert wanted > 1.2 * floors[0]
    found = encode_file(field, request(Size(wanted), 4))
    assert found.coded.num_lods < 5
    assert 0.98 * wanted <= len(found.data) <= wanted


@pytest.mark.slow
def test_a_quality_that_coarse_lods_do_not_have_keeps_the_fine_ones() -> None:
    field = scaled(random_field("scalar", "octree"), 2.0)
    best = compare(field, coarser(field, 2), device="cpu")["between"]["value_psnr"]
    found = encode_file(field, request(Quality(best + 1.0), 6, bits=8))
    assert found.coded.num_lods == 3
    assert found.quality == pytest.approx(best + 1.0, abs=0.1)


@pytest.mark.parametrize(("kind", "rate_weight"), [("scalar", 0.1), ("nerf", 100.0)])
def test_resumed_work_has_the_same_lods(kind: Kind, rate_weight: float, tmp_path: Path) -> None:
    field = scaled(random_field(kind, "octree"), 0.0)
    options: dict[str, Any] = {
        "rate_weight": rate_weight,
        "steps": 12,
        "device": "cpu",
        "rates": FileRates(),
    }
    wanted = quantize.encode(field, "ecq", **options)
    assert wanted.num_lods < 3
    state = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        quantize.encode(field, "ecq", **options, resume=state, progress=Interrupter(9, "ecq"))
    resumed = quantize.encode(field, "ecq", **options, resume=state)
    assert coding.to_bytes(resumed) == coding.to_bytes(wanted)


def test_resumed_work_towards_a_size_has_the_same_lods(tmp_path: Path) -> None:
    field = random_field("scalar", "octree", levels=5)
    size = round(0.95 * len(coding.to_bytes(smallest_code(field))))
    wanted = encode_file(field, request(Size(size), 12))
    assert wanted.coded.num_lods < 5
    state = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        encode_file(field, request(Size(size), 12, resume=state), Interrupter(9, "ecq"))
    assert state.exists()
    resumed = encode_file(field, request(Size(size), 12, resume=state))
    assert resumed.data == wanted.data


def test_a_checkpoint_of_fewer_lods_than_make_a_field_is_refused(tmp_path: Path) -> None:
    field = random_field("scalar", "multigrid")
    joined = (
        Grid(tuple(replace(level, lod=n) for level in grid.levels), grid.combine)
        for n, grid in enumerate(field.grids)
    )
    field = replace(field, grids=tuple(joined))
    assert min_lods(field) == field.num_lods > 1
    options: dict[str, Any] = {
        "rate_weight": 0.1,
        "steps": 12,
        "device": "cpu",
        "rates": FileRates(),
    }
    state = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        quantize.encode(field, "ecq", **options, resume=state, progress=Interrupter(9, "ecq"))
    doctored = torch.load(state, weights_only=True)
    assert doctored["finest"] == field.num_lods - 1
    torch.save({**doctored, "finest": 0}, state)
    with pytest.raises(DamagedFileError, match="finest 0"):
        quantize.encode(field, "ecq", **options, resume=state)


@pytest.mark.parametrize(
    "change",
    [
        lambda candidates: candidates.float().requires_grad_(),
        lambda candidates: candidates + 1000,
        lambda candidates: -1 - candidates,
    ],
)
def test_a_checkpoint_of_codes_that_are_not_there_is_refused(
    change: Callable[[torch.Tensor], torch.Tensor], tmp_path: Path
) -> None:
    field = random_field("scalar", "octree")
    options: dict[str, Any] = {
        "rate_weight": 1e-3,
        "steps": 12,
        "device": "cpu",
        "rates": FileRates(),
    }
    state = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        quantize.encode(field, "ecq", **options, resume=state, progress=Interrupter(9, "ecq"))
    doctored = torch.load(state, weights_only=True)
    name = "rows.0.candidates"
    doctored["module"][name] = change(doctored["module"][name])
    torch.save(doctored, state)
    with pytest.raises(DamagedFileError, match="the codes of level 0"):
        quantize.encode(field, "ecq", **options, resume=state)


def test_codes_that_are_shared_evenly_are_too_few() -> None:
    coded = quantize.encode(random_field("scalar", "dense"), method="float16")
    rows = [len(level.code.values) for level in coded.levels if isinstance(level.code, Float16Code)]
    largest = rows.index(max(rows))

    def with_indices(share: int) -> CodedField:
        """Of the largest level ``share`` corners have the first code, the others all alike."""
        codes = []
        for level, count in enumerate(rows):
            index = np.arange(count) % 4
            if level == largest:
                index[:share] = 0
            codes.append(VQCode(PackedIntegers.pack(index, 2), np.zeros((4, 4), np.float16)))
        return with_codes(random_field("scalar", "dense"), codes)

    assert wants_more_codes(with_indices(0), 2)
    assert not wants_more_codes(with_indices(max(rows) // 2), 2)
    assert not wants_more_codes(with_indices(0), 3)
    assert not wants_more_codes(coded, 2)
