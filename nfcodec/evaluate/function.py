"""A field as a function of points, so that it can teach another."""

from __future__ import annotations

from typing import Any

import torch

from nfcodec.evaluate.module import FieldModule
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.function import FieldFunction


def of_field(field: Field | CodedField, device: str = "cpu") -> FieldFunction:
    """What ``field`` gives at its finest LOD, as float32 arrays."""
    module = FieldModule(field, device)

    @torch.no_grad()
    def values(points: Any, directions: Any = None) -> Any:
        at = torch.from_numpy(points).to(module.device)
        if directions is None:
            return module(at).cpu().numpy()
        found = module(at, torch.from_numpy(directions).to(module.device)).cpu().numpy()
        return found[:, 0], found[:, 1:]

    @torch.no_grad()
    def densities(points: Any) -> Any:
        return module.density(torch.from_numpy(points).to(module.device)).cpu().numpy()

    return FieldFunction(
        field.kind, field.bounds, values, densities if field.is_radiance else None,
        metadata=field.metadata,
    )  # fmt: skip
