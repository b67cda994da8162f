"""The decoders that were written from the specification alone, beside the ones that are tested."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nfcodec.errors import DamagedFileError
from nfcodec.model.sites import SiteSet

Place = tuple[int, int, int]


def sites_of(mask: npt.NDArray[np.bool_], cells: npt.NDArray[np.uint16] | None = None) -> SiteSet:
    """The sites [z, y, x] that are true in ``mask``."""
    nz, ny, nx = mask.shape
    find = None if cells is None else lambda: cells
    return SiteSet((nz, ny, nx), lambda: np.flatnonzero(mask).astype(np.int64), find)


def full(*shape: int) -> SiteSet:
    """All sites of a lattice."""
    return sites_of(np.ones(shape, np.bool_))


def octree(side: int, share: float, seed: int) -> SiteSet:
    """The corners of random voxels."""
    cells = np.random.default_rng(seed).random((side,) * 3) < share
    cells[0, 0, 0] = True
    corners = np.zeros((side + 1,) * 3, np.bool_)
    z, y, x = np.nonzero(cells)
    for k in range(8):
        corners[z + (k >> 2), y + (k >> 1 & 1), x + (k & 1)] = True
    return sites_of(corners, np.stack([x, y, z], 1).astype(np.uint16))


def smooth(shape: tuple[int, ...], alphabet: int, seed: int) -> npt.NDArray[np.uint16]:
    """Symbols that change slowly over the lattice, with a little noise."""
    rng = np.random.default_rng(seed)
    axes = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    value = sum(np.sin(0.3 * axis * (i + 1) / 2 + seed) for i, axis in enumerate(axes))
    noisy = np.asarray(value) + rng.normal(scale=0.15, size=shape)
    share = (noisy - noisy.min()) / (np.ptp(noisy) + 1e-9)
    return np.minimum(share * alphabet, alphabet - 1).astype(np.uint16)


def places(sites: SiteSet) -> tuple[list[Place], set[Place] | None]:
    """Sites and cells as :mod:`tests.formats.mixing_by_spec` takes them: (z, y, x)."""
    found = [(z, y, x) for x, y, z in sites.coordinates().tolist()]
    cells = sites.cells
    return found, None if cells is None else {(z, y, x) for x, y, z in cells.tolist()}


def damage_noticed(
    data: bytes, read: Callable[[bytes], list[int]], twin: Callable[[bytes], list[int]]
) -> int:
    """How many of 60 damaged copies of ``data``, a bit changed or the end cut off, are refused.

    Both decoders refuse the same ones, and find the same in the others.
    """
    rng = np.random.default_rng(0)
    noticed = 0
    for trial in range(60):
        broken = bytearray(data)
        if trial % 4:
            broken[rng.integers(4, len(data))] ^= 1 << int(rng.integers(8))
        else:
            del broken[int(rng.integers(3, len(data) // 4)) * 4 :]
        try:
            found: list[int] | None = read(bytes(broken))
        except DamagedFileError:
            found = None
        try:
            wanted: list[int] | None = twin(bytes(broken))
        except (AssertionError, IndexError, KeyError, DamagedFileError):
            wanted = None
        assert found == wanted
        noticed += found is None
    return noticed
