"""Distance fields from meshes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.check.field import check_field
from nfcodec.data.meshes import Mesh, bounding_cube, clean
from nfcodec.data.sdf import SurfaceDistance, sample_uniform
from nfcodec.errors import DamagedFileError, LimitError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import values_at
from nfcodec.metrics import giou
from nfcodec.model.field import Field
from nfcodec.train.sdf import SdfSettings, train_sdf
from tests.data.shapes import sphere, torus
from tests.interrupt import Interrupter

SMALL = SdfSettings(depths=(2, 3, 4), features=4, hidden=16, steps=300, samples=4096)


def train(mesh: Mesh, settings: SdfSettings = SMALL, **options: Any) -> Field:
    return train_sdf(mesh, settings=settings, device="cpu", **options)


def errors(field: Field, surface: SurfaceDistance) -> tuple[float, list[float]]:
    """gIoU at held-out points, and by LOD the mean error of distances close to the surface."""
    points = sample_uniform(field.bounds, 20_000, 5, held_out=True)
    wanted = surface.signed(points)
    module = FieldModule(field)
    overlap = giou(wanted, values_at(module, points)[:, 0].numpy())
    near = torch.from_numpy(points[np.abs(wanted) < 0.05].astype(np.float32))
    exact = torch.from_numpy(wanted[np.abs(wanted) < 0.05])
    with torch.no_grad():
        by_lod = [
            float((module(near, lod=lod)[:, 0] - exact).abs().mean())
            for lod in range(field.num_lods)
        ]
    return overlap, by_lod


def opened(mesh: Mesh) -> Mesh:
    """Without a few of its faces."""
    return clean(mesh.vertices, mesh.faces[3:], "opened")


def test_a_torus_is_learned_and_each_level_improves_it() -> None:
    mesh = torus(turns=32, rings=16)
    field = train(mesh)
    check_field(field, "trained")
    overlap, by_lod = errors(field, SurfaceDistance(mesh))
    assert overlap > 0.98
    assert by_lod == sorted(by_lod, reverse=True)
    assert by_lod[-1] < 0.5 * by_lod[0]


def test_the_field_speaks_the_units_of_the_mesh() -> None:
    unit, settings = sphere(), replace(SMALL, steps=150)
    large = clean(unit.vertices * 100 + 7, unit.faces, "large")
    field = train(large, settings)
    np.testing.assert_allclose(field.bounds, bounding_cube(large))
    overlap, _ = errors(field, SurfaceDistance(large))
    assert overlap > 0.95
    middle = values_at(FieldModule(field), np.array([[7.0, 7.0, 7.0]]))
    assert float(middle) == pytest.approx(-58, abs=12)


def test_a_mesh_with_holes_needs_the_winding_number() -> None:
    mesh = opened(sphere())
    with pytest.raises(DamagedFileError, match=r"opened: .*not watertight: 1 hole"):
        train(mesh)
    field = train(mesh, replace(SMALL, steps=150), sign="winding")
    assert field.metadata["training"]["sign"] == "winding"
    overlap, _ = errors(field, SurfaceDistance(sphere()))
    assert overlap > 0.95


def test_the_first_level_covers_the_box() -> None:
    field = train(sphere(), steps=1)
    assert len(field.levels[0].features) == 5**3
    assert [level.lod for level in field.levels] == [0, 1, 2]
    alone = train(sphere(), replace(SMALL, depths=(3,), steps=1))
    assert len(alone.levels) == 1


def test_the_seed_decides_the_field() -> None:
    one, two, other = (train(sphere(), steps=4, seed=seed) for seed in (1, 1, 2))
    assert_same(one, two)
    assert not np.array_equal(one.levels[0].features, other.levels[0].features)


def assert_same(one: Field, two: Field) -> None:
    for a, b in zip(one.levels, two.levels, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
    for a, b in zip(one.networks[0].layers, two.networks[0].layers, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)
        np.testing.assert_array_equal(a.bias, b.bias)


def test_resumed_training_ends_with_the_same_field(tmp_path: Path) -> None:
    mesh, state = sphere(), tmp_path / "state"
    wanted = train(mesh, steps=30)
    with pytest.raises(KeyboardInterrupt):
        train(mesh, steps=30, checkpoint=state, progress=Interrupter(13))
    others: list[tuple[Mesh, dict[str, Any], str]] = [
        (torus(), {"steps": 30}, "mesh differ"),
        (mesh, {"steps": 31}, "settings differ"),
        (mesh, {"steps": 30, "sign": "winding"}, "sign differ"),
    ]
    for other, options, message in others:
        with pytest.raises(UsageError, match=message):
            train(other, checkpoint=state, **options)
    assert_same(train(mesh, steps=30, checkpoint=state), wanted)
    state.write_bytes(state.read_bytes()[:500])
    with pytest.raises(DamagedFileError, match="delete it"):
        train(mesh, steps=30, checkpoint=state)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be a whole number from 1, got 0"),
        ({"samples": 0}, "samples"),
        ({"features": 0}, "features"),
        ({"network_rate": 0.0}, "network_rate must be above 0"),
        ({"depths": ()}, "1 or more increasing .* got none"),
        ({"depths": (4, 4)}, "increasing"),
        ({"depths": (4, 12)}, "0 to 10"),
        ({"depths": (10,)}, "covers the whole box: at 10 it has 1,076,890,625 vectors"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SdfSettings(**options)


def test_a_mesh_far_from_the_origin_is_said_and_learned() -> None:
    """Map coordinates: what is learned is the shape, and what draws it will not see it."""
    place = np.array([500_000.0, 4_600_000.0, 120.0])
    far = clean(sphere().vertices * 10 + place, sphere().faces, "house")
    with pytest.warns(UserWarning, match=r"house: .* far from the origin: .* subtract an offset"):
        field = train(far, replace(SMALL, steps=150))
    points = sample_uniform(field.bounds, 5000, 5, held_out=True)
    inside = np.linalg.norm(points - place, axis=1) < 6
    found = values_at(FieldModule(field), points)[:, 0].numpy()
    assert giou(np.where(inside, -1.0, 1.0), found) > 0.9
    tiny = clean(sphere().vertices + place, sphere().faces, "vase")
    with pytest.raises(LimitError, match=r"vase: .* too far .* 500000,4600000,120"):
        train(tiny)
