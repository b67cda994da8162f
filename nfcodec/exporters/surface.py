"""Level surfaces of fields by marching cubes, in bricks, with memory bounded by one slab.

The box is cut into cells, cells into bricks of 16^3 (:mod:`nfcodec.exporters.bricks`), bricks into
slabs along z.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError
from nfcodec.exporters.bricks import (
    Builder,
    Lattice,
    Sampler,
    Surface,
    Values,
    active_bricks,
    coarse_samples,
    march_slab,
)
from nfcodec.exporters.shell import distance_network
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.transforms import magnification

if TYPE_CHECKING:
    from nfcodec.evaluate import FieldModule

#: Cells along the longest side.
MAX_RESOLUTION = 2048
_DEFAULT_RESOLUTION = (128, 512)
_BATCH = 1 << 17


def extract(
    field: Field | CodedField,
    *,
    lod: int | None = None,
    level: float | None = None,
    resolution: int | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Surface:
    """The surface where an ``sdf`` is zero (or ``level``), or where channel 0 of a ``scalar`` field
    or the density of a ``nerf`` equals ``level``; inside is below for ``sdf``, above for others.

    Without ``level``, that of a ``nerf`` whose metadata ``surface`` name its distance is where that
    is zero, in occupied cells alone: what no view shows is open.

    ``resolution``: cells along the longest side of the box, by default those of the finest level,
    within 128 to 512. UsageError if ``level`` is missing or nowhere reached, LimitError if the
    surface is too large.
    """
    if field.dims != 3:
        raise UsageError("a mesh needs a field in 3 dimensions; this one has 2")
    if resolution is not None and not 1 <= resolution <= MAX_RESOLUTION:
        raise UsageError(f"resolution {resolution} is not within 1 to {MAX_RESOLUTION}")
    lattice = Lattice.over(field, resolution or default_resolution(field))
    module = _module(field, device)
    distance = distance_network(field) if level is None else None
    sample = _sampler(module, lod, distance)
    coarse = coarse_samples(lattice, sample)
    if level is None:
        if not kind_of(field).is_distance and distance is None:
            low, high = coarse.min(), coarse.max()
            raise UsageError(
                f"a mesh of a {field.kind} field needs --level; values seen in its box run from "
                f"{low:.4g} to {high:.4g}"
            )
        level = 0.0
    active = active_bricks(field, lattice, coarse - level, lod)
    within = None if distance is None else field.occupied(lod)
    builder = Builder(lattice, kind_of(field).is_distance or distance is not None, within)
    progress = progress or Silent()
    progress.start("marching cubes", active.shape[0])
    below: tuple[Values, npt.NDArray[np.bool_]] | None = None
    for k in range(active.shape[0]):
        below = march_slab(lattice, sample, level, active[k], k, below, builder)
        progress.update(k + 1)
    progress.finish()
    surface = builder.finish()
    if not len(surface.faces):
        raise UsageError(
            f"the field has no surface at level {level:g}; values seen in its box run from "
            f"{coarse.min():.4g} to {coarse.max():.4g}"
        )
    return _colored(surface, module, lod) if module.has_color else surface


def default_resolution(field: Field | CodedField) -> int:
    """Cells along the longest side that show what the field's finest level can."""
    cells = [1]
    for grid in field.grids:
        for one in grid.levels:
            side = max(one.layout.resolution)
            cells.append(int(np.ceil(side * min(magnification(one.transform), 64.0))))
    low, high = _DEFAULT_RESOLUTION
    return min(high, max(low, *cells))


def _module(field: Field | CodedField, device: str) -> FieldModule:
    from nfcodec.evaluate import FieldModule
    from nfcodec.evaluate.device import pick

    return FieldModule(field, device=pick(device))


def _sampler(module: FieldModule, lod: int | None, distance: str | None) -> Sampler:
    import torch

    def sample(points: npt.NDArray[np.float64]) -> Values:
        out = np.empty(len(points), np.float32)
        with torch.inference_mode():
            for start in range(0, len(points), _BATCH):
                batch = torch.from_numpy(points[start : start + _BATCH]).to(module.device)
                if distance is not None:
                    values = module.values_of(distance, batch, lod)[:, 0]
                elif module.field.is_radiance:
                    values = module.density(batch, lod=lod)
                else:
                    values = module(batch, lod=lod)[:, 0]
                out[start : start + len(batch)] = values.cpu().numpy()
        return out

    return sample


def _colored(surface: Surface, module: FieldModule, lod: int | None) -> Surface:
    """With the color at each vertex of a radiance field, seen against the surface's normal."""
    import torch

    directions = -vertex_normals(surface)
    colors = np.empty((len(surface.vertices), 3), np.float32)
    with torch.inference_mode():
        for start in range(0, len(colors), _BATCH):
            part = slice(start, start + _BATCH)
            points = torch.from_numpy(surface.vertices[part]).to(module.device)
            along = torch.from_numpy(directions[part].astype(np.float32)).to(module.device)
            colors[part] = module(points, along, lod=lod)[:, 1:4].cpu().numpy()
    return replace(surface, colors=colors.clip(0.0, 1.0))


def vertex_normals(surface: Surface) -> npt.NDArray[np.float64]:
    """(V, 3) unit normals, outwards: the mean of the triangles' around each vertex, by area."""
    a, b, c = (surface.vertices[surface.faces[:, k]] for k in range(3))
    areas = np.cross(b - a, c - a)
    normals = np.zeros_like(surface.vertices)
    for k in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(
                surface.faces[:, k], areas[:, axis], minlength=len(normals)
            )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    upwards = np.array([0.0, 0.0, 1.0])  # of a vertex whose triangles cancel out
    return np.where(length > 0.0, normals / np.maximum(length, 1e-300), upwards)
