"""Octrees that break a rule (T)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from formats.making import bases
from formats.making.apart import Apart, padded, unit
from formats.making.frame_cases import Case
from formats.making.header_cases import LEVEL
from nfcodec.layouts import OctreeLayout

NO_BASE = 0xFFFF
MASKS, MIXED = 0, 1


def masks(base: int, *children: int, form: int = MASKS, spare: int = 0) -> bytes:
    """A topology whose voxels have the ``children``, one byte for each voxel."""
    head = unit("HBB", base, form, spare)
    return head + unit("I", len(children)) + padded(bytes(children))


def cases() -> Iterator[Case]:
    """All of them."""
    octrees = bases.apart(bases.octrees())
    first = _after(octrees, 0, len(masks(NO_BASE, 41)))
    second = octrees.payload("LEVL", 1)[len(masks(0, 131, 65, 1)) :]

    def coarse(topology: bytes, base: Apart = octrees) -> bytes:
        return base.with_payload("LEVL", topology + first).put_together()

    def fine(topology: bytes) -> bytes:
        return octrees.with_payload("LEVL", topology + second, 1).put_together()

    # The payloads here are masks: a sound file is made of them before it is spoiled.
    sound = octrees.with_payload("LEVL", masks(NO_BASE, 41) + first)
    sound = sound.with_payload("LEVL", masks(0, 131, 65, 1) + second, 1)
    octrees = sound
    yield "T1", "itself", coarse(masks(0, 41))
    yield "T1", "a later level", coarse(masks(1, 41))
    yield "T1", "a level that is not there", coarse(masks(7, 41))
    yield "T1", "a dense level", _on_dense()
    yield "T2", "deeper", _turned(masks(0))
    yield "T2", "as deep, in form 1", _same(unit("HBB", 0, MIXED, 0))
    for form in (2, 255):
        yield "T3", f"form {form}", coarse(masks(NO_BASE, 41, form=form))
    yield "T4", "1 in the last byte", coarse(masks(NO_BASE, 41, spare=1))
    yield "T5", "no mask", coarse(masks(NO_BASE))
    yield "T5", "two masks for one voxel", coarse(masks(NO_BASE, 41, 1))
    yield "T5", "two masks for three voxels", fine(masks(0, 131, 65))
    yield "T6", "4 voxels instead of 3 at the last depth", coarse(masks(NO_BASE, 43))
    few = octrees.edit(("grids", 0, "levels", 0, "layout"), [1, 2, 1, 8])
    yield "T6", "2 voxels at depth 1, of 1", coarse(masks(NO_BASE, 3, 1, 0), few)
    yield "T7", "2 voxels instead of 3", coarse(masks(NO_BASE, 9))
    yield "T7", "no voxel", coarse(masks(NO_BASE, 0))
    corners = octrees.at((*LEVEL, "layout", 3))
    for number in (corners - 1, corners + 1):
        wrong = octrees.edit((*LEVEL, "layout", 3), number)
        yield "T8", f"{number} instead of {corners}", wrong.put_together()
    cells = bases.apart(bases.nerf())
    for what, children in (("x = 3 of 2", (2, 2)), ("y = 3 of 3", (4, 4)), ("z = 2 of 2", (16, 1))):
        outside = cells.with_payload("OCCU", masks(NO_BASE, *children))
        yield "T9", what, outside.put_together()
    yield "T10", "level 0", cells.with_payload("OCCU", masks(0, 1, 1)).put_together()
    yield "S16", "children: 3 bytes of a range coder", coarse(masks(NO_BASE, 1, 2, 3, form=MIXED))
    yield "S16", "children: 2^32 - 1", coarse(masks(NO_BASE, *[255] * 4, form=MIXED))
    yield "S17", "children: 40 bytes of 0", coarse(masks(NO_BASE, *[0] * 40, form=MIXED))


def _after(base: Apart, number: int, size: int) -> bytes:
    """What follows a topology of ``size`` bytes in a ``LEVL``."""
    return base.payload("LEVL", number)[size:]


def _on_dense() -> bytes:
    field = bases.octrees()
    dense = bases.dense((3, 3, 3)).grids[0].levels[0]
    levels = (dense, replace(field.levels[0], lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = _after(base, 1, len(masks(NO_BASE, 41)))
    return base.with_payload("LEVL", masks(0, 41) + rest, 1).put_together()


def _turned(topology: bytes) -> bytes:
    """The finer octree first; the coarser one begins with ``topology``."""
    field = bases.octrees()
    coarse, fine = field.levels
    levels = (replace(fine, lod=0), replace(coarse, lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = _after(base, 1, len(masks(NO_BASE, 41)))
    return base.with_payload("LEVL", topology + rest, 1).put_together()


def _same(topology: bytes) -> bytes:
    """Two levels of one octree; the second one begins with ``topology``."""
    field = bases.octrees()
    first = field.levels[0]
    assert isinstance(first.layout, OctreeLayout)
    levels = (first, replace(first, lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = _after(base, 1, len(unit("HBB", 0, 0, 0)))
    return base.with_payload("LEVL", topology + rest, 1).put_together()
