"""Image stages of vq-nerf that break a rule (V)."""

from __future__ import annotations

import copy
import math
import struct
from collections.abc import Iterator
from typing import Any

from formats.making import bases
from formats.making.apart import GONE, Apart, Path, padded, unit
from formats.making.frame_cases import Case
from nfcodec.container import cbor

#: Places in the outline of the base.
FIRST: Path = ("layers", 0)
RESIDUAL: Path = ("layers", 1)
NORM: Path = (*RESIDUAL, "layers", 0)
SHORTCUT: Path = (*RESIDUAL, "shortcut")
ATTENTION: Path = ("layers", 2, "layers", 0)
UPSAMPLE: Path = ("layers", 4)
SHUFFLE: Path = ("layers", 8)
_MISSING = object()


def cases() -> Iterator[Case]:
    """All of them."""
    inside, named = bases.images(), bases.images(named=True)
    outline = _outline(inside)
    inside = _with_outline(inside, outline)
    yield from _header(inside, named)
    yield from _networks(inside)
    data = inside.payload("PICT")
    for what, spoiled in (
        ("131073 bytes", struct.pack("<I", 131073) + data[4:]),
        ("no CBOR", unit("I", 1) + b"\xff\0\0\0"),
        ("an array", unit("I", 1) + b"\x80\0\0\0"),
    ):
        yield "V5", f"an outline of {what}", inside.with_payload("PICT", spoiled).put_together()
    for rule, what, path, value in _edits(outline):
        changed = _with_outline(inside, _edited(outline, path, value))
        if rule != "V8":
            changed = changed.edit(("image", 4), max(72, _values(_edited(outline, path, value))))
        yield rule, what, changed.put_together()


def _header(inside: Apart, named: Apart) -> Iterator[Case]:
    yield "V1", "form 2", inside.edit(("image", 0), 2).put_together()
    values = inside.at(("image", 4))
    for what, entry, value in (
        ("f = 0", 1, 0), ("f = 64", 1, 64), ("no codes", 2, 0),
        ("65537 codes", 2, 65537), ("no features", 3, 0), ("4097 features", 3, 4097),
        ("fewer values than the codebook has", 4, 1), ("values as a text", 4, "1"),
    ):  # fmt: skip
        yield "V2", what, inside.edit(("image", entry), value).put_together()
    yield "V2", "f = 3, elsewhere", named.edit(("image", 1), 3).put_together()
    yield "V15", "a vq-nerf without image", named.edit(("image",), GONE).put_together()
    yield (
        "V15",
        "an sdf with image",
        bases.apart(bases.dense()).edit(("image",), named.at(("image",))).put_together(),
    )
    plain = bases.apart(bases.dense())
    yield "V15", "PICT in an sdf", plain.with_chunks(("PICT", b""), *plain.chunks).put_together()
    yield "V2", "a digest of 31 bytes", named.edit(("image", 4), bytes(31)).put_together()
    yield "V2", "an entry too few", named.edit(("image",), [1, 4, 24, 3]).put_together()
    yield "V8", "one value more", inside.edit(("image", 4), values + 1).put_together()
    codes = inside.at(("image", 2))
    yield "V8", "one code less", inside.edit(("image", 2), codes - 1).put_together()


def _networks(base: Apart) -> Iterator[Case]:
    networks = base.at(("networks",))
    trunk, distance, density, latent, trust, color = networks

    def file(*listed: Any) -> bytes:
        return base.edit(("networks",), list(listed)).with_zero_networks().put_together()

    def called(network: Any, name: str) -> Any:
        return {**network, 0: name}

    renamed = called(distance, "d")
    reads = {**density, 1: [{0: "d", 1: [0]}]}
    yield "V3", "no distance", file(trunk, renamed, reads, latent, trust, color)
    yield "V3", "distance after density", file(trunk, renamed, reads, distance, latent)
    yield "V3", "another after density", file(trunk, distance, density, called(trunk, "t"), latent)
    yield "V3", "trust without color", file(trunk, distance, density, latent, trust)
    yield "V3", "color before trust", file(trunk, distance, density, latent, color, trust)
    yield "V3", "another one last", file(*networks, called(trunk, "t"))
    sources = {**trust, 1: [{0: "latent", 1: [0]}], 2: [{**trust[2][0], 1: 3}]}
    yield "V4", "trust reads latent", file(trunk, distance, density, latent, sources, color)


def _edits(outline: Any) -> Iterator[tuple[str, str, Path, Any]]:
    needed: list[Path] = [
        ("scale",), ("layers",), (*FIRST, "type"), (*FIRST, "weight"), (*FIRST, "bias"),
        (*FIRST, "stride"), (*RESIDUAL, "shortcut"), (*RESIDUAL, "layers"), (*NORM, "groups"),
        (*NORM, "epsilon"), (*NORM, "weight"), (*ATTENTION, "query"), (*ATTENTION, "key"),
        (*ATTENTION, "value"), (*ATTENTION, "out"), (*UPSAMPLE, "factor"), (*SHUFFLE, "factor"),
        ("layers", 3, "name"),
    ]  # fmt: skip
    for path in needed:
        yield "V6", f"no {_name(path)}", path, _MISSING
    types: list[tuple[Path, Any]] = [
        (("scale",), 4.0), (("layers",), {}), (FIRST, []), ((*FIRST, "type"), 1),
        ((*FIRST, "weight"), [8, 3, 3]), ((*FIRST, "weight"), [8, 3, 3, 0]),
        ((*FIRST, "bias"), [8.0]), ((*FIRST, "stride"), True), ((*NORM, "epsilon"), 1),
        ((*NORM, "bias"), None), ((*UPSAMPLE, "factor"), "2"), (SHORTCUT, 0),
        ((*ATTENTION, "out"), None), (("layers", 3, "name"), 0),
    ]  # fmt: skip
    for path, value in types:
        yield "V6", f"{_name(path)} is {value!r}", path, value
    yield "V7", "an unknown type", (*FIRST, "type"), "deconvolution"
    yield "V7", "an unknown activation", ("layers", 3, "name"), "swish"
    yield "V7", "an unknown entry of the outline", ("x",), 0
    yield "V7", "an unknown entry of a layer", (*UPSAMPLE, "x"), 0
    yield "V8", "another scale", ("scale",), 2
    yield "V8", "another codebook", ("codebook",), [24, 4]
    yield "V8", "a layer of other values", (*FIRST, "bias"), None
    relu = {"type": "activation", "name": "relu"}
    up = {"type": "upsample", "factor": 2}
    shuffle = {"type": "pixel_shuffle", "factor": 2}
    yield "V9", "a shuffle of 3 channels", ("layers",), [*outline["layers"], shuffle]
    yield "V9", "4 channels at the end", ("layers",), [*outline["layers"][:-2], relu]
    yield "V10", "2 times as large", UPSAMPLE, relu
    yield "V10", "8 times as large", ("layers", 3), up
    down = {"type": "pixel_unshuffle", "factor": 2}
    yield "V10", "smaller at first", ("layers",), [down, *outline["layers"]]
    far = [{**up, "factor": 8}, *outline["layers"]]
    yield "V10", "larger in between", ("layers",), far
    yield "V11", "an upsample in a residual", (*RESIDUAL, "layers", 1), up
    yield "V12", "epsilon 0", (*NORM, "epsilon"), 0.0
    yield "V12", "epsilon 2", (*NORM, "epsilon"), 2.0
    yield "V12", "epsilon -1", (*NORM, "epsilon"), -1.0
    yield "V12", "factor 1", (*UPSAMPLE, "factor"), 1
    yield "V12", "factor 64", (*UPSAMPLE, "factor"), 64
    yield "V12", "groups 3 of 8 channels", (*NORM, "groups"), 3
    yield "V12", "groups 0", (*NORM, "groups"), 0
    yield "V12", "stride 3", (*FIRST, "stride"), 3
    yield "V12", "a kernel of 1 at stride 2", (*SHORTCUT, "stride"), 2
    yield "V13", "an activation as a shortcut", SHORTCUT, relu
    wide = {**outline["layers"][1]["shortcut"], "weight": [8, 8, 3, 3]}
    yield "V13", "a shortcut of 3 x 3", SHORTCUT, wide
    yield "V13", "an activation as a query", (*ATTENTION, "query"), relu
    nested: Any = relu
    for _ in range(5):
        nested = {"type": "residual", "layers": [nested], "shortcut": None}
    yield "V14", "a layer inside 5 others", ("layers",), [nested, *outline["layers"]]
    many = [relu] * 1024
    yield "V14", "1034 layers", ("layers",), [*many, *outline["layers"]]


def _outline(base: Apart) -> Any:
    """The outline in the base's ``PICT``."""
    data = base.payload("PICT")
    (size,) = struct.unpack_from("<I", data)
    return cbor.loads(data[4 : 4 + size], "outline")


def _with_outline(base: Apart, outline: Any) -> Apart:
    """With another outline, and as many zeros as it asks for."""
    text = cbor.dumps(outline)
    data = unit("I", len(text)) + padded(text)
    values = _values(outline)
    for count in (72, max(0, values - 72), 3):
        data += unit("II", 2, 1) + unit("IHHB", count, 1, 0, 24) + unit("BBH", 0, 0, 0)
    return base.with_payload("PICT", data)


def _values(tree: Any, key: str = "") -> int:
    """How many values the arrays of an outline hold, as far as it has a sense."""
    if key in ("codebook", "weight", "bias"):
        sound = isinstance(tree, list) and all(type(side) is int for side in tree)
        return math.prod(tree) if sound else 0
    if isinstance(tree, dict):
        return sum(_values(value, name) for name, value in tree.items())
    return sum(map(_values, tree)) if isinstance(tree, list) else 0


def _edited(tree: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(tree)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is _MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def _name(path: Path) -> str:
    return ".".join(map(str, path))
