"""Distances that are MLPs, against a few lines that do what the tools' classes do."""

from __future__ import annotations

import itertools
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, InvalidFieldError, NfcodecError, UnsupportedError
from nfcodec.evaluate.reference import evaluate
from nfcodec.model.field import Field
from tests.importers.test_nerf_mlps import Array, Weights, draw, encode, linear, tensors

W = 24


def load(path: Path, **notes: Any) -> Field:
    if notes:
        path.with_name(path.name + ".import.json").write_text(json.dumps(notes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importers.load(path)


def assert_same(field: Field, expected: Callable[[Array], Array]) -> None:
    x = np.random.default_rng(1).uniform(-1.0, 1.0, (100, 3))
    wanted = expected(x).reshape(-1)
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(evaluate(field, x)[:, 0], wanted, rtol=1e-5, atol=2e-6)


def normed(w: Weights, new: bool = False) -> dict[str, torch.Tensor]:
    """Weights with weight norm, as PyTorch writes it before 2.0 or since."""
    found: dict[str, torch.Tensor] = {}
    for name, value in w.items():
        layer, kind = name.rsplit(".", 1)
        if kind == "bias":
            found[name] = torch.from_numpy(value)
            continue
        norm = np.linalg.norm(value, axis=1, keepdims=True)
        names = ("parametrizations.weight.original0", "parametrizations.weight.original1")
        g, v = names if new else ("weight_g", "weight_v")
        found[f"{layer}.{g}"] = torch.from_numpy(norm)
        found[f"{layer}.{v}"] = torch.from_numpy(value * np.float32(1.7))
    return found


def idr(seed: int, bands: int, outputs: int) -> tuple[Weights, Callable[[Array], Array]]:
    """IDR's network: softplus of beta 100, (state, input) / sqrt(2) before layer 4."""
    e = 3 + 6 * bands
    shapes = {f"lin{i}": (W - e if i == 3 else W, e if i == 0 else W) for i in range(6)}
    w = draw(seed, **shapes, lin6=(outputs, W))
    w["lin3.weight"], w["lin3.bias"] = w["lin3.weight"][: W - e], w["lin3.bias"][: W - e]

    def values(x: Array) -> Array:
        entry = h = encode(x, bands)
        for i in range(6):
            if i == 4:
                h = np.concatenate([h, entry], axis=1) / np.sqrt(2.0)
            h = np.logaddexp(0.0, 100.0 * linear(w, f"lin{i}", h)) / 100.0
        return linear(w, "lin6", h)[:, 0]

    return w, values


def test_neus(tmp_path: Path) -> None:
    w, values = idr(0, 2, 9)
    held = {
        "nerf": {"pts_linears.9.weight": torch.zeros(2, 2)}, "sdf_network_fine": normed(w),
        "color_network_fine": normed(idr(1, 2, 3)[0]), "iter_step": 300000,
        "variance_network_fine": {"variance": torch.tensor(0.3)},
    }  # fmt: skip
    path = tmp_path / "ckpt_300000.pth"
    torch.save(held, path)
    assert_same(load(path), values)
    assert_same(load(path, scale=2.0), lambda x: values(2.0 * x) / 2.0)
    for scale in ("2", 0, True, -1):
        with pytest.raises(DamagedFileError, match=r"import\.json: scale is"):
            load(path, scale=scale)


def test_volsdf(tmp_path: Path) -> None:
    w, values = idr(0, 3, 9)
    named = {f"module.implicit_network.{name}": value for name, value in normed(w).items()}
    named["module.density.beta"] = torch.tensor(0.1)
    torch.save({"epoch": 1, "model_state_dict": named}, tmp_path / "latest.pth")
    assert_same(load(tmp_path / "latest.pth"), values)


def test_igr(tmp_path: Path) -> None:
    w, values = idr(0, 0, 1)
    torch.save({"epoch": 1, "model_state_dict": tensors(w)}, tmp_path / "latest.pth")
    assert_same(load(tmp_path / "latest.pth"), values)


def _deepsdf(folder: Path, specs: dict[str, Any]) -> tuple[Path, Array, Callable[..., Array]]:
    code = np.random.default_rng(3).standard_normal((4, 5)).astype(np.float32)
    w = draw(2, lin0=(W, 8), lin1=(W - 8, W), lin2=(W, W), lin3=(1, W))
    for name in ("ModelParameters", "LatentCodes"):
        (folder / name).mkdir()
    path = folder / "ModelParameters" / "latest.pth"
    named = {f"module.{name}": value for name, value in normed(w, new=True).items()}
    torch.save({"epoch": 1, "model_state_dict": named}, path)
    codes = {"weight": torch.from_numpy(code)}
    torch.save({"epoch": 1, "latent_codes": codes}, folder / "LatentCodes" / "latest.pth")
    (folder / "specs.json").write_text(json.dumps({"CodeLength": 5, "NetworkSpecs": specs}))

    def values(x: Array, number: int) -> Array:
        entry = h = np.concatenate([np.repeat(code[number : number + 1], len(x), 0), x], axis=1)
        for i in range(3):
            h = np.concatenate([h, entry], axis=1) if i == 2 else h
            h = np.maximum(linear(w, f"lin{i}", h), 0.0)
        return linear(w, "lin3", h)[:, 0]

    return path, code.astype(np.float64), values


def test_deepsdf_gives_the_shape_that_is_asked_for(tmp_path: Path) -> None:
    path, _, values = _deepsdf(tmp_path, {"latent_in": [2], "weight_norm": True})
    with pytest.warns(UserWarning, match="holds 4 shapes; the first is taken"):
        importers.load(path)
    assert_same(load(path), lambda x: np.tanh(values(x, 0)))
    assert_same(load(path, code=2), lambda x: np.tanh(values(x, 2)))
    with pytest.raises(DamagedFileError, match="code is not a number from 0 to 3"):
        load(path, code=4)


def test_deepsdf_struct_has_no_tanh(tmp_path: Path) -> None:
    path, _, values = _deepsdf(tmp_path, {"geom_dimension": 3, "use_tanh": False})
    assert_same(load(path, code=1), lambda x: values(x, 1))


def test_deepsdf_without_codes_says_where_they_belong(tmp_path: Path) -> None:
    path, _, _ = _deepsdf(tmp_path, {})
    (tmp_path / "LatentCodes" / "latest.pth").unlink()
    with pytest.raises(UnsupportedError, match=r"LatentCodes.latest\.pth"):
        load(path)
    (tmp_path / "specs.json").unlink()
    with pytest.raises(UnsupportedError, match="a code, say which shape"):
        load(path)


def _siren(seed: int, width: int, hidden: int) -> Weights:
    sizes = [3, *[width] * (hidden + 1), 1]
    pairs = itertools.pairwise(sizes)
    w = draw(seed, **{f"{i}": (b, a) for i, (a, b) in enumerate(pairs)})
    return {name: (value * np.float32(0.1)).astype(np.float32) for name, value in w.items()}


def _sines(w: Weights, first: float, others: float) -> Callable[[Array], Array]:
    count = len(w) // 2

    def values(x: Array) -> Array:
        for i in range(count - 1):
            x = np.sin((others if i else first) * linear(w, f"{i}", x))
        return linear(w, f"{count - 1}", x)[:, 0]

    return values


@pytest.mark.parametrize(
    ("pattern", "last", "hidden"),
    [("net.net.{}.0", "net.net.{}.0", 30.0), ("net.{}.linear", "net.{}", 30.0),
     ("layers.{}", "last_layer", 1.0)],
)  # fmt: skip
def test_siren_of_each_code_base(tmp_path: Path, pattern: str, last: str, hidden: float) -> None:
    w = _siren(0, 16, 2)
    named = {}
    for name, value in w.items():
        number, kind = name.split(".")
        form = last if number == "3" else pattern
        named[f"{form.format(number)}.{kind}"] = torch.from_numpy(value)
    torch.save(named, tmp_path / "m.pth")
    assert_same(load(tmp_path / "m.pth"), _sines(w, 30.0, hidden))
    assert_same(load(tmp_path / "m.pth", omega=10, omega_hidden=5), _sines(w, 10.0, 5.0))


def test_siren_without_a_header(tmp_path: Path) -> None:
    w = _siren(0, 16, 2)
    data = b"".join(w[f"{i}.{kind}"].tobytes() for i in range(4) for kind in ("weight", "bias"))
    path = tmp_path / "weights.bin"
    path.write_bytes(data)
    assert_same(load(path), _sines(w, 30.0, 30.0))
    path.write_bytes(data[:-4])
    with pytest.raises(UnsupportedError, match="numbers without a header"):
        load(path)
    path.write_bytes(data[:600] + b"\x00\x00\xc0\x7f" + data[604:])
    with pytest.raises(DamagedFileError, match="NaN"):
        load(path)


def test_weight_encoded(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    w = draw(0, dense=(16, 3), dense_1=(16, 16), dense_2=(1, 16))
    path = tmp_path / "car.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"dense", b"dense_1", b"dense_2"]
        for name in ("dense", "dense_1", "dense_2"):
            group = file.create_group(name).create_group(name)
            group["kernel:0"] = w[f"{name}.weight"].T
            group["bias:0"] = w[f"{name}.bias"]

    def values(x: Array) -> Array:
        for name in ("dense", "dense_1"):
            x = np.maximum(linear(w, name, x), 0.0)
        return np.tanh(linear(w, "dense_2", x))

    assert_same(load(path), values)
    with pytest.raises(DamagedFileError, match="activation is none of"):
        load(path, activation="gelu")


def test_implicit_queries(tmp_path: Path) -> None:
    w = draw(0, a=(16, 18), b=(1, 16))
    coefs, shift = np.array([1, 1, 2, 2, 4, 4]) * np.pi, np.array([0, np.pi] * 3)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    arrays: dict[str, npt.NDArray[Any]] = {
        "0000.spatial_transformation.R": turn, "0000.spatial_transformation.t": np.ones(3) / 4,
        "0001.pow2_frequency_encode.coefs": coefs, "0001.pow2_frequency_encode.shift": shift,
        "0002.dense.A": w["a.weight"].T, "0002.dense.b": w["a.bias"], "0003.relu._": np.zeros(0),
        "0004.dense.A": w["b.weight"].T, "0004.dense.b": w["b.bias"],
        "0005.squeeze_last._": np.zeros(0),
    }  # fmt: skip

    def values(x: Array) -> Array:
        x = x @ turn.T + 0.25
        x = np.sin(x[:, :, None] * coefs + shift).reshape(len(x), -1)
        return linear(w, "b", np.maximum(linear(w, "a", x), 0.0))

    path = tmp_path / "fox.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    assert_same(load(path), values)
    arrays["0006.swish._"] = np.zeros(0)
    np.savez(path, **arrays)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match=r"0006\.swish: a step that is not imported"):
        load(path)


def test_nglod_sums_levels_and_takes_the_last_decoder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    grids = [rng.standard_normal((1, 4, n, n, n)).astype(np.float32) for n in (3, 5)]
    w = draw(0, **{f"louts.{i}.{k}": s for i in (0, 1) for k, s in ((0, (16, 7)), (2, (1, 16)))})
    named = tensors(w) | {
        f"features.{i}.fm": torch.from_numpy(grid) for i, grid in enumerate(grids)
    }  # fmt: skip
    torch.save(named, tmp_path / "n.pth")

    def values(x: Array) -> Array:
        at = torch.from_numpy(x.astype(np.float32)).reshape(1, -1, 1, 1, 3)
        found = sum(
            torch.nn.functional.grid_sample(
                torch.from_numpy(grid), at, align_corners=True, padding_mode="border"
            )[0, :, :, 0, 0].T.numpy()
            for grid in grids
        )
        h = np.concatenate([x, np.asarray(found)], axis=1)
        return linear(w, "louts.1.2", np.maximum(linear(w, "louts.1.0", h), 0.0))

    field = load(tmp_path / "n.pth")
    assert field.num_lods == 2
    x = rng.uniform(-1, 1, (50, 3))
    np.testing.assert_allclose(evaluate(field, x)[:, 0], values(x)[:, 0], atol=1e-5)


def test_a_cut_file_is_one_clear_error(tmp_path: Path) -> None:
    w, _ = idr(0, 0, 1)
    path = tmp_path / "latest.pth"
    torch.save({"model_state_dict": tensors(w)}, path)
    data = path.read_bytes()
    for share in (0.3, 0.9, 0.99):
        path.write_bytes(data[: int(share * len(data))])
        with pytest.raises(NfcodecError) as caught:
            load(path)
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(str(path))


_FIELDS = Path(os.environ.get("NFCODEC_DATA", "/nowhere")) / "fields"


@pytest.mark.skipif(not _FIELDS.is_dir(), reason="NFCODEC_DATA is not set")
@pytest.mark.parametrize(
    ("name", "inside"),
    [("siren_sdf/sdf1_gt_weights.bin", 0.054), ("weight_encoded/car_1.h5", 0.050),
     ("weight_encoded/100026_sf.h5", 0.009), ("neural_implicit_queries/fox.npz", 0.014),
     ("neural_implicit_queries/bunny.npz", 0.084),
     ("deepsdf/chi_and_cross/ModelParameters/latest.pth", 0.308)],
)  # fmt: skip
def test_distances_of_real_files_have_gradients_of_length_one(name: str, inside: float) -> None:
    """Misreadings (another factor, activation or sign) give gradients of 0.7 or of 2 and more."""
    field = load(_FIELDS / name)
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (20_000, 3))
    values = evaluate(field, x)[:, 0]
    near, step = x[np.argsort(np.abs(values))[:1000]], 1e-4
    slopes = [
        evaluate(field, near + step * axis)[:, 0] - evaluate(field, near - step * axis)[:, 0]
        for axis in np.eye(3)
    ]
    length = np.linalg.norm(np.stack(slopes, 1) / (2 * step), axis=1)
    assert 0.75 < np.median(length) < 1.1
    assert (values < 0).mean() == pytest.approx(inside, abs=0.02)


def test_an_infinite_weight_norm_is_refused(tmp_path: Path) -> None:
    w, _ = idr(0, 2, 9)
    named = normed(w)
    named["lin2.weight_v"][3] = 0.0
    torch.save({"sdf_network_fine": named}, tmp_path / "c.pth")
    with pytest.raises(InvalidFieldError, match="weight norm"):
        load(tmp_path / "c.pth")
