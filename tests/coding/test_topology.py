"""Octrees by masks and by mixed counts: exact from any start, and readable for their bytes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor, Section, limits
from nfcodec.container.work import Work
from nfcodec.errors import DamagedFileError, LimitError, UnsupportedError
from nfcodec.layouts import OctreeLayout, morton, octree, topology
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


def decoded(section: Section, layout: OctreeLayout, earlier: dict[int, OctreeLayout]) -> list[int]:
    cursor = Cursor(section.data)
    found = topology.decode(cursor, bounds_of(layout), earlier, Work())
    cursor.finish()
    return found.voxels.tolist()


@given(st.integers(1, 4), st.integers(1, 400), st.integers(0, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_exact_and_as_specified(depth: int, count: int, start: int, seed: int) -> None:
    layout = random_tree(depth, count, seed)
    base = OctreeLayout(0, np.zeros(1, np.uint64))
    earlier: dict[int, OctreeLayout] = {}
    if 0 < start < depth:
        base = octree.coarsen(layout, start)
        earlier = {0: base}
    mixed, *masks = topology.encode(layout, earlier, bounds_of(layout))
    for section in (mixed, *masks):
        work = reading(section)
        found = topology.decode(Cursor(section.data), bounds_of(layout), earlier, work)
        assert found.voxels.tolist() == layout.voxels.tolist()
        assert work.done == section.cost

    cursor = Cursor(mixed.data)
    cursor.fields("HBB")
    (size,) = cursor.fields("I")
    mixer = mixing_by_spec.Mixer(cursor.octets(size).tobytes())
    places = {(z, y, x) for x, y, z in morton.decode(base.voxels).tolist()}
    for _ in range(base.depth, depth):
        places = mixing_by_spec.children(mixer, places)
    mixer.finish()
    assert places == {(z, y, x) for x, y, z in morton.decode(layout.voxels).tolist()}


def shortest(layout: OctreeLayout, earlier: dict[int, OctreeLayout] | None = None) -> Section:
    return Work().choose(topology.encode(layout, earlier or {}, bounds_of(layout)))


def test_a_surface_takes_less_than_half_of_its_masks() -> None:
    layout = sphere(6)
    mixed, *masks = topology.encode(layout, {}, bounds_of(layout))
    assert mixed.size < 0.45 * min(section.size for section in masks)
    assert shortest(layout) == mixed


def test_an_octree_that_is_there_takes_four_bytes() -> None:
    layout = sphere(4)
    again = OctreeLayout(4, layout.voxels.copy())
    section = shortest(again, {7: layout})
    assert section.data == bytes([7, 0, topology.MASKS, 0])
    assert section.cost == 0
    found = topology.decode(Cursor(section.data), bounds_of(layout), {7: layout}, Work())
    assert found is layout


@pytest.mark.parametrize(
    ("fields", "error"),
    [((3, 0, 0), DamagedFileError), ((0, 2, 0), UnsupportedError), ((0, 1, 0), DamagedFileError),
     ((0, 0, 1), DamagedFileError), ((1, 0, 0), DamagedFileError)],
    ids=["no such base", "unknown form", "mixed counts of nothing", "not zero", "deeper base"],
)  # fmt: skip
def test_impossible_starts(fields: tuple[int, int, int], error: type[Exception]) -> None:
    layout = sphere(3)
    section = Builder()
    section.fields("HBB", *fields)
    earlier = {0: layout, 1: sphere(4)}
    with pytest.raises(error):
        topology.decode(Cursor(section.data), bounds_of(layout), earlier, Work())


def test_more_voxels_than_stated_are_refused_at_once() -> None:
    layout = sphere(5)
    cursor = Cursor(shortest(layout).data)
    with pytest.raises(DamagedFileError, match="more than"):
        topology.decode(cursor, topology.Bounds(5, layout.voxels.size // 8), {}, Work())


def test_damage_is_noticed_or_harmless() -> None:
    layout = sphere(5)
    data = shortest(layout).data
    assert data[2] == topology.MIXED
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


def test_cells_in_a_long_row_take_no_more_than_they_are() -> None:
    """Depth 16 of a 2-D grid of 3 x 65535 cells, by mixed counts: no plane of 65536 x 65536."""
    cells = np.zeros((3, 65535), np.bool_)
    cells[1, ::7] = True
    cells[:, :400] = True
    section = Work().choose(topology.encode_cells(cells))
    assert section.data[2] == topology.MIXED
    tracemalloc.start()
    found = topology.decode_cells(Cursor(section.data), cells.shape, reading(section))
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()
    assert np.array_equal(found, cells)


def test_planes_that_no_decoder_would_lay_out_are_not_written_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two cells in far corners of 65536 x 65536 voxels: an octree of two voxels to a depth."""

    def corners(side: int) -> OctreeLayout:
        voxels = np.sort(morton.encode(np.array([[0, 0, 0], [side - 1, side - 1, 0]])))
        return OctreeLayout((side - 1).bit_length(), voxels)

    layout = corners(65536)
    tracemalloc.start()
    found = Work().choose(topology.encode(layout, {}, topology.Bounds(16)))
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    again = topology.decode(Cursor(found.data), topology.Bounds(16), {}, reading(found))
    assert again.voxels.tolist() == layout.voxels.tolist()

    mixed, *masks = topology.encode(corners(1024), {}, topology.Bounds(10))
    assert len(masks) == 11
    monkeypatch.setattr(limits, "WORK", mixed.cost - 1)
    with pytest.raises(LimitError, match="work of decoding"):
        topology.decode(Cursor(mixed.data), topology.Bounds(10), {}, reading(mixed))
    assert len(topology.encode(corners(1024), {}, topology.Bounds(10))) == len(masks)  # no mixing


def reading(section: Section) -> Work:
    work = Work()
    work.reach(section.size)
    return work


@pytest.mark.parametrize(("side", "most"), [(128, 60), (256, 40_000)])
def test_a_full_grid_is_written_so_that_its_bytes_allow_reading_it(side: int, most: int) -> None:
    """All of 256^3 cells could be told in some bytes, but not so that anybody may read them."""
    cells = np.ones((side,) * 3, np.bool_)
    section = Work().choose(topology.encode_cells(cells))
    assert section.data[2] == topology.MASKS
    assert section.size < most
    assert topology.decode_cells(Cursor(section.data), cells.shape, reading(section)).all()
