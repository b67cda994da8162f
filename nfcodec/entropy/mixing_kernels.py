"""The compiled loops of coding by mixed counts; encoder and decoder are the same code.

Whatever the bytes hold, every index stays inside its array: slots and nodes follow from contexts
and trees that were checked, and bytes behind the last one are read as zeros and counted.
"""

from __future__ import annotations

import numpy as np

from nfcodec.entropy.mixing import INPUTS
from nfcodec.jit import Array, inline, merged, serial


@serial
def encode(chances: Array, bits: Array) -> Array:
    """The bytes of a range coder for ``bits`` whose chance of being 1 is ``chances`` / 65536."""
    data = np.empty(2 * bits.size + 16, np.uint8)
    low, size = np.int64(0), np.int64((1 << 32) - 1)
    # The first byte to come out would always be 0: it is not written.
    at, held, more = np.int64(-1), np.int64(0), np.int64(0)
    for i in range(bits.size + 1):
        if i < bits.size:
            bound = (size >> 16) * chances[i]
            if bits[i]:
                size = bound
            else:
                low += bound
                size -= bound
        else:
            size = np.int64(0)  # the end: all that is held back
        shifts = 0
        while size < 1 << 24 and shifts < 5:
            shifts += 1
            size <<= 8
            if low < 0xFF000000 or low > 0xFFFFFFFF:  # no later carry changes what is held
                carry = low >> 32
                if at >= 0:
                    data[at] = held + carry
                at += 1
                while more > 0:
                    data[at] = 255 + carry
                    at += 1
                    more -= 1
                held = low >> 24 & 255
            else:
                more += 1
            low = (low & 0xFFFFFF) << 8
    return data[:at]


@merged
def decide(
    bit: int, decoding: bool, data: Array, value: int, size: int, next_byte: int,
    at: Array, logit: Array, of: Array, row: int, kind_of: int,
    slots: Array, weights: Array, correction: Array,
    squash: Array, stretch: Array, rate: Array, kind: Array,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Code one decision and learn from it; the bit, its chance, and the decoder's state.

    ``at``: the slot of each input. ``row``: where the set of weights begins, ``kind_of``: the row
    of ``correction``. ``logit``: space for as many values as there are inputs.
    """
    total = np.int64(0)
    for i in range(INPUTS):
        slot = slots[at[i]]
        logit[i] = stretch[slot >> 16]  # 0 for a slot that has not been seen
        of[i] = row + 8 * i + kind[slot & 255]
        total += weights[of[i]] * logit[i]
    mean = min(max(total >> 14, -2047), 2047) + 2048
    p = np.int64(squash[mean])
    low, part = kind_of * 33 + (mean >> 7), mean & 127
    corrected = (correction[low] * (128 - part) + correction[low + 1] * part) >> 7
    chance = min(max((p + corrected + 1) >> 1, 16), 65520)
    if decoding:
        bound = (size >> 16) * chance
        if value < bound:
            bit = 1
            size = bound
        else:
            bit = 0
            value -= bound
            size -= bound
        while size < 1 << 24:
            size <<= 8
            value <<= 8
            if next_byte < data.size:
                value |= data[next_byte]
            next_byte += 1

    low += part >> 6
    correction[low] += (65535 * bit - correction[low]) >> 6
    error = (bit << 16) - p
    for i in range(INPUTS):
        slot = slots[at[i]]
        seen, old = slot & 255, slot >> 8
        w = weights[of[i]] + ((logit[i] * error + 65536) >> 17)
        weights[of[i]] = min(max(w, -131071), 131071)
        new = old + (((1048575 * bit - old) * rate[seen]) >> 11)
        slots[at[i]] = new << 8 | min(seen + 1, 80)
    return bit, chance, value, size, next_byte


@merged
def descend(
    node: int, alphabet: int, tree: Array, rest: int, chances: Array, bits: Array, done: int,
    decoding: bool, data: Array, value: int, size: int, next_byte: int,
    first: Array, at: Array, logit: Array, of: Array,
    slots: Array, weights: Array, correction: Array,
    squash: Array, stretch: Array, rate: Array, kind: Array,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Code the decisions from inner ``node`` of ``tree`` down to a symbol, of ``rest`` if not
    ``decoding``; the symbol, the decoder's state, and how many decisions are ``done``.

    ``first``: where the slots of each input begin, one for each inner node. ``at``, ``logit`` and
    ``of``: space for as many values as there are inputs.
    """
    depth = 0
    while node >= alphabet:
        for n in range(INPUTS):
            at[n] = first[n] + node - alphabet
        bit, chance, value, size, next_byte = decide(
            rest & 1, decoding, data, value, size, next_byte,
            at, logit, of, 48 * min(depth, 3), node - alphabet,
            slots, weights, correction, squash, stretch, rate, kind,
        )  # fmt: skip
        if not decoding:
            chances[done], bits[done] = chance, bit
            done += 1
        node = np.int64(tree[node - alphabet, bit])
        depth += 1
        rest >>= 1
    return node, value, size, next_byte, done


@merged
def others_before(here: Array, below: Array, place: int, width: int, top: int, none: int) -> int:
    """Seven times how many of the sites one step before ``place`` along an axis have a symbol other
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
def mark(cells: Array, above: Array, voxels: Array, layer: Array, nx: int) -> None:
    """Note at their corners the voxels of one ``layer``, which lie between two planes of sites.

    ``cells``: (ny * nx,) the patterns of the lower plane, where the voxels below have been noted;
    ``above``: those of the upper plane, begun here from zeros. Every corner is a site, where a
    pattern is taken and zero left in its place: planes are never gone through as a whole.
    """
    for n in layer:
        corner = voxels[n, 1] * nx + voxels[n, 0]
        cells[corner] |= 128
        cells[corner + 1] |= 64
        cells[corner + nx] |= 32
        cells[corner + nx + 1] |= 16
        above[corner] |= 8
        above[corner + 1] |= 4
        above[corner + nx] |= 2
        above[corner + nx + 1] |= 1


@inline
def wipe(plane: Array, none: int, sites: Array, at: int, end: int, start: int, nx: int) -> None:
    """Lay ``none`` on a ``plane`` of sites at those numbered from ``at`` to ``end``.

    ``start``: the first site of the lattice that lies on the plane.
    """
    for n in range(at, end):
        inside = sites[n] - start
        y = inside // nx
        plane[(y + 1) * (nx + 2) + inside - y * nx + 1] = none


@serial
def symbols(
    decoding: bool, data: Array, state: Array, chances: Array, bits: Array,
    found: Array, sites: Array, shape: Array, octree: bool,
    voxels: Array, tree: Array, path: Array, top: int,
    slots: Array, weights: Array, correction: Array,
    squash: Array, stretch: Array, rate: Array, kind: Array,
) -> None:  # fmt: skip
    """Code the symbols ``found`` (N,) uint16 of the ``sites`` (N,) of a lattice of ``shape`` (3,).

    ``voxels``: (M, 3) x y z of the cells between the sites that are there, all if not ``octree``.
    ``tree``: (J, 2) by inner node and bit: the symbol, or K plus the inner node; the last one is
    the root. ``path``: (K,) the bits from the root to each symbol, the first one lowest.
    """
    nz, ny, nx = shape
    alphabet = path.size
    width = nx + 2
    codes = np.full((2, (ny + 2) * width), alphabet, np.uint16)
    around = np.zeros((2, ny * nx), np.uint8)
    count = voxels.shape[0]
    by_z, starts = sorted_by(voxels[:, 2], nz, np.arange(count).astype(np.int32))
    # Where the slots of each input begin.
    second = alphabet
    third = second + 2 * (alphabet + 1) * alphabet
    fourth = third + 2 * (alphabet + 1) * alphabet
    fifth = fourth + 2 * (alphabet + 1) * alphabet
    sixth = fifth + 28 * alphabet
    root = alphabet + len(tree) - 1
    first, at = np.zeros(INPUTS, np.uint32), np.zeros(INPUTS, np.uint32)
    logit, of = np.zeros(INPUTS, np.int32), np.zeros(INPUTS, np.uint32)
    value, size, next_byte, done = state
    # Numbers of the next site, of the first one on this plane and on the one before.
    i = begin = before = np.int64(0)
    for z in range(nz):
        here, below = codes[z & 1], codes[z & 1 ^ 1]
        if octree:  # in a dense level all that is looked at has been written anew
            wipe(here, alphabet, sites, before, begin, (z - 2) * ny * nx, nx)
        before, begin = begin, i
        cells, above = around[z & 1], around[z & 1 ^ 1]
        mark(cells, above, voxels, by_z[starts[z] : starts[z + 1]], nx)
        while i < sites.size and sites[i] < (z + 1) * ny * nx:
            inside = sites[i] - z * ny * nx
            y = inside // nx
            place = (y + 1) * width + inside - y * nx + 1
            pattern = np.int64(cells[inside]) if octree else 255
            cells[inside] = 0
            ahead = here[place - 1], here[place - width], below[place]
            others = others_before(here, below, place, width, top, alphabet)
            first[1] = second + (2 * ahead[0] + (pattern & 0xAA != 0)) * alphabet
            first[2] = third + (2 * ahead[1] + (pattern & 0xCC != 0)) * alphabet
            first[3] = fourth + (2 * ahead[2] + (pattern & 0xF0 != 0)) * alphabet
            first[4] = fifth + others * alphabet
            first[5] = sixth + pattern * alphabet
            rest = np.int64(0) if decoding else path[found[i]]
            node, value, size, next_byte, done = descend(
                root, alphabet, tree, rest, chances, bits, done,
                decoding, data, value, size, next_byte, first, at, logit, of,
                slots, weights, correction, squash, stretch, rate, kind,
            )  # fmt: skip
            found[i] = node
            here[place] = node
            i += 1
    state[0], state[1], state[2], state[3] = value, size, next_byte, done


@serial
def children(
    decoding: bool, data: Array, state: Array, chances: Array, bits: Array,
    masks: Array, voxels: Array, extent: Array,
    slots: Array, weights: Array, correction: Array,
    squash: Array, stretch: Array, rate: Array, kind: Array,
) -> None:  # fmt: skip
    """Code which children voxels have: ``masks`` (M,) uint8, bit k for child k.

    ``voxels``: (M, 3) x y z, all below ``extent`` (3,). Those of one row along x come in the order
    of x.
    """
    count = voxels.shape[0]
    width, height, side = extent
    by_y, _ = sorted_by(voxels[:, 1], height, np.arange(count).astype(np.int32))
    order, starts = sorted_by(voxels[:, 2], side, by_y)
    # Three planes each, and zeros around them; a plane is wiped where it was written.
    coarse = np.zeros((3, height + 2, width + 2), np.uint8)
    fine = np.zeros((3, 2 * height + 3, 2 * width + 3), np.uint8)
    at, of = np.zeros(INPUTS, np.uint32), np.zeros(INPUTS, np.uint32)
    logit = np.zeros(INPUTS, np.int32)
    value, size, next_byte, done = state
    for z in range(side):
        for plane in range(z, z + 2) if z == 0 else range(z + 1, z + 2):
            if plane >= 3:
                for n in order[starts[plane - 3] : starts[plane - 2]]:
                    coarse[plane % 3, voxels[n, 1] + 1, voxels[n, 0] + 1] = 0
            if plane < side:
                for n in order[starts[plane] : starts[plane + 1]]:
                    coarse[plane % 3, voxels[n, 1] + 1, voxels[n, 0] + 1] = 1
        for odd_z in range(2):
            level = 2 * z + odd_z
            if level >= 3:
                old = (level - 3) >> 1
                for n in order[starts[old] : starts[old + 1]]:
                    y, x = 2 * voxels[n, 1] + 2, 2 * voxels[n, 0] + 2
                    fine[level % 3, y : y + 2, x : x + 2] = 0
            here, last, before = fine[level % 3], fine[(level + 2) % 3], fine[(level + 1) % 3]
            same, down, up = coarse[z % 3], coarse[(z + 2) % 3], coarse[(z + 1) % 3]
            beyond = up if odd_z else down
            row = starts[z]
            while row < starts[z + 1]:
                end = row + 1
                while end < starts[z + 1] and voxels[order[end], 1] == voxels[order[row], 1]:
                    end += 1
                v = np.int64(voxels[order[row], 1]) + 1
                for odd_y in range(2):
                    y = 2 * v + odd_y
                    w = v + 2 * odd_y - 1
                    for n in order[row:end]:
                        u = np.int64(voxels[n, 0]) + 1
                        six = (
                            same[v, u - 1] | same[v, u + 1] << 1 | same[v - 1, u] << 2
                            | same[v + 1, u] << 3 | down[v, u] << 4 | up[v, u] << 5
                        )  # fmt: skip
                        twelve = (
                            same[v - 1, u - 1] | same[v - 1, u + 1] << 1
                            | same[v + 1, u - 1] << 2 | same[v + 1, u + 1] << 3
                            | down[v, u - 1] << 4 | down[v, u + 1] << 5
                            | down[v - 1, u] << 6 | down[v + 1, u] << 7
                            | up[v, u - 1] << 8 | up[v, u + 1] << 9
                            | up[v - 1, u] << 10 | up[v + 1, u] << 11
                        )  # fmt: skip
                        for odd_x in range(2):
                            x = 2 * u + odd_x
                            t = u + 2 * odd_x - 1
                            k = odd_x | odd_y << 1 | odd_z << 2
                            faces = here[y, x - 1] | here[y - 1, x] << 1 | last[y, x] << 2
                            edges = (
                                here[y - 1, x - 1] | here[y - 1, x + 1] << 1 | last[y, x - 1] << 2
                                | last[y, x + 1] << 3 | last[y - 1, x] << 4 | last[y + 1, x] << 5
                            )  # fmt: skip
                            rest = (
                                last[y - 1, x - 1] | last[y - 1, x + 1] << 1
                                | last[y + 1, x - 1] << 2 | last[y + 1, x + 1] << 3
                                | here[y, x - 2] << 4 | here[y - 2, x] << 5 | before[y, x] << 6
                            )  # fmt: skip
                            seven = (
                                same[v, t] | same[w, u] << 1 | beyond[v, u] << 2 | same[w, t] << 3
                                | beyond[v, t] << 4 | beyond[w, u] << 5 | beyond[w, t] << 6
                            )  # fmt: skip
                            at[0] = faces << 3 | k
                            at[1] = 64 + (faces | edges << 3)
                            at[2] = 576 + (faces | edges << 3 | rest << 9)
                            at[3] = 66112 + (six << 6 | faces << 3 | k)
                            at[4] = 70208 + (seven << 6 | faces << 3 | k)
                            at[5] = 78400 + (twelve << 3 | k)
                            bit, chance, value, size, next_byte = decide(
                                masks[n] >> k & 1, decoding, data, value, size, next_byte,
                                at, logit, of, 0, 0,
                                slots, weights, correction, squash, stretch, rate, kind,
                            )  # fmt: skip
                            if not decoding:
                                chances[done], bits[done] = chance, bit
                                done += 1
                            here[y, x] = bit
                            if decoding:
                                masks[n] |= bit << k
                row = end
    state[0], state[1], state[2], state[3] = value, size, next_byte, done
