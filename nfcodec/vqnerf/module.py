"""The image stage of a ``vq-nerf`` field as a PyTorch module."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from nfcodec.evaluate import FieldModule, stages
from nfcodec.vqnerf.check import NETWORKS
from nfcodec.vqnerf.model import ImageDecoder
from nfcodec.vqnerf.networks import ImageDecoderModule
from nfcodec.vqnerf.stage import DecoderStage


class StageModule(stages.StageModule):
    """The decoder of feature images, None if it is kept elsewhere, and the features of empty
    space, (D,)."""

    def __init__(self, stage: DecoderStage) -> None:
        super().__init__(stage)
        self.decoder: ImageDecoderModule | None = None
        if isinstance(stage.decoder, ImageDecoder):
            self.decoder = ImageDecoderModule(stage.decoder)
        self.empty = nn.Parameter(torch.from_numpy(np.array(stage.empty, np.float32)))

    def has_color(self, networks: tuple[str, ...]) -> bool:
        """Whether the field has networks that are sampled at the image's own scale."""
        return networks[-1] == NETWORKS[-1]

    def to_stage(self) -> DecoderStage:
        """The stage with its present weights."""
        decoder = self.stage.decoder if self.decoder is None else self.decoder.to_decoder()
        return DecoderStage(decoder, self.empty.detach().cpu().numpy().copy())


def module_of(field: FieldModule) -> StageModule:
    """The stage of ``field``, a ``vq-nerf``."""
    assert isinstance(field.image, StageModule)
    return field.image


def decoder_of(field: FieldModule) -> ImageDecoderModule:
    """The decoder of ``field``, a ``vq-nerf`` that holds its own."""
    decoder = module_of(field).decoder
    assert decoder is not None
    return decoder
