"""Pixels with their rays, drawn at random without holding every ray in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nfcodec.camera import Camera


class RayBank:
    """All pixels of some posed images.

    ``targets``: (V, H, W, 3 or 4) uint8 or float16 in [0, 1]; a fourth channel is straight alpha.
    """

    def __init__(
        self, cameras: Sequence[Camera], targets: npt.NDArray[np.generic], device: torch.device
    ) -> None:
        self.device, self.cameras = device, tuple(cameras)
        _, height, width, channels = targets.shape
        self.pixels_per_view = height * width
        self.targets = torch.from_numpy(np.ascontiguousarray(targets)).reshape(-1, channels)
        self.targets = self.targets.to(device)
        self.has_alpha = channels == 4
        poses = np.stack([camera.pose[:3, :4] for camera in cameras]).astype(np.float32)
        self.poses = torch.from_numpy(poses).to(device)
        # Directions in camera space, once for each distinct lens.
        lenses: dict[tuple[object, ...], int] = {}
        local, lens_of_view = [], []
        for camera in cameras:
            key = (camera.fx, camera.fy, camera.cx, camera.cy, camera.distortion)
            if key not in lenses:
                lenses[key] = len(lenses)
                _, directions = replace(camera, pose=np.eye(4)).rays()
                local.append(directions)
            lens_of_view.append(lenses[key])
        self.local = torch.from_numpy(np.concatenate(local)).to(device)
        self.lens_of_view = torch.tensor(lens_of_view, device=device)

    def __len__(self) -> int:
        return int(self.targets.shape[0])

    def rays(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Origins and unit directions (B, 3) of the pixels ``index`` (B,)."""
        view = index // self.pixels_per_view
        within = index % self.pixels_per_view
        local = self.local[self.lens_of_view[view] * self.pixels_per_view + within]
        pose = self.poses[view]
        return pose[:, :, 3], torch.einsum("bij,bj->bi", pose[:, :, :3], local)

    def colours(self, index: Tensor, background: Tensor) -> Tensor:
        """(B, 3) colours of the pixels over ``background`` ((3,) or (B, 3))."""
        target = self.targets[index]
        target = target.float() / 255.0 if target.dtype == torch.uint8 else target.float()
        if not self.has_alpha:
            return target
        alpha = target[:, 3:]
        return target[:, :3] * alpha + background * (1.0 - alpha)
