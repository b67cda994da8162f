"""The decoders that were written from the specification alone, beside the ones that are tested."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nfcodec.entropy import adaptive
from nfcodec.entropy.lattice import Lattice
from nfcodec.errors import DamagedFileError

Place = tuple[int, int, int]


def places(lattice: Lattice, voxels: adaptive.Voxels) -> tuple[list[Place], set[Place] | None]:
    """Sites and cells as :mod:`tests.formats.mixing_by_spec` takes them: (z, y, x)."""
    sites = [
        (int(z), int(y), int(x))
        for z, y, x in zip(*np.unravel_index(lattice.sites, lattice.shape), strict=True)
    ]
    return sites, None if voxels is None else {(z, y, x) for x, y, z in voxels.tolist()}


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
