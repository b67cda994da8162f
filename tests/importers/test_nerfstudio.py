"""nerfstudio's methods: small files of the same layout, and real ones where there are any."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, InvalidFieldError, UnsupportedError
from nfcodec.evaluate.reference import evaluate
from nfcodec.importers.hash_grids import of_nerfstudio
from nfcodec.untrusted import yaml_data
from tests.importers.test_nerf_mlps import Array, Weights, draw, linear, relu, sigmoid, tensors

CONFIG = """!!python/object:nerfstudio.engine.trainer.TrainerConfig
_target: !!python/name:nerfstudio.engine.trainer.Trainer ''
method_name: {method}
relative_model_dir: !!python/object/apply:pathlib.PosixPath
- nerfstudio_models
steps: !!python/tuple
- 1
pipeline: !!python/object:nerfstudio.pipelines.base_pipeline.VanillaPipelineConfig
  model: !!python/object:nerfstudio.models.nerfacto.NerfactoModelConfig
    average_init_density: 0.01
    base_res: 4
    disable_scene_contraction: {off}
"""


def run(folder: Path, named: dict[str, Any], method: str = "nerfacto", off: str = "true") -> Path:
    """A run's folder with a checkpoint of ``named`` tensors below ``_model.``."""
    (folder / "nerfstudio_models").mkdir(exist_ok=True)
    (folder / "config.yml").write_text(CONFIG.format(method=method, off=off))
    path = folder / "nerfstudio_models" / "step-000000010.ckpt"
    pipeline = {f"_model.{name}": value for name, value in named.items()}
    pipeline["_model.lpips.net.lin0.model.1.weight"] = torch.zeros(1, 2, 1, 1)
    torch.save({"step": 10, "pipeline": pipeline, "optimizers": {}, "scalers": {}}, path)
    return path


def nerfacto(embedding: int = 4) -> tuple[dict[str, Any], Weights, Array]:
    """The tensors of a nerfacto in PyTorch, with 2 levels of 2^6 entries."""
    w = draw(
        0,
        **{
            "mlp_base.model.1.layers.0": (16, 4), "mlp_base.model.1.layers.1": (16, 16),
            "mlp_head.layers.0": (16, 31 + embedding), "mlp_head.layers.1": (3, 16),
        },
    )  # fmt: skip
    rng = np.random.default_rng(1)
    table = rng.standard_normal((128, 2)).astype(np.float32)
    looks = rng.standard_normal((5, embedding)).astype(np.float32)
    named: dict[str, Any] = {f"field.{name}": value for name, value in tensors(w).items()}
    named |= {
        "field.mlp_base.model.0.hash_table": torch.from_numpy(table),
        "field.embedding_appearance.embedding.weight": torch.from_numpy(looks),
        "field.aabb": torch.tensor([[-1.0, -2, -1], [1, 2, 1]]),
        "field.max_res": torch.tensor(8), "field.num_levels": torch.tensor(2),
        "field.log2_hashmap_size": torch.tensor(6),
        "field.direction_encoding.tcnn_encoding.params": torch.zeros(0),
    }  # fmt: skip
    return named, w, looks


def harmonics(d: Array) -> Array:
    """nerfstudio's, up to the second degree by hand; the others by their polynomials."""
    x, y, z = d.T
    xx, yy, zz = x * x, y * y, z * z
    return np.stack(
        [
            0.28209479177387814 + 0 * x, 0.4886025119029199 * y, 0.4886025119029199 * z,
            0.4886025119029199 * x, 1.0925484305920792 * x * y, 1.0925484305920792 * y * z,
            0.9461746957575601 * zz - 0.31539156525251999, 1.0925484305920792 * x * z,
            0.5462742152960396 * (xx - yy), 0.5900435899266435 * y * (3 * xx - yy),
            2.890611442640554 * x * y * z, 0.4570457994644658 * y * (5 * zz - 1),
            0.3731763325901154 * z * (5 * zz - 3), 0.4570457994644658 * x * (5 * zz - 1),
            1.445305721320277 * z * (xx - yy), 0.5900435899266435 * x * (xx - 3 * yy),
        ], axis=1,
    )  # fmt: skip


def points() -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    d = rng.standard_normal((200, 3))
    x = rng.uniform(-2.5, 2.5, (200, 3))
    return x.astype(np.float32), (d / np.linalg.norm(d, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("contracted", [False, True])
@pytest.mark.parametrize("method", ["nerfacto", "instant-ngp"])
def test_nerfacto(tmp_path: Path, contracted: bool, method: str) -> None:
    named, w, looks = nerfacto()
    path = run(tmp_path, named, method, "false" if contracted else "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function = importers.function(path)
    x, d = points()
    if contracted:
        m = np.abs(x).max(axis=1, keepdims=True)
        u = (np.where(m < 1, x, (2 - 1 / m) * x / m) + 2) / 4
    else:
        u = (x - np.array([-1, -2, -1])) / np.array([2, 4, 2])
    inside = ((u > 0) & (u < 1)).all(axis=1)
    assert inside.sum() > 0
    assert inside.all() == contracted
    grid = of_nerfstudio(named["field.mlp_base.model.0.hash_table"].numpy(), 2, 4, 8, "x")
    features = grid((u * inside[:, None]).astype(np.float32)).astype(np.float64)
    h = linear(w, "mlp_base.model.1.layers.1",
               relu(linear(w, "mlp_base.model.1.layers.0", features)))  # fmt: skip
    look = looks.mean(axis=0) if method == "nerfacto" else 0 * looks[0]
    entry = [harmonics((d.astype(np.float64) + 1) / 2), h[:, 1:], np.tile(look, (len(x), 1))]
    color = sigmoid(linear(w, "mlp_head.layers.1",
                           relu(linear(w, "mlp_head.layers.0", np.hstack(entry)))))  # fmt: skip
    density, found = function.values(x, d)
    np.testing.assert_allclose(density, 0.01 * np.exp(h[:, 0]) * inside, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found, color, atol=2e-5)
    assert function.densities is not None
    np.testing.assert_allclose(function.densities(x), density, rtol=1e-6)


def test_what_cannot_be_coded_as_it_is_says_so(tmp_path: Path) -> None:
    path = run(tmp_path, nerfacto()[0])
    assert importers.needs_refit(path)
    with pytest.raises(UnsupportedError, match="nfcodec encode --refit"):
        importers.load(path)


def test_without_a_configuration_what_is_assumed_is_said(tmp_path: Path) -> None:
    named = nerfacto()[0]
    path = run(tmp_path, named)
    (tmp_path / "config.yml").unlink()
    with pytest.raises(InvalidFieldError, match="from 16 to 8 vertices"):
        importers.function(path)
    named["field.max_res"] = torch.tensor(32)
    path = run(tmp_path, named)
    (tmp_path / "config.yml").unlink()
    with pytest.warns(UserWarning, match="no config.yml .* a density factor of 1"):
        importers.function(path)


def test_a_configuration_of_another_run(tmp_path: Path) -> None:
    path = run(tmp_path, nerfacto()[0])
    text = (tmp_path / "config.yml").read_text()
    (tmp_path / "config.yml").write_text(text.replace("0.01", "big"))
    with pytest.raises(InvalidFieldError, match=r"config\.yml: average_init_density is no number"):
        importers.function(path)


def test_yaml_builds_nothing(tmp_path: Path) -> None:
    bad = f"a: !!python/object/apply:pathlib.Path.touch ['{tmp_path / 'ran'}']\nb: &x [1]\nc: *x\n"
    assert yaml_data.parse(bad, "x")["b"] == [1]
    assert not (tmp_path / "ran").exists()
    for text in ("[" * 200 + "]" * 200, "a: [1", "a: *nowhere", "? [1]\n: 2\n", "\x00"):
        with pytest.raises(DamagedFileError, match="no YAML"):
            yaml_data.parse(text, "x")
    laughs = "a: &a [1, 1]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert yaml_data.parse(laughs, "x")["a"] == [1, 1]  # one list, many times


def test_vanilla_nerf(tmp_path: Path) -> None:
    e, v, n = 27, 15, 16
    base = {f"mlp_base.layers.{i}": (n, e if i == 0 else n + e * (i == 4)) for i in range(8)}
    w = draw(0, **base, **{
        "field_output_density.net": (1, n), "mlp_head.layers.0": (8, v + n),
        "mlp_head.layers.1": (8, 8), "field_heads.0.net": (3, 8),
    })  # fmt: skip

    def encode(x: Array, count: int, last: float) -> Array:
        bands = 2 * np.pi * 2.0 ** np.linspace(0, last, count)
        angle = (x[:, :, None] * bands).reshape(len(x), -1)
        return np.concatenate([np.sin(angle), np.cos(angle), x], axis=1)

    def expected(x: Array, d: Array) -> tuple[Array, Array]:
        entry = h = encode(x, 4, 8.0)
        for i in range(8):
            h = np.concatenate([entry, h], axis=1) if i == 4 else h
            h = relu(linear(w, f"mlp_base.layers.{i}", h))
        density = np.logaddexp(0, linear(w, "field_output_density.net", h))[:, 0]
        c = np.concatenate([encode(d, 2, 4.0), h], axis=1)
        for i in range(2):
            c = relu(linear(w, f"mlp_head.layers.{i}", c))
        return density, sigmoid(linear(w, "field_heads.0.net", c))

    named = {f"field_fine.{name}": value for name, value in tensors(w).items()}
    named |= {f"field_coarse.{name}": 0 * value for name, value in tensors(w).items()}
    with pytest.warns(UserWarning, match="no box"):
        field = importers.load(run(tmp_path, named, "vanilla-nerf"))
    x, d = points()
    x = (x * 0.5).astype(np.float64)
    density, color = expected(x, d)
    found = evaluate(field, x, d)
    np.testing.assert_allclose(found[:, 0], density, rtol=1e-4)
    np.testing.assert_allclose(found[:, 1:], color, atol=1e-5)


def test_tensorf(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sheets, lines = (
        {name: rng.standard_normal((3, c, 5, n)).astype(np.float32) for name, c in parts}
        for parts, n in (((("density", 2), ("color", 3)), 5), ((("density", 2), ("color", 3)), 1))
    )  # fmt: skip
    w = draw(0, **{"B": (4, 9), "mlp_head.layers.0": (8, 4 + 3 + 16 + 12),
                   "field_output_rgb.net": (3, 8)})  # fmt: skip
    del w["B.bias"]
    named: dict[str, Any] = {f"field.{name}": value for name, value in tensors(w).items()}
    for name in ("density", "color"):
        named[f"field.{name}_encoding.plane_coef"] = torch.from_numpy(sheets[name])
        named[f"field.{name}_encoding.line_coef"] = torch.from_numpy(lines[name])
    named["field.aabb"] = torch.tensor([[-1.0, -2, -1], [1, 2, 1]])

    def products(name: str, u: torch.Tensor) -> Array:
        found = []
        for i, (plane, line) in enumerate((((0, 1), 2), ((0, 2), 1), ((1, 2), 0))):
            at = u[:, list(plane)].reshape(1, 1, -1, 2)
            along = torch.stack([torch.zeros(len(u)), u[:, line]], dim=1).reshape(1, 1, -1, 2)
            a, b = (
                torch.nn.functional.grid_sample(
                    torch.from_numpy(values[i : i + 1]), where, align_corners=True
                )[0, :, 0].T
                for values, where in ((sheets[name], at), (lines[name], along))
            )
            found.append((a * b).numpy())
        return np.concatenate(found, axis=1).astype(np.float64)

    def encode(x: Array) -> Array:
        angle = (x[:, :, None] * (2 * np.pi * np.array([1.0, 4.0]))).reshape(len(x), -1)
        return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)

    field = importers.load(run(tmp_path, named, "tensorf"))
    x, d = points()
    x = x * np.float32(0.39)
    u = torch.from_numpy(x / np.array([1, 2, 1], np.float32))
    density = relu(products("density", u).sum(axis=1))
    a = products("color", u) @ w["B.weight"].T
    entry = np.concatenate([a, d, encode(a), encode(d)], axis=1)
    color = sigmoid(linear(w, "field_output_rgb.net",
                           relu(linear(w, "mlp_head.layers.0", entry))))  # fmt: skip
    found = evaluate(field, x, d)
    assert density.max() > 1.0
    np.testing.assert_allclose(found[:, 0], density, atol=2e-5)
    np.testing.assert_allclose(found[:, 1:], color, atol=2e-4)


def test_neus_with_a_grid_is_refused(tmp_path: Path) -> None:
    named = {"field.glin0.bias": torch.zeros(4), "field.glin0.weight": torch.zeros(4, 20)}
    with pytest.raises(UnsupportedError, match="hash grid of tiny-cuda-nn"):
        importers.load(run(tmp_path, named, "neus-facto"))


_RUNS = Path(os.environ.get("NFCODEC_DATA", "/nowhere")) / "fields" / "nerfstudio"


@pytest.mark.skipif(not _RUNS.is_dir(), reason="NFCODEC_DATA is not set")
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("nerfacto_lego", 1e-5), ("nerfacto_fox", 1e-4), ("instant_ngp_bounded_lego", 1e-5),
     ("nerfacto_lego_tcnn_layout", 1e-4), ("tensorf_lego", 1e-4), ("vanilla_lego", 2e-4),
     ("neus_lego", 1e-4)],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_real_runs_give_the_values_of_nerfstudio(name: str, tolerance: float) -> None:
    (path,) = (_RUNS / name / "nerfstudio_models").glob("*.ckpt")
    expected = np.load(_RUNS / name / "reference.npz")
    x, d = expected["points"], expected["directions"]
    if name == "neus_lego":
        found = evaluate(importers.load(path), x)[:, 0]
        np.testing.assert_allclose(found, expected["sdf"], atol=2e-5)
        return
    if importers.needs_refit(path):
        density, color = importers.function(path).values(x, d)
        inside = np.ones(len(x), np.bool_)
    else:
        field = importers.load(path)
        values = evaluate(field, x, d)
        density, color = values[:, 0], values[:, 1:]
        inside = ((x > field.bounds[0]) & (x < field.bounds[1])).all(axis=1)
    dense = inside & (expected["density"] > 0.1)
    assert dense.sum() > 500
    np.testing.assert_allclose(density[dense], expected["density"][dense], rtol=tolerance)
    np.testing.assert_allclose(color[inside], expected["rgb"][inside], atol=5e-5)


def test_the_background_and_the_world_are_kept(tmp_path: Path) -> None:
    path = run(tmp_path, nerfacto()[0])
    text = (tmp_path / "config.yml").read_text()
    (tmp_path / "config.yml").write_text(text + "    background_color: black\n")
    turn = [[1.0, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0]]
    (tmp_path / "dataparser_transforms.json").write_text(
        json.dumps({"transform": turn, "scale": 0.25})
    )
    about = importers.function(path).metadata
    assert about["background"] == [0.0, 0.0, 0.0]
    assert about["source"]["world"] == {"transform": turn, "scale": 0.25}
