"""Fields whose feature images a VQ-VAE makes images of: each part learns, and files keep it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch
from torch import Tensor

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.data.images import PosedImages
from nfcodec.data.unposed import UnposedImages
from nfcodec.errors import DamagedFileError, UsageError
from nfcodec.exporters import surface as meshes
from nfcodec.metrics import psnr
from nfcodec.model.field import Field
from nfcodec.quantize import encode
from nfcodec.render import render
from nfcodec.train.nerf import NerfSettings
from nfcodec.train.surface import SurfaceSettings
from nfcodec.vqnerf import train_field_command as command
from nfcodec.vqnerf.loss import Weights
from nfcodec.vqnerf.model import ImageDecoder, Vqvae, digest, named_arrays
from nfcodec.vqnerf.train_field import VqNerfSettings, reduced, train_vq_nerf
from nfcodec.vqnerf.train_vqvae import VqvaeSettings, train_vqvae
from tests.interrupt import Interrupter, Recorder
from tests.train.scenes import RADIUS, ball
from tests.train.test_nerf import assert_same

SMALL = VqNerfSettings(
    nerf=NerfSettings(
        depths=(2, 3, 4), features=4, hidden=16, steps=120, samples_per_step=2048,
        surface=SurfaceSettings(),
    ),
    steps=80, patch=6, patches=2, network_rate=8e-3,
)  # fmt: skip
SIZE = 32


def learned_from(posed: PosedImages) -> UnposedImages:
    pixels = tuple((image * 255 + 0.5).astype(np.uint8) for image in posed.colors())
    return UnposedImages(pixels, posed.names, posed.path)


@pytest.fixture(scope="module")
def vqvae() -> Vqvae:
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    settings = VqvaeSettings(
        codes=64, features=4, width=16, blocks=1, steps=150, patch=32, batch=4
    )  # fmt: skip
    return train_vqvae(learned_from(ball(12, SIZE)), settings=settings, device="cpu")


def train(vqvae: Vqvae, settings: VqNerfSettings = SMALL, **options: Any) -> Field:
    posed = options.pop("posed", None) or ball(12, SIZE)
    return train_vq_nerf(posed, vqvae, settings=settings, device="cpu", **options)


def images(field: Any) -> np.ndarray:
    """Views between those trained on."""
    return np.stack(
        [render(field, camera, device="cpu") for camera in ball(4, SIZE, turn=1.0).cameras]
    )


def quality(field: Any) -> float:
    return psnr(ball(4, SIZE, turn=1.0).colors(), images(field))


@pytest.fixture(scope="module")
def progress() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def trained(vqvae: Vqvae, progress: Recorder) -> Field:
    return train(vqvae, progress=progress)


def test_a_ball_is_learned_at_both_scales(trained: Field, progress: Recorder) -> None:
    check_field(trained, "trained")
    assert trained.kind == "vq-nerf"
    assert [network.name for network in trained.networks] == [
        "trunk", "distance", "density", "latent", "trust", "color",
    ]  # fmt: skip
    assert quality(trained) > 19.5
    alone = replace(trained, networks=trained.networks[:4])
    assert quality(alone) > 16.5
    patches = [figures["loss"] for _, figures in progress.updates[-SMALL.steps :]]
    assert np.mean(patches[-20:]) < 0.7 * np.mean(patches[:5])
    assert trained.metadata["training"]["method"] == "vq-nerf"
    assert trained.metadata["background"] == [1.0, 1.0, 1.0]


def test_the_low_resolution_alone_learns_too(vqvae: Vqvae) -> None:
    field = train(vqvae, replace(SMALL, sampled=False))
    assert field.networks[-1].name == "latent"
    assert quality(field) > 15.5


def decoder_of(field: Any) -> ImageDecoder:
    assert field.image is not None
    assert isinstance(field.image.decoder, ImageDecoder)
    return field.image.decoder


def test_a_decoder_is_left_as_it_is_or_finetuned(vqvae: Vqvae, trained: Field) -> None:
    field = train(vqvae, replace(SMALL, finetune=False, steps=3).with_steps(6))
    assert digest(decoder_of(field)) == digest(vqvae.decoder)
    arrays = zip(named_arrays(decoder_of(trained)), named_arrays(vqvae.decoder), strict=True)
    assert all(not np.array_equal(a, b) for (_, a), (_, b) in arrays)


def test_the_file_shows_the_same_images_in_a_tenth_of_the_bytes(
    trained: Field, tmp_path: Path
) -> None:
    from nfcodec import exporters, importers

    exporters.export(trained, tmp_path / "field.pt")
    again = importers.load(tmp_path / "field.pt")
    assert_same(again, trained)
    shown = images(trained)
    np.testing.assert_array_equal(images(again), shown)
    half = coding.open(coding.to_bytes(encode(trained, "float16")))
    assert psnr(images(half), shown) > 45.0
    coded = encode(trained, "kmeans", bits=4)
    data = coding.to_bytes(coded)
    np.testing.assert_array_equal(images(coding.open(data)), images(coded))


def test_codes_are_learned_from_the_field_itself(trained: Field) -> None:
    few = encode(trained, "kmeans", bits=2)
    learned = encode(trained, "vqad", bits=2, steps=25)
    shown = images(trained)
    assert psnr(images(learned), shown) > psnr(images(few), shown)


def test_the_surface_is_that_of_the_ball(trained: Field) -> None:
    mesh = meshes.extract(trained, resolution=32, device="cpu")
    assert np.abs(np.linalg.norm(mesh.vertices, axis=1) - RADIUS).mean() < 0.12
    assert mesh.colors is not None


@pytest.mark.parametrize("label", ["stage 2", "images"])
def test_resumed_training_ends_with_the_same_field(
    vqvae: Vqvae, label: str, tmp_path: Path
) -> None:
    settings = replace(SMALL, steps=4, nerf=replace(SMALL.nerf, steps=12))
    state, posed = tmp_path / "state", ball(4, SIZE)
    wanted = train(vqvae, settings, posed=posed)
    with pytest.raises(KeyboardInterrupt):
        train(vqvae, settings, posed=posed, checkpoint=state, progress=Interrupter(2, label))
    found = train(vqvae, settings, posed=posed, checkpoint=state)
    assert_same(found, wanted)
    assert digest(decoder_of(found)) == digest(decoder_of(wanted))
    np.testing.assert_array_equal(images(found), images(wanted))


def test_a_checkpoint_of_other_work_or_damaged_is_refused(vqvae: Vqvae, tmp_path: Path) -> None:
    settings = replace(SMALL, steps=4, nerf=replace(SMALL.nerf, steps=12))
    state, posed = tmp_path / "state", ball(4, SIZE)
    with pytest.raises(KeyboardInterrupt):
        train(vqvae, settings, posed=posed, checkpoint=state, progress=Interrupter(2, "images"))
    with pytest.raises(UsageError, match="settings differ"):
        train(vqvae, replace(settings, patch=5), posed=posed, checkpoint=state)
    with pytest.raises(UsageError, match="semantic differ"):
        train(vqvae, settings, posed=posed, checkpoint=state, semantic=torch.nn.Bilinear(1, 1, 1))
    kept = torch.load(state, weights_only=True)
    torch.save({**kept, "depth": 9}, state)
    with pytest.raises(DamagedFileError, match="state"):
        train(vqvae, settings, posed=posed, checkpoint=state)
    state.write_bytes(b"nonsense")
    with pytest.raises(DamagedFileError, match="not a checkpoint"):
        train(vqvae, settings, posed=posed, checkpoint=state)


def test_the_semantic_term_counts(vqvae: Vqvae) -> None:
    seen: list[tuple[int, ...]] = []

    def distance(images: Tensor, truth: Tensor) -> Tensor:
        seen.append(tuple(images.shape))
        assert images.requires_grad
        assert images.shape == truth.shape
        return (images.mean() - truth.mean()).square()

    settings = replace(SMALL, steps=2, nerf=replace(SMALL.nerf, steps=6))
    with_it = train(vqvae, settings, posed=ball(4, SIZE), semantic=distance)
    assert seen == [(2, 3, 24, 24)] * 2
    assert with_it.metadata["training"]["semantic"] is True
    without = replace(settings, weights=replace(Weights(), semantic=0.0))
    train(vqvae, without, posed=ball(4, SIZE), semantic=distance)
    assert len(seen) == 2


def test_reduced_views_are_means_over_what_is_opaque() -> None:
    posed = ball(2, SIZE)
    small = reduced(posed, 4)
    assert small.images.shape == (2, 8, 8, 4)
    wanted = posed.colors().reshape(2, 8, 4, 8, 4, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small.colors(), wanted, atol=0.01)
    one, two = posed.cameras[0], small.cameras[0]
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 3))
    np.testing.assert_allclose(two.project(points)[0] * 4, one.project(points)[0], atol=1e-9)


def test_settings_that_make_no_sense_are_refused(vqvae: Vqvae) -> None:
    for name in ("steps", "patch", "patches", "feature_rate", "network_rate", "decoder_rate"):
        nothing: dict[str, Any] = {name: 0}
        with pytest.raises(UsageError, match=name):
            replace(SMALL, **nothing)
    with pytest.raises(UsageError, match="surface"):
        VqNerfSettings(nerf=NerfSettings())
    with pytest.raises(UsageError, match="commitment"):
        VqNerfSettings(weights=Weights(commitment=-1.0))
    with pytest.raises(UsageError, match="too small"):
        train(vqvae, posed=ball(4, 6))


def test_steps_are_shared_between_the_stages() -> None:
    for steps in (2, 3, 10, 4000):
        settings = VqNerfSettings().with_steps(steps)
        assert settings.steps + settings.nerf.steps == steps
        assert min(settings.steps, settings.nerf.steps) >= 1
    assert VqNerfSettings().with_steps(4000) == VqNerfSettings()
    with pytest.raises(UsageError, match="2 or more"):
        VqNerfSettings().with_steps(1)


def test_the_command_knows_every_weight() -> None:
    terms = {*Weights.__dataclass_fields__, *SurfaceSettings.__dataclass_fields__}
    assert set(command.WEIGHTS) == terms
    assert command.vq_nerf.epilog is not None
    defaults = {**vars(Weights()), **vars(SurfaceSettings())}
    lines = {
        line.split()[0]: float(line.split()[-1])
        for line in command.vq_nerf.epilog.splitlines()
        if line.split() and line.split()[0] in terms
    }
    assert lines == defaults
