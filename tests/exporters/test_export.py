"""Choosing the form by suffix, LOD prefixes, decoding, and files that are never half-written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec import exporters, importers
from nfcodec.check.field import check_field
from nfcodec.errors import InvalidFieldError, UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import export, up_to_lod
from nfcodec.model.coded import to_field
from nfcodec.model.field import Grid
from tests.fields import random_coded, random_field


@pytest.mark.parametrize("form", [".pt", ".h5", ".npz"])
@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
def test_a_coded_field_is_decoded_to_what_its_codes_stand_for(
    tmp_path: Path, form: str, method: Any
) -> None:
    coded = random_coded("nerf", "octree", method)
    field = importers.load(export(coded, tmp_path / f"a{form}"))
    for level, code in zip(field.levels, coded.levels, strict=True):
        assert np.array_equal(level.features, code.code.decode_rows())
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (200, 3))
    directions = rng.normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.array_equal(evaluate(field, points, directions), evaluate(coded, points, directions))


@pytest.mark.parametrize("form", sorted({*exporters.SUFFIXES} - {".pth", ".npy"}))
def test_every_writer_keeps_the_mode_of_the_file_it_replaces(tmp_path: Path, form: str) -> None:
    target = tmp_path / f"a{form}"
    target.write_bytes(b"old")
    target.chmod(0o640)
    export(random_field("sdf", "octree"), target, resolution=None if form == ".pt" else 8,
           overwrite=True, device="cpu")  # fmt: skip
    assert target.stat().st_mode & 0o777 == 0o640


def _concatenated(field: Any) -> Any:
    """``field`` with its levels concatenated, and a decoder for them."""
    grid: Grid[Any] = replace(field.grids[0], combine="concat")
    network = field.networks[0]
    first = network.layers[0]
    weight = np.tile(first.weight, (1, len(grid.levels)))
    layers = (replace(first, weight=weight), *network.layers[1:])
    return replace(
        field,
        grids=(grid,),
        networks=(replace(network, layers=layers), *field.networks[1:]),
    )


@pytest.mark.parametrize("form", [".pt", ".h5"])
@pytest.mark.parametrize("concat", [False, True])
@pytest.mark.parametrize("lod", [0, 1, 2])
def test_a_lod_has_the_values_of_the_whole_at_that_lod(
    tmp_path: Path, form: str, concat: bool, lod: int
) -> None:
    field = random_field("sdf", "octree")
    if concat:
        field = _concatenated(field)
    check_field(field, "x")
    part = importers.load(export(field, tmp_path / f"a{form}", lod=lod))
    assert part.num_lods == lod + 1
    points = np.random.default_rng(0).uniform(-1, 1, (200, 3))
    assert np.array_equal(evaluate(part, points), evaluate(field, points, lod=lod))


def test_a_grid_that_starts_later_keeps_its_place() -> None:
    field = random_field("scalar", "multigrid")
    grids = [
        replace(grid, levels=tuple(replace(level, lod=i) for level in grid.levels))
        for i, grid in enumerate(field.grids)
    ]
    field = replace(field, grids=tuple(grids))
    points = np.random.default_rng(0).uniform(0, 3, (200, 3))
    for lod in range(3):
        part = up_to_lod(field, lod)
        check_field(part, "x")
        assert np.array_equal(evaluate(part, points), evaluate(field, points, lod=lod))
    assert up_to_lod(field, None) is field


def test_a_coded_field_in_floating_point_keeps_its_skeleton() -> None:
    coded = random_coded("nerf", "multigrid", "vq")
    field = to_field(coded)
    check_field(field, "x")
    assert field.networks is coded.networks
    assert field.metadata == coded.metadata
    assert [grid.combine for grid in field.grids] == [grid.combine for grid in coded.grids]
    assert all(
        np.array_equal(a.shared_transform, b.shared_transform)  # type: ignore[arg-type]
        for a, b in zip(field.grids, coded.grids, strict=True)
    )


def test_wrong_requests_leave_nothing(tmp_path: Path) -> None:
    field = random_field("sdf", "octree")
    cases = [
        (
            "a.xyz",
            {},
            r"suffix \.xyz is not one of \.pt, \.h5, \.npz, \.pth, \.npy, \.ply, \.glb, \.stl",
        ),
        ("a", {}, r"suffix \(none\)"),
        ("a.pt", {"lod": 3}, "no LOD 3; this field has 0 to 2"),
        ("a.pt", {"level": 0.5}, "for meshes"),
        ("a.pt", {"resolution": 5}, "meshes, .h5 and .npz"),
        ("missing/a.pt", {}, "does not exist"),
    ]
    for name, options, message in cases:
        with pytest.raises(UsageError, match=message):
            export(field, tmp_path / name, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_text("precious")
    with pytest.raises(UsageError, match="exists"):
        export(random_field(), path)
    assert path.read_text() == "precious"
    assert export(random_field(), path, overwrite=True) == path
    assert importers.load(path).kind == "nerf"


def test_a_writer_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(random_field(), tmp_path / "a.pt")
    before = path.read_bytes()

    def fails(field: Any, aside: Path) -> None:
        aside.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setitem(exporters.FIELD_WRITERS, ".pt", fails)
    with pytest.raises(KeyboardInterrupt):
        export(random_field(), path, overwrite=True)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.pt"]


def test_an_unsound_field_is_not_written(tmp_path: Path) -> None:
    field = random_field()
    features = [level.features.copy() for level in field.levels]
    features[0][0, 0] = np.nan
    with pytest.raises(InvalidFieldError, match="1 NaN"):
        export(field.with_features(features), tmp_path / "a.pt")
    assert not list(tmp_path.iterdir())


def test_light_to_import() -> None:
    import subprocess
    import sys

    code = (
        "import sys, nfcodec.importers, nfcodec.exporters; "
        "print([m for m in ('torch', 'h5py', 'skimage', 'trimesh') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
