"""The octree around a surface: every voxel that a triangle touches."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from nfcodec.data.meshes import Mesh
from nfcodec.errors import UsageError
from nfcodec.jit import inline, parallel
from nfcodec.layouts import OctreeLayout, morton
from nfcodec.layouts.corners import MAX_OCTREE_DEPTH

#: How much larger, in voxels, the boxes that are tested are: touching counts, rounding loses none.
_SLACK = 1e-7
_BATCH = 2**16


def octree_from_surface(mesh: Mesh, bounds: npt.NDArray[np.float64], depth: int) -> OctreeLayout:
    """All voxels of ``bounds``, divided ``2^depth`` times along each axis, that the mesh touches.

    Exact triangle-box overlap (Akenine-Moeller, 2001), coarse to fine for each triangle; a voxel
    whose closed box a triangle only just touches is taken. Parts of the mesh outside ``bounds``
    (2, 3) have no voxel. Raises UsageError if depth is not in 0..10 or no part is inside.
    """
    if not 0 <= depth <= MAX_OCTREE_DEPTH:
        raise UsageError(f"octree depth {depth}: expected 0 to {MAX_OCTREE_DEPTH}")
    box = np.asarray(bounds, np.float64)
    triangles = (mesh.triangles - box[0]) / (box[1] - box[0]) * 2.0**depth
    found = np.zeros(0, np.uint64)
    for start in range(0, len(triangles), _BATCH):
        part = triangles[start : start + _BATCH]
        offsets = np.zeros(len(part) + 1, np.int64)
        nothing = np.empty((0, 3), np.int32)
        np.cumsum(_touched(part, depth, offsets, nothing, False), out=offsets[1:])
        cells = np.empty((int(offsets[-1]), 3), np.int32)
        _touched(part, depth, offsets, cells, True)
        found = np.union1d(found, morton.encode(cells))
    if found.size == 0:
        raise UsageError(f"{mesh.source}: no part of the mesh lies inside the bounds")
    return OctreeLayout(depth, found)


@parallel
def _touched(triangles: Any, depth: int, offsets: Any, cells: Any, write: bool) -> Any:
    """(T,) how many voxels each triangle, in units of the finest voxels, touches.

    With ``write`` the voxels are put into ``cells``, (N, 3) x y z, from ``offsets`` on.
    """
    counts = np.zeros(triangles.shape[0], np.int64)
    for t in prange(triangles.shape[0]):
        tri = triangles[t]
        stack = np.empty((8 * 11, 4), np.int64)  # level below the finest, x, y, z
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = depth, 0, 0, 0
        top = 1
        count = 0
        while top > 0:
            top -= 1
            up, x, y, z = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            half = 0.5 * 2.0**up
            cx, cy, cz = (2 * x + 1) * half, (2 * y + 1) * half, (2 * z + 1) * half
            if not _overlap(tri, cx, cy, cz, half + _SLACK):
                continue
            if up == 0:
                if write:
                    row = offsets[t] + count
                    cells[row, 0], cells[row, 1], cells[row, 2] = x, y, z
                count += 1
                continue
            for child in range(8):
                stack[top, 0] = up - 1
                stack[top, 1] = 2 * x + (child & 1)
                stack[top, 2] = 2 * y + (child >> 1 & 1)
                stack[top, 3] = 2 * z + (child >> 2)
                top += 1
        counts[t] = count
    return counts


@inline
def _overlap(tri: Any, cx: float, cy: float, cz: float, half: float) -> bool:
    """Whether a triangle meets the cube ``center +- half``: the separating axis test."""
    ax, ay, az = tri[0, 0] - cx, tri[0, 1] - cy, tri[0, 2] - cz
    bx, by, bz = tri[1, 0] - cx, tri[1, 1] - cy, tri[1, 2] - cz
    dx, dy, dz = tri[2, 0] - cx, tri[2, 1] - cy, tri[2, 2] - cz
    if min(ax, bx, dx) > half or max(ax, bx, dx) < -half:
        return False
    if min(ay, by, dy) > half or max(ay, by, dy) < -half:
        return False
    if min(az, bz, dz) > half or max(az, bz, dz) < -half:
        return False
    ux, uy, uz = bx - ax, by - ay, bz - az
    vx, vy, vz = dx - bx, dy - by, dz - bz
    wx, wy, wz = ax - dx, ay - dy, az - dz
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    if abs(nx * ax + ny * ay + nz * az) > half * (abs(nx) + abs(ny) + abs(nz)):
        return False
    # The nine cross products of the cube's axes with the edges; the edge's own two ends project to
    # one value, so two corners are enough.
    for edge in range(3):
        if edge == 0:
            ex, ey, ez, px, py, pz, qx, qy, qz = ux, uy, uz, ax, ay, az, dx, dy, dz
        elif edge == 1:
            ex, ey, ez, px, py, pz, qx, qy, qz = vx, vy, vz, bx, by, bz, ax, ay, az
        else:
            ex, ey, ez, px, py, pz, qx, qy, qz = wx, wy, wz, dx, dy, dz, bx, by, bz
        p, q = py * ez - pz * ey, qy * ez - qz * ey
        r = half * (abs(ey) + abs(ez))
        if min(p, q) > r or max(p, q) < -r:
            return False
        p, q = pz * ex - px * ez, qz * ex - qx * ez
        r = half * (abs(ex) + abs(ez))
        if min(p, q) > r or max(p, q) < -r:
            return False
        p, q = px * ey - py * ex, qx * ey - qy * ex
        r = half * (abs(ex) + abs(ey))
        if min(p, q) > r or max(p, q) < -r:
            return False
    return True
