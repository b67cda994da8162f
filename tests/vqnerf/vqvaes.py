"""A small VQ-VAE with every kind of layer, the shared input of tests."""

from __future__ import annotations

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    GroupNorm,
    ImageDecoder,
    ImageEncoder,
    PixelShuffle,
    PixelUnshuffle,
    Residual,
    Upsample,
    Vqvae,
)


def random_vqvae(seed: int = 0, codes: int = 16, features: int = 4) -> Vqvae:
    """Random weights, scale 4; images that use most of [0, 1]."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int, scale: float = 1.0) -> FloatArray:
        return (rng.normal(size=shape) * scale).astype(np.float32)

    def convolution(fan_in: int, out: int, kernel: int = 3, stride: int = 1) -> Convolution:
        weight = normal(out, fan_in, kernel, kernel, scale=(fan_in * kernel**2) ** -0.5)
        return Convolution(weight, normal(out, scale=0.1), stride)

    def norm(channels: int, groups: int) -> GroupNorm:
        return GroupNorm(1 + normal(channels, scale=0.1), normal(channels, scale=0.1), groups, 1e-6)

    attention = Attention(*(convolution(8, 8, 1) for _ in range(4)))
    decoder = ImageDecoder(
        normal(codes, features),
        4,
        (
            convolution(features, 8, 1),
            Residual((norm(8, 2), attention)),
            Residual(
                (norm(8, 4), Activation("silu"), convolution(8, 12), Activation("gelu"),
                 convolution(12, 12)),
                convolution(8, 12, 1),
            ),
            Upsample(2),
            Convolution(normal(12, 12, 5, 5, scale=0.06)),
            Activation("tanh"),
            PixelShuffle(2),
            convolution(3, 3),
            Activation("sigmoid"),
        ),
    )  # fmt: skip
    encoder = ImageEncoder(
        4,
        (
            PixelUnshuffle(2), convolution(12, 8), Activation("relu"), convolution(8, 8, 3, 2),
            Residual((norm(8, 2), Activation("silu"), convolution(8, 8))),
            convolution(8, features, 1),
        ),
    )  # fmt: skip
    return Vqvae(encoder, decoder, {"name": "random"})
