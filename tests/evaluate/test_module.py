"""The fast evaluators against the NumPy reference, for every layout, kind and code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

import nfcodec
from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.evaluate import FieldModule, kernels
from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.lookup import corner_weights, mix_rows
from nfcodec.evaluate.reference import evaluate
from nfcodec.layouts import DenseLayout, octree
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.packed import PackedIntegers
from tests.fields import random_field

LAYOUTS = ("dense", "octree", "dense2d", "none", "multigrid")


def code_field(field: Field, method: str, seed: int = 0) -> CodedField:
    """``field`` with random codes of the right shapes."""
    rng = np.random.default_rng(seed)

    def code(level: Level) -> Float16Code | VQCode | LowRankCode:
        rows, width = level.features.shape
        half = lambda *shape: rng.normal(size=shape).astype(np.float16)  # noqa: E731
        if method == "float16":
            return Float16Code(level.features.astype(np.float16))
        if method == "lowrank":
            return LowRankCode(half(rows, 2), half(2, width), half(width))
        bits = int(method[2:])
        indices = rng.integers(0, 2**bits, rows)
        return VQCode(PackedIntegers.pack(indices, bits), half(2**bits, width))

    grids = tuple(
        replace(g, levels=tuple(CodedLevel(v.layout, v.lod, code(v)) for v in g.levels))
        for g in field.grids
    )
    return CodedField(
        field.kind, field.bounds, grids, field.networks, field.occupancy, field.metadata
    )


def sample(field: Field | CodedField, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    low, high = field.bounds
    points = (low + (high - low) * rng.uniform(-0.05, 1.05, (count, field.dims))).astype(np.float32)
    points[:2] = low, high  # the box's own corners
    directions = rng.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return points, directions.astype(np.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
@pytest.mark.parametrize("form", ["float32", "float16", "lowrank", "vq1", "vq5", "vq12"])
def test_matches_the_reference(layout: str, kind: str, form: str) -> None:
    if kind != "scalar" and layout == "dense2d":
        pytest.skip("only scalar fields are two-dimensional")
    plain = random_field(kind, layout)
    field = plain if form == "float32" else code_field(plain, form)
    module = FieldModule(field)
    points, directions = sample(field)
    for lod in range(field.num_lods):
        expected = evaluate(field, points, directions, lod)
        with torch.no_grad():
            got = module(torch.from_numpy(points), torch.from_numpy(directions), lod).numpy()
        scale = np.abs(expected).max() + 1e-3
        np.testing.assert_allclose(got / scale, expected / scale, atol=2e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_kernels_match_tensor_operations(layout: str) -> None:
    """The Numba path and the path that other devices take give the same rows and weights."""
    field = random_field("scalar", layout)
    rng = np.random.default_rng(2)
    for level in field.levels:
        locator = locator_of(level.layout)
        u = torch.from_numpy(rng.uniform(-1.1, 1.1, (500, field.dims)).astype(np.float32))
        u[0], u[1] = -1.0, 1.0
        rows, frac = locator(u)
        rows2, frac2 = locator.as_tensor_operations(u)
        values = torch.from_numpy(level.features)
        one = mix_rows(values[rows.clamp_min(0).long()], rows, corner_weights(frac))
        two = mix_rows(values[rows2.clamp_min(0).long()], rows2, corner_weights(frac2))
        torch.testing.assert_close(one, two, atol=2e-4, rtol=1e-4)
        out = torch.zeros_like(one)
        kernels.gather_float32(rows.numpy(), frac.numpy(), level.features, out.numpy())
        torch.testing.assert_close(out, one, atol=1e-5, rtol=1e-5)
        grad = torch.from_numpy(rng.normal(size=out.shape).astype(np.float32))
        expected = torch.zeros_like(values)
        weights = corner_weights(frac).masked_fill(rows < 0, 0.0)
        expected.index_add_(
            0, rows.clamp_min(0).long().reshape(-1),
            (weights[..., None] * grad[:, None]).reshape(-1, values.shape[1]),
        )  # fmt: skip
        for parts in (1, 3):
            got = torch.zeros_like(values)
            kernels.scatter(rows.numpy(), frac.numpy(), grad.numpy(), parts, got.numpy())
            torch.testing.assert_close(got, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border"])
@pytest.mark.parametrize("shape", [(5, 4, 7), (3, 6), (1, 2, 3)])
def test_dense_agrees_with_grid_sample(shape: tuple[int, ...], align: bool, padding: str) -> None:
    rng = np.random.default_rng(3)
    layout = DenseLayout(shape, align, padding)  # type: ignore[arg-type]
    values = torch.from_numpy(rng.normal(size=(layout.num_rows, 3)).astype(np.float32))
    u = torch.from_numpy(rng.uniform(-1.3, 1.3, (300, len(shape))).astype(np.float32))
    volume = values.T.reshape(1, 3, *shape)
    expected = functional.grid_sample(
        volume, u.reshape(1, *[1] * (len(shape) - 1), 300, len(shape)),
        align_corners=align, padding_mode=padding,
    ).reshape(3, 300).T  # fmt: skip
    rows, frac = locator_of(layout)(u)
    out = torch.zeros((300, 3))
    kernels.gather_float32(rows.numpy(), frac.numpy(), values.numpy(), out.numpy())
    torch.testing.assert_close(out, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("layout", ["dense", "octree", "multigrid"])
def test_gradients(layout: str) -> None:
    """Analytic derivatives by points, features and weights against finite differences."""
    field = random_field("sdf", layout)
    module = FieldModule(field)
    rng = np.random.default_rng(4)
    low, high = field.bounds
    points = torch.from_numpy((low + (high - low) * rng.uniform(0.02, 0.98, (40, 3))).astype("f4"))
    points.requires_grad_(True)
    module(points).sum().backward()
    assert points.grad is not None
    step = 1e-4 * float((high - low).max())
    close = 0
    for axis in range(3):
        moved = [points.detach().numpy().astype(np.float64).copy() for _ in range(2)]
        moved[0][:, axis] += step
        moved[1][:, axis] -= step
        slope = (evaluate(field, moved[0]) - evaluate(field, moved[1]))[:, 0] / (2 * step)
        wrong = np.abs(points.grad[:, axis].numpy() - slope)
        close += int((wrong < 2e-2 * (np.abs(slope).max() + 1e-6)).sum())
    assert close >= 0.9 * 120  # a point whose step crosses a cell border or a ReLU may differ
    rows = module.rows[0]
    grad = rows.features.grad
    assert grad is not None
    assert float(grad.abs().sum()) > 0
    at = tuple(int(i) for i in np.unravel_index(int(grad.abs().argmax()), grad.shape))
    with torch.no_grad():
        eps = 1e-2
        rows.features[at] += eps
        up = module(points).double().sum()
        rows.features[at] -= 2 * eps
        down = module(points).double().sum()
    assert float((up - down) / (2 * eps)) == pytest.approx(float(grad[at]), rel=0.05)


def test_position_gradients_of_coded_rows() -> None:
    plain = random_field("sdf", "octree")
    for form in ("float16", "lowrank", "vq5"):
        coded = code_field(plain, form)
        expanded = plain.with_features(
            [np.asarray(_decode(level), np.float32) for level in coded.levels]
        )
        points = torch.from_numpy(sample(plain, 60)[0])
        grads = []
        for field in (coded, expanded):
            x = points.clone().requires_grad_(True)
            FieldModule(field)(x).sum().backward()
            grads.append(x.grad)
        torch.testing.assert_close(grads[0], grads[1], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("form", [None, "float16", "lowrank", "vq5"])
def test_a_level_without_vectors_adds_nothing(form: str | None) -> None:
    plain = random_field("sdf", "octree", levels=2)
    empty = octree.from_cells(np.zeros((8, 8, 8), np.bool_))
    nothing = Level(empty, 2, np.zeros((0, 4), np.float32))
    grown = replace(plain, grids=(Grid((*plain.grids[0].levels, nothing)),))
    found = []
    for field in (plain, grown):
        module = FieldModule(field if form is None else code_field(field, form))
        x = torch.from_numpy(sample(plain, 60)[0]).requires_grad_(True)
        module(x).sum().backward()
        # As on other devices: by tensor operations.
        level = len(field.levels) - 1
        rows, at = module.locators[level].as_tensor_operations(x.detach())
        mixed = [] if form is None else [module.rows[level].vectors(rows), at]
        found.append((x.grad, mixed))
    torch.testing.assert_close(found[0][0], found[1][0])
    if form is not None:
        assert found[1][1][0].shape == (60, 8, 4)


def _decode(level: CodedLevel) -> np.ndarray:

    return level.code.decode_rows()


def test_half_conversion_is_exact() -> None:
    """Every finite float16 value, subnormals included, reads as itself."""
    bits = np.arange(65536, dtype=np.uint16)
    values = bits.view(np.float16)
    finite = np.isfinite(values)
    rows = np.arange(65536, dtype=np.int32)[:, None]
    out = np.zeros((65536, 1), np.float32)
    kernels.gather_float16(rows, np.zeros((65536, 0), np.float32), bits[:, None], out)
    np.testing.assert_array_equal(out[finite, 0], values[finite].astype(np.float32))


def test_coded_parameters_take_less_memory() -> None:
    plain = random_field("nerf", "octree", levels=3, features=16)
    small = FieldModule(code_field(plain, "vq4"))
    half = FieldModule(code_field(plain, "float16"))
    assert small.rows[2].words.nbytes * 60 < half.rows[2].values.nbytes
    assert small.parameter_bytes() < half.parameter_bytes()
    with torch.no_grad():
        assert small(torch.zeros(3, 3), torch.eye(3)).shape == (3, 4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_that_are_not_numbers_touch_no_other_memory(layout: str) -> None:
    field = random_field("scalar", layout)
    module = FieldModule(field)
    points = torch.zeros((64, field.dims))
    points[::2] = torch.nan
    points[1::4] = torch.inf
    points[3::8] = -torch.inf
    with torch.no_grad():
        assert module(points).shape == (64, field.num_outputs)
        for level in field.levels:
            locator = locator_of(level.layout)
            for rows, _ in (locator(points), locator.as_tensor_operations(points)):
                assert int(rows.max()) < len(level.features)
                assert int(rows.min()) >= -1


def test_a_field_goes_to_a_device_by_itself() -> None:
    field = random_field("sdf", "octree", levels=1, seed=1)
    points = torch.zeros((1, 3))
    assert torch.equal(field.to("cpu")(points), nfcodec.module(field, "cpu")(points))
