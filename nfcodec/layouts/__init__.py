"""Where a level's vectors sit in space: which corners exist, in what order, how to find them.

NumPy only. Numerical interpolation lives in :mod:`nfcodec.evaluate`; this package answers integer
questions. To add a layout, add its dataclass to :mod:`nfcodec.model.field`, a module here, and a
branch in each function below.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.layouts.bitmap import RankedBitmap
from nfcodec.layouts.octree import corner_bitmap, corner_sites
from nfcodec.model.field import DenseLayout, Layout, OctreeLayout


def lattice_shape(layout: Layout) -> tuple[int, ...]:
    """The lattice that corners are points of, ``(nz, ny, nx)`` or ``(ny, nx)``."""
    if isinstance(layout, DenseLayout):
        return layout.shape
    return (2**layout.depth + 1,) * 3


def num_corners(layout: Layout) -> int:
    """N, the number of vectors of a level with this layout."""
    if isinstance(layout, DenseLayout):
        return int(np.prod(layout.shape, dtype=np.int64))
    return int(corner_sites(layout).size)


def corner_coordinates(layout: Layout) -> npt.NDArray[np.int32]:
    """(N, D) int32 lattice coordinates of the corners in storage order, columns x, y(, z)."""
    shape = lattice_shape(layout)
    if isinstance(layout, DenseLayout):
        sites = np.arange(num_corners(layout), dtype=np.int64)
    else:
        sites = corner_sites(layout)
    columns = np.unravel_index(sites, shape)
    return np.stack(columns[::-1], axis=1).astype(np.int32)


def corner_index(layout: Layout) -> RankedBitmap | None:
    """What finds a corner's row from its lattice site; None if the site is the row."""
    return None if isinstance(layout, DenseLayout) else corner_bitmap(layout)


__all__ = [
    "DenseLayout",
    "OctreeLayout",
    "RankedBitmap",
    "corner_coordinates",
    "corner_index",
    "lattice_shape",
    "num_corners",
]
