"""Train a ``vq-nerf``: a signed distance whose feature images a VQ-VAE's decoder makes images of.

First the distance is learned as :mod:`nfcodec.train.surface` does, from rays; then features and
images, together with it, on patches (:mod:`nfcodec.vqnerf.loss`). ``docs/vq-nerf.md`` says
what of this is VQ-NeRF (arXiv 2310.14487) and what was left open there.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nfcodec.arrays import FloatArray
from nfcodec.data.images import PosedImages
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.device import pick
from nfcodec.fit import checkpoint as checkpoints
from nfcodec.fit import viewpoints
from nfcodec.fit.checkpoint import Checkpoint, digest
from nfcodec.fit.loop import adam, decay, fit
from nfcodec.layouts.octree import need_octree
from nfcodec.model.field import Field
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.progress import Progress
from nfcodec.train.build import check_count, check_positive, dense_layer
from nfcodec.train.nerf import (
    NerfSettings,
    kept_octree,
    plain,
    prepared,
    train_nerf,
    untrained,
)
from nfcodec.train.surface import SurfaceSettings, learn_sharpness
from nfcodec.vqnerf.drawing import coarse_camera
from nfcodec.vqnerf.loss import ImageLoss, Semantic, Weights
from nfcodec.vqnerf.model import Vqvae
from nfcodec.vqnerf.model import digest as image_digest
from nfcodec.vqnerf.module import decoder_of, module_of
from nfcodec.vqnerf.networks import ImageEncoderModule
from nfcodec.vqnerf.stage import DecoderStage

_WORK = "train vq-nerf"
#: Feature vectors along the side of the empty image that the encoder is shown.
_EMPTY_VECTORS = 8
#: Share of the steps on patches before the decoder is trained as well.
_HOLD = 0.25
#: What a sample at the image's own scale is trusted at first.
_FIRST_TRUST = 0.8


@dataclass(frozen=True)
class VqNerfSettings:
    """``nerf``: of the signed distance and its grids; must have a ``surface``.

    ``steps``: on patches, after ``nerf.steps`` of the distance. ``sampled``: whether the image's
    own scale is sampled as well (multi-scale, "global", sampling). ``finetune``: whether the
    decoder and its codebook are trained with the scene. ``patch``: feature vectors along the side
    of a patch, ``patches`` of which are drawn a step. UsageError for numbers that are not positive.
    """

    nerf: NerfSettings = field(default_factory=lambda: NerfSettings(surface=SurfaceSettings()))
    steps: int = 1600
    sampled: bool = True
    finetune: bool = True
    patch: int = 16
    patches: int = 4
    feature_rate: float = 5e-3
    network_rate: float = 2e-3
    decoder_rate: float = 5e-4
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        for name in ("steps", "patch", "patches"):
            check_count(name, getattr(self, name))
        for name in ("feature_rate", "network_rate", "decoder_rate"):
            check_positive(name, getattr(self, name))
        for name, value in asdict(self.weights).items():
            if not 0.0 <= value < float("inf"):
                raise UsageError(f"{name} is a weight of 0 or more, got {value}")
        if self.nerf.surface is None:
            raise UsageError("a vq-nerf field needs a surface to be trained")

    def with_steps(self, steps: int) -> VqNerfSettings:
        """The same with ``steps`` in all, shared between distance and patches as before."""
        if steps < 2:
            raise UsageError(f"steps must be 2 or more, got {steps}")
        patches = round(steps * self.steps / (self.steps + self.nerf.steps))
        patches = min(max(patches, 1), steps - 1)
        return replace(self, steps=patches, nerf=replace(self.nerf, steps=steps - patches))


def train_vq_nerf(
    posed: PosedImages,
    vqvae: Vqvae,
    *,
    settings: VqNerfSettings | None = None,
    steps: int | None = None,
    semantic: Semantic | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> Field:
    """A ``vq-nerf`` field of the scene that ``posed`` shows, in the units of its cameras.

    ``vqvae``: its decoder makes the images, its encoder tells the features where the settings
    ask for that. ``semantic``: CLIP's distance of images, if it is to count. ``checkpoint``:
    where an interrupted run keeps its state, and goes on from. UsageError for images smaller than
    a feature vector spans.
    """
    settings = settings or VqNerfSettings()
    if steps is not None:
        settings = settings.with_steps(steps)
    scale = vqvae.decoder.scale
    posed.need_whole("train vq-nerf")
    if min(posed.width, posed.height) < 2 * scale:
        raise UsageError(
            f"{posed.path}: images of {posed.width} x {posed.height} pixels are too small for a "
            f"decoder of scale {scale}"
        )
    where = pick(device)
    kept = None
    state: dict[str, Any] | None = None
    if checkpoint is not None:
        kept = Checkpoint(checkpoint, _identity(posed, vqvae, settings, semantic, seed))
        if checkpoints.work_in(checkpoint) == _WORK:
            state = kept.load()
    encoder = None
    if settings.weights.features:
        encoder = ImageEncoderModule(vqvae.encoder, where).requires_grad_(False)
    # Without samples of its own the image's scale is not to be seen by the distance either.
    rays = posed if settings.sampled else reduced(posed, scale)
    if state is None:
        base = train_nerf(
            rays, settings=settings.nerf, seed=seed, device=device, progress=progress,
            checkpoint=checkpoint,
        )  # fmt: skip
    else:
        base = _base(state, rays, settings, seed, checkpoint)
    module = FieldModule(
        with_images(base, vqvae, posed.background, sampled=settings.sampled, seed=seed), where
    )
    learn_sharpness(module)
    assert settings.nerf.surface is not None
    loss = ImageLoss(
        module, posed, weights=settings.weights, surface=settings.nerf.surface,
        samples_per_step=settings.nerf.samples_per_step, patch=settings.patch,
        patches=settings.patches, encoder=encoder, semantic=semantic,
        finetune_from=_HOLD * settings.steps if settings.finetune else math.inf,
    )  # fmt: skip
    groups: list[tuple[list[nn.Parameter], float]] = [
        ([*module.rows.parameters()], settings.feature_rate),
        ([*module.networks.parameters(), module_of(module).empty], settings.network_rate),
        ([*decoder_of(module).parameters()] if settings.finetune else [], settings.decoder_rate),
    ]
    fit(
        module, loss, adam(groups), settings.steps, label="train vq-nerf, images",
        seed=seed + len(settings.nerf.stages), progress=progress, checkpoint=kept,
        stage=_stage(base), state=state, schedule=decay,
    )  # fmt: skip
    field = module.to_field()
    return replace(field, metadata={**field.metadata, **_metadata(posed, settings, semantic, seed)})


def with_images(
    base: Field, vqvae: Vqvae, background: tuple[float, float, float], *, sampled: bool, seed: int
) -> Field:
    """``base``, a surface as :func:`nfcodec.train.surface.surface_field` makes, as a ``vq-nerf``.

    Features begin around the middle of the codebook; those of empty space are what the encoder
    makes of ``background``. The last network of ``base``, which gives colors, becomes ``color``
    at the image's own scale, if that is ``sampled``.
    """
    rng = np.random.default_rng([seed, 2])
    trunk, distance, density, color = base.networks
    hidden = len(trunk.layers[-1].weight)
    harmonics = Encoding("spherical_harmonics", degree=2)
    codebook = vqvae.decoder.codebook
    first = dense_layer(hidden + harmonics.width(3), hidden, "relu", rng)
    last = dense_layer(hidden, vqvae.decoder.num_features, "none", rng)
    # In units of the codebook's spread, which is any.
    spread = max(float(np.sqrt(codebook.var(axis=0).mean())), 1e-6)
    middle: FloatArray = (codebook.mean(axis=0) / spread).astype(np.float32)
    last = Layer(last.weight, middle, "none", spread)
    latent = Network("latent", (Input("trunk"), Input("direction", harmonics)), (first, last))
    networks: tuple[Network, ...] = (trunk, distance, density, latent)
    if sampled:
        logit = float(np.log(_FIRST_TRUST / (1.0 - _FIRST_TRUST)))
        trust = Network(
            "trust", (Input("trunk"),), (dense_layer(hidden, 1, "sigmoid", rng, logit),)
        )
        networks += (trust, replace(color, name="color"))
    stage = DecoderStage(vqvae.decoder, _empty(vqvae, background))
    return replace(base, kind="vq-nerf", networks=networks, image=stage)


@torch.no_grad()
def _empty(vqvae: Vqvae, background: tuple[float, float, float]) -> FloatArray:
    """(D,) what the encoder makes of an image of nothing but ``background``."""
    side = _EMPTY_VECTORS * vqvae.encoder.scale
    image = torch.tensor(background)[None, :, None, None].expand(1, 3, side, side)
    features = ImageEncoderModule(vqvae.encoder)(image)
    middle: FloatArray = features[0, :, _EMPTY_VECTORS // 2, _EMPTY_VECTORS // 2].numpy().copy()
    return middle


def reduced(posed: PosedImages, scale: int) -> PosedImages:
    """``posed`` at 1 / ``scale`` along each axis; each pixel is the mean of those that it covers.

    What is left over at the right and at the bottom is cut off.
    """
    height, width = posed.height // scale, posed.width // scale
    images = []
    for image in posed.images[:, : height * scale, : width * scale]:
        values = image.astype(np.float32) / 255.0
        if posed.has_alpha:
            values[..., :3] *= values[..., 3:]
        values = values.reshape(height, scale, width, scale, -1).mean(axis=(1, 3))
        if posed.has_alpha:
            values[..., :3] /= np.maximum(values[..., 3:], 1e-6)
        images.append(np.rint(values.clip(0.0, 1.0) * 255.0).astype(np.uint8))
    cameras = tuple(
        replace(coarse_camera(camera, scale), width=width, height=height)
        for camera in posed.cameras
    )
    return replace(posed, images=np.stack(images), cameras=cameras)


def _identity(
    posed: PosedImages, vqvae: Vqvae, settings: VqNerfSettings, semantic: Semantic | None, seed: int
) -> dict[str, Any]:
    images = digest(posed.arrays())
    return {
        "work": _WORK, "images": images, "seed": seed, "settings": plain(settings),
        "decoder": image_digest(vqvae.decoder), "encoder": image_digest(vqvae.encoder),
        "semantic": None if semantic is None else _weights_of(semantic),
    }  # fmt: skip


def _weights_of(semantic: Semantic) -> str:
    """What tells one distance of images from another: its weights, if it has any."""
    if not isinstance(semantic, nn.Module):
        return ""
    return digest(value.float().cpu().numpy() for value in semantic.state_dict().values())


def _stage(base: Field) -> dict[str, Any]:
    """What a checkpoint keeps besides the weights: the octree that the distance was left with."""
    finest = need_octree(base.levels[-1].layout)
    return {"depth": finest.depth, "voxels": torch.from_numpy(finest.voxels.view(np.int64))}


def _base(
    state: dict[str, Any], rays: PosedImages, settings: VqNerfSettings, seed: int,
    checkpoint: Path | None,
) -> Field:  # fmt: skip
    """The surface, with other weights, that an interrupted run had when it came to images."""
    nerf, _ = prepared(rays, settings.nerf)
    finest = kept_octree(state, nerf.depths[-1], checkpoint)
    return untrained(rays, finest, nerf.depths, nerf, seed)


def _metadata(
    posed: PosedImages, settings: VqNerfSettings, semantic: Semantic | None, seed: int
) -> dict[str, Any]:
    return {
        "viewpoints": viewpoints.record(posed.cameras),
        "training": {
            "method": "vq-nerf", "views": len(posed), "seed": seed,
            "semantic": semantic is not None, **plain(settings),
        },
    }  # fmt: skip
