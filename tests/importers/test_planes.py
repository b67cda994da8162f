"""TensoRF, K-Planes, DirectVoxGO, torch-ngp and ngp_pl: small files of the same layout, and real
twins where there are any."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.evaluate.reference import evaluate
from nfcodec.importers.flat_networks import Flat
from tests.importers.test_nerf_mlps import Array, draw, linear, relu, sigmoid, tensors

RNG = np.random.default_rng


def points(half: float = 1.0) -> tuple[Array, Array]:
    rng = RNG(5)
    d = rng.standard_normal((80, 3))
    return rng.uniform(-half, half, (80, 3)), d / np.linalg.norm(d, axis=1, keepdims=True)


def sample(values: torch.Tensor, u: Array, axes: tuple[int, ...], padding: str = "zeros") -> Array:
    """grid_sample of (1, C, ...) values at the coordinates ``axes`` of (P, 3) points."""
    at = torch.from_numpy(u[:, list(axes)].astype(np.float32))
    at = at.reshape(1, *[1] * (len(axes) - 1), -1, len(axes))
    found = torch.nn.functional.grid_sample(values, at, align_corners=True, padding_mode=padding)
    return found.reshape(values.shape[1], -1).T.numpy().astype(np.float64)


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(RNG(seed).standard_normal(shape).astype(np.float32))


def tensorf(mode: str, activation: str = "softplus") -> tuple[dict[str, Any], Any]:
    n, pairs, lines = (5, 6, 7), ((0, 1), (0, 2), (1, 2)), (2, 1, 0)
    state: dict[str, Any] = {}
    for k, (name, count) in enumerate((("density", 2), ("app", 3))):
        for i, (a, b) in enumerate(pairs):
            state[f"{name}_plane.{i}"] = normal(10 * k + i, 1, count, n[b], n[a])
            state[f"{name}_line.{i}"] = normal(10 * k + i + 5, 1, count, n[lines[i]], 1)
    w = draw(0, basis_mat=(27 if mode == "SH" else 4, 9))
    w |= draw(1, **{"renderModule.mlp.0": (8, 4 + 3 + 16 + 12), "renderModule.mlp.2": (8, 8),
                    "renderModule.mlp.4": (3, 8)})  # fmt: skip
    state |= {name: value for name, value in tensors(w).items() if name != "basis_mat.bias"}
    kwargs = {
        "aabb": torch.tensor([[-1.0, -2, -1], [1, 2, 1]]), "density_shift": -1.0,
        "distance_scale": 25, "fea2denseAct": activation, "shadingMode": mode, "fea_pe": 2,
        "view_pe": 2,
    }  # fmt: skip

    def values(x: Array) -> tuple[Array, Array]:
        u = x / np.array([1, 2, 1])
        found = []
        for name in ("density", "app"):
            products = []
            for i, pair in enumerate(pairs):
                line = state[f"{name}_line.{i}"][:, :, :, 0].numpy()[0]
                place = (u[:, lines[i]] + 1) / 2 * (line.shape[1] - 1)
                along = np.stack([np.interp(place, np.arange(line.shape[1]), c) for c in line], 1)
                products.append(sample(state[f"{name}_plane.{i}"], u, pair) * along)
            found.append(np.concatenate(products, axis=1))
        f = found[0].sum(axis=1)
        density = np.logaddexp(0, f - 1.0) if activation == "softplus" else relu(f)
        return 25 * density, found[1] @ w["basis_mat.weight"].T.astype(np.float64)

    return {"kwargs": kwargs, "state_dict": state}, (values, w)


def encode(x: Array) -> Array:
    angle = (x[:, :, None] * np.array([1.0, 2.0])).reshape(len(x), -1)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


@pytest.mark.parametrize("activation", ["softplus", "relu"])
def test_tensorf(tmp_path: Path, activation: str) -> None:
    held, (values, w) = tensorf("MLP_Fea", activation)
    torch.save(held, tmp_path / "lego.th")
    field = importers.load(tmp_path / "lego.th")
    x, d = points()
    density, a = values(x)
    entry = np.concatenate([a, d, encode(a), encode(d)], axis=1)
    for i in (0, 2):
        entry = relu(linear(w, f"renderModule.mlp.{i}", entry))
    found = evaluate(field, x, d)
    np.testing.assert_allclose(found[:, 0], density, rtol=1e-4, atol=1e-3)
    color = sigmoid(linear(w, "renderModule.mlp.4", entry))
    np.testing.assert_allclose(found[:, 1:], color, atol=1e-4)


def test_tensorf_with_harmonics_is_a_function(tmp_path: Path) -> None:
    from nfcodec.evaluate.harmonics import spherical_harmonics

    held, (values, _) = tensorf("SH")
    torch.save(held, tmp_path / "lego.th")
    x, d = points()
    density, color = importers.function(tmp_path / "lego.th").values(
        x.astype(np.float32), d.astype(np.float32)
    )
    wanted, c = values(x)
    basis = np.stack(spherical_harmonics(d[:, 0], d[:, 1], d[:, 2], 3), axis=1)
    expected = relu((c.reshape(-1, 3, 9) * basis[:, None]).sum(axis=2) + 0.5)
    np.testing.assert_allclose(density, wanted, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(color, expected, atol=1e-4)


def test_tensorf_draws_where_a_corner_of_the_mask_is_set(tmp_path: Path) -> None:
    held, _ = tensorf("RGB")
    held["state_dict"]["basis_mat.weight"] = normal(0, 3, 9)
    mask = np.zeros((5, 4, 3), np.bool_)  # z, y, x
    mask[4, 0, 0] = True
    held |= {
        "alphaMask.shape": (1, 1, 5, 4, 3), "alphaMask.mask": np.packbits(mask.reshape(-1)),
        "alphaMask.aabb": torch.tensor([[-1.0, -2, -1], [1, 2, 1]]),
    }  # fmt: skip
    torch.save(held, tmp_path / "lego.th")
    field = importers.load(tmp_path / "lego.th")
    near, far = np.array([[-0.5, -1.5, 0.9]]), np.array([[0.5, -1.5, 0.9], [-0.5, 1.5, 0.9]])
    assert evaluate(field, near, near)[0, 0] > 0.0
    assert not evaluate(field, far, far)[:, 0].any()
    held["alphaMask.mask"] = np.packbits(mask.reshape(-1))[:-1]
    torch.save(held, tmp_path / "lego.th")
    with pytest.raises(InvalidFieldError, match=r"alphaMask\.mask does not fit"):
        importers.load(tmp_path / "lego.th")


def kplanes() -> dict[str, Any]:
    shapes = {(s, c): (1, 16, 4 + s, 5 + c) for s in range(2) for c in range(3)}
    return {
        **{f"field.grids.{s}.{c}": normal(s + 3 * c, *shape) for (s, c), shape in shapes.items()},
        "field.aabb": torch.tensor([[1.0, 2, 1], [-1, -2, -1]]),
        "field.sigma_net.params": normal(20, Flat(32, 16, 64, 1).count) * 0.2,
        "field.color_net.params": normal(21, Flat(31, 3, 64, 2).count) * 0.2,
        "field.direction_encoder.params": torch.zeros(0),
    }


def test_kplanes(tmp_path: Path) -> None:
    from nfcodec.evaluate.harmonics import spherical_harmonics

    state = kplanes()
    torch.save({"model": state}, tmp_path / "model.pth")
    field = importers.load(tmp_path / "model.pth")
    x, d = points()
    u = x / np.array([1, 2, 1])
    features = []
    for s in range(2):
        planes = [
            sample(state[f"field.grids.{s}.{c}"], u, pair, "border")
            for c, pair in enumerate(((0, 1), (0, 2), (1, 2)))
        ]
        features.append(planes[0] * planes[1] * planes[2])
    p = state["field.sigma_net.params"].numpy().astype(np.float64)
    h = relu(np.hstack(features) @ p[:2048].reshape(64, 32).T) @ p[2048:].reshape(16, 64).T
    q = state["field.color_net.params"].numpy().astype(np.float64)
    basis = np.stack(spherical_harmonics(d[:, 0], d[:, 1], d[:, 2], 4), axis=1)
    entry = np.concatenate([basis, h[:, :15], np.ones((len(x), 1))], axis=1)
    entry = relu(entry @ q[:2048].reshape(64, 32).T)
    entry = relu(entry @ q[2048 : 2048 + 4096].reshape(64, 64).T)
    color = sigmoid(entry @ q[2048 + 4096 :].reshape(16, 64)[:3].T)
    found = evaluate(field, x, d)
    np.testing.assert_allclose(found[:, 0], np.exp(h[:, 15] - 1), rtol=1e-4)
    np.testing.assert_allclose(found[:, 1:], color, atol=1e-5)


def test_kplanes_with_time_is_refused(tmp_path: Path) -> None:
    state = kplanes() | {"field.grids.0.3": normal(0, 1, 16, 3, 3)}
    torch.save({"model": state}, tmp_path / "model.pth")
    with pytest.raises(UnsupportedError, match="dynamic scene"):
        importers.load(tmp_path / "model.pth")


@pytest.mark.parametrize("direct", [True, False])
def test_dvgo(tmp_path: Path, direct: bool) -> None:
    w = draw(0, **{"rgbnet.0": (8, (6 if direct else 3) + 15), "rgbnet.2.0": (8, 8),
                   "rgbnet.3": (3, 8)})  # fmt: skip
    state: dict[str, Any] = {
        "xyz_min": torch.tensor([-1.0, -2, -1]), "xyz_max": torch.tensor([1.0, 2, 1]),
        "act_shift": torch.tensor([-2.0]), "viewfreq": torch.tensor([1.0, 2.0]),
        "density.grid": normal(1, 1, 1, 4, 5, 6), "k0.grid": normal(2, 1, 6, 4, 5, 6),
        **tensors(w),
    }  # fmt: skip
    settings = {"num_voxels_base": 1000, "rgbnet_direct": direct, "alpha_init": 0.01}
    torch.save({"model_kwargs": settings, "model_state_dict": state}, tmp_path / "fine_last.tar")
    field = importers.load(tmp_path / "fine_last.tar")
    x, d = points()
    u = x / np.array([1, 2, 1])
    f, k0 = (sample(state[f"{name}.grid"], u, (2, 1, 0)) for name in ("density", "k0"))
    unit = (16 / 1000) ** (1 / 3)
    c = np.concatenate([k0 if direct else k0[:, 3:], d, encode(d)], axis=1)
    for name in ("rgbnet.0", "rgbnet.2.0"):
        c = relu(linear(w, name, c))
    c = linear(w, "rgbnet.3", c) + (0 if direct else k0[:, :3])
    found = evaluate(field, x, d)
    np.testing.assert_allclose(found[:, 0], np.logaddexp(0, f[:, 0] - 2) / unit, rtol=1e-4)
    np.testing.assert_allclose(found[:, 1:], sigmoid(c), atol=1e-5)


def test_torch_ngp(tmp_path: Path) -> None:
    from nfcodec.evaluate.harmonics import spherical_harmonics
    from nfcodec.importers.hash_grids import of_torch_ngp

    growth = np.log2(2048 / 16) / 15
    sides = [int(np.ceil(16 * 2 ** (growth * level))) for level in range(16)]
    offsets = np.cumsum([0, *(-(-min(1 << 10, (side + 1) ** 3) // 8) * 8 for side in sides)])
    table = normal(3, int(offsets[-1]), 2)
    shapes = {"sigma_net.0": (64, 32), "sigma_net.1": (16, 64), "color_net.0": (64, 31),
              "color_net.1": (64, 64), "color_net.2": (3, 64)}  # fmt: skip
    w = {name: value for name, value in draw(1, **shapes).items() if name.endswith("weight")}
    state = tensors(w) | {
        "aabb_train": torch.tensor([-1.0, -1, -1, 1, 1, 1]), "encoder.embeddings": table,
        "encoder.offsets": torch.from_numpy(offsets.astype(np.int32)),
    }  # fmt: skip
    torch.save({"epoch": 3, "model": state}, tmp_path / "ngp.pth")
    x, d = points()
    grid = of_torch_ngp(table.numpy(), offsets, 16, 2048, "x")
    f = grid(((x + 1) / 2).astype(np.float32)).astype(np.float64)
    h = relu(f @ w["sigma_net.0.weight"].T) @ w["sigma_net.1.weight"].T
    basis = np.stack(spherical_harmonics(d[:, 0], d[:, 1], d[:, 2], 4), axis=1)
    c = np.concatenate([basis, h[:, 1:]], axis=1)
    for i in range(2):
        c = relu(c @ w[f"color_net.{i}.weight"].T)
    density, color = importers.function(tmp_path / "ngp.pth").values(
        x.astype(np.float32), d.astype(np.float32)
    )
    np.testing.assert_allclose(density, np.exp(h[:, 0]), rtol=1e-3)
    np.testing.assert_allclose(color, sigmoid(c @ w["color_net.2.weight"].T), atol=1e-3)
    state["encoder.offsets"][-1] += 8
    torch.save({"model": state}, tmp_path / "ngp.pth")
    with pytest.raises(InvalidFieldError, match="offsets do not fit"):
        importers.function(tmp_path / "ngp.pth")


_FILES = Path(os.environ.get("NFCODEC_DATA", "/nowhere")) / "fields" / "synthetic"


@pytest.mark.skipif(not _FILES.is_dir(), reason="NFCODEC_DATA is not set")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "factor"),
    [("torch_ngp_tiny.pth", 1), ("ngp_pl_slim.ckpt", 1), ("tensorf_vm.th", 25),
     ("tensorf_cp.th", 25), ("kplanes_hybrid.pth", 1), ("kplanes_linear.pth", 1),
     ("kplanes_contracted.pth", 1), ("dvgo_dense.tar", 1), ("dvgo_tensorf.tar", 1)],
)  # fmt: skip
def test_twins_by_the_original_classes(name: str, factor: float) -> None:
    expected = json.loads((_FILES / f"{name.split('.')[0]}.json").read_text())
    x, d = np.array(expected["points"]), np.array(expected["directions"])
    if importers.needs_refit(_FILES / name):
        function = importers.function(_FILES / name)
        bounds = function.bounds
        density, color = function.values(x.astype(np.float32), d.astype(np.float32))
    else:
        field = importers.load(_FILES / name)
        bounds = field.bounds
        density, *channels = evaluate(field, x, d).T
        color = np.stack(channels, axis=1)
    counts = ((x >= bounds[0]) & (x <= bounds[1])).all(axis=1)
    if "alpha_mask_sample" in expected:
        counts &= np.array(expected["alpha_mask_sample"]) > 0
        counts &= np.array(expected["inside_aabb"])
    assert counts.sum() > 5
    wanted = factor * np.array(expected["density"])[counts]
    np.testing.assert_allclose(density[counts], wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(color[counts], np.array(expected["rgb"])[counts], atol=5e-5)
