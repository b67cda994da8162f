"""Octrees by mixed counts: exact from any start, shorter on surfaces, minor 3 only where used."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.coding import children, topology
from nfcodec.coding.work import Work
from nfcodec.container import Builder, Cursor
from nfcodec.errors import DamagedFileError, LimitError
from nfcodec.layouts import OctreeLayout, morton, octree
from tests.formats import mixing_by_spec


def random_tree(depth: int, count: int, seed: int) -> OctreeLayout:
    rng = np.random.default_rng(seed)
    return OctreeLayout(depth, np.unique(rng.integers(0, 8**depth, count).astype(np.uint64)))


def sphere(depth: int) -> OctreeLayout:
    side = 2**depth
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return octree.from_cells(np.abs(np.sqrt(x**2 + y**2 + z**2) - 0.7) < 1.5 / side)


def bounds_of(layout: OctreeLayout) -> topology.Bounds:
    return topology.Bounds(layout.depth, layout.voxels.size)


def decoded(section: Builder, layout: OctreeLayout, earlier: dict[int, OctreeLayout]) -> list[int]:
    cursor = Cursor(section.getvalue())
    found = topology.decode(cursor, bounds_of(layout), earlier, Work())
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
    parents = [base.voxels]
    parents += [octree.coarsen(layout, at).voxels for at in range(base.depth + 1, depth)]
    section = topology.mixed(origin, 0, parents, layout)
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
        topology.decode(cursor, topology.Bounds(5, layout.voxels.size // 8), {}, Work())


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
            topology.decode(Cursor(bytes(broken)), bounds_of(layout), {}, Work())
        except DamagedFileError:
            noticed += 1
    assert noticed > 90


@given(st.integers(0, 6), st.integers(0, 300), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_neighbors_are_found_in_full_and_in_empty_space(depth: int, count: int, seed: int) -> None:
    """By a lattice or by search, whichever suits; both against a dictionary."""
    voxels = random_tree(depth, count, seed).voxels
    row = {tuple(place): i for i, place in enumerate(morton.decode(voxels).tolist())}
    for filled in (0, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(children, "_FILLED", filled)
            lower, upper = children._neighbors(voxels, depth)
        for axis in range(3):
            for rows, step in ((lower, -1), (upper, 1)):
                for place, i in row.items():
                    beside = list(place)
                    beside[axis] += step
                    assert rows[axis][i] == row.get(tuple(beside), voxels.size)


def test_cells_in_a_long_row_take_no_more_than_they_are() -> None:
    """Depth 16 of a 2-D grid of 3 x 65535 cells, by mixed counts: no plane of 65536 x 65536."""
    cells = np.zeros((3, 65535), np.bool_)
    cells[1, ::7] = True
    cells[:, :400] = True
    work = Work()
    section = topology.encode_cells(cells, work)
    assert section.getvalue()[1] == topology.MIXED
    tracemalloc.start()
    found = topology.decode_cells(Cursor(section.getvalue()), cells.shape, reading(section))
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()
    assert np.array_equal(found, cells)


@pytest.mark.slow
def test_planes_are_as_large_as_what_lies_on_them_and_are_counted() -> None:
    """Two cells in far corners of 65536 x 65536 voxels: an octree of two voxels to a depth."""
    voxels = np.sort(morton.encode(np.array([[0, 0, 0], [65535, 65535, 0]])))
    layout = OctreeLayout(16, voxels)
    parents = [octree.coarsen(layout, depth).voxels for depth in range(16)]
    section = topology.mixed(topology.ROOT, 0, parents, layout)
    cursor = Cursor(section.getvalue())
    tracemalloc.start()
    with pytest.raises(LimitError, match="work of decoding"):
        topology.decode(cursor, topology.Bounds(16), {}, reading(section))
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    # By eight passes there are no planes.
    found = topology.encode(layout, {}, Work(), topology.Bounds(16))
    assert found.getvalue()[1] != topology.MIXED
    again = topology.decode(Cursor(found.getvalue()), topology.Bounds(16), {}, reading(found))
    assert again.voxels.tolist() == voxels.tolist()


def reading(section: Builder) -> Work:
    work = Work()
    work.reach(section.size)
    return work


@pytest.mark.slow
def test_a_full_grid_is_written_so_that_its_bytes_allow_reading_it() -> None:
    """All of 128^3 cells: 2.4 million children, which could be told in a hundred bytes."""
    cells = np.ones((128, 128, 128), np.bool_)
    section = topology.encode_cells(cells, Work())
    assert 1000 < section.size < 20_000
    found = topology.decode_cells(Cursor(section.getvalue()), cells.shape, reading(section))
    assert found.all()
