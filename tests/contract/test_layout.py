"""What every layout promises, and what follows for a third one that a test registers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.codes import Float16Code
from nfcodec.container import Cursor
from nfcodec.container.tree import Node
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.lookup import mix_rows
from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import export
from nfcodec.fieldfile.document import level_from_tree
from nfcodec.importers import load
from nfcodec.layouts import LAYOUTS, DenseLayout, Layout, octree
from nfcodec.layouts.memory import Memory
from nfcodec.model.field import Field, Level, map_levels
from nfcodec.quantize import encode
from nfcodec.render import render, views
from tests.contract.toys import ScatterLayout
from tests.fields import random_field


def _octree() -> Layout:
    cells = np.zeros((4, 4, 4), np.bool_)
    cells[1, 2:, :2] = True
    cells[0, 0, 3] = True
    return octree.from_cells(cells)


#: Examples of each layout, by name; a layout without one fails.
EXAMPLES: dict[str, list[Layout]] = {
    "dense": [
        DenseLayout((3, 4, 5)),
        DenseLayout((4, 3), align_corners=False),
        DenseLayout((6,), padding="zeros"),
        DenseLayout((1, 1, 2)),
    ],
    "octree": [_octree(), octree.from_cells(np.ones((1, 1, 1), np.bool_))],
    "scatter": [ScatterLayout(4, 50)],
}
EVERY = [layout for name in (*LAYOUTS.names, "scatter") for layout in EXAMPLES[name]]
each = pytest.mark.parametrize("layout", EVERY, ids=str)


def _points(layout: Layout, count: int = 200) -> np.ndarray:
    u = np.random.default_rng(0).uniform(-1.2, 1.2, (count, layout.dims))
    u[0], u[1] = -1.0, 1.0
    return u


@each
def test_sizes_agree(layout: Layout) -> None:
    layout.check(layout.dims, "x")
    assert len(layout.resolution) == layout.dims
    lattices = layout.lattices()
    if lattices:
        assert sum(part.count for part in lattices) == layout.num_rows
        for part in lattices:
            assert (np.diff(part.sites) > 0).all()
            assert part.sites.size == 0 or part.sites[-1] < part.lattice_size


@each
def test_rows_are_there_and_weights_are_shares(layout: Layout) -> None:
    rows, weights = layout.locate(_points(layout))
    assert rows.shape == weights.shape
    assert rows.min() >= -1
    assert rows.max() < layout.num_rows
    assert weights.dtype == np.float64
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)


@each
def test_the_locator_finds_what_the_definition_says(layout: Layout) -> None:
    values = torch.from_numpy(np.random.default_rng(1).normal(size=(layout.num_rows, 3))).float()
    u = _points(layout).astype(np.float32)
    rows, weights = layout.locate(u.astype(np.float64))
    there = np.where(rows < 0, 0.0, weights)
    expected = np.einsum("pc,pcf->pf", there, values.numpy()[np.maximum(rows, 0)])
    locator = locator_of(layout)
    for found, at in (
        locator(torch.from_numpy(u)),
        locator.as_tensor_operations(torch.from_numpy(u)),
    ):
        mixed = mix_rows(values[found.clamp_min(0).long()], found, locator.weights(at))
        np.testing.assert_allclose(mixed.numpy(), expected, atol=2e-5)


@each
def test_what_is_kept_is_what_lies_inside(layout: Layout) -> None:
    if layout.occupied_shape is None:
        with pytest.raises(ValueError, match="not say where"):
            layout.occupied()
        kept, rows = layout.keep(np.ones((2, 2, 2), np.bool_))
        assert kept is layout
        assert rows.tolist() == list(range(layout.num_rows))
        return
    cells = layout.occupied()
    assert cells.shape == layout.occupied_shape
    same, rows = layout.keep(cells)
    assert (same.occupied() == cells).all()
    assert rows.tolist() == list(range(layout.num_rows))
    half = cells.copy()
    half[len(half) // 2 :] = False
    if half.any():
        kept, rows = layout.keep(half)
        assert (kept.occupied() == half).all()
        assert kept.num_rows == len(rows) <= layout.num_rows


@each
def test_field_files_hold_it(layout: Layout) -> None:
    tree: dict[str, Any] = {
        "layout": {"type": layout.name, **layout.options(), **dict(layout.arrays())},
        "lod": 0, "features": np.zeros((layout.num_rows, 1), np.float32),
    }  # fmt: skip
    LAYOUTS.add(ScatterLayout)
    try:
        _same(level_from_tree(tree, "x").layout, layout)
    finally:
        LAYOUTS.discard(ScatterLayout)


@each
def test_header_and_sections_hold_it(layout: Layout) -> None:
    header = type(layout).read_header(Node([], "x"), _nodes(layout.header()), layout.dims)
    assert (header.dims, header.num_rows) == (layout.dims, layout.num_rows)
    assert min(header.memory()) >= 0
    for section in layout.sections(Memory()) or [None]:
        memory = Memory()
        cursor = Cursor(b"" if section is None else section.data)
        memory.work.reach(len(cursor.data))
        _same(header.decode(cursor, memory), layout)
        cursor.finish()
        assert memory.work.done == (0 if section is None else section.cost)


@each
def test_a_header_of_another_length_is_damage(layout: Layout) -> None:
    for values in ([], [*layout.header(), *layout.header(), 1, 1]):
        with pytest.raises(InvalidFieldError.__base__, match="does not take"):
            type(layout).read_header(Node([], "x"), _nodes(values), layout.dims)


@each
def test_it_says_what_it_is(layout: Layout) -> None:
    assert layout.name in str(layout)
    assert layout.describe()


def test_other_dimensions_are_refused() -> None:
    for layout in EVERY:
        with pytest.raises(InvalidFieldError, match=r"^x: "):
            layout.check(layout.dims + 1, "x")


def _scattered() -> Field:
    field = random_field("scalar", "dense", levels=2)
    rng = np.random.default_rng(5)

    def scattered(level: Level) -> Level:
        rows = rng.normal(size=(50, level.num_features)).astype(np.float32)
        return Level(ScatterLayout(4 * (level.lod + 1), 50), level.lod, rows)

    return Field("scalar", field.bounds, map_levels(field.grids, scattered), field.networks)


@pytest.mark.usefixtures("installed")
def test_a_layout_of_another_distribution_goes_all_the_way(tmp_path: Path) -> None:
    """Stored, coded, evaluated, drawn, described; it is found when a file names it."""
    field = _scattered()
    check_field(field, "x")
    assert "scatter" not in LAYOUTS.names
    export(field, tmp_path / "a.npz")
    _same(load(tmp_path / "a.npz").levels[0].layout, field.levels[0].layout)
    for method in ("kmeans", "float16"):
        coded = encode(field, method)
        data = coding.to_bytes(coded)
        found = coding.open(data)
        _same(found.levels[1].layout, field.levels[1].layout)
        points = np.random.default_rng(6).uniform(field.bounds[0], field.bounds[1], (50, 3))
        expected = evaluate(coded, points)
        np.testing.assert_array_equal(evaluate(found, points), expected)
        with torch.no_grad():
            got = FieldModule(found)(torch.from_numpy(points)).numpy()
        np.testing.assert_allclose(got, expected, atol=1e-3)
        assert coding.describe(data)["levels"][0]["layout"] == "scatter"
    image = render(found, views.camera(found, size=(16, 12)), device="cpu")
    assert image.shape[:2] == (12, 16)


def test_a_layout_that_nobody_brings_is_not_supported() -> None:
    level = _scattered().levels[0]
    tree = {"layout": {"type": "scatter", **level.layout.options()}, "lod": 0,
            "features": level.features}  # fmt: skip
    with pytest.raises(UnsupportedError, match="unknown layout 'scatter'; known are dense, octree"):
        level_from_tree(tree, "x")


def _nodes(values: Any) -> list[Node]:
    return [Node(value, f"x[{i}]") for i, value in enumerate(values, 1)]


def _same(one: Layout, other: Layout) -> None:
    assert type(one) is type(other)
    assert one.options() == other.options()
    for (name, a), (_, b) in zip(one.arrays(), other.arrays(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_float16_rows_of_a_layout_without_neighbors_are_stored() -> None:
    code = Float16Code(np.zeros((50, 1), np.float16))
    assert code.candidates(None, None)
