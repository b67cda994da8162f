"""Values on a regular grid: the right ones, in the right place, whatever the slabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.evaluate import reference
from nfcodec.exporters import export, samples
from nfcodec.model.field import Field
from tests.fields import random_coded, random_field


def read(path: Path) -> dict[str, Any]:
    if path.suffix == ".npz":
        with np.load(path) as archive:
            return dict(archive)
    with h5py.File(path) as root:
        return {**root.attrs, "values": root["values"][()], "bounds": root["bounds"][()]}


def centers(field: Field, shape: tuple[int, ...]) -> np.ndarray:
    """(P, D) points in the order of the values."""
    low, high = field.bounds
    index = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    cells = np.array(shape)[::-1]
    return low + (index.reshape(-1, len(shape))[:, ::-1] + 0.5) / cells * (high - low)


@pytest.mark.parametrize("suffix", [".h5", ".npz"])
@pytest.mark.parametrize(
    ("kind", "layout"), [("sdf", "octree"), ("scalar", "dense"), ("scalar", "dense2d")]
)
def test_values_are_those_at_the_centers(
    kind: Any, layout: Any, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_BRICK", 3)
    monkeypatch.setattr(samples, "_BATCH", 50)
    field = random_field(kind, layout)
    found = read(export(field, tmp_path / f"out{suffix}", resolution=8))
    values = found["values"]
    assert values.dtype == np.float32
    assert max(values.shape[:-1]) == 8
    wanted = reference.evaluate(field, centers(field, values.shape[:-1]))
    np.testing.assert_allclose(values.reshape(wanted.shape), wanted, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(found["bounds"], field.bounds)
    assert len(found["channels"]) == values.shape[-1]


def test_a_radiance_field_shows_its_mean_over_six_directions(tmp_path: Path) -> None:
    field = random_field("nerf", "octree")
    values = read(export(field, tmp_path / "out.npz", resolution=6))["values"]
    points = centers(field, values.shape[:-1])
    along = [np.broadcast_to(d, points.shape) for d in np.concatenate([np.eye(3), -np.eye(3)])]
    wanted = np.mean([reference.evaluate(field, points, d) for d in along], axis=0)
    np.testing.assert_allclose(values.reshape(-1, 4), wanted, rtol=1e-3, atol=1e-4)


def test_a_lod_of_a_coded_field(tmp_path: Path) -> None:
    coded = random_coded("sdf", "octree")
    low, high = (
        read(export(coded, tmp_path / f"{lod}.h5", resolution=5, lod=lod))["values"]
        for lod in (0, coded.num_lods - 1)
    )
    assert not np.array_equal(low, high)
    wanted = reference.evaluate(coded, centers(coded, low.shape[:-1]), lod=0)
    np.testing.assert_allclose(low.reshape(wanted.shape), wanted, rtol=1e-3, atol=1e-4)


def test_what_cannot_be_sampled(tmp_path: Path) -> None:
    field = random_field("sdf", "dense")
    for name, options, message in (
        ("out.pt", {"resolution": 8}, "meshes, .h5 and .npz"),
        ("out.h5", {"resolution": 0}, "not within 1 to 4096"),
        ("out.h5", {"resolution": 8, "level": 0.1}, "for meshes"),
    ):
        with pytest.raises(UsageError, match=message):
            export(field, tmp_path / name, **options)
    assert not list(tmp_path.iterdir())
