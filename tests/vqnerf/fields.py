"""A small ``vq-nerf`` field, the shared input of tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.layouts import octree
from nfcodec.model.field import Field
from nfcodec.model.networks import Encoding, Input, Network
from nfcodec.train.build import dense_layer
from nfcodec.train.surface import surface_field
from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    GroupNorm,
    ImageDecoder,
    PixelShuffle,
    Residual,
    Upsample,
)
from nfcodec.vqnerf.sharing import name_of
from nfcodec.vqnerf.stage import DecoderStage


def small_decoder(
    features: int = 3, codes: int = 16, scale: int = 4, seed: int = 0
) -> ImageDecoder:
    """One of every layer there is in decoders."""
    rng = np.random.default_rng(seed)

    def values(*shape: int) -> FloatArray:
        made: FloatArray = rng.normal(scale=0.3, size=shape).astype(np.float32)
        return made

    def convolution(inputs: int, outputs: int, side: int = 1) -> Convolution:
        return Convolution(values(outputs, inputs, side, side), values(outputs))

    norm = GroupNorm(values(8), values(8), groups=2)
    block = Residual((norm, Activation("silu"), convolution(8, 8, 3)), convolution(8, 8))
    attention = Residual((Attention(*(convolution(8, 8) for _ in range(4))),))
    layers = (
        convolution(features, 8, 3), block, attention, Upsample(2),
        Convolution(values(3 * (scale // 2) ** 2, 8, 3, 3), None),
        PixelShuffle(scale // 2), Activation("sigmoid"),
    )  # fmt: skip
    return ImageDecoder(values(codes, features), scale, layers)


def small_vq_nerf(*, sampled: bool = True, named: bool = False, seed: int = 0) -> Field:
    """A sphere of radius 0.5 in a box of 2, with random features and colors."""
    bounds = np.array([[-1.0, -1, -1], [1, 1, 1]])
    full = octree.from_cells(np.ones((8, 8, 8), np.bool_))
    base = surface_field(full, bounds, (2, 3), features=4, hidden=8, seed=seed)
    rng = np.random.default_rng(seed)
    trunk, distance, density, color = base.networks
    density = replace(density, layers=(replace(density.layers[0], gain=60.0),
                                       replace(density.layers[1], gain=60.0)))  # fmt: skip
    decoder = small_decoder(seed=seed)
    view = Input("direction", Encoding("spherical_harmonics", degree=2))
    latent = Network("latent", (Input("trunk"), view), (dense_layer(12, 3, "none", rng),))
    networks: tuple[Network, ...] = (trunk, distance, density, latent)
    if sampled:
        trust = Network("trust", (Input("trunk"),), (dense_layer(8, 1, "sigmoid", rng),))
        networks = (*networks, trust, replace(color, name="color"))
    kept = name_of(decoder) if named else decoder
    stage = DecoderStage(kept, np.array([0.1, -0.2, 0.3], np.float32))
    metadata = {"background": [1.0, 1.0, 1.0], "surface": {"network": "distance"}}
    return replace(base, kind="vq-nerf", networks=networks, image=stage, metadata=metadata)
