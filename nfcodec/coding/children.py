"""Which children voxels have, as symbols beside what is known around them (``nfc-v1.md`` §5, §11).

With static odds children come in eight passes, child 0 of all voxels first. A child's context is
what a decoder already knows around it: the voxels that share a face with the child's own, on the
child's side, and the children beside it that were decoded in earlier passes. With mixed counts the
children come one by one (:mod:`nfcodec.entropy.mixing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nfcodec.entropy import grouping, mixing
from nfcodec.layouts import OctreeLayout, morton, octree

#: Slots of all contexts that mixed counts look at.
MIXED_SLOTS = 111168

CONTEXTS = 80
_FIRST_CONTEXT = (0, 4, 22, 52)  # by the number of axes on which the child is the upper one
#: Neighbors are found through a lattice of up to this many sites to a voxel, else by search.
_FILLED = 8

Voxels = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint8]


class Reader(Protocol):
    """Reads, depth by depth, which children voxels have."""

    def read(self, voxels: Voxels, depth: int) -> Masks:
        """The masks (M,) of the children of the ``voxels`` (M,) of ``depth``."""

    def finish(self) -> None:
        """DamagedFileError unless all that was coded has been read."""


class PlainReader:
    """In eight passes, each under the model of its context."""

    def __init__(self, decoder: grouping.Decoder, models: grouping.Models) -> None:
        self._decoder, self._models = decoder, models

    def read(self, voxels: Voxels, depth: int) -> Masks:
        walk = Children(voxels, depth)
        for k in range(8):
            walk.bits[k, :-1] = grouping.decode(self._decoder, walk.contexts(k), self._models)
        masks: Masks = np.packbits(walk.bits[:, :-1], axis=0, bitorder="little")[0]
        return masks

    def finish(self) -> None:
        self._decoder.finish()


class MixedReader:
    """By mixed counts."""

    def __init__(self, decoder: mixing.Decoder, count: Callable[[int], None]) -> None:
        """``count`` is told what each depth takes beside its symbols."""
        self._decoder, self._count = decoder, count
        self._model = mixing.Model.new(MIXED_SLOTS, sets=1, decisions=1)

    def read(self, voxels: Voxels, depth: int) -> Masks:
        self._count(planes_work(voxels))
        masks = np.zeros(voxels.size, np.uint8)
        code(self._decoder, self._model, voxels, masks)
        return masks

    def finish(self) -> None:
        self._decoder.finish()


def code(coder: mixing.Coder, model: mixing.Model, voxels: Voxels, masks: Masks) -> None:
    """Code the ``masks`` (M,) of the children of the ``voxels`` (M,), or fill them."""
    from nfcodec.entropy import mixing_kernels

    if not voxels.size:
        return
    xyz = morton.decode(voxels).astype(np.uint16)
    first, last = mixing.arguments(coder, model)
    mixing_kernels.children(*first, masks, xyz, _extent(voxels), *last)


def planes_work(voxels: Voxels) -> int:
    """What it takes to lay out the planes that mixed counts look back at, from x = y = 0 on."""
    x, y, _ = _extent(voxels).tolist()
    return int(x * y) // 2


def _extent(voxels: Voxels) -> npt.NDArray[np.int64]:
    """(3,) one more than the greatest x, y and z."""
    if not voxels.size:
        return np.zeros(3, np.int64)
    most: npt.NDArray[np.int64] = morton.decode(voxels).max(0).astype(np.int64) + 1
    return most


def passes(start: OctreeLayout, layout: OctreeLayout) -> Iterator[tuple[Keys, Bits]]:
    """(contexts, bits) of all passes from ``start`` to ``layout``, a level of the same tree."""
    parents = start.voxels
    for depth in range(start.depth, layout.depth):
        children = octree.coarsen(layout, depth + 1).voxels
        masks = octree.child_masks(parents, children)
        walk = Children(parents, depth)
        for k in range(8):
            keys = walk.contexts(k)
            walk.bits[k, :-1] = masks >> k & 1
            yield keys, walk.bits[k, :-1]
        parents = children


class Children:
    """The children of the voxels (M,) of one ``depth`` while they become known.

    ``bits``: (8, M + 1) uint8, whether child k is there; the last column stands for voxels that
    are not there and stays zero.
    """

    def __init__(self, voxels: Voxels, depth: int) -> None:
        self.bits: Bits = np.zeros((8, voxels.size + 1), np.uint8)
        self._lower, self._upper = _neighbors(voxels, depth)
        self._count = voxels.size

    def contexts(self, k: int) -> Keys:
        """The context (M,) of each voxel's child ``k``, given children 0..k-1 of all voxels."""
        beside = above = below = np.zeros(self._count, np.uint8)
        axes = 0
        for axis in range(3):
            if k >> axis & 1:
                axes += 1
                earlier = self.bits[k ^ 1 << axis]
                rows = self._upper[axis]
                above = above + (rows < self._count)
                beside = beside + earlier[:-1] + earlier[rows]
            else:
                below = below + (self._lower[axis] < self._count)
        keys: Keys = (above * np.uint8(4 - axes) + below) * np.uint8(2 * axes + 1) + beside
        keys += np.uint8(_FIRST_CONTEXT[axes])
        return keys


def _neighbors(
    voxels: Voxels, depth: int
) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]]:
    """Rows of the voxels one step down and up along x, y, z; M where there is none."""
    count, side = voxels.size, 2**depth + 2  # a border of places without voxels
    steps = [1, side, side * side]
    sites = (morton.decode(voxels).astype(np.int64) + 1) @ np.array(steps)
    if side**3 <= _FILLED * count:
        lattice = np.full(side**3, count, np.int32)
        lattice[sites] = np.arange(count)
        lower, upper = ([lattice[sites + s * step] for step in steps] for s in (-1, 1))
        return lower, upper
    order = np.argsort(sites)
    sites = sites[order]
    lower, upper = ([np.full(count, count) for _ in steps] for _ in range(2))
    for axis, step in enumerate(steps):
        row = np.searchsorted(sites, sites + step)
        there = np.append(sites, -1)[row] == sites + step
        below, above = order[there], order[row[there]]
        upper[axis][below] = above
        lower[axis][above] = below
    return lower, upper
