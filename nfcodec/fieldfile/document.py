"""A field as a tree of plain values and named arrays: what ``.pt``, ``.h5`` and ``.npz`` all hold.

The tree (version 1), with arrays in capitals and optional parts in brackets::

    format: "nfcodec-field"       version: 1
    kind: "nerf" | "sdf" | "scalar" or the name of another kind
    BOUNDS: (2, D) float64
    grids: list of
        combine: "sum" | "concat" | "product"     [TRANSFORM: (d, D + 1) float32, of all levels]
        levels: list of
            lod: integer              FEATURES: (N, F) float32
            [TRANSFORM: (d, D + 1) float32, unless the grid has one]
            layout: type "dense", shape, align_corners, padding
                 or type "octree", depth, VOXELS: (M,) uint64 (int64 where there is no uint64)
                 or type of another layout, with its options and arrays
    networks: list of
        name: string                  skips: list of integers
        inputs: list of
            source: string            [channels: start, stop]
            encoding: kind, frequencies, scale, include_input, degree
        layers: list of
            WEIGHT: (out, in) float32     [BIAS: (out,) float32]
            activation: string            gain: number
    [occupancy: CELLS: (nz, ny, nx) bool]
    [image: the image stage of a kind that has one, as the kind's "document" says]
    metadata: JSON-able values

The names mean what they mean in :mod:`nfcodec.model.field`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nfcodec.check.field import check_field, check_metadata
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError, UnsupportedError
from nfcodec.layouts import LAYOUTS
from nfcodec.model.field import Field, Grid, Level, Occupancy
from nfcodec.model.kinds import KINDS, kind_of
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.model.protocols import Layout
from nfcodec.untrusted.tensors import Tensor

FORMAT = "nfcodec-field"
VERSION = 1

#: The keys under which the tree holds a list of subtrees.
LISTS = frozenset({"grids", "levels", "networks", "inputs", "layers"})

Tree = dict[str, Any]


def from_field(field: Field) -> Tree:
    """The tree of ``field``; arrays are shared with it, not copied."""
    check_metadata(field.metadata, "field")
    tree: Tree = {
        "format": FORMAT,
        "version": VERSION,
        "kind": field.kind,
        "bounds": field.bounds,
        "grids": [_grid_tree(grid) for grid in field.grids],
        "networks": [_network_tree(network) for network in field.networks],
        "metadata": plain(field.metadata),
    }
    if field.occupancy is not None:
        tree["occupancy"] = {"cells": field.occupancy.cells}
    if field.image is not None:
        tree["image"] = kind_of(field).part("document").to_tree(field.image)
    return tree


def to_field(tree: Mapping[str, Any], source: str) -> Field:
    """The field that ``tree`` describes, checked.

    Errors: InvalidFieldError (a part is missing, of the wrong type, or breaks a rule of the data
    model), UnsupportedError (a newer version), LimitError.
    """
    root = Node(tree, source)
    check_version(root.text("format"), root.integer("version"), source)
    metadata = root.value("metadata", dict)
    check_metadata(metadata, source)
    occupancy = root.child("occupancy") if root.has("occupancy") else None
    field = Field(
        kind=root.text("kind"),
        bounds=root.array("bounds"),
        grids=tuple(_grid(node) for node in root.children("grids")),
        networks=tuple(_network(node) for node in root.children("networks")),
        occupancy=Occupancy(occupancy.array("cells")) if occupancy else None,
        metadata=plain(metadata),
    )
    kind = KINDS.named(field.kind, source)
    if root.has("image") and kind.has_image_stage:
        field = replace(field, image=kind.part("document").from_tree(root.child("image")))
    check_field(field, source)
    return field


def check_version(name: object, version: object, source: str) -> None:
    """Raise unless a file that states this format name and version can be read here."""
    if name != FORMAT:
        raise InvalidFieldError(f"{source}: not a field: its format is {name!r}, not {FORMAT!r}")
    if version != VERSION:
        raise UnsupportedError(
            f"{source}: version {version} of the field format; this build reads version {VERSION}, "
            "a newer nfcodec may read more"
        )


def plain(value: Any) -> Any:
    """A copy of JSON-able ``value`` in which mappings are dicts and tuples are lists."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def level_from_tree(tree: Mapping[str, Any], source: str) -> Level:
    """One level; InvalidFieldError if a part is missing or of the wrong type."""
    return _level(Node(tree, source))


def _grid_tree(grid: Grid[Level]) -> Tree:
    shared = grid.shared_transform
    tree: Tree = {
        "combine": grid.combine,
        "levels": [_level_tree(level, shared is None) for level in grid.levels],
    }
    if shared is not None:
        tree["transform"] = shared
    return tree


def _level_tree(level: Level, placed: bool) -> Tree:
    """``placed``: with the level's transform, if it has one."""
    tree: Tree = {
        "lod": int(level.lod),
        "layout": _layout_tree(level.layout),
        "features": level.features,
    }
    if placed and level.transform is not None:
        tree["transform"] = level.transform
    return tree


def _layout_tree(layout: Layout) -> Tree:
    return {"type": layout.name, **layout.options(), **dict(layout.arrays())}


def _network_tree(network: Network) -> Tree:
    return {
        "name": network.name,
        "skips": [int(k) for k in network.skips],
        "inputs": [_input_tree(block) for block in network.inputs],
        "layers": [_layer_tree(layer) for layer in network.layers],
    }


def _input_tree(block: Input) -> Tree:
    encoding = block.encoding
    tree: Tree = {
        "source": block.source,
        "encoding": {
            "kind": encoding.kind,
            "frequencies": int(encoding.frequencies),
            "scale": float(encoding.scale),
            "include_input": bool(encoding.include_input),
            "degree": int(encoding.degree),
        },
    }
    if block.channels is not None:
        tree["channels"] = [int(n) for n in block.channels]
    return tree


def _layer_tree(layer: Layer) -> Tree:
    tree: Tree = {
        "weight": layer.weight,
        "activation": layer.activation,
        "gain": float(layer.gain),
    }
    if layer.bias is not None:
        tree["bias"] = layer.bias
    return tree


def _grid(node: Node) -> Grid[Level]:
    levels = [_level(child) for child in node.children("levels")]
    if node.has("transform"):
        if any(level.transform is not None for level in levels):
            raise InvalidFieldError(f"{node.where}: both the grid and a level have a transform")
        transform = node.array("transform")
        levels = [replace(level, transform=transform) for level in levels]
    return Grid(tuple(levels), node.text("combine"))


def _level(node: Node) -> Level:
    transform = node.array("transform") if node.has("transform") else None
    layout = _layout(node.child("layout"))
    return Level(layout, node.integer("lod"), node.array("features"), transform)


def _layout(node: Node) -> Layout:
    return LAYOUTS.named(node.text("type"), node.where).from_tree(node)


def _network(node: Node) -> Network:
    return Network(
        name=node.text("name"),
        inputs=tuple(_input(child) for child in node.children("inputs")),
        layers=tuple(_layer(child) for child in node.children("layers")),
        skips=tuple(node.integers("skips")),
    )


def _input(node: Node) -> Input:
    encoding = node.child("encoding")
    channels: tuple[int, int] | None = None
    if node.has("channels"):
        ends = node.integers("channels")
        if len(ends) != 2:
            raise InvalidFieldError(f"{node.where}: channels are two numbers, not {len(ends)}")
        channels = (ends[0], ends[1])
    return Input(
        source=node.text("source"),
        encoding=Encoding(
            kind=encoding.text("kind"),
            frequencies=encoding.integer("frequencies"),
            scale=encoding.number("scale"),
            include_input=encoding.value("include_input", bool),
            degree=encoding.integer("degree"),
        ),
        channels=channels,
    )


def _layer(node: Node) -> Layer:
    return Layer(
        weight=node.array("weight"),
        bias=node.array("bias") if node.has("bias") else None,
        activation=node.text("activation"),
        gain=node.number("gain"),
    )


class Node:
    """A subtree that knows where it is and insists on the types of its parts."""

    def __init__(self, tree: Any, where: str) -> None:
        if not isinstance(tree, Mapping):
            raise InvalidFieldError(f"{where}: a group is needed, not {type(tree).__name__}")
        self.tree = tree
        self.where = where

    def has(self, key: str) -> bool:
        return self.tree.get(key) is not None

    def value(self, key: str, kind: type) -> Any:
        if key not in self.tree:
            raise InvalidFieldError(f"{self.where}: {key!r} is missing")
        value = self.tree[key]
        if type(value) is not kind:
            raise InvalidFieldError(
                f"{self.where}: {key!r} must be {kind.__name__}, not {type(value).__name__}"
            )
        return value

    def text(self, key: str) -> str:
        return cast(str, self.value(key, str))

    def integer(self, key: str) -> int:
        return cast(int, self.value(key, int))

    def number(self, key: str) -> float:
        return cast(float, self.value(key, float))

    def integers(self, key: str) -> list[int]:
        values = self.value(key, list)
        if any(type(value) is not int for value in values):
            raise InvalidFieldError(f"{self.where}: {key!r} must be a list of integers")
        return cast("list[int]", values)

    def array(self, key: str) -> npt.NDArray[Any]:
        if isinstance(self.tree.get(key), Tensor):
            value = self.tree[key].array()
        else:
            value = self.value(key, np.ndarray)
        return np.ascontiguousarray(value) if value.ndim else value

    def child(self, key: str) -> Node:
        return Node(self.value(key, dict), f"{self.where}: {key}")

    def children(self, key: str) -> list[Node]:
        trees = self.value(key, list)
        if len(trees) > max(limits.GRIDS, limits.LEVELS):
            raise LimitError(f"{self.where}: {len(trees)} {key}")
        return [Node(tree, f"{self.where}: {key} {i}") for i, tree in enumerate(trees)]
