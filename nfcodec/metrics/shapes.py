"""Shape metrics for signed distance fields. Sampling the points is the caller's part."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nfcodec.errors import UsageError

Floats = npt.NDArray[np.float64]


def giou(reference: npt.ArrayLike, test: npt.ArrayLike) -> float:
    """Volumetric intersection over union of two solids, from signed distances at the same points.

    (P,) each, negative inside; the points evenly spread over the bounds. What NGLOD (Takikawa et
    al. 2021) and VQ-AD call gIoU. NaN if both solids are empty: there is nothing to overlap.
    """
    a, b = np.asarray(reference), np.asarray(test)
    if a.shape != b.shape or a.size == 0:
        raise UsageError(f"cannot compare distances of shapes {a.shape} and {b.shape}")
    inside_a, inside_b = a < 0, b < 0
    union = np.count_nonzero(inside_a | inside_b)
    return np.count_nonzero(inside_a & inside_b) / union if union else math.nan


def chamfer(reference: npt.ArrayLike, test: npt.ArrayLike, scale: float = 1.0) -> float:
    """Chamfer-L1 distance of two surfaces from points (P, 3) and (Q, 3) spread evenly over them.

    ``(mean_a min_b |a - b| + mean_b min_a |a - b|) / 2 / scale``: the points' own units divided by
    ``scale``. With half the longest side of the bounds as ``scale`` it is in units of the cube
    [-1, 1]^3, which is what ``nfcodec compare`` reports. Between samples of one surface it is not
    zero but about half the spacing of the points. Infinite if one surface has no points.
    """
    from scipy.spatial import cKDTree

    a, b = _vectors(reference), _vectors(test)
    if not scale > 0:
        raise UsageError(f"scale {scale}: expected a positive number")
    if len(a) == 0 or len(b) == 0:
        return float("inf")
    there, _ = cKDTree(b).query(a)
    back, _ = cKDTree(a).query(b)
    return float((there.mean() + back.mean()) / 2 / scale)


def normal_error_deg(reference: npt.ArrayLike, test: npt.ArrayLike) -> float:
    """Mean angle in degrees, 0 to 180, between normals (P, 3) at the same points.

    They need not be of unit length. A normal of no length has no direction: it counts as 90.
    """
    a, b = _vectors(reference), _vectors(test)
    if len(a) != len(b) or len(a) == 0:
        raise UsageError(f"cannot compare {len(a)} normals with {len(b)}")
    sine = np.linalg.norm(np.cross(a, b), axis=1)
    cosine = np.einsum("pd,pd->p", a, b)
    # arctan2 is exact for small angles, where arccos is not
    angle = np.where((sine == 0) & (cosine == 0), np.pi / 2, np.arctan2(sine, cosine))
    return float(np.degrees(angle.mean()))


def _vectors(values: npt.ArrayLike) -> Floats:
    vectors = np.asarray(values, np.float64)
    if vectors.ndim != 2 or vectors.shape[1] != 3:
        raise UsageError(f"expected vectors of shape (P, 3), got {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise UsageError("the vectors hold NaN or infinity")
    return vectors
