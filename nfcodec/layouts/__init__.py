"""Layouts: where a level's vectors sit in space, in what order, and how to find them. NumPy only.

Fast interpolation lives in :mod:`nfcodec.evaluate`. To add a layout, write its class
(:class:`nfcodec.model.protocols.Layout`) and register it here, or in another distribution under the
entry points ``nfcodec.layouts``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nfcodec.layouts.bitmap import RankedBitmap
from nfcodec.layouts.dense import DenseLayout
from nfcodec.layouts.octree import OctreeLayout
from nfcodec.model.protocols import Layout
from nfcodec.registry import Registry

LAYOUTS: Registry[type[Layout]] = Registry("layout", "nfcodec.layouts")
for _layout in (DenseLayout, OctreeLayout):
    LAYOUTS.add(_layout)


def corner_coordinates(layout: Layout) -> npt.NDArray[np.int32]:
    """(N, D) int32 coordinates x, y(, z) of a layout's rows, each on its own lattice."""
    return np.concatenate([part.coordinates() for part in layout.lattices()])[:, : layout.dims]


def lattice_shape(layout: Layout) -> tuple[int, ...]:
    """(nz, ny, nx), (ny, nx) or (nx,): the one lattice of a layout that has one."""
    (sites,) = layout.lattices()
    return sites.shape[3 - layout.dims :]


__all__ = [
    "LAYOUTS",
    "DenseLayout",
    "Layout",
    "OctreeLayout",
    "RankedBitmap",
    "corner_coordinates",
    "lattice_shape",
]
