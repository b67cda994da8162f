"""Sites of a regular lattice, visited in passes by the parity of their coordinates.

Pass ``p`` holds the sites whose x is odd if bit 0 of p is set, y if bit 1 is, z if bit 2 is. The
two neighbors of a site along an axis on which it is odd have been visited in an earlier pass, so
that a whole pass can be decoded at once from what is around it.

Of a lattice with a vector at many of its sites, each pass is a sublattice; all eight are held as
volumes of one common shape, padded at the upper end. A site and its lower neighbor then have the
same offset in their volumes, and its upper neighbor is one step further. Of a sparse one only the
occupied sites are held, and neighbors are searched among them: what a lattice takes is in
proportion to its occupied sites, however many others there are.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

#: Lattices of more sites than this are not visited in passes.
MAX_SITES = 1 << 28
#: Lattices of up to this many sites to an occupied one are held as volumes, which is quicker.
FILLED = 8

Volume = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]


class Lattice:
    """Occupied ``sites`` (N,) int64 of a lattice of ``shape`` (nz, ny, nx), in raster order.

    ``order``: (N,) the sites pass by pass, in raster order within each. ``offsets[p]``: where the
    sites of pass p lie in what :meth:`visited` has for it: in the sublattice's volume, or, of a
    sparse lattice, one behind the other.
    """

    def __init__(self, sites: Offsets, shape: tuple[int, int, int]) -> None:
        self.sites, self.shape = sites, shape
        self.is_sparse = math.prod(shape) > FILLED * sites.size
        self.halves = (shape[0] // 2 + 1, shape[1] // 2 + 1, shape[2] // 2 + 1)
        self._steps = (1, self.halves[2], self.halves[1] * self.halves[2])

    @functools.cached_property
    def _passes(self) -> tuple[Offsets, list[Offsets]]:
        # 32-bit division by a constant is vectorized.
        narrow = self.sites.astype(np.uint32)
        row = narrow // np.uint32(self.shape[2])
        x = narrow - row * np.uint32(self.shape[2])
        z = row // np.uint32(self.shape[1])
        y = row - z * np.uint32(self.shape[1])
        one = np.uint32(1)
        parity = (x & one | (y & one) << one | (z & one) << np.uint32(2)).astype(np.uint8)
        order = np.argsort(parity, kind="stable")
        sizes = np.bincount(parity, minlength=8)
        if self.is_sparse:
            return order, [np.arange(size) for size in sizes]
        offsets = (z >> one) * np.uint32(self._steps[2])
        offsets += (y >> one) * np.uint32(self._steps[1])
        offsets += x >> one
        return order, np.split(offsets[order].astype(np.int64), np.cumsum(sizes)[:-1])

    @functools.cached_property
    def _sites_of_pass(self) -> list[Offsets]:
        ends = np.cumsum([offsets.size for offsets in self.offsets])[:-1]
        return np.split(self.sites[self.order], ends)

    @property
    def order(self) -> Offsets:
        return self._passes[0]

    @property
    def offsets(self) -> list[Offsets]:
        return self._passes[1]

    def visited(self) -> list[Volume]:
        """Zeros for the sites of each pass, one packed value each, to be written at ``offsets``."""
        if self.is_sparse:
            return [np.zeros(offsets.size, np.uint32) for offsets in self.offsets]
        return list(np.zeros((8, math.prod(self.halves)), np.uint32))

    def beside(self, visited: list[Volume], p: int) -> Volume:
        """For the sites of pass ``p``: the sum over their visited neighbors of ``visited``."""
        offsets = self.offsets[p]
        total = np.zeros(offsets.size, np.uint32)
        stride = 1
        for axis in range(3):
            earlier = p ^ 1 << axis
            if p >> axis & 1:
                values = visited[earlier]
                if self.is_sparse:
                    # A step out of the lattice leads to a site of another pass: none is found.
                    own, there = self._sites_of_pass[p], self._sites_of_pass[earlier]
                    total += _found(there, values, own - stride)
                    total += _found(there, values, own + stride)
                else:
                    total += values[offsets]
                    total += values[offsets + self._steps[axis]]
            stride *= self.shape[2 - axis]
        return total

    def above(self, coarse: Lattice, spread: Volume, p: int) -> Volume:
        """For the sites of pass ``p``: the value at the nearest coarser site not above them.

        ``coarse``, of shape (nz', ny', nx'), spans the same box with fewer sites: coordinate x sees
        ``floor(x (nx' - 1) / (nx - 1))``. ``spread``: its values, by :meth:`spread`. 0 where that
        site is not occupied.
        """
        nested = all(n - 1 == 2 * (m - 1) for n, m in zip(self.shape, coarse.shape, strict=True))
        if nested and not self.is_sparse and not coarse.is_sparse:
            return spread[self.offsets[p]]  # the coarser lattice is a sublattice
        wanted = np.zeros(self.offsets[p].size, np.int64)
        coordinates = np.unravel_index(self._sites_of_pass[p], self.shape)
        for coordinate, n, m in zip(coordinates, self.shape, coarse.shape, strict=True):
            wanted *= m
            wanted += coordinate * (m - 1) // max(n - 1, 1)
        return _found(coarse.sites, spread, wanted) if coarse.is_sparse else spread[wanted]

    def spread(self, values: Volume) -> Volume:
        """``values`` of the sites in raster order, as finer lattices look them up."""
        if self.is_sparse:
            return values
        full = np.zeros(math.prod(self.shape), np.uint32)
        full[self.sites] = values
        return full

    def gather(self, by_pass: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
        """Values of the sites, given pass by pass, in raster order of the whole lattice."""
        values = np.empty(self.sites.size, np.uint8)
        values[self.order] = np.concatenate(by_pass)
        return values

    def scatter(self, values: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
        """The inverse of :meth:`gather`."""
        ends = np.cumsum([offsets.size for offsets in self.offsets])[:-1]
        return np.split(values[self.order], ends)


def _found(sites: Offsets, values: Volume, wanted: Offsets) -> Volume:
    """The values at the ``wanted`` sites among increasing ``sites``; 0 for those not there."""
    found = np.zeros(wanted.size, np.uint32)
    if sites.size:
        row = np.minimum(np.searchsorted(sites, wanted), sites.size - 1)
        hit = sites[row] == wanted
        found[hit] = values[row[hit]]
    return found
