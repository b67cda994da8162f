"""Images from coarse feature images, as plain data: the two halves of a VQ-VAE.

A :class:`ImageDecoder` turns a feature image (D, h, w), each of whose vectors is snapped to the
nearest row of its ``codebook``, into an image (3, f h, f w). A :class:`ImageEncoder` goes the
other way. Both are short programs: layers that run in order, expressive enough for the networks of
van den Oord et al. (2017), VQGAN (Esser et al. 2021) and diffusers' ``VQModel``. Nothing here
computes; :mod:`nfcodec.vqnerf.networks` does.

Images are indexed (channel, row, column), rows from top to bottom. Images are sRGB in [0, 1];
what a decoder gives outside of that is clamped when it is shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

from nfcodec.arrays import FloatArray

#: What an :class:`Activation` may name: x sigmoid(x), max(x, 0), x Phi(x) (not its tanh
#: approximation), the logistic function, the hyperbolic tangent.
IMAGE_ACTIVATIONS: tuple[str, ...] = ("silu", "relu", "gelu", "sigmoid", "tanh")


@dataclass(frozen=True, eq=False)
class Convolution:
    """``weight`` (O, I, k, k) and ``bias`` (O,) or None, applied at every ``stride``-th place.

    Zeros lie around the image so that its sides are divided by the stride: ``(k - stride) // 2``
    of them before each row and column, the rest of ``k - stride`` behind. k is odd at stride 1 and
    at least 2 at stride 2; what is multiplied is not flipped, as in all neural networks.
    """

    weight: FloatArray
    bias: FloatArray | None = None
    stride: int = 1


@dataclass(frozen=True)
class Upsample:
    """Each value becomes a square of ``factor`` x ``factor`` equal ones."""

    factor: int = 2


@dataclass(frozen=True)
class PixelShuffle:
    """(C r r, h, w) to (C, r h, r w), r = ``factor`` (Shi et al. 2016).

    Channel ``c r r + i r + j`` is that of row i and column j within each square.
    """

    factor: int = 2


@dataclass(frozen=True)
class PixelUnshuffle:
    """(C, r h, r w) to (C r r, h, w): the inverse of :class:`PixelShuffle`."""

    factor: int = 2


@dataclass(frozen=True, eq=False)
class GroupNorm:
    """Channels in ``groups`` equal runs, each brought to mean 0 and variance 1 over the whole
    image (``epsilon`` added to the variance), then times ``weight`` (C,) plus ``bias`` (C,)."""

    weight: FloatArray
    bias: FloatArray
    groups: int = 32
    epsilon: float = 1e-6


@dataclass(frozen=True)
class Activation:
    """One of :data:`IMAGE_ACTIVATIONS`, value by value."""

    name: str = "silu"


@dataclass(frozen=True, eq=False)
class Residual:
    """``shortcut(x) + layers(x)``; without a ``shortcut``, a 1 x 1 convolution, ``x`` itself.

    The inner layers keep the image's size.
    """

    layers: tuple[ImageLayer, ...]
    shortcut: Convolution | None = None


@dataclass(frozen=True, eq=False)
class Attention:
    """One head of self-attention over all places of the image.

    All four are 1 x 1 convolutions. With q, k, v the (places, channels) matrices that ``query``,
    ``key`` and ``value`` give: ``out(softmax(q k' / sqrt(channels of q)) v)``, softmax along rows.
    """

    query: Convolution
    key: Convolution
    value: Convolution
    out: Convolution


ImageLayer: TypeAlias = (
    "Convolution | Upsample | PixelShuffle | PixelUnshuffle | GroupNorm | Activation | Residual | "
    "Attention"
)

#: The layers by the names they have in files.
LAYERS: Mapping[str, type[Any]] = {
    "convolution": Convolution,
    "upsample": Upsample,
    "pixel_shuffle": PixelShuffle,
    "pixel_unshuffle": PixelUnshuffle,
    "group_norm": GroupNorm,
    "activation": Activation,
    "residual": Residual,
    "attention": Attention,
}
_NAMES = {kind: name for name, kind in LAYERS.items()}


@dataclass(frozen=True, eq=False)
class ImageDecoder:
    """``codebook`` (K, D) float32 and the ``layers`` from D channels to red, green and blue.

    ``scale``: f, how many pixels of the image a vector spans along each axis, a power of two;
    the product of the factors of the up-sampling layers.
    """

    codebook: FloatArray
    scale: int
    layers: tuple[ImageLayer, ...]

    @property
    def num_codes(self) -> int:
        """K, the rows of the codebook."""
        return int(self.codebook.shape[0])

    @property
    def num_features(self) -> int:
        """D, the channels of a feature image."""
        return int(self.codebook.shape[1])


@dataclass(frozen=True, eq=False)
class ImageEncoder:
    """The ``layers`` from images (3, f h, f w) to feature images (D, h, w), f = ``scale``."""

    scale: int
    layers: tuple[ImageLayer, ...]


@dataclass(frozen=True, eq=False)
class Vqvae:
    """A VQ-VAE: both halves, of one scale and width. ``metadata``: JSON-able values."""

    encoder: ImageEncoder
    decoder: ImageDecoder
    metadata: Mapping[str, Any] = field(default_factory=dict)


HalfT = TypeVar("HalfT", ImageDecoder, ImageEncoder)


def named_arrays(half: ImageDecoder | ImageEncoder) -> Iterator[tuple[str, FloatArray]]:
    """All arrays in canonical order, which is that of storage, with names such as
    ``layers.2.layers.0.weight``: a decoder's ``codebook``, then the layers' in order, each layer's
    in the order in which its class lists them."""
    if isinstance(half, ImageDecoder):
        yield "codebook", half.codebook
    for i, layer in enumerate(half.layers):
        yield from _arrays_of(layer, f"layers.{i}")


def with_arrays(half: HalfT, arrays: Iterable[FloatArray]) -> HalfT:
    """A copy of ``half`` that holds ``arrays``, given in canonical order.

    ValueError for too few, too many, or another shape.
    """
    rest = iter(arrays)
    parts: dict[str, Any] = {}
    if isinstance(half, ImageDecoder):
        parts["codebook"] = _next(rest, half.codebook)
    parts["layers"] = tuple(_refill(layer, rest) for layer in half.layers)
    if next(rest, None) is not None:
        raise ValueError("more arrays than there are places for")
    return replace(half, **parts)


def num_values(half: ImageDecoder | ImageEncoder) -> int:
    """How many numbers all arrays together hold."""
    return sum(array.size for _, array in named_arrays(half))


def outline(half: ImageDecoder | ImageEncoder) -> dict[str, Any]:
    """What ``half`` is without its numbers, as JSON-able values.

    ``{"scale": f, "codebook": [K, D], "layers": [...]}`` (an encoder has no ``codebook``), a layer
    being ``{"type": its name in LAYERS, ...}`` with the fields of its class: an array is its shape,
    an absent part None, a layer within such a mapping again.
    :func:`nfcodec.vqnerf.halves.assemble` is the inverse.
    """
    tree: dict[str, Any] = {"scale": int(half.scale)}
    if isinstance(half, ImageDecoder):
        tree["codebook"] = list(half.codebook.shape)
    tree["layers"] = [_outline(layer) for layer in half.layers]
    return tree


def digest(half: ImageDecoder | ImageEncoder) -> str:
    """The SHA-256 by which a file may name ``half``, 64 hexadecimal digits.

    Of the outline as JSON in UTF-8 (keys sorted, no spaces), a zero byte, and all arrays in
    canonical order as little-endian float32, in C order.
    """
    text = json.dumps(outline(half), sort_keys=True, separators=(",", ":"), allow_nan=False)
    found = hashlib.sha256(text.encode() + b"\0")
    for _, array in named_arrays(half):
        found.update(np.ascontiguousarray(array, "<f4").tobytes())
    return found.hexdigest()


def _arrays_of(layer: ImageLayer, where: str) -> Iterator[tuple[str, FloatArray]]:
    for part in fields(layer):
        value, name = getattr(layer, part.name), f"{where}.{part.name}"
        if isinstance(value, np.ndarray):
            yield name, value
        elif type(value) in _NAMES:
            yield from _arrays_of(value, name)
        elif isinstance(value, tuple):
            for i, inner in enumerate(value):
                yield from _arrays_of(inner, f"{name}.{i}")


def _refill(layer: ImageLayer, rest: Iterator[FloatArray]) -> ImageLayer:
    parts: dict[str, Any] = {}
    for part in fields(layer):
        value = getattr(layer, part.name)
        if isinstance(value, np.ndarray):
            parts[part.name] = _next(rest, value)
        elif type(value) in _NAMES:
            parts[part.name] = _refill(value, rest)
        elif isinstance(value, tuple):
            parts[part.name] = tuple(_refill(inner, rest) for inner in value)
    return cast(ImageLayer, replace(cast(Any, layer), **parts))


def _next(rest: Iterator[FloatArray], like: FloatArray) -> FloatArray:
    array = next(rest, None)
    if array is None:
        raise ValueError("fewer arrays than there are places for")
    if array.shape != like.shape:
        raise ValueError(f"an array of shape {array.shape} where {like.shape} belongs")
    return array


def _outline(layer: ImageLayer) -> dict[str, Any]:
    tree: dict[str, Any] = {"type": _NAMES[type(layer)]}
    for part in fields(layer):
        value = getattr(layer, part.name)
        if isinstance(value, np.ndarray):
            value = list(value.shape)
        elif type(value) in _NAMES:
            value = _outline(value)
        elif isinstance(value, tuple):
            value = [_outline(inner) for inner in value]
        tree[part.name] = value
    return tree
