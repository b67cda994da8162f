"""Octrees by mixed counts: exact from any start, shorter on surfaces, minor 3 only where used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor
from nfcodec.errors import DamagedFileError
from nfcodec.field import OctreeLayout
from nfcodec.layouts import morton, octree
from nfcodec.stream import topology
from nfcodec.stream.work import Work
from tests.formats import mixing_by_spec


def random_tree(depth: int, count: int, seed: int) -> OctreeLayout:
    rng = np.random.default_rng(seed)
    return OctreeLayout(depth, np.unique(rng.integers(0, 8**depth, count).astype(np.uint64)))


def sphere(depth: int) -> OctreeLayout:
    side = 2**depth
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return octree.from_cells(np.abs(np.sqrt(x**2 + y**2 + z**2) - 0.7) < 1.5 / side)


def decoded(section: Builder, layout: OctreeLayout, earlier: dict[int, OctreeLayout]) -> list[int]:
    cursor = Cursor(section.getvalue())
    found = topology.decode(cursor, layout.depth, layout.voxels.size, earlier, Work())
    cursor.finish()
    return found.voxels.tolist()


@given(st.integers(1, 4), st.integers(1, 400), st.integers(0, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_exact_and_as_specified(depth: int, count: int, start: int, seed: int) -> None:
    layout = random_tree(depth, count, seed)
    base = OctreeLayout(0, np.zeros(1, np.uint64))
    earlier: dict[int, OctreeLayout] = {}
    origin = topology.ROOT
    if 0 < start < depth:
        base = octree.coarsen(layout, start)
        earlier, origin = {0: base}, topology.REFINE
    section = topology.mixed(origin, 0, base, layout)
    assert section.minor == 3
    assert decoded(section, layout, earlier) == layout.voxels.tolist()

    cursor = Cursor(section.getvalue())
    cursor.fields("BBH")
    (size,) = cursor.fields("I")
    mixer = mixing_by_spec.Mixer(cursor.octets(size).tobytes())
    places = {(z, y, x) for x, y, z in morton.decode(base.voxels).tolist()}
    for _ in range(base.depth, depth):
        places = mixing_by_spec.children(mixer, places)
    mixer.finish()
    assert places == {(z, y, x) for x, y, z in morton.decode(layout.voxels).tolist()}


def test_a_surface_takes_a_quarter_less_than_with_static_odds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layout = sphere(6)
    mixed = topology.encode(layout, {}, Work())
    assert mixed.getvalue()[1] == topology.MIXED
    assert decoded(mixed, layout, {}) == layout.voxels.tolist()
    monkeypatch.setattr(topology, "MIN_MIXED", 1 << 30)
    static = topology.encode(layout, {}, Work())
    assert static.minor == 0
    assert mixed.size < 0.75 * static.size


def test_small_octrees_keep_the_oldest_form() -> None:
    assert topology.encode(sphere(3), {}, Work()).minor == 0


def test_more_voxels_than_stated_are_refused_at_once() -> None:
    layout = sphere(5)
    cursor = Cursor(topology.encode(layout, {}, Work()).getvalue())
    with pytest.raises(DamagedFileError, match="more than"):
        topology.decode(cursor, 5, layout.voxels.size // 8, {}, Work())


def test_damage_is_noticed_or_harmless() -> None:
    layout = sphere(5)
    data = topology.encode(layout, {}, Work()).getvalue()
    assert data[1] == topology.MIXED
    rng = np.random.default_rng(0)
    noticed = 0
    for _ in range(100):
        broken = bytearray(data)
        broken[int(rng.integers(8, len(data)))] ^= 1 << int(rng.integers(8))
        try:
            topology.decode(Cursor(bytes(broken)), 5, layout.voxels.size, {}, Work())
        except DamagedFileError:
            noticed += 1
    assert noticed > 90
