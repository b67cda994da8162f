"""Voxels of a radiance field that hardly show in any image are left out before it is coded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nfcodec.evaluate import FieldModule
from nfcodec.fit.rays import RayBank
from nfcodec.fit.sight import visible_weight
from nfcodec.layouts import octree
from nfcodec.model.field import Field, Grid, Level, OctreeLayout
from nfcodec.progress import Progress

#: Voxels whose samples weigh less than this in every pixel are left out: learning makes up for
#: them (docs/decisions/0018-where-bits-show.md).
LEAST_WEIGHT = 0.1
#: Twice as many as training looks at: the threshold is higher, and what is dropped stays away.
_RAYS_PER_FACE = 64


def without_hidden(
    field: Field, module: FieldModule, bank: RayBank, progress: Progress | None = None
) -> Field:
    """``field`` without the voxels that weigh less than :data:`LEAST_WEIGHT` in all of ``bank``.

    The finest octree says where a field is not empty; it loses these voxels, and the coarser ones
    those that have no descendants left. Corners without voxels go with them. A field without
    octrees, or of which nothing would be left, is returned as it is.
    """
    trees = [v.layout for v in field.levels if isinstance(v.layout, OctreeLayout)]
    if not trees:
        return field
    finest = max(trees, key=lambda layout: layout.depth)
    weight = visible_weight(module, bank, 2**finest.depth, LEAST_WEIGHT, _RAYS_PER_FACE, progress)
    seen = octree.to_cells(finest) & (weight >= LEAST_WEIGHT).cpu().numpy()
    if not seen.any():
        return field
    kept = kept_within(field, seen)
    left = all(v.layout.voxels.size for v in kept.levels if isinstance(v.layout, OctreeLayout))
    return kept if left else field


def kept_within(field: Field, cells: npt.NDArray[np.bool_]) -> Field:
    """``field`` with the voxels of its octrees that hold one of ``cells``.

    ``cells``: (R, R, R) [z, y, x], not all false, of the deepest octree's resolution R.
    """
    kept = octree.from_cells(cells)
    layouts: dict[int, OctreeLayout] = {}

    def level(old: Level) -> Level:
        if not isinstance(old.layout, OctreeLayout):
            return old
        # Levels that share an octree go on sharing it.
        key = id(old.layout)
        if key not in layouts:
            voxels = np.intersect1d(
                old.layout.voxels, octree.coarsen(kept, old.layout.depth).voxels
            )
            layouts[key] = OctreeLayout(old.layout.depth, voxels)
        layout = layouts[key]
        rows = np.searchsorted(octree.corner_sites(old.layout), octree.corner_sites(layout))
        return replace(old, layout=layout, features=old.features[rows])

    grids = tuple(Grid(tuple(map(level, g.levels)), g.combine, g.transform) for g in field.grids)
    return replace(field, grids=grids)
