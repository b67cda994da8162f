from __future__ import annotations

import numpy as np
import pytest
import torch

from nfcodec.vqnerf import networks, reference
from nfcodec.vqnerf.model import (
    IMAGE_ACTIVATIONS,
    Activation,
    Convolution,
    GroupNorm,
    ImageDecoder,
    ImageEncoder,
    digest,
)
from nfcodec.vqnerf.networks import ImageDecoderModule, ImageEncoderModule, VqvaeModule
from tests.vqnerf.vqvaes import random_vqvae


def random_image(height: int = 24, width: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.rand((2, 3, height, width), generator=torch.Generator().manual_seed(seed))


def test_encoder_and_decoder_agree_with_the_reference() -> None:
    vqvae = random_vqvae()
    image = random_image()
    encoder = ImageEncoderModule(vqvae.encoder)
    decoder = ImageDecoderModule(vqvae.decoder)
    with torch.no_grad():
        features = encoder(image)
    assert features.shape == (2, 4, 6, 4)
    decoded = decoder.images(features)
    assert decoded.shape == (2, 3, 24, 16)
    for i in range(2):
        wanted = reference.encode(vqvae.encoder, image[i].numpy())
        np.testing.assert_allclose(features[i].numpy(), wanted, atol=2e-5)
        indices = reference.nearest(vqvae.decoder, features[i].numpy())
        np.testing.assert_array_equal(decoder.nearest(features)[i].numpy(), indices)
        wanted = reference.decode(vqvae.decoder, indices)
        assert wanted.std() > 0.05
        np.testing.assert_allclose(decoded[i].numpy(), wanted, atol=2e-5)


@pytest.mark.parametrize("name", IMAGE_ACTIVATIONS)
def test_activations_agree_with_the_reference(name: str) -> None:
    x = np.linspace(-4, 4, 75, dtype=np.float32).reshape(3, 5, 5)
    encoder = ImageEncoder(1, (Activation(name),))
    found = ImageEncoderModule(encoder)(torch.from_numpy(x)[None])[0].numpy()
    np.testing.assert_allclose(found, reference.encode(encoder, x), atol=1e-6)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (2, 2), (3, 2), (4, 2)])
def test_convolutions_agree_with_the_reference(kernel: int, stride: int) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 3, kernel, kernel)).astype(np.float32)
    encoder = ImageEncoder(stride, (Convolution(weight, None, stride),))
    x = rng.normal(size=(3, 8, 6)).astype(np.float32)
    with torch.no_grad():
        found = ImageEncoderModule(encoder)(torch.from_numpy(x)[None])[0].numpy()
    assert found.shape == (4, 8 // stride, 6 // stride)
    np.testing.assert_allclose(found, reference.encode(encoder, x), atol=1e-5)


def test_back_to_plain_data_bit_for_bit() -> None:
    vqvae = random_vqvae()
    again = VqvaeModule(vqvae).to_vqvae({"name": "again"})
    assert digest(again.decoder) == digest(vqvae.decoder)
    assert digest(again.encoder) == digest(vqvae.encoder)
    assert again.metadata == {"name": "again"}


def test_nearest_codes_do_not_depend_on_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = ImageDecoderModule(random_vqvae(codes=64).decoder)
    features = torch.randn((2, 4, 9, 7), generator=torch.Generator().manual_seed(1))
    whole = decoder.nearest(features)
    assert len(whole.unique()) > 20
    monkeypatch.setattr(networks, "MAX_DISTANCES", 64 * 5)
    torch.testing.assert_close(decoder.nearest(features), whole)
    monkeypatch.setattr(networks, "MAX_DISTANCES", 1)
    torch.testing.assert_close(decoder.nearest(features), whole)


def test_gradients_go_straight_through() -> None:
    decoder = ImageDecoderModule(random_vqvae().decoder)
    features = torch.randn((1, 4, 3, 3), generator=torch.Generator().manual_seed(1))
    features.requires_grad_()
    found = decoder.quantize(features)
    torch.testing.assert_close(found.features, decoder.lookup(found.indices))
    (3.0 * found.features).sum().backward()
    assert features.grad is not None
    torch.testing.assert_close(features.grad, torch.full_like(features, 3.0))
    assert decoder.codebook.grad is None

    features.grad = None
    found.commitment.backward()
    assert decoder.codebook.grad is None
    wanted = 2 * (features - decoder.lookup(found.indices)).detach() / features.numel()
    torch.testing.assert_close(features.grad, wanted)

    features.grad = None
    found.codebook.backward()
    assert features.grad is None
    assert decoder.codebook.grad is not None
    unused = sorted(set(range(16)) - set(found.indices.flatten().tolist()))
    assert unused
    assert float(decoder.codebook.grad[unused].abs().max()) == 0.0
    torch.testing.assert_close(found.codebook, found.commitment)


def test_images_of_any_size_come_back() -> None:
    module = VqvaeModule(random_vqvae())
    image = random_image(23, 17)
    back = module.reconstruct(image)
    assert back.shape == image.shape
    assert 0.0 <= float(back.min()) < float(back.max()) <= 1.0
    padded = torch.nn.functional.pad(image, (0, 3, 0, 1), mode="replicate")
    torch.testing.assert_close(module.reconstruct(padded)[..., :23, :17], back)
    with pytest.raises(ValueError, match="17 x 23"):
        module.encoder(image)


def test_what_lies_outside_of_an_image_is_clamped() -> None:
    weight = np.array([[[[40.0]]], [[[-40.0]]], [[[0.5]]]], np.float32)
    decoder = ImageDecoder(np.ones((1, 1), np.float32), 1, (Convolution(weight),))
    module = ImageDecoderModule(decoder)
    indices = torch.zeros((1, 2, 2), dtype=torch.long)
    assert module.images(indices)[0, :, 0, 0].tolist() == [1.0, 0.0, 0.5]
    assert module(torch.ones((1, 1, 2, 2)))[0, :, 0, 0].tolist() == [40.0, -40.0, 0.5]


def test_groups_of_a_single_value() -> None:
    """Of an image of one vector, with as many groups as channels: all is at its mean."""
    ones = np.ones(4, np.float32)
    layers = (GroupNorm(ones, ones, 4), Convolution(np.ones((3, 4, 1, 1), np.float32)))
    decoder = ImageDecoder(np.ones((2, 4), np.float32), 1, layers)
    indices = np.zeros((1, 1), np.int64)
    with torch.no_grad():
        module = ImageDecoderModule(decoder)
        found = module.decode(module.lookup(torch.from_numpy(indices)[None]))
    wanted = reference.run(layers, np.ones((4, 1, 1)))
    np.testing.assert_allclose(found[0].numpy(), wanted)
