"""Sites of a regular lattice, visited in passes by the parity of their coordinates.

Pass ``p`` holds the sites whose x is odd if bit 0 of p is set, y if bit 1 is, z if bit 2 is. The
two neighbours of a site along an axis on which it is odd have been visited in an earlier pass, so
that a whole pass can be decoded at once from what is around it.

Each pass is a sublattice; all eight are held as volumes of one common shape, padded at the upper
end. A site and its lower neighbour then have the same offset in their volumes, and its upper
neighbour is one step further.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

#: Lattices of more sites than this are not visited in passes.
MAX_SITES = 1 << 28

Volume = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]


class Lattice:
    """Occupied ``sites`` (N,) int64 of a lattice of ``shape`` (nz, ny, nx), in raster order.

    ``order``: (N,) the sites pass by pass, in raster order within each. ``offsets[p]``: where the
    sites of pass p lie in the sublattice's volume of ``size`` elements.
    """

    def __init__(self, sites: Offsets, shape: tuple[int, int, int]) -> None:
        self.sites, self.shape = sites, shape
        self.halves = (shape[0] // 2 + 1, shape[1] // 2 + 1, shape[2] // 2 + 1)
        self.size = int(np.prod(self.halves))
        self._steps = (1, self.halves[2], self.halves[1] * self.halves[2])

    @functools.cached_property
    def _passes(self) -> tuple[Offsets, list[Offsets]]:
        # 32-bit division by a constant is vectorised.
        narrow = self.sites.astype(np.uint32)
        row = narrow // np.uint32(self.shape[2])
        x = narrow - row * np.uint32(self.shape[2])
        z = row // np.uint32(self.shape[1])
        y = row - z * np.uint32(self.shape[1])
        one = np.uint32(1)
        parity = (x & one | (y & one) << one | (z & one) << np.uint32(2)).astype(np.uint8)
        offsets = (z >> one) * np.uint32(self._steps[2])
        offsets += (y >> one) * np.uint32(self._steps[1])
        offsets += x >> one
        order = np.argsort(parity, kind="stable")
        ends = np.cumsum(np.bincount(parity, minlength=8))[:-1]
        return order, np.split(offsets[order].astype(np.int64), ends)

    @property
    def order(self) -> Offsets:
        return self._passes[0]

    @property
    def offsets(self) -> list[Offsets]:
        return self._passes[1]

    def volumes(self) -> Volume:
        """(8, size) zeros: one packed value for each site of each pass."""
        return np.zeros((8, self.size), np.uint32)

    def beside(self, volumes: Volume, p: int) -> Volume:
        """For the sites of pass ``p``: the sum over their visited neighbours of ``volumes``."""
        offsets = self.offsets[p]
        total = np.zeros(offsets.size, np.uint32)
        for axis in range(3):
            if p >> axis & 1:
                volume = volumes[p ^ 1 << axis]
                total += volume[offsets]
                total += volume[offsets + self._steps[axis]]
        return total

    def above(self, coarse: Volume, p: int) -> Volume:
        """For the sites of pass ``p``: ``coarse`` at the nearest coarser site not above them.

        ``coarse`` (nz', ny', nx') spans the same box with fewer sites: coordinate x sees
        ``floor(x (nx' - 1) / (nx - 1))``.
        """
        offsets = self.offsets[p]
        if all(n - 1 == 2 * (m - 1) for n, m in zip(self.shape, coarse.shape, strict=True)):
            flat: Volume = coarse.reshape(-1)[offsets]  # the coarser lattice is a sublattice
            return flat
        halves = np.unravel_index(offsets, self.halves)
        index = []
        for axis, (half, n, m) in enumerate(zip(halves, self.shape, coarse.shape, strict=True)):
            coordinate = 2 * half + (p >> (2 - axis) & 1)
            index.append(coordinate * (m - 1) // max(n - 1, 1))
        found: Volume = coarse[tuple(index)]
        return found

    def gather(self, by_pass: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
        """Values of the sites, given pass by pass, in raster order of the whole lattice."""
        values = np.empty(self.sites.size, np.uint8)
        values[self.order] = np.concatenate(by_pass)
        return values

    def scatter(self, values: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
        """The inverse of :meth:`gather`."""
        ends = np.cumsum([offsets.size for offsets in self.offsets])[:-1]
        return np.split(values[self.order], ends)

    def volume(self, values: Volume) -> Volume:
        """``values`` of the sites in raster order, as a (nz, ny, nx) volume with zeros between."""
        full = np.zeros(self.shape, np.uint32)
        full.reshape(-1)[self.sites] = values
        return full
