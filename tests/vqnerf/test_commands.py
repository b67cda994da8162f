"""From a VQ-VAE to a coded field and its image, at the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nfcodec import exporters, importers
from nfcodec.cli.app import run
from nfcodec.vqnerf import vqvae_writer as vqvaes
from nfcodec.vqnerf.model import Activation, Convolution, ImageEncoder, PixelUnshuffle, Vqvae
from tests.fields import random_field
from tests.vqnerf.fields import small_decoder, small_vq_nerf


def result(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert run([str(argument) for argument in arguments]) == 0
    return json.loads(capsys.readouterr().out)


def message(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    assert run([str(argument) for argument in arguments]) == code
    return capsys.readouterr().err


def vqvae(path: Path, seed: int = 0) -> Path:
    """The file of a VQ-VAE with the decoder of ``small_vq_nerf``."""
    rng = np.random.default_rng(1)
    weight = rng.normal(scale=0.1, size=(3, 48, 1, 1)).astype(np.float32)
    layers = (PixelUnshuffle(4), Convolution(weight, np.zeros(3, np.float32)), Activation("tanh"))
    encoder = ImageEncoder(4, layers)
    return vqvaes.save(Vqvae(encoder, small_decoder(seed=seed)), path, overwrite=True)


@pytest.fixture
def field(tmp_path: Path) -> Path:
    return exporters.export(small_vq_nerf(), tmp_path / "field.pt")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["kmeans", "float16", "lra"])
def test_a_coded_field_is_drawn_and_compared(
    field: Path, tmp_path: Path, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    coded, image = tmp_path / "field.nfc", tmp_path / "view.png"
    found = result(capsys, "encode", field, "-m", method, "--json")
    assert found["path"] == str(coded)
    assert run(["verify", str(coded)]) == 0
    capsys.readouterr()
    told = result(capsys, "info", coded, "--json")
    assert told["kind"] == "vq-nerf"
    assert told["image"]["codebook"] == [16, 3]
    assert {"image codebook", "image decoder"} <= {part["part"] for part in told["parts"]}
    assert run(["info", str(coded)]) == 0
    assert "16 x 3 codes, scale 4" in capsys.readouterr().out
    assert result(capsys, "info", field, "--json")["image"] == {
        **told["image"], "values": told["image"]["values"]
    }  # fmt: skip
    drawn = result(capsys, "render", coded, "-o", image, "--size", "33x22", "--json")
    assert (drawn["width"], drawn["height"]) == (33, 22)
    assert np.asarray(Image.open(image)).std() > 1
    between = result(capsys, "compare", field, coded, "--json")
    assert between["reference"]["seconds"] > 0
    assert between["between"]["view_psnr"] > 20
    assert between["between"]["value_psnr"] > 20


def test_a_vq_nerf_is_compared_with_a_plain_field(
    field: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = exporters.export(random_field("nerf", "octree"), tmp_path / "plain.pt")
    alone = exporters.export(small_vq_nerf(sampled=False), tmp_path / "alone.pt")
    found = result(capsys, "compare", field, plain, "--json")
    assert found["between"]["value_psnr"] is not None
    found = result(capsys, "compare", plain, alone, "--json")
    assert found["between"]["value_psnr"] is None  # features are no colors
    assert found["between"]["view_psnr"] > 0
    assert {"seconds"} <= found["test"].keys()


@pytest.mark.slow
def test_a_decoder_may_be_kept_elsewhere(
    field: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, other = vqvae(tmp_path / "vqvae.pt"), vqvae(tmp_path / "other.pt", seed=1)
    whole, coded = tmp_path / "whole.nfc", tmp_path / "field.nfc"
    long = result(capsys, "encode", field, "-m", "kmeans", "-o", whole, "--json")["bytes"]
    made = result(capsys, "encode", field, "-m", "kmeans", "--vqvae", own, "--json")
    assert made["bytes"] < long - 1000
    assert len(result(capsys, "info", coded, "--json")["image"]["digest"]) == 64
    assert run(["verify", str(coded)]) == 0
    capsys.readouterr()
    image, wanted = tmp_path / "view.png", tmp_path / "wanted.png"
    assert "--vqvae PATH" in message(capsys, 2, "render", coded, "-o", image)
    assert "is not the one" in message(capsys, 2, "render", coded, "-o", image, "--vqvae", other)
    assert not image.exists()
    assert run(["render", str(coded), "-o", str(image), "--vqvae", str(own)]) == 0
    assert run(["render", str(whole), "-o", str(wanted)]) == 0
    apart = np.asarray(Image.open(image)).astype(int) - np.asarray(Image.open(wanted))
    assert np.abs(apart).max() <= 2  # the decoder is not rounded to float16
    assert "--vqvae PATH" in message(capsys, 2, "compare", field, coded)
    capsys.readouterr()
    assert result(capsys, "compare", field, coded, "--vqvae", own, "--json")["between"]
    assert "was trained with the scene" in message(
        capsys, 2, "encode", field, "-m", "kmeans", "--vqvae", other, "--overwrite"
    )
    assert "leave --vqvae out" in message(
        capsys, 2, "encode", field, "--target-size", "9kB", "--vqvae", own, "--overwrite"
    )
    plain = exporters.export(random_field("nerf", "octree"), tmp_path / "plain.pt")
    assert "no image decoder" in message(capsys, 2, "encode", plain, "-m", "kmeans", "--vqvae", own)


def test_a_vqvae_that_nothing_needs_is_refused(
    field: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, image = vqvae(tmp_path / "vqvae.pt"), tmp_path / "view.png"
    plain = exporters.export(random_field("nerf", "octree"), tmp_path / "plain.pt")
    named = exporters.export(small_vq_nerf(named=True), tmp_path / "named.pt")
    for source, why in ((field, "holds its image decoder itself"), (plain, "a nerf field")):
        said = message(capsys, 2, "render", source, "-o", image, "--vqvae", own)
        assert f"{own} is not needed: {source} holds" in said
        assert why in said
        assert "leave --vqvae out" in said
    assert not image.exists()
    said = message(capsys, 2, "compare", plain, field, "--vqvae", own)
    assert f"{plain} holds a nerf field" in said
    assert f"{field} holds its image decoder itself; leave --vqvae out" in said
    # One of the two is enough, whichever it is.
    for pair in ((plain, named), (named, field)):
        assert result(capsys, "compare", *pair, "--vqvae", own, "--json")["between"]


def test_a_field_without_its_decoder_is_coded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    field = exporters.export(small_vq_nerf(named=True), tmp_path / "named.pt")
    own = vqvae(tmp_path / "vqvae.pt")
    assert "--vqvae PATH" in message(capsys, 2, "encode", field, "-m", "kmeans")
    assert result(capsys, "encode", field, "-m", "kmeans", "--vqvae", own, "--json")["bytes"]
    assert result(capsys, "info", tmp_path / "named.nfc", "--json")["image"]["digest"]


@pytest.mark.slow
def test_what_cannot_be_drawn_is_refused(
    field: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coded, image = tmp_path / "field.nfc", tmp_path / "view.png"
    assert run(["encode", str(field), "-m", "kmeans"]) == 0
    capsys.readouterr()
    drawing = ("render", coded, "-o", image)
    assert "--device cpu or cuda" in message(capsys, 2, *drawing, "--device", "wgpu")
    assert "--antialias" in message(capsys, 2, *drawing, "--antialias", 2)
    said = message(capsys, 2, *drawing, "--background", "0,0.5,0")
    assert "trained with, 1,1,1, and not over 0,0.5,0: draw it over 1,1,1" in said
    field_of_night = replace(
        random_field("nerf", "octree"), metadata={"background": [0.0, 0.0, 0.0]}
    )
    night = exporters.export(field_of_night, tmp_path / "night.pt")
    said = message(capsys, 2, "compare", night, coded)
    assert "compare it with fields and images of that background" in said
    assert "--background" not in said
    assert "nfcodec render" in message(capsys, 4, "view", coded, "--export", tmp_path / "site")
    assert run([*map(str, drawing), "--mode", "depth", "--background", "1,1,1"]) == 0


def test_training_is_refused_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    halves = vqvae(tmp_path / "vqvae.pt")
    train = ("train", "vq-nerf", tmp_path, "--vqvae", halves, "-o", tmp_path / "field.pt")
    assert "has scale 4" in message(capsys, 2, *train, "--scale", 2)
    assert "no term of the loss" in message(capsys, 2, *train, "--weight", "beauty=1")
    assert "0 or more" in message(capsys, 2, *train, "--weight", "mask=-1")
    assert "--semantic" in message(capsys, 2, *train, "--no-semantic", "--clip", halves)
    missing = ("train", "vq-nerf", tmp_path, "--vqvae", tmp_path / "none.pt", "-o", "a.pt")
    assert "no such file" in message(capsys, 2, *missing)


@pytest.mark.slow
def test_a_scene_is_learned_coded_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene, field = tmp_path / "scene", tmp_path / "field.pt"
    script = Path(__file__).resolve().parents[2] / "examples" / "scenes" / "still_life.py"
    arguments = ("--train", "3", "--test", "1", "--size", "24")
    subprocess.run([sys.executable, str(script), str(scene), *arguments], check=True)
    halves = vqvae(tmp_path / "vqvae.pt")
    capsys.readouterr()
    train = ("train", "vq-nerf", scene, "--vqvae", halves, "-o", field, "--steps", 6)
    learning = (*train, "--no-finetune", "--weight", "features=0.1", "--device", "cpu", "--json")
    assert run([str(argument) for argument in learning]) == 0
    said = capsys.readouterr()
    assert "the semantic term of the loss is off" in said.err
    found = json.loads(said.out)
    assert found["kind"] == "vq-nerf"
    assert {"psnr", "ssim"} <= found["metrics"].keys()
    kept = importers.load(field).metadata["training"]
    assert kept["weights"]["features"] == 0.1
    assert (kept["steps"] + kept["nerf"]["steps"], kept["finetune"]) == (6, False)
    # The decoder is as it was, so that the file can leave it to the VQ-VAE.
    coded, image = tmp_path / "field.nfc", tmp_path / "view.png"
    assert result(capsys, "encode", field, "-m", "kmeans", "--vqvae", halves, "--json")["bytes"]
    view = ("--data", scene, "--view", 0)
    drawn = result(capsys, "render", coded, "-o", image, *view, "--vqvae", halves, "--json")
    assert (drawn["width"], drawn["height"]) == (24, 24)
