"""Level surfaces of fields by marching cubes, in bricks, with memory bounded by one slab.

The box is cut into cells, cells into bricks of 16^3, bricks into slabs along z. Each sample is
evaluated once, so that neighboring bricks agree on the values they share; with that, vertices of
shared cell edges are the same to the bit and are merged, and the surface has no seams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nfcodec.errors import LimitError, UsageError
from nfcodec.exporters.shell import cells_within, distance_network
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.progress import Progress, Silent
from nfcodec.transforms import magnification

if TYPE_CHECKING:
    from nfcodec.evaluate import FieldModule

#: Cells along the longest side.
MAX_RESOLUTION = 2048
#: Triangles of one surface; about 2 GB while it is built.
MAX_TRIANGLES = 1 << 25

_DEFAULT_RESOLUTION = (128, 512)
_BRICK = 16
_BATCH = 1 << 17
#: Vertices are told apart to this fraction of a cell.
_STEPS = 1 << 16
#: A sample this close to the level, relative to a typical distance, is moved away from it.
_CLEARANCE = 1e-4

Values = npt.NDArray[np.float32]
Sampler = Callable[[npt.NDArray[np.float64]], Values]


@dataclass(frozen=True, eq=False)
class Surface:
    """``vertices`` (V, 3) float64 in the field's units, ``faces`` (T, 3) int64, counter-clockwise
    seen from outside; ``colors`` (V, 3) float32 in [0, 1], display-referred, if there are any."""

    vertices: npt.NDArray[np.float64]
    faces: npt.NDArray[np.int64]
    colors: npt.NDArray[np.float32] | None = None


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
    lattice = _Lattice.over(field, resolution or default_resolution(field))
    module = _module(field, device)
    distance = distance_network(field) if level is None else None
    sample = _sampler(module, lod, distance)
    coarse = _coarse(lattice, sample)
    if level is None:
        if field.kind != "sdf" and distance is None:
            low, high = coarse.min(), coarse.max()
            raise UsageError(
                f"a mesh of a {field.kind} field needs --level; values seen in its box run from "
                f"{low:.4g} to {high:.4g}"
            )
        level = 0.0
    active = _active_bricks(field, lattice, coarse - level, lod)
    within = None if distance is None else field.occupied(lod)
    builder = _Builder(lattice, field.kind == "sdf" or distance is not None, within)
    progress = progress or Silent()
    progress.start("marching cubes", active.shape[0])
    below: tuple[Values, npt.NDArray[np.bool_]] | None = None
    for k in range(active.shape[0]):
        below = _slab(lattice, sample, level, active[k], k, below, builder)
        progress.update(k + 1)
    progress.finish()
    surface = builder.finish()
    if not len(surface.faces):
        raise UsageError(
            f"the field has no surface at level {level:g}; values seen in its box run from "
            f"{coarse.min():.4g} to {coarse.max():.4g}"
        )
    has_color = field.kind == "nerf" or module.samples_pixels
    return _colored(surface, module, lod) if has_color else surface


def default_resolution(field: Field | CodedField) -> int:
    """Cells along the longest side that show what the field's finest level can."""
    cells = [1]
    for grid in field.grids:
        for one in grid.levels:
            side = max(one.layout.resolution)
            cells.append(int(np.ceil(side * min(magnification(one.transform), 64.0))))
    low, high = _DEFAULT_RESOLUTION
    return min(high, max(low, *cells))


@dataclass(frozen=True)
class _Lattice:
    """The box cut into ``cells`` = (nx, ny, nz) cells; points are numbered from ``low``."""

    low: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]
    cells: tuple[int, int, int]

    @staticmethod
    def over(field: Field | CodedField, resolution: int) -> _Lattice:
        low, high = field.bounds
        size = high - low
        nx, ny, nz = (max(1, round(float(s / size.max() * resolution))) for s in size)
        return _Lattice(low, size / np.array([nx, ny, nz]), (nx, ny, nz))

    @property
    def bricks(self) -> tuple[int, int, int]:
        """Bricks along z, y, x."""
        x, y, z = (-(-n // _BRICK) for n in self.cells)
        return z, y, x

    @property
    def coarse_stride(self) -> int:
        """Cells between coarse samples, of which there are few beside all: at most 128 a side."""
        return next(n for n in (4, 8, _BRICK) if max(self.cells) <= 128 * n)

    def points(self, zyx: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """(P, 3) lattice numbers z, y, x to positions x, y, z."""
        return self.low + zyx[:, ::-1] * self.step


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


def _coarse(lattice: _Lattice, sample: Sampler) -> Values:
    """Samples at every ``coarse_stride``-th lattice point, and at the far sides: [z, y, x]."""
    axes = [np.append(np.arange(0, n, lattice.coarse_stride), n) for n in lattice.cells[::-1]]
    zyx = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return sample(lattice.points(zyx)).reshape([len(axis) for axis in axes])


def _active_bricks(
    field: Field | CodedField, lattice: _Lattice, coarse: Values, lod: int | None
) -> npt.NDArray[np.bool_]:
    """The bricks [z, y, x] that may hold a piece of the surface.

    ``nerf``: those that touch an occupied cell, the density being zero elsewhere. ``sdf``: those
    that the coarse samples (less the level) come close to zero in, a distance growing no faster
    than the samples show, and those that touch an octree's voxels. ``scalar``: all.
    """
    active = np.zeros(lattice.bricks, np.bool_)
    cells = field.occupied(lod)
    if field.kind == "scalar" or (field.is_radiance and cells is None):
        active[:] = True
        return active
    near = np.zeros(coarse.shape, np.bool_)
    if field.kind == "sdf":
        near = np.abs(coarse) <= _reach(coarse)
    per_brick = _BRICK // lattice.coarse_stride
    for brick in np.ndindex(*lattice.bricks):
        samples = tuple(slice(i * per_brick, (i + 1) * per_brick + 1) for i in brick)
        active[brick] = near[samples].any() or (
            cells is not None and cells[_overlap(brick, lattice, cells.shape)].any()
        )
    return active


def _reach(coarse: Values) -> float:
    """How far from zero a coarse sample can be and yet be next to the surface.

    No point is further from the nearest sample than half the diagonal of a coarse cell; the
    steepest change between samples stands in for that of the field, with half of it in reserve.
    """
    slopes = [float(np.abs(np.diff(coarse, axis=axis)).max(initial=0.0)) for axis in range(3)]
    return 1.5 * max(slopes) * float(np.sqrt(3.0)) / 2.0


def _overlap(
    brick: tuple[int, ...], lattice: _Lattice, shape: tuple[int, ...]
) -> tuple[slice, ...]:
    """The part of an array of ``shape`` cells over the box that a brick covers or touches."""
    ranges = []
    for i, n, side in zip(brick, lattice.cells[::-1], shape, strict=True):
        first = i * _BRICK / n * side
        last = min((i + 1) * _BRICK, n) / n * side
        ranges.append(slice(max(0, int(np.ceil(first)) - 1), int(np.floor(last)) + 1))
    return tuple(ranges)


def _slab(
    lattice: _Lattice,
    sample: Sampler,
    level: float,
    active: npt.NDArray[np.bool_],
    k: int,
    below: tuple[Values, npt.NDArray[np.bool_]] | None,
    builder: _Builder,
) -> tuple[Values, npt.NDArray[np.bool_]]:
    """Sample the active bricks [y, x] of slab ``k`` and march through them.

    ``below``: the values of the plane shared with the slab below and which of them are known.
    Gives the same for the slab above.
    """
    nx, ny, nz = lattice.cells
    planes = min(_BRICK, nz - k * _BRICK) + 1
    known = np.zeros((planes, ny + 1, nx + 1), np.bool_)
    values = np.zeros(known.shape, np.float32)
    wanted = np.zeros_like(known)
    for _, rows, columns in _windows(active):
        wanted[:, rows, columns] = True
    if below is not None:
        values[0], known[0] = below
    fresh = wanted & ~known
    for plane in range(planes):
        y, x = np.nonzero(fresh[plane])
        z = np.full_like(y, k * _BRICK + plane)
        points = lattice.points(np.stack([z, y, x], axis=1))
        values[plane, y, x] = sample(points) - np.float32(level)
    _clear_level(values, fresh)
    for (row, column), rows, columns in _windows(active):
        builder.add(values[:, rows, columns], (k, row, column))
    return values[-1], known[-1] | wanted[-1]


def _clear_level(values: Values, fresh: npt.NDArray[np.bool_]) -> None:
    """Move the ``fresh`` ones of ``values`` that are next to zero a little away from it.

    Vertices at lattice points would belong to several edges, and their triangles be slivers.
    """
    sizes = np.abs(values[fresh])
    if not sizes.size:
        return
    least = np.float32(max(float(np.median(sizes)) * _CLEARANCE, np.finfo(np.float32).tiny))
    close = fresh & (np.abs(values) < least)
    values[close] = np.where(values[close] < 0, -least, least)


def _windows(
    active: npt.NDArray[np.bool_],
) -> Iterator[tuple[tuple[int, int], slice, slice]]:
    for row, column in np.argwhere(active):
        yield (
            (int(row), int(column)),
            slice(row * _BRICK, (row + 1) * _BRICK + 1),
            slice(column * _BRICK, (column + 1) * _BRICK + 1),
        )


class _Builder:
    """Collects the triangles of bricks."""

    def __init__(
        self, lattice: _Lattice, inside_is_low: bool, within: npt.NDArray[np.bool_] | None
    ) -> None:
        self.lattice, self.within = lattice, within
        self.direction = "descent" if inside_is_low else "ascent"
        self.keys: list[npt.NDArray[np.int64]] = []
        self.faces: list[npt.NDArray[np.int64]] = []
        self.vertices = self.triangles = 0

    def add(self, values: Values, brick: tuple[int, int, int]) -> None:
        """March through the samples [z, y, x] of the brick at (z, y, x); the level is zero."""
        from skimage.measure import marching_cubes

        if not (values < 0).any() or not (values > 0).any():
            return
        mask = None
        if self.within is not None:
            z, y, x = (_BRICK * at for at in brick)
            cells = self.lattice.cells[::-1]
            mask = cells_within(self.within, cells, (z, y, x), values.shape).transpose(2, 1, 0)
            if not mask.any():
                return
        # Axes x, y, z, so that the triangles' sense is that of the space.
        try:
            vertices, faces, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
                np.ascontiguousarray(values.transpose(2, 1, 0)),
                0.0,
                gradient_direction=self.direction,
                mask=mask,
            )
        except RuntimeError:  # none of the cells that count has a piece
            return
        origin = np.array(brick[::-1], np.int64) * (_BRICK * _STEPS)
        self.keys.append(np.rint(vertices.astype(np.float64) * _STEPS).astype(np.int64) + origin)
        self.faces.append(faces.astype(np.int64) + self.vertices)
        self.vertices += len(vertices)
        self.triangles += len(faces)
        if self.triangles > MAX_TRIANGLES:
            raise LimitError(
                f"the surface has more than {MAX_TRIANGLES} triangles; ask for a lower resolution"
            )

    def finish(self) -> Surface:
        """The surface, with the vertices that bricks share merged."""
        if not self.faces:
            return Surface(np.zeros((0, 3)), np.zeros((0, 3), np.int64))
        keys = np.concatenate(self.keys)
        # Only vertices on the sides of bricks have twins.
        shared = np.flatnonzero((keys % (_BRICK * _STEPS) == 0).any(axis=1))
        order = shared[np.lexsort(keys[shared].T)]
        ordered = keys[order]
        first = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(order)]
        target = np.arange(len(keys))
        target[order] = order[first][np.cumsum(first) - 1]
        kept = target == np.arange(len(keys))
        number = np.cumsum(kept) - 1
        faces = number[target[np.concatenate(self.faces)]]
        a, b, c = faces.T
        faces = faces[(a != b) & (b != c) & (c != a)]
        vertices = self.lattice.low + keys[kept] / _STEPS * self.lattice.step
        return Surface(vertices, faces)
