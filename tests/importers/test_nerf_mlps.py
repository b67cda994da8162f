"""Radiance fields that are MLPs, against a few lines that do what the tools' classes do."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import InvalidFieldError, NfcodecError, UnsupportedError
from nfcodec.evaluate.reference import evaluate
from nfcodec.importers import blocks
from nfcodec.model.field import Field

Array = npt.NDArray[np.float64]
Weights = dict[str, npt.NDArray[np.float32]]
W = 16


def draw(seed: int, **shapes: tuple[int, int]) -> Weights:
    """Weights (out, in) and biases by name; "_" in a keyword stands for a dot."""
    rng = np.random.default_rng(seed)
    found: Weights = {}
    for name, (out, fan_in) in shapes.items():
        spread = np.sqrt(2.0 / fan_in)
        found[f"{name}.weight"] = (rng.standard_normal((out, fan_in)) * spread).astype(np.float32)
        found[f"{name}.bias"] = (rng.standard_normal(out) * 0.1).astype(np.float32)
    return found


def linear(w: Weights, name: str, x: Array) -> Array:
    return x @ w[f"{name}.weight"].T.astype(np.float64) + w[f"{name}.bias"]


def relu(x: Array) -> Array:
    return np.maximum(x, 0.0)


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def encode(x: Array, count: int) -> Array:
    """bmild's positional encoding: the input, then sines and cosines band by band."""
    waves = [f(x * 2.0**k) for k in range(count) for f in (np.sin, np.cos)]
    return np.concatenate([x, *waves], axis=1)


def points() -> tuple[Array, Array]:
    rng = np.random.default_rng(7)
    d = rng.standard_normal((64, 3))
    return rng.uniform(-1.4, 1.4, (64, 3)), d / np.linalg.norm(d, axis=1, keepdims=True)


def yenchenlin(seed: int) -> tuple[Weights, Callable[[Array, Array], tuple[Array, Array]]]:
    """nerf-pytorch's class, 4 bands and 2: the input joins before the state at layer 5."""
    e, v = 27, 15
    trunk = {f"pts_linears.{i}": (W, e if i == 0 else W + e * (i == 5)) for i in range(8)}
    w = draw(seed, **trunk, **{
        "views_linears.0": (W // 2, W + v), "feature_linear": (W, W), "alpha_linear": (1, W),
        "rgb_linear": (3, W // 2),
    })  # fmt: skip

    def values(x: Array, d: Array) -> tuple[Array, Array]:
        entry = h = encode(x, 4)
        for i in range(8):
            h = relu(linear(w, f"pts_linears.{i}", h))
            h = np.concatenate([entry, h], axis=1) if i == 4 else h
        feature = linear(w, "feature_linear", h)
        seen = np.concatenate([feature, encode(d, 2)], axis=1)
        color = linear(w, "rgb_linear", relu(linear(w, "views_linears.0", seen)))
        return relu(linear(w, "alpha_linear", h))[:, 0], sigmoid(color)

    return w, values


def tensors(weights: Weights) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in weights.items()}


def load(path: Path) -> Field:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importers.load(path)


def assert_same(field: Field, expected: Callable[[Array, Array], tuple[Array, Array]]) -> None:
    x, d = points()
    density, color = expected(x, d)
    found = evaluate(field, x, d)
    assert density.max() > 0.1
    np.testing.assert_allclose(found[:, 0], density, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[:, 1:], color, atol=1e-5)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("wrapper", ["", "module."])
def test_yenchenlin_takes_the_fine_network(tmp_path: Path, legacy: bool, wrapper: str) -> None:
    (coarse, _), (fine, expected) = yenchenlin(0), yenchenlin(1)
    path = tmp_path / "200000.tar"
    held = {
        "global_step": 200000,
        "network_fn_state_dict": {wrapper + k: v for k, v in tensors(coarse).items()},
        "network_fine_state_dict": {wrapper + k: v for k, v in tensors(fine).items()},
        "optimizer_state_dict": {},
    }
    torch.save(held, path, _use_new_zipfile_serialization=not legacy)
    field = load(path)
    assert field.metadata["source"]["format"] == "nerf-pytorch (yenchenlin)"
    assert_same(field, expected)


def test_yenchenlin_in_a_box_of_the_notes(tmp_path: Path) -> None:
    fine, expected = yenchenlin(1)
    path = tmp_path / "n.tar"
    torch.save({"network_fn_state_dict": tensors(fine)}, path)
    notes = tmp_path / "n.tar.import.json"
    notes.write_text(json.dumps({"bounds": [[-2, -1, -1], [1, 1, 3]]}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is assumed
        field = importers.load(path)
    assert field.bounds.tolist() == [[-3.0] * 3, [3.0] * 3]
    assert_same(field, expected)
    notes.write_text(json.dumps({"bounds": [[1, 1, 1], [0, 0, 0]]}))
    with pytest.raises(NfcodecError, match="bounds are not"):
        importers.load(path)


def test_without_notes_the_box_that_is_assumed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "n.tar"
    torch.save({"network_fn_state_dict": tensors(yenchenlin(0)[0])}, path)
    with pytest.warns(UserWarning, match="no box is stored"):
        importers.load(path)


def test_a_layer_of_another_width_is_named(tmp_path: Path) -> None:
    weights, _ = yenchenlin(0)
    weights["pts_linears.3.weight"] = weights["pts_linears.3.weight"][:, :-1]
    torch.save({"network_fn_state_dict": tensors(weights)}, tmp_path / "n.tar")
    with pytest.raises(InvalidFieldError, match=r"pts_linears\.3 takes 15 values, but 16 enter"):
        load(tmp_path / "n.tar")


def test_nan_is_counted_and_named(tmp_path: Path) -> None:
    weights, _ = yenchenlin(0)
    weights["alpha_linear.weight"][0, 3] = np.nan
    torch.save({"network_fn_state_dict": tensors(weights)}, tmp_path / "n.tar")
    with pytest.raises(InvalidFieldError, match=r"alpha_linear\.weight holds 1 values"):
        load(tmp_path / "n.tar")


def _bmild(path: Path, weights: Weights) -> Path:
    """The weights in Keras's order: kernels (in, out) and biases."""
    order = [f"pts_linears.{i}" for i in range(8)]
    order += ["feature_linear", "views_linears.0", "rgb_linear", "alpha_linear"]
    arrays = [a for n in order for a in (weights[f"{n}.weight"].T.copy(), weights[f"{n}.bias"])]
    held = np.empty(len(arrays), object)
    held[:] = arrays
    np.save(path, held, allow_pickle=True)
    return path


def test_bmild(tmp_path: Path) -> None:
    weights, expected = yenchenlin(3)
    assert_same(load(_bmild(tmp_path / "model_fine_200000.npy", weights)), expected)


def test_a_list_of_something_else_runs_nothing(tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    held = np.empty(10, object)
    held[:] = [Bad() for _ in range(10)]
    np.save(tmp_path / "model.npy", held, allow_pickle=True)
    with pytest.raises(NfcodecError):
        load(tmp_path / "model.npy")
    assert not (tmp_path / "ran").exists()


def test_nerf_pl(tmp_path: Path) -> None:
    renamed = {"feature_linear": "xyz_encoding_final", "alpha_linear": "sigma",
               "views_linears.0": "dir_encoding.0", "rgb_linear": "rgb.0",
               **{f"pts_linears.{i}": f"xyz_encoding_{i + 1}.0" for i in range(8)}}  # fmt: skip
    weights, _ = yenchenlin(4)
    # Its class fixes the direction's bands at 4; the input joins before layer 5, which is ours.
    weights["views_linears.0.weight"] = np.zeros((W // 2, W + 27), np.float32)
    weights["views_linears.0.weight"][:, : W + 15] = yenchenlin(4)[0]["views_linears.0.weight"]
    state: dict[str, Any] = {}
    for net in ("nerf_coarse", "nerf_fine"):
        for name, value in weights.items():
            layer, kind = name.rsplit(".", 1)
            state[f"{net}.{renamed[layer]}.{kind}"] = torch.from_numpy(value)
    torch.save({"state_dict": state, "pytorch-lightning_version": "1.3"}, tmp_path / "e.ckpt")
    assert_same(load(tmp_path / "e.ckpt"), yenchenlin(4)[1])
    state["nerf_fine.dir_encoding.0.weight"] = torch.zeros(W // 2, W + 27 + 48)
    torch.save({"state_dict": state}, tmp_path / "w.ckpt")
    with pytest.raises(UnsupportedError, match="appearance embedding"):
        load(tmp_path / "w.ckpt")


def test_krrish94(tmp_path: Path) -> None:
    w = draw(5, **{
        "layer1": (W, 27), "layers_xyz.0": (W, W), "layers_xyz.1": (W, W), "fc_feat": (W, W),
        "fc_alpha": (1, W), "layers_dir.0": (W // 2, W + 15), "fc_rgb": (3, W // 2),
    })  # fmt: skip

    def expected(x: Array, d: Array) -> tuple[Array, Array]:
        h = linear(w, "layer1", encode(x, 4))  # without an activation
        for i in range(2):
            h = relu(linear(w, f"layers_xyz.{i}", h))
        feature = relu(linear(w, "fc_feat", h))
        seen = np.concatenate([feature, encode(d, 2)], axis=1)
        color = sigmoid(linear(w, "fc_rgb", relu(linear(w, "layers_dir.0", seen))))
        return relu(linear(w, "fc_alpha", h))[:, 0], color

    path = tmp_path / "checkpoint100.ckpt"
    torch.save(
        {"iter": 100, "model_fine_state_dict": tensors(w), "loss": torch.tensor(0.1)}, path,
        _use_new_zipfile_serialization=False,
    )  # fmt: skip
    assert_same(load(path), expected)


@pytest.mark.parametrize("raw", ["first", "last", ""])
@pytest.mark.parametrize("order", blocks.ORDERS)
def test_each_order_of_a_frequency_encoding(order: str, raw: str) -> None:
    x = points()[0]
    bands = [1.0, 3.0, 7.0]
    sines = np.stack([np.stack([np.sin(b * 2 * x), np.cos(b * 2 * x)], 1) for b in bands], 1)
    places = {  # of (point, band, wave, axis)
        "bands": (0, 1, 2, 3), "sines-bands": (0, 2, 1, 3), "sines-axes": (0, 2, 3, 1),
        "axes-pairs": (0, 3, 1, 2), "axes-sines": (0, 3, 2, 1),
    }  # fmt: skip
    theirs = [sines.transpose(places[order]).reshape(len(x), -1)]
    if raw:
        theirs.insert(0 if raw == "first" else 1, 2 * x)
    block = blocks.frequency("position", bands, order, raw, scale=2.0)
    ours = _encoded(block, x)
    expected = np.concatenate(theirs, axis=1)
    np.testing.assert_allclose(ours @ block.matrix.T + block.offset, expected, atol=1e-12)


def _encoded(block: blocks.Block, x: Array) -> Array:
    from nfcodec.evaluate.reference import encode as ours

    return np.concatenate([ours(x, item.encoding) for item in block.inputs], axis=1)


def test_harmonics_of_torch_are_combinations_of_ours() -> None:
    d = points()[1]
    x, y, z = ((d + 1.0) / 2.0).T
    block = blocks.harmonics_of_torch()
    found = _encoded(block, d) @ block.matrix.T
    np.testing.assert_allclose(found[:, 1], 0.4886025119029199 * y, atol=1e-10)
    np.testing.assert_allclose(found[:, 3], 0.4886025119029199 * x, atol=1e-10)
    np.testing.assert_allclose(found[:, 6], 0.9461746957575601 * z**2 - 0.3153915652525200)
    np.testing.assert_allclose(
        found[:, 9], 0.5900435899266435 * y * (3 * x**2 - y**2), atol=1e-10
    )  # fmt: skip
    np.testing.assert_allclose(
        found[:, 15], 0.5900435899266435 * x * (x**2 - 3 * y**2), atol=1e-10
    )  # fmt: skip
