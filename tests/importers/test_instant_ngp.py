"""instant-ngp's snapshots, written here as the program writes them."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest

from nfcodec import importers
from nfcodec.errors import DamagedFileError, InvalidFieldError, LimitError, UnsupportedError
from nfcodec.importers import morton_grid
from nfcodec.importers.hash_grids import of_tiny_cuda_nn
from nfcodec.layouts import morton

GRID = 1304 * 2  # numbers of the grid of tests/importers/test_hash_grids.py


def snapshot(mode: str = "nerf", extra: int = 0) -> tuple[dict[str, Any], Any]:
    """A snapshot of 16 neurons and the grid above, and its parameters."""
    rng = np.random.default_rng(0)
    entering = 32 + (16 if extra else 0)
    count = 2 * 256 + (16 * entering + 2 * 256 if mode == "nerf" else 0) + GRID
    params = (rng.standard_normal(count) * 0.4).astype(np.float16)
    cells = np.zeros((1, 128**3), np.float16)
    cells[0, morton.encode(np.array([[100, 64, 64]]))] = 1.0
    tree: dict[str, Any] = {
        "encoding": {"otype": "HashGrid", "n_levels": 4, "n_features_per_level": 2,
                     "log2_hashmap_size": 9, "base_resolution": 4, "per_level_scale": 1.5},
        "network": {"otype": "FullyFusedMLP", "activation": "ReLU", "output_activation": "None",
                    "n_neurons": 16, "n_hidden_layers": 1},
        "rgb_network": {"otype": "FullyFusedMLP", "n_neurons": 16, "n_hidden_layers": 2},
        "dir_encoding": {"otype": "Composite", "nested": [
            {"n_dims_to_encode": 3, "otype": "SphericalHarmonics", "degree": 4},
            {"otype": "Identity"}]},
        "loss": {"otype": "Huber"}, "optimizer": {"otype": "Adam"},
        "snapshot": {
            "version": 1, "mode": mode, "n_params": count, "params_type": "__half",
            "params_binary": params.tobytes(), "density_grid_size": 128,
            "density_grid_binary": cells.tobytes(),
            "nerf": {
                "aabb_scale": 1,
                "extra_dims_opt": [{"variable": [0.5, -1.0][:extra]}],
                "dataset": {"aabb_scale": 1, "scale": 0.33, "offset": [0.5, 0.5, 0.5],
                            "from_mitsuba": False, "n_extra_learnable_dims": extra},
            },
        },
    }  # fmt: skip
    return tree, params.astype(np.float64)


def write(path: Path, tree: Any, pack: Callable[[bytes], bytes] = gzip.compress) -> Path:
    path.write_bytes(pack(msgpack.packb(tree)))
    return path


def relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bytes])
@pytest.mark.parametrize("extra", [0, 2])
def test_a_radiance_field(tmp_path: Path, pack: Callable[[bytes], bytes], extra: int) -> None:
    from nfcodec.evaluate.harmonics import spherical_harmonics

    tree, p = snapshot(extra=extra)
    function = importers.function(write(tmp_path / "lego.ingp", tree, pack))
    np.testing.assert_allclose(function.bounds, np.array([[-0.5] * 3, [0.5] * 3]) / 0.33)
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.4, 1.4, (50, 3)).astype(np.float32)
    d = rng.standard_normal((50, 3)).astype(np.float32)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    unit, turned = (0.33 * x + 0.5)[:, [1, 2, 0]], d[:, [1, 2, 0]]
    grid = of_tiny_cuda_nn(p[-GRID:].astype(np.float32), 4, 2, 9, 4, 1.5, "x")
    features = np.pad(grid(unit).astype(np.float64), ((0, 0), (0, 8)))  # padding of a grid is 0
    h = relu(features @ p[:256].reshape(16, 16).T) @ p[256:512].reshape(16, 16).T
    entry = [h, np.stack(spherical_harmonics(*turned.T, 4), axis=1)]  # type: ignore[call-arg]
    if extra:  # padding of an identity is 1
        entry.append(np.tile([0.5, -1.0, *[1.0] * 14], (50, 1)))
    entering = 32 + (16 if extra else 0)
    at, end = 512, 512 + 16 * entering
    c = relu(np.hstack(entry) @ p[at:end].reshape(16, entering).T)
    c = relu(c @ p[end : end + 256].reshape(16, 16).T)
    color = c @ p[end + 256 : end + 512].reshape(16, 16).T
    density, found = function.values(x, d)
    np.testing.assert_allclose(density, 0.33 * np.exp(h[:, 0]), rtol=2e-5)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-color[:, :3])), atol=1e-5)


def test_what_is_drawn_has_the_axes_of_the_data(tmp_path: Path) -> None:
    function = importers.function(write(tmp_path / "lego.ingp", snapshot()[0]))
    assert function.occupied is not None
    unit = (np.array([100, 64, 64]) + 0.5) / 128  # x, y, z of instant-ngp
    world = (unit[[2, 0, 1]] - 0.5) / 0.33
    near = world + np.array([[0, 0, 0], [0, 0.02, 0], [0, 0.2, 0], [0.3, 0, 0]])
    assert function.occupied(near.astype(np.float32)).tolist() == [True, True, False, False]
    with pytest.raises(DamagedFileError, match="density grid"):
        morton_grid.of_instant_ngp(b"12", 128, "x")


def test_distances(tmp_path: Path) -> None:
    tree, p = snapshot("sdf")
    function = importers.function(write(tmp_path / "a.msgpack", tree, bytes))
    u = np.random.default_rng(2).random((40, 3)).astype(np.float32)
    grid = of_tiny_cuda_nn(p[-GRID:].astype(np.float32), 4, 2, 9, 4, 1.5, "x")
    features = np.pad(grid(u).astype(np.float64), ((0, 0), (0, 8)))
    h = relu(features @ p[:256].reshape(16, 16).T) @ p[256:512].reshape(16, 16).T
    np.testing.assert_allclose(function.values(u)[:, 0], h[:, 0], atol=1e-5)


def _without(tree: dict[str, Any], *keys: str) -> None:
    for key in keys[:-1]:
        tree = tree[key]
    del tree[keys[-1]]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda t: _without(t, "snapshot", "version"), UnsupportedError, "before July 2022"),
        (lambda t: t["snapshot"].update(mode="image"), UnsupportedError, "mode 'image'|mode image"),
        (lambda t: t["snapshot"].update(n_params=5), DamagedFileError, "params_binary has"),
        (lambda t: t["encoding"].update(otype="OneBlob"), UnsupportedError, "OneBlob"),
        (lambda t: t["encoding"].update(n_levels=5), InvalidFieldError, "fit 0 readings"),
        (lambda t: t["encoding"].update(n_levels=-1), DamagedFileError, "n_levels"),
        (lambda t: t["encoding"].update(per_level_scale="2"), DamagedFileError, "per_level_scale"),
        (lambda t: _without(t, "network"), DamagedFileError, "network is missing"),
        (lambda t: t["network"].update(activation="Squareplus"), UnsupportedError, "squareplus"),
        (lambda t: t["dir_encoding"].update(nested=[{"otype": "Identity"}]), UnsupportedError,
         "harmonics"),
        (lambda t: t["snapshot"]["nerf"]["dataset"].update(scale=0), DamagedFileError, "scale"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(
    tmp_path: Path, change: Callable[[Any], None], error: type[Exception], message: str
) -> None:
    tree, _ = snapshot()
    change(tree)
    with pytest.raises(error, match=message):
        importers.function(write(tmp_path / "a.ingp", tree))


def test_nan_in_the_parameters(tmp_path: Path) -> None:
    tree, _ = snapshot()
    data = bytearray(tree["snapshot"]["params_binary"])
    data[10:12] = b"\x00\x7e"
    tree["snapshot"]["params_binary"] = bytes(data)
    with pytest.raises(InvalidFieldError, match="params_binary holds 1 values"):
        importers.function(write(tmp_path / "a.ingp", tree))


def test_cut_and_swollen_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ingp", snapshot()[0])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DamagedFileError, match="ends too early"):
        importers.function(path)
    path.write_bytes(msgpack.packb(snapshot()[0])[:-500])
    with pytest.raises(DamagedFileError, match="damaged or incomplete MessagePack"):
        importers.function(path)
    tree = snapshot()[0] | {"pad": bytes(1 << 27)}
    path.write_bytes(gzip.compress(msgpack.packb(tree)))
    with pytest.raises(LimitError, match="expands to more"):
        importers.function(path)


_FILES = Path(os.environ.get("NFCODEC_DATA", "/nowhere")) / "fields" / "synthetic"


@pytest.mark.skipif(not _FILES.is_dir(), reason="NFCODEC_DATA is not set")
@pytest.mark.parametrize("name", ["ngp_tiny_half", "ngp_latents_half", "ngp_scale4_float"])
def test_files_of_another_writer(name: str) -> None:
    expected = json.loads((_FILES / f"{name}.json").read_text())
    function = importers.function(_FILES / f"{name}.ingp")
    source = function.metadata["source"]
    unit = 0.5 + (np.array(expected["u"]) - 0.5) * source["aabb_scale"]
    x = (unit[:, [2, 0, 1]] - np.array(source["offset"])) / source["scale"]
    d = np.array(expected["direction_ngp"])[:, [2, 0, 1]]
    density, color = function.values(x.astype(np.float32), d.astype(np.float32))
    # At 8191 vertices a side float32 positions leave four digits.
    tolerance = 5e-4 if name == "ngp_scale4_float" else 1e-5
    np.testing.assert_allclose(density / source["scale"], expected["density"], rtol=tolerance)
    np.testing.assert_allclose(color, expected["rgb"], atol=tolerance)
