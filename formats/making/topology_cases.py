"""Octrees that break a rule (T)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from formats.making import bases
from formats.making.apart import Apart, Path, packed, padded, unit
from formats.making.frame_cases import Case
from formats.making.header_cases import LEVEL
from formats.making.payload_cases import BOOK, PACKED
from nfcodec.layouts import OctreeLayout

GRID: Path = ("grids", 0, "levels")
NO_BASE = 0xFFFF
MASKS, MIXED = 0, 1


def masks(base: int, *depths: list[int], form: int = MASKS, spare: int = 0) -> bytes:
    """A topology whose voxels have the children by ``depths``, a byte for each voxel."""
    sections = [unit("BBH", PACKED, 0, 0) + packed(children, 8) for children in depths]
    return unit("HBB", base, form, spare) + b"".join(sections)


def mixed(data: bytes) -> bytes:
    """A topology by mixed counts whose range coder has the bytes ``data``."""
    return unit("HBB", NO_BASE, MIXED, 0) + unit("I", len(data)) + padded(data)


def cases() -> Iterator[Case]:
    """All of them."""
    octrees = bases.apart(bases.octrees())
    first, second = (vectors(octrees.at((*GRID, level, "layout", 3))) for level in (0, 1))

    def coarse(topology: bytes, base: Apart = octrees) -> bytes:
        return base.with_payload("LEVL", topology + first).put_together()

    # The payloads here are masks: a sound file is made of them before it is spoiled.
    sound = octrees.with_payload("LEVL", masks(NO_BASE, [41]) + first)
    sound = sound.with_payload("LEVL", masks(0, [131, 65, 1]) + second, 1)
    octrees = sound
    yield "T1", "itself", coarse(masks(0, [41]))
    yield "T1", "a later level", coarse(masks(1, [41]))
    yield "T1", "a level that is not there", coarse(masks(7, [41]))
    yield "T1", "a dense level", _on_dense()
    yield "T2", "deeper", _turned(masks(0))
    yield "T2", "as deep, in form 1", _same(unit("HBB", 0, MIXED, 0))
    for form in (2, 255):
        yield "T3", f"form {form}", coarse(masks(NO_BASE, [41], form=form))
    yield "T4", "1 in the last byte", coarse(masks(NO_BASE, [41], spare=1))
    yield "T5", "4 voxels instead of 3 at the last depth", coarse(masks(NO_BASE, [43]))
    few = octrees.edit(("grids", 0, "levels", 0, "layout"), [1, 2, 1, 8])
    yield "T5", "2 voxels at depth 1, of 1", coarse(masks(NO_BASE, [3], [1, 0]), few)
    yield "T6", "2 voxels instead of 3", coarse(masks(NO_BASE, [9]))
    yield "T6", "no voxel", coarse(masks(NO_BASE, [0]))
    corners = octrees.at((*LEVEL, "layout", 3))
    for number in (corners - 1, corners + 1):
        wrong = octrees.edit((*LEVEL, "layout", 3), number)
        yield "T7", f"{number} instead of {corners}", wrong.put_together()
    cells = bases.apart(bases.nerf())
    for what, children in (("x = 3 of 2", (2, 2)), ("y = 3 of 3", (4, 4)), ("z = 2 of 2", (16, 1))):
        outside = cells.with_payload("OCCU", masks(NO_BASE, *([mask] for mask in children)))
        yield "T8", what, outside.put_together()
    yield "T9", "level 0", cells.with_payload("OCCU", masks(0, [1], [1])).put_together()
    yield "S16", "children: 3 bytes of a range coder", coarse(mixed(b"\1\2\3"))
    yield "S16", "children: 2^32 - 1", coarse(mixed(b"\xff" * 4))
    yield "S17", "children: the value is not 0", coarse(mixed(b"\x7f\x80\0\1"))


def vectors(count: int) -> bytes:
    """The codebook and ``count`` indices of a level of the base, in the plainest forms."""
    indices = [i % 5 for i in range(count)]
    return BOOK + unit("BBH", PACKED, 0, 0) + packed(indices, 3)


def _on_dense() -> bytes:
    field = bases.octrees()
    dense = bases.dense((3, 3, 3)).grids[0].levels[0]
    levels = (dense, replace(field.levels[0], lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = vectors(base.at((*GRID, 1, "layout", 3)))
    return base.with_payload("LEVL", masks(0, [41]) + rest, 1).put_together()


def _turned(topology: bytes) -> bytes:
    """The finer octree first; the coarser one begins with ``topology``."""
    field = bases.octrees()
    coarse, fine = field.levels
    levels = (replace(fine, lod=0), replace(coarse, lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = vectors(base.at((*GRID, 1, "layout", 3)))
    return base.with_payload("LEVL", topology + rest, 1).put_together()


def _same(topology: bytes) -> bytes:
    """Two levels of one octree; the second one begins with ``topology``."""
    field = bases.octrees()
    first = field.levels[0]
    assert isinstance(first.layout, OctreeLayout)
    levels = (first, replace(first, lod=1))
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=levels),)))
    rest = vectors(base.at((*GRID, 1, "layout", 3)))
    return base.with_payload("LEVL", topology + rest, 1).put_together()
