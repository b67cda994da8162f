"""Untrained VQ-VAEs: what the halves of ours are made of.

Each half is a linear map between the squares of ``f x f`` pixels and feature vectors, the principal
components of squares of the training images, and a residual network beside it that begins at
zero. All is computed at the coarse scale; a pixel shuffle makes the image. So training begins at
the quality of the components, decoding costs the same at every scale, and there is no
normalization, whose means over a whole image would differ from those over the patches trained on
(``docs/decisions/0021-vqvae.md``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.vqnerf.halves import MAX_LAYERS
from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    ImageDecoder,
    ImageEncoder,
    ImageLayer,
    PixelShuffle,
    PixelUnshuffle,
    Residual,
    Upsample,
    Vqvae,
)

#: Residual blocks of a half that files can hold: five layers each, beside six others.
MAX_BLOCKS = (MAX_LAYERS - 6) // 5

#: Random numbers drawn at a time.
_DRAWN = 1 << 20


def count_values(codes: int, features: int, scale: int, width: int, blocks: int) -> tuple[int, int]:
    """How many values the encoder and the decoder of :func:`new_vqvae` have."""
    square = 3 * scale**2

    def half(inputs: int, outputs: int) -> int:
        network = 9 * width * (inputs + 2 * blocks * width + outputs) + (2 * blocks + 1) * width
        return network + inputs * outputs + 2 * outputs

    return half(square, features), codes * features + half(features, square)


def count_given(half: ImageDecoder | ImageEncoder, side: int) -> int:
    """How many values all layers of a sound ``half`` together give for one image of ``side`` x
    ``side`` pixels, which comes out of a decoder or enters an encoder."""
    channels, size = 3, float(side)
    if isinstance(half, ImageDecoder):
        channels, size = half.num_features, side / half.scale
    return _given(half.layers, channels, size)[0]


def _given(layers: Iterable[ImageLayer], channels: int, side: float) -> tuple[int, int]:
    """The values that ``layers`` and those within them give, and the channels of the last."""
    total = 0
    for layer in layers:
        inner: tuple[ImageLayer, ...] = ()
        beside: tuple[Convolution, ...] = ()
        if isinstance(layer, Convolution):
            channels, side = len(layer.weight), side / layer.stride
        elif isinstance(layer, PixelUnshuffle):
            channels, side = channels * layer.factor**2, side / layer.factor
        elif isinstance(layer, PixelShuffle):
            channels, side = channels // layer.factor**2, side * layer.factor
        elif isinstance(layer, Upsample):
            side *= layer.factor
        elif isinstance(layer, Residual):
            inner = layer.layers
            beside = () if layer.shortcut is None else (layer.shortcut,)
        elif isinstance(layer, Attention):
            inner = (layer.out,)
            beside = (layer.query, layer.key, layer.value)
        values, channels = _given(inner, channels, side)
        outputs = channels + sum(len(part.weight) for part in beside)
        total += values + round(outputs * side**2)
    return total, channels


def new_vqvae(
    squares: npt.ArrayLike,
    codes: int,
    features: int,
    *,
    width: int,
    blocks: int,
    rng: np.random.Generator,
) -> Vqvae:
    """A VQ-VAE that has learned nothing but the principal components of ``squares``.

    ``squares``: (N, 3, f, f) in [0, 1], whose f is the scale. ``codes`` x ``features``: the
    codebook, of random numbers. ``width``: channels of the networks, ``blocks``: residual blocks of
    each.
    """
    samples = np.asarray(squares, np.float64)
    scale = samples.shape[-1]
    samples = samples.reshape(len(samples), -1)
    mean = samples.mean(axis=0)
    spread, components = np.linalg.eigh(np.cov(samples, rowvar=False))
    count = min(features, samples.shape[1])
    basis = np.zeros((features, samples.shape[1]))
    basis[:count] = components[:, ::-1].T[:count]
    # Features of about unit size, regardless of the contrast of the images.
    size = max(float(np.sqrt(max(spread[-count:].sum(), 0.0) / count)), 1e-3)
    encoder = ImageEncoder(
        scale,
        (
            PixelUnshuffle(scale),
            Residual(
                _network(samples.shape[1], width, features, blocks, rng),
                _linear(basis / size, -basis @ mean / size),
            ),
        ),
    )
    decoder = ImageDecoder(
        _normal(rng, (codes, features), 1.0),
        scale,
        (
            Residual(
                _network(features, width, samples.shape[1], blocks, rng),
                _linear(basis.T * size, mean),
            ),
            PixelShuffle(scale),
        ),
    )
    return Vqvae(encoder, decoder)


def _linear(weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> Convolution:
    kernel: FloatArray = weight[:, :, None, None].astype(np.float32)
    return Convolution(kernel, bias.astype(np.float32))


def _network(
    inputs: int, width: int, outputs: int, blocks: int, rng: np.random.Generator
) -> tuple[ImageLayer, ...]:
    """Residual blocks between two convolutions, the last of which is zero."""
    return (
        _convolution(inputs, width, rng),
        *(_block(width, rng) for _ in range(blocks)),
        Activation(),
        _convolution(width, outputs, rng, 0.0),
    )


def _block(width: int, rng: np.random.Generator) -> Residual:
    """Two convolutions beside the identity, the second small at first."""
    layers = (
        Activation(), _convolution(width, width, rng, np.sqrt(2.0)),
        Activation(), _convolution(width, width, rng, 0.1),
    )  # fmt: skip
    return Residual(layers)


def _convolution(
    inputs: int, outputs: int, rng: np.random.Generator, gain: float = 1.0
) -> Convolution:
    weight = _normal(rng, (outputs, inputs, 3, 3), gain / np.sqrt(inputs * 9))
    return Convolution(weight, np.zeros(outputs, np.float32))


def _normal(rng: np.random.Generator, shape: tuple[int, ...], scale: float) -> FloatArray:
    """Normal numbers, drawn in double precision a part at a time, for the memory that takes."""
    found = np.empty(shape, np.float32)
    flat = found.reshape(-1)
    for first in range(0, flat.size, _DRAWN):
        part = flat[first : first + _DRAWN]
        part[:] = rng.normal(scale=scale, size=part.size)
    return found
