"""Lattices that break a rule (H, S, L)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from formats.making import bases
from formats.making.apart import Apart, unit
from formats.making.frame_cases import Case
from formats.making.header_cases import LEVEL
from nfcodec.codes import LatticeCode
from nfcodec.entropy.lattice import Octave
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid

CODE = (*LEVEL, "code")
#: The code of the finer level of the base.
FINER = ("grids", 0, "levels", 1, "code")


def field() -> CodedField:
    """Two LODs of one lattice, of 3 and of 5 points a side."""
    rng = np.random.default_rng(4)
    coarse, fine = (rng.integers(-3, 4, (n,) * 3).astype(np.int32) for n in (3, 5))
    first = LatticeCode((Octave(2, 0),), ((coarse,),), 0.25)
    second = LatticeCode((Octave(1, 0),), ((fine,),), 0.25, base=first)
    levels = tuple(
        CodedLevel(DenseLayout(code.shape), lod, code) for lod, code in enumerate((first, second))
    )
    return replace(bases.dense(), grids=(Grid(levels, "finest"),))


def cases() -> Iterator[Case]:
    """All of them."""
    base = bases.apart(field())
    for rule, what, value in _codes():
        yield rule, what, base.edit(CODE, value).put_together()
    yield from _bases(base)
    yield from _coders(base)


def _codes() -> Iterator[tuple[str, str, list[Any]]]:
    """Entries in the place of the coarser level's code."""
    yield "H5", "a step of a lattice that is a float", [3, 0.25, 0.0, False, 2.0, 0]
    yield "H6", "whether a lattice goes on is 0", [3, 0.25, 0.0, 0, 2, 0]
    yield "H7", "a unit of a lattice that is an integer", [3, 1, 0.0, False, 2, 0]
    yield "H7", "an offset of a lattice of 2e30", [3, 0.25, 2e30, False, 2, 0]
    yield "H32", "a unit of 0", [3, 0.0, 0.0, False, 2, 0]
    yield "H32", "a unit below 0", [3, -0.25, 0.0, False, 2, 0]
    yield "H32", "a unit that is no f32", [3, 0.1, 0.0, False, 2, 0]
    yield "H32", "an offset that is no f32", [3, 0.25, 0.1, False, 2, 0]
    yield "H33", "no octave", [3, 0.25, 0.0, False]
    yield "H33", "a step without a reach", [3, 0.25, 0.0, False, 2]
    yield "H33", "18 octaves", [3, 0.25, 0.0, False, *[2, 0] * 18]
    yield "H33", "a step above 2^24", [3, 0.25, 0.0, False, (1 << 24) + 1, 0]
    yield "H33", "a reach above 2^24", [3, 0.25, 0.0, False, 2, (1 << 24) + 1]
    yield "H33", "a first step of 0", [3, 0.25, 0.0, False, 0, 0]


def _bases(base: Apart) -> Iterator[Case]:
    yield "S19", "the first level goes on", base.edit((*CODE, 3), True).put_together()
    sides = base.edit((*LEVEL, "layout"), [0, True, 1, 2, 3, 3])
    sides = sides.with_payload("LEVL", _empty(), 0)
    yield "S19", "a lattice goes on from one of other sides", sides.put_together()
    twice = base.edit(FINER, [3, 0.25, 0.0, True, 1, 0, 1, 0])
    yield "S19", "a lattice goes on by an octave too many", twice.put_together()
    other = base.edit(CODE, [0]).with_payload("LEVL", bytes(2 * 27 + 2), 0)
    yield "S19", "a lattice goes on from float16", other.put_together()
    octree = bases.apart(bases.octrees()).edit(CODE, [3, 0.25, 0.0, False, 2, 0])
    data = octree.payload("LEVL")
    yield (
        "S20",
        "an octree with gaps",
        octree.with_payload("LEVL", data[:8] + _empty()).put_together(),
    )


def _empty() -> bytes:
    """A range coder whose decisions are all 0, as far as it goes."""
    return unit("I", 4) + bytes([255, 255, 255, 254])


def _coders(base: Apart) -> Iterator[Case]:
    data = base.payload("LEVL")
    yield (
        "S16",
        "a lattice of 3 bytes",
        base.with_payload("LEVL", unit("I", 3) + bytes(4), 0).put_together(),
    )
    spoiled = bytes([data[4] ^ 1]) + data[5:]
    yield (
        "S17",
        "a lattice with another first byte",
        base.with_payload("LEVL", data[:4] + spoiled, 0).put_together(),
    )
    large = base.edit((*LEVEL, "layout"), [0, True, 1, 400, 400, 400])
    large = large.edit(("grids", 0, "levels"), [large.at(LEVEL)])
    others = [chunk for chunk in large.chunks if chunk[0] != "LEVL"]
    large = large.with_chunks(*others, ("LEVL", data))
    yield "L3", "400^3 differences of a few bytes", large.put_together()
