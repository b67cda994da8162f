"""Voxels of a radiance field that hardly show in any image are left out before it is coded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nfcodec.evaluate import FieldModule
from nfcodec.fit.rays import RayBank
from nfcodec.fit.sight import visible_weight
from nfcodec.model.field import Field, Level
from nfcodec.model.protocols import Layout, Rows
from nfcodec.progress import Progress

#: Voxels whose samples weigh less than this in every pixel are left out: learning makes up for
#: them (docs/decisions/0018-where-bits-show.md).
LEAST_WEIGHT = 0.1
#: Twice as many as in training: the threshold is higher, and what is dropped does not return.
_RAYS_PER_FACE = 64


def prune_invisible_voxels(
    field: Field, module: FieldModule, bank: RayBank, progress: Progress | None = None
) -> Field:
    """``field`` without the voxels that weigh less than :data:`LEAST_WEIGHT` in all of ``bank``.

    The finest octree says where a field is not empty; it loses these voxels, and the coarser ones
    those that have no descendants left. Corners without voxels go with them. A field without
    octrees, or of which nothing would be left, is returned as it is.
    """
    finest = field.finest_occupied()
    if finest is None:
        return field
    cells = finest.occupied()
    weight = visible_weight(module, bank, max(cells.shape), LEAST_WEIGHT, _RAYS_PER_FACE, progress)
    seen = cells & (weight >= LEAST_WEIGHT).cpu().numpy()
    if not seen.any():
        return field
    kept = kept_within(field, seen)
    return kept if all(level.layout.num_rows for level in kept.levels) else field


def kept_within(field: Field, cells: npt.NDArray[np.bool_]) -> Field:
    """``field`` with the voxels of its octrees that hold one of ``cells``.

    ``cells``: (R, R, R) [z, y, x], not all false, of the deepest octree's resolution R.
    """
    layouts: dict[int, tuple[Layout, Rows]] = {}

    def level(old: Level) -> Level:
        # Levels that share a layout go on sharing it.
        key = id(old.layout)
        if key not in layouts:
            layouts[key] = old.layout.keep(cells)
        layout, rows = layouts[key]
        return (
            old
            if layout is old.layout
            else replace(old, layout=layout, features=old.features[rows])
        )

    grids = tuple(replace(g, levels=tuple(map(level, g.levels))) for g in field.grids)
    return replace(field, grids=grids)
