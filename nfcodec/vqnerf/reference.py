"""The reference of :mod:`nfcodec.vqnerf.model`: readable, slow, NumPy in float64."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    GroupNorm,
    ImageDecoder,
    ImageEncoder,
    ImageLayer,
    PixelShuffle,
    PixelUnshuffle,
    Residual,
    Upsample,
)

Floats = npt.NDArray[np.float64]


def encode(encoder: ImageEncoder, image: npt.ArrayLike) -> Floats:
    """The (D, h, w) feature image of a (3, f h, f w) image."""
    return run(encoder.layers, np.asarray(image, np.float64))


def nearest(decoder: ImageDecoder, features: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """(h, w) indices of the codes nearest to the vectors of a (D, h, w) feature image."""
    vectors = np.moveaxis(np.asarray(features, np.float64), 0, -1)[..., None, :]
    distances = np.square(vectors - decoder.codebook.astype(np.float64)).sum(axis=-1)
    return np.asarray(distances.argmin(axis=-1))


def decode(decoder: ImageDecoder, indices: npt.NDArray[np.int64]) -> Floats:
    """The (3, f h, f w) image in [0, 1] of (h, w) indices."""
    features = np.moveaxis(decoder.codebook.astype(np.float64)[indices], -1, 0)
    return np.clip(run(decoder.layers, features), 0.0, 1.0)


def run(layers: Iterable[ImageLayer], x: Floats) -> Floats:
    """(C, h, w) through ``layers`` in order."""
    for layer in layers:
        x = _apply(layer, x)
    return x


def _apply(layer: ImageLayer, x: Floats) -> Floats:
    if isinstance(layer, Convolution):
        return _convolution(layer, x)
    if isinstance(layer, Upsample):
        return x.repeat(layer.factor, axis=1).repeat(layer.factor, axis=2)
    if isinstance(layer, PixelShuffle):
        return _shuffle(layer.factor, x)
    if isinstance(layer, PixelUnshuffle):
        return _unshuffle(layer.factor, x)
    if isinstance(layer, GroupNorm):
        return _group_norm(layer, x)
    if isinstance(layer, Activation):
        return _activate(layer.name, x)
    if isinstance(layer, Residual):
        shortcut = x if layer.shortcut is None else _convolution(layer.shortcut, x)
        return shortcut + run(layer.layers, x)
    return _attention(layer, x)


def _convolution(layer: Convolution, x: Floats) -> Floats:
    weight = layer.weight.astype(np.float64)
    kernel, stride = weight.shape[2], layer.stride
    before = (kernel - stride) // 2
    behind = kernel - stride - before
    padded = np.pad(x, ((0, 0), (before, behind), (before, behind)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(1, 2))
    out = np.einsum("ihwyx,oiyx->ohw", windows[:, ::stride, ::stride], weight, optimize=True)
    return np.asarray(out if layer.bias is None else out + layer.bias[:, None, None])


def _shuffle(r: int, x: Floats) -> Floats:
    channels, height, width = x.shape
    squares = x.reshape(channels // r**2, r, r, height, width)
    return np.reshape(squares.transpose(0, 3, 1, 4, 2), (channels // r**2, height * r, width * r))


def _unshuffle(r: int, x: Floats) -> Floats:
    channels, height, width = x.shape
    squares = x.reshape(channels, height // r, r, width // r, r)
    return np.reshape(squares.transpose(0, 2, 4, 1, 3), (channels * r**2, height // r, width // r))


def _group_norm(layer: GroupNorm, x: Floats) -> Floats:
    groups = x.reshape(layer.groups, -1)
    mean, variance = groups.mean(axis=1, keepdims=True), groups.var(axis=1, keepdims=True)
    unit = ((groups - mean) / np.sqrt(variance + layer.epsilon)).reshape(x.shape)
    return np.asarray(unit * layer.weight[:, None, None] + layer.bias[:, None, None])


def _activate(name: str, x: Floats) -> Floats:
    from scipy.special import erf, expit

    if name == "silu":
        return np.asarray(x * expit(x))
    if name == "relu":
        return np.maximum(x, 0.0)
    if name == "gelu":
        return np.asarray(0.5 * x * (1.0 + erf(x / np.sqrt(2.0))))
    return np.asarray(expit(x) if name == "sigmoid" else np.tanh(x))


def _attention(layer: Attention, x: Floats) -> Floats:
    q, k, v = (
        _convolution(part, x).reshape(part.weight.shape[0], -1).T
        for part in (layer.query, layer.key, layer.value)
    )
    logits = q @ k.T / np.sqrt(q.shape[1])
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return _convolution(layer.out, (weights @ v).T.reshape(-1, *x.shape[1:]))
