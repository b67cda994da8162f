"""Files that ask for more than decoders give (L)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from formats.making import bases
from formats.making.apart import Apart, Path, halves, unit
from formats.making.frame_cases import Case
from formats.making.header_cases import LAYER, LEVEL, NETWORK


def cases() -> Iterator[Case]:
    """All of them."""
    dense, nerf, octrees = (
        bases.apart(base) for base in (bases.dense(), bases.nerf(), bases.octrees())
    )
    network = nerf.at(NETWORK)
    edits: list[tuple[str, Apart, Path, Any]] = [
        ("LOD 64", dense, (*LEVEL, "lod"), 64),
        ("4097 features", dense, (*LEVEL, "features"), 4097),
        ("depth 11", octrees, (*LEVEL, "layout", 1), 11),
        ("2^28 + 1 voxels", octrees, (*LEVEL, "layout"), [1, 10, (1 << 28) + 1, (1 << 28) + 1]),
        ("2^28 + 1 corners", octrees, (*LEVEL, "layout"), [1, 10, 1 << 28, (1 << 28) + 1]),
        ("a side of 65537", dense, (*LEVEL, "layout"), [0, True, 0, 1, 1, 65537]),
        ("1024 x 1024 x 257 vectors", dense, (*LEVEL, "layout"), [0, True, 0, 1024, 1024, 257]),
        ("17 networks", nerf, ("networks",), [{**network, 0: f"n{i}"} for i in range(17)]),
        ("17 inputs", nerf, (*NETWORK, "inputs"), [{0: "features", 1: [0]}] * 17),
        ("65 layers", nerf, (*NETWORK, "layers"), [nerf.at(LAYER)] * 65),
        ("16385 outputs", nerf, (*LAYER, "outputs"), 16385),
        ("33 frequencies", nerf, (*NETWORK, "inputs", 1, "encoding", 1), 33),
        ("1025 x 1024 x 1024 cells", nerf, ("occupancy",), [1025, 1024, 1024]),
        ("65537 cells along a side", nerf, ("occupancy",), [1, 1, 65537]),
    ]
    for what, base, path, value in edits:
        yield "L1", what, base.edit(path, value).put_together()
    many = [*dense.chunks, *[("abcd", b"")] * 4095]
    yield "L1", "4097 chunks", dense.with_chunks(*many).put_together()
    values = dense.edit((*LEVEL, "layout"), [0, True, 0, 128, 128, 128])
    yield "L1", "2^33 values", values.edit((*LEVEL, "features"), 4096).put_together()
    half = dense.edit((*LEVEL, "layout"), [0, True, 0, 512, 512, 512])
    yield "L2", "512^3 indices", half.put_together()
    yield "L2", "1024 x 1024 x 1024 cells", nerf.edit(("occupancy",), [1024] * 3).put_together()
    large = dense.edit((*LEVEL, "layout"), [0, True, 0, 400, 400, 400])
    large = large.edit((*LEVEL, "code"), [1, 1])
    one = unit("I", 0) + halves(1) + unit("BBH", 0, 0, 0)
    yield "L3", "400^3 symbols of form 0", large.with_payload("LEVL", one).put_together()
    wide = dense.edit((*LEVEL, "code"), [1, 65536]).edit((*LEVEL, "features"), 64)
    wide = wide.edit((*LAYER, "inputs"), 64).with_zero_networks()
    steps = unit("II", 2, 1) + unit("IHHB", 1 << 22, 1, 0, 24) + unit("BBH", 0, 0, 0)
    yield "L3", "2^22 values in one block", wide.with_payload("LEVL", steps).put_together()
