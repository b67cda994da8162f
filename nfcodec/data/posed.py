"""Images with the cameras that took them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.data.scene_space import Ball
from nfcodec.errors import UnsupportedError
from nfcodec.model.camera import Camera

WHITE = (1.0, 1.0, 1.0)
BLACK = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class PosedImages:
    """Images with a camera each.

    ``images``: (V, H, W, 3 or 4) uint8, sRGB, straight alpha if there is a fourth channel. An image
    smaller than the largest lies in the top left corner of its H x W; its camera has its size.
    ``names``: the frames' file names as the transforms file gives them, or the images' own.
    ``missing``: frames listed, or cameras, whose image does not exist.
    ``background``: (3,) color in [0, 1] behind transparent pixels: white where there is alpha (as
    everyone evaluates NeRF-Synthetic), black, and without effect on the images, where there is not.
    ``aabb_scale``: instant-ngp's scene size, if the transforms file gives it.
    ``sphere``: x, y, z and radius of a ball that holds the scene, in the cameras' units, if stated.
    ``cube``: x, y, z and half the side of a cube that does, if stated.
    ``counted``: (V, H, W) bool, the pixels to learn from and to measure on; None: all do count.
    """

    images: npt.NDArray[np.uint8]
    cameras: tuple[Camera, ...]
    names: tuple[str, ...]
    path: Path
    missing: int = 0
    background: tuple[float, float, float] = WHITE
    aabb_scale: float | None = None
    sphere: Ball | None = None
    cube: Ball | None = None
    counted: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.cameras)

    @property
    def has_alpha(self) -> bool:
        return bool(self.images.shape[3] == 4)

    @property
    def height(self) -> int:
        """The largest image's height."""
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        """The largest image's width."""
        return int(self.images.shape[2])

    @property
    def mixed(self) -> bool:
        """Whether images differ in size."""
        return any((c.height, c.width) != self.images.shape[1:3] for c in self.cameras)

    def image(self, view: int) -> npt.NDArray[np.uint8]:
        """(h, w, 3 or 4) uint8: one image at its own size."""
        return self.images[view, : self.cameras[view].height, : self.cameras[view].width]

    def counts(self, view: int) -> npt.NDArray[np.bool_] | None:
        """(h, w) bool: the pixels of one image that count; None if all do."""
        if self.counted is None:
            return None
        return self.counted[view, : self.cameras[view].height, : self.cameras[view].width]

    def color(
        self, view: int, background: Sequence[float] | None = None
    ) -> npt.NDArray[np.float32]:
        """(h, w, 3) float32 in [0, 1]: one image over ``background`` (default: the set's own)."""
        return over(self.image(view), self.background if background is None else background)

    def colors(self, background: Sequence[float] | None = None) -> npt.NDArray[np.float32]:
        """(V, H, W, 3) float32 in [0, 1]: all images, of one size, over ``background``."""
        return over(self.images, self.background if background is None else background)

    def alpha(self, view: int) -> npt.NDArray[np.float32]:
        """(h, w) float32 in [0, 1]: one image's opacity, 1 where the set has no alpha."""
        image = self.image(view)
        return _unit(image[..., 3]) if self.has_alpha else np.ones(image.shape[:2], np.float32)

    def arrays(self) -> list[npt.NDArray[Any]]:
        """All that tells these views from others, for a digest."""
        masks = [] if self.counted is None else [self.counted]
        return [self.images, *masks, *(camera.numbers() for camera in self.cameras)]

    def need_whole(self, purpose: str) -> None:
        """UnsupportedError unless all images have one size and all their pixels count."""
        if self.mixed:
            raise UnsupportedError(
                f"{self.path}: its images differ in size, which {purpose} does not support; bring "
                "them to one size"
            )
        if self.counted is not None:
            raise UnsupportedError(
                f"{self.path}: it has masks of the pixels that count (mask_path), which {purpose} "
                "does not heed; take mask_path out of the file"
            )

    def subset(self, views: Sequence[int]) -> PosedImages:
        """The given views, in the given order."""
        return replace(
            self,
            images=self.images[list(views)],
            cameras=tuple(self.cameras[v] for v in views),
            names=tuple(self.names[v] for v in views),
            counted=None if self.counted is None else self.counted[list(views)],
        )


def over(images: npt.NDArray[np.uint8], background: Sequence[float]) -> npt.NDArray[np.float32]:
    """(..., 3) float32 in [0, 1]: uint8 images (..., 3 or 4) over ``background``."""
    rgb = _unit(images[..., :3])
    if images.shape[-1] == 3:
        return rgb
    alpha = _unit(images[..., 3:])
    behind = np.asarray(background, np.float32)
    rgb -= behind
    rgb *= alpha
    rgb += behind
    np.clip(rgb, 0.0, 1.0, out=rgb)
    return rgb


def _unit(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    scaled: npt.NDArray[np.float32] = np.divide(values, np.float32(255), dtype=np.float32)
    return scaled
