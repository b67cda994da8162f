"""Feature images, where their depth leads, and what is mixed in there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.model.camera import Camera, look_at, perspective
from nfcodec.model.field import Field
from nfcodec.render import render
from nfcodec.vqnerf import drawing
from nfcodec.vqnerf.model import digest
from nfcodec.vqnerf.module import decoder_of
from nfcodec.vqnerf.stage import DecoderStage, NamedDecoder
from tests.vqnerf.fields import small_decoder, small_vq_nerf

CPU = torch.device("cpu")


def camera(width: int = 40, height: int = 32, distance: float = 2.5) -> Camera:
    return perspective(width, height, 0.7, look_at((distance, 0.0, 0.4), (0.0, 0.0, 0.0)))


@pytest.mark.parametrize("size", [(40, 32), (41, 30), (7, 5)])
def test_a_pixel_of_the_feature_image_covers_its_pixels(size: tuple[int, int]) -> None:
    whole = camera(*size)
    coarse = drawing.coarse_camera(whole, 4)
    assert (coarse.width, coarse.height) == (-(-size[0] // 4), -(-size[1] // 4))
    points = np.random.default_rng(0).uniform(-0.3, 0.3, (20, 3))
    np.testing.assert_allclose(coarse.project(points)[0] * 4, whole.project(points)[0], atol=1e-9)


def plane_depths(view: Camera, normal: npt.NDArray[np.float64], offset: float) -> Tensor:
    """(H, W) depths along the optical axis of the plane where ``normal . x`` is ``offset``."""
    origins, directions = (array.astype(np.float64) for array in view.rays())
    t = (offset - origins @ normal) / (directions @ normal)
    depth = t * (directions @ -view.pose[:3, 2])
    return torch.from_numpy(depth.reshape(view.height, view.width).astype(np.float32))


def test_depths_between_are_exact_on_a_slanted_plane() -> None:
    view, normal = camera(), np.array([0.8, 0.5, 0.3])
    coarse = plane_depths(drawing.coarse_camera(view, 4), normal, 0.1)[None, None]
    middle, nearest = drawing.guess_depth(torch.ones_like(coarse), coarse, 4)
    wanted = plane_depths(view, normal, 0.1)
    inside = (slice(4, -4), slice(4, -4))  # beyond the outermost middles depth is repeated
    np.testing.assert_allclose(middle[0, 0][inside], wanted[inside], rtol=1e-5)
    assert (nearest <= middle * (1 + 1e-6)).all()


def test_where_nothing_is_seen_nothing_is_looked_for() -> None:
    opacity, depth = torch.zeros(1, 1, 6, 6), torch.full((1, 1, 6, 6), 2.0)
    opacity[..., 3, 3] = 1.0
    depth[..., 3, 3] = 1.5
    middle, nearest = drawing.guess_depth(opacity, depth, 2)
    assert middle.shape == (1, 1, 12, 12)
    seen = middle[0, 0] > 0
    assert seen[6:8, 6:8].all()
    assert not seen[:4].any()
    # What is not seen does not count in what lies between.
    np.testing.assert_allclose(middle[0, 0][seen], 1.5, rtol=1e-6)
    np.testing.assert_allclose(nearest[0, 0][seen], 1.5, rtol=1e-6)


@pytest.mark.parametrize("error", [0.0, 0.06, -0.2, 0.3])
def test_the_surface_is_found_from_a_guess_beside_it(error: float) -> None:
    field = small_vq_nerf()
    module = FieldModule(field, CPU)
    view = camera()
    origins, directions = drawing.rays_of(view, CPU)
    along = (-directions * origins).sum(dim=1)
    beside = (origins + along[:, None] * directions).norm(dim=1)
    hit = beside < 0.4
    exact = along - (0.5**2 - beside.square()).clamp_min(0.0).sqrt()
    guess = torch.where(hit, exact + error, torch.zeros_like(exact))
    nearest = torch.where(hit, torch.full_like(exact, 1.9), torch.zeros_like(exact))
    hits = drawing.first_surface(module, origins, directions, guess, nearest)
    assert set(hits.pixel.tolist()) <= set(hit.nonzero()[:, 0].tolist())
    assert len(hits.pixel) > 0.95 * int(hit.sum())
    voxel = 2.0 / 8
    points = origins[hits.pixel] + hits.t[:, None] * directions[hits.pixel]
    distance = module.values_of("distance", points)[:, 0]
    assert float(distance.detach().abs().max()) <= 2 * drawing.NEAR * voxel
    # What is handed on was read at the place that is told.
    torch.testing.assert_close(hits.sources["distance"][:, 0], distance)
    wanted = (2.0 - distance.abs() / (drawing.NEAR * voxel)).clamp(0.0, 1.0)
    torch.testing.assert_close(hits.near, wanted)
    torch.testing.assert_close(hits.sources["direction"], directions[hits.pixel])


def test_rays_beside_the_surface_hit_nothing() -> None:
    module = FieldModule(small_vq_nerf(), CPU)
    origins = torch.tensor([[3.0, 0.9, 0.0], [3.0, 0.0, 0.95]])
    directions = torch.tensor([[-1.0, 0.0, 0.0]]).repeat(2, 1)
    hits = drawing.first_surface(
        module, origins, directions, torch.full((2,), 3.0), torch.full((2,), 2.5)
    )
    assert len(hits.pixel) == 0


@pytest.mark.parametrize(
    ("eye", "towards", "guess"),
    [
        (0.75, 1.0, 0.05),  # the surface behind: tracing begins a voxel before the nearest depth
        (0.3, -1.0, 0.1),  # the eye inside, looking inwards: the secant leads out again
    ],
)
def test_nothing_behind_the_eye_is_hit(eye: float, towards: float, guess: float) -> None:
    module = FieldModule(small_vq_nerf(), CPU)
    origin, direction = torch.tensor([[eye, 0.0, 0.0]]), torch.tensor([[towards, 0.0, 0.0]])
    hits = drawing.first_surface(
        module, origin, direction, torch.tensor([guess]), torch.tensor([guess])
    )
    assert not len(hits.pixel) or float(hits.t.min()) >= 0.0


def image_of(field: Field, view: Camera) -> npt.NDArray[np.float32]:
    return render(field, view, device="cpu")


@pytest.mark.parametrize("size", [(40, 32), (41, 30)])
def test_trust_mixes_the_two_images(size: tuple[int, int]) -> None:
    field, view = small_vq_nerf(), camera(*size)
    decoded = image_of(replace(field, networks=field.networks[:4]), view)

    def trusting(bias: float) -> Field:
        networks = list(field.networks)
        (layer,) = networks[4].layers
        sure = replace(layer, weight=np.zeros_like(layer.weight), bias=np.array([bias], np.float32))
        networks[4] = replace(networks[4], layers=(sure,))
        return replace(field, networks=tuple(networks))

    assert decoded.shape == (size[1], size[0], 3)
    np.testing.assert_allclose(image_of(trusting(-40.0), view), decoded, atol=1e-6)
    whole, half = image_of(trusting(40.0), view), image_of(trusting(0.0), view)
    np.testing.assert_allclose(half, 0.5 * (whole + decoded), atol=1e-5)
    changed = np.abs(whole - decoded).max(axis=2) > 1e-4
    assert 0.05 < changed.mean() < 0.6  # the ball alone


def test_empty_space_looks_like_its_features() -> None:
    field = small_vq_nerf()
    away = perspective(32, 32, 0.5, look_at((5.0, 0.0, 0.0), (9.0, 0.0, 0.0)))
    shown = image_of(field, away)
    assert field.image is not None
    decoder = small_decoder()
    nearest = np.square(decoder.codebook - field.image.empty).sum(axis=1).argmin()
    module = FieldModule(field, CPU)
    decoder_module = decoder_of(module)
    with torch.no_grad():
        indices = torch.full((1, 8, 8), int(nearest))
        wanted = drawing.decode(decoder_module, decoder_module.lookup(indices))[0]
    np.testing.assert_allclose(shown, wanted.permute(1, 2, 0).clamp(0, 1).numpy(), atol=1e-5)


def test_a_decoder_that_is_elsewhere_is_asked_for() -> None:
    field = small_vq_nerf()
    assert field.image is not None
    name = NamedDecoder(digest(small_decoder()), 4, 16, 3)
    other = replace(field, image=DecoderStage(name, field.image.empty))
    with pytest.raises(UsageError, match=name.digest):
        render(other, camera(), device="cpu")
