"""Whether a VQ-VAE's halves keep their own rules, and how they are put together again.

As :mod:`nfcodec.check.field` for fields: every way into the program ends here, before anything is
allocated in proportion to what a file says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np

from nfcodec.arrays import FloatArray, is_int, is_moderate, need_array, need_finite
from nfcodec.errors import InvalidFieldError, LimitError, UnsupportedError
from nfcodec.vqnerf.model import (
    IMAGE_ACTIVATIONS,
    LAYERS,
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

MAX_CODES = 1 << 16
#: Channels of an image within a decoder or encoder, the codebook's width included.
MAX_CHANNELS = 4096
MAX_KERNEL = 15
#: Layers of one half, those within others included, and how deep they may lie in one another.
MAX_LAYERS = 1024
MAX_NESTING = 4
#: Values of one half; 1 GiB in float32.
MAX_VALUES = 1 << 28
SCALES = (1, 2, 4, 8, 16, 32)

_EPSILONS = (1e-12, 1.0)
_PROJECTIONS = ("query", "key", "value", "out")

Half: TypeAlias = "ImageDecoder | ImageEncoder"
Shape: TypeAlias = "tuple[int, ...]"


def check_vqvae(vqvae: Vqvae, source: str) -> None:
    """Raise unless both halves are sound and fit together; see :func:`check_half`."""
    check_half(vqvae.decoder, f"{source}: decoder")
    check_half(vqvae.encoder, f"{source}: encoder", vqvae.decoder.num_features)
    if vqvae.encoder.scale != vqvae.decoder.scale:
        raise InvalidFieldError(
            f"{source}: the encoder's scale is {vqvae.encoder.scale}, the decoder's "
            f"{vqvae.decoder.scale}"
        )


def check_half(half: Half, source: str, num_features: int | None = None) -> None:
    """Raise unless ``half`` is sound; ``source`` begins every message.

    ``num_features``: the channels that an encoder must give. Raises InvalidFieldError (shapes that
    disagree, NaN or infinity, another scale than the layers make), UnsupportedError for names that
    unknown to this build, LimitError above the limits of this module.
    """
    if not is_int(half.scale) or half.scale not in SCALES:
        raise InvalidFieldError(
            f"{source}: scale {half.scale!r} is none of {', '.join(map(str, SCALES))}"
        )
    walk = _Walk(source)
    decodes = isinstance(half, ImageDecoder)
    if isinstance(half, ImageDecoder):
        need_array(half.codebook, np.float32, 2, f"{source}: codebook")
        codes, width = half.codebook.shape
        if not codes or not width:
            raise InvalidFieldError(f"{source}: a codebook of shape {half.codebook.shape}")
        if codes > MAX_CODES or width > MAX_CHANNELS:
            raise LimitError(
                f"{source}: a codebook of {codes} x {width} values; the limits are {MAX_CODES} "
                f"codes and {MAX_CHANNELS} values each"
            )
        walk.count(half.codebook, "codebook")
        channels, wanted = width, 3
    else:
        channels, wanted = 3, num_features or 0
    size = 1.0  # sides of the image, in those of the first layer's
    for i, layer in enumerate(half.layers):
        where = f"layers.{i}"
        channels = walk.layer(layer, channels, where)
        size *= _growth(layer)
        if not (1.0 <= size <= half.scale if decodes else 1.0 / half.scale <= size <= 1.0):
            raise InvalidFieldError(
                f"{source}: {where} makes the image {size:g} times as large; at scale {half.scale} "
                f"that must stay {'from 1 up to' if decodes else 'from 1 down to 1 /'} {half.scale}"
            )
    if size != (half.scale if decodes else 1.0 / half.scale):
        raise InvalidFieldError(
            f"{source}: the layers make the image {size:g} times as large, but its scale is "
            f"{half.scale}"
        )
    if wanted and channels != wanted:
        raise InvalidFieldError(f"{source}: {channels} channels come out, {wanted} are needed")


def array_shapes(tree: Any, source: str) -> list[Shape]:
    """The shapes of a half's arrays in canonical order, from its outline.

    For readers that cut a block of values into arrays. Raises as :func:`assemble`, but for what
    only the numbers can show.
    """
    shapes: list[Shape] = []

    def note(shape: Shape, where: str) -> FloatArray:
        shapes.append(shape)
        return np.broadcast_to(np.float32(0.0), shape)

    _Outline(source, note).half(tree)
    return shapes


def assemble(tree: Any, arrays: Iterable[FloatArray], source: str) -> Half:
    """The half whose outline is ``tree``, with ``arrays`` in canonical order; checked.

    The inverse of :func:`nfcodec.vqnerf.model.outline`; ``tree`` may be anything a file holds. A
    half with a codebook is a decoder. Raises InvalidFieldError (a part is missing, of the wrong
    type or shape), UnsupportedError for unknown layers and parts, LimitError.
    """
    rest = iter(arrays)

    def take(shape: Shape, where: str) -> FloatArray:
        array = next(rest, None)
        if array is None:
            raise InvalidFieldError(f"{where}: its array is missing")
        need_array(array, np.float32, len(shape), where)
        if array.shape != shape:
            raise InvalidFieldError(f"{where}: an array of shape {array.shape}, not {shape}")
        return array

    half = _Outline(source, take).half(tree)
    if next(rest, None) is not None:
        raise InvalidFieldError(f"{source}: more arrays than the layers have places for")
    check_half(half, source)
    return half


class _Outline:
    """Reads an outline; ``take`` gives the array of a shape."""

    def __init__(self, source: str, take: Callable[[Shape, str], FloatArray]) -> None:
        self.source = source
        self.take = take
        self.layers = self.values = 0

    def half(self, tree: Any) -> Half:
        parts = self.parts(tree, ("scale", "layers"), ("codebook",), self.source)
        scale = self.plain(parts["scale"], int, f"{self.source}: scale")
        codebook = None
        if "codebook" in parts:
            codebook = self.array(parts["codebook"], 2, f"{self.source}: codebook")
        layers = self.list_of_layers(parts["layers"], 0, f"{self.source}: layers")
        if codebook is None:
            return ImageEncoder(scale, layers)
        return ImageDecoder(codebook, scale, layers)

    def list_of_layers(self, trees: Any, depth: int, where: str) -> tuple[ImageLayer, ...]:
        if not isinstance(trees, (list, tuple)):
            raise InvalidFieldError(f"{where}: a list is needed, not {type(trees).__name__}")
        return tuple(self.layer(tree, depth, f"{where}.{i}") for i, tree in enumerate(trees))

    def layer(self, tree: Any, depth: int, where: str) -> ImageLayer:
        self.layers += 1
        if self.layers > MAX_LAYERS or depth > MAX_NESTING:
            raise LimitError(
                f"{where}: more than {MAX_LAYERS} layers, or deeper than {MAX_NESTING} in others"
            )
        name = tree.get("type") if isinstance(tree, Mapping) else None
        if not isinstance(name, str):
            raise InvalidFieldError(f"{where}: a layer with a type is needed")
        if name not in LAYERS:
            raise UnsupportedError(
                f"{where}: this build knows no layer {name[:60]!r}; it knows {', '.join(LAYERS)}"
            )
        kind = LAYERS[name]
        parts = self.parts(tree, ("type", *(part.name for part in fields(kind))), (), where)
        del parts["type"]
        read: dict[str, Any] = {}
        for key, value in parts.items():
            at = f"{where}.{key}"
            if key in ("weight", "bias"):
                dims = 4 if kind is Convolution and key == "weight" else 1
                absent = value is None and kind is Convolution and key == "bias"
                read[key] = None if absent else self.array(value, dims, at)
            elif key in ("shortcut", *_PROJECTIONS):
                absent = value is None and key == "shortcut"
                read[key] = None if absent else self.layer(value, depth + 1, at)
            elif key == "layers":
                read[key] = self.list_of_layers(value, depth + 1, at)
            elif key == "name":
                read[key] = self.plain(value, str, at)
            else:
                read[key] = self.plain(value, float if key == "epsilon" else int, at)
        layer: ImageLayer = kind(**read)
        return layer

    def parts(
        self, tree: Any, needed: Sequence[str], optional: Sequence[str], where: str
    ) -> dict[str, Any]:
        if not isinstance(tree, Mapping):
            raise InvalidFieldError(f"{where}: a group is needed, not {type(tree).__name__}")
        for key in tree:
            if key not in needed and key not in optional:
                raise UnsupportedError(f"{where}: this build knows no entry {str(key)[:60]!r}")
        for key in needed:
            if key not in tree:
                raise InvalidFieldError(f"{where}: {key!r} is missing")
        # In the order of the class and of the arrays; the file's may differ.
        return {key: tree[key] for key in (*needed, *optional) if key in tree}

    def plain(self, value: Any, kind: type[Any], where: str) -> Any:
        if type(value) is not kind:
            raise InvalidFieldError(
                f"{where}: {kind.__name__} is needed, not {type(value).__name__}"
            )
        return value

    def array(self, shape: Any, dims: int, where: str) -> FloatArray:
        if (
            not isinstance(shape, (list, tuple))
            or len(shape) != dims
            or any(type(side) is not int or not 0 < side <= MAX_CODES for side in shape)
        ):
            # Lists that share their parts can take forever to print.
            raise InvalidFieldError(
                f"{where}: a shape of {dims} sides from 1 to {MAX_CODES} is needed"
            )
        self.values += math.prod(shape)
        if self.values > MAX_VALUES:
            raise LimitError(f"{where}: more than {MAX_VALUES} values")
        return self.take(tuple(shape), where)


class _Walk:
    """Follows the channels of an image through layers, and counts."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.layers = self.values = 0

    def layer(self, layer: ImageLayer, channels: int, where: str, depth: int = 0) -> int:
        """The channels that come out of ``layer``; raises unless ``channels`` can enter."""
        self.layers += 1
        if self.layers > MAX_LAYERS or depth > MAX_NESTING:
            raise LimitError(
                f"{self.source}: {where}: more than {MAX_LAYERS} layers, or deeper than "
                f"{MAX_NESTING} in others"
            )
        if isinstance(layer, Convolution):
            channels = self.convolution(layer, channels, where)
        elif isinstance(layer, (Upsample, PixelShuffle, PixelUnshuffle)):
            channels = self.resampling(layer, channels, where)
        elif isinstance(layer, GroupNorm):
            self.group_norm(layer, channels, where)
        elif isinstance(layer, Activation):
            if layer.name not in IMAGE_ACTIVATIONS:
                raise UnsupportedError(
                    f"{self.source}: {where}: unknown activation {layer.name!r}; known are "
                    f"{', '.join(IMAGE_ACTIVATIONS)}"
                )
        elif isinstance(layer, Residual):
            channels = self.residual(layer, channels, where, depth)
        elif isinstance(layer, Attention):
            channels = self.attention(layer, channels, where)
        else:
            raise UnsupportedError(f"{self.source}: {where}: {type(layer).__name__} is no layer")
        if channels > MAX_CHANNELS:
            raise LimitError(
                f"{self.source}: {where}: {channels} channels; the limit is {MAX_CHANNELS}"
            )
        return channels

    def convolution(self, layer: Convolution, channels: int, where: str) -> int:
        at = f"{self.source}: {where}"
        need_array(layer.weight, np.float32, 4, f"{at}.weight")
        out, entering, height, width = layer.weight.shape
        if not out or entering != channels or height != width:
            raise InvalidFieldError(
                f"{at}: a weight of shape {layer.weight.shape}, but {channels} channels enter and "
                "kernels are square"
            )
        if height > MAX_KERNEL:
            raise LimitError(f"{at}: a kernel of {height}; the limit is {MAX_KERNEL}")
        fits = height % 2 == 1 if layer.stride == 1 else height >= 2
        if not is_int(layer.stride) or layer.stride not in (1, 2) or not fits:
            raise InvalidFieldError(
                f"{at}: a kernel of {height} at stride {layer.stride!r}; kernels are odd at stride "
                "1, 2 or more at stride 2"
            )
        self.count(layer.weight, f"{where}.weight")
        if layer.bias is not None:
            self.vector(layer.bias, out, f"{where}.bias")
        return int(out)

    def resampling(
        self, layer: Upsample | PixelShuffle | PixelUnshuffle, channels: int, where: str
    ) -> int:
        if not is_int(layer.factor) or layer.factor not in SCALES[1:]:
            raise InvalidFieldError(
                f"{self.source}: {where}: factor {layer.factor!r} is none of "
                f"{', '.join(map(str, SCALES[1:]))}"
            )
        square = layer.factor**2
        if isinstance(layer, PixelUnshuffle):
            return channels * square
        if isinstance(layer, Upsample):
            return channels
        if channels % square:
            raise InvalidFieldError(
                f"{self.source}: {where}: {channels} channels cannot become squares of {square}"
            )
        return channels // square

    def group_norm(self, layer: GroupNorm, channels: int, where: str) -> None:
        if not is_int(layer.groups) or layer.groups < 1 or channels % layer.groups:
            raise InvalidFieldError(
                f"{self.source}: {where}: {channels} channels in {layer.groups!r} groups"
            )
        if not is_moderate(layer.epsilon) or not _EPSILONS[0] <= layer.epsilon <= _EPSILONS[1]:
            raise InvalidFieldError(
                f"{self.source}: {where}: epsilon {layer.epsilon!r} is not from {_EPSILONS[0]:g} "
                f"to {_EPSILONS[1]:g}"
            )
        self.vector(layer.weight, channels, f"{where}.weight")
        self.vector(layer.bias, channels, f"{where}.bias")

    def residual(self, layer: Residual, channels: int, where: str, depth: int) -> int:
        out = channels
        for i, inner in enumerate(layer.layers):
            at = f"{where}.layers.{i}"
            out = self.layer(inner, out, at, depth + 1)
            if _growth(inner) != 1.0:
                raise InvalidFieldError(
                    f"{self.source}: {at}: layers of a residual keep the image's size"
                )
        added = channels
        if layer.shortcut is not None:
            added = self.projection(layer.shortcut, channels, f"{where}.shortcut")
        if out != added:
            raise InvalidFieldError(
                f"{self.source}: {where}: {out} channels cannot be added to {added}"
            )
        return out

    def attention(self, layer: Attention, channels: int, where: str) -> int:
        query, key, value = (
            self.projection(getattr(layer, name), channels, f"{where}.{name}")
            for name in _PROJECTIONS[:3]
        )
        if query != key:
            raise InvalidFieldError(
                f"{self.source}: {where}: queries of {query} channels, keys of {key}"
            )
        return self.projection(layer.out, value, f"{where}.out")

    def projection(self, layer: Convolution, channels: int, where: str) -> int:
        if not isinstance(layer, Convolution):
            raise InvalidFieldError(f"{self.source}: {where}: a convolution is needed")
        out = self.convolution(layer, channels, where)
        if layer.weight.shape[2] != 1 or layer.stride != 1:
            raise InvalidFieldError(f"{self.source}: {where}: a 1 x 1 convolution is needed")
        return out

    def vector(self, array: FloatArray, length: int, where: str) -> None:
        need_array(array, np.float32, 1, f"{self.source}: {where}")
        if len(array) != length:
            raise InvalidFieldError(
                f"{self.source}: {where}: {len(array)} values, {length} are needed"
            )
        self.count(array, where)

    def count(self, array: FloatArray, where: str) -> None:
        self.values += array.size
        if self.values > MAX_VALUES:
            raise LimitError(f"{self.source}: more than {MAX_VALUES} values")
        need_finite(array, f"{self.source}: {where}")


def _growth(layer: ImageLayer) -> float:
    """What ``layer`` multiplies the image's sides by."""
    if isinstance(layer, (Upsample, PixelShuffle)):
        return float(layer.factor)
    if isinstance(layer, PixelUnshuffle):
        return 1.0 / layer.factor
    return 1.0 / layer.stride if isinstance(layer, Convolution) else 1.0
