"""What a ``vq-nerf`` field is trained under, on patches of its images."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nfcodec.data.images import PosedImages
from nfcodec.evaluate import FieldModule
from nfcodec.fit.loop import Loss
from nfcodec.fit.radiance import draw_lod
from nfcodec.fit.rays import RayBank
from nfcodec.render import volume
from nfcodec.render.march import march
from nfcodec.train.surface import SurfaceLoss, SurfaceSettings
from nfcodec.vqnerf import drawing
from nfcodec.vqnerf.module import decoder_of, module_of
from nfcodec.vqnerf.networks import ImageEncoderModule

#: Weight of the codes' distance to the features, over the variance of the codebook.
_CODEBOOK = 0.03
#: Share of steps at the finest LOD.
_FINEST_SHARE = 0.75

#: Images and what they should be, (B, 3, H, W) each, to a scalar.
Semantic = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Weights:
    """Weights of the terms of the loss; the color term has weight 1.

    ``commitment``: mean square of features less their codes, over the variance of the codebook.
    ``features``: of features less what the VQ-VAE's encoder makes of the true image, likewise.
    Where the image's own scale is sampled, ``decoded``: all of the coarse scale, its colors
    included; ``rays``: random rays of the own scale, composited as those of a radiance field.
    ``semantic``: CLIP's cosine distance.
    """

    commitment: float = 0.01
    features: float = 0.3
    decoded: float = 1.0
    rays: float = 1.0
    semantic: float = 0.01


class Patches(NamedTuple):
    """B patches of n x n feature vectors: rays at both scales, and the true pixels.

    ``coarse``: origins and directions (B n n, 3) of the feature images, ``fine``: of all pixels,
    (B f n f n, 3), patch by patch, row by row. ``axes``: (B, 3) optical axes. ``truth``:
    (B, 3, f n, f n) images over the scene's background, ``alpha``: (B, 1, f n, f n).
    """

    coarse: tuple[Tensor, Tensor]
    fine: tuple[Tensor, Tensor]
    axes: Tensor
    truth: Tensor
    alpha: Tensor


class ImageLoss:
    """Errors of ``module``'s images, a ``vq-nerf``'s, on random patches of ``posed``.

    ``patch``: feature vectors along a patch's side. ``encoder``: for the term ``features``.
    ``semantic``: for the term of that name. ``finetune_from``: the step from which on the decoder
    is trained as well: before there are features for it, it would only forget. ``surface``: weights
    of eikonal term and mask, and with ``samples_per_step`` of random rays at the image's own
    scale, for a ``module`` that has one: both scales are trained together (VQ-NeRF, multi-scale
    sampling).
    """

    def __init__(
        self,
        module: FieldModule,
        posed: PosedImages,
        *,
        weights: Weights,
        surface: SurfaceSettings,
        samples_per_step: int,
        patch: int,
        patches: int,
        encoder: ImageEncoderModule | None = None,
        semantic: Semantic | None = None,
        finetune_from: float = math.inf,
    ) -> None:
        self.finetune_from = finetune_from
        self.module, self.image, self.posed = module, decoder_of(module), posed
        self.weights, self.encoder, self.semantic = weights, encoder, semantic
        self.scale = self.image.scale
        self.variance = max(float(self.image.codebook.detach().var(dim=0).mean()), 1e-12)
        self.side = min(patch, posed.height // self.scale, posed.width // self.scale)
        self.patches, self.mask = patches, surface.mask
        self.background = torch.tensor(posed.background, device=module.device)
        bank = RayBank.of(posed, module.device)
        self.surface = SurfaceLoss(
            module, bank, settings=surface, samples_per_step=samples_per_step,
            background=posed.background, finest_share=_FINEST_SHARE,
        )  # fmt: skip

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        module, weights = self.module, self.weights
        self.image.requires_grad_(step >= self.finetune_from)
        lod = draw_lod(module.num_lods, _FINEST_SHARE, generator)
        patches = self.draw(generator)
        features, guess = self.features(patches, lod, generator)
        quantized = self.image.quantize(features.features)
        image = drawing.decode(self.image, quantized.features)
        error = functional.mse_loss(image, patches.truth)
        coarse = (
            error
            + (weights.commitment * quantized.commitment + _CODEBOOK * quantized.codebook)
            / self.variance
        )
        if self.encoder is not None and weights.features:
            with torch.no_grad():
                wanted = self.encoder(patches.truth)
            apart = functional.mse_loss(_inner(features.features), _inner(wanted))
            coarse = coarse + weights.features / self.variance * apart
        if self.posed.has_alpha and self.mask:
            seen = functional.avg_pool2d(patches.alpha, self.scale)
            coarse = coarse + self.mask * functional.mse_loss(features.opacity, seen)
        if module.has_color:
            # Their loss has the eikonal term, and another mask.
            fine = self.surface(step, generator).value
            image = self._mixed(patches, image, guess, lod)
            error = functional.mse_loss(image, patches.truth)
            loss = error + weights.decoded * coarse + weights.rays * fine
        else:
            loss = coarse + self.surface.eikonal(lod, generator).value
        if self.semantic is not None and weights.semantic:
            loss = loss + weights.semantic * self.semantic(image.clamp(0.0, 1.0), patches.truth)
        figures = {"loss": float(loss.detach())}
        if lod == module.num_lods - 1:
            figures["psnr"] = -10.0 * math.log10(max(float(error.detach()), 1e-10))
        return Loss(loss, figures)

    def draw(self, generator: torch.Generator) -> Patches:
        """Patches of random views, at random places."""
        f, n, device = self.scale, self.side, self.module.device
        posed = self.posed
        coarse, fine, axes, truth = [], [], [], []
        row, column = np.mgrid[0 : f * n, 0 : f * n]
        at_pixels = np.stack([column.ravel(), row.ravel()], axis=1) + 0.5
        row, column = np.mgrid[0:n, 0:n]
        at_vectors = (np.stack([column.ravel(), row.ravel()], axis=1) + 0.5) * f
        for _ in range(self.patches):
            view, y, x = (
                int(torch.randint(count, (), generator=generator))
                for count in (len(posed), posed.height - f * n + 1, posed.width - f * n + 1)
            )
            camera = posed.cameras[view]
            corner = np.array([x, y], np.float64)
            coarse.append(drawing.rays_of(camera, device, at_vectors + corner))
            fine.append(drawing.rays_of(camera, device, at_pixels + corner))
            axes.append(drawing.optical_axis(camera, device))
            pixels = posed.images[view, y : y + f * n, x : x + f * n]
            truth.append(torch.from_numpy(pixels.astype(np.float32) / 255.0).permute(2, 0, 1))
        images = torch.stack(truth).to(device)
        color, alpha = images[:, :3], torch.ones_like(images[:, :1])
        if posed.has_alpha:
            alpha = images[:, 3:]
            color = color * alpha + (1.0 - alpha) * self.background[:, None, None]
        return Patches(
            _joined(coarse), _joined(fine), torch.stack(axes), color, alpha
        )  # fmt: skip

    def features(
        self, patches: Patches, lod: int, generator: torch.Generator
    ) -> tuple[_Images, tuple[Tensor, Tensor]]:
        """The feature images of patches, and where on each pixel's ray the surface should be."""
        module, n = self.module, self.side
        origins, directions = patches.coarse
        offset = torch.rand(len(origins), generator=generator).to(module.device)
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(lod),
            volume.step_size(module, lod), offset,
        )  # fmt: skip
        seen = volume.gather_rays(
            module, origins, directions, samples, lod, module_of(module).empty, emitting=("latent",)
        )
        features = seen.color.reshape(self.patches, n, n, -1).permute(0, 3, 1, 2)
        opacity = seen.opacity.reshape(self.patches, 1, n, n)
        axis = patches.axes.repeat_interleave(n * n, dim=0)
        depth = (seen.depth * drawing.axial(directions, axis)).detach().reshape(opacity.shape)
        guess = drawing.guess_depth(opacity.detach(), depth, self.scale)
        return _Images(features, opacity), guess

    def _mixed(
        self, patches: Patches, decoded: Tensor, guess: tuple[Tensor, Tensor], lod: int
    ) -> Tensor:
        """Images with what is sampled at each pixel mixed in."""
        module = self.module
        origins, directions = patches.fine
        size = (self.scale * self.side) ** 2
        along = drawing.axial(directions, patches.axes.repeat_interleave(size, dim=0))
        middle, nearest = (x.reshape(-1) / along for x in guess)
        hits = drawing.first_surface(module, origins, directions, middle, nearest, lod)
        # Again, with gradients for all but the place.
        points = origins[hits.pixel] + directions[hits.pixel] * hits.t[:, None]
        sources = module.sources(points, lod)
        module.run(module.names_to("distance"), sources)
        sources["direction"] = directions[hits.pixel]
        flat = decoded.permute(0, 2, 3, 1).reshape(-1, 3)
        mixed = drawing.mix(module, flat, replace(hits, sources=sources))
        return mixed.reshape(self.patches, *decoded.shape[2:], 3).permute(0, 3, 1, 2)


class _Images(NamedTuple):
    """``features`` (B, D, n, n), ``opacity`` (B, 1, n, n)."""

    features: Tensor
    opacity: Tensor


def _joined(rays: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    origins, directions = zip(*rays, strict=True)
    return torch.cat(origins), torch.cat(directions)


def _inner(images: Tensor) -> Tensor:
    """Images without their border, which an encoder pads; whole if nothing would be left."""
    return images[..., 1:-1, 1:-1] if min(images.shape[2:]) > 2 else images
