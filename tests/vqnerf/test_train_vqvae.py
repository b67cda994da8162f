"""VQ-VAEs learned from small images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec.data.unposed import UnposedImages
from nfcodec.errors import LimitError, UsageError
from nfcodec.metrics.lpips import Lpips
from nfcodec.vqnerf import vqvae_file as importer
from nfcodec.vqnerf import vqvae_layers
from nfcodec.vqnerf.halves import check_vqvae
from nfcodec.vqnerf.model import Vqvae, digest, named_arrays, num_values
from nfcodec.vqnerf.networks import VqvaeModule
from nfcodec.vqnerf.train_vqvae import VqvaeSettings, measure, train_vqvae, untrained
from nfcodec.vqnerf.vqvae_layers import MAX_BLOCKS, count_given, count_values, new_vqvae
from nfcodec.vqnerf.vqvae_writer import save
from tests.interrupt import Interrupter, Recorder
from tests.metrics.test_lpips import lpips_state
from tests.vqnerf.vqvaes import random_vqvae

SMALL = VqvaeSettings(codes=128, features=8, width=16, blocks=1, steps=150, patch=16, batch=8)


def drawings(count: int, seed: int = 0, height: int = 40, width: int = 48) -> UnposedImages:
    """Colored discs on a gradient: edges of all directions, few colors."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    pixels = []
    for _ in range(count):
        image = np.stack([x / width, y / height, np.full(x.shape, 0.5)], axis=-1) * 0.5
        for _ in range(4):
            cx, cy, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(5, 14)
            inside = np.clip(radius - np.hypot(x - cx, y - cy), 0, 1)[..., None]
            color = np.eye(3)[rng.integers(3)] * 0.8 + 0.1
            image = image * (1 - inside) + color * inside
        pixels.append(np.rint(image * 255).astype(np.uint8))
    return UnposedImages(tuple(pixels), tuple(f"{i}.png" for i in range(count)), Path("drawings"))


def train(settings: VqvaeSettings = SMALL, **options: Any) -> Vqvae:
    return train_vqvae(drawings(6), settings=settings, device="cpu", **options)


def as_bytes(vqvae: Vqvae, folder: Path) -> bytes:
    return save(vqvae, folder / "vq.pt", overwrite=True).read_bytes()


def test_images_not_trained_on_come_back() -> None:
    recorder = Recorder()
    vqvae = train(progress=recorder)
    check_vqvae(vqvae, "trained")
    held_out = drawings(4, seed=9)
    begun = measure(untrained(drawings(6), SMALL, 0), held_out)
    found = measure(vqvae, held_out)
    assert found["psnr"] > 22.0
    assert found["psnr"] > begun["psnr"] + 5.0
    assert found["codes"] > 50
    shown = [figures["psnr"] for _, figures in recorder.updates]
    assert np.mean(shown[-20:]) > np.mean(shown[5:25]) + 1.0
    assert vqvae.metadata["training"]["codes"] == 128


def test_before_training_it_knows_the_principal_components() -> None:
    """With as many features as a square has values nothing is lost but by quantization."""
    images = drawings(3)
    module = VqvaeModule(untrained(images, replace(SMALL, features=12, scale=2), 0))
    shown = torch.from_numpy(images.pixels[0]).permute(2, 0, 1)[None] / 255.0
    with torch.no_grad():
        torch.testing.assert_close(
            module.decoder.decode(module.encoder(shown)), shown, atol=1e-4, rtol=0
        )
    # fewer lose something, but less than the plain mean of each square does
    module = VqvaeModule(untrained(images, SMALL, 0))
    with torch.no_grad():
        error = (module.decoder.decode(module.encoder(shown)) - shown).square().mean()
    means = torch.nn.functional.avg_pool2d(shown, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    assert 0 < error < (means - shown).square().mean() / 2


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    short = replace(SMALL, steps=20)
    files = [as_bytes(train(short, seed=seed), tmp_path) for seed in (3, 3, 4)]
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize("scale", [2, 8])
def test_other_scales(scale: int) -> None:
    vqvae = train(replace(SMALL, scale=scale, steps=5))
    check_vqvae(vqvae, "trained")
    assert vqvae.decoder.scale == scale
    assert measure(vqvae, drawings(1, height=37, width=33))["psnr"] > 10.0


def test_interrupted_training_goes_on_bit_for_bit(tmp_path: Path) -> None:
    short = replace(SMALL, steps=30)
    whole = train(short)
    state = tmp_path / "vq.resume"
    with pytest.raises(KeyboardInterrupt):
        train(short, checkpoint=state, progress=Interrupter(11))
    resumed = Recorder()
    again = train(short, checkpoint=state, progress=resumed)
    assert resumed.started == [("train vqvae", 30, 11)]
    assert as_bytes(again, tmp_path) == as_bytes(whole, tmp_path)
    with pytest.raises(UsageError, match="settings"):
        train(replace(short, batch=4), checkpoint=state)


def test_going_on_with_other_weights_of_lpips_is_refused(tmp_path: Path) -> None:
    first, other = tmp_path / "first.pt", tmp_path / "other.pt"
    weights = lpips_state("alex")
    torch.save(weights, first)
    torch.save({name: 2 * value for name, value in weights.items()}, other)
    short, state = replace(SMALL, steps=3, patch=32), tmp_path / "vq.resume"
    with pytest.raises(KeyboardInterrupt):
        train(short, perceptual=Lpips(first), checkpoint=state, progress=Interrupter(1))
    with pytest.raises(UsageError, match="perceptual"):
        train(short, perceptual=Lpips(other), checkpoint=state)
    train(short, perceptual=Lpips(first), checkpoint=state)


def test_a_trained_one_is_trained_further() -> None:
    start = random_vqvae()
    before = measure(start, drawings(6))["psnr"]
    found = train(replace(SMALL, steps=60), start=start)
    assert measure(found, drawings(6))["psnr"] > before + 2.0
    assert found.decoder.codebook.shape == start.decoder.codebook.shape
    assert len(found.decoder.layers) == len(start.decoder.layers)
    assert digest(start.decoder) == digest(random_vqvae().decoder)
    told = found.metadata["training"]
    assert (told["codes"], told["features"], told["scale"]) == (16, 4, 4)
    assert not {"width", "blocks"} & told.keys()  # those of the networks that it began with


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"codes": 0}, "codes"),
        ({"codes": 1 << 17}, "codes"),
        ({"features": 5000}, "features"),
        ({"scale": 3}, "scale 3"),
        ({"scale": 1}, "scale 1"),
        ({"patch": 30}, "patch 30"),
        ({"blocks": MAX_BLOCKS + 1}, "blocks"),
        ({"codes": 1 << 16, "features": 4096}, "values"),
        ({"width": 4096}, "values"),
        ({"width": 512, "blocks": 60}, "values"),
        ({"patch": 2048}, "patch"),
        ({"batch": 1 << 40}, "batch"),
        ({"patch": 1024, "batch": 5}, "batch 5 of patch 1024"),
        ({"scale": 2, "patch": 1024, "batch": 4, "width": 256}, "within networks"),
        ({"rate": -1.0}, "rate"),
        ({"commitment": float("nan")}, "commitment"),
    ],
)
def test_settings_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        VqvaeSettings(**options)


def new(codes: int, features: int, scale: int, width: int, blocks: int) -> Vqvae:
    rng = np.random.default_rng(0)
    squares = rng.random((50, 3, scale, scale))
    return new_vqvae(squares, codes, features, width=width, blocks=blocks, rng=rng)


def test_values_that_layers_give_are_counted_before_they_are_there() -> None:
    """Against what all layers of the module really give."""
    vqvae = random_vqvae()
    module = VqvaeModule(vqvae)
    given: list[int] = []

    def note(of: torch.nn.Module, _: Any, found: torch.Tensor) -> None:
        given.append(found.numel())

    for half in (module.encoder, module.decoder):
        for name, layer in half.named_modules():
            if name.startswith("layers.") and not isinstance(layer, torch.nn.ModuleList):
                layer.register_forward_hook(note)
    with torch.no_grad():
        module.decoder.decode(module.encoder(torch.rand(1, 3, 16, 16)))
    wanted = sum(count_given(half, 16) for half in (vqvae.encoder, vqvae.decoder))
    assert sum(given) == wanted


@pytest.mark.parametrize("sizes", [(7, 5, 4, 6, 2), (3, 16, 2, 1, 1)])
def test_values_are_counted_before_they_are_made(sizes: tuple[int, int, int, int, int]) -> None:
    made = new(*sizes)
    assert count_values(*sizes) == (num_values(made.encoder), num_values(made.decoder))


def test_the_most_blocks_are_what_files_can_hold(tmp_path: Path) -> None:
    save(new(2, 2, 2, 1, MAX_BLOCKS), tmp_path / "most.pt")
    check_vqvae(importer.load(tmp_path / "most.pt"), "most")
    with pytest.raises(LimitError):
        check_vqvae(new(2, 2, 2, 1, MAX_BLOCKS + 1), "more")


def test_random_numbers_are_the_same_however_many_are_drawn_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = new(40, 8, 4, 16, 2)
    monkeypatch.setattr(vqvae_layers, "_DRAWN", 7)
    parts = new(40, 8, 4, 16, 2)
    for one, two in ((whole.encoder, parts.encoder), (whole.decoder, parts.decoder)):
        for (name, wanted), (_, found) in zip(named_arrays(one), named_arrays(two), strict=True):
            np.testing.assert_array_equal(found, wanted, err_msg=name)
