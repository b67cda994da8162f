"""Images of ``vq-nerf`` fields: few rays, an image decoder, and one sample per pixel on top.

As in VQ-NeRF (arXiv 2310.14487): an image of features is rendered at 1 / f of the
image's size along each axis, each of its vectors is snapped to the nearest code, and a decoder
makes the image of them. What texture that loses comes from "global sampling": the same distance,
sampled at the image's own scale, through layers of its own. Where to sample is known from the
depth that the few rays saw, so that a pixel takes one sample as a rule
(:func:`first_surface`), and the two images are mixed by how much that sample is to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.model.camera import Camera
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress, Silent
from nfcodec.render import settings, volume
from nfcodec.vqnerf.module import decoder_of, module_of
from nfcodec.vqnerf.networks import ImageDecoderModule
from nfcodec.vqnerf.stage import NamedDecoder, stage_of

#: Feature vectors that are laid around a feature image for its decoder.
MARGIN = 1
#: A feature vector that is seen less than this is empty space.
MIN_OPACITY = 0.02
#: A sample up to this far from the surface, in voxels, is on it; from twice that it says nothing.
NEAR = 0.75
#: Steps along the distance for pixels whose depth was wrong, from the nearest depth around them.
TRACING_STEPS = 3


class FeatureImage(NamedTuple):
    """What rays at 1 / f see: ``features`` (h, w, D), ``opacity`` and ``depth`` (h, w).

    ``depth`` is along the optical axis, in the field's units; 0 where nothing is seen.
    """

    features: Tensor
    opacity: Tensor
    depth: Tensor


@dataclass(frozen=True, eq=False)
class Hits:
    """Pixels that may show a surface: ``pixel`` (P,) their numbers, row by row, ``t`` (P,) the
    distance along their rays, ``near`` (P,) from 1 on the surface down to 0, ``sources`` what
    networks after ``distance`` read there."""

    pixel: Tensor
    t: Tensor
    near: Tensor
    sources: dict[str, Tensor]


def coarse_camera(camera: Camera, scale: int) -> Camera:
    """The camera of the feature image: one pixel for each ``scale`` x ``scale`` of ``camera``'s.

    Where that does not divide the image, the last row and column reach beyond it.
    """
    return replace(
        camera,
        width=-(-camera.width // scale), height=-(-camera.height // scale),
        fx=camera.fx / scale, fy=camera.fy / scale,
        cx=camera.cx / scale, cy=camera.cy / scale,
    )  # fmt: skip


def axial(directions: Tensor, axis: Tensor) -> Tensor:
    """(R,) how much of unit directions (R, 3) lies along the optical ``axis``, (3,) or (R, 3)."""
    return (directions * axis).sum(dim=1).clamp_min(1e-3)


def rays_of(
    camera: Camera, device: torch.device, pixels: npt.NDArray[np.float64] | None = None
) -> tuple[Tensor, Tensor]:
    """Origins and unit directions, (R, 3) each, of ``pixels`` (R, 2), all by default."""
    origins, directions = camera.rays(pixels)
    return (
        torch.from_numpy(np.ascontiguousarray(origins)).to(device),
        torch.from_numpy(np.ascontiguousarray(directions)).to(device),
    )


def optical_axis(camera: Camera, device: torch.device) -> Tensor:
    """(3,) the unit vector that the camera looks along."""
    return torch.from_numpy((-camera.pose[:3, 2]).astype(np.float32)).to(device)


@torch.no_grad()
def feature_image(module: FieldModule, camera: Camera, lod: int | None = None) -> FeatureImage:
    """The feature image of ``camera``'s image, of :func:`coarse_camera`'s size, not quantized."""
    coarse = coarse_camera(camera, decoder_of(module).scale)
    origins, directions = rays_of(coarse, module.device)
    seen = volume.render_rays(
        module,
        origins,
        directions,
        lod=lod,
        background=module_of(module).empty,
        emitting=("latent",),
    )
    along = axial(directions, optical_axis(camera, module.device))
    size = coarse.height, coarse.width
    return FeatureImage(
        seen.color.reshape(*size, -1),
        seen.opacity.reshape(size),
        (seen.depth * along).reshape(size),
    )


def decode(image: ImageDecoderModule, codes: Tensor) -> Tensor:
    """(B, D, h, w) quantized feature images to images (B, 3, f h, f w), not clamped.

    The outermost vectors are repeated outwards and cut off again: the zeros that a decoder adds
    around stand for no feature.
    """
    found = image.decode(functional.pad(codes, (MARGIN,) * 4, mode="replicate"))
    edge = MARGIN * image.scale
    return found[..., edge:-edge, edge:-edge]


def guess_depth(opacity: Tensor, depth: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """(B, 1, f h, f w) where on each pixel's ray the surface should be, along the optical axis, and
    the nearest that is seen around; 0 where nothing is.

    ``opacity`` and ``depth``: (B, 1, h, w), of a feature image. Between the depths 1 / depth is
    interpolated, which is exact on planes.
    """
    seen = (opacity > MIN_OPACITY).float()
    inverse = torch.where(seen > 0, 1.0 / depth.clamp_min(1e-20), torch.zeros_like(seen))
    share, mean = (
        functional.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
        for x in (seen, seen * inverse)
    )
    most = functional.max_pool2d(inverse, 3, stride=1, padding=1)
    most = functional.interpolate(most, scale_factor=scale, mode="nearest")
    middle = torch.where(share > 0, share / mean.clamp_min(1e-20), torch.zeros_like(share))
    nearest = torch.where(share > 0, 1.0 / most.clamp_min(1e-20), torch.zeros_like(share))
    return middle, nearest


@torch.no_grad()
def first_surface(
    module: FieldModule,
    origins: Tensor,
    directions: Tensor,
    guess: Tensor,
    nearest: Tensor,
    lod: int | None = None,
) -> Hits:
    """Where rays (R, 3) meet the surface, by as few samples as possible.

    ``guess``, ``nearest``: (R,) distances along the rays (:func:`guess_depth`), 0 where nothing is
    looked for. A guess on the surface is taken as it is. One beside it is mended by the secant
    through two distances, which suits walls seen from the side; where that leads nowhere, as at
    edges of depth, the surface is traced from ``nearest`` in steps of the signed distance. What
    lies behind the eye is never taken.
    """
    voxel = settings.voxel_size(module.field, lod)
    pixel = (guess > 0).nonzero()[:, 0]
    t, start = guess[pixel], (nearest[pixel] - voxel).clamp_min(0.0)
    origins, directions = origins[pixel], directions[pixel]
    sources, distance = _distance(module, origins, directions, t, voxel, lod)

    def at(rays: Tensor, t: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        return _distance(module, origins[rays], directions[rays], t, voxel, lod)

    astray = (distance.abs() > NEAR * voxel).nonzero()[:, 0]
    if len(astray):
        first, s = t[astray], distance[astray]
        second = first + s.clamp(-2.0 * voxel, 2.0 * voxel)
        slope = (at(astray, second)[1] - s) / torch.where(second == first, voxel, second - first)
        reach = 3.0 * voxel
        mended = first - (s / torch.where(slope < -0.05, slope, -0.05)).clamp(-reach, reach)
        mended = mended.clamp_min(0.0)
        again, s = at(astray, mended)
        _put(sources, again, astray)
        t[astray], distance[astray] = mended, s
        wrong = astray[s.abs() > NEAR * voxel]
        t[wrong], step = start[wrong], torch.zeros_like(start[wrong])
        for _ in range(TRACING_STEPS + 1):
            t[wrong] = (t[wrong] + step).clamp_min(0.0)
            again, s = at(wrong, t[wrong])
            _put(sources, again, wrong)
            distance[wrong] = s
            further = s.abs() > NEAR * voxel
            wrong, step = wrong[further], s[further]
    near = (2.0 - distance.abs() / (NEAR * voxel)).clamp(0.0, 1.0)
    kept = (near > 0).nonzero()[:, 0]
    if len(kept) < len(pixel):
        pixel, t, near = pixel[kept], t[kept], near[kept]
        sources = {name: values[kept] for name, values in sources.items()}
        directions = directions[kept]
    sources["direction"] = directions
    return Hits(pixel, t, near, sources)


def _put(sources: dict[str, Tensor], found: dict[str, Tensor], index: Tensor) -> None:
    for name, values in sources.items():
        values[index] = found[name]


def _distance(
    module: FieldModule, origins: Tensor, directions: Tensor, t: Tensor, voxel: float,
    lod: int | None,
) -> tuple[dict[str, Tensor], Tensor]:  # fmt: skip
    """What networks read at ``t`` (P,) on rays, and the distance; in empty cells, two voxels."""
    sources = module.sources(origins + directions * t[:, None], lod)
    distance = module.run(module.names_to("distance"), sources)[:, 0]
    occupied = module.occupancy(lod).at(sources["position"])
    return sources, torch.where(occupied, distance, torch.full_like(distance, 2.0 * voxel))


def mix(module: FieldModule, decoded: Tensor, hits: Hits) -> Tensor:
    """(R, 3) pixels ``decoded`` from features, with what ``hits`` show mixed in; differentiable.

    The share of a hit in its pixel is what ``trust`` says, times how near the surface it lies.
    """
    share = module.run(("trust",), hits.sources) * hits.near[:, None]
    color = module.run(("color",), hits.sources)
    mixed: Tensor = decoded.index_add(0, hits.pixel, share * (color - decoded[hits.pixel]))
    return mixed


@torch.no_grad()
def draw(module: FieldModule, camera: Camera, lod: int | None = None) -> Tensor:
    """(H, W, 3) image of a ``vq-nerf``, as its feature image and, if it has them, its layers at
    the image's own scale give it; not clamped."""
    decoder, image = decoder_of(module), feature_image(module, camera, lod)
    height, width, scale = camera.height, camera.width, decoder.scale
    codes = decoder_of(module).lookup(
        decoder_of(module).nearest(image.features.permute(2, 0, 1)[None])
    )
    decoded = decode(decoder_of(module), codes)[0]
    decoded = decoded[:, :height, :width].permute(1, 2, 0).reshape(-1, 3)
    if module.has_color:
        guesses = guess_depth(image.opacity[None, None], image.depth[None, None], scale)
        guess, nearest = (x[0, 0, :height, :width].reshape(-1) for x in guesses)
        # Rays of the pixels that may show something alone: the others cost nothing.
        looked = (guess > 0).nonzero()[:, 0]
        index = looked.cpu().numpy()
        pixels = np.stack([index % width + 0.5, index // width + 0.5], axis=1)
        axis = optical_axis(camera, module.device)
        for first in range(0, len(looked), volume.RAYS_PER_CHUNK):
            chunk = slice(first, first + volume.RAYS_PER_CHUNK)
            origins, directions = rays_of(camera, module.device, pixels[chunk])
            along = axial(directions, axis)
            of = looked[chunk]
            hits = first_surface(
                module, origins, directions, guess[of] / along, nearest[of] / along, lod
            )
            decoded[of] = mix(module, decoded[of], hits)
    return decoded.reshape(height, width, 3)


def check(
    field: Field | CodedField, antialias: int, background: npt.ArrayLike, own: npt.ArrayLike
) -> None:
    """UsageError for an image that the decoder of ``field``, a ``vq-nerf``, cannot make.

    ``own``: the background that it was trained over.
    """
    stage = stage_of(field)
    if isinstance(stage.decoder, NamedDecoder):
        raise UsageError(
            "the field's image decoder is kept elsewhere: name the VQ-VAE that it is part of by "
            f"--vqvae PATH (the decoder's SHA-256 is {stage.decoder.digest})"
        )
    if antialias > 1:
        raise UsageError(
            "a vq-nerf field has no --antialias: its decoder makes pixels, not rays; draw it at a "
            "greater --size"
        )
    if not np.allclose(background, own, atol=1e-6):
        given, wanted = (
            ",".join(f"{part:g}" for part in np.asarray(color).tolist())
            for color in (background, own)
        )
        raise UsageError(
            f"a vq-nerf field is drawn over the background that it was trained with, {wanted}, and "
            f"not over {given}: draw it over {wanted}, and compare it with fields and images of "
            "that background"
        )


def image(
    module: FieldModule, camera: Camera, lod: int | None, progress: Progress | None
) -> npt.NDArray[np.float32]:
    """(H, W, 3) float32 in [0, 1]: :func:`draw` for a caller who waits."""
    report = progress or Silent()
    report.start("render", 1)
    try:
        drawn = draw(module, camera, lod).clamp(0.0, 1.0).cpu().numpy()
        report.update(1)
    finally:
        report.finish()
    return np.ascontiguousarray(drawn)
