"""APMGSRN and AMGSRN checkpoints: made-up ones against PyTorch, real ones against their logs."""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from nfcodec import importers
from nfcodec.errors import DamagedFileError, InvalidFieldError
from nfcodec.evaluate.reference import evaluate
from nfcodec.importers import amgsrn
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field
from nfcodec.model.networks import Layer
from tests.fields import placed_by
from tests.importers.helpers import protocol_4


def _save(folder: Path, tensors: dict[str, torch.Tensor], options: dict[str, Any] | None) -> Path:
    folder.mkdir(exist_ok=True)
    if options is not None:
        (folder / "options.json").write_text(json.dumps(options))
    return protocol_4(folder / "model.ckpt.tar", {"state_dict": OrderedDict(tensors)})


def _points(seed: int = 0, count: int = 500, dims: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (count, dims))


def _sample(grid: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """(1, F, ...) grid at (P, D) points: (P, F), as these code bases sample."""
    dims = points.shape[1]
    found = functional.grid_sample(grid, points.reshape(1, *[1] * (dims - 1), -1, dims),
                                   align_corners=True)  # fmt: skip
    return found.reshape(grid.shape[1], -1).T


# fV-SRN: one grid


def _fvsrn(dims: int, bias: bool) -> dict[str, torch.Tensor]:
    make = torch.Generator().manual_seed(dims)
    widths = [5 + 4 * dims * 2, 16, 16, 1]
    tensors = {"feature_grid": torch.randn(1, 5, *[6, 7, 8][:dims], generator=make)}
    for i, (a, b) in enumerate(itertools.pairwise(widths)):
        name = f"decoder.{i}" + (".linear" if i < 2 else "")
        tensors[f"{name}.weight"] = torch.randn(b, a, generator=make) / a**0.5
        if bias:
            tensors[f"{name}.bias"] = torch.randn(b, generator=make) * 0.1
    return tensors


def _run_fvsrn(tensors: dict[str, torch.Tensor], points: np.ndarray, snake: bool) -> np.ndarray:
    x = torch.from_numpy(points).float()
    encoded = [f(x * torch.pi * 2**k) for k in range(4) for f in (torch.sin, torch.cos)]
    y = torch.cat([*encoded, _sample(tensors["feature_grid"], x)], 1)
    for i in range(3):
        name = f"decoder.{i}" + (".linear" if i < 2 else "")
        y = functional.linear(y, tensors[f"{name}.weight"], tensors.get(f"{name}.bias"))
        if i < 2:
            y = 0.5 * y + torch.sin(y) ** 2 if snake else torch.relu(y)
    return y[:, 0].numpy()


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_fvsrn_gives_what_its_code_gives(tmp_path: Path, dims: int, bias: bool) -> None:
    tensors = _fvsrn(dims, bias)
    field = importers.load(_save(tmp_path, tensors, None))
    points = _points(dims=dims)
    expected = _run_fvsrn(tensors, points, snake=bias)
    assert field.kind == "scalar"
    assert field.networks[0].layers[0].activation == ("snake_alt" if bias else "relu")
    assert np.abs(evaluate(field, points)[:, 0] - expected).max() < 1e-5


def test_fvsrn_of_later_code_scales_and_uses_relu(tmp_path: Path) -> None:
    tensors = _fvsrn(3, True)
    options = {"use_bias": True, "data_min": -2.0, "data_max": 6.0, "full_shape": [11, 21, 41],
               "data": "x.nc", "save_name": "run"}  # fmt: skip
    field = importers.load(_save(tmp_path, tensors, options))
    points = _points()
    expected = _run_fvsrn(tensors, points, snake=False) * 8.0 - 2.0
    assert field.bounds.tolist() == [[-1.0, -0.5, -0.25], [1.0, 0.5, 0.25]]
    assert np.abs(evaluate(field, points * field.bounds[1])[:, 0] - expected).max() < 1e-4
    assert field.metadata["value_range"] == [-2.0, 6.0]
    assert field.metadata["name"] == "run"
    assert field.metadata["source"] == {
        "format": "fV-SRN", "file": "model.ckpt.tar", "data": "x.nc",
    }  # fmt: skip


def test_fvsrn_whose_decoder_does_not_fit(tmp_path: Path) -> None:
    tensors = _fvsrn(3, True)
    bad = {**tensors, "decoder.0.linear.weight": torch.zeros(16, 30)}
    with pytest.raises(InvalidFieldError, match="the decoder takes 30 values"):
        importers.load(_save(tmp_path, bad, None))
    del tensors["decoder.2.weight"]
    with pytest.raises(InvalidFieldError, match=r"decoder\.2\.weight is missing"):
        importers.load(_save(tmp_path, tensors, None))


# AMGSRN: placed grids


def _amgsrn(channels: int = 2, hidden: int = 2, prefix: str = "encoder.") -> dict[str, Any]:
    make = torch.Generator().manual_seed(channels)
    inputs = 3 * channels
    padded = -(-inputs // 16) * 16
    size = 32 * padded + (hidden - 1) * 32 * 32 + 16 * 32
    return {
        f"{prefix}_scales": torch.randn(3, 3, generator=make) * 0.3,
        f"{prefix}_rotations": torch.randn(3, 4, generator=make),
        f"{prefix}translations": torch.randn(3, 3, generator=make) * 0.3,
        f"{prefix}feature_grids": torch.randn(3, channels, 5, 6, 7, generator=make),
        "decoder.params": torch.randn(size, generator=make) * 0.2,
    }


def _run_amgsrn(tensors: dict[str, Any], points: np.ndarray, prefix: str = "encoder.") -> Any:
    x = torch.from_numpy(points).float()
    features = []
    for scales, q, shift, grid in zip(
        tensors[f"{prefix}_scales"],
        functional.normalize(tensors[f"{prefix}_rotations"]),
        tensors[f"{prefix}translations"],
        tensors[f"{prefix}feature_grids"],
        strict=True,
    ):
        # Rotate by the quaternion itself: v + 2 q x (q x v + w v).
        v = x * scales.exp()
        axis = q[:3].expand_as(v)
        turned = v + 2 * torch.linalg.cross(axis, torch.linalg.cross(axis, v) + q[3] * v)
        features.append(_sample(grid[None], turned + shift))
    y = torch.cat(features, 1)
    y = functional.pad(y, (0, -y.shape[1] % 16), value=1.0)
    params = tensors["decoder.params"]
    first, params = params[: 32 * y.shape[1]].view(32, -1), params[32 * y.shape[1] :]
    y = torch.relu(y @ first.T)
    while len(params) > 16 * 32:
        y, params = torch.relu(y @ params[: 32 * 32].view(32, 32).T), params[32 * 32 :]
    return (y @ params.view(16, 32).T)[:, 0].numpy()


@pytest.mark.parametrize("prefix", ["encoder.", ""])
@pytest.mark.parametrize("hidden", [1, 2, 3])
@pytest.mark.parametrize("channels", [2, 16])
def test_amgsrn_gives_what_its_code_gives(
    tmp_path: Path, channels: int, hidden: int, prefix: str
) -> None:
    tensors = _amgsrn(channels, hidden, prefix)
    options = {"nodes_per_layer": 32, "n_layers": hidden, "data_min": 1.0, "data_max": 3.0}
    field = importers.load(_save(tmp_path, tensors, options))
    points = _points()
    expected = _run_amgsrn(tensors, points, prefix) * 2.0 + 1.0
    assert field.levels[0].layout == DenseLayout((5, 6, 7), True, "zeros")
    assert np.abs(evaluate(field, points)[:, 0] - expected).max() < 1e-5


def test_older_matrices_and_pytorch_layers_say_the_same(tmp_path: Path) -> None:
    """The same field as APMGSRN and a converted decoder spell it."""
    tensors = _amgsrn()
    options = {"nodes_per_layer": 32, "n_layers": 2, "data_min": 0}
    with pytest.warns(UserWarning, match="one of data_min and data_max"):
        field = importers.load(_save(tmp_path / "a", tensors, options))
    other = {"encoder.feature_grids": tensors["encoder.feature_grids"]}
    other["encoder.transformation_matrices"] = torch.stack(
        [
            torch.cat([torch.from_numpy(level.transform), torch.tensor([[0.0, 0, 0, 1]])])
            for level in field.levels
            if level.transform is not None
        ]
    )
    first, second, last = tensors["decoder.params"].split([32 * 16, 32 * 32, 16 * 32])
    other["decoder.0.linear.weight"] = first.view(32, 16)
    other["decoder.1.linear.weight"] = second.view(32, 32)
    other["decoder.2.weight"] = last.view(16, 32)[:1]
    converted = importers.load(_save(tmp_path / "b", other, None))
    points = _points()
    assert np.array_equal(evaluate(converted, points), evaluate(field, points))
    assert np.abs(evaluate(field, points)[:, 0] - _run_amgsrn(tensors, points)).max() < 1e-5


def test_amgsrn_without_options_finds_the_layers_that_fit(tmp_path: Path) -> None:
    tensors = _amgsrn(hidden=3)
    field = importers.load(_save(tmp_path, tensors, None))
    shapes = [layer.weight.shape for layer in field.networks[0].layers]
    assert shapes == [(32, 6), (32, 32), (32, 32), (1, 32)]
    assert np.abs(evaluate(field, _points())[:, 0] - _run_amgsrn(tensors, _points())).max() < 1e-5
    assert "value_range" not in field.metadata


def test_amgsrn_whose_layers_cannot_be_told_is_read_with_a_warning(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="read as 1 hidden layers of 64"):
        importers.load(_save(tmp_path, _amgsrn(hidden=2), None))


def test_amgsrn_that_does_not_fit(tmp_path: Path) -> None:
    tensors = _amgsrn()
    with pytest.raises(DamagedFileError, match=r"3 layers of 32, as options\.json states"):
        importers.load(_save(tmp_path, tensors, {"nodes_per_layer": 32, "n_layers": 3}))
    cut = {**tensors, "decoder.params": tensors["decoder.params"][:-1].clone()}
    with pytest.raises(InvalidFieldError, match="no fully fused MLP of 6 inputs"):
        importers.load(_save(tmp_path / "a", cut, None))
    few = {**tensors, "encoder._scales": torch.zeros(2, 3)}
    with pytest.raises(InvalidFieldError, match=r"_scales has shape \(2, 3\)"):
        importers.load(_save(tmp_path / "b", few, None))
    nan = {**tensors, "encoder.translations": torch.full((3, 3), torch.nan)}
    with pytest.raises(InvalidFieldError, match="transform: 3 NaN"):
        importers.load(_save(tmp_path / "c", nan, {"nodes_per_layer": 32, "n_layers": 2}))


# The real ones: two fields of the same data in each family, trained independently


def _pair(data_dir: Path, *names: str) -> list[Field]:
    return [importers.load(data_dir / "fields" / name / "model.ckpt.tar") for name in names]


def _rms(field: Field, points: np.ndarray, values: np.ndarray) -> float:
    return float(np.sqrt(((evaluate(field, points)[:, 0] - values) ** 2).mean()))


def _with_layers(field: Field, *layers: Layer) -> Field:
    return replace(field, networks=(replace(field.networks[0], layers=layers),))


def test_real_fvsrn_fields_agree_as_their_losses_say(data_dir: Path) -> None:
    small, medium = _pair(data_dir, "apmgsrn/IsotropicMag_small", "apmgsrn/IsotropicMag_medium")
    assert small.networks[0].layers[0].weight.shape == (32, 52)
    assert medium.networks[0].layers[0].weight.shape == (64, 52)
    points = _points(count=4000)
    values = [evaluate(field, points)[:, 0] for field in (small, medium)]
    # The logs end at mean absolute errors of 0.016 and 0.020 against the same data.
    assert np.abs(values[0] - values[1]).mean() < 0.016
    for field, one in zip((small, medium), values, strict=True):
        assert one.std() > 0.1
        wrong = _with_layers(
            field,
            *(replace(layer, activation="relu") for layer in field.networks[0].layers[:-1]),
            field.networks[0].layers[-1],
        )
        assert np.abs(evaluate(wrong, points)[:, 0] - values[0]).mean() > 0.05


def test_real_amgsrn_fields_agree_with_their_logs(data_dir: Path) -> None:
    five, eight = _pair(data_dir, "amgsrn/asteroid_medium_5", "amgsrn/asteroid_medium_8")
    assert [len(five.grids), len(eight.grids)] == [8, 64]
    points = _points(count=4000)
    truth = evaluate(eight, points)[:, 0]
    # Mean squared errors of 3.44e-5 and 3.98e-5 against the same data, by the test logs.
    assert _rms(five, points, truth) < (3.44e-5 + 3.98e-5) ** 0.5
    low, high = five.metadata["value_range"]
    assert -0.1 < truth.min() < 0.01
    assert high < truth.max() < high + 0.1
    assert low == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize("name", ["asteroid_medium_5", "asteroid_medium_8"])
def test_real_amgsrn_fields_vanish_where_their_logs_say(data_dir: Path, name: str) -> None:
    (field,) = _pair(data_dir, f"amgsrn/{name}")
    # The logs give chunks in voxels z, y, x of 1000; two have a squared error of exactly zero.
    for z, y, x in (((0, 768), (768, 1000), (768, 1000)), ((768, 1000), (768, 1000), (768, 1000))):
        low, high = np.array([x, y, z]).T / 999.5 * 2 - 1
        inside = np.clip(low + (_points(count=800) + 1) / 2 * (high - low), -1, 1)
        assert np.abs(evaluate(field, inside)).max() < 1e-20
    # Elsewhere they do not, and these chunks are told apart from their mirror images.
    assert np.abs(evaluate(field, inside * [1, -1, 1])).max() > 0.1


def test_other_ways_to_read_the_real_parameters_are_worse(data_dir: Path) -> None:
    five, eight = _pair(data_dir, "amgsrn/asteroid_medium_5", "amgsrn/asteroid_medium_8")
    points = _points(count=4000)
    truth = evaluate(eight, points)[:, 0]
    right = _rms(five, points, truth)
    first, second, last = five.networks[0].layers

    def weight(layer: Layer, values: np.ndarray) -> Layer:
        return replace(layer, weight=np.ascontiguousarray(values))

    by_channel = first.weight.reshape(64, 8, 8).swapaxes(1, 2).reshape(64, 64)
    wrong = {
        "column-major": (weight(first, first.weight.T), weight(second, second.weight.T), last),
        "channels before grids": (weight(first, by_channel), second, last),
    }
    for name, layers in wrong.items():
        assert _rms(_with_layers(five, *layers), points, truth) > 20 * right, name
    turned = five
    for number, level in enumerate(five.levels):
        assert level.transform is not None
        matrix, shift = level.transform[:, :3], level.transform[:, 3:]
        turned = placed_by(turned, np.concatenate([matrix.T, shift], axis=1), number)
    assert _rms(turned, points, truth) > 5 * right
    assert _rms(five, points[:, ::-1], truth) > 5 * right


def test_layouts_of_tiny_cuda_nn() -> None:
    layers = amgsrn.unpack_decoder(np.arange(9216, dtype=np.float32), 64, 64, 2, 1, "x")
    assert [layer.weight.shape for layer in layers] == [(64, 64), (64, 64), (1, 64)]
    assert layers[0].weight[1, 0] == 64
    assert layers[1].weight[0, 1] == 4097
    assert layers[2].weight[0].tolist() == list(range(8192, 8256))
    assert [layer.activation for layer in layers] == ["relu", "relu", "none"]
    assert all(layer.bias is None for layer in layers)
