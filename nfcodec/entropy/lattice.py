"""Sites of a regular lattice, visited in passes by the parity of their coordinates.

Pass ``p`` holds the sites whose x is odd if bit 0 of p is set, y if bit 1 is, z if bit 2 is. The
two neighbours of a site along an axis on which it is odd have been visited in an earlier pass, so
that a whole pass can be decoded at once from what is around it.

Each pass is a sublattice; all eight are held as volumes of one common shape, padded at the upper
end. A site and its lower neighbour then have the same offset in their volumes, and its upper
neighbour is one step further.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Lattices of more sites than this are not visited in passes.
MAX_SITES = 1 << 28

Volume = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]


class Lattice:
    """The occupied sites of ``mask`` (nz, ny, nx) bool.

    ``offsets[p]``: where the sites of pass p, in raster order, lie in the sublattice's volume of
    ``size`` elements.
    """

    def __init__(self, mask: npt.NDArray[np.bool_]) -> None:
        self.mask = mask
        self.shape = tuple(side // 2 + 1 for side in mask.shape)
        self.size = int(np.prod(self.shape))
        self._steps = (1, self.shape[2], self.shape[1] * self.shape[2])
        self.offsets: list[Offsets] = []
        for p in range(8):
            part = np.zeros(self.shape, np.bool_)
            self._window(part, p)[...] = mask[self._slices(p)]
            self.offsets.append(np.flatnonzero(part))

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
        if all(n - 1 == 2 * (m - 1) for n, m in zip(self.mask.shape, coarse.shape, strict=True)):
            flat = coarse.reshape(-1)  # the coarser lattice is a sublattice
            return flat[offsets]
        sites = np.unravel_index(offsets, self.shape)
        index = []
        for axis, (half, n, m) in enumerate(zip(sites, self.mask.shape, coarse.shape, strict=True)):
            coordinate = 2 * half + (p >> (2 - axis) & 1)
            index.append(coordinate * (m - 1) // max(n - 1, 1))
        found: Volume = coarse[tuple(index)]
        return found

    def gather(self, by_pass: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
        """Values of the sites, given pass by pass, in raster order of the whole lattice."""
        full = np.zeros(self.mask.shape, np.uint8)
        for p, values in enumerate(by_pass):
            part = np.zeros(self.shape, np.uint8)
            part.reshape(-1)[self.offsets[p]] = values
            full[self._slices(p)] = self._window(part, p)
        return full[self.mask]

    def scatter(self, values: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
        """The inverse of :meth:`gather`."""
        full = np.zeros(self.mask.shape, np.uint8)
        full[self.mask] = values
        return [full[self._slices(p)][self.mask[self._slices(p)]] for p in range(8)]

    def volume(self, values: Volume) -> Volume:
        """``values`` of the sites in raster order, as a (nz, ny, nx) volume with zeros between."""
        full = np.zeros(self.mask.shape, np.uint32)
        full[self.mask] = values
        return full

    def _slices(self, p: int) -> tuple[slice, slice, slice]:
        return slice(p >> 2 & 1, None, 2), slice(p >> 1 & 1, None, 2), slice(p & 1, None, 2)

    def _window(self, part: npt.NDArray[np.generic], p: int) -> npt.NDArray[np.generic]:
        """The elements of a padded sublattice that are sites of the lattice."""
        z, y, x = (
            (side - (p >> (2 - axis) & 1) + 1) // 2 for axis, side in enumerate(self.mask.shape)
        )
        return part[:z, :y, :x]
