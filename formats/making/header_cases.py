"""Headers that break a rule (H)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from formats.making import bases
from formats.making.apart import GONE, Apart, Path
from formats.making.frame_cases import Case

LEVEL: Path = ("grids", 0, "levels", 0)
NETWORK: Path = ("networks", 0)
LAYER: Path = (*NETWORK, "layers", 0)
INPUT: Path = (*NETWORK, "inputs", 0)


def cases() -> Iterator[Case]:
    """All of them."""
    dense, nerf = bases.apart(bases.dense()), bases.apart(bases.nerf())
    plane, octrees = bases.apart(bases.dense((3, 4))), bases.apart(bases.octrees())
    for rule, what, base, path, value in (
        *_types(dense, nerf), *_places(dense, plane), *_levels(dense, octrees),
        *_kinds(dense, nerf, plane),
    ):  # fmt: skip
        yield rule, what, base.edit(path, value).put_together()
    for rule, what, base, path, value in _networks(dense, nerf):
        edited = base.edit(path, value)
        if path == ("grids",):
            edited = edited.with_payload("LEVL", b"")
        yield rule, what, edited.with_zero_networks().put_together()
    yield "H14", "LOD 1 alone", _without_lod_0(dense)


Edit = tuple[str, str, Apart, Path, Any]


def _types(dense: Apart, nerf: Apart) -> Iterator[Edit]:
    maps: list[tuple[str, Path, tuple[str, ...]]] = [
        ("header", (), ("kind", "bounds", "grids", "networks")),
        ("grid", ("grids", 0), ("combine", "levels")),
        ("level", LEVEL, ("lod", "layout", "features", "code")),
        ("network", NETWORK, ("name", "inputs", "layers")),
        ("input", INPUT, ("source", "encoding")),
        ("layer", LAYER, ("outputs", "inputs", "activation", "bias", "gain")),
    ]
    for name, path, entries in maps:
        if path:
            yield "H1", f"a {name} that is an array", nerf, path, []
        for entry in entries:
            yield "H2", f"a {name} without {entry}", nerf, (*path, entry), GONE
        yield "H3", f"an entry 99 of a {name}", nerf, (*path, 99), 0
    arrays: list[tuple[Path, Any]] = [
        (("grids",), {}), (("networks",), 1), (("networks",), []), (("grids", 0, "levels"), "a"),
        (("grids", 0, "levels"), []), ((*LEVEL, "layout"), 0), ((*LEVEL, "layout"), []),
        ((*LEVEL, "layout"), [0, True]), ((*LEVEL, "layout"), [1, 1]), ((*LEVEL, "code"), []),
        ((*LEVEL, "code"), [0, 1]), ((*LEVEL, "code"), [1]), ((*LEVEL, "code"), [1, *range(1, 10)]),
        ((*LEVEL, "code"), [2]), ((*LEVEL, "code"), True), ((*NETWORK, "inputs"), []),
        ((*NETWORK, "layers"), []), ((*NETWORK, "skips"), 1), ((*INPUT, "encoding"), 0),
        ((*INPUT, "encoding"), [0, 1]), ((*INPUT, "encoding"), [1, 2, 1.0]),
        ((*INPUT, "encoding"), [2]), ((*INPUT, "channels"), [0]), ((*INPUT, "channels"), [0, 1, 2]),
        (("occupancy",), [2, 3]), (("occupancy",), []), (("occupancy",), 2),
    ]  # fmt: skip
    for path, value in arrays:
        yield "H4", f"{_name(path)} is {value}", nerf, path, value
    for path, values in (
        ((*LEVEL, "lod"), (-1, True, 0.0, "0")), ((*LEVEL, "features"), (0, 1.0, None)),
        ((*LEVEL, "layout", 3), (0, -1, 2.0)), ((*LEVEL, "code", 1), (0, "5")),
        ((*LAYER, "outputs"), (0, False)), ((*LAYER, "inputs"), (0, [3])),
        ((*NETWORK, "skips"), ([True], ["1"], [-1])),
        ((*NETWORK, "inputs", 1, "encoding", 1), (-1, 1.0)),
        ((*NETWORK, "inputs", 0, "channels"), ([-1, 1], [0, 1.0], [False, 1])),
        (("networks", 1, "inputs", 1, "encoding", 1), (2.0, True)), (("occupancy", 0), (0, 2.0)),
    ):  # fmt: skip
        for value in values:
            yield "H5", f"{_name(path)} is {value!r}", nerf, path, value
    flags: list[tuple[Path, Any]] = [
        ((*LEVEL, "layout", 1), 1), ((*LAYER, "bias"), 1),
        ((*NETWORK, "inputs", 1, "encoding", 3), None),
    ]  # fmt: skip
    for path, value in flags:
        yield "H6", f"{_name(path)} is {value!r}", nerf, path, value
    for path in ((*LAYER, "gain"), (*NETWORK, "inputs", 1, "encoding", 2)):
        for value in (1, True, 1.1e30, -2e30, "1"):
            yield "H7", f"{_name(path)} is {value!r}", nerf, path, value
    names: list[tuple[Path, int]] = [
        (("kind",), 4), (("grids", 0, "combine"), 9), ((*LEVEL, "layout", 0), 9),
        ((*LEVEL, "layout", 2), 2), ((*LEVEL, "code", 0), 9), ((*INPUT, "encoding", 0), 9),
        ((*LAYER, "activation"), 11),
    ]  # fmt: skip
    for path, unknown in names:
        for value in (True, "none", [], 0.0, -1):
            yield "H8", f"{_name(path)} is {value!r}", nerf, path, value
        for number in (unknown, 32768):
            yield "H9", f"{_name(path)} is {number}", nerf, path, number


def _places(dense: Apart, plane: Apart) -> Iterator[Edit]:
    def box(*numbers: float) -> bytes:
        return struct.pack(f"<{len(numbers)}d", *numbers)

    bounds: Path = ("bounds",)
    yield "H10", "bounds of 40 bytes", dense, bounds, bytes(40)
    yield "H10", "bounds as a text", dense, bounds, "a" * 48
    yield "H10", "bounds as an array", dense, bounds, [0.0] * 6
    for what, numbers in (
        ("lower above upper", (1, -1, -1, -1, 1, 1)), ("no extent", (0, -1, -1, 0, 1, 1)),
        ("NaN", (float("nan"), -1, -1, 1, 1, 1)), ("1.1e30", (-1, -1, -1, 1, 1, 1.1e30)),
        ("an extent of 1e-30", (0, 0, 0, 1, 1, 1e-30)),
        ("an extent of 1e-6 of the place", (1e6, 0, 0, 1e6 + 1, 1, 1)),
    ):  # fmt: skip
        yield "H11", what, dense, bounds, box(*numbers)
    yield "H11", "2-D, lower above upper", plane, bounds, box(0, 1, 1, 0)
    transform: Path = ("grids", 0, "transform")
    for what, value in (
        ("46 bytes", bytes(46)), ("a text", "a" * 48), ("a 4 x 4 matrix", bytes(64)),
        ("NaN", struct.pack("<12f", *[float("nan")] * 12)),
    ):  # fmt: skip
        yield "H12", what, dense, transform, value
    yield "H12", "a 3-D one in 2-D", plane, transform, bytes(48)


def _levels(dense: Apart, octrees: Apart) -> Iterator[Edit]:
    yield "H13", "1 and 2 features", octrees, (*LEVEL, "features"), 2
    yield "H14", "LODs 0 and 2", octrees, ("grids", 0, "levels", 1, "lod"), 2
    yield "H15", "two sides in 3-D", dense, (*LEVEL, "layout"), [0, True, 0, 2, 4]
    yield "H17", "9 voxels at depth 1", octrees, (*LEVEL, "layout"), [1, 1, 9, 27]
    yield "H17", "2 voxels at depth 0", octrees, (*LEVEL, "layout"), [1, 0, 2, 12]
    yield "H18", "7 corners", octrees, (*LEVEL, "layout", 3), 7
    yield "H18", "25 corners of 3 voxels", octrees, (*LEVEL, "layout", 3), 25
    yield "H19", "65537 codes", dense, (*LEVEL, "code"), [1, 65537]
    yield "H19", "257 codes in layers", dense, (*LEVEL, "code"), [1, 2, 257]
    yield "H20", "as many codes in two layers", dense, (*LEVEL, "code"), [1, 5, 5]
    yield "H20", "fewer codes in the second layer", dense, (*LEVEL, "code"), [1, 5, 3]
    yield "H21", "rank 0", dense, (*LEVEL, "code"), [2, 0]
    yield "H21", "rank 2 of 1 feature", dense, (*LEVEL, "code"), [2, 2]


def _networks(dense: Apart, nerf: Apart) -> Iterator[Edit]:
    name: Path = (*NETWORK, "name")
    for what, value in (("no characters", ""), ("65 characters", "ä" * 65), ("an integer", 1)):
        yield "H22", what, dense, name, value
    yield "H22", "a source of 65 characters", dense, (*INPUT, "source"), "s" * 65
    for taken in ("features", "position", "direction"):
        yield "H23", f"a network named {taken}", dense, name, taken
    yield "H23", "two of one name", nerf, ("networks", 1, "name"), "density"
    yield "H24", "an unknown source", dense, (*INPUT, "source"), "w"
    yield "H24", "itself", dense, (*INPUT, "source"), "v"
    yield "H24", "a later network", nerf, (*INPUT, "source"), "color"
    yield "H24", "direction in an sdf", dense, (*INPUT, "source"), "direction"
    yield "H24", "features without grids", dense, ("grids",), []
    channels: Path = ("networks", 1, "inputs", 0, "channels")
    for values in ([2, 2], [3, 1], [2, 5], [0, 16385]):
        yield "H25", f"{values[0]} to {values[1]} of 4", nerf, channels, values
    view: Path = ("networks", 1, "inputs", 1)
    yield "H26", "degree 0", nerf, (*view, "encoding", 1), 0
    yield "H26", "degree 5", nerf, (*view, "encoding", 1), 5
    yield "H26", "of 4 values", nerf, view, {0: "density", 1: [2, 2]}
    yield "H27", "the first layer takes one value more", nerf, (*LAYER, "inputs"), 11
    yield "H27", "the last layer takes one value less", nerf, (*NETWORK, "layers", 1, "inputs"), 12
    yield "H27", "a skip that is not there", nerf, (*NETWORK, "skips"), []
    yield "H27", "an input that is left out", nerf, (*NETWORK, "inputs"), [{0: "features", 1: [0]}]
    for skips in ([0], [2], [1, 1]):
        yield "H28", f"skips {skips}", nerf, (*NETWORK, "skips"), skips


def _kinds(dense: Apart, nerf: Apart, plane: Apart) -> Iterator[Edit]:
    yield "H16", "in 2-D", plane, (*LEVEL, "layout"), [1, 1, 1, 8]
    yield "H29", "a nerf in 2-D", plane, ("kind",), 0
    color = nerf.edit(("networks", 1, "inputs", 0, "source"), "dense")
    yield "H30", "no density", color, (*NETWORK, "name"), "dense"
    yield "H31", "an sdf as a nerf", dense.edit((*NETWORK, "name"), "density"), ("kind",), 0
    waves = [{0: "position", 1: [1, 1, 1.0, False]}, {0: "features", 1: [0]}]
    yield "H31", "a nerf as an sdf", nerf.edit(("networks", 1, "inputs"), waves), ("kind",), 1


def _without_lod_0(dense: Apart) -> bytes:
    network, level = dense.chunks
    return dense.edit((*LEVEL, "lod"), 1).with_chunks(network, ("LEVL", b""), level).put_together()


def _name(path: Path) -> str:
    return ".".join(map(str, path))
