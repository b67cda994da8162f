"""Train a VQ-VAE on patches of images: an encoder, a codebook and a decoder of images.

The codebook follows the encoder by running means, and codes that are hardly used start over
(:class:`nfcodec.vqnerf.fit_vqvae.Codebook`); networks and weights were chosen by measurements, in
``docs/decisions/0021-vqvae.md``.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from nfcodec.data.unposed import UnposedImages
from nfcodec.errors import UsageError
from nfcodec.evaluate.device import pick
from nfcodec.fit.checkpoint import Checkpoint, digest
from nfcodec.fit.loop import adam, fit
from nfcodec.metrics import psnr
from nfcodec.metrics.lpips import MIN_SIDE, Lpips
from nfcodec.progress import Progress
from nfcodec.train.build import check_count
from nfcodec.vqnerf.fit_vqvae import Codebook, PatchBank, VqvaeLoss
from nfcodec.vqnerf.halves import MAX_CHANNELS, MAX_CODES, MAX_VALUES, SCALES
from nfcodec.vqnerf.model import Vqvae
from nfcodec.vqnerf.model import digest as digest_of
from nfcodec.vqnerf.networks import VqvaeModule
from nfcodec.vqnerf.vqvae_layers import MAX_BLOCKS, count_given, count_values, new_vqvae

#: Pixels along the side of a patch, and of all patches of a step.
MAX_PATCH = 1024
MAX_PIXELS = 1 << 22
#: Values within the networks that a step keeps for its gradients; 8 GiB in float32.
MAX_KEPT = 1 << 31

#: Of both halves, for each channel of a block at each place.
_KEPT = 8
#: Squares of pixels looked at for their principal components.
_SQUARES = 1 << 14


@dataclass(frozen=True)
class VqvaeSettings:
    """``codes`` x ``features``: the codebook, K x D. ``scale``: f, the pixels that a vector spans.

    ``width`` and ``blocks``: channels and residual blocks of each half. ``patch``: pixels along the
    side of a patch, ``batch`` of which make a step. ``commitment``: weight of the vectors' distance
    to their codes. ``perceptual``: weight of LPIPS, where it is given. UsageError for what cannot
    be, no file can hold (:mod:`nfcodec.vqnerf.halves`) or takes more memory than is granted.
    """

    codes: int = 2048
    features: int = 16
    scale: int = 4
    width: int = 64
    blocks: int = 3
    steps: int = 2000
    patch: int = 64
    batch: int = 8
    rate: float = 1e-3
    commitment: float = 0.25
    perceptual: float = 0.1

    def __post_init__(self) -> None:
        for name in ("codes", "features", "scale", "width", "blocks", "steps", "patch", "batch"):
            check_count(name, getattr(self, name))
        if self.codes > MAX_CODES or max(self.features, self.width) > MAX_CHANNELS:
            raise UsageError(
                f"at most {MAX_CODES} codes and {MAX_CHANNELS} features or channels are possible"
            )
        if self.scale not in SCALES[1:]:
            raise UsageError(
                f"scale {self.scale} is none of {', '.join(map(str, SCALES[1:]))}, powers of two"
            )
        if self.patch % self.scale:
            raise UsageError(f"patch {self.patch} is no multiple of the scale, {self.scale}")
        self._check_sizes()
        for name in ("rate", "commitment", "perceptual"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise UsageError(f"{name} is 0 or more, got {getattr(self, name)}")

    def _check_sizes(self) -> None:
        if self.blocks > MAX_BLOCKS:
            raise UsageError(f"at most {MAX_BLOCKS} blocks are possible, got {self.blocks}")
        values = max(count_values(self.codes, self.features, self.scale, self.width, self.blocks))
        if values > MAX_VALUES:
            raise UsageError(
                f"{self.codes} codes of {self.features} features, width {self.width} and blocks "
                f"{self.blocks} make {values:,} values; at most {MAX_VALUES:,} are possible"
            )
        if self.patch > MAX_PATCH or self.batch * self.patch**2 > MAX_PIXELS:
            raise UsageError(
                f"batch {self.batch} of patch {self.patch} is too large: patches have up to "
                f"{MAX_PATCH} pixels a side, and a step {MAX_PIXELS:,} in all"
            )
        places = self.batch * (self.patch // self.scale) ** 2
        kept = places * self.width * (self.blocks + 1) * _KEPT
        if kept > MAX_KEPT:
            raise UsageError(
                f"batch {self.batch} of patch {self.patch} takes {kept:,} values within networks "
                f"of width {self.width} and blocks {self.blocks}; at most {MAX_KEPT:,} are possible"
            )


def train_vqvae(
    images: UnposedImages,
    *,
    settings: VqvaeSettings | None = None,
    start: Vqvae | None = None,
    perceptual: Lpips | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> Vqvae:
    """A VQ-VAE of what ``images`` show.

    ``start``: what to go on from; its codebook, scale and networks then take the place of those in
    ``settings``. ``perceptual``: LPIPS, to count with its weight. ``checkpoint``: where an
    interrupted run keeps its state, and goes on from.
    """
    settings = settings or VqvaeSettings()
    if start is not None:
        settings = of_start(settings, start)
    if perceptual is not None and settings.patch < MIN_SIDE:
        raise UsageError(f"patch {settings.patch} is too small for LPIPS: {MIN_SIDE} or more")
    where = pick(device)
    begun = start or untrained(images, settings, seed)
    module = VqvaeModule(begun, where)
    decoder = module.decoder
    state = nn.ModuleDict(
        {"vqvae": module, "codebook": Codebook(decoder.codebook, fresh=start is None)}
    )
    running = state["codebook"]
    assert isinstance(running, Codebook)
    loss = VqvaeLoss(
        module, running, PatchBank(images.pixels, settings.patch, where), batch=settings.batch,
        commitment=settings.commitment,
        perceptual=None if perceptual is None else (perceptual, settings.perceptual),
    )  # fmt: skip
    decoder.codebook.requires_grad_(False)
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    kept = None
    if checkpoint is not None:
        identity = {
            "work": "train vqvae", "images": digest(images.pixels), "seed": seed,
            "settings": asdict(settings),
            "perceptual": None if perceptual is None else digest(perceptual.arrays()),
            "start": None if start is None else digest_of(start.encoder) + digest_of(start.decoder),
        }  # fmt: skip
        kept = Checkpoint(checkpoint, identity)
    fit(
        state, loss, adam([(learned, settings.rate)]), settings.steps,
        label="train vqvae", seed=seed, progress=progress, checkpoint=kept,
        state=None if kept is None else kept.load(), after_step=loss.after_step,
    )  # fmt: skip
    training = {"method": "vqvae", "images": len(images), "seed": seed, **asdict(settings)}
    if perceptual is None:
        del training["perceptual"]
    if start is not None:  # whose networks have a width and depth of their own
        del training["width"], training["blocks"]
        training["start"] = dict(start.metadata.get("training", {}))
    return module.to_vqvae({"name": Path(images.path).name, "training": training})


def of_start(settings: VqvaeSettings, start: Vqvae) -> VqvaeSettings:
    """``settings`` with codebook and scale as ``start`` has them, on patches that it can take.

    UsageError if a step with the networks of ``start`` takes more memory than is granted.
    """
    decoder = start.decoder
    patch = max(1, round(settings.patch / decoder.scale)) * decoder.scale
    settings = replace(
        settings, codes=decoder.num_codes, features=decoder.num_features, scale=decoder.scale,
        patch=patch,
    )  # fmt: skip
    kept = settings.batch * sum(count_given(half, patch) for half in (start.encoder, decoder))
    if kept > MAX_KEPT:
        raise UsageError(
            f"batch {settings.batch} of patch {patch} takes {kept:,} values within the networks to "
            f"go on from; at most {MAX_KEPT:,} are possible: take a smaller batch or patch"
        )
    return settings


def untrained(images: UnposedImages, settings: VqvaeSettings, seed: int) -> Vqvae:
    """A VQ-VAE that knows the images' principal components alone."""
    bank = PatchBank(images.pixels, settings.scale, torch.device("cpu"))
    squares = bank.draw(_SQUARES, torch.Generator().manual_seed(seed))
    return new_vqvae(
        squares.numpy(), settings.codes, settings.features, width=settings.width,
        blocks=settings.blocks, rng=np.random.default_rng(seed),
    )  # fmt: skip


def measure(vqvae: Vqvae, images: UnposedImages, device: str = "auto") -> dict[str, float]:
    """How well ``images`` come back: mean ``psnr`` in dB, and ``codes`` that they use."""
    module = VqvaeModule(vqvae, device)
    found: list[float] = []
    used: set[int] = set()
    for pixels in images.pixels:
        image = torch.tensor(pixels).permute(2, 0, 1)[None].to(module.device) / 255.0
        indices = module.indices(image)
        used.update(indices.flatten().tolist())
        height, width = image.shape[2:]
        back = module.decoder.images(indices)[..., :height, :width]
        found.append(min(psnr(image.cpu().numpy(), back.cpu().numpy()), 144.0))
    return {"psnr": float(np.mean(found)), "codes": float(len(used))}
