"""Layers are for LODs whose coarse codes make a better field than there was before."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest

from nfcodec import coding, quantize
from nfcodec.codes import layering
from nfcodec.encoder.layers import lods_not_worth_layering
from nfcodec.encoder.rate_model import FileRates
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.model.coded import CodedField
from nfcodec.train.sdf import SdfSettings, train_sdf
from tests.data.shapes import sphere
from tests.fields import random_coded
from tests.small import shrink_teachers


def qualities(coded: CodedField, data: bytes) -> list[float | None]:
    """The PSNR of values at each cut."""
    metrics = FieldMetrics(coded, points=4000, device="cpu")
    cuts = coding.describe(data)["cuts"]
    return [
        metrics.value_psnr(metrics.module_of(coding.open(data[: cut["bytes"]]))) for cut in cuts
    ]


def single(coded: CodedField) -> dict[int, int]:
    return lods_not_worth_layering(coded, FileRates().write(coded), device="cpu")


def rises(found: list[float | None]) -> bool:
    return all(
        before is not None and after is not None and after > before
        for before, after in itertools.pairwise(found)
    )


@pytest.mark.slow
def test_coarse_codes_that_are_worse_than_none_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sphere's coarse LODs stand alone so well that finer ones do harm until they are exact."""
    shrink_teachers(monkeypatch)
    monkeypatch.setattr(layering, "MOST_COST", 1.0)
    settings = SdfSettings(depths=(3, 4, 5), features=4, hidden=16, steps=150, samples=4096)
    field = train_sdf(sphere(0.6), settings=settings, device="cpu")
    coded = quantize.encode(field, "vqad", bits=5, steps=80, device="cpu")
    unmeasured = coding.to_bytes(coded)
    assert not rises(qualities(coded, unmeasured))
    kept = single(coded)
    data = coding.to_bytes(coded, layers=kept)
    assert rises(qualities(coded, data))
    cuts = coding.describe(data)["cuts"]
    assert kept
    assert all(cut["layer"] == 0 for cut in cuts if cut["lod"] in kept)
    assert any(cut["layer"] > 0 for cut in cuts)


@pytest.mark.parametrize("method", ["lowrank", "float16"])
def test_what_has_no_layers_is_not_measured(
    method: Literal["lowrank", "float16"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nfcodec.encoder.layers._quality", None)
    assert single(random_coded("sdf", "octree", method)) == {}


def test_radiance_is_judged_by_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """By images that all look as well as the whole one there is nothing to gain from layers."""
    monkeypatch.setattr(layering, "MOST_COST", 1.0)
    coded = random_coded("nerf", "octree", "vq", 5, levels=4)
    lods = {cut["lod"] for cut in coding.describe(coding.to_bytes(coded))["cuts"] if cut["layer"]}
    assert lods
    assert set(single(coded)) <= lods
    monkeypatch.setattr("nfcodec.metrics.views.view_psnr", lambda *_: 30.0)
    assert set(single(coded)) == lods
