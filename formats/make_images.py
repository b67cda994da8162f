"""Write the golden files of image decoders that are not there yet.

    python -m formats.make_images

Small ``vq-nerf`` files in ``vectors/v1-images`` (``nfc-vqnerf-v1.md``), each beside a JSON of
what it decodes to, as :mod:`formats.make_vectors` has it, of its image stage, of what the field
gives at a few points, as :mod:`formats.make_values` has it, and of an image: a feature image, the
codes that are nearest, and the pixels that the decoder makes of them by
:mod:`nfcodec.vqnerf.reference`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from formats import make_values, make_vectors
from nfcodec import coding
from nfcodec.arrays import FloatArray
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Grid
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.vqnerf import reference
from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    GroupNorm,
    ImageDecoder,
    PixelShuffle,
    PixelUnshuffle,
    Residual,
    Upsample,
    digest,
    named_arrays,
    outline,
)
from nfcodec.vqnerf.sharing import name_of
from nfcodec.vqnerf.stage import DecoderStage, NamedDecoder, stage_of

FOLDER = Path(__file__).parent / "vectors" / "v1-images"


def values(rng: np.random.Generator, *shape: int, scale: float = 0.4) -> FloatArray:
    """Values that float16 can represent."""
    made: FloatArray = rng.normal(scale=scale, size=shape).astype(np.float16).astype(np.float32)
    return made


def decoder() -> ImageDecoder:
    """One of every layer that makes an image larger or leaves its size."""
    rng = np.random.default_rng(13)

    def convolution(inputs: int, outputs: int, side: int = 1) -> Convolution:
        return Convolution(values(rng, outputs, inputs, side, side), values(rng, outputs))

    norm = GroupNorm(values(rng, 8), values(rng, 8), groups=4)
    attention = Attention(*(convolution(8, 8) for _ in range(4)))
    layers = (
        convolution(3, 8, 3),
        Residual((norm, Activation("silu"), convolution(8, 8, 3)), convolution(8, 8)),
        Residual((attention,)), Activation("relu"), Upsample(2), convolution(8, 8, 5),
        Activation("gelu"), Convolution(values(rng, 12, 8, 3, 3)), PixelShuffle(2),
        Activation("sigmoid"),
    )  # fmt: skip
    return ImageDecoder(values(rng, 24, 3, scale=1.0), 4, layers)


def resampling_decoder() -> ImageDecoder:
    """One of the layers that make an image smaller, and back."""
    rng = np.random.default_rng(14)
    layers = (
        Convolution(values(rng, 4, 3, 1, 1), values(rng, 4)), Upsample(4), PixelUnshuffle(2),
        Convolution(values(rng, 12, 16, 3, 3), values(rng, 12), stride=2), Activation("tanh"),
        PixelShuffle(2), Convolution(values(rng, 3, 3, 3, 3)), Upsample(2), Activation("sigmoid"),
    )  # fmt: skip
    return ImageDecoder(values(rng, 7, 3, scale=1.0), 4, layers)


def field(sampled: bool) -> CodedField:
    """An octree in indices, networks as §13 wants them."""
    rng = np.random.default_rng(5)
    grid = Grid(
        make_vectors.levels(
            make_vectors.tree((2, 3)), lambda layout, i: make_vectors.vq(layout, 4, i, features=4)
        )
    )
    view = Input("direction", Encoding("spherical_harmonics", degree=2))
    trunk = Network("trunk", (Input("features"),), make_vectors.layers(rng, 4, 6, last="relu"))
    distance = Network("distance", (Input("trunk"),), make_vectors.layers(rng, 6, 1))
    sharp = (
        Layer(np.array([[-1.0]], np.float32), None, "sigmoid", 20.0),
        Layer(np.array([[1.0]], np.float32), None, "none", 20.0),
    )
    density = Network("density", (Input("distance"),), sharp)
    latent = Network("latent", (Input("trunk"), view), make_vectors.layers(rng, 10, 3))
    networks: tuple[Network, ...] = (trunk, distance, density, latent)
    if sampled:
        trust = make_vectors.layers(rng, 6, 1, last="sigmoid")
        color = make_vectors.layers(rng, 10, 8, 3, last="sigmoid")
        networks = (
            *networks, Network("trust", (Input("trunk"),), trust),
            Network("color", (Input("trunk"), view), color),
        )  # fmt: skip
    base = make_vectors.field("sdf", (grid,), 4)
    stage = DecoderStage(decoder(), values(rng, 3))
    return replace(base, kind="vq-nerf", networks=networks, image=stage)


def named() -> CodedField:
    """The same with its decoder kept elsewhere."""
    made = field(sampled=False)
    return replace(made, image=replace(stage_of(made), decoder=name_of(decoder())))


def resampled() -> CodedField:
    """The same with a decoder of other layers."""
    made = field(sampled=False)
    return replace(made, image=replace(stage_of(made), decoder=resampling_decoder()))


FIELDS: dict[str, Callable[[], CodedField]] = {
    "vq_nerf": lambda: field(sampled=True),
    "vq_nerf_low": lambda: field(sampled=False),
    "vq_nerf_named": named,
    "vq_nerf_resampled": resampled,
}


def expected(coded: CodedField) -> dict[str, Any]:
    """What a file decodes to, its image stage and an image included."""
    stage = stage_of(coded)
    kept = stage.decoder
    found = {**make_vectors.expected(coded), "empty": stage.empty.tolist()}
    if isinstance(kept, NamedDecoder):
        return {**found, "decoder": {"digest": kept.digest}}
    arrays = {name: make_vectors._array(array, "<f2") for name, array in named_arrays(kept)}
    features = np.random.default_rng(1).normal(size=(kept.num_features, 2, 3)).round(4)
    indices = reference.nearest(kept, features)
    edge = kept.scale
    around = reference.decode(kept, np.pad(indices, 1, mode="edge"))
    image = around[:, edge:-edge, edge:-edge]
    return {
        **found,
        "decoder": {"outline": outline(kept), "arrays": arrays, "digest": digest(kept)},
        "image": {
            "features": features.tolist(),
            "indices": indices.tolist(),
            "pixels": image.round(6).tolist(),
        },
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, make in FIELDS.items():
        path = FOLDER / f"{name}.nfc"
        if path.exists():
            continue
        path.write_bytes(coding.to_bytes(make(), layers=1))
        found = {**expected(make()), "values": make_values.values(path)}
        path.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
