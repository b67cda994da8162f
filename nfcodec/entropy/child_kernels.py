"""The compiled loop of coding which children voxels have (``nfc-v1.md`` §8.3).

Children are gone through in raster order at their own depth. Three planes of voxels and three of
children are held, with zeros around them; a plane is cleared where it was written.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nfcodec.entropy.mixing import Mixer
from nfcodec.entropy.mixing_kernels import decide, new_inputs
from nfcodec.entropy.neighbor_kernels import sorted_by
from nfcodec.entropy.range_coder import Coder
from nfcodec.jit import Array, inline, merged, serial

# Where the slots of each input begin. A context has these bits: 3 say which child it is,
# 3 which children are there across its faces, 6 across edges, 7 further off; 6 which voxels are
# there across the faces of the parent, 12 across its edges, 7 on the child's side.
FACES_EDGES = 1 << (3 + 3)
FACES_EDGES_REST = FACES_EDGES + (1 << (3 + 6))
PARENT_FACES = FACES_EDGES_REST + (1 << (3 + 6 + 7))
PARENT_SIDE = PARENT_FACES + (1 << (3 + 3 + 6))
PARENT_EDGES = PARENT_SIDE + (1 << (3 + 3 + 7))
SLOTS = PARENT_EDGES + (1 << (3 + 12))


@merged
def _faces(here: Array, last: Array, y: int, x: int) -> Any:
    """Which of the three children before (x, y) along an axis are there."""
    return here[y, x - 1] | here[y - 1, x] << 1 | last[y, x] << 2


@merged
def _edges(here: Array, last: Array, y: int, x: int) -> Any:
    """Which of the six children before (x, y) along two axes are there."""
    return (
        here[y - 1, x - 1] | here[y - 1, x + 1] << 1 | last[y, x - 1] << 2
        | last[y, x + 1] << 3 | last[y - 1, x] << 4 | last[y + 1, x] << 5
    )  # fmt: skip


@merged
def _rest(here: Array, last: Array, before: Array, y: int, x: int) -> Any:
    """Which of the four before (x, y) along three axes, and of the three two steps away."""
    return (
        last[y - 1, x - 1] | last[y - 1, x + 1] << 1
        | last[y + 1, x - 1] << 2 | last[y + 1, x + 1] << 3
        | here[y, x - 2] << 4 | here[y - 2, x] << 5 | before[y, x] << 6
    )  # fmt: skip


@merged
def _parent_faces(same: Array, down: Array, up: Array, y: int, x: int) -> Any:
    """Which of the six voxels across the parent's faces are there."""
    return (
        same[y, x - 1] | same[y, x + 1] << 1 | same[y - 1, x] << 2
        | same[y + 1, x] << 3 | down[y, x] << 4 | up[y, x] << 5
    )  # fmt: skip


@merged
def _parent_edges(same: Array, down: Array, up: Array, y: int, x: int) -> Any:
    """Which of the twelve voxels across the parent's edges are there."""
    return (
        same[y - 1, x - 1] | same[y - 1, x + 1] << 1
        | same[y + 1, x - 1] << 2 | same[y + 1, x + 1] << 3
        | down[y, x - 1] << 4 | down[y, x + 1] << 5
        | down[y - 1, x] << 6 | down[y + 1, x] << 7
        | up[y, x - 1] << 8 | up[y, x + 1] << 9
        | up[y - 1, x] << 10 | up[y + 1, x] << 11
    )  # fmt: skip


@merged
def _parent_side(same: Array, beyond: Array, y: int, x: int, near_y: int, near_x: int) -> Any:
    """Which of the seven voxels around the parent on the child's side are there."""
    return (
        same[y, near_x] | same[near_y, x] << 1 | beyond[y, x] << 2 | same[near_y, near_x] << 3
        | beyond[y, near_x] << 4 | beyond[near_y, x] << 5 | beyond[near_y, near_x] << 6
    )  # fmt: skip


@inline
def _put(planes: Array, plane: int, voxels: Array, order: Array, starts: Array, value: int) -> None:
    """Write ``value`` where ``plane`` has voxels."""
    for n in order[starts[plane] : starts[plane + 1]]:
        planes[plane % 3, voxels[n, 1] + 1, voxels[n, 0] + 1] = value


@inline
def _clear(planes: Array, plane: int, voxels: Array, order: Array, starts: Array) -> None:
    """Clear a ``plane`` of children where there may be some."""
    parents = plane >> 1
    for n in order[starts[parents] : starts[parents + 1]]:
        y, x = 2 * voxels[n, 1] + 2, 2 * voxels[n, 0] + 2
        planes[plane % 3, y : y + 2, x : x + 2] = 0


@serial
def children(coder: Coder, mixer: Mixer, masks: Array, voxels: Array, extent: Array) -> None:
    """Code which children voxels have: ``masks`` (M,) uint8, bit k for child k.

    ``voxels``: (M, 3) x y z, all below ``extent`` (3,). Those of one row along x come in the order
    of x.
    """
    width, height, side = extent
    by_y, _ = sorted_by(voxels[:, 1], height, np.arange(voxels.shape[0]).astype(np.int32))
    order, starts = sorted_by(voxels[:, 2], side, by_y)
    coarse = np.zeros((3, height + 2, width + 2), np.uint8)
    fine = np.zeros((3, 2 * height + 3, 2 * width + 3), np.uint8)
    inputs = new_inputs()
    at = inputs.slot
    _put(coarse, 0, voxels, order, starts, 1)
    for z in range(side):
        if z >= 2:
            _put(coarse, z - 2, voxels, order, starts, 0)
        if z + 1 < side:
            _put(coarse, z + 1, voxels, order, starts, 1)
        same, down, up = coarse[z % 3], coarse[(z + 2) % 3], coarse[(z + 1) % 3]
        for odd_z in range(2):
            plane = 2 * z + odd_z
            if plane >= 3:
                _clear(fine, plane - 3, voxels, order, starts)
            here, last, before = fine[plane % 3], fine[(plane + 2) % 3], fine[(plane + 1) % 3]
            beyond = up if odd_z else down
            row = starts[z]
            while row < starts[z + 1]:
                end = row + 1
                while end < starts[z + 1] and voxels[order[end], 1] == voxels[order[row], 1]:
                    end += 1
                v = np.int64(voxels[order[row], 1]) + 1
                for odd_y in range(2):
                    y = 2 * v + odd_y
                    for n in order[row:end]:
                        u = np.int64(voxels[n, 0]) + 1
                        six = _parent_faces(same, down, up, v, u)
                        twelve = _parent_edges(same, down, up, v, u)
                        for odd_x in range(2):
                            x = 2 * u + odd_x
                            k = odd_x | odd_y << 1 | odd_z << 2
                            seven = _parent_side(
                                same, beyond, v, u, v + 2 * odd_y - 1, u + 2 * odd_x - 1
                            )
                            faces = _faces(here, last, y, x)
                            edges = _edges(here, last, y, x)
                            rest = _rest(here, last, before, y, x)
                            at[0] = faces << 3 | k
                            at[1] = FACES_EDGES + (faces | edges << 3)
                            at[2] = FACES_EDGES_REST + (faces | edges << 3 | rest << 9)
                            at[3] = PARENT_FACES + (six << 6 | faces << 3 | k)
                            at[4] = PARENT_SIDE + (seven << 6 | faces << 3 | k)
                            at[5] = PARENT_EDGES + (twelve << 3 | k)
                            bit = decide(masks[n] >> k & 1, coder, mixer, inputs, 0, 0)
                            here[y, x] = bit
                            if coder.decoding:
                                masks[n] |= bit << k
                row = end
