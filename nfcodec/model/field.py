"""The data model: a trained neural field as plain data.

A :class:`Field` is arrays and small frozen dataclasses; nothing here computes. How a field is
evaluated is defined by ``formats/nfc-v1-evaluation.md`` and, as running code, by
:mod:`nfcodec.evaluate.reference`:

1. A point ``x`` in the field's ``bounds`` is normalized to ``u`` in ``[-1, 1]^D``.
2. Each level maps ``u`` by its affine ``transform``, if it has one, and is interpolated
   (multi-linear); each grid sums, multiplies or concatenates its levels, grids are concatenated.
3. The ``networks`` run in order; each names its inputs. The last one's outputs (and, for
   kinds with a density, channel 0 of the one named ``density``) are the field's values.

A kind may bring an image stage: its fields are rendered as an image of features, at a fraction of
the image's size, which their :class:`nfcodec.model.kinds.ImageStage` turns into an image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from nfcodec.arrays import FloatArray
from nfcodec.model.kinds import ImageStage, kind_of
from nfcodec.model.networks import Network
from nfcodec.model.protocols import Cells, Layout

#: The name of one of :data:`nfcodec.model.kinds.KINDS`.
Kind: TypeAlias = str


@dataclass(frozen=True, eq=False)
class Level:
    """One level of a grid in plain form: ``features`` (N, F) float32, one row per corner.

    ``lod`` is the level of detail from which on this level takes part, counted from 0.
    ``transform``: (d, D + 1) float32 or None, where the level sits in the field's box; see
    :mod:`nfcodec.transforms`.
    """

    layout: Layout
    lod: int
    features: FloatArray
    transform: FloatArray | None = None

    @property
    def num_features(self) -> int:
        return int(self.features.shape[1])


LevelT = TypeVar("LevelT", bound=Any)
OtherT = TypeVar("OtherT", bound=Any)


@dataclass(frozen=True, eq=False)
class Grid(Generic[LevelT]):
    """Levels whose vectors are joined; grids are concatenated.

    ``combine``: ``sum`` adds the levels' vectors, ``product`` multiplies them (all of one width),
    ``concat`` puts them side by side; see :mod:`nfcodec.combine`.
    """

    levels: tuple[LevelT, ...]
    combine: str = "sum"

    @property
    def shared_transform(self) -> FloatArray | None:
        """The transform that all levels have; None if they have none, or different ones."""
        first = self.levels[0].transform if self.levels else None
        shared = all(_same(level.transform, first) for level in self.levels)
        return first if shared else None


def map_levels(
    grids: tuple[Grid[LevelT], ...], make: Callable[[LevelT], OtherT]
) -> tuple[Grid[OtherT], ...]:
    """``grids`` with what ``make`` gives for each level, called in storage order."""
    return tuple(Grid(tuple(map(make, grid.levels)), grid.combine) for grid in grids)


def _same(one: FloatArray | None, other: FloatArray | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)


@dataclass(frozen=True, eq=False)
class Occupancy:
    """Which cells of ``bounds`` may hold something: ``cells`` (nz, ny, nx) bool.

    Only fields without an octree need one; an octree's finest voxels say the same.
    """

    cells: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Skeleton(Generic[LevelT]):
    """What a :class:`Field` and a :class:`nfcodec.model.coded.CodedField` have in common.

    ``bounds``: (2, D) float64, the lower and upper corner of the field's box in its own units.
    ``metadata``: JSON-able values; see ``docs/conventions.md`` for the keys with a meaning.
    ``image``: of kinds with an image stage alone.
    """

    kind: Kind
    bounds: npt.NDArray[np.float64]
    grids: tuple[Grid[LevelT], ...]
    networks: tuple[Network, ...]
    occupancy: Occupancy | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    image: ImageStage | None = None

    @property
    def is_radiance(self) -> bool:
        """Whether the field has a density, and what it shows depends on the direction."""
        return kind_of(self).has_density

    @property
    def dims(self) -> int:
        """Spatial dimensions, 2 or 3."""
        return int(self.bounds.shape[1])

    @property
    def levels(self) -> tuple[LevelT, ...]:
        """All levels of all grids, in storage order (grid by grid)."""
        return tuple(level for grid in self.grids for level in grid.levels)

    @property
    def num_lods(self) -> int:
        """Levels of detail; a field without grids has one."""
        return max((level.lod for level in self.levels), default=0) + 1

    @property
    def num_outputs(self) -> int:
        """Channels of the last network: 3 for ``nerf`` (color), 1 for ``sdf``."""
        return int(self.networks[-1].layers[-1].weight.shape[0])

    def finest_occupied(self, lod: int | None = None) -> Layout | None:
        """The finest layout in use at ``lod`` (by default of all) that says where it is empty.

        A level with a transform says nothing of the field's box. None if no layout does.
        """
        saying = [
            level.layout
            for level in self.levels
            if level.layout.occupied_shape is not None
            and level.transform is None
            and (lod is None or level.lod <= lod)
        ]
        return max(saying, key=lambda layout: math.prod(layout.occupied_shape), default=None)

    def occupied(self, lod: int | None = None) -> Cells | None:
        """The cells [z, y, x] of the box outside which the field holds nothing at ``lod``.

        Those of the finest layout that says so, else the occupancy grid; None: it does not say.
        """
        layout = self.finest_occupied(lod)
        if layout is not None:
            return layout.occupied()
        return None if self.occupancy is None else self.occupancy.cells

    def to(self, device: str = "auto") -> Any:
        """Shorthand for ``nfcodec.module(field, device)``, a PyTorch module.

        The module takes (P, D) points and, for radiance fields, (P, 3) directions.
        """
        import nfcodec  # the face of the package, which knows the floors above this one

        return nfcodec.module(self, device)

    def network(self, name: str) -> Network:
        """The network called ``name``; KeyError if there is none."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class Field(Skeleton[Level]):
    """A trained neural field in floating point."""

    def with_features(self, features: list[FloatArray]) -> Field:
        """A copy whose levels, in :attr:`levels` order, hold ``features``."""
        rows = iter(features)
        grids = map_levels(self.grids, lambda level: replace(level, features=next(rows)))
        return replace(self, grids=grids)
