"""CLIP's distance of images, by a tiny CLIP that the tests write themselves."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from nfcodec.errors import DamagedFileError, UnsupportedError, UsageError
from nfcodec.vqnerf.semantic import SemanticLoss

MEAN, DEVIATION = [0.5, 0.4, 0.3], [0.2, 0.3, 0.25]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a CLIP of some thousand weights."""
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    small = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }  # fmt: skip
    config = transformers.CLIPConfig(
        text_config={
            **small, "vocab_size": 20, "max_position_embeddings": 8,
            "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
        },
        vision_config={**small, "image_size": 16, "patch_size": 8},
        projection_dim=12,
    )  # fmt: skip
    transformers.CLIPModel(config).save_pretrained(folder)
    options = {"image_mean": MEAN, "image_std": DEVIATION, "size": {"shortest_edge": 16}}
    (folder / "preprocessor_config.json").write_text(json.dumps(options))
    return folder


def images(seed: int, height: int = 16, width: int = 16) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand((2, 3, height, width), generator=generator)


def test_embeddings_are_those_of_clip(clip: Path) -> None:
    loss = SemanticLoss(clip)
    shown = images(0)
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    whole = transformers.CLIPModel.from_pretrained(clip).eval()
    words = torch.zeros((1, 4), dtype=torch.long)
    with torch.no_grad():
        wanted = whole(input_ids=words, pixel_values=(shown - mean) / deviation).image_embeds
        found = loss.embed(shown)
    torch.testing.assert_close(found, wanted)
    other = found[0] - found[1]
    assert other.norm() > 1e-3


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
def test_weights_in_half_precision_are_computed_with_in_full(
    precision: torch.dtype, clip: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(clip, tmp_path / "clip")
    model = transformers.CLIPModel.from_pretrained(clip).to(precision)
    model.save_pretrained(folder)
    loss = SemanticLoss(folder)
    assert {value.dtype for value in loss.state_dict().values()} <= {torch.float32, torch.int64}
    whole = transformers.CLIPModel.from_pretrained(folder).float().eval()
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    with torch.no_grad():
        seen = whole.vision_model(pixel_values=(images(0) - mean) / deviation)
        wanted = whole.visual_projection(seen.pooler_output)
    torch.testing.assert_close(loss.embed(images(0)), torch.nn.functional.normalize(wanted, dim=1))


def test_what_images_are_normalized_by_is_part_of_its_state(clip: Path) -> None:
    """By which training knows, when it goes on, that it is the same distance."""
    assert {"mean", "deviation"} <= SemanticLoss(clip).state_dict().keys()


def test_the_visual_half_alone_will_do(clip: Path, tmp_path: Path) -> None:
    config = transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        image_size=16, patch_size=8, projection_dim=12,
    )  # fmt: skip
    half = transformers.CLIPVisionModelWithProjection(config)
    half.save_pretrained(tmp_path)
    shutil.copy(clip / "preprocessor_config.json", tmp_path)
    loss = SemanticLoss(tmp_path)
    assert loss.embed(images(0)).shape == (2, 12)


def test_distance_and_its_gradient(clip: Path) -> None:
    loss = SemanticLoss(clip)
    real = images(0, 24, 40)
    assert float(loss(real, real)) == pytest.approx(0.0, abs=1e-6)
    rendered = images(1, 24, 40).requires_grad_()
    distance = loss(rendered, real)
    with torch.no_grad():
        cosines = (loss.embed(rendered) * loss.embed(real)).sum(dim=1)
    assert float(distance.detach()) == pytest.approx(float(1 - cosines.mean()), rel=1e-5)
    distance.backward()
    assert rendered.grad is not None
    assert (rendered.grad.abs().amax(dim=(1, 2, 3)) > 0).all()
    assert len(list(loss.parameters())) > 20
    assert all(parameter.grad is None for parameter in loss.parameters())
    moved = rendered.detach() - 0.05 * rendered.grad / rendered.grad.abs().max()
    assert float(loss(moved, real)) < float(distance.detach())


def test_a_model_that_states_no_statistics_has_those_of_openai(clip: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clip, tmp_path / "clip")
    (folder / "preprocessor_config.json").unlink()
    assert SemanticLoss(folder).mean.flatten().tolist() == pytest.approx(
        [0.48145466, 0.4578275, 0.40821073]
    )


def test_what_is_no_clip_is_told(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        SemanticLoss(tmp_path / "nowhere")
    with pytest.raises(DamagedFileError, match=r"config\.json"):
        SemanticLoss(tmp_path)
    folder = shutil.copytree(clip, tmp_path / "clip")
    for values in ("[1, 2]", "[1, 2, NaN]", "[1, 2, -Infinity]", f"[1, 2, 1{400 * '0'}]", "null"):
        (folder / "preprocessor_config.json").write_text(f'{{"image_mean": {values}}}')
        with pytest.raises(DamagedFileError, match="image_mean: three numbers"):
            SemanticLoss(folder)
    (folder / "preprocessor_config.json").write_text('{"image_std": [1, 0, 1]}')
    with pytest.raises(DamagedFileError, match="image_std"):
        SemanticLoss(folder)
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(DamagedFileError, match="cannot be read"):
        SemanticLoss(folder)
    weights.unlink()
    with pytest.raises(DamagedFileError, match="cannot be read"):
        SemanticLoss(folder)


@pytest.mark.parametrize("kind", ["bert", ["clip"], None, {"clip": 1}])
def test_a_model_of_another_type_is_refused(kind: Any, clip: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clip, tmp_path / "clip")
    config = json.loads((clip / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": kind}))
    with pytest.raises(UnsupportedError, match="a CLIP is needed"):
        SemanticLoss(folder)


def test_the_package_that_is_missing_is_named(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UsageError, match=r"nfcodec-core\[semantic\]"):
        SemanticLoss(clip)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(bad: float, clip: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clip, tmp_path / "clip")
    state = load_file(folder / "model.safetensors")
    state["visual_projection.weight"][3, 4] = bad
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DamagedFileError, match="NaN or infinity"):
        SemanticLoss(folder)


def test_weights_that_lack_a_part_are_refused(clip: Path, tmp_path: Path) -> None:
    """Where the library would go on with random numbers."""
    folder = shutil.copytree(clip, tmp_path / "clip")
    state = load_file(folder / "model.safetensors")
    del state["visual_projection.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DamagedFileError, match=r"visual_projection"):
        SemanticLoss(folder)
