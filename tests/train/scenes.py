"""A small scene whose images are known in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nfcodec.data.images import PosedImages
from nfcodec.model.camera import look_at, perspective

RADIUS = 0.5


def ball(views: int = 12, size: int = 24, alpha: bool = True, turn: float = 0.0) -> PosedImages:
    """A matt ball around the origin, colored by its normal, before nothing or before black.

    Every pixel is the mean over 4 x 4 points. ``turn``: rotates all views, for held-out ones.
    """
    cameras, images = [], []
    for i in range(views):
        angle = 2.399963 * i + turn
        height = 0.9 - 1.8 * (i + 0.5) / views
        around = np.sqrt(1.0 - height**2)
        eye = 2.0 * np.array([around * np.cos(angle), around * np.sin(angle), height])
        camera = perspective(size, size, 0.7, look_at(eye, (0, 0, 0)))
        cameras.append(camera)
        origins, directions = (a.astype(np.float64) for a in camera.resized(*[4 * size] * 2).rays())
        along = -np.einsum("pd,pd->p", origins, directions)
        square = along**2 - np.einsum("pd,pd->p", origins, origins) + RADIUS**2
        hit = square > 0
        point = origins + (along - np.sqrt(np.maximum(square, 0)))[:, None] * directions
        color = np.where(hit[:, None], 0.5 + 0.45 * point / RADIUS, 0.0)
        both = np.concatenate([color, hit[:, None]], axis=1)
        both = both.reshape(size, 4, size, 4, 4).mean(axis=(1, 3))
        if alpha:
            both[..., :3] /= np.maximum(both[..., 3:], 1e-6)
        images.append((both * 255 + 0.5).astype(np.uint8)[..., : 4 if alpha else 3])
    background = (1.0, 1.0, 1.0) if alpha else (0.0, 0.0, 0.0)
    names = tuple(f"view_{i}" for i in range(views))
    return PosedImages(np.stack(images), tuple(cameras), names, Path("ball"), 0, background)
