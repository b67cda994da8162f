"""The WGSL programs, run through wgpu-py: values against the reference, images against PyTorch's.

On a machine without a GPU a software Vulkan driver (llvmpipe) does.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule, reference
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field
from nfcodec.quantize import encode
from nfcodec.render import render, scalar, settings
from nfcodec.render.gpu import Renderer
from nfcodec.render.gpu.renderer import MAX_TILE_SIDE
from tests.fields import LAYOUTS, planes_and_lines, random_coded, random_field
from tests.render import gpu
from tests.render import reference as reference_images
from tests.render.reference import psnr
from tests.render.shapes import octree_sphere

VECTORS = sorted((Path(__file__).parents[2] / "formats" / "vectors" / "v1").glob("*.nfc"))
LEAST_PSNR = 55.0


def points_of(field: Field | CodedField, count: int = 1000) -> tuple[Any, Any]:
    """Points in and around the box, and directions."""
    rng = np.random.default_rng(0)
    low, high = field.bounds
    points = low + (high - low) * rng.uniform(-0.1, 1.1, (count, field.dims))
    directions = rng.normal(size=(count, 3))
    return points, directions / np.linalg.norm(directions, axis=1, keepdims=True)


def check_values(field: Field | CodedField, tolerance: float = 2e-5) -> None:
    renderer = Renderer(field, gpu.device())
    points, directions = points_of(field)
    for lod in {0, field.num_lods - 1}:
        got = renderer.evaluate(points, directions, lod)
        wanted = reference.evaluate(field, points, directions, lod)
        assert got.shape == wanted.shape
        error = np.abs(got - wanted).max(axis=1) / (1.0 + np.abs(wanted).max(axis=1))
        # A point on the border of a cell may fall on either side in the last bit.
        assert np.quantile(error, 0.995) < tolerance
    renderer.programs.destroy()


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_golden_files_have_the_reference_s_values(path: Path) -> None:
    # Sines of high frequencies: what float32 does to their angles shows. Lattices are drawn from
    # float16, which has 11 bits of a value.
    loose = {"plain_mlp": 1e-3, "lattices_flat": 2.0**-8}
    check_values(coding.open(path), loose.get(path.stem, 2e-5))


@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_coded_fields_have_the_reference_s_values(layout: Any, method: Any) -> None:
    check_values(random_coded("scalar", layout, method, bits=5, features=5))


@pytest.mark.parametrize("kind", ["nerf", "sdf"])
def test_plain_fields_have_the_reference_s_values(kind: Any) -> None:
    check_values(random_field(kind, "octree", features=3))


def test_planes_and_lines_have_the_reference_s_values() -> None:
    field = planes_and_lines(features=3)
    check_values(field)
    check_values(encode(field, "float16"), 1e-4)


def view(field: Field | CodedField, size: int = 48) -> Camera:
    low, high = field.bounds
    middle = 0.5 * (low + high)
    eye = middle + np.array([0.9, -1.1, 0.7]) * 1.2 * (high - low).max()
    return perspective(size, size, 0.7, look_at(eye, middle))


@pytest.mark.parametrize(
    ("kind", "layout", "options"),
    [
        ("nerf", "octree", {}),
        ("nerf", "octree", {"lod": 0, "background": (0.1, 0.4, 0.8)}),
        ("nerf", "dense", {"mode": "depth"}),
        ("sdf", "octree", {}),
        ("sdf", "dense", {"mode": "normals", "antialias": 2}),
        ("sdf", "octree", {"mode": "matcap"}),
        ("sdf", "octree", {"mode": "depth", "lod": 1}),
        ("scalar", "dense", {"colormap": "magma", "channel": 1}),
        ("scalar", "multigrid", {"value_range": (-0.5, 0.5), "opacity": 0.3}),
        ("scalar", "octree", {"mode": "iso"}),
    ],
)
def test_images_are_pytorch_s(kind: Any, layout: Any, options: dict[str, Any]) -> None:
    field = random_coded(kind, layout)
    camera = view(field)
    wanted = render(FieldModule(field), camera, **options)
    got = render(Renderer(field, gpu.device()), camera, **options)
    assert wanted.std() > 0.02  # there is something to see
    assert psnr(got, wanted) > LEAST_PSNR


def test_clay_is_the_reference_s() -> None:
    field = octree_sphere((2, 4))
    camera = view(field, 16)
    voxel = settings.voxel_size(field)
    white = np.ones(3)
    seen = reference_images.draw_surface(
        field, camera, settings.shortest_step(field, voxel), 0.5 * voxel, white
    )
    hit = (seen != white).any(axis=2)
    wanted = np.ones_like(seen)
    wanted[hit] = reference_images.matcap(seen[hit] * 2.0 - 1.0, camera.pose[:3, :3])
    got = render(Renderer(field, gpu.device()), camera, mode="matcap", background=white)
    assert hit.mean() > 0.1
    assert psnr(got, wanted) >= 45.0


def test_planes_are_pytorch_s() -> None:
    field = random_coded("scalar", "dense2d")
    camera = perspective(50, 40, 1.0, np.eye(4))
    options: dict[str, Any] = {"background": (0.0, 0.0, 0.0), "color_bar": True}
    wanted = render(FieldModule(field), camera, **options)
    got = render(Renderer(field, gpu.device()), camera, **options)
    assert psnr(got, wanted) > LEAST_PSNR


def test_lens_distortion_is_undone() -> None:
    field = random_coded("sdf", "octree")
    straight = view(field)
    bent = replace(straight, distortion=(-0.5, 0.1, 0.02, -0.02))
    renderer = Renderer(field, gpu.device())
    got = render(renderer, bent, mode="normals")
    assert psnr(got, render(FieldModule(field), bent, mode="normals")) > LEAST_PSNR
    assert psnr(got, render(renderer, straight, mode="normals")) < 40.0


def test_an_eye_inside_a_shape_sees_the_cut() -> None:
    field = random_coded("sdf", "octree")
    camera = perspective(32, 32, 1.2, look_at([0.1, 0.0, 0.0], [1.0, 0.3, 0.2]))
    wanted = render(FieldModule(field), camera, mode="normals")
    got = render(Renderer(field, gpu.device()), camera, mode="normals")
    assert psnr(got, wanted) > LEAST_PSNR


def test_the_range_of_values_is_measured() -> None:
    for layout in ("dense", "dense2d"):
        field = random_coded("scalar", layout)  # type: ignore[arg-type]
        got = Renderer(field, gpu.device()).value_range(channel=1)
        wanted = scalar.value_range(FieldModule(field), channel=1)
        assert got == pytest.approx(wanted, abs=1e-5)


def test_an_image_is_drawn_in_parts_and_can_be_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field = random_coded("nerf", "octree")
    renderer = Renderer(field, gpu.device())
    camera = view(field, 64)
    whole = render(renderer, camera)
    tiles = 0
    run = renderer.programs.run

    def slowly(*arguments: Any) -> None:
        nonlocal tiles
        tiles += 1
        run(*arguments)
        renderer._rays_per_second = 1.0
        if tiles == stop:
            raise KeyboardInterrupt

    stop = -1
    monkeypatch.setattr(renderer.programs, "run", slowly)
    monkeypatch.setattr(renderer, "_learn", lambda *_: None)
    renderer._rays_per_second = 1.0
    assert np.array_equal(render(renderer, camera), whole)
    assert tiles >= 16
    stop, tiles = 3, 0
    with pytest.raises(KeyboardInterrupt):
        render(renderer, camera)
    assert tiles == 3


def test_images_wider_than_a_dispatch_are_drawn_in_parts() -> None:
    wide = np.array([[0.0, 0.0], [MAX_TILE_SIDE + 20.0, 1.0]])  # a unit for each pixel
    field = replace(random_coded("scalar", "dense2d"), bounds=wide)
    renderer = Renderer(field, gpu.device())
    renderer._rays_per_second = 1e9  # one dispatch would do, if there were no limit
    camera = perspective(MAX_TILE_SIDE + 20, 1, 1.0, np.eye(4))
    wanted = render(FieldModule(field), camera, value_range=(-1.0, 1.0))
    got = render(renderer, camera, value_range=(-1.0, 1.0))
    assert (wanted[:, -20:] != 1.0).all()  # the field, not what is behind it
    assert psnr(got[:, -20:], wanted[:, -20:]) > LEAST_PSNR
    assert psnr(got, wanted) > LEAST_PSNR


def test_memory_is_what_the_buffers_take() -> None:
    renderer = Renderer(random_coded("nerf", "octree"), gpu.device())
    assert renderer.nbytes == sum(b.size for b in renderer.programs.buffers.values())
    assert renderer.field_bytes < renderer.nbytes
    renderer.programs.destroy()
    assert renderer.nbytes == 0


def test_without_wgpu_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wgpu", None)
    with pytest.raises(UsageError, match=r"pip install 'nfcodec-core\[gpu\]'"):
        render(random_coded("nerf", "octree"), view(random_coded()), device="wgpu")


def test_without_an_adapter_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wgpu = pytest.importorskip("wgpu")

    def none(**_: Any) -> Any:
        raise RuntimeError("Request adapter failed (3): no adapter")

    monkeypatch.setattr(wgpu.gpu, "request_adapter_sync", none)
    with pytest.raises(UsageError, match="no GPU adapter was found"):
        Renderer(random_coded("nerf", "octree"))
