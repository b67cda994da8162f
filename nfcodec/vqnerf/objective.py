"""Learning a ``vq-nerf``'s codes from the field itself: what its rays see, features and colors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nfcodec.data.meshes import Mesh
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.banks import TEACHER_SIZE
from nfcodec.fit.loop import Loss
from nfcodec.fit.radiance import draw_lod
from nfcodec.fit.rays import RayBank
from nfcodec.fit.viewpoints import recall
from nfcodec.model.camera import Camera
from nfcodec.progress import Progress
from nfcodec.quantize.learning.supervision import FINEST_SHARE, Wanted
from nfcodec.render.march import march
from nfcodec.render.volume import gather_rays, step_size
from nfcodec.vqnerf.model import ImageDecoder
from nfcodec.vqnerf.stage import DecoderStage, stage_of

#: Errors of features count in this many times the spread of the codebook, beside colors from 0
#: to 1: about as much as either shows in an image.
_FEATURE_UNIT = 3.0
_RAYS = 2048


class FeatureLoss:
    """Mean squared error between what random rays see of ``module`` and of ``teacher``.

    That is features, opacity and, where there are some, colors; at the finest LOD in a share
    ``finest_share`` of the steps, at one of the others else. ``teacher``: the field before it was
    coded, whose octrees ``module`` has. ``cameras``: whose rays are taken.
    """

    norm = 2

    def __init__(
        self,
        module: FieldModule,
        teacher: FieldModule,
        cameras: Sequence[Camera],
        *,
        finest_share: float,
    ) -> None:
        self.module, self.teacher = module, teacher.requires_grad_(False)
        self.finest_share = finest_share
        height, width = max(c.height for c in cameras), max(c.width for c in cameras)
        size = (len(cameras), height, width, 1)
        self.bank = RayBank(cameras, np.zeros(size, np.uint8), module.device)
        self.emitting = ("latent", "color") if module.has_color else ("latent",)
        stage = stage_of(teacher.field)
        channels = len(stage.empty) + (3 if module.has_color else 0)
        self.units = torch.ones(channels + 1, device=module.device)
        self.units[: len(stage.empty)] = _FEATURE_UNIT * _spread(stage)

    @property
    def rays(self) -> None:
        """None that tell which voxels hardly show: features of images need them all."""

    def of_field(self, module: FieldModule, progress: Progress | None = None) -> FeatureLoss:
        """ValueError: features of images need all LODs."""
        raise ValueError("features of images are learned with all levels of detail")

    def everywhere(self) -> tuple[FeatureLoss, float]:
        """This loss: it is of all rays."""
        return self, 1.0

    def __call__(self, step: int, generator: torch.Generator) -> Loss:
        lod = draw_lod(self.module.num_lods, self.finest_share, generator)
        found, wanted = self.outputs(lod, generator)
        error = (found - wanted).square().mean()
        return Loss(error, {"loss": float(error.detach())})

    def outputs(self, lod: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(R, C) what random rays see at ``lod``, and what they should: the teacher's finest."""
        module, device = self.module, self.module.device
        index = torch.randint(len(self.bank), (_RAYS,), generator=generator).to(device)
        offset = torch.rand(_RAYS, generator=generator).to(device)
        origins, directions = self.bank.rays(index)
        with torch.no_grad():
            wanted = self._seen(self.teacher, None, origins, directions, offset)
        return self._seen(module, lod, origins, directions, offset), wanted

    def _seen(
        self,
        module: FieldModule,
        lod: int | None,
        origins: Tensor,
        directions: Tensor,
        offset: Tensor,
    ) -> Tensor:
        samples = march(
            origins, directions, module.low, module.high, module.occupancy(lod),
            step_size(module, lod), offset,
        )  # fmt: skip
        nothing = torch.zeros(len(self.units) - 1, device=module.device)
        seen = gather_rays(module, origins, directions, samples, lod, nothing, self.emitting)
        return torch.cat([seen.color, seen.opacity[:, None]], dim=1) / self.units


def objective_of(wanted: Wanted) -> FeatureLoss:
    """Images of features, as the teacher draws them; UsageError for data that are no images."""
    data, seed = wanted.context.data, wanted.context.seed
    if isinstance(data, Mesh):
        raise UsageError("a vq-nerf field learns from posed images; --data is a mesh")
    teacher = wanted.teacher()
    if data is None:
        cameras = recall(wanted.field, wanted.views, TEACHER_SIZE, np.random.default_rng(seed))
    else:
        cameras = list(data.cameras)
    return FeatureLoss(wanted.module, teacher, cameras, finest_share=FINEST_SHARE)


def _spread(stage: DecoderStage) -> float:
    """The standard deviation of the codebook's values; 1 if it is kept elsewhere."""
    decoder = stage.decoder
    return max(float(decoder.codebook.std()), 1e-6) if isinstance(decoder, ImageDecoder) else 1.0
