"""Learned codes: better than k-means, from data or from the field alone, resumable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch

from nfcodec import quantize
from nfcodec.check.field import check_field
from nfcodec.codes import VQCode
from nfcodec.data.images import PosedImages
from nfcodec.data.meshes import Mesh
from nfcodec.data.sdf import sample_surface
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import values_at
from nfcodec.fit.viewpoints import recall
from nfcodec.metrics import psnr
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Kind, Occupancy
from nfcodec.quantize.units.unit_form import unit_form
from nfcodec.render.volume import render_rays
from nfcodec.train.nerf import NerfSettings, train_nerf
from nfcodec.train.sdf import SdfSettings, train_sdf
from tests.data.shapes import sphere
from tests.fields import LAYOUTS, LayoutName, random_field
from tests.interrupt import Interrupter, Recorder
from tests.train.scenes import ball

STEPS = 150


def encode(field: Field, method: str = "vqad", **options: Any) -> CodedField:
    return quantize.encode(field, method, device="cpu", **options)


def smooth(kind: Kind, layout: LayoutName = "octree") -> Field:
    return random_field(kind, layout, levels=2, seed=3)


def views_of(field: Field, alpha: bool = True, views: int = 10, size: int = 20) -> PosedImages:
    """What ``field`` looks like from all around."""
    cameras = recall(field, views, size, np.random.default_rng(7))
    module, images = FieldModule(field), []
    for camera in cameras:
        rays = (torch.from_numpy(a) for a in camera.rays())
        seen = render_rays(module, *rays, background=torch.zeros(3))
        color, opacity = seen.color, seen.opacity[:, None]
        if alpha:
            color = torch.cat([color / opacity.clamp_min(1e-4), opacity], dim=1)
        pixels = (color.clamp(0, 1) * 255 + 0.5).byte()
        images.append(pixels.numpy().reshape(size, size, -1))
    background = (1.0, 1.0, 1.0) if alpha else (0.0, 0.0, 0.0)
    names = tuple(str(i) for i in range(views))
    return PosedImages(np.stack(images), tuple(cameras), names, Path("made"), 0, background)


def view_psnr(reference: Field, test: Field | CodedField) -> float:
    modules = FieldModule(reference), FieldModule(test)
    shown: list[list[np.ndarray]] = [[], []]
    for camera in recall(reference, 5, 24, np.random.default_rng(99)):
        for module, views in zip(modules, shown, strict=True):
            rays = (torch.from_numpy(a) for a in camera.rays())
            views.append(render_rays(module, *rays).color.reshape(24, 24, 3).numpy())
    return psnr(*(np.stack(views) for views in shown))


def value_psnr(reference: Field, test: Field | CodedField) -> float:
    low, high = reference.bounds
    points = np.random.default_rng(5).uniform(low, high, (4000, reference.dims))
    a, b = (values_at(FieldModule(f), points).numpy() for f in (reference, test))
    return float(10 * np.log10(np.ptp(a, axis=0).max() ** 2 / ((a - b) ** 2).mean()))


def same(a: CodedField, b: CodedField) -> bool:
    """Whether two coded fields hold the same codes and networks."""
    codes = all(
        np.array_equal(x.code.decode_rows(), y.code.decode_rows())
        for x, y in zip(a.levels, b.levels, strict=True)
    )
    layers = [[layer for n in f.networks for layer in n.layers] for f in (a, b)]
    return codes and all(
        np.array_equal(x.weight, y.weight) and np.array_equal(x.bias, y.bias)
        for x, y in zip(*layers, strict=True)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["nerf", "sdf", "scalar"])
def test_every_kind_and_layout_is_coded(kind: Kind, layout: LayoutName) -> None:
    if kind == "nerf" and layout == "dense2d":
        pytest.skip("a radiance field has three dimensions")
    field = smooth(kind, layout)
    coded = encode(field, bits=3, steps=4)
    check_field(coded, "coded")
    assert len(coded.levels) == len(field.levels)
    for level in coded.levels:
        assert isinstance(level.code, VQCode)
        used = np.unique(level.code.indices.unpack())
        np.testing.assert_array_equal(used, np.arange(len(level.code.codebook)))
    if not field.levels:
        for network, given in zip(coded.networks, unit_form(field)[0].networks, strict=True):
            for layer, original in zip(network.layers, given.layers, strict=True):
                half = original.weight.astype(np.float16).astype(np.float32)
                np.testing.assert_array_equal(layer.weight, half)


@pytest.mark.parametrize(
    ("kind", "layout", "bits", "gain"),
    [("scalar", "dense", 3, 1.0), ("scalar", "octree", 2, 1.0), ("sdf", "octree", 3, 1.0),
     ("scalar", "dense2d", 3, 1.0), ("scalar", "multigrid", 3, 1.0)],
)  # fmt: skip
def test_values_learned_from_the_field_alone_beat_k_means(
    kind: Kind, layout: LayoutName, bits: int, gain: float
) -> None:
    field = smooth(kind, layout)
    learned = value_psnr(field, encode(field, bits=bits, steps=STEPS))
    assert learned > value_psnr(field, encode(field, "kmeans", bits=bits)) + gain


@pytest.fixture(scope="module")
def trained() -> Field:
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    settings = NerfSettings(
        depths=(2, 3, 4), features=4, hidden=16, steps=150, samples_per_step=4096
    )
    return train_nerf(ball(), settings=settings, device="cpu")


@pytest.mark.slow
@pytest.mark.parametrize("source", ["the field", "images", "images without alpha"])
def test_learned_views_beat_k_means(source: str, trained: Field) -> None:
    data = None if source == "the field" else views_of(trained, source == "images")
    learned = encode(trained, bits=3, steps=90, data=data)
    anchor = view_psnr(trained, encode(trained, "kmeans", bits=3))
    assert view_psnr(trained, learned) > anchor + 1.0


def test_distances_are_learned_from_a_mesh() -> None:
    """A field of the wrong radius learns the mesh's."""
    settings = SdfSettings(depths=(2, 3), features=4, hidden=16, steps=150, samples=4096)
    field = train_sdf(sphere(0.6), settings=settings, device="cpu")
    mesh = sphere(0.55)
    coded = encode(field, bits=5, steps=STEPS, data=mesh)
    points, _ = sample_surface(mesh, 2000, 0)
    before, after = (
        float(values_at(FieldModule(f), points)[:, 0].abs().mean()) for f in (field, coded)
    )
    assert 0.03 < before < 0.08
    assert after < 0.4 * before


def test_every_lod_is_learned() -> None:
    field = random_field("scalar", "dense", seed=3)
    given, module = FieldModule(field), FieldModule(encode(field, bits=6, steps=60))
    points = torch.rand((2000, 3), generator=torch.Generator().manual_seed(0))
    points = points * (given.high - given.low) + given.low
    with torch.no_grad():
        wanted = given(points)
        errors = [float((module(points, lod=lod) - wanted).square().mean()) for lod in range(3)]
        plain = float((given(points, lod=0) - wanted).square().mean())
    assert errors == sorted(errors, reverse=True)
    assert errors[0] < plain  # the first level alone is fitted to the whole field


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["nerf", "scalar"])
def test_the_seed_decides_the_codes(kind: Kind) -> None:
    field = smooth(kind)
    torch.manual_seed(0)
    one = encode(field, bits=3, steps=6, seed=1)
    drawn = torch.get_rng_state()
    torch.manual_seed(1)  # the state of PyTorch's own generator does not matter,
    two = encode(field, bits=3, steps=6, seed=1)
    torch.manual_seed(0)
    assert torch.equal(torch.get_rng_state(), drawn)  # and is left alone
    assert same(one, two)
    assert not same(one, encode(field, bits=3, steps=6, seed=2))


@pytest.mark.parametrize("kind", ["nerf", "sdf"])
def test_resumed_work_ends_with_the_same_codes(kind: Kind, tmp_path: Path) -> None:
    field, state = smooth(kind), tmp_path / "state"
    options: dict[str, Any] = {"bits": 3, "steps": 20}
    wanted = encode(field, **options)
    for step in (3, 11):  # twice: before and after codes were revived
        with pytest.raises(KeyboardInterrupt):
            encode(field, **options, resume=state, progress=Interrupter(step, "vqad"))
    progress = Recorder()
    assert same(encode(field, **options, resume=state, progress=progress), wanted)
    assert progress.started[-1] == ("vqad 3 bits", 20, 11)
    assert state.exists()  # whoever asked for it removes it when the result is safe


def test_a_checkpoint_of_other_work_or_damaged_is_refused(tmp_path: Path) -> None:
    field, state = smooth("nerf"), tmp_path / "state"
    with pytest.raises(KeyboardInterrupt):
        encode(field, bits=3, steps=5, resume=state, progress=Interrupter(2, "vqad"))
    first = field.networks[0].layers[0]
    assert first.bias is not None
    network = replace(field.networks[0], layers=(
        replace(first, bias=first.bias + 1), *field.networks[0].layers[1:]))  # fmt: skip
    moved = replace(field, networks=(network, *field.networks[1:]))
    others: list[tuple[Field, dict[str, Any], str]] = [
        (field, {"bits": 4}, "bits differ"),
        (field, {"steps": 6}, "steps differ"),
        (field, {"seed": 1}, "seed differ"),
        (smooth("scalar"), {}, "field differ"),
        (moved, {}, "field differ"),
        (with_activation(field, "sine"), {}, "field differ"),
        (replace(field, occupancy=Occupancy(np.ones((2, 2, 2), np.bool_))), {}, "field differ"),
        (replace(field, metadata={"render": {"samples_per_voxel": 2.0}}), {}, "field differ"),
        (field, {"data": views_of(field, views=2)}, "data differ"),
    ]
    for other, change, message in others:
        with pytest.raises(UsageError, match=message):
            encode(other, **{"bits": 3, "steps": 5, **change}, resume=state)
    state.write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match="delete it"):
        encode(field, bits=3, steps=5, resume=state)


def with_activation(field: Field, activation: str) -> Field:
    """``field`` with another activation behind its first layer."""
    network = field.networks[0]
    layers = (replace(network.layers[0], activation=activation), *network.layers[1:])
    return replace(field, networks=(replace(network, layers=layers), *field.networks[1:]))


def test_images_over_another_background_are_other_work(tmp_path: Path) -> None:
    field, state = smooth("nerf"), tmp_path / "state"
    data = views_of(field, views=2)
    with pytest.raises(KeyboardInterrupt):
        encode(field, bits=3, steps=5, data=data, resume=state, progress=Interrupter(2, "vqad"))
    with pytest.raises(UsageError, match="data differ"):
        encode(field, bits=3, steps=5, data=replace(data, background=(0.0, 0.5, 0.0)), resume=state)


def test_data_of_another_kind_is_refused() -> None:
    mesh: Mesh = sphere()
    nerf = smooth("nerf")
    posed = views_of(nerf, views=2)
    cases: list[tuple[Kind, Any, str]] = [
        ("nerf", mesh, "learns from posed images"),
        ("sdf", posed, "learns from a mesh"),
        ("scalar", posed, "leave --data out"),
        ("scalar", mesh, "leave --data out"),
    ]
    for kind, data, message in cases:
        with pytest.raises(UsageError, match=message):
            encode(smooth(kind), bits=2, steps=1, data=data)


@pytest.mark.parametrize("steps", [0, -1, 1.5, True])
def test_steps_that_make_no_sense_are_refused(steps: Any) -> None:
    with pytest.raises(UsageError, match="steps must be a whole number of at least 1"):
        encode(smooth("scalar"), steps=steps)


def test_twelve_bits_on_a_small_field() -> None:
    field = smooth("scalar")
    coded = encode(field, bits=12, steps=2)
    assert value_psnr(field, coded) > value_psnr(field, encode(field, bits=2, steps=2)) + 6.0
