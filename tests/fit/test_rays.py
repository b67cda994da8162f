"""Ray banks against the cameras and images they are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from nfcodec.fit.rays import RayBank
from nfcodec.model.camera import Camera, look_at, perspective

CPU = torch.device("cpu")
HEIGHT, WIDTH = 5, 7


def cameras() -> list[Camera]:
    """Four views through three lenses, one of them distorted."""
    plain = [
        perspective(WIDTH, HEIGHT, 0.7, look_at(eye, (0.1, 0.2, 0.3)))
        for eye in ((3, 0, 1), (0, -2, 0.5), (1, 1, 4))
    ]
    bent = replace(plain[1], distortion=(0.2, -0.05, 0.01, -0.02), cx=3.0, fx=6.0)
    return [plain[0], bent, plain[2], replace(plain[1], fy=9.0)]


def bank(channels: int = 4, dtype: type = np.uint8) -> RayBank:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 256, (4, HEIGHT, WIDTH, channels))
    return RayBank(cameras(), (targets if dtype is np.uint8 else targets / 255).astype(dtype), CPU)


def test_rays_are_those_of_the_cameras() -> None:
    rays = bank()
    assert len(rays) == 4 * HEIGHT * WIDTH
    order = torch.randperm(len(rays), generator=torch.Generator().manual_seed(1))
    origins, directions = rays.rays(order)
    wanted = [camera.rays() for camera in cameras()]
    pairs = ((origins, 0), (directions, 1))
    for found, which in pairs:
        expected = np.concatenate([w[which] for w in wanted])[order.numpy()]
        np.testing.assert_allclose(found.numpy(), expected, atol=2e-6)


def test_a_lens_takes_no_memory_by_the_pixel() -> None:
    rays = bank()
    kept = {name: value for name, value in vars(rays).items() if isinstance(value, torch.Tensor)}
    assert len(kept.pop("targets")) == 4 * HEIGHT * WIDTH
    assert sum(value.numel() for value in kept.values()) == 4 * (12 + 8)


def test_directions_are_those_of_the_cameras_to_the_bit() -> None:
    rays = bank()
    index = torch.arange(len(rays))
    column, row = index % WIDTH, index // WIDTH % HEIGHT
    wanted = [replace(camera, pose=np.eye(4)).rays()[1] for camera in cameras()]
    found = rays._local(index // (WIDTH * HEIGHT), column, row)
    np.testing.assert_array_equal(found.numpy(), np.concatenate(wanted))


def test_only_pixels_that_count_are_drawn() -> None:
    whole, counted = bank(), np.zeros((4, HEIGHT, WIDTH), np.bool_)
    counted[1, 2:4, 1:] = counted[3, 0] = True
    some = RayBank(cameras(), whole.targets.numpy().reshape(4, HEIGHT, WIDTH, 4), CPU, counted)
    index = torch.from_numpy(np.flatnonzero(counted))
    assert len(some) == len(index)
    order = torch.arange(len(some))
    for found, wanted in zip(some.rays(order), whole.rays(index), strict=True):
        assert torch.equal(found, wanted)
    assert torch.equal(some.targets, whole.targets[index])


def test_smaller_images_lie_in_the_corner() -> None:
    first, second = cameras()[:2]
    small = replace(second, width=WIDTH - 1, height=2)
    rays = RayBank([first, small], np.zeros((2, HEIGHT, WIDTH, 3), np.uint8), CPU)
    assert len(rays) == HEIGHT * WIDTH + 2 * (WIDTH - 1)
    _, directions = rays.rays(torch.arange(HEIGHT * WIDTH, len(rays)))
    np.testing.assert_allclose(directions.numpy(), small.rays()[1], atol=2e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16])
def test_colors_lie_over_the_background(dtype: type) -> None:
    rays = bank(4, dtype)
    assert rays.has_alpha
    index = torch.arange(0, len(rays), 3)
    target = bank(4).targets[index].numpy() / 255.0
    alpha = target[:, 3:]
    behind = np.random.default_rng(1).random((len(index), 3)).astype(np.float32)
    for background in (behind, behind[0]):
        found = rays.colors(index, torch.from_numpy(background)).numpy()
        wanted = target[:, :3] * alpha + background * (1 - alpha)
        np.testing.assert_allclose(found, wanted, atol=1e-3 if dtype is np.float16 else 1e-6)


def test_without_alpha_the_background_does_not_matter() -> None:
    rays = bank(3)
    assert not rays.has_alpha
    index = torch.arange(10)
    found = rays.colors(index, torch.ones(3)).numpy()
    np.testing.assert_allclose(found, rays.targets[:10].numpy() / 255.0, atol=1e-6)
