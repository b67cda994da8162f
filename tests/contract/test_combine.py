"""What every way to combine promises, and levels of fewer dimensions in their place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.codes import Float16Code
from nfcodec.combine import COMBINES, Combine
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.reference import evaluate, features, interpolate
from nfcodec.exporters import export, up_to_lod
from nfcodec.importers import load
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, to_field
from nfcodec.model.field import Field
from nfcodec.quantize.contract import to_half, with_codes
from tests.fields import planes_and_lines

WAYS = [*COMBINES]


@pytest.mark.parametrize("way", WAYS, ids=COMBINES.names)
def test_width_is_that_of_the_columns(way: Combine) -> None:
    parts = [np.full((5, 3), float(i + 2)) for i in range(3)]
    width = way.width([3, 3, 3])
    for there in ((0, 1, 2), (1,), ()):
        given = [part if i in there else None for i, part in enumerate(parts)]
        columns = way.columns(given, lambda i: np.zeros((5, 3)))
        assert np.concatenate(columns, axis=1).shape == (5, width)
    assert not np.concatenate(way.columns([None] * 3, lambda i: np.zeros((5, 3))), axis=1).any()


@pytest.mark.parametrize("way", WAYS, ids=COMBINES.names)
def test_levels_share_the_channels_of_the_result(way: Combine) -> None:
    shared = way.sharing(["a", "b", "c"])
    assert [name for group in shared for name in group] == ["a", "b", "c"]
    assert 3 * len(shared) == way.width([3, 3, 3])
    if not way.keeps_channels:
        with pytest.raises(ValueError, match=r"widths \[2, 3\]"):
            way.width([2, 3])


@pytest.mark.parametrize("way", WAYS, ids=COMBINES.names)
def test_factors_of_levels_come_out_at_every_lod(way: Combine) -> None:
    rng = np.random.default_rng(0)
    lods = [0, 0, 1]
    parts = [rng.normal(size=(5, 3)) for _ in lods]
    first = 0
    for group in way.sharing([0, 1, 2]):
        sets = way.factors([lods[i] for i in group])
        assert sets
        for places in sets:
            scaled = [group[place] for place in places]
            for lod in (0, 1):
                found = []
                for factor in (1.0, 2.0):
                    given = [
                        (part * factor if i in scaled else part) if lods[i] <= lod else None
                        for i, part in enumerate(parts)
                    ]
                    columns = way.columns(given, lambda i: np.zeros((5, 3)))
                    found.append(np.concatenate(columns, axis=1)[:, first : first + 3])
                np.testing.assert_allclose(found[1], 2.0 * found[0])
        first += 3


def test_a_product_of_planes_and_lines_is_what_it_says() -> None:
    field = planes_and_lines()
    check_field(field, "x")
    u = np.random.default_rng(1).uniform(-1, 1, (50, 3))
    plane, line = field.grids[0].levels
    assert (plane.layout.dims, line.layout.dims) == (2, 1)
    found = features(field, u, 0)
    product = interpolate(plane, u) * interpolate(line, u)
    np.testing.assert_array_equal(found[:, : plane.num_features], product)
    # The plane lies across z, the line along it.
    moved = u + np.array([0.0, 0.0, 0.1])
    np.testing.assert_array_equal(interpolate(plane, moved), interpolate(plane, u))
    assert (interpolate(line, moved) != interpolate(line, u)).any()


def test_planes_and_lines_are_evaluated_as_the_reference_says() -> None:
    field = planes_and_lines()
    points = np.random.default_rng(2).uniform(-1.1, 1.1, (200, 3)).astype(np.float32)
    for form in (field, _coded(field)):
        module = FieldModule(form)
        for lod in (0, None):
            with torch.no_grad():
                got = module(torch.from_numpy(points), lod=lod).numpy()
            np.testing.assert_allclose(got, evaluate(form, points, lod=lod), atol=2e-5)


def test_slopes_come_through_a_transform() -> None:
    module = FieldModule(planes_and_lines())
    inner = 0.1 + 0.8 * torch.rand((20, 3), generator=torch.Generator().manual_seed(0))
    points = (module.low + inner * (module.high - module.low)).requires_grad_(True)
    module(points).sum().backward()
    assert points.grad is not None
    step = 1e-3
    for axis in range(3):
        beside = torch.zeros(3)
        beside[axis] = step
        with torch.no_grad():
            rise = (module(points + beside) - module(points - beside)).sum(dim=1) / (2 * step)
        close = (rise - points.grad[:, axis]).abs() < 0.05 * (1 + rise.abs())
        assert close.float().mean() > 0.8  # the others lie at the border of a cell


@pytest.mark.parametrize("suffix", [".pt", ".h5", ".npz"])
def test_field_files_hold_them(suffix: str, tmp_path: Path) -> None:
    field = planes_and_lines()
    export(field, tmp_path / f"a{suffix}")
    _equal(load(tmp_path / f"a{suffix}"), field)


def test_nfc_files_hold_them() -> None:
    coded = _coded(planes_and_lines())
    data = coding.to_bytes(coded)
    _equal(to_field(coding.open(data)), to_field(coded))
    first = coding.open(data, lod=0)
    check_field(first, "x")
    points = np.random.default_rng(3).uniform(-1, 1, (50, 3))
    np.testing.assert_array_equal(evaluate(first, points), evaluate(coded, points, lod=0))


def test_a_transform_that_all_levels_share_is_stored_once() -> None:
    field = planes_and_lines()
    turn = np.eye(3, 4, dtype=np.float32)[[1, 2, 0]]
    level = replace(field.grids[0].levels[0], layout=_cube(), features=np.ones((8, 2), np.float32))
    sizes = []
    for count in (1, 3):
        levels = tuple(replace(level, transform=turn.copy()) for _ in range(count))
        placed = replace(field, grids=(replace(field.grids[0], levels=levels), *field.grids[1:]))
        plain = replace(placed, grids=(
            replace(placed.grids[0], levels=tuple(replace(v, transform=None) for v in levels)),
            *field.grids[1:],
        ))  # fmt: skip
        sizes.append(len(coding.to_bytes(_coded(placed))) - len(coding.to_bytes(_coded(plain))))
        assert coding.open(coding.to_bytes(_coded(placed))).levels[0].transform is not None
    assert sizes[0] == sizes[1] < 60


def test_the_field_up_to_a_level_of_detail_has_its_values() -> None:
    field = planes_and_lines()
    points = np.random.default_rng(4).uniform(-1, 1, (50, 3))
    kept = up_to_lod(field, 0)
    np.testing.assert_allclose(evaluate(kept, points), evaluate(field, points, lod=0))


def _cube() -> DenseLayout:
    return DenseLayout((2, 2, 2))


def _coded(field: Field) -> CodedField:
    codes = [Float16Code(to_half(level.features, "level")) for level in field.levels]
    return with_codes(field, codes)


def _equal(one: Field, other: Field) -> None:
    assert [grid.combine for grid in one.grids] == [grid.combine for grid in other.grids]
    for a, b in zip(one.levels, other.levels, strict=True):
        assert (a.layout, a.lod) == (b.layout, b.lod)
        np.testing.assert_array_equal(a.features, b.features)
        np.testing.assert_array_equal(a.transform, b.transform)  # type: ignore[arg-type]
