"""What a kind with an image stage brings to :class:`nfcodec.evaluate.FieldModule`."""

from __future__ import annotations

from typing import Any

from torch import nn

from nfcodec.model.kinds import ImageStage


class StageModule(nn.Module):
    """The part "module" of a kind: a class that takes the stage of a field."""

    def __init__(self, stage: Any) -> None:
        super().__init__()
        self.stage = stage

    def has_color(self, networks: tuple[str, ...]) -> bool:
        """Whether the last of a field's ``networks``, by name, gives colors.

        Of those after the density, each runs without the others.
        """
        raise NotImplementedError

    def to_stage(self) -> ImageStage:
        """The stage with its present weights."""
        raise NotImplementedError
