"""The compiled loop of coding refinements (``nfc-v1.md`` §12); see :mod:`mixing_kernels`."""

from __future__ import annotations

import numpy as np

from nfcodec.entropy.mixing import INPUTS
from nfcodec.entropy.mixing_kernels import descend, mark, others_before, sorted_by, wipe
from nfcodec.jit import Array, inline, serial


@inline
def _place(
    plane: Array, groups: Array, sites: Array, at: int, start: int, nx: int, size: int
) -> int:
    """Lay the groups of the sites in [start, start + size), from number ``at`` on, on ``plane``.

    The number of the first site behind them.
    """
    while at < sites.size and sites[at] < start + size:
        inside = sites[at] - start
        y = inside // nx
        plane[(y + 1) * (nx + 2) + inside - y * nx + 1] = groups[at]
        at += 1
    return at


@inline
def _beside(group: int, own: int, none: int) -> int:
    """0 where no site follows, 1 one of the same group, 2 one of another."""
    if group == none:
        return 0
    return 1 if group == own else 2


@serial
def refine(
    decoding: bool, data: Array, state: Array, chances: Array, bits: Array,
    groups: Array, found: Array, sites: Array, shape: Array, octree: bool,
    voxels: Array, tree: Array, path: Array, roots: Array, top: int,
    slots: Array, weights: Array, correction: Array,
    squash: Array, stretch: Array, rate: Array, kind: Array,
) -> None:  # fmt: skip
    """Code the codes ``found`` (N,) uint16 of the ``sites`` (N,) of a lattice of ``shape`` (3,).

    ``groups``: (N,) uint16, what is known of them. ``roots``: (A,) where the tree of each group
    begins; the other arguments are those of :func:`mixing_kernels.symbols`.
    """
    nz, ny, nx = shape
    alphabet, none, nodes = path.size, roots.size, len(tree)
    width = nx + 2
    codes = np.full((2, (ny + 2) * width), alphabet, np.uint16)
    known = np.full((2, (ny + 2) * width), none, np.uint16)
    around = np.zeros((2, ny * nx), np.uint8)
    by_z, starts = sorted_by(voxels[:, 2], nz, np.arange(voxels.shape[0]).astype(np.int32))
    # Where the contexts of each input begin.
    second = 1
    third = second + 3 * (alphabet + 1)
    fourth = third + 3 * (alphabet + 1)
    fifth = fourth + 3 * (alphabet + 1)
    sixth = fifth + 28
    first, at = np.zeros(INPUTS, np.uint32), np.zeros(INPUTS, np.uint32)
    logit, of = np.zeros(INPUTS, np.int32), np.zeros(INPUTS, np.uint32)
    value, size, next_byte, done = state
    # Numbers of the next site, of the first one on this plane and on the one before.
    i = begin = before = np.int64(0)
    ahead = _place(known[0], groups, sites, 0, 0, nx, ny * nx)
    for z in range(nz):
        here, below = codes[z & 1], codes[z & 1 ^ 1]
        same, above = known[z & 1], known[z & 1 ^ 1]
        wipe(here, alphabet, sites, before, begin, (z - 2) * ny * nx, nx)
        wipe(above, none, sites, begin, i, (z - 1) * ny * nx, nx)
        before, begin = begin, i
        ahead = _place(above, groups, sites, ahead, (z + 1) * ny * nx, nx, ny * nx)
        cells = around[z & 1]
        mark(cells, around[z & 1 ^ 1], voxels, by_z[starts[z] : starts[z + 1]], nx)
        while i < sites.size and sites[i] < (z + 1) * ny * nx:
            inside = sites[i] - z * ny * nx
            y = inside // nx
            place = (y + 1) * width + inside - y * nx + 1
            own = groups[i]
            node = np.int64(roots[own])
            if node >= alphabet:
                pattern = np.int64(cells[inside]) if octree else 255
                ahead_x = np.int64(here[place - 1])
                ahead_y = np.int64(here[place - width])
                ahead_z = np.int64(below[place])
                others = others_before(here, below, place, width, top, alphabet)
                first[1] = second + 3 * ahead_x + _beside(same[place + 1], own, none)
                first[2] = third + 3 * ahead_y + _beside(same[place + width], own, none)
                first[3] = fourth + 3 * ahead_z + _beside(above[place], own, none)
                first[4] = fifth + others
                first[5] = sixth + pattern
                for n in range(1, INPUTS):
                    first[n] *= nodes
                rest = np.int64(0) if decoding else path[found[i]]
                node, value, size, next_byte, done = descend(
                    node, alphabet, tree, rest, chances, bits, done,
                    decoding, data, value, size, next_byte, first, at, logit, of,
                    slots, weights, correction, squash, stretch, rate, kind,
                )  # fmt: skip
            cells[inside] = 0
            found[i] = node
            here[place] = node
            i += 1
    state[0], state[1], state[2], state[3] = value, size, next_byte, done
