"""VQ-VAEs of other tools, against the network itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.vqnerf import vqvae_file as own
from nfcodec.vqnerf import vqvae_writer as exporter
from nfcodec.vqnerf.model import Vqvae, digest
from nfcodec.vqnerf.networks import VqvaeModule
from nfcodec.vqnerf.pretrained import load
from tests.vqnerf.vqgan import GROUPS, Vqgan, as_diffusers, random_vqgan
from tests.vqnerf.vqvaes import random_vqvae

CONFIG: dict[str, Any] = {
    "_class_name": "VQModel", "act_fn": "silu", "norm_num_groups": GROUPS, "norm_type": "group",
    "down_block_types": ["DownEncoderBlock2D", "AttnDownEncoderBlock2D", "DownEncoderBlock2D"],
    "up_block_types": ["UpDecoderBlock2D", "AttnUpDecoderBlock2D", "UpDecoderBlock2D"],
}  # fmt: skip


def write_diffusers(
    folder: Path, state: dict[str, Tensor], form: str = "safetensors", **changed: Any
) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changed}))
    path = folder / f"diffusion_pytorch_model.{form}"
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)
    return folder


def assert_same(vqvae: Vqvae, model: Vqgan) -> None:
    """``vqvae`` codes and decodes images as ``model`` does, which has them in [-1, 1]."""
    module = VqvaeModule(vqvae)
    images = torch.rand((2, 3, 32, 24), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        features = model.encode(images * 2 - 1)
        torch.testing.assert_close(module.encoder(images), features, atol=1e-4, rtol=1e-4)
        indices = model.nearest(features)
        assert len(indices.unique()) > 3
        assert torch.equal(module.decoder.nearest(features), indices)
        wanted = model.decode(indices)
        assert float(wanted.std()) > 0.1
        found = module.decoder.decode(module.decoder.lookup(indices))
    torch.testing.assert_close(found, wanted * 0.5 + 0.5, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("form", ["safetensors", "bin"])
@pytest.mark.parametrize("old", [False, True])
def test_a_vqmodel_of_diffusers(form: str, old: bool, tmp_path: Path) -> None:
    model = random_vqgan()
    folder = write_diffusers(tmp_path / "vq", as_diffusers(model.state_dict(), old=old), form)
    vqvae = load(folder)
    assert vqvae.decoder.scale == 4
    assert vqvae.decoder.codebook.shape == (16, 3)
    assert_same(vqvae, model)
    # and what was converted is an ordinary VQ-VAE
    exporter.save(vqvae, tmp_path / "vq.pt")
    assert digest(own.load(tmp_path / "vq.pt").decoder) == digest(vqvae.decoder)


def test_bfloat16_weights(tmp_path: Path) -> None:
    model = random_vqgan().bfloat16()
    folder = write_diffusers(tmp_path / "vq", as_diffusers(model.state_dict()))
    assert_same(load(folder), model.float())


def test_what_diffusers_itself_writes(tmp_path: Path) -> None:
    """Its own files, and what it decodes them to."""
    torch.manual_seed(1)
    options = {key: value for key, value in CONFIG.items() if not key.startswith("_")}
    theirs = diffusers.VQModel(
        **options, block_out_channels=(8, 8, 16), layers_per_block=2, latent_channels=4,
        num_vq_embeddings=16, vq_embed_dim=3,
    ).eval()  # fmt: skip
    theirs.save_pretrained(tmp_path / "vq")
    module = VqvaeModule(load(tmp_path / "vq"))
    images = torch.rand((2, 3, 32, 24))
    with torch.no_grad():
        features = theirs.encode(images * 2 - 1).latents
        torch.testing.assert_close(module.encoder(images), features, atol=1e-4, rtol=1e-4)
        wanted = theirs.decode(features).sample * 0.5 + 0.5
        torch.testing.assert_close(module.decoder(features), wanted, atol=1e-4, rtol=1e-4)


def test_a_checkpoint_of_taming_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = random_vqgan(channels=(32, 64), groups=32)
    state = {**model.state_dict(), "loss.discriminator.main.0.weight": torch.ones(3)}
    # What PyTorch Lightning 1.0 keeps beside the weights, under a class of its own.
    place = "pytorch_lightning.callbacks.model_checkpoint"
    callback = type("ModelCheckpoint", (), {"__module__": place})
    module = ModuleType(place)
    vars(module)["ModelCheckpoint"] = callback
    with monkeypatch.context() as context:
        for name in ("pytorch_lightning", "pytorch_lightning.callbacks", place):
            context.setitem(sys.modules, name, module)
        torch.save(
            {
                "epoch": 7, "global_step": 100, "pytorch-lightning_version": "1.0.8",
                "callbacks": {callback: {"best_model_score": torch.tensor(1.0)}},
                "optimizer_states": [{"state": {0: {"step": 3}}, "param_groups": []}],
                "lr_schedulers": [], "state_dict": state,
            },
            tmp_path / "last.ckpt",
        )  # fmt: skip
    vqvae = load(tmp_path / "last.ckpt")
    assert vqvae.decoder.scale == 2
    assert_same(vqvae, model)


@pytest.mark.parametrize("half", ["encoder.down.", "decoder.up."])
def test_sizes_that_change_without_a_convolution_are_refused(half: str, tmp_path: Path) -> None:
    """As with taming-transformers' ``resamp_with_conv: False``, of which no tensor tells."""
    state = random_vqgan(channels=(32, 64), groups=32).state_dict()
    kept = {k: v for k, v in state.items() if not (k.startswith(half) and "sample.conv" in k)}
    assert len(kept) == len(state) - 2
    torch.save(kept, tmp_path / "last.ckpt")
    with pytest.raises(UnsupportedError, match="without a convolution"):
        load(tmp_path / "last.ckpt")
    neither = {k: v for k, v in state.items() if "sample.conv" not in k}
    torch.save(neither, tmp_path / "last.ckpt")
    with pytest.raises(UnsupportedError, match="without a convolution"):
        load(tmp_path / "last.ckpt")


def test_our_own_file(tmp_path: Path) -> None:
    exporter.save(random_vqvae(), tmp_path / "vq.pt")
    assert digest(load(tmp_path / "vq.pt").decoder) == digest(random_vqvae().decoder)


WRONG: dict[str, tuple[dict[str, Any], str, type[NfcodecError]]] = {
    "another class": ({"_class_name": "AutoencoderKL"}, "not a VQModel", DamagedFileError),
    "spatial": ({"norm_type": "spatial"}, "MoVQ", UnsupportedError),
    "activation": ({"act_fn": "mish"}, "mish", UnsupportedError),
    "activations": ({"act_fn": ["silu"]}, "act_fn", UnsupportedError),
    "groups": ({"norm_num_groups": "4"}, "a number", UnsupportedError),
    "too many groups": ({"norm_num_groups": 5}, "5 groups", DamagedFileError),
    "blocks": ({"up_block_types": ["UpBlock2D"]}, "UpBlock2D", UnsupportedError),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_models_of_diffusers_are_told(name: str, tmp_path: Path) -> None:
    changed, message, error = WRONG[name]
    folder = write_diffusers(tmp_path / "vq", as_diffusers(random_vqgan().state_dict()), **changed)
    with pytest.raises(error, match=message) as raised:
        load(folder)
    assert str(folder) in str(raised.value)


def test_weights_that_are_damaged_incomplete_or_more_are_told(tmp_path: Path) -> None:
    state = as_diffusers(random_vqgan().state_dict())
    missing = {name: value for name, value in state.items() if name != "decoder.conv_out.weight"}
    with pytest.raises(DamagedFileError, match=r"decoder\.conv_out\.weight"):
        load(write_diffusers(tmp_path / "missing", missing))
    more = {**state, "decoder.up_blocks.0.temb.weight": torch.ones(3)}
    with pytest.raises(UnsupportedError, match=r"up_blocks\.0\.temb"):
        load(write_diffusers(tmp_path / "more", more))
    cut = write_diffusers(tmp_path / "cut", state)
    weights = cut / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(DamagedFileError, match="cannot be read"):
        load(cut)
    weights.unlink()
    with pytest.raises(DamagedFileError, match="holds none of"):
        load(cut)
    (cut / "config.json").unlink()
    with pytest.raises(UsageError, match=r"config\.json"):
        load(cut)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "holds no options"), ("{", "cannot be read"), (" " * (1 << 20) + "{}", "larger than")],
)
def test_options_that_are_none_are_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DamagedFileError, match=message) as raised:
        load(tmp_path)
    assert str(tmp_path / "config.json") in str(raised.value)


def test_a_last_convolution_without_a_bias(tmp_path: Path) -> None:
    model = random_vqgan()
    last = model.decoder.conv_out
    torch.nn.init.zeros_(last.bias)
    state = as_diffusers(model.state_dict())
    del state["decoder.conv_out.bias"]
    assert_same(load(write_diffusers(tmp_path / "vq", state)), model)


def test_other_checkpoints_are_told(tmp_path: Path) -> None:
    torch.save({"state_dict": {"a": torch.ones(3)}}, tmp_path / "x.ckpt")
    with pytest.raises(UnsupportedError, match="no VQ-VAE"):
        load(tmp_path / "x.ckpt")
    gumbel = {**random_vqgan().state_dict(), "quantize.embed.weight": torch.ones(16, 3)}
    torch.save(gumbel, tmp_path / "x.ckpt")
    with pytest.raises(UnsupportedError, match="Gumbel"):
        load(tmp_path / "x.ckpt")
    (tmp_path / "x.ckpt").write_bytes(np.zeros(100, np.uint8).tobytes())
    with pytest.raises(DamagedFileError):
        load(tmp_path / "x.ckpt")
