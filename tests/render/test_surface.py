"""Sphere tracing against the analytic sphere and against the slow renderer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Field
from nfcodec.render import as_module, render, settings, surface, views
from tests.fields import random_field
from tests.render import reference
from tests.render.shapes import (
    CENTER,
    RADIUS,
    coded,
    expanded,
    gyroid,
    octree_sphere,
    sampled,
    sphere,
)

GRAY = np.array([0.2, 0.3, 0.4])


def camera(width: int = 14, height: int = 10, eye: tuple[float, ...] = (1.6, 1.1, 2.2)) -> Camera:
    return perspective(width, height, 0.9, look_at(eye, (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)))


def hits(field: Field, view: Camera, lod: int | None = None) -> tuple[torch.Tensor, ...]:
    """Ray origins, directions, distances (infinite for a miss) and cuts, for all pixels."""
    module = FieldModule(field)
    origins, directions = (torch.from_numpy(np.ascontiguousarray(a)) for a in view.rays())
    distance = surface.distance_of(module, lod)
    voxel = surface.voxel_size(module, lod)
    low, high = module.low, module.high
    slope = surface.slope_bound(distance, low, high, voxel)
    step = settings.shortest_step(field, voxel)
    t, capped = surface.trace(
        distance, origins, directions, low, high, slope=slope, min_step=step
    )  # fmt: skip
    return origins, directions, t, capped


def analytic(origins: torch.Tensor, directions: torch.Tensor) -> np.ndarray:
    """Where rays meet the sphere; infinite where they do not."""
    o, d = origins.double().numpy() - CENTER, directions.double().numpy()
    b = (o * d).sum(axis=1)
    root = b**2 - (o**2).sum(axis=1) + RADIUS**2
    return np.where(root > 0, -b - np.sqrt(np.maximum(root, 0.0)), np.inf)


@pytest.mark.parametrize("factor", [0.2, 1.0, 3.0])
def test_meets_the_analytic_sphere(factor: float) -> None:
    """Whatever the gradient's length: steps are divided by the slope measured."""
    origins, directions, t, capped = hits(
        sampled(lambda x: factor * sphere(x)), camera(80, 60)
    )  # fmt: skip
    expected = analytic(origins, directions)
    assert not capped.any()
    hit = np.isfinite(expected)
    assert hit.sum() > 500
    agree = np.isfinite(t.numpy()) == hit
    assert agree.mean() > 0.995  # rays that graze the sphere may fall either way
    both = torch.from_numpy(hit) & torch.isfinite(t)
    points = (origins + directions * t[:, None])[both].double().numpy()
    # What is left is the lattice's own error, h^2 / 8 times both curvatures: 7.5e-4 at 48^3.
    assert np.abs(sphere(points)).max() < 8e-4
    assert np.median(np.abs(t.numpy()[both] - expected[both])) < 1e-3


def test_normals_of_the_sphere() -> None:
    field = sampled(sphere)
    module = FieldModule(field)
    origins, directions, t, capped = hits(field, camera(60, 60))
    met = torch.isfinite(t)
    points = origins[met] + directions[met] * t[met, None]
    voxel = surface.voxel_size(module)
    normal = surface.normals(
        surface.distance_of(module, None), points, directions[met], capped[met],
        module.low, module.high, surface.NORMAL_STEP_VOXELS * voxel,
    )  # fmt: skip
    exact = points.double().numpy() - CENTER
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    angle = np.degrees(np.arccos(np.clip((normal.numpy() * exact).sum(axis=1), -1.0, 1.0)))
    assert angle.mean() < 0.15
    assert angle.max() < 1.0


@pytest.mark.parametrize("name", ["sphere", "gyroid", "octree"])
def test_matches_the_slow_renderer(name: str) -> None:
    field = {
        "sphere": lambda: sampled(sphere, (12, 14, 16)),
        "gyroid": lambda: sampled(gyroid, (24, 24, 24)),
        "octree": octree_sphere,
    }[name]()
    module = FieldModule(field)
    view = camera()
    voxel = surface.voxel_size(module)
    step = settings.shortest_step(field, voxel)
    slow = reference.draw_surface(
        field, view, step, surface.NORMAL_STEP_VOXELS * voxel, GRAY
    )  # fmt: skip
    fast = render(module, view, mode="normals", background=GRAY)

    assert reference.psnr(fast, slow) >= 60.0
    assert np.abs(slow - GRAY).max() > 0.3  # there is a shape
    shaded = render(module, view, background=GRAY)
    hit = np.abs(slow - GRAY).max(axis=2) > 1e-6
    directions = view.rays()[1].reshape(*hit.shape, 3)
    expected = np.broadcast_to(GRAY, slow.shape).copy()
    expected[hit] = reference.shade(
        slow[hit] * 2.0 - 1.0, directions[hit].astype(float), view.pose[:3, :3]
    )  # fmt: skip
    assert reference.psnr(shaded, expected) >= 45.0
    expected[hit] = reference.matcap(slow[hit] * 2.0 - 1.0, view.pose[:3, :3])
    clay = render(module, view, mode="matcap", background=GRAY)
    assert reference.psnr(clay, expected) >= 45.0
    assert reference.psnr(clay, shaded) < 25.0  # another material


def test_levels_of_detail_come_closer() -> None:
    field = octree_sphere((2, 3, 5))
    view = camera(40, 30)
    errors = []
    for lod in range(3):
        origins, directions, t, _ = hits(field, view, lod)
        points = (origins + directions * t[:, None])[torch.isfinite(t)].double().numpy()
        errors.append(float(np.median(np.abs(sphere(points)))))
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    images = [render(FieldModule(field), view, lod=lod) for lod in (0, 2, None)]
    assert reference.psnr(images[0], images[1]) < 40.0
    np.testing.assert_array_equal(images[1], images[2])


@pytest.mark.parametrize("bits", [None, 5])
def test_coded_fields_look_as_their_expansion(bits: int | None) -> None:
    field = coded(octree_sphere(), bits)
    for mode in ("shaded", "depth"):
        one, two = (render(f, camera(), mode=mode, device="cpu") for f in (field, expanded(field)))
        assert reference.psnr(one, two) >= 55.0


def test_the_box_cuts_what_reaches_out_of_it() -> None:
    """A solid half space: its cut faces have the box's normals; from inside, all is solid."""
    field = sampled(lambda x: x[:, 0] - 0.3, (8, 8, 8))
    view = perspective(31, 31, 0.9, look_at((-4.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    image = render(FieldModule(field), view, mode="normals", background=GRAY)
    np.testing.assert_allclose(image[15, 15], [0.0, 0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(image[0, 0], GRAY, atol=1e-6)
    inner = perspective(5, 5, 0.6, look_at((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    *_, t, capped = hits(field, inner)
    assert capped.all()
    assert (t == 0).all()
    facing = render(FieldModule(field), inner, mode="normals")
    np.testing.assert_allclose(facing[2, 2], [0.0, 0.5, 0.5], atol=1e-6)


def test_nothing_there_is_background() -> None:
    field = sampled(lambda x: np.full(len(x), 0.2), (4, 4, 4), background=[0.1, 0.2, 0.9])
    image = render(field, camera(), device="cpu")
    np.testing.assert_allclose(image, np.broadcast_to([0.1, 0.2, 0.9], image.shape), atol=1e-6)
    away = perspective(4, 4, 0.9, look_at((0.0, 0.0, 5.0), (0.0, 0.0, 9.0), (0.0, 1.0, 0.0)))
    assert (render(sampled(sphere, (8, 8, 8)), away, device="cpu") == 1.0).all()


def test_thin_parts_are_not_stepped_over() -> None:
    """A plate of one tenth of the box, whose values are four times too large on one side."""

    def plate(x: np.ndarray) -> np.ndarray:
        distance = np.abs(x[:, 2]) - 0.1
        return np.where(x[:, 2] > 0, 4.0, 1.0) * distance

    *_, t, _ = hits(sampled(plate, (64, 64, 64)), camera(40, 30, (0.3, 0.2, 4.0)))
    behind = perspective(40, 30, 0.2, look_at((0.3, 0.2, 4.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    origins, directions, t, _ = hits(sampled(plate, (64, 64, 64)), behind)
    assert torch.isfinite(t).all()
    depth = (origins + directions * t[:, None])[:, 2]
    np.testing.assert_allclose(depth.numpy(), 0.1, atol=2e-3)


def test_depth_is_brighter_where_it_is_nearer() -> None:
    view = views.default_camera(sampled(sphere), (41, 41))
    image = render(sampled(sphere), view, mode="depth", background=(0.0, 0.0, 0.0), device="cpu")
    assert image[20, 20, 0] > image[20, 12, 0] > 0.0
    assert image[0, 0, 0] == 0.0
    assert (image[..., 0] == image[..., 2]).all()


def test_antialiasing_averages_rays() -> None:
    module = FieldModule(sampled(sphere, (16, 16, 16)))
    view = camera(9, 7)
    fine = render(module, view.resized(27, 21))
    mean = fine.reshape(7, 3, 9, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(render(module, view, antialias=3), mean, atol=1e-5)


def test_memory_does_not_grow_with_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    module = FieldModule(sampled(sphere, (8, 8, 8)))
    calls: list[int] = []
    forward = FieldModule.forward

    def counted(self: FieldModule, points: torch.Tensor, *args: object) -> torch.Tensor:
        calls.append(len(points))
        return forward(self, points, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(FieldModule, "forward", counted)
    monkeypatch.setattr(surface, "POINTS_PER_CALL", 1 << 12)
    image = render(module, camera(200, 150), antialias=2)
    assert image.shape == (150, 200, 3)
    assert max(calls) <= 1 << 12


def test_a_module_is_used_as_it_is() -> None:
    module = FieldModule(sampled(sphere, (8, 8, 8)))
    assert as_module(module) is module
    np.testing.assert_array_equal(
        render(module, camera()), render(sampled(sphere, (8, 8, 8)), camera(), device="cpu")
    )


@pytest.mark.parametrize("layout", ["dense", "octree", "none", "multigrid"])
def test_random_fields_can_be_drawn(layout: str) -> None:
    """Fields that are no distance at all: every ray ends, every value is a color."""
    field = random_field("sdf", layout)  # type: ignore[arg-type]
    for lod in range(field.num_lods):
        image = render(field, camera(), lod=lod, device="cpu")
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert 0.0 <= image.min() <= image.max() <= 1.0


def test_progress_is_told() -> None:
    class Told:
        def __init__(self) -> None:
            self.calls: list[tuple[object, ...]] = []

        def start(self, label: str, total: int, done: int = 0) -> None:
            self.calls.append(("start", label, total))

        def update(self, done: int, **figures: float) -> None:
            self.calls.append(("update", done))

        def finish(self) -> None:
            self.calls.append(("finish",))

    told = Told()
    render(sampled(sphere, (8, 8, 8)), camera(300, 250), device="cpu", progress=told)
    assert told.calls[0] == ("start", "render", 75000)
    assert told.calls[-2:] == [("update", 75000), ("finish",)]
    assert len(told.calls) > 3


def test_impossible_requests() -> None:
    field = sampled(sphere, (8, 8, 8))
    for options, words in (
        ({"mode": "iso"}, "shaded, matcap, normals, depth"),
        ({"lod": 1}, "LOD 1"),
        ({"lod": -1}, "LOD -1"),
        ({"background": (0.0, 1.0)}, "background"),
        ({"background": (0.0, 1.0, float("nan"))}, "background"),
        ({"antialias": 0}, "antialias"),
        ({"color_bar": True}, "color bar"),
        ({"device": "tpu"}, "tpu"),
    ):
        with pytest.raises(UsageError, match=words):
            render(field, camera(), **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="pixels"):
        render(field, replace(camera(), width=1 << 20, height=1 << 20), device="cpu")
