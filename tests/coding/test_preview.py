"""The small image at the end of a file: written, read, skipped, and never in the way."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from nfcodec import coding, quantize, render
from nfcodec.coding import previews
from nfcodec.container import BytesSource, Reader, assemble
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.model.coded import CodedField
from nfcodec.render import preview, views
from tests.fields import random_field

HINT = {"eye": [3.0, -2.0, 1.5], "target": [0.0, 0.0, 0.0], "width": 80, "height": 40}


@pytest.fixture(scope="module")
def coded() -> CodedField:
    field = random_field("nerf", "octree")
    return quantize.encode(field, "kmeans", bits=4)


@pytest.fixture(scope="module")
def image() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 9), (200, 30, 30)).save(file, format="WEBP")
    return file.getvalue()


def test_an_image_comes_back_and_the_field_is_the_same(coded: CodedField, image: bytes) -> None:
    plain = coding.to_bytes(coded)
    data = previews.add(plain, image)
    assert coding.preview(plain) is None
    assert coding.preview(data) == image
    assert coding.to_bytes(coding.open(data)) == plain
    coding.verify(data)


def test_it_lies_behind_everything_else(coded: CodedField, image: bytes) -> None:
    without = coding.to_bytes(coded)
    plain, data = (Reader(BytesSource(d)) for d in (without, previews.add(without, image)))
    assert [chunk.type for chunk in data.chunks] == [*(c.type for c in plain.chunks), "prev"]
    assert plain.version == data.version == (1, 0)
    # One more entry in the chunk table: that is all the first image waits for.
    assert data.front_bytes - plain.front_bytes == 12


def test_a_cut_preview_leaves_the_field_whole(coded: CodedField, image: bytes) -> None:
    data = previews.add(coding.to_bytes(coded), image)
    cut = data[: -len(image) // 2]
    assert coding.open(cut).num_lods == coded.num_lods
    with pytest.raises(DamagedFileError, match="cut before the end of its preview"):
        coding.preview(cut)


def test_a_damaged_preview_is_noticed(coded: CodedField, image: bytes) -> None:
    data = bytearray(previews.add(coding.to_bytes(coded), image))
    data[-8] ^= 1
    assert coding.open(bytes(data)).num_lods == coded.num_lods
    with pytest.raises(DamagedFileError, match="prev at byte"):
        coding.preview(bytes(data))
    with pytest.raises(DamagedFileError, match="prev at byte"):
        coding.verify(bytes(data))


@pytest.mark.parametrize("size", [0, 7, 9, 1 << 31])
def test_a_wrong_length_is_noticed(coded: CodedField, size: int) -> None:
    reader = Reader(BytesSource(coding.to_bytes(coded)))
    data = coding.to_bytes(coded)
    chunks = [(c.type, data[c.offset : c.end]) for c in reader.chunks]
    wrong = assemble(reader.header, [*chunks, ("prev", struct.pack("<I", size) + b"12345678")])
    if size == 7:  # the eighth byte is padding then
        assert coding.preview(wrong) == b"1234567"
        return
    with pytest.raises(DamagedFileError, match="length differs from"):
        coding.preview(wrong)


def test_what_is_no_image_is_not_stored(coded: CodedField, image: bytes) -> None:
    plain = coding.to_bytes(coded)
    with pytest.raises(UsageError, match="JPEG, PNG or WebP"):
        previews.add(plain, b"<html>")
    with pytest.raises(UsageError, match="already"):
        previews.add(previews.add(plain, image), image)


def test_it_shows_the_field_from_its_hint_within_the_allowance(coded: CodedField) -> None:
    from dataclasses import replace

    hinted = replace(coded, metadata={**coded.metadata, "camera": HINT})
    data = preview.draw(hinted, 200_000)
    assert data is not None
    assert len(data) <= 6000
    image = Image.open(io.BytesIO(data))
    assert image.format == "WEBP"
    assert image.size == (160, 80)
    wanted = render.render(hinted, views.default_camera(hinted, (160, 80)), device="cpu")
    error = np.asarray(image.convert("RGB"), np.float32) / 255 - wanted
    assert 10 * np.log10(1 / np.mean(error**2)) > 20
    smaller = preview.draw(hinted, 0)
    assert smaller is None or len(smaller) <= preview.LEAST
