"""Marching cubes in bricks: which ones hold a surface, their samples, and the triangles of all.

Each sample is evaluated once, so that neighboring bricks agree on the values they share; with that,
vertices of shared cell edges are the same to the bit and are merged, and the surface has no seams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nfcodec.errors import LimitError
from nfcodec.exporters.shell import cells_within
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of

#: Triangles of one surface; about 2 GB while it is built.
MAX_TRIANGLES = 1 << 25

_BRICK = 16
#: Vertices closer than this fraction of a cell are one.
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


@dataclass(frozen=True)
class Lattice:
    """The box cut into ``cells`` = (nx, ny, nz) cells; points are numbered from ``low``."""

    low: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]
    cells: tuple[int, int, int]

    @staticmethod
    def over(field: Field | CodedField, resolution: int) -> Lattice:
        low, high = field.bounds
        size = high - low
        nx, ny, nz = (max(1, round(float(s / size.max() * resolution))) for s in size)
        return Lattice(low, size / np.array([nx, ny, nz]), (nx, ny, nz))

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


def coarse_samples(lattice: Lattice, sample: Sampler) -> Values:
    """Samples at every ``coarse_stride``-th lattice point, and at the far sides: [z, y, x]."""
    axes = [np.append(np.arange(0, n, lattice.coarse_stride), n) for n in lattice.cells[::-1]]
    zyx = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return sample(lattice.points(zyx)).reshape([len(axis) for axis in axes])


def active_bricks(
    field: Field | CodedField, lattice: Lattice, coarse: Values, lod: int | None
) -> npt.NDArray[np.bool_]:
    """The bricks [z, y, x] that may hold a piece of the surface.

    ``nerf``: those that touch an occupied cell, the density being zero elsewhere. ``sdf``: those
    that the coarse samples (less the level) come close to zero in, a distance growing no faster
    than the samples show, and those that touch an octree's voxels. ``scalar``: all.
    """
    active = np.zeros(lattice.bricks, np.bool_)
    cells = field.occupied(lod)
    if kind_of(field).is_plain or (field.is_radiance and cells is None):
        active[:] = True
        return active
    near = np.zeros(coarse.shape, np.bool_)
    if kind_of(field).is_distance:
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
    steepest change between samples stands in for the field's, with half of it in reserve.
    """
    slopes = [float(np.abs(np.diff(coarse, axis=axis)).max(initial=0.0)) for axis in range(3)]
    return 1.5 * max(slopes) * float(np.sqrt(3.0)) / 2.0


def _overlap(brick: tuple[int, ...], lattice: Lattice, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """The part of an array of ``shape`` cells over the box that a brick covers or touches."""
    ranges = []
    for i, n, side in zip(brick, lattice.cells[::-1], shape, strict=True):
        first = i * _BRICK / n * side
        last = min((i + 1) * _BRICK, n) / n * side
        ranges.append(slice(max(0, int(np.ceil(first)) - 1), int(np.floor(last)) + 1))
    return tuple(ranges)


def march_slab(
    lattice: Lattice,
    sample: Sampler,
    level: float,
    active: npt.NDArray[np.bool_],
    k: int,
    below: tuple[Values, npt.NDArray[np.bool_]] | None,
    builder: Builder,
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


class Builder:
    """Collects the triangles of bricks."""

    def __init__(
        self, lattice: Lattice, inside_is_low: bool, within: npt.NDArray[np.bool_] | None
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
