"""Image stages in files: exact, in either form, and refused when they are not what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.container import cbor, limits
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError, UsageError
from nfcodec.model.coded import CodedField
from nfcodec.quantize import encode
from nfcodec.vqnerf.halves import MAX_LAYERS
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, outline
from nfcodec.vqnerf.stage import DecoderStage
from tests.coding.equal import difference
from tests.coding.surgery import chunks_of, with_chunks, with_header
from tests.fields import random_coded
from tests.vqnerf.fields import small_vq_nerf


def coded(**options: Any) -> CodedField:
    return encode(small_vq_nerf(**options), "kmeans", bits=3)


@pytest.mark.parametrize("sampled", [True, False])
@pytest.mark.parametrize("named", [True, False])
def test_a_stage_comes_back(sampled: bool, named: bool) -> None:
    field = coded(sampled=sampled, named=named)
    data = coding.to_bytes(field)
    found = coding.open(data)
    assert difference(found, field) is None
    assert found.kind == "vq-nerf"
    assert found.image is not None
    assert field.image is not None
    np.testing.assert_array_equal(found.image.empty, field.image.empty)
    one, two = found.image.decoder, field.image.decoder
    if named:
        assert one == two
    else:
        assert isinstance(one, ImageDecoder)
        assert isinstance(two, ImageDecoder)
        assert outline(one) == outline(two)
        for (name, left), (_, right) in zip(named_arrays(one), named_arrays(two), strict=True):
            np.testing.assert_array_equal(left, right, err_msg=name)
    coding.verify(data)


def test_its_bytes_are_told() -> None:
    field = coded()
    data = coding.to_bytes(field)
    found = coding.describe(data)
    parts = {part["part"]: part["bytes"] for part in found["parts"] if "level" not in part}
    assert parts["image codebook"] >= 2 * 16 * 3
    assert parts["image decoder"] > 1000
    assert parts["image empty"] >= 6
    assert sum(part["bytes"] for part in found["parts"]) == len(data)
    assert found["format"] == "1.0"
    assert found["image"]["scale"] == 4
    assert found["image"]["codebook"] == [16, 3]
    assert found["image"]["digest"] is None
    assert found["image"]["values"] == sum(a.size for _, a in named_arrays(decoder(field)))
    left = coding.describe(coding.to_bytes(coded(named=True)))
    assert len(left["image"]["digest"]) == 64
    assert left["bytes"] < len(data) - 1000


def decoder(field: CodedField) -> ImageDecoder:
    assert field.image is not None
    assert isinstance(field.image.decoder, ImageDecoder)
    return field.image.decoder


def test_files_of_other_kinds_stay_as_old_as_they_were() -> None:
    assert coding.describe(coding.to_bytes(random_coded("nerf", "octree")))["image"] is None


def test_the_chunk_is_critical_comes_early_and_is_there_once() -> None:
    data = coding.to_bytes(coded())
    chunks = chunks_of(data)
    names = [name for name, _ in chunks]
    assert names.index("PICT") < names.index("LEVL")
    image = chunks.pop(names.index("PICT"))
    with pytest.raises(DamagedFileError, match="0 chunks of type PICT"):
        coding.open(with_chunks(data, chunks))
    with pytest.raises(DamagedFileError, match="before the networks"):
        coding.open(with_chunks(data, [*chunks, image]))
    with pytest.raises(DamagedFileError, match="2 chunks of type PICT"):
        coding.open(with_chunks(data, [image, image, *chunks]))


def test_a_cut_before_the_first_level_is_told() -> None:
    data = coding.to_bytes(coded())
    with pytest.raises(DamagedFileError, match="cut"):
        coding.open(data[:2000])


def entry(tree: Any, value: Any) -> None:
    tree[5] = value


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda t: t.pop(5), DamagedFileError, "without an image entry"),
        (lambda t: t.update({0: 0}), DamagedFileError, "with an image entry"),
        (lambda t: entry(t, [2, 4, 16, 3, 9]), UnsupportedError, "id 2"),
        (lambda t: entry(t, [0, 4, 16, 3]), DamagedFileError, "values, which decoder"),
        (lambda t: entry(t, [0, 4, 0, 3, 9]), DamagedFileError, "0"),
        (lambda t: entry(t, [0, 64, 16, 3, 4000]), DamagedFileError, "64"),
        (lambda t: entry(t, [0, 4, 16, 3, 1 << 40]), LimitError, "limit"),
        (lambda t: entry(t, [0, 4, 1 << 20, 3, 1 << 23]), DamagedFileError, "65536"),
        (lambda t: entry(t, [1, 4, 16, 3, b"abc"]), DamagedFileError, "32 bytes"),
        (lambda t: entry(t, [1, 4, 16, 3, b"a" * 32]), UnsupportedError, "form"),
        (lambda t: entry(t, [0, 2, 16, 3, t[5][4]]), DamagedFileError, "outline has scale 4"),
        (lambda t: entry(t, [0, 4, 16, 3, t[5][4] + 1]), DamagedFileError, "values; the header"),
    ],
)  # fmt: skip
def test_headers_that_say_otherwise_are_refused(
    change: Callable[[Any], None], error: type[NfcodecError], message: str
) -> None:
    with pytest.raises(error, match=message):
        coding.open(with_header(coding.to_bytes(coded()), change))


def with_outline(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The file with another outline before the same values."""
    chunks = chunks_of(data)
    at = [name for name, _ in chunks].index("PICT")
    payload = chunks[at][1]
    size = int.from_bytes(payload[:4], "little")
    tree = cbor.loads(payload[4 : 4 + size], "outline")
    change(tree)
    text = cbor.dumps(tree)
    text = len(text).to_bytes(4, "little") + text + b"\0" * (-len(text) % 4)
    chunks[at] = ("PICT", text + payload[4 + size + (-size % 4) :])
    return with_chunks(data, chunks)


def test_the_surgery_itself_changes_nothing() -> None:
    data = coding.to_bytes(coded())
    assert difference(coding.open(with_outline(data, lambda tree: None)), coded()) is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda t: t.pop("layers"), DamagedFileError),
        (lambda t: t.pop("codebook"), DamagedFileError),
        (lambda t: t.update(layers=7), DamagedFileError),
        (lambda t: t["layers"].pop(0), DamagedFileError),
        (lambda t: t["layers"][0].update(type="transformer"), UnsupportedError),
        (lambda t: t["layers"][0].update(stride=3), DamagedFileError),
        (lambda t: t["layers"][0].update(weight=[8, 3, 3]), DamagedFileError),
        (lambda t: t["layers"][0].update(weight=[1 << 30, 1 << 30, 3, 3]), NfcodecError),
        (lambda t: t["layers"][0].update(weight=[8, 3, 3, -3]), DamagedFileError),
        (lambda t: t["layers"][3].update(factor=10**6), NfcodecError),
        (lambda t: t["layers"][6].update(name="step"), UnsupportedError),
        (lambda t: t["layers"].extend([{"type": "upsample", "factor": 2}] * 40), DamagedFileError),
        (lambda t: t["layers"].extend([{"type": "activation"}] * 9000), DamagedFileError),
    ],
)  # fmt: skip
def test_outlines_of_something_else_are_refused(
    change: Callable[[Any], None], error: type[NfcodecError]
) -> None:
    with pytest.raises(error):
        coding.open(with_outline(coding.to_bytes(coded()), change))


def largest_outline() -> dict[str, Any]:
    """As many layers as there may be, of the type that takes the most bytes."""
    norm = {"type": "group_norm", "weight": [4096], "bias": [4096], "groups": 4096,
            "epsilon": 1.1e-6}  # fmt: skip
    return {"scale": 32, "codebook": [65536, 4096], "layers": [norm] * MAX_LAYERS}


def test_an_outline_has_a_length_of_its_own() -> None:
    """Refused before it is read; the longest that means anything is far below."""
    assert len(cbor.dumps(largest_outline())) < 0.6 * limits.OUTLINE_BYTES
    data = coding.to_bytes(coded())
    stuffed = with_outline(data, lambda t: t.update(more="x" * limits.OUTLINE_BYTES))
    with pytest.raises(DamagedFileError, match="outline of 13"):
        coding.open(stuffed)
    with pytest.raises(UnsupportedError, match="more"):
        coding.open(with_outline(data, lambda t: t.update(more="x" * 1000)))


@pytest.mark.slow
def test_any_byte_of_the_chunk_changed_is_noticed_or_gives_a_sound_field() -> None:
    data = coding.to_bytes(coded())
    chunks = chunks_of(data)
    at = [name for name, _ in chunks].index("PICT")
    payload = chunks[at][1]
    rng = np.random.default_rng(0)
    refused = 0
    for place in rng.choice(len(payload), 150, replace=False):
        other = bytearray(payload)
        other[place] ^= int(rng.integers(1, 256))
        chunks[at] = ("PICT", bytes(other))
        try:
            coding.open(with_chunks(data, chunks))
        except (DamagedFileError, UnsupportedError, LimitError):
            refused += 1
    assert refused > 10


def test_values_that_float16_cannot_hold_are_refused_when_writing() -> None:
    field = coded()
    assert field.image is not None
    stage = DecoderStage(field.image.decoder, np.full(3, 0.1, np.float32))
    with pytest.raises(UsageError, match="float16 cannot represent"):
        coding.to_bytes(replace(field, image=stage))
