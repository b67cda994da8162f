"""Golden files of image decoders: what they decode to, and the images they make."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from formats import make_images
from nfcodec import coding
from nfcodec.evaluate.reference import evaluate
from nfcodec.vqnerf import drawing
from nfcodec.vqnerf.model import ImageDecoder
from nfcodec.vqnerf.networks import ImageDecoderModule

FILES = sorted(make_images.FOLDER.glob("*.nfc"))
#: Of the files as they were first written: they are never written again.
SUMS = {
    line.split()[1]: line.split()[0]
    for line in (make_images.FOLDER / "SHA256SUMS").read_text().splitlines()
}


def stated(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return found


def test_all_of_them_are_there_as_they_were() -> None:
    assert {path.stem for path in FILES} == set(make_images.FIELDS)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in make_images.FOLDER.iterdir() if path.name != "SHA256SUMS"
    }  # fmt: skip
    assert found == SUMS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_decode_to_what_is_stated(path: Path) -> None:
    wanted = stated(path)
    del wanted["values"]
    image = wanted.pop("image", None)
    coded = coding.open(path)
    found = json.loads(json.dumps(make_images.expected(coded)))
    again = found.pop("image", None)
    assert found == wanted
    assert (image is None) == (again is None)
    if image is not None:
        assert again["indices"] == image["indices"]
        np.testing.assert_allclose(again["pixels"], image["pixels"], atol=2e-6)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_give_the_values_that_are_stated(path: Path) -> None:
    wanted = stated(path)["values"]
    coded = coding.open(path)
    for lod, rows in enumerate(wanted["values"]):
        found = evaluate(coded, wanted["points"], wanted["directions"], lod=lod)
        np.testing.assert_allclose(found, rows, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["vq_nerf", "vq_nerf_low"])
def test_the_networks_make_the_image_that_is_stated(name: str) -> None:
    path = make_images.FOLDER / f"{name}.nfc"
    coded, wanted = coding.open(path), stated(path)["image"]
    assert coded.image is not None
    assert isinstance(coded.image.decoder, ImageDecoder)
    module = ImageDecoderModule(coded.image.decoder)
    features = torch.tensor(wanted["features"])[None]
    indices = module.nearest(features)
    assert indices[0].tolist() == wanted["indices"]
    with torch.no_grad():
        pixels = drawing.decode(module, module.lookup(indices))[0].clamp(0.0, 1.0)
    np.testing.assert_allclose(pixels.numpy(), wanted["pixels"], atol=1e-5)
