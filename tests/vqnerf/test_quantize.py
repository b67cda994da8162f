"""Coding of fields whose images are decoded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.model.field import Field
from nfcodec.quantize import encode
from nfcodec.quantize.contract import Context
from nfcodec.quantize.learning.fingerprint import fingerprint
from nfcodec.vqnerf.model import ImageDecoder, named_arrays, with_arrays
from tests.vqnerf.fields import small_decoder, small_vq_nerf


def with_decoder(field: Field, decoder: ImageDecoder) -> Field:
    assert field.image is not None
    return replace(field, image=replace(field.image, decoder=decoder))


@pytest.mark.parametrize("method", ["kmeans", "float16", "lra"])
def test_all_of_the_stage_is_rounded_to_float16(method: str) -> None:
    field = small_vq_nerf()
    coded = encode(field, method)
    assert coded.image is not None
    assert isinstance(coded.image.decoder, ImageDecoder)
    arrays = zip(named_arrays(coded.image.decoder), named_arrays(small_decoder()), strict=True)
    for (name, found), (_, wanted) in arrays:
        np.testing.assert_array_equal(
            found, wanted.astype(np.float16).astype(np.float32), err_msg=name
        )


def test_a_decoder_beyond_float16_is_refused_before_anything_is_learned() -> None:
    decoder = small_decoder()
    arrays = [array for _, array in named_arrays(decoder)]
    arrays[3] = np.full_like(arrays[3], 1e5)
    with pytest.raises(UsageError, match="image decoder holds"):
        encode(with_decoder(small_vq_nerf(), with_arrays(decoder, arrays)), "vqad", steps=10**6)


def test_another_decoder_is_other_work() -> None:
    one, two = small_vq_nerf(), with_decoder(small_vq_nerf(), small_decoder(seed=1))
    assert fingerprint(one, Context())["field"] != fingerprint(two, Context())["field"]
