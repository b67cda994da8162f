"""The halves of a VQ-VAE (:mod:`nfcodec.vqnerf.model`) as PyTorch modules.

Images are (B, channels, rows, columns) float32. The slow twin that says what each layer means is
:mod:`nfcodec.vqnerf.reference`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nfcodec.arrays import FloatArray
from nfcodec.evaluate.device import pick
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
    Vqvae,
)

#: Distances held at a time while nearest codes are looked for; 64 MiB.
MAX_DISTANCES = 1 << 24


class Quantized(NamedTuple):
    """``features`` (B, D, h, w): rows of the codebook, whose gradient goes straight through to the
    image that was quantized and not to the codebook. ``indices`` (B, h, w) int64 of these rows.
    ``commitment``: mean squared distance to them, with a gradient for the image alone;
    ``codebook``: the same number, with a gradient for the codebook alone (van den Oord et al. 2017,
    eq. 3)."""

    features: Tensor
    indices: Tensor
    commitment: Tensor
    codebook: Tensor


class _Layer(nn.Module):
    """A layer with parameters or inner layers; ``to_layer`` is plain data again."""

    def to_layer(self) -> ImageLayer:
        raise NotImplementedError


def _parameter(array: FloatArray) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.array(array, np.float32, order="C")))


def _array(values: Tensor) -> FloatArray:
    array: FloatArray = values.detach().cpu().contiguous().numpy().copy()
    return array


class _Convolution(_Layer):
    def __init__(self, layer: Convolution) -> None:
        super().__init__()
        self.weight = _parameter(layer.weight)
        self.bias = None if layer.bias is None else _parameter(layer.bias)
        self.stride = layer.stride
        total = layer.weight.shape[2] - layer.stride
        self.before, self.behind = total // 2, total - total // 2

    def forward(self, x: Tensor) -> Tensor:
        if self.before == self.behind:
            return functional.conv2d(x, self.weight, self.bias, self.stride, self.before)
        x = functional.pad(x, (self.before, self.behind) * 2)
        return functional.conv2d(x, self.weight, self.bias, self.stride)

    def to_layer(self) -> Convolution:
        bias = None if self.bias is None else _array(self.bias)
        return Convolution(_array(self.weight), bias, self.stride)


class _GroupNorm(_Layer):
    def __init__(self, layer: GroupNorm) -> None:
        super().__init__()
        self.weight, self.bias = _parameter(layer.weight), _parameter(layer.bias)
        self.groups, self.epsilon = layer.groups, layer.epsilon

    def forward(self, x: Tensor) -> Tensor:
        # Without the check of torch.nn.functional, which refuses groups of a single value.
        return torch.group_norm(x, self.groups, self.weight, self.bias, self.epsilon)

    def to_layer(self) -> GroupNorm:
        return GroupNorm(_array(self.weight), _array(self.bias), self.groups, self.epsilon)


class _Residual(_Layer):
    def __init__(self, layer: Residual) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_module(inner) for inner in layer.layers)
        self.shortcut = None if layer.shortcut is None else _Convolution(layer.shortcut)

    def forward(self, x: Tensor) -> Tensor:
        added = x if self.shortcut is None else self.shortcut(x)
        for layer in self.layers:
            x = layer(x)
        return added + x

    def to_layer(self) -> Residual:
        shortcut = None if self.shortcut is None else self.shortcut.to_layer()
        return Residual(_to_layers(self.layers), shortcut)


class _Attention(_Layer):
    def __init__(self, layer: Attention) -> None:
        super().__init__()
        self.query, self.key = _Convolution(layer.query), _Convolution(layer.key)
        self.value, self.out = _Convolution(layer.value), _Convolution(layer.out)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (part(x).flatten(2).mT[:, None] for part in (self.query, self.key, self.value))
        seen = functional.scaled_dot_product_attention(q, k, v)[:, 0].mT
        out: Tensor = self.out(seen.reshape(*seen.shape[:2], *x.shape[2:]))
        return out

    def to_layer(self) -> Attention:
        return Attention(
            self.query.to_layer(), self.key.to_layer(), self.value.to_layer(), self.out.to_layer()
        )


class _Fixed(_Layer):
    """A layer without anything to learn."""

    def __init__(self, layer: Upsample | PixelShuffle | PixelUnshuffle | Activation) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        layer = self.layer
        if isinstance(layer, Upsample):
            return functional.interpolate(x, scale_factor=layer.factor, mode="nearest")
        if isinstance(layer, PixelShuffle):
            return functional.pixel_shuffle(x, layer.factor)
        if isinstance(layer, PixelUnshuffle):
            return functional.pixel_unshuffle(x, layer.factor)
        return _activate(x, layer.name)

    def to_layer(self) -> ImageLayer:
        return self.layer


def _activate(x: Tensor, name: str) -> Tensor:
    if name == "silu":
        return functional.silu(x)
    if name == "relu":
        return functional.relu(x)
    if name == "gelu":
        return functional.gelu(x)
    if name == "sigmoid":
        return torch.sigmoid(x)
    if name == "tanh":
        return torch.tanh(x)
    raise ValueError(f"unknown activation {name!r}")


def _module(layer: ImageLayer) -> _Layer:
    if isinstance(layer, Convolution):
        return _Convolution(layer)
    if isinstance(layer, GroupNorm):
        return _GroupNorm(layer)
    if isinstance(layer, Residual):
        return _Residual(layer)
    if isinstance(layer, Attention):
        return _Attention(layer)
    return _Fixed(layer)


def _to_layers(modules: nn.ModuleList) -> tuple[ImageLayer, ...]:
    return tuple(module.to_layer() for module in modules if isinstance(module, _Layer))


def _run(modules: nn.ModuleList, x: Tensor) -> Tensor:
    for module in modules:
        x = module(x)
    return x


class ImageEncoderModule(nn.Module):
    """A trainable :class:`ImageEncoder`; ``half`` must be sound (``layouts.images``)."""

    def __init__(self, half: ImageEncoder, device: str | torch.device = "cpu") -> None:
        super().__init__()
        self.scale = half.scale
        self.layers = nn.ModuleList(_module(layer) for layer in half.layers)
        self.device = pick(device) if isinstance(device, str) else device
        self.to(self.device)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, f h, f w) images to (B, D, h, w) feature images, not yet quantized.

        ValueError if a side of the images is no multiple of the scale f.
        """
        height, width = images.shape[2:]
        if height % self.scale or width % self.scale:
            raise ValueError(f"{width} x {height} pixels are no multiple of {self.scale}")
        return _run(self.layers, images)

    def to_encoder(self) -> ImageEncoder:
        """The present weights as plain data."""
        return ImageEncoder(self.scale, _to_layers(self.layers))


class ImageDecoderModule(nn.Module):
    """A trainable :class:`ImageDecoder`; ``half`` must be sound (``layouts.images``)."""

    def __init__(self, half: ImageDecoder, device: str | torch.device = "cpu") -> None:
        super().__init__()
        self.scale = half.scale
        self.codebook = _parameter(half.codebook)
        self.layers = nn.ModuleList(_module(layer) for layer in half.layers)
        self.device = pick(device) if isinstance(device, str) else device
        self.to(self.device)

    @property
    def num_features(self) -> int:
        """D, the channels of a feature image."""
        return int(self.codebook.shape[1])

    @torch.no_grad()
    def nearest(self, features: Tensor) -> Tensor:
        """(B, h, w) int64 indices of the codes nearest to the vectors of (B, D, h, w) images.

        Memory is bounded by :data:`MAX_DISTANCES` beside the result and a copy of the input.
        """
        vectors = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        lengths = self.codebook.square().sum(dim=1)
        chosen = [
            torch.addmm(lengths, part, self.codebook.T, alpha=-2.0).argmin(dim=1)
            for part in torch.split(vectors, max(1, MAX_DISTANCES // len(lengths)))
        ]
        return torch.cat(chosen).reshape(features.shape[0], *features.shape[2:])

    def lookup(self, indices: Tensor) -> Tensor:
        """(B, D, h, w) feature images of the codes with (B, h, w) indices."""
        found: Tensor = functional.embedding(indices, self.codebook).permute(0, 3, 1, 2)
        return found

    def quantize(self, features: Tensor) -> Quantized:
        """Snap the vectors of (B, D, h, w) feature images to the codebook."""
        indices = self.nearest(features)
        codes = self.lookup(indices)
        through = features + (codes - features).detach()
        return Quantized(
            through,
            indices,
            functional.mse_loss(features, codes.detach()),
            functional.mse_loss(codes, features.detach()),
        )

    def decode(self, features: Tensor) -> Tensor:
        """(B, D, h, w) feature images, quantized or not, to (B, 3, f h, f w); not clamped."""
        return _run(self.layers, features)

    def forward(self, features: Tensor) -> Tensor:
        """Quantize and decode: (B, D, h, w) to (B, 3, f h, f w), differentiable, not clamped."""
        return self.decode(self.quantize(features).features)

    @torch.no_grad()
    def images(self, coded: Tensor) -> Tensor:
        """(B, 3, f h, f w) images in [0, 1] of (B, D, h, w) features or (B, h, w) indices.

        Features are quantized first. One image is decoded at a time, which bounds the memory.
        """
        indices = coded if coded.ndim == 3 else self.nearest(coded)
        decoded = [self.decode(self.lookup(one)).clamp(0.0, 1.0) for one in torch.split(indices, 1)]
        return torch.cat(decoded)

    def to_decoder(self) -> ImageDecoder:
        """The present weights as plain data."""
        return ImageDecoder(_array(self.codebook), self.scale, _to_layers(self.layers))


class VqvaeModule(nn.Module):
    """Both halves of a :class:`Vqvae`, trainable."""

    def __init__(self, vqvae: Vqvae, device: str | torch.device = "cpu") -> None:
        super().__init__()
        self.encoder = ImageEncoderModule(vqvae.encoder, device)
        self.decoder = ImageDecoderModule(vqvae.decoder, device)
        self.device = self.decoder.device

    @torch.no_grad()
    def indices(self, images: Tensor) -> Tensor:
        """(B, ceil(H / f), ceil(W / f)) indices of the codes of (B, 3, H, W) images of any sides.

        Sides that are no multiple of the scale f are extended by their last pixels. One image is
        coded at a time.
        """
        height, width = images.shape[2:]
        pad = (0, -width % self.encoder.scale, 0, -height % self.encoder.scale)
        found = [
            self.decoder.nearest(self.encoder(functional.pad(one, pad, mode="replicate")))
            for one in torch.split(images, 1)
        ]
        return torch.cat(found)

    def reconstruct(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) images of any sides as they come back from :meth:`indices`, in [0, 1]."""
        height, width = images.shape[2:]
        return self.decoder.images(self.indices(images))[..., :height, :width]

    def to_vqvae(self, metadata: dict[str, Any] | None = None) -> Vqvae:
        """The present weights as plain data."""
        return Vqvae(self.encoder.to_encoder(), self.decoder.to_decoder(), metadata or {})
