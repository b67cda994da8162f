"""The compiled loop of coding codes beside their neighbors (``nfc-v1.md`` §8.1).

Planes of the lattice are held with a border around them; what is looked at is on the plane of the
site, on the one before, and, of groups, on the one after. Planes are cleared where they were
written, never as a whole: an octree of depth 10 has planes of a million sites, of which few may
have a code.
"""

from __future__ import annotations

import numpy as np

from nfcodec.entropy.mixing import INPUTS, Mixer
from nfcodec.entropy.mixing_kernels import Inputs, decide, new_inputs
from nfcodec.entropy.neighbors import FOLLOWING, SETS, UNUSUAL, Trees, Walk
from nfcodec.entropy.range_coder import Coder
from nfcodec.jit import Array, inline, merged, serial

#: The pattern around a site where all voxels are there.
_ALL = 255


@inline
def sorted_by(keys: Array, bins: int, order: Array) -> tuple[Array, Array]:
    """``order``, rearranged to ascend in ``keys`` and stable; where each key begins (bins + 1,)."""
    first = np.zeros(bins + 1, np.int64)
    for i in order:
        first[keys[i] + 1] += 1
    for key in range(bins):
        first[key + 1] += first[key]
    starts = first.copy()
    arranged = np.empty(order.size, np.int32)
    for i in order:
        arranged[first[keys[i]]] = i
        first[keys[i]] += 1
    return arranged, starts


@inline
def _mark(here: Array, above: Array, cells: Array, layer: Array, nx: int) -> None:
    """Note at their corners the ``cells`` of one ``layer``, which lie between two planes of sites.

    ``here``: (ny * nx,) the patterns of the lower plane, where the cells below have been noted;
    ``above``: those of the upper plane, begun here from zeros. Every corner is a site, where a
    pattern is taken and zero left in its place.
    """
    for n in layer:
        corner = cells[n, 1] * nx + cells[n, 0]
        here[corner] |= 128
        here[corner + 1] |= 64
        here[corner + nx] |= 32
        here[corner + nx + 1] |= 16
        above[corner] |= 8
        above[corner + 1] |= 4
        above[corner + nx] |= 2
        above[corner + nx + 1] |= 1


@inline
def _place(inside: int, nx: int) -> int:
    """Where a site, numbered ``inside`` its plane, lies on the plane with its border."""
    y = inside // nx
    return (y + 1) * (nx + 2) + inside - y * nx + 1


@inline
def _wipe(plane: Array, none: int, sites: Array, at: int, end: int, start: int, nx: int) -> None:
    """Lay ``none`` on a ``plane`` at the sites numbered from ``at`` to ``end``.

    ``start``: the first site of the lattice that lies on the plane.
    """
    for n in range(at, end):
        plane[_place(sites[n] - start, nx)] = none


@inline
def _lay(plane: Array, groups: Array, sites: Array, at: int, start: int, size: int, nx: int) -> int:
    """Lay the groups of the sites in [start, start + size), from number ``at`` on, on ``plane``.

    The number of the first site after them.
    """
    while at < sites.size and sites[at] < start + size:
        plane[_place(sites[at] - start, nx)] = groups[at]
        at += 1
    return at


@inline
def _following(group: int, own: int, none: int) -> int:
    """0 where no site follows, 1 if one of the same group does, 2 if one of another does."""
    if group == none:
        return 0
    return 1 if group == own else 2


@merged
def _count_unusual(here: Array, below: Array, place: int, width: int, top: int, none: int) -> int:
    """Seven times how many of the sites one step before ``place`` along an axis have a code other
    than ``top``, and how many of the six one step along two axes.

    ``here``, ``below``: this plane of sites and the one before it, in rows of ``width``.
    """
    faces = edges = 0
    for code in (here[place - 1], here[place - width], below[place]):
        faces += code != top and code != none
    for code in (
        here[place - width - 1], here[place - width + 1], below[place - 1],
        below[place + 1], below[place - width], below[place + width],
    ):  # fmt: skip
        edges += code != top and code != none
    return 7 * faces + edges


@merged
def _descend(
    node: int, rest: int, coder: Coder, mixer: Mixer, trees: Trees, first: Array, inputs: Inputs
) -> int:
    """Code the decisions from inner ``node`` down to a code, which is found.

    ``rest``: the bits to be encoded, the first one lowest. ``first``: where the slots of each input
    begin, one for each inner node.
    """
    alphabet = trees.path.size
    depth = 0
    while node >= alphabet:
        inner = node - alphabet
        for n in range(INPUTS):
            inputs.slot[n] = first[n] + inner
        bit = decide(rest & 1, coder, mixer, inputs, min(depth, SETS - 1), inner)
        node = np.int64(trees.children[inner, bit])
        depth += 1
        rest >>= 1
    return node


@serial
def codes(
    coder: Coder, mixer: Mixer, trees: Trees, top: int, walk: Walk, groups: Array, found: Array
) -> None:
    """Code the codes ``found`` (N,) uint16 of the sites of a ``walk``.

    ``groups``: (N,) uint16, what is known of each. ``top``: the most frequent code.
    """
    sites = walk.sites
    nz, ny, nx = walk.shape
    size, width = ny * nx, nx + 2
    none, no_group, nodes = trees.path.size, trees.roots.size, len(trees.children)
    here_and_below = np.full((2, (ny + 2) * width), none, np.uint16)
    here_and_above = np.full((2, (ny + 2) * width), no_group, np.uint16)
    patterns = np.zeros((2, size if walk.sparse else 0), np.uint8)
    by_z, starts = sorted_by(walk.cells[:, 2], nz, np.arange(len(walk.cells)).astype(np.int32))
    # Where the contexts of each input begin; input 0 has one.
    of_x = 1
    of_y = of_x + FOLLOWING * (none + 1)
    of_z = of_y + FOLLOWING * (none + 1)
    of_counts = of_z + FOLLOWING * (none + 1)
    of_pattern = of_counts + UNUSUAL
    first = np.zeros(INPUTS, np.uint32)
    inputs = new_inputs()
    # Numbers of the next site, of the first one on this plane and on the one before.
    i = begin = before = np.int64(0)
    ahead = _lay(here_and_above[0], groups, sites, 0, 0, size, nx)
    for z in range(nz):
        here, below = here_and_below[z & 1], here_and_below[z & 1 ^ 1]
        same, above = here_and_above[z & 1], here_and_above[z & 1 ^ 1]
        _wipe(here, none, sites, before, begin, (z - 2) * size, nx)
        _wipe(above, no_group, sites, begin, i, (z - 1) * size, nx)
        before, begin = begin, i
        ahead = _lay(above, groups, sites, ahead, (z + 1) * size, size, nx)
        around = patterns[z & 1]
        if walk.sparse:
            layer = by_z[starts[z] : starts[z + 1]]
            _mark(around, patterns[z & 1 ^ 1], walk.cells, layer, nx)
        while i < sites.size and sites[i] < (z + 1) * size:
            inside = sites[i] - z * size
            place = _place(inside, nx)
            pattern = _ALL
            if walk.sparse:
                pattern = np.int64(around[inside])
                around[inside] = 0
            own = groups[i]
            node = np.int64(trees.roots[own])
            if node >= none:
                left = FOLLOWING * np.int64(here[place - 1])
                left += _following(same[place + 1], own, no_group)
                front = FOLLOWING * np.int64(here[place - width])
                front += _following(same[place + width], own, no_group)
                lower = FOLLOWING * np.int64(below[place])
                lower += _following(above[place], own, no_group)
                unusual = _count_unusual(here, below, place, width, top, none)
                first[1] = (of_x + left) * nodes
                first[2] = (of_y + front) * nodes
                first[3] = (of_z + lower) * nodes
                first[4] = (of_counts + unusual) * nodes
                first[5] = (of_pattern + pattern) * nodes
                rest = np.int64(0) if coder.decoding else trees.path[found[i]]
                node = _descend(node, rest, coder, mixer, trees, first, inputs)
            found[i] = node
            here[place] = node
            i += 1
