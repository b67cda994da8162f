"""Write ``vectors/v1-more/forms.json``: small files of every form and width, with what they hold.

    python -m formats.making.forms

Sections are made by the plain coders of :mod:`formats.making.coders` where they can be, so that the
decoder is held against something else than its own encoder.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from formats import make_vectors
from formats.making import bases, coders
from formats.making.apart import Apart, halves, packed, padded, unit
from formats.making.frame_cases import patched
from formats.making.payload_cases import BOOK, CONSTANT, NEIGHBORS, PACKED, PLAIN, TABLE
from formats.making.topology_cases import NO_BASE, masks, vectors
from nfcodec import coding
from nfcodec.container import cbor
from nfcodec.model.field import Occupancy

PATH = Path(__file__).parents[1] / "vectors" / "v1-more" / "forms.json"
#: Twelve codes in a row, and their codebook.
ROW = [0, 1, 1, 2, 0, 0, 1, 2, 2, 1, 1, 0]
#: JSON of other languages may not have these: they are no part of what the file decodes to.
LARGE = "the least and the greatest integer in metadata"
BOOK_OF_3 = unit("I", 0) + halves(1, 2, 3)


def table(symbols: list[int], levels: list[int], width: int) -> bytes:
    """A symbol section of form 2."""
    words = coders.ans_encode(symbols, coders.frequencies(levels))
    stored = b"".join(unit("I", word) for word in (len(words), *words))
    return unit("BBH", TABLE, width, 0) + packed(levels, width) + stored


def beside(codes: list[int], levels: list[int], width: int) -> bytes:
    """A symbol section of form 3, of codes in a row."""
    _, data = coders.row_of_codes(codes, levels)
    coder = unit("I", len(data)) + padded(data)
    return unit("BBH", NEIGHBORS, width, 0) + packed(levels, width) + coder


def files() -> Iterator[tuple[str, bytes]]:
    """What each file has, and the file."""
    row = bases.apart(bases.dense((1, 1, 12), 3))

    def indices(section: bytes) -> bytes:
        return row.with_payload("LEVL", BOOK_OF_3 + section).put_together()

    yield "form 0", indices(unit("BBH", CONSTANT, 0, 2))
    yield "form 1", indices(unit("BBH", PACKED, 0, 0) + packed(ROW, 2))
    spare = packed([*ROW, 3, 3, 3, 3], 2)
    yield "form 1, bits that have no meaning", indices(unit("BBH", PACKED, 0, 0) + spare)
    for width in range(1, 7):
        most = (1 << width) - 1
        levels = [1, most, max(1, most // 2)]
        yield f"form 2, width {width}", indices(table(ROW, levels, width))
        yield f"form 3, width {width}", indices(beside(ROW, levels, width))
    yield "form 2, one symbol that occurs", indices(table([1] * 12, [0, 3, 0], 3))
    yield "form 3, one code that occurs", indices(beside([1] * 12, [0, 3, 0], 3))
    yield "form 3, a code that does not occur", indices(beside([0, 2] * 6, [4, 0, 4], 3))
    yield from _numbers(bases.apart(bases.dense()))
    yield from _octrees()
    yield from _around(bases.apart(bases.dense()))


def _numbers(dense: Apart) -> Iterator[tuple[str, bytes]]:
    """Codebooks of 1, 2, 3, 4, 5, and others, in every form."""

    def file(section: bytes) -> bytes:
        return dense.with_payload("LEVL", section + PLAIN).put_together()

    bits = np.arange(1, 6).astype("<f2").view("<u2")
    high, low = (bits >> 8).tolist(), padded((bits & 255).astype(np.uint8).tobytes())
    levels = [int(symbol in high) for symbol in range(256)]
    yield (
        "float16 form 1, high bytes packed",
        file(unit("I", 1) + unit("BBH", PACKED, 0, 0) + packed(high, 8) + low),
    )
    yield "float16 form 1, high bytes by a table", file(unit("I", 1) + table(high, levels, 1) + low)
    yield "float16 form 1, one high byte", file(unit("I", 1) + unit("BBH", 0, 0, 0x3C) + low)

    def block(count: int, codes: int, origin: int, exponent: int, section: bytes) -> bytes:
        return unit("IHHB", count, codes, origin, exponent) + section

    some = unit("BBH", PACKED, 0, 0) + packed([0, 4, 2, 1, 3], 3)
    yield "float16 form 2, one block around 0", file(unit("II", 2, 1) + block(5, 5, 2, 24, some))
    blocks = [
        block(2, 2049, 0, 28, unit("BBH", CONSTANT, 0, 2048)),
        block(0, 1, 0, 0, unit("BBH", CONSTANT, 0, 0)),
        block(2, 4097, 2048, 0, unit("BBH", PACKED, 0, 0) + packed([0, 4096], 13)),
        block(1, 1, 2048, 28, unit("BBH", CONSTANT, 0, 0)),
    ]
    yield "float16 form 2, blocks at the limits", file(unit("II", 2, 4) + b"".join(blocks))
    yield (
        "float16 form 0, least and negative zero",
        file(unit("I", 0) + halves(2**-24, -0.0, 65504, -65504, 2**-14)),
    )


def _octrees() -> Iterator[tuple[str, bytes]]:
    octrees = bases.apart(bases.octrees())
    counts = [octrees.at(("grids", 0, "levels", level, "layout", 3)) for level in (0, 1)]
    first, second = map(vectors, counts)

    def file(coarse: bytes, fine: bytes) -> bytes:
        base = octrees.with_payload("LEVL", coarse + first)
        return base.with_payload("LEVL", fine + second, 1).put_together()

    from_root, from_coarse = masks(NO_BASE, [41]), masks(0, [131, 65, 1])
    yield "masks, from the root and from a level", file(from_root, from_coarse)
    yield "masks, both from the root", file(from_root, masks(NO_BASE, [41], [131, 65, 1]))
    constant = unit("HBB", NO_BASE, 0, 0) + unit("BBH", CONSTANT, 0, 41)
    yield "masks, constant", file(constant, from_coarse)
    levels = [int(symbol in (131, 65, 1)) for symbol in range(256)]
    coded = unit("HBB", 0, 0, 0) + table([131, 65, 1], levels, 1)
    yield "masks, by a table", file(from_root, coded)
    field = bases.octrees()
    coarse, fine = field.levels
    twice = replace(coarse, lod=1)
    grid = replace(field.grids[0], levels=(coarse, twice))
    yield "an octree that is that of its base", coding.to_bytes(replace(field, grids=(grid,)))
    wide = replace(field.grids[0], levels=(coarse, fine, replace(fine, lod=2)))
    three = replace(field, grids=(wide,))
    yield "three levels, as the encoder chooses", coding.to_bytes(three)
    base = bases.apart(field)
    sparse = [0, 0, 1]  # the first two voxels of the coarser level have no children
    layout = [1, 2, 1, 8]
    alone = base.edit(("grids", 0, "levels", 1, "layout"), layout)
    alone = alone.with_payload("LEVL", from_root + first)
    alone = alone.with_payload("LEVL", masks(0, sparse) + vectors(8), 1)
    yield "voxels of the base without children", alone.put_together()


def _around(dense: Apart) -> Iterator[tuple[str, bytes]]:
    """Frames, headers and metadata at their edges."""
    network, level = dense.chunks
    dense = dense.with_chunks(network, ("LEVL", BOOK + PLAIN))
    network, level = dense.chunks
    first, second = ({"a": value} for value in (1, [1.5, None, -1, (1 << 53) - 1, "ä"]))
    maps = [("meta", cbor.dumps(part)) for part in (first, {"b": second["a"]}, {})]
    yield "three meta", dense.with_chunks(maps[0], network, maps[1], level, maps[2]).put_together()
    unknown = (("zZZZ", b"1234"), network, ("aaaa", b""), level, ("xPRI", bytes(8)))
    yield "ancillary chunks that are unknown", dense.with_chunks(*unknown).put_together()
    ends = ("meta", cbor.dumps({"a": [-(1 << 64), (1 << 64) - 1]}))
    yield LARGE, dense.with_chunks(network, level, ends).put_together()
    deep: object = 0
    for _ in range(38):
        deep = [deep]
    nested = ("meta", cbor.dumps({"a": deep}))
    yield "metadata nested 40 deep", dense.with_chunks(network, level, nested).put_together()
    header = cbor.dumps(dense.tree)
    for zeros in range(1, 4):
        longer = replace(dense, header=header + bytes(zeros))
        yield f"a header with {zeros} zero bytes inside", longer.put_together()
    yield "minor version 255", patched(dense.put_together(), 9, b"\xff")
    field = bases.dense()
    for sides, what in (((1, 1, 1), "1 x 1 x 1"), ((2, 3, 5), "2 x 3 x 5"), ((4, 4), "4 x 4, 2-D")):
        for filled in ("all", "no", "one"):
            cells = np.full(sides, filled == "all")
            cells[(-1,) * len(sides)] |= filled == "one"
            base = bases.dense((2, 2)) if len(sides) == 2 else field
            made = replace(base, occupancy=Occupancy(cells))
            yield f"occupancy of {what}, {filled} cells", coding.to_bytes(made)
    shallow = coding.to_bytes(bases.layered(), layers=2)
    yield "two layers", shallow
    yield "eight layers or fewer", coding.to_bytes(bases.dense((6, 7, 8), 200), layers=8)


def main() -> None:
    """Write all of them."""
    rows = []
    for what, data in files():
        decoded = make_vectors.expected(coding.open(data))
        if what == LARGE:
            del decoded["metadata"]
        file = {"what": what, "file": base64.b64encode(data).decode(), "decoded": decoded}
        rows.append(json.dumps(file, ensure_ascii=False))
    PATH.write_text("[\n" + ",\n".join(rows) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
