"""Points of a lattice at which vectors sit."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class SiteSet:
    """Points of one lattice, in raster order; found when first asked for.

    ``shape``: (nz, ny, nx) points of the lattice. ``find`` gives :attr:`sites`; ``find_cells``
    :attr:`cells`, and is None if all cells are there.
    """

    shape: tuple[int, int, int]
    find: Callable[[], npt.NDArray[np.int64]]
    find_cells: Callable[[], npt.NDArray[np.uint16]] | None = None

    @functools.cached_property
    def sites(self) -> npt.NDArray[np.int64]:
        """(N,) increasing ``(z * ny + y) * nx + x``."""
        return self.find()

    @functools.cached_property
    def cells(self) -> npt.NDArray[np.uint16] | None:
        """(M, 3) lower corners x, y, z of the cells between the points; None for all cells."""
        return None if self.find_cells is None else self.find_cells()

    @property
    def lattice_size(self) -> int:
        """Points of the whole lattice."""
        return math.prod(self.shape)

    @property
    def count(self) -> int:
        """N, the number of sites."""
        return int(self.sites.size)

    @property
    def plane_size(self) -> int:
        """Points of one plane of the lattice."""
        return self.shape[1] * self.shape[2]

    def coordinates(self) -> npt.NDArray[np.int32]:
        """(N, 3) x, y, z of the sites."""
        z, y, x = np.unravel_index(self.sites, self.shape)
        return np.stack([x, y, z], axis=1).astype(np.int32)
