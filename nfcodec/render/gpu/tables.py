"""Programs from what the WGSL files, the page and Python share as data.

``nfcodec/shaders/tables.json`` states the members of each struct and what each program is made of,
``constants.json`` the numbers that images are drawn with. A program's text is the structs, the
constants, one field's levels and layers as constants, its files as they are, and the calls that go
through levels and layers. The page makes the same in ``web/src/shaders/tables.ts``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from nfcodec.render import constants

Words = npt.NDArray[np.uint32]
#: Values of the members of a struct, by name; members that are not named are zero.
Members = Mapping[str, Any]

_FORMATS = {"u32": "<u4", "f32": "<f4", "vec4<f32>": ("<f4", 4), "vec4<u32>": ("<u4", 4)}


@functools.cache
def shader_file(name: str) -> str:
    """The text of one file of ``nfcodec/shaders``."""
    return (resources.files("nfcodec") / "shaders" / name).read_text(encoding="utf-8")


@functools.cache
def tables() -> dict[str, Any]:
    """``tables.json``."""
    return dict(json.loads(shader_file("tables.json")))


def tag(kind: str, name: str) -> int:
    """The number by which programs know a layout, a code, an encoding, an activation or a mode."""
    return int(tables()["constants"][f"{kind}_{name.upper()}"])


@functools.cache
def struct(name: str) -> np.dtype[np.void]:
    """A struct of ``tables.json`` as a dtype."""
    members = [(member, _FORMATS[kind]) for member, kind, _ in tables()["structs"][name]]
    return np.dtype(members)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Rows:
    """One field's levels, inputs of networks and layers, as values of the structs' members.

    ``calls``: for each network the inputs and the layers that it has, as numbers of rows.
    ``first_networks``: how many of them a density, or the value of a field without one, needs.
    ``sizes``: lengths of arrays in the programs' text, by name.
    """

    whole: Members
    levels: Sequence[Members]
    inputs: Sequence[Members]
    layers: Sequence[Members]
    calls: Sequence[tuple[range, range]]
    first_networks: int
    sizes: Mapping[str, int]


def program_text(program: str, rows: Rows, storage: Iterable[str]) -> str:
    """The WGSL text of a program; ``storage`` names the files that declare its buffers."""
    files = ["bindings", *storage, *tables()["programs"][program]]
    texts = [shader_file(f"{name}.wgsl") for name in files]
    return "\n".join([*_structs(), *_constants(rows), *texts, *_calls(rows)]) + "\n"


def _structs() -> Iterator[str]:
    for name, members in tables()["structs"].items():
        yield f"struct {name} {{"
        for member, kind, _ in members:
            yield f"    {member}: {kind},"
        yield "}"


def _constants(rows: Rows) -> Iterator[str]:
    for name, value in [*tables()["constants"].items(), *rows.sizes.items()]:
        yield f"const {name} = {value}u;"
    for name, (value, kind) in constants.stated().items():
        yield f"const {name}: {kind} = {value};"
    yield f"const WHOLE = {_row('Whole', rows.whole)};"
    for name, entries in (("Level", rows.levels), ("Input", rows.inputs), ("Layer", rows.layers)):
        for number, entry in enumerate(entries):
            yield f"const {name.upper()}_{number} = {_row(name, entry)};"


def _row(name: str, entry: Members) -> str:
    """A struct as a WGSL constant; members that are not named are zero."""
    values = []
    for member, kind, _ in tables()["structs"][name]:
        value = entry.get(member, 0)
        if kind == "u32":
            values.append(f"{int(value)}u")
        elif kind == "f32":
            values.append(_float(value))
        else:
            values.append(f"{kind}({', '.join(map(_float, value))})")
    return f"{name}({', '.join(values)})"


def _float(value: float) -> str:
    return repr(float(np.float32(value)))


def _calls(rows: Rows) -> Iterator[str]:
    """The functions that go through all levels in use, and through the networks."""
    yield "fn read_features(u: vec3<f32>) {"
    yield "    clear_features();"
    for number, entry in enumerate(rows.levels):
        until = f" && params.chosen.x < {entry['until']}u" if "until" in entry else ""
        yield f"    if (params.chosen.x >= {entry['lod']}u{until}) {{"
        yield f"        add_level(LEVEL_{number}, u);"
        yield "    }"
    yield "}"
    first = rows.first_networks
    for name, calls in (("first", rows.calls[:first]), ("last", rows.calls[first:])):
        yield f"fn run_{name}_networks() {{"
        for inputs, layers in calls:
            yield from (f"    encode(INPUT_{number});" for number in inputs)
            yield from (f"    run_layer(LAYER_{number});" for number in layers)
        yield "}"
