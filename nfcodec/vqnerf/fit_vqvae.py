"""Learning to code images: patches, the loss, and a codebook that follows the encoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from nfcodec.fit.loop import Loss
from nfcodec.vqnerf.networks import VqvaeModule

if TYPE_CHECKING:
    from nfcodec.metrics.lpips import Lpips

#: How much of a code's running mean is kept from step to step.
DECAY = 0.99
#: A code used less than this share of the mean is dead and starts over.
DEAD = 0.05


class PatchBank:
    """Random square patches of images, as often mirrored as not.

    ``pixels``: (H, W, 3) uint8 images of any sizes; those smaller than ``side`` are extended by
    their last pixels. An image is drawn in proportion to its area.
    """

    def __init__(
        self, pixels: Sequence[npt.NDArray[np.uint8]], side: int, device: torch.device
    ) -> None:
        self.side, self.device = side, device
        self.images = []
        for image in pixels:
            missing = [max(0, side - n) for n in image.shape[:2]]
            full = np.pad(image, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
            self.images.append(torch.from_numpy(full).permute(2, 0, 1).to(device))
        areas = torch.tensor([float(p.shape[1] * p.shape[2]) for p in self.images])
        self.ends = torch.cumsum(areas, dim=0) / areas.sum()

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """(count, 3, side, side) patches in [0, 1]."""
        places = torch.rand((count, 4), generator=generator, dtype=torch.float64)
        patches = []
        for at, down, right, mirrored in places.tolist():
            number = int(torch.searchsorted(self.ends, at))
            image = self.images[min(number, len(self.images) - 1)]
            y = int(down * (image.shape[1] - self.side + 1))
            x = int(right * (image.shape[2] - self.side + 1))
            patch = image[:, y : y + self.side, x : x + self.side]
            patches.append(patch.flip(2) if mirrored < 0.5 else patch)
        return torch.stack(patches).float() / 255.0


class Codebook(nn.Module):
    """The running means that a codebook is learned from (van den Oord et al. 2017, appendix A.1).

    A code is the mean of the vectors it was nearest to, older ones counting ever less. One that
    is hardly used takes the place of a vector just seen. What is kept is in the state dict.
    """

    def __init__(self, codebook: Tensor, *, fresh: bool) -> None:
        super().__init__()
        self.counts: Tensor
        self.sums: Tensor
        self.register_buffer("counts", torch.full((len(codebook),), float(not fresh)))
        self.register_buffer("sums", codebook.detach().clone() * float(not fresh))
        self.to(codebook.device)

    @torch.no_grad()
    def update(self, codebook: Tensor, vectors: Tensor, indices: Tensor, spare: Tensor) -> int:
        """Move ``codebook`` (K, D) after ``vectors`` (P, D) were found nearest to ``indices`` (P,).

        ``spare`` (K,): the vectors, by index, that dead codes become. The number of dead codes.
        """
        self.counts.mul_(DECAY).add_(
            torch.bincount(indices, minlength=len(codebook)).to(self.counts.dtype), alpha=1 - DECAY
        )
        self.sums.mul_(DECAY).index_add_(0, indices, vectors, alpha=1 - DECAY)
        mean = float(len(indices)) / len(codebook)
        dead = self.counts < DEAD * min(mean, 1.0)
        self.counts[dead] = mean
        self.sums[dead] = mean * vectors[spare[dead]]
        codebook.copy_(self.sums / self.counts[:, None])
        return int(dead.sum())


class VqvaeLoss:
    """Mean squared error of patches that were coded, and what keeps vectors at their codes.

    ``commitment``: weight of the mean squared distance from vectors to their codes.
    ``perceptual``: LPIPS and its weight, or None.
    """

    def __init__(
        self,
        module: VqvaeModule,
        codebook: Codebook,
        bank: PatchBank,
        *,
        batch: int,
        commitment: float,
        perceptual: tuple[Lpips, float] | None = None,
    ) -> None:
        self.module, self.codebook, self.bank = module, codebook, bank
        self.batch, self.commitment = batch, commitment
        self.perceptual = perceptual
        self._seen: tuple[Tensor, Tensor, Tensor] | None = None

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        wanted = self.bank.draw(self.batch, generator)
        decoder = self.module.decoder
        features = self.module.encoder(wanted)
        vectors = features.detach().permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        spare = torch.randint(len(vectors), (len(decoder.codebook),), generator=generator)
        found = decoder.quantize(features)
        self._seen = vectors, found.indices.flatten(), spare.to(vectors.device)
        decoded = decoder.decode(found.features)
        error = functional.mse_loss(decoded, wanted)
        loss = error + self.commitment * found.commitment
        if self.perceptual is not None:
            lpips, weight = self.perceptual
            loss = loss + weight * lpips.distances(wanted, decoded).mean()
        return Loss(loss, {"psnr": -10.0 * math.log10(max(float(error.detach()), 1e-10))})

    def after_step(self, done: int) -> None:
        """Let the codebook follow what the last step saw."""
        assert self._seen is not None
        self.codebook.update(self.module.decoder.codebook, *self._seen)
