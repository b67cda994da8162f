"""Images of fields against images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nfcodec import metrics
from nfcodec.data.images import PosedImages
from nfcodec.evaluate import FieldModule
from nfcodec.metrics.values import capped
from nfcodec.model.camera import Camera
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.render import background_of, render, scalar, views, volume

Image = npt.NDArray[np.float32]

#: Views of the turn around a field that comes without images, and the height of their images.
VIEWS = 4
HEIGHT = {"nerf": 128, "sdf": 128, "scalar": 96}
_PLANE_SIDE = 256


def turn(module: FieldModule) -> tuple[Camera, ...]:
    """Where a field is looked at from: ``VIEWS`` cameras around it, the first at its hint."""
    default = views.default_camera(module.field)
    height = HEIGHT.get(module.kind, HEIGHT["nerf"]) if module.dims == 3 else _PLANE_SIDE
    size = max(1, round(height * default.width / default.height)), height
    if module.dims == 2:
        return (views.default_camera(module.field, size),)
    return views.orbit(module.field, VIEWS, size=size)


@dataclass(frozen=True, eq=False)
class Gallery:
    """The images that fields are drawn for: their cameras, and what a field is drawn with."""

    cameras: tuple[Camera, ...]
    options: dict[str, Any]

    @staticmethod
    def of(reference: FieldModule, images: PosedImages | None) -> Gallery:
        """The held-out ``images``' cameras, or a turn around the reference."""
        if images is not None:
            return Gallery(images.cameras, {"background": images.background})
        options: dict[str, Any] = {"background": background_of(reference.field)}
        if kind_of(reference).is_plain:
            options["value_range"] = scalar.value_range(reference)
        return Gallery(turn(reference), options)

    def draw(
        self,
        module: FieldModule,
        lod: int | None,
        label: str,
        progress: Progress | None,
        seconds: list[float],
    ) -> list[Image]:
        """One image per camera, (H, W, 3) in [0, 1]; what each took is added to ``seconds``."""
        report = progress or Silent()
        report.start(label, len(self.cameras))
        images = []
        for done, camera in enumerate(self.cameras):
            started = time.perf_counter()
            images.append(render(module, camera, lod=lod, **self.options))
            seconds.append(time.perf_counter() - started)
            report.update(done + 1)
        report.finish()
        return images

    @torch.no_grad()
    def seen_points(self, module: FieldModule, count: int, seed: int) -> npt.NDArray[np.float64]:
        """(P, 3) points of what a ``nerf`` field shows: mean depths of ``count`` random rays.

        P is lower than ``count`` by the rays that see mostly background.
        """
        rng = np.random.default_rng([seed, 2])
        parts = []
        for camera in self.cameras:
            size = np.array([camera.width, camera.height])
            pixels = rng.uniform(0, 1, (-(-count // len(self.cameras)), 2)) * size
            origins, directions = (
                torch.from_numpy(np.ascontiguousarray(a)).to(module.device)
                for a in camera.rays(pixels)
            )
            behind = torch.zeros(module.field.num_outputs, device=module.device)
            seen = volume.render_rays(module, origins, directions, background=behind)
            points = origins + directions * seen.depth[:, None]
            parts.append(points[seen.opacity > 0.5].double().cpu().numpy())
        return np.concatenate(parts)


def view_psnr(reference: Sequence[Image], test: Sequence[Image]) -> float:
    """The mean of the views' PSNRs in dB, each at most ``MAX_PSNR``."""
    pairs = zip(reference, test, strict=True)
    return float(np.mean([capped(metrics.psnr(a, b)) for a, b in pairs]))


def image_metrics(
    images: PosedImages, drawn: Sequence[Image], lpips: Callable[[Any, Any], float] | None
) -> dict[str, float]:
    """``psnr``, ``ssim`` and, with its weights, ``lpips``: means over the views.

    Pixels that do not count are left out of the PSNR, and are black on both sides for the others.
    """
    truths = [images.color(view) for view in range(len(images))]
    counted = [images.counts(view) for view in range(len(images))]
    if images.counted is None:
        psnr = view_psnr(truths, drawn)
    else:
        kept = [c for c in counted if c is not None and c.any()]
        shown = [v for v, c in enumerate(counted) if c is not None and c.any()]
        psnr = view_psnr(
            [truths[v][c] for v, c in zip(shown, kept, strict=True)],
            [drawn[v][c] for v, c in zip(shown, kept, strict=True)],
        )
        truths = [truths[v] * c[..., None] for v, c in zip(shown, kept, strict=True)]
        drawn = [drawn[v] * c[..., None] for v, c in zip(shown, kept, strict=True)]
        counted = [*kept]
    found = {"psnr": psnr}
    pairs = list(zip(truths, drawn, strict=True))
    similar = [metrics.ssim(a, b, counted=c) for (a, b), c in zip(pairs, counted, strict=True)]
    found["ssim"] = float(np.mean(similar))
    if lpips is not None:
        found["lpips"] = float(np.mean([lpips(a, b) for a, b in pairs]))
    return found


def load_lpips(weights: str | Path | None, device: str) -> Callable[[Any, Any], float] | None:
    """The LPIPS metric if its weights are given."""
    if weights is None:
        return None
    from nfcodec.evaluate.device import pick

    return metrics.Lpips(weights, str(pick(device)))
