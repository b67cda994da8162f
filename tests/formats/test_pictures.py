"""Golden files of picture decoders: what they decode to, and the pictures they make."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from formats import make_pictures
from nfcodec import coding
from nfcodec.evaluate.pictures import PictureDecoderModule
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.picture import PictureDecoder
from nfcodec.render import low_rate

FILES = sorted(make_pictures.FOLDER.glob("*.nfc"))
#: Of the files as they were first written: they are never written again.
SUMS = {
    line.split()[1]: line.split()[0]
    for line in (make_pictures.FOLDER / "SHA256SUMS").read_text().splitlines()
}


def stated(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return found


def test_all_of_them_are_there_as_they_were() -> None:
    assert {path.stem for path in FILES} == set(make_pictures.FIELDS)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in make_pictures.FOLDER.iterdir() if path.name != "SHA256SUMS"
    }  # fmt: skip
    assert found == SUMS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_decode_to_what_is_stated(path: Path) -> None:
    wanted = stated(path)
    del wanted["values"]
    picture = wanted.pop("picture", None)
    coded = coding.open(path)
    found = json.loads(json.dumps(make_pictures.expected(coded)))
    again = found.pop("picture", None)
    assert found == wanted
    assert (picture is None) == (again is None)
    if picture is not None:
        assert again["indices"] == picture["indices"]
        np.testing.assert_allclose(again["pixels"], picture["pixels"], atol=2e-6)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_give_the_values_that_are_stated(path: Path) -> None:
    wanted = stated(path)["values"]
    coded = coding.open(path)
    for lod, rows in enumerate(wanted["values"]):
        found = evaluate(coded, wanted["points"], wanted["directions"], lod=lod)
        np.testing.assert_allclose(found, rows, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["vq_nerf", "vq_nerf_low"])
def test_the_networks_make_the_picture_that_is_stated(name: str) -> None:
    path = make_pictures.FOLDER / f"{name}.nfc"
    coded, wanted = coding.open(path), stated(path)["picture"]
    assert coded.picture is not None
    assert isinstance(coded.picture.decoder, PictureDecoder)
    module = PictureDecoderModule(coded.picture.decoder)
    features = torch.tensor(wanted["features"])[None]
    indices = module.nearest(features)
    assert indices[0].tolist() == wanted["indices"]
    with torch.no_grad():
        pixels = low_rate.decode(module, module.lookup(indices))[0].clamp(0.0, 1.0)
    np.testing.assert_allclose(pixels.numpy(), wanted["pixels"], atol=1e-5)
