"""Octrees against sets of cells."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nfcodec.layouts import (
    DenseLayout,
    OctreeLayout,
    corner_coordinates,
    corners,
    lattice_shape,
    morton,
    octree,
)
from nfcodec.layouts.corners import corner_bitmap, corner_sites


@st.composite
def cells(draw: st.DrawFn, max_depth: int = 3) -> np.ndarray:
    side = 2 ** draw(st.integers(0, max_depth))
    return draw(hnp.arrays(np.bool_, (side, side, side)))


@given(cells())
def test_from_cells_and_back(mask: np.ndarray) -> None:
    layout = octree.from_cells(mask)
    assert 2**layout.depth == len(mask)
    assert (np.diff(layout.voxels.astype(np.int64)) > 0).all()
    assert np.array_equal(octree.to_cells(layout), mask)


def test_a_cell_is_found_at_its_coordinates() -> None:
    mask = np.zeros((4, 4, 4), np.bool_)
    mask[3, 2, 1] = True  # z, y, x
    layout = octree.from_cells(mask)
    assert morton.decode(layout.voxels).tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("shape", [(3, 3, 3), (4, 4, 2), (0, 0, 0)])
def test_from_cells_wants_a_cube_of_a_power_of_two(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cube"):
        octree.from_cells(np.zeros(shape, np.bool_))


@given(cells(), st.integers(0, 3))
def test_coarsen_keeps_cells_with_an_occupied_descendant(mask: np.ndarray, depth: int) -> None:
    layout = octree.from_cells(mask)
    if depth > layout.depth:
        with pytest.raises(ValueError, match="coarsen"):
            octree.coarsen(layout, depth)
        return
    block = 2 ** (layout.depth - depth)
    side = 2**depth
    expected = mask.reshape(side, block, side, block, side, block).any(axis=(1, 3, 5))
    assert np.array_equal(octree.to_cells(octree.coarsen(layout, depth)), expected)


@given(cells(max_depth=2))
def test_dilate_grows_by_one_cell_in_every_direction(mask: np.ndarray) -> None:
    expected = np.zeros_like(mask)
    for z, y, x in np.argwhere(mask):
        expected[max(z - 1, 0) : z + 2, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] = True
    before = mask.copy()
    assert np.array_equal(octree.dilate(mask), expected)
    assert np.array_equal(mask, before)


@given(cells())
def test_child_masks_and_expand_are_inverse(mask: np.ndarray) -> None:
    layout = octree.from_cells(mask)
    if layout.depth == 0:
        return
    parents = octree.coarsen(layout, layout.depth - 1).voxels
    masks = octree.child_masks(parents, layout.voxels)
    assert masks.dtype == np.uint8
    assert (masks > 0).all()
    assert np.array_equal(octree.expand(parents, masks), layout.voxels)


def test_child_masks_name_each_child_by_its_bit() -> None:
    parents = np.array([0, 5], np.uint64)
    children = np.array([1, 7, 5 * 8 + 2], np.uint64)
    assert octree.child_masks(parents, children).tolist() == [0b10000010, 0b100]


def test_a_child_without_parent_is_an_error() -> None:
    for orphan in (8 * 3, 8 * 9):
        with pytest.raises(ValueError, match="parent"):
            octree.child_masks(np.array([0, 5], np.uint64), np.array([orphan], np.uint64))


@settings(deadline=None)
@given(cells())
def test_corners_are_those_of_the_occupied_voxels(mask: np.ndarray) -> None:
    layout = octree.from_cells(mask)
    side = len(mask) + 1
    expected = set()
    for z, y, x in np.argwhere(mask):
        for dz, dy, dx in np.ndindex(2, 2, 2):
            expected.add(((z + dz) * side + (y + dy)) * side + x + dx)
    sites = corner_sites(layout)
    assert sites.tolist() == sorted(expected)
    assert layout.num_rows == len(expected)
    x, y, z = corner_coordinates(layout).T.astype(np.int64)
    assert ((z * side + y) * side + x).tolist() == sorted(expected)
    index = corner_bitmap(layout)
    assert np.array_equal(index.rank(sites), np.arange(len(sites)))


def test_dense_corners_run_x_fastest() -> None:
    layout = DenseLayout((2, 3, 4))
    assert lattice_shape(layout) == (2, 3, 4)
    assert layout.num_rows == 24
    coordinates = corner_coordinates(layout)
    assert coordinates.dtype == np.int32
    assert coordinates[:5].tolist() == [[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0], [0, 1, 0]]
    assert coordinates[-1].tolist() == [3, 2, 1]
    assert corner_coordinates(DenseLayout((2, 3)))[4].tolist() == [1, 1]


def test_the_corner_structure_is_kept_with_its_voxels_and_goes_with_them() -> None:
    layout = octree.from_cells(np.ones((2, 2, 2), np.bool_))
    assert corner_bitmap(layout) is corner_bitmap(layout)
    address = layout.voxels.ctypes.data
    assert address in corners._BITMAPS
    del layout
    gc.collect()
    assert address not in corners._BITMAPS


def test_layouts_too_deep_to_index_are_refused() -> None:
    deep = OctreeLayout(corners.MAX_OCTREE_DEPTH + 1, np.zeros(1, np.uint64))
    with pytest.raises(ValueError, match="above"):
        corner_bitmap(deep)
