"""The compiled inner loops of decoding; :mod:`nfcodec.entropy.compiled` says what they are given.

Whatever the words hold, every index stays inside its array: keys and symbols come from tables, and
a search among a table's symbols takes no more steps than their number has bits.
"""

from __future__ import annotations

import numpy as np

from nfcodec.jit import Array, inline, serial

_Q = np.uint64((1 << 24) - 1)
_PRECISION, _WORD, _BUCKET = np.uint64(24), np.uint64(32), np.uint64(16)
_REFILL = np.uint64(1 << 32)


@inline
def _symbol(
    words: Array, state: int, at: int, cum: Array, bucket: Array, key: int
) -> tuple[int, int, int]:
    """The next state, the next word to read, and the symbol."""
    q = state & _Q
    part = np.int64(q >> _BUCKET)
    low, high = np.int64(bucket[key, part]), np.int64(bucket[key, part + 1])
    while low < high:  # the last symbol whose cum is not above q
        middle = (low + high + 1) >> 1
        if cum[key, middle] <= q:
            low = middle
        else:
            high = middle - 1
    start = np.uint64(cum[key, low])
    state = (np.uint64(cum[key, low + 1]) - start) * (state >> _PRECISION) + (q - start)
    if state < _REFILL and at < words.size:
        state = state << _WORD | np.uint64(words[at])
        at += 1
    return state, at, low


@serial
def groups(words: Array, coder: Array, keys: Array, cum: Array, bucket: Array) -> Array:
    """The symbols (n,) uint16 of sites with these ``keys``, read key by key."""
    first = np.zeros(len(bucket) + 1, np.int64)
    for i in range(keys.size):
        first[keys[i] + 1] += 1
    for k in range(len(bucket)):
        first[k + 1] += first[k]
    order = np.empty(keys.size, np.int32)
    for i in range(keys.size):
        order[first[keys[i]]] = i
        first[keys[i]] += 1
    found = np.empty(keys.size, np.uint16)
    state, at = coder[0], np.int64(coder[1])
    for j in order:
        state, at, symbol = _symbol(words, state, at, cum, bucket, keys[j])
        found[j] = symbol
    coder[0], coder[1] = state, np.uint64(at)
    return found


@serial
def classes(
    words: Array, coder: Array, cum: Array, bucket: Array,
    sites: Array, shape: Array, places: Array, terms: Array, cluster_of: Array,
    coarse: Array, coarse_places: Array, coarse_z: Array, coarse_y: Array, coarse_x: Array,
) -> Array:  # fmt: skip
    """The classes (N,) uint8 of the ``sites``, read in eight passes (``nfc-v1.md`` §8).

    ``shape``: (3,) of the lattice. ``places``: (256,) packed, by class plus 1, 0 where there is no
    symbol; ``coarse_places`` likewise. ``terms``: (3, 2048), whose sum is the context.
    ``coarse``: the coarser level's lattice, flat, classes plus 1; ``coarse_z[z] + coarse_y[y] +
    coarse_x[x]`` is the element to look at. All are empty if there is no coarser level.
    """
    nz, ny, nx = shape
    count = sites.size
    # Pass by pass: the sites, along which axes they have a next one (bits 3..5), what is around.
    flags = np.empty(count, np.uint8)
    above = np.zeros(count, np.uint32)
    place = np.zeros(8, np.int64)
    y = z = row = np.int64(0)
    for i in range(count):
        while sites[i] >= row + nx:
            row += nx
            y += 1
            if y == ny:
                y = 0
                z += 1
        x = sites[i] - row
        flags[i] = (
            (x & 1) | (y & 1) << 1 | (z & 1) << 2
            | (x + 1 < nx) << 3 | (y + 1 < ny) << 4 | (z + 1 < nz) << 5
        )  # fmt: skip
        place[flags[i] & 7] += 1
        if coarse.size:
            above[i] = coarse_places[coarse[coarse_z[z] + coarse_y[y] + coarse_x[x]]]
    ends = np.cumsum(place)
    place = ends - place
    rows = np.empty(count, np.int32)
    at_site = np.empty(count, np.int32)
    for i in range(count):
        p = flags[i] & 7
        rows[place[p]] = i
        at_site[place[p]] = sites[i]
        place[p] += 1

    volume = np.zeros(nz * ny * nx, np.uint8)
    found = np.empty(count, np.uint8)
    keys = np.empty(count, np.uint8)
    order = np.empty(count, np.int32)
    state, at = coder[0], np.int64(coder[1])
    begin = np.int64(0)
    for p in range(8):
        first = np.zeros(257, np.int64)
        for j in range(begin, ends[p]):
            site, flag, total = at_site[j], flags[rows[j]], above[rows[j]]
            if p & 1:
                total += places[volume[site - 1]]
                if flag & 8:
                    total += places[volume[site + 1]]
            if p & 2:
                total += places[volume[site - nx]]
                if flag & 16:
                    total += places[volume[site + nx]]
            if p & 4:
                total += places[volume[site - nx * ny]]
                if flag & 32:
                    total += places[volume[site + nx * ny]]
            number = total >> np.uint32(24) << np.uint32(8)
            context = np.int64(terms[0, total & np.uint32(255) | number])
            context += terms[1, total >> np.uint32(8) & np.uint32(255) | number]
            context += terms[2, total >> np.uint32(16) & np.uint32(255) | number]
            keys[j] = cluster_of[context]
            first[keys[j] + 1] += 1
        first[0] = begin
        for k in range(256):
            first[k + 1] += first[k]
        for j in range(begin, ends[p]):
            order[first[keys[j]]] = j
            first[keys[j]] += 1
        for j in order[begin : ends[p]]:
            state, at, symbol = _symbol(words, state, at, cum, bucket, keys[j])
            found[rows[j]] = symbol
            volume[at_site[j]] = symbol + 1
        begin = ends[p]
    coder[0], coder[1] = state, np.uint64(at)
    return found
