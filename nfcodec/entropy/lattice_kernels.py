"""The compiled loops of lattices that are predicted from coarser ones (``nfc-v1.md`` §8.4).

A lattice is an array [z, y, x] of int32. Its sites fall into eight classes by which of their
coordinates are odd, the odd axes. Sites of a class are predicted from classes with fewer odd axes,
so a class is predicted as a whole, then coded site by site.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.entropy.lattice_contexts import (
    CONTEXTS,
    KINDS,
    LENGTH,
    LOWER,
    MAX_BITS,
    MAX_VALUE,
    SECOND,
    SIGN,
    ZERO,
)
from nfcodec.entropy.mixing import Mixer
from nfcodec.entropy.mixing_kernels import decide, new_inputs
from nfcodec.entropy.range_coder import Coder
from nfcodec.jit import Array, inline, merged, serial

_OF_1 = CONTEXTS[0] * KINDS
_OF_2 = _OF_1 + CONTEXTS[1] * KINDS
_OF_3 = _OF_2 + CONTEXTS[2] * KINDS
_OF_4 = _OF_3 + CONTEXTS[3] * KINDS
_OF_5 = _OF_4 + CONTEXTS[4] * KINDS


@inline
def _taps(i: int, n: int) -> Any:
    """16 times the weights of places ``i`` - 3, - 1, + 1, + 3 of ``n`` in the prediction at ``i``.

    A place that is not there has a weight of 0.
    """
    if i + 1 >= n:
        return (-8, 24, 0, 0) if i >= 3 else (0, 16, 0, 0)
    return (-1, 9, 9, -1) if i >= 3 and i + 3 < n else (0, 8, 8, 0)


@inline
def _offsets(taps: Any, stride: int) -> Any:
    """Where the places of ``taps`` lie from the site; those of no weight where one is there."""
    first = -3 * stride if taps[0] else -stride
    last = 3 * stride if taps[3] else -stride
    return first, -stride, (stride if taps[2] else -stride), last


@inline
def _sum(v: Array, at: int, taps: Any, offsets: Any) -> Any:
    """16 times the prediction along one axis."""
    return (
        taps[0] * np.int64(v[at + offsets[0]])
        + taps[1] * np.int64(v[at + offsets[1]])
        + taps[2] * np.int64(v[at + offsets[2]])
        + taps[3] * np.int64(v[at + offsets[3]])
    )


@inline
def _held(value: int) -> int:
    """``value``, or the nearest one that a lattice may hold."""
    return min(max(value, -MAX_VALUE), MAX_VALUE)


@serial
def spread(coarse: Array, fine: Array) -> None:
    """Put the values of ``coarse`` at the sites of ``fine`` without odd coordinates."""
    for z in range(coarse.shape[0]):
        for y in range(coarse.shape[1]):
            for x in range(coarse.shape[2]):
                fine[2 * z, 2 * y, 2 * x] = coarse[z, y, x]


@serial
def predict(fine: Array, odd_z: int, odd_y: int, odd_x: int) -> None:
    """Predict the sites of a class that has odd axes, from classes that have fewer of them."""
    nz, ny, nx = fine.shape
    plane = nx * ny
    v = fine.reshape(-1)
    odd = odd_z + odd_y + odd_x
    middle = (-1, 9, 9, -1)
    steps = _offsets(middle, 1)
    for z in range(odd_z, nz, 2):
        of_z = _taps(z, nz)
        by_z = _offsets(of_z, plane)
        for y in range(odd_y, ny, 2):
            of_y = _taps(y, ny)
            by_y = _offsets(of_y, nx)
            row = z * plane + y * nx
            for x in range(odd_x, nx, 2):
                total = np.int64(8 * odd)  # which rounds
                if odd_x:
                    if 3 <= x < nx - 3:
                        total += _sum(v, row + x, middle, steps)
                    else:
                        of_x = _taps(x, nx)
                        total += _sum(v, row + x, of_x, _offsets(of_x, 1))
                if odd_y:
                    total += _sum(v, row + x, of_y, by_y)
                if odd_z:
                    total += _sum(v, row + x, of_z, by_z)
                v[row + x] = _held(total // 48 if odd == 3 else total >> (3 + odd))


@serial
def near(fine: Array, odd_z: int, odd_y: int, odd_x: int, reach: int) -> int:
    """How many sites of a class have a value of at most ``reach`` in size."""
    found = 0
    for z in range(odd_z, fine.shape[0], 2):
        for y in range(odd_y, fine.shape[1], 2):
            for x in range(odd_x, fine.shape[2], 2):
                if abs(fine[z, y, x]) <= reach:
                    found += 1
    return found


@serial
def add(fine: Array, steps: Array, odd_z: int, odd_y: int, odd_x: int, step: int) -> None:
    """Add ``steps`` times ``step`` to the predictions of a class in ``fine``."""
    for z in range(odd_z, fine.shape[0], 2):
        for y in range(odd_y, fine.shape[1], 2):
            for x in range(odd_x, fine.shape[2], 2):
                fine[z, y, x] = _held(np.int64(fine[z, y, x]) + np.int64(steps[z, y, x]) * step)


@inline
def _grade(count: int) -> int:
    """0, 1, 2, 3 to 4, 5 to 8, 9 to 16, more: as 0 to 6."""
    if count <= 2:
        return count
    if count <= 4:
        return 3
    if count <= 8:
        return 4
    return 5 if count <= 16 else 6


@inline
def _grade_of(size: int, step: int) -> int:
    """The length in bits of ``size`` in eighths of steps, at most 8."""
    eighths = 8 * size // step
    bits = 0
    while eighths > 0 and bits < 8:
        eighths >>= 1
        bits += 1
    return bits


@inline
def _cut(value: int, most: int) -> int:
    """``value`` within ``-most`` and ``most``, made an index from 0."""
    return min(max(value, -most), most) + most


@merged
def _decide(
    bit: int, coder: Coder, mixer: Mixer, inputs: Any, first: Array, weight_set: int, kind: int
) -> Any:
    """A decision of a ``kind`` in the contexts of which ``first`` is the slot of kind 0."""
    for i in range(6):
        inputs.slot[i] = first[i] + kind
    return decide(bit, coder, mixer, inputs, weight_set, kind)


@serial
def code(
    coder: Coder, mixer: Mixer, fine: Array, steps: Array, odd_z: int, odd_y: int, odd_x: int,
    step: int, reach: int,
) -> int:  # fmt: skip
    """Code the sites of a class whose predictions are in ``fine`` and at most ``reach`` in size.

    How many of them differ from their predictions.

    ``steps``: by how many times ``step`` values differ from their predictions: what is written, or
    found. ``fine`` then holds the values.
    """
    nz, ny, nx = fine.shape
    plane = nx * ny
    v, q = fine.reshape(-1), steps.reshape(-1)
    odd = odd_z + odd_y + odd_x
    inputs = new_inputs()
    first = np.zeros(6, np.uint32)
    count = 0
    for z in range(odd_z, nz, 2):
        for y in range(odd_y, ny, 2):
            row = z * plane + y * nx
            for x in range(odd_x, nx, 2):
                i = row + x
                p = np.int64(v[i])
                if abs(p) > reach:
                    continue
                least, most = np.int64(1) << 40, -(np.int64(1) << 40)
                bend = np.int64(0)
                bent = np.int64(0)
                around = np.int64(0)
                signed = np.int64(0)
                for axis in range(3):
                    if axis == 0 and odd_x:
                        place, side, stride = x, nx, 1
                    elif axis == 1 and odd_y:
                        place, side, stride = y, ny, nx
                    elif axis == 2 and odd_z:
                        place, side, stride = z, nz, plane
                    else:
                        continue
                    taps = _taps(place, side)
                    alone = _sum(v, i, taps, _offsets(taps, stride))
                    curve = np.int64(0)
                    if taps[0] == -1:  # the cubic differs from the mean of the two neighbors
                        curve = alone - 8 * (np.int64(v[i - stride]) + np.int64(v[i + stride]))
                    least, most = min(least, alone), max(most, alone)
                    bend += abs(curve)
                    bent += curve
                    around += abs(q[i - stride])
                    signed += q[i - stride]
                    if place + 1 < side:
                        around += abs(q[i + stride])
                        signed += q[i + stride]
                qx = np.int64(q[i - 2]) if x >= 2 else np.int64(0)
                qy = np.int64(q[i - 2 * nx]) if y >= 2 else np.int64(0)
                qz = np.int64(q[i - 2 * plane]) if z >= 2 else np.int64(0)
                same = _grade(abs(qx) + abs(qy) + abs(qz))
                if odd == 0:
                    least = most
                else:
                    around = (2 * around + odd - 1) // odd
                    bend //= odd
                above = 1 if p > 0 else (2 if p < 0 else 0)
                turn = 1 if bent > 0 else (2 if bent < 0 else 0)
                flat = _grade_of(bend >> 2, step)
                apart = _grade_of((most - least) >> 3, step)
                far = 6 * abs(p) // (reach + 1)
                first[0] = ((odd * 7 + _grade(around)) * 7 + same) * KINDS
                first[1] = _OF_1 + ((flat * 4 + odd) * 3 + turn) * KINDS
                first[2] = _OF_2 + (apart * 6 + far) * KINDS
                first[3] = _OF_3 + ((_cut(qx, 2) * 5 + _cut(qy, 2)) * 3 + above) * KINDS
                first[4] = _OF_4 + ((_cut(qz, 2) * 9 + flat) * 3 + turn) * KINDS
                first[5] = _OF_5 + ((_cut(signed, 3) * 7 + _cut(qx + qy + qz, 3)) * 4 + odd) * KINDS
                value = np.int64(q[i])
                size = abs(value)
                if not _decide(size > 0, coder, mixer, inputs, first, 0, ZERO):
                    q[i] = 0
                    continue
                negative = _decide(value < 0, coder, mixer, inputs, first, 1, SIGN)
                bits = 0
                while bits < MAX_BITS:
                    longer = size >> (bits + 1) > 0
                    kind = LENGTH + bits
                    if not _decide(longer, coder, mixer, inputs, first, 2 + (bits > 0), kind):
                        break
                    bits += 1
                found = np.int64(1)
                for k in range(bits):
                    bit = size >> (bits - 1 - k) & 1
                    kind = SECOND + bits if k == 0 else LOWER
                    found = 2 * found + _decide(bit, coder, mixer, inputs, first, 3, kind)
                q[i] = -found if negative else found
                v[i] = _held(p + np.int64(q[i]) * step)
                count += 1
    return count
