"""Payloads (P) and sections of numbers and symbols (S) that break a rule."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from formats.making import bases
from formats.making.apart import Apart, halves, packed, padded, unit
from formats.making.frame_cases import Case
from nfcodec.codes import Float16Code, LowRankCode
from nfcodec.container import cbor
from nfcodec.layouts import OctreeLayout

CONSTANT, PACKED, TABLE, NEIGHBORS = range(4)
#: The codes of the sites of the dense base.
CODES = [0, 3, 1, 4, 2, 0, 3, 1]
#: The codebook of the dense base, and its codes, in the plainest forms.
BOOK = unit("I", 0) + halves(1, 2, 3, 4, 5)
PLAIN = unit("BBH", PACKED, 0, 0) + packed(CODES, 3)


def cases() -> Iterator[Case]:
    """All of them."""
    dense = bases.apart(bases.dense())
    assert (dense.with_payload("LEVL", BOOK + PLAIN)).put_together()
    yield from _payloads(dense)
    yield from _metadata(dense)
    yield from _numbers(dense)
    yield from _symbols(dense)
    yield from _neighbors(dense)
    yield from _refinements(bases.apart(bases.layered(), 2))


def _payloads(dense: Apart) -> Iterator[Case]:
    def level(data: bytes) -> bytes:
        return dense.with_payload("LEVL", data).put_together()

    yield "P1", "an empty NETW", dense.with_payload("NETW", b"").put_together()
    yield "P1", "an empty LEVL", level(b"")
    yield "P1", "codes that are not there", level(BOOK + PLAIN[:4])
    yield (
        "P1",
        "a billion ANS words",
        level(BOOK + unit("BBH", TABLE, 3, 0) + packed([1] * 5, 3) + unit("I", 1 << 30)),
    )
    yield "P2", "after an array of f16", level(BOOK[:-1] + b"\1" + PLAIN)
    block = struct.pack("<IHHB", 5, 1, 0, 24) + b"\0\0\1"
    yield (
        "P2",
        "after a field group",
        level(unit("II", 2, 1) + block + unit("BBH", CONSTANT, 0, 0) + PLAIN),
    )
    yield (
        "P3",
        "4 bytes more in NETW",
        dense.with_payload("NETW", dense.payload("NETW") + bytes(4)).put_together(),
    )
    yield "P3", "4 bytes more in LEVL", level(BOOK + PLAIN + bytes(4))
    for what, value in (("NaN", np.nan), ("infinity", np.inf), ("minus infinity", -np.inf)):
        yield "P4", f"{what} in a codebook", level(unit("I", 0) + halves(1, 2, value, 4, 5) + PLAIN)
    plain = unit("I", 0) + halves(np.nan)
    yield "P4", "NaN in NETW", dense.with_payload("NETW", plain).put_together()
    yield from _other_codes()


def _other_codes() -> Iterator[Case]:
    field = bases.dense()
    level = field.levels[0]
    ones = np.ones((8, 1), np.float16)
    for name, code in (
        ("float16", Float16Code(ones)),
        ("low rank", LowRankCode(ones, ones[:1], ones[0])),
    ):
        grid = replace(field.grids[0], levels=(replace(level, code=code),))
        base = bases.apart(replace(field, grids=(grid,)))
        data = base.payload("LEVL")
        spoiled = data[:-2] + b"\0\x7c"
        yield "P4", f"infinity in {name}", base.with_payload("LEVL", spoiled).put_together()
        yield "P1", f"{name} of 4 bytes less", base.with_payload("LEVL", data[:-4]).put_together()


def _metadata(dense: Apart) -> Iterator[Case]:
    def file(*maps: object) -> bytes:
        chunks = [("meta", cbor.dumps(value)) for value in maps]
        return dense.with_chunks(*dense.chunks, *chunks).put_together()

    yield "P5", "an array", file([])
    yield "P5", "integers for keys", file({1: 2})
    yield "P6", "a byte string", file({"a": b"b"})
    yield "P6", "a byte string in an array", file({"a": [[b"b"]]})
    yield "P6", "integers for keys of an inner map", file({"a": [{1: 2}]})
    yield "P7", "a in both", file({"a": 1}, {"a": 1})


def _numbers(dense: Apart) -> Iterator[Case]:
    """Float16 sections of five values."""

    def file(section: bytes) -> bytes:
        return dense.with_payload("LEVL", section + PLAIN).put_together()

    def blocks(*each: tuple[int, int, int, int], symbol: int = 0) -> bytes:
        made = [unit("IHHB", *block) + unit("BBH", CONSTANT, 0, symbol) for block in each]
        return unit("II", 2, len(each)) + b"".join(made)

    for form in (3, 1 << 31):
        yield "S1", f"form {form}", file(unit("I", form) + halves(1, 2, 3, 4, 5))
    for count in (0, 4097):
        yield "S2", f"{count} blocks", file(unit("II", 2, count))
    yield "S3", "exponent 29", file(blocks((5, 1, 0, 29)))
    yield "S3", "origin 2049", file(blocks((5, 1, 2049, 24)))
    yield "S3", "K of 0", file(blocks((5, 0, 0, 24)))
    yield "S3", "K of 2050 at origin 0", file(blocks((5, 2050, 0, 24)))
    yield "S4", "4 values", file(blocks((4, 1, 0, 24)))
    yield "S4", "6 values", file(blocks((6, 1, 0, 24)))
    yield "S4", "3 and 3 values", file(blocks((3, 1, 0, 24), (3, 1, 0, 24)))
    yield "S8", "a block's symbol 1 of 1", file(blocks((5, 1, 0, 24), symbol=1))
    low = padded(bytes(5))
    table = unit("BBH", TABLE, 6, 0) + packed([63] * 256, 6) + unit("I", 0)
    yield "S9", "weights of 256 high bytes above 2^24", file(unit("I", 1) + table + low)
    yield "S12", "high bytes in form 3", file(unit("I", 1) + unit("BBH", NEIGHBORS, 5, 0) + low)
    yield "S5", "high bytes in form 9", file(unit("I", 1) + unit("BBH", 9, 0, 0) + low)


def _symbols(dense: Apart) -> Iterator[Case]:
    """Symbol sections of eight codes below five."""

    def file(form: int, width: int, x: int, rest: bytes = b"") -> bytes:
        section = unit("BBH", form, width, x) + rest
        return dense.with_payload("LEVL", BOOK + section).put_together()

    def words(*numbers: int, levels: list[int] | None = None) -> bytes:
        table = packed(levels or [1] * 5, 3)
        return table + unit("I", len(numbers)) + b"".join(unit("I", word) for word in numbers)

    bits = packed(CODES, 3)
    for form in (4, 255):
        yield "S5", f"form {form}", file(form, 0, 0, bits)
    yield "S6", "form 0, width 1", file(CONSTANT, 1, 0)
    yield "S6", "form 1, width 3", file(PACKED, 3, 0, bits)
    for width in (0, 7):
        yield "S6", f"form 2, width {width}", file(TABLE, width, 0, words(1))
        yield "S6", f"form 3, width {width}", file(NEIGHBORS, width, 0, words(1))
    yield "S7", "form 1, x = 1", file(PACKED, 0, 1, bits)
    yield "S7", "form 2, x = 1", file(TABLE, 3, 1, words(1))
    yield "S7", "form 3, x = 1", file(NEIGHBORS, 3, 1, words(1))
    yield "S8", "form 0, symbol 5", file(CONSTANT, 0, 5)
    yield "S8", "form 1, symbol 5", file(PACKED, 0, 0, packed([*CODES[:7], 5], 3))
    yield "S9", "form 2, weights of 0", file(TABLE, 3, 0, packed([0] * 5, 3) + unit("I", 0))
    yield "S10", "two words", file(TABLE, 3, 0, words(0, 12345))
    yield "S10", "one symbol that occurs", file(TABLE, 3, 0, words(0, levels=[0, 0, 1, 0, 0]))
    yield "S11", "one word", file(TABLE, 3, 0, words(1))
    yield "S11", "six words", file(TABLE, 3, 0, words(*range(1, 7)))
    yield (
        "S11",
        "a word for one symbol that occurs",
        file(TABLE, 3, 0, words(1, levels=[0, 0, 1, 0, 0])),
    )


def neighbors(levels: list[int], data: bytes, groups: bytes = b"", width: int = 5) -> bytes:
    """A section of form 3."""
    table = packed(levels, width)
    coder = unit("I", len(data)) + padded(data)
    return unit("BBH", NEIGHBORS, width, 0) + groups + table + coder


def _neighbors(dense: Apart) -> Iterator[Case]:
    def file(section: bytes) -> bytes:
        return dense.with_payload("LEVL", BOOK + section).put_together()

    yield "S9", "form 3, weights of 0", file(neighbors([0] * 5, bytes(4)))
    many = bases.apart(bases.dense(codes=256))
    book = unit("I", 0) + halves(*range(256))
    heavy = neighbors([63] * 256, bytes(4), width=6)
    yield "S9", "form 3, weights above 2^24", many.with_payload("LEVL", book + heavy).put_together()
    more = bases.apart(bases.dense(codes=257))
    book = unit("I", 0) + halves(*range(257))
    section = neighbors([1] * 257, bytes(4))
    yield "S13", "257 codes", more.with_payload("LEVL", book + section).put_together()
    deep = _deep()
    sites = deep.payload("LEVL")
    spoiled = sites[: -len(PLAIN_DEEP)] + neighbors([1] * 5, bytes(4))
    yield "S13", "1025^3 sites", deep.with_payload("LEVL", spoiled).put_together()
    yield "S16", "3 bytes", file(neighbors([1] * 5, b"\1\2\3"))
    yield "S16", "no bytes", file(neighbors([1] * 5, b""))
    yield "S16", "2^32 - 1", file(neighbors([1] * 5, b"\xff" * 4))
    yield "S17", "the value is not 0", file(neighbors([1] * 5, b"\x12\x34\x56\x78"))
    yield "S17", "bytes are left", file(neighbors([1] * 5, bytes(40)))


#: Eight codes of the one voxel at depth 10.
PLAIN_DEEP = unit("BBH", PACKED, 0, 0) + packed([0, 1, 2, 3, 4, 0, 1, 2], 3)


def _deep() -> Apart:
    """One voxel at depth 10, its codes in form 1."""
    field = bases.octrees()
    layout = OctreeLayout(10, np.zeros(1, np.uint64))
    code = bases.indices([0, 1, 2, 3, 4, 0, 1, 2], 5)
    level = replace(field.levels[0], layout=layout, code=code)
    base = bases.apart(replace(field, grids=(replace(field.grids[0], levels=(level,)),)))
    assert base.payload("LEVL").endswith(PLAIN_DEEP)
    return base


def _refinements(layered: Apart) -> Iterator[Case]:
    (_, groups, codes) = layered.at(("grids", 0, "levels", 0, "code"))
    book = unit("I", 0) + halves(*range(codes))
    bits = max(1, (groups - 1).bit_length())

    def file(section: bytes) -> bytes:
        return layered.with_payload("REFN", book + section).put_together()

    known = [code % groups for code in range(codes)]
    ones = [1] * codes
    assert groups < 1 << bits
    yield (
        "S14",
        f"group {groups} of {groups}",
        file(neighbors(ones, bytes(4), packed([groups, *known[1:]], bits))),
    )
    yield "S15", "all codes in group 0", file(neighbors(ones, bytes(4), packed([0] * codes, bits)))
    some = [level * (group > 0) for level, group in zip(ones, known, strict=True)]
    yield "S15", "weights of 0 in group 0", file(neighbors(some, bytes(4), packed(known, bits)))
    yield (
        "S17",
        "a refinement's value is not 0",
        file(neighbors(ones, b"\x12\x34\x56\x78", packed(known, bits))),
    )
    for form, width in ((CONSTANT, 0), (PACKED, 0), (TABLE, 5)):
        yield "S18", f"form {form}", file(unit("BBH", form, width, 0) + packed(known, bits))
    yield "S5", "a refinement of form 4", file(unit("BBH", 4, 5, 0))
    yield "S6", "a refinement of width 7", file(unit("BBH", NEIGHBORS, 7, 0))
    yield "S7", "a refinement with x = 1", file(unit("BBH", NEIGHBORS, 5, 1))
