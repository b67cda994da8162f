"""What later levels may refer to, and the sites at which levels have their vectors."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from nfcodec.codes import VQCode
from nfcodec.coding.work import Work
from nfcodec.container import Builder, Cursor
from nfcodec.entropy import adaptive, contexts, symbols
from nfcodec.entropy.contexts import Layer
from nfcodec.entropy.lattice import MAX_SITES, Lattice
from nfcodec.errors import DamagedFileError
from nfcodec.layouts import DenseLayout, OctreeLayout, lattice_shape
from nfcodec.model.protocols import Layout

#: Symbols of one value, and sites of a plane, that take as much work as one other symbol.
CONSTANTS, PLANES = 8, 32


@dataclass
class Memory:
    """What later levels may refer to, by storage position: octrees, symbols and their sites.

    ``work`` is what the levels so far, and the occupancy, have taken. ``contexts``: whether an
    encoder looks for contexts.
    """

    work: Work = field(default_factory=Work)
    contexts: bool = True
    octrees: dict[int, OctreeLayout] = field(default_factory=dict)
    layers: dict[int, Layer] = field(default_factory=dict)
    _unclassed: dict[int, tuple[Layout, VQCode]] = field(default_factory=dict)
    _lattices: dict[Hashable, Lattice] = field(default_factory=dict)
    _voxels: dict[int, adaptive.Voxels] = field(default_factory=dict)

    def add(self, position: int, layout: Layout, code: VQCode) -> None:
        """A level whose symbols are their own classes."""
        if num_sites(layout) <= MAX_SITES and len(code.codebook) <= contexts.MAX_CLASSES:
            self._unclassed[position] = layout, code

    def layer(self, position: int) -> Layer:
        """The layer of an earlier level; DamagedFileError if that cannot be referred to."""
        if position not in self.layers:
            if position not in self._unclassed:
                raise DamagedFileError(f"level {position} cannot be referred to")
            layout, code = self._unclassed[position]
            classes = code.indices.unpack().astype(np.uint8)
            self.layers[position] = Layer(self.lattice(layout), classes, len(code.codebook))
        return self.layers[position]

    def coarser(self, position: int) -> Layer:
        """:meth:`layer`, whose symbols a finer level is about to look at."""
        layer = self.layer(position)
        self.work.count(layer.classes.size)
        return layer

    def lattice(self, layout: Layout) -> Lattice:
        """The corners of ``layout`` as sites; levels that share a layout share them."""
        key = layout.shape if isinstance(layout, DenseLayout) else id(layout)
        if key not in self._lattices:
            self._lattices[key] = lattice_of(layout)
        return self._lattices[key]

    def voxels(self, layout: Layout) -> adaptive.Voxels:
        """The cells between the corners that are there; None for all."""
        if id(layout) not in self._voxels:
            (sites,) = layout.lattices()
            self._voxels[id(layout)] = sites.cells
        return self._voxels[id(layout)]

    def has_layer(self, position: int) -> bool:
        return position in self.layers or position in self._unclassed


def symbols_work(section: Builder, rows: int, alphabet: int, layout: Layout, memory: Memory) -> int:
    """What decoding a symbol ``section`` of ``rows`` symbols of a level takes."""
    form, _, named = Cursor(section.getvalue()).fields("BBH")
    if form == symbols.CONSTANT:
        return rows // CONSTANTS
    if form == symbols.IN_CONTEXT:
        below = 0 if named == contexts.NO_COARSER else memory.layer(named).classes.size
        return 2 * rows + below
    if form == symbols.MIXED:
        tree = adaptive.read_tree(Cursor(section.getvalue()), alphabet)
        return rows + planes_work(layout) + tree.work(rows)
    return rows


def planes_work(layout: Layout) -> int:
    """What it takes to lay out the planes of sites that mixed counts look back at."""
    return math.prod(lattice_shape(layout)[-2:]) // PLANES


def need_passable(layout: Layout) -> None:
    """DamagedFileError if there are too many sites for symbols beside their neighbors."""
    if num_sites(layout) > MAX_SITES:
        raise DamagedFileError(f"contexts in a lattice of {num_sites(layout):,} sites")


def num_sites(layout: Layout) -> int:
    return math.prod(lattice_shape(layout))


def lattice_of(layout: Layout) -> Lattice:
    """The corners as sites of a three-dimensional lattice."""
    (sites,) = layout.lattices()
    return Lattice(sites.sites, sites.shape)
