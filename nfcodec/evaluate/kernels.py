"""CPU kernels that mix the vectors around points, compiled by Numba at first use.

A lookup is two steps. *Locating* turns points into corner rows and positions within the cell and
depends on the layout (:mod:`nfcodec.evaluate.layouts`); *gathering* mixes rows and depends on how
rows are stored. Each kernel has a twin in plain tensor operations, used on other devices and as the
reference in tests.

Shapes: P points, D dimensions, C = 2^D corners, N rows, F features. Corner c has offset
(c & 1, c >> 1 & 1, c >> 2) along x, y, z. A row of -1 is a corner that does not exist.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, prange

from nfcodec.jit import Array, inline, parallel


@inline
def _corner_weights(frac: Array, p: int, weights: Array) -> None:
    """Fill ``weights`` (8,) with the 2^D interpolation weights of point ``p``."""
    weights[0] = np.float32(1.0)
    for d in range(frac.shape[1]):
        f = frac[p, d]
        half = 1 << d
        for c in range(half):
            weights[c + half] = weights[c] * f
            weights[c] *= np.float32(1.0) - f


@parallel
def gather_float32(rows: Array, frac: Array, values: Array, out: Array) -> None:
    """Add to ``out`` (P, F) the interpolation of ``values`` (N, F) float32."""
    corners, width = rows.shape[1], values.shape[1]
    for p in prange(rows.shape[0]):
        weights = np.empty(8, np.float32)
        _corner_weights(frac, p, weights)
        for c in range(corners):
            r = rows[p, c]
            if r >= 0:
                w = weights[c]
                for f in range(width):
                    out[p, f] += w * values[r, f]


@inline
def _half_to_float(h: Any) -> Any:
    # Shift exponent and mantissa into place, then mend the exponent's bias by a multiplication,
    # which also makes subnormals right. Infinities and NaN do not occur in checked fields.
    bits = (np.uint32(h) & np.uint32(0x7FFF)) << np.uint32(13)
    bits |= (np.uint32(h) & np.uint32(0x8000)) << np.uint32(16)
    return np.uint32(bits).view(np.float32) * np.float32(5.192296858534828e33)


@parallel
def gather_float16(rows: Array, frac: Array, values: Array, out: Array) -> None:
    """As :func:`gather_float32` with ``values`` (N, F) float16 seen as uint16."""
    corners, width = rows.shape[1], values.shape[1]
    for p in prange(rows.shape[0]):
        weights = np.empty(8, np.float32)
        _corner_weights(frac, p, weights)
        for c in range(corners):
            r = rows[p, c]
            if r >= 0:
                w = weights[c]
                for f in range(width):
                    out[p, f] += w * _half_to_float(values[r, f])


@parallel
def gather_packed(
    rows: Array, frac: Array, words: Array, bits: int, codebook: Array, out: Array
) -> None:
    """As :func:`gather_float32` where row r is ``codebook[index r]``.

    ``words``: uint32, the packed indices of ``bits`` bits followed by one spare word.
    ``codebook``: (K, F) float32.
    """
    corners, width = rows.shape[1], codebook.shape[1]
    mask = np.uint64((1 << bits) - 1)
    for p in prange(rows.shape[0]):
        weights = np.empty(8, np.float32)
        _corner_weights(frac, p, weights)
        for c in range(corners):
            r = rows[p, c]
            if r >= 0:
                w = weights[c]
                at = np.int64(r) * bits
                both = np.uint64(words[at >> 5]) | (
                    np.uint64(words[(at >> 5) + 1]) << np.uint64(32)
                )
                k = np.int64((both >> np.uint64(at & 31)) & mask)
                for f in range(width):
                    out[p, f] += w * codebook[k, f]


@parallel
def scatter(rows: Array, frac: Array, grad: Array, parts: int, out: Array) -> None:
    """The adjoint of :func:`gather_float32`: add weights times ``grad`` (P, F) to ``out`` (N, F).

    Each of ``parts`` workers owns a range of rows, so that the sums do not depend on timing.
    """
    corners, width = rows.shape[1], grad.shape[1]
    size = out.shape[0]
    for part in prange(parts):
        weights = np.empty(8, np.float32)
        low = size * part // parts
        high = size * (part + 1) // parts
        for p in range(rows.shape[0]):
            _corner_weights(frac, p, weights)
            for c in range(corners):
                r = rows[p, c]
                if low <= r < high:
                    w = weights[c]
                    for f in range(width):
                        out[r, f] += w * grad[p, f]


@parallel
def gather_position_grad(rows: Array, frac: Array, values: Array, grad: Array, out: Array) -> None:
    """Derivative of the interpolation by the position in lattice units.

    ``values``: (N, F) float32, ``grad``: (P, F); adds to ``out`` (P, D).
    """
    corners, dims, width = rows.shape[1], frac.shape[1], values.shape[1]
    for p in prange(rows.shape[0]):
        for c in range(corners):
            r = rows[p, c]
            if r >= 0:
                dot = np.float32(0.0)
                for f in range(width):
                    dot += grad[p, f] * values[r, f]
                for d in range(dims):
                    w = np.float32(1.0) if (c >> d) & 1 else np.float32(-1.0)
                    for e in range(dims):
                        if e != d:
                            w *= frac[p, e] if (c >> e) & 1 else np.float32(1.0) - frac[p, e]
                    out[p, d] += w * dot


def num_parts() -> int:
    """Workers for :func:`scatter`."""
    return int(get_num_threads())
