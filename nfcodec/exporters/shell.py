"""Surfaces of radiance fields that come from a signed distance, known in occupied cells alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field

Mask = npt.NDArray[np.bool_]


def distance_network(field: Field | CodedField) -> str | None:
    """The network of a radiance field that gives a signed distance, by its metadata ``surface``.

    None if there is no such network, or if it does not give one value before the density.
    """
    stated = field.metadata.get("surface")
    name = stated.get("network") if isinstance(stated, Mapping) else None
    for network in field.networks if field.is_radiance else ():
        if network.name == "density":
            break
        if network.name == name and len(network.layers[-1].weight) == 1:
            return network.name
    return None


def cells_within(
    occupied: Mask, cells: tuple[int, int, int], first: tuple[int, int, int], shape: tuple[int, ...]
) -> Mask:
    """Which of a brick's cells have their middle in ``occupied``, as marching cubes masks them.

    ``occupied`` [z, y, x] and ``cells`` = (nz, ny, nx) divide the same box; ``first`` is the
    brick's first cell and ``shape`` its samples, both z, y, x. A cell is named by its upper corner.
    """
    index = []
    for count, start, n, side in zip(shape, first, cells, occupied.shape, strict=True):
        middle = (start + np.arange(count - 1) + 0.5) / n * side
        index.append(np.minimum(middle.astype(np.int64), side - 1))
    return np.asarray(np.pad(occupied[np.ix_(*index)], [(1, 0)] * 3))
