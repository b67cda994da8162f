from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec.errors import InvalidFieldError, LimitError, UnsupportedError
from nfcodec.vqnerf import halves
from nfcodec.vqnerf.halves import array_shapes, assemble, check_half, check_vqvae
from nfcodec.vqnerf.model import (
    Activation,
    Convolution,
    GroupNorm,
    ImageDecoder,
    ImageLayer,
    Residual,
    Upsample,
    digest,
    named_arrays,
    num_values,
    outline,
    with_arrays,
)
from tests.vqnerf.vqvaes import random_vqvae


def arrays_of(half: Any) -> list[Any]:
    return [array for _, array in named_arrays(half)]


@pytest.mark.parametrize("name", ["decoder", "encoder"])
def test_outline_and_arrays_are_the_whole(name: str) -> None:
    half = getattr(random_vqvae(), name)
    check_half(half, "test")
    tree = json.loads(json.dumps(outline(half)))
    again = assemble(tree, arrays_of(half), "test")
    assert type(again) is type(half)
    assert outline(again) == outline(half)
    assert digest(again) == digest(half)
    names = [key for key, _ in named_arrays(half)]
    assert len(set(names)) == len(names)
    assert names == [key for key, _ in named_arrays(again)]
    for one, two in zip(arrays_of(half), arrays_of(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert array_shapes(tree, "test") == [array.shape for array in arrays_of(half)]
    assert num_values(half) == sum(array.size for array in arrays_of(half))


def test_arrays_are_named_by_where_they_are() -> None:
    names = [name for name, _ in named_arrays(random_vqvae().decoder)]
    assert names[:5] == [
        "codebook", "layers.0.weight", "layers.0.bias", "layers.1.layers.0.weight",
        "layers.1.layers.0.bias",
    ]  # fmt: skip
    assert "layers.1.layers.1.query.weight" in names
    assert "layers.2.shortcut.bias" in names


def test_order_of_entries_in_a_file_does_not_matter() -> None:
    decoder = random_vqvae().decoder

    def turned(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: turned(tree[key]) for key in reversed(list(tree))}
        return [turned(item) for item in tree] if isinstance(tree, list) else tree

    again = assemble(turned(outline(decoder)), arrays_of(decoder), "test")
    assert digest(again) == digest(decoder)


def test_digest_sees_every_number_and_the_structure() -> None:
    decoder = random_vqvae().decoder
    seen = {digest(decoder)}
    arrays = arrays_of(decoder)
    for i, array in enumerate(arrays):
        other = array.copy()
        other.flat[-1] += 1.0
        seen.add(digest(with_arrays(decoder, [*arrays[:i], other, *arrays[i + 1 :]])))
    norm = decoder.layers[1]
    assert isinstance(norm, Residual)
    inner = norm.layers[0]
    assert isinstance(inner, GroupNorm)
    layers = list(decoder.layers)
    layers[1] = replace(norm, layers=(replace(inner, groups=4), *norm.layers[1:]))
    seen.add(digest(replace(decoder, layers=tuple(layers))))
    assert len(seen) == len(arrays) + 2
    assert digest(decoder) == digest(random_vqvae().decoder)


def test_with_arrays_replaces_all_and_wants_all() -> None:
    decoder = random_vqvae().decoder
    arrays = arrays_of(decoder)
    rounded = with_arrays(decoder, [a.astype(np.float16).astype(np.float32) for a in arrays])
    assert outline(rounded) == outline(decoder)
    for before, after in zip(arrays, arrays_of(rounded), strict=True):
        assert 0 < np.abs(before - after).max() < 2e-3
    with pytest.raises(ValueError, match="fewer"):
        with_arrays(decoder, arrays[:-1])
    with pytest.raises(ValueError, match="more"):
        with_arrays(decoder, [*arrays, arrays[-1]])
    with pytest.raises(ValueError, match="shape"):
        with_arrays(decoder, [arrays[0].T, *arrays[1:]])


def test_sound_ones_pass() -> None:
    check_vqvae(random_vqvae(), "test")


def nan(array: Any) -> Any:
    other = array.copy()
    other.flat[0] = np.nan
    return other


def with_layer(decoder: ImageDecoder, i: int, layer: Any) -> ImageDecoder:
    return replace(decoder, layers=(*decoder.layers[:i], layer, *decoder.layers[i + 1 :]))


def deep(levels: int) -> ImageLayer:
    return Residual((deep(levels - 1),)) if levels else Activation()


KERNEL = np.zeros((8, 4, 3, 3), np.float32)
BROKEN = {
    "scale": (lambda d: replace(d, scale=3), "none of", InvalidFieldError),
    "another scale": (lambda d: replace(d, scale=8), "4 times as large", InvalidFieldError),
    "too large": (lambda d: with_layer(d, 3, Upsample(4)), "from 1 up to 4", InvalidFieldError),
    "codebook": (lambda d: replace(d, codebook=d.codebook[0]), "2-D array", InvalidFieldError),
    "no codes": (lambda d: replace(d, codebook=d.codebook[:0]), "shape", InvalidFieldError),
    "many codes": (
        lambda d: replace(d, codebook=np.zeros((1 << 17, 4), np.float32)), "limits", LimitError,
    ),
    "nan": (lambda d: replace(d, codebook=nan(d.codebook)), "1 NaN", InvalidFieldError),
    "double": (
        lambda d: replace(d, codebook=d.codebook.astype(np.float64)), "float32", InvalidFieldError,
    ),
    "channels": (
        lambda d: with_layer(d, 0, Convolution(KERNEL[:, :3])), "4 channels enter",
        InvalidFieldError,
    ),
    "even kernel": (
        lambda d: with_layer(d, 0, Convolution(KERNEL[..., :2, :2])), "odd", InvalidFieldError,
    ),
    "oblong kernel": (
        lambda d: with_layer(d, 0, Convolution(KERNEL[..., :1])), "square", InvalidFieldError,
    ),
    "stride": (
        lambda d: with_layer(d, 0, Convolution(KERNEL, None, 3)), "stride", InvalidFieldError,
    ),
    "bias": (
        lambda d: with_layer(d, 0, Convolution(KERNEL, KERNEL[:3, 0, 0, 0])), "8 are needed",
        InvalidFieldError,
    ),
    "groups": (
        lambda d: with_layer(d, 1, GroupNorm(KERNEL[:, 0, 0, 0], KERNEL[:, 0, 0, 0], 3)),
        "8 channels in 3 groups", InvalidFieldError,
    ),
    "epsilon": (
        lambda d: with_layer(d, 1, GroupNorm(KERNEL[:, 0, 0, 0], KERNEL[:, 0, 0, 0], 2, 0.0)),
        "epsilon", InvalidFieldError,
    ),
    "activation": (
        lambda d: with_layer(d, 8, Activation("mish")), "unknown activation", UnsupportedError,
    ),
    "residual": (
        lambda d: with_layer(d, 1, Residual((Convolution(KERNEL[:3, :1].repeat(8, 1)),))),
        "cannot be added", InvalidFieldError,
    ),
    "growing residual": (
        lambda d: with_layer(d, 1, Residual((Upsample(2),))), "keep the image's size",
        InvalidFieldError,
    ),
    "no layer": (lambda d: with_layer(d, 1, "silu"), "no layer", UnsupportedError),
    "gray": (
        lambda d: with_layer(d, 7, Convolution(KERNEL[:1, :3])), "1 channels come out, 3",
        InvalidFieldError,
    ),
    "depth": (lambda d: with_layer(d, 1, deep(6)), "deeper", LimitError),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_ones_are_told(name: str) -> None:
    breaking, message, error = BROKEN[name]
    with pytest.raises(error, match=message) as raised:
        check_half(breaking(random_vqvae().decoder), "vq.pt")
    assert str(raised.value).startswith("vq.pt")


def test_halves_must_fit_together() -> None:
    vqvae = random_vqvae()
    other = random_vqvae(features=3)
    with pytest.raises(InvalidFieldError, match="4 channels come out, 3 are needed"):
        check_vqvae(replace(vqvae, decoder=other.decoder), "test")
    wide = replace(vqvae.decoder, scale=8, layers=(Upsample(2), *vqvae.decoder.layers))
    with pytest.raises(InvalidFieldError, match="scale is 4, the decoder's 8"):
        check_vqvae(replace(vqvae, decoder=wide), "test")


HOSTILE: dict[str, tuple[Any, str, type[Exception]]] = {
    "no tree": ([], "group", InvalidFieldError),
    "no layers": ({"scale": 4}, "missing", InvalidFieldError),
    "layers of text": ({"scale": 4, "layers": "ab"}, "list", InvalidFieldError),
    "layer of text": ({"scale": 4, "layers": ["ab"]}, "type", InvalidFieldError),
    "scale of text": ({"scale": "4", "layers": []}, "int", InvalidFieldError),
    "true scale": ({"scale": True, "layers": []}, "int", InvalidFieldError),
    "new layer": ({"scale": 4, "layers": [{"type": "mamba"}]}, "mamba", UnsupportedError),
    "new entry": (
        {"scale": 4, "layers": [{"type": "upsample", "factor": 2, "mode": "cubic"}]}, "mode",
        UnsupportedError,
    ),
    "huge array": (
        {"scale": 4, "codebook": [1 << 16, 1 << 16], "layers": []}, "values", LimitError,
    ),
    "negative side": ({"scale": 4, "codebook": [-1, 3], "layers": []}, "shape", InvalidFieldError),
    "shape of text": ({"scale": 4, "codebook": "ab", "layers": []}, "shape", InvalidFieldError),
    "three sides": ({"scale": 4, "codebook": [1, 2, 3], "layers": []}, "shape", InvalidFieldError),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_outlines_of_hostile_files_are_refused(name: str) -> None:
    tree, message, error = HOSTILE[name]
    for read in (array_shapes, lambda tree, source: assemble(tree, [], source)):
        with pytest.raises(error, match=message):
            read(tree, "test")


class Unprintable(list[Any]):
    """Stands for lists that share their parts, which take forever to print."""

    def __repr__(self) -> str:
        raise AssertionError("printed")


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "convolution", "weight": Unprintable(), "bias": None, "stride": 1},
        {"type": "activation", "name": Unprintable()},
    ],
)
def test_messages_do_not_print_what_may_be_endless(layer: dict[str, Any]) -> None:
    with pytest.raises(InvalidFieldError):
        check_half(assemble({"scale": 2, "layers": [layer]}, [], "test"), "test")


def test_nesting_and_number_of_layers_are_limited() -> None:
    tree: dict[str, Any] = {"type": "activation", "name": "silu"}
    for _ in range(halves.MAX_NESTING + 1):
        tree = {"type": "residual", "layers": [tree], "shortcut": None}
    with pytest.raises(LimitError):
        array_shapes({"scale": 1, "layers": [tree]}, "test")
    many = [{"type": "activation", "name": "silu"}] * (halves.MAX_LAYERS + 1)
    with pytest.raises(LimitError):
        array_shapes({"scale": 1, "layers": many}, "test")


def test_arrays_that_do_not_fit_an_outline_are_refused() -> None:
    decoder = random_vqvae().decoder
    tree, arrays = outline(decoder), arrays_of(decoder)
    for wrong in (arrays[:-1], [*arrays, arrays[0]], [arrays[0].T, *arrays[1:]]):
        with pytest.raises(InvalidFieldError):
            assemble(tree, wrong, "test")
