"""Comparisons against figures known in closed form."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from nfcodec import coding, files, quantize
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.exporters import export
from nfcodec.metrics import field_shapes as shapes
from nfcodec.metrics import values, views
from nfcodec.metrics.fields import FieldMetrics
from nfcodec.rd.compare import compare
from tests.fields import random_field
from tests.rd.known import BOUNDS, fog, linear, plane, write_box, write_images


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points and small images, in one thread."""
    numba.set_num_threads(1)
    monkeypatch.setattr(shapes, "SURFACE_POINTS", 2000)
    monkeypatch.setattr(views, "VIEWS", 2)
    for kind in views.HEIGHT:
        monkeypatch.setitem(views.HEIGHT, kind, 16)
    monkeypatch.setattr("nfcodec.metrics.fields.default_resolution", lambda field: 16)


def measure(reference: Any, test: Any, **options: Any) -> dict[str, Any]:
    found = compare(reference, test, points=4000, device="cpu", **options)
    # It is JSON, without the numbers that JSON does not have.
    text = json.dumps(found, allow_nan=False)
    again: dict[str, Any] = json.loads(text)
    return again


def test_values_of_a_scalar_field() -> None:
    between = measure(linear(1.0), linear(1.0, shift=0.01))["between"]
    assert set(between) == {"value_psnr", "view_psnr"}
    # The range over random points is a little less than 2.
    assert between["value_psnr"] == pytest.approx(20 * np.log10(2 / 0.01), abs=0.01)


def test_channels_count_relative_to_their_own_range() -> None:
    a = np.array([[0.0, 0.0], [1.0, 100.0]], np.float32)
    b = a + np.array([0.1, 10.0], np.float32)
    assert values.value_psnr(a, b, "scalar") == pytest.approx(20.0, abs=1e-4)
    assert values.value_psnr(a[:, :1], b[:, :1], "sdf") == pytest.approx(20.0, abs=1e-4)


@pytest.mark.parametrize("value", [1e-6, 300.0, 1e6])
def test_errors_of_a_constant_channel_are_relative_to_its_value(value: float) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1000, 1))
    constant = (value * (1.0 + 1e-7 * noise)).astype(np.float32)
    found = values.value_psnr(constant, 0.9 * constant, "scalar")
    assert found == pytest.approx(20.0, abs=1e-3)
    # Beside another channel it counts as much.
    varied = noise.astype(np.float32)
    both = np.concatenate([varied, constant], axis=1)
    off = np.concatenate([varied, 0.9 * constant], axis=1)
    assert values.value_psnr(both, off, "scalar") == pytest.approx(23.01, abs=1e-2)


def test_values_that_are_not_finite_have_no_figure() -> None:
    field = random_field("scalar", "dense")
    (network,) = field.networks
    huge = [replace(layer, gain=1e30) for layer in network.layers]
    broken = replace(field, networks=(replace(network, layers=tuple(huge)),))
    metrics = FieldMetrics(field, points=100, device="cpu")
    assert metrics.value_psnr(metrics.module_of(broken)) is None


def test_equal_fields_have_the_highest_psnr_and_no_error() -> None:
    between = measure(plane(), plane())["between"]
    assert between["value_psnr"] == between["view_psnr"] == values.MAX_PSNR
    assert between["near_value_psnr"] == values.MAX_PSNR
    assert between["giou"] == 1.0
    assert between["normal_error_deg"] == pytest.approx(0.0, abs=0.01)
    assert between["chamfer"] == pytest.approx(0.0, abs=0.05)  # half the points' spacing


def test_shifted_planes() -> None:
    between = measure(plane(0.2), plane(0.0))["between"]
    assert between["value_psnr"] == pytest.approx(20 * np.log10(2 / 0.2), abs=0.05)
    assert between["giou"] == pytest.approx(1.0 / 1.2, abs=0.02)
    assert between["chamfer"] == pytest.approx(0.2, abs=0.02)
    assert between["normal_error_deg"] == pytest.approx(0.0, abs=0.05)
    # Near the surface the same error is set against a smaller range.
    assert between["near_value_psnr"] < between["value_psnr"] - 10


def test_tilted_planes() -> None:
    between = measure(plane(), plane(tilt_deg=10.0))["between"]
    assert between["normal_error_deg"] == pytest.approx(10.0, abs=0.05)


def test_no_surface_gives_no_figure() -> None:
    between = measure(plane(), plane(-5.0))["between"]
    assert between["chamfer"] is None
    assert between["giou"] == 0.0
    between = measure(plane(-5.0), plane(0.0))["between"]
    assert between["chamfer"] is between["normal_error_deg"] is between["near_value_psnr"] is None


def test_values_of_a_radiance_field_are_opacities_and_weighted_colors() -> None:
    density, other = 3.0, 5.0
    found = measure(fog(density, 0.5), fog(other, 0.25))["between"]
    step = 2.0 / 128  # one of 128 voxels along the box
    alpha, beta = 1 - np.exp(-density * step), 1 - np.exp(-other * step)
    error = ((alpha - beta) ** 2 + 3 * (0.5 * alpha - 0.25 * beta) ** 2) / 4
    assert found["value_psnr"] == pytest.approx(-10 * np.log10(error), abs=0.01)
    assert found["near_value_psnr"] == pytest.approx(found["value_psnr"], abs=0.01)
    assert 5 < found["view_psnr"] < 40


def test_only_occupied_cells_are_compared() -> None:
    cells = np.zeros((4, 4, 4), np.bool_)
    cells[0, 0, 0] = True
    whole = measure(fog(3.0, 0.5), fog(3.0, 0.0))["between"]["value_psnr"]
    corner = measure(fog(3.0, 0.5, cells), fog(3.0, 0.0, cells))["between"]["value_psnr"]
    assert corner == pytest.approx(whole, abs=0.01)
    # What one field has and the other lacks counts.
    other = measure(fog(3.0, 0.5, cells), fog(3.0, 0.5, ~cells))["between"]["value_psnr"]
    assert other < 40


def test_two_empty_fields_have_no_value_psnr() -> None:
    empty = fog(3.0, 0.5, np.zeros((2, 2, 2), np.bool_))
    found = measure(empty, empty)["between"]
    assert found["value_psnr"] is found["near_value_psnr"] is None


def test_near_points_lie_where_asked() -> None:
    points = values.near_points(np.zeros((500, 3)), BOUNDS, 0.1, seed=0)
    assert points.positions.std() == pytest.approx(0.1, abs=0.01)
    edge = values.near_points(np.ones((500, 3)), BOUNDS, 0.1, seed=0)
    assert edge.positions.max() <= 1.0
    np.testing.assert_allclose(np.linalg.norm(edge.directions, axis=1), 1.0, rtol=1e-5)


def test_the_seed_decides_the_points() -> None:
    field, test = linear(1.0), linear(1.1)
    one, two, three = (measure(field, test, seed=s)["between"] for s in (1, 1, 2))
    assert one == two
    assert one["value_psnr"] != three["value_psnr"]


@pytest.mark.parametrize("layout", ["octree", "dense", "dense2d", "multigrid", "none"])
@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_every_layout_can_be_compared(kind: Any, layout: Any) -> None:
    if kind == "nerf" and layout == "dense2d":
        pytest.skip("radiance fields are 3-D")
    field = random_field(kind, layout, levels=2)
    found = measure(field, quantize.encode(field, "float16"))
    assert found["between"]["value_psnr"] > 55
    yardstick = FieldMetrics(field, points=1000, device="cpu")
    coarse = yardstick.module_of(quantize.encode(field, "kmeans", bits=1))
    same = yardstick.module_of(quantize.encode(field, "float16"))
    if layout != "none":
        assert yardstick.value_psnr(coarse) + 10 < yardstick.value_psnr(same)


def test_images_judge_both_fields(tmp_path: Path) -> None:
    reference, test = fog(3.0, 0.5), fog(3.0, 0.4)
    data = write_images(reference, tmp_path / "set")
    found = measure(reference, test, data=data)
    assert found["reference"]["psnr"] > 50  # images of the field itself, in 8 bits
    assert found["test"]["psnr"] == pytest.approx(found["between"]["view_psnr"], abs=0.5)
    assert found["test"]["psnr"] < 30
    assert found["reference"]["ssim"] > 0.99
    assert found["test"]["ssim"] < found["reference"]["ssim"]
    assert "lpips" not in found["test"]


def test_a_mesh_judges_both_fields(tmp_path: Path) -> None:
    mesh = write_box(tmp_path / "box.ply", 1.0)  # of x < 0, both fields fill what the box does
    found = measure(plane(0.0), plane(0.5), data=mesh)
    for name, share in (("reference", 0.5), ("test", 0.75)):
        assert found[name]["giou"] == pytest.approx(share, abs=0.03)
        assert set(found[name]) == {"path", "bytes", "giou", "chamfer", "normal_error_deg"}
        # One side of the cube agrees, one is opposite, four are at right angles.
        assert found[name]["normal_error_deg"] == pytest.approx(90.0, abs=5.0)


def test_files_are_weighed(tmp_path: Path) -> None:
    field = random_field("scalar", "dense", levels=2)
    plain = export(field, tmp_path / "field.pt")
    coded = tmp_path / "field.nfc"
    size = coding.save(quantize.encode(field, "kmeans", bits=2), coded)
    found = measure(plain, coded)
    assert found["reference"]["bytes"] == plain.stat().st_size
    assert found["test"] == {"path": str(coded), "bytes": size}
    assert found["ratio"] == pytest.approx(plain.stat().st_size / size)
    prefix = measure(plain, coded, lod=0)
    assert prefix["lod"] == 0
    assert prefix["test"]["bytes"] == coding.describe(coded)["lod_bytes"][0] < size
    assert prefix["between"]["value_psnr"] < found["between"]["value_psnr"]


def test_cut_files_are_weighed_as_far_as_they_are_there(tmp_path: Path) -> None:
    field = random_field("scalar", "dense", levels=2)
    data = coding.to_bytes(quantize.encode(field, "kmeans", bits=4), layers=2)
    coarse = coding.describe(data)["cuts"][-2]
    assert (coarse["lod"], coarse["layer"]) == (1, 0)
    cut = tmp_path / "cut.nfc"
    cut.write_bytes(data[: coarse["bytes"] + 4])
    for lod in (None, 1):
        assert measure(cut, field, lod=lod)["reference"]["bytes"] == coarse["bytes"] + 4


def test_objects_are_weighed_as_the_file_they_would_make(tmp_path: Path) -> None:
    field = random_field("scalar", "dense2d", levels=2)
    coded = quantize.encode(field, "float16")
    found = measure(field, coded)
    assert found["reference"] == {"path": None, "bytes": None}
    assert found["test"] == {"path": None, "bytes": len(coding.to_bytes(coded))}
    assert found["ratio"] is None


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    scalar = random_field("scalar", "dense", levels=1)
    with pytest.raises(UsageError, match="kind differ, scalar and sdf"):
        compare(scalar, plane())
    with pytest.raises(UsageError, match="dimensions differ, 3 and 2"):
        compare(scalar, random_field("scalar", "dense2d", levels=1))
    with pytest.raises(UsageError, match="outputs differ, 2 and 1"):
        compare(scalar, linear(1.0))
    with pytest.raises(UsageError, match="no LOD 7: the field has 0 to 0"):
        compare(scalar, scalar, lod=7)
    with pytest.raises(UsageError, match="no images or mesh"):
        compare(scalar, scalar, data=tmp_path)
    with pytest.raises(UsageError, match=r"vqvae\.pt is not needed: the field holds"):
        compare(scalar, scalar, vqvae=tmp_path / "vqvae.pt")
    with pytest.raises(UsageError, match="no such file"):
        compare(tmp_path / "absent.pt", scalar)
    text = tmp_path / "text.nfc"
    text.write_text("a text file")
    with pytest.raises(DamagedFileError):
        compare(text, scalar)


def test_coded_fields_are_not_taken_for_plain_ones(tmp_path: Path) -> None:
    path = tmp_path / "coded.bin"
    coded = quantize.encode(random_field("scalar", "dense", levels=1), "float16")
    path.write_bytes(coding.to_bytes(coded))
    with pytest.raises(UsageError, match="coded already"):
        files.require_plain(path)


def test_the_reference_is_drawn_once() -> None:
    yardstick = FieldMetrics(linear(1.0), points=100, device="cpu")
    test = yardstick.module_of(linear(1.2))
    first = yardstick._images(yardstick.module, None)
    yardstick.view_psnr(test)
    assert yardstick._images(yardstick.module, None) is first
    assert yardstick._images(test, None) is not first
