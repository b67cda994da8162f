"""Pixels with their rays, drawn at random without holding every ray in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nfcodec.data.posed import PosedImages
from nfcodec.model.camera import Camera, undistort


class RayBank:
    """The pixels of some posed images that count.

    ``targets``: (V, H, W, 3 or 4) uint8 or float16 in [0, 1]; a fourth channel is straight alpha.
    An image smaller than H x W, by its camera's size, lies in the top left corner. ``counted``:
    (V, H, W) bool, the pixels that count, by default all of the images.

    Directions are computed on demand: a lens takes 64 bytes for any number of pixels.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        targets: npt.NDArray[np.generic],
        device: torch.device,
        counted: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self.device, self.cameras = device, tuple(cameras)
        _, height, width, channels = targets.shape
        self.width, self.pixels_per_view = width, height * width
        flat = torch.from_numpy(np.ascontiguousarray(targets)).reshape(-1, channels)
        chosen = _chosen(cameras, (height, width), counted)
        self.pixels: Tensor | None = None
        if chosen is not None:
            self.pixels = chosen.to(device)
            flat = flat[chosen]
        self.targets = flat.to(device)
        self.has_alpha = channels == 4
        poses = np.stack([camera.pose[:3, :4] for camera in cameras]).astype(np.float32)
        self.poses = torch.from_numpy(poses).to(device)
        self.bent = any(camera.distortion is not None for camera in cameras)
        lenses = [(c.cx, c.cy, c.fx, c.fy, *(c.distortion or (0.0,) * 4)) for c in cameras]
        self.lenses = torch.tensor(lenses, dtype=torch.float64, device=device)

    @staticmethod
    def of(posed: PosedImages, device: torch.device) -> RayBank:
        """The pixels of ``posed``."""
        return RayBank(posed.cameras, posed.images, device, posed.counted)

    def __len__(self) -> int:
        return int(self.targets.shape[0])

    def rays(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Origins and unit directions (B, 3) of the pixels ``index`` (B,)."""
        if self.pixels is not None:
            index = self.pixels[index]
        view = index // self.pixels_per_view
        within = index % self.pixels_per_view
        local = self._local(view, within % self.width, within // self.width)
        pose = self.poses[view]
        return pose[:, :, 3], torch.einsum("bij,bj->bi", pose[:, :, :3], local)

    def _local(self, view: Tensor, column: Tensor, row: Tensor) -> Tensor:
        """(B, 3) float32 unit directions in the cameras' own axes, as :meth:`Camera.rays`."""
        cx, cy, fx, fy, k1, k2, p1, p2 = self.lenses[view].T
        x = (column.double() + 0.5 - cx) / fx
        y = (row.double() + 0.5 - cy) / fy
        if self.bent:
            x, y = undistort(x, y, k1, k2, p1, p2, torch)
        length = torch.sqrt(x * x + y * y + 1.0)
        return torch.stack([x / length, -y / length, -1.0 / length], dim=1).float()

    def colors(self, index: Tensor, background: Tensor) -> Tensor:
        """(B, 3) colors of the pixels over ``background`` ((3,) or (B, 3))."""
        target = self.targets[index]
        target = target.float() / 255.0 if target.dtype == torch.uint8 else target.float()
        if not self.has_alpha:
            return target
        alpha = target[:, 3:]
        return target[:, :3] * alpha + background * (1.0 - alpha)


def _chosen(
    cameras: Sequence[Camera], size: tuple[int, int], counted: npt.NDArray[np.bool_] | None
) -> Tensor | None:
    """The numbers of the pixels that count, of all of V x H x W; None if these are all."""
    if counted is None and all((c.height, c.width) == size for c in cameras):
        return None
    parts = []
    for view, camera in enumerate(cameras):
        inside = np.zeros(size, np.bool_)
        inside[: camera.height, : camera.width] = True
        if counted is not None:
            inside &= counted[view]
        parts.append(np.flatnonzero(inside) + view * inside.size)
    return torch.from_numpy(np.concatenate(parts).astype(np.int64, copy=False))
