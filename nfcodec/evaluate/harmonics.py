"""Real spherical harmonics of a direction, for NumPy arrays and tensors alike."""

from __future__ import annotations

from typing import Any


def spherical_harmonics(x: Any, y: Any, z: Any, degree: int) -> list[Any]:
    """The ``degree^2`` harmonics of unit vectors, order and scale as in tiny-cuda-nn.

    ``x``, ``y``, ``z``: arrays of one shape; ``degree`` 1..4.
    """
    out = [x * 0 + 0.28209479177387814]
    if degree > 1:
        out += [-0.48860251190291987 * y, 0.48860251190291987 * z, -0.48860251190291987 * x]
    if degree > 2:
        out += [
            1.0925484305920792 * x * y,
            -1.0925484305920792 * y * z,
            0.94617469575755997 * z * z - 0.31539156525251999,
            -1.0925484305920792 * x * z,
            0.54627421529603959 * (x * x - y * y),
        ]
    if degree > 3:
        out += [
            0.59004358992664352 * y * (y * y - 3.0 * x * x),
            2.8906114426405538 * x * y * z,
            0.45704579946446572 * y * (1.0 - 5.0 * z * z),
            0.3731763325901154 * z * (5.0 * z * z - 3.0),
            0.45704579946446572 * x * (1.0 - 5.0 * z * z),
            1.4453057213202769 * z * (x * x - y * y),
            0.59004358992664352 * x * (3.0 * y * y - x * x),
        ]
    return out
