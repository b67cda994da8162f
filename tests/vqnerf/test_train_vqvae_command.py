"""The verb ``train vqvae``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nfcodec.vqnerf import vqvae_file as importer
from nfcodec.vqnerf.model import Activation, Residual, digest
from nfcodec.vqnerf.train_vqvae import VqvaeSettings
from nfcodec.vqnerf.train_vqvae_command import vqvae as command
from nfcodec.vqnerf.vqvae_layers import new_vqvae
from nfcodec.vqnerf.vqvae_writer import save
from tests.cli.conftest import Run
from tests.metrics.test_lpips import lpips_state
from tests.vqnerf.vqvaes import random_vqvae

SMALL = (
    "--codebook", "16x4", "--width", "8", "--blocks", "1", "--patch", "16", "--batch", "2",
    "--steps", "3", "--seed", "7", "--device", "cpu",
)  # fmt: skip


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(3):
        pixels = np.random.default_rng(i).integers(0, 256, (21, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_a_folder_of_images(nfcodec: Run, images: Path, tmp_path: Path) -> None:
    out = tmp_path / "vq.pt"
    done = nfcodec("train", "vqvae", images, "-o", out, *SMALL, "--scale", "2", "--json")
    assert done.code == 0, done.err
    vqvae = importer.load(out)
    found = done.json
    assert found["codebook"] == [16, 4] == list(vqvae.decoder.codebook.shape)
    assert found["scale"] == 2 == vqvae.decoder.scale
    assert found["sha256"] == digest(vqvae.decoder)
    assert found["bytes"] == out.stat().st_size
    assert found["metrics"]["psnr"] > 5.0
    assert vqvae.metadata["metrics"] == found["metrics"]
    training = vqvae.metadata["training"]
    assert (training["images"], training["steps"], training["seed"]) == (2, 3, 7)
    assert not list(tmp_path.glob("*.resume"))
    nfcodec("train", "vqvae", images, "-o", out, *SMALL).expect(2, "exists", "--overwrite")


def test_a_trained_one_is_taken_as_it_is_or_trained_further(
    nfcodec: Run, images: Path, tmp_path: Path
) -> None:
    save(random_vqvae(), tmp_path / "other.pt")
    start = ("train", "vqvae", images, "--from", tmp_path / "other.pt", "--device", "cpu")
    kept = nfcodec(*start, "-o", tmp_path / "kept.pt", "--json")
    assert kept.json["sha256"] == digest(random_vqvae().decoder)
    assert kept.json["metrics"]["psnr"] > 5.0
    further = nfcodec(*start, "-o", tmp_path / "further.pt", "--steps", "2", "--json")
    assert further.json["sha256"] != kept.json["sha256"]
    assert further.json["codebook"] == [16, 4]


def test_patches_are_checked_against_the_scale_that_training_goes_on_with(
    nfcodec: Run, images: Path, tmp_path: Path
) -> None:
    squares = np.random.default_rng(0).random((9, 3, 2, 2))
    made = new_vqvae(squares, 16, 4, width=8, blocks=1, rng=np.random.default_rng(0))
    save(made, tmp_path / "two.pt")
    start = ("train", "vqvae", images, "--from", tmp_path / "two.pt", "--device", "cpu")
    learning = ("--steps", "1", "--patch", "14", "--batch", "2")
    assert nfcodec(*start, "-o", tmp_path / "vq.pt", *learning).code == 0
    training = importer.load(tmp_path / "vq.pt").metadata["training"]
    assert (training["scale"], training["patch"]) == (2, 14)


def test_likeness_counts_where_it_is_asked_for(nfcodec: Run, images: Path, tmp_path: Path) -> None:
    """On the device that is taken by default, too."""
    weights = tmp_path / "lpips.pt"
    torch.save(lpips_state("alex"), weights)
    options = [*SMALL[: SMALL.index("--patch")], "--patch", "32", "--batch", "2", "--steps", "2"]
    ask = ("train", "vqvae", images, "-o", tmp_path / "vq.pt", *options)
    assert nfcodec(*ask, "--lpips", weights).code == 0
    training = importer.load(tmp_path / "vq.pt").metadata["training"]
    assert training["perceptual"] == VqvaeSettings().perceptual


def test_one_image_is_trained_on_and_said_not_to_be_measured(
    nfcodec: Run, images: Path, tmp_path: Path
) -> None:
    for name in ("1.png", "2.png"):
        (images / name).unlink()
    done = nfcodec("train", "vqvae", images, "-o", tmp_path / "vq.pt", *SMALL)
    assert done.code == 0
    assert "no held-out images" in done.err


def test_what_cannot_be_asked_for(nfcodec: Run, images: Path, tmp_path: Path) -> None:
    ask: tuple[Any, ...] = ("train", "vqvae", images, "-o", tmp_path / "vq.pt")
    nfcodec(*ask, "--codebook", "2048").expect(2, "2048x16")
    nfcodec(*ask, "--codebook", "0x16").expect(2, "2048x16")
    nfcodec(*ask, "--scale", "3").expect(2, "scale 3")
    nfcodec(*ask, "--steps", "0").expect(2, "--from")
    nfcodec(*ask, "--from", tmp_path / "nowhere").expect(2, "nowhere")
    nfcodec(*ask, "--from", images, "--scale", "4").expect(2, "--scale")
    nfcodec(*ask, "--from", images).expect(2, "config.json")
    nfcodec(*ask, "--from", images, "--batch", "2").expect(2, "--batch", "--steps")
    save(random_vqvae(), tmp_path / "other.pt")
    further = (*ask, "--from", tmp_path / "other.pt", "--steps", "2")
    nfcodec(*further, "--patch", "30").expect(2, "patch 30 is no multiple of the scale, 4")
    # Before any image is looked at.
    (images / "0.png").write_text("damaged")
    (images / "1.png").write_text("damaged")
    nfcodec(*ask, "--patch", "99999996").expect(2, "99999996")
    nfcodec(*ask, "--width", "4096").expect(2, "width 4096")
    nfcodec(*further, "--batch", "99999999").expect(2, "batch 99999999")
    deep = random_vqvae()
    more = Residual((Activation("relu"),) * 900)
    layers = (*deep.decoder.layers, more)
    save(replace(deep, decoder=replace(deep.decoder, layers=layers)), tmp_path / "deep.pt")
    large = ("--steps", "2", "--patch", "256", "--batch", "64")
    deeper = nfcodec(*ask, "--from", tmp_path / "deep.pt", *large)
    deeper.expect(2, "batch 64 of patch 256", "networks to go on from", "smaller")
    nfcodec(*ask, "--lpips", tmp_path / "none.pt").expect(2, "none.pt")
    nfcodec(*ask[:3], "-o", tmp_path / "vq.h5").expect(2, ".pt")
    assert not (tmp_path / "vq.pt").exists()


def test_help_states_the_defaults() -> None:
    settings = VqvaeSettings()
    defaults = {**vars(settings), "codebook": f"{settings.codes}x{settings.features}"}
    stated = {
        option.name: str(option.help)
        for option in command.params
        if " by default" in str(getattr(option, "help", ""))
    }
    assert set(stated) == {"codebook", "scale", "width", "blocks", "patch", "batch", "steps"}
    for name, text in stated.items():
        assert f"{defaults[name]} by default" in text
