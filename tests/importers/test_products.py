"""PPNG and BACON: products that no network of ours expresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cbor2
import numpy as np
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, InvalidFieldError
from nfcodec.evaluate.harmonics import spherical_harmonics
from tests.importers.test_nerf_mlps import Array, draw, linear, relu, sigmoid, tensors

F, C, Q, R = 2, 4, 6, 3


def blocks(matrix: Array) -> bytes:
    """A matrix (out, in) in blocks [in / 4, out / 4] of [out][in], as the viewer takes them."""
    out, into = matrix.shape
    found = np.zeros((into // 4, out // 4, 4, 4), np.float32)
    for i in range(into):
        for o in range(out):
            found[i // 4, o // 4, o % 4, i % 4] = matrix[o, i]
    return found.tobytes()


def ppng(kind: int, prefix: str = "ppng_") -> tuple[dict[str, Any], Array, list[Array]]:
    """A file of one field in one of three forms, its lattice [f, wave, z, y, x, c], matrices."""
    rng = np.random.default_rng(0)
    lines = rng.standard_normal((3, F, 2, Q, R, C)).astype(np.float16)
    planes = rng.standard_normal((3, F, 2, Q, Q, R, C)).astype(np.float16)
    if kind == 2:
        yz, xz, xy = planes.astype(np.float64)
        lattice = np.einsum("fwzyrc,fwzxrc,fwyxrc->fwzyxc", yz, xz, xy)
    else:
        x, y, z = lines.astype(np.float64)
        lattice = np.einsum("fwxrc,fwyrc,fwzrc->fwzyxc", x, y, z)
    buffer = {1: lines, 2: planes, 3: lattice.astype(np.float16)}[kind]
    matrices = [rng.standard_normal(s) * 0.3 for s in ((16, 16), (16, 32), (4, 16))]
    matrices = [m.astype(np.float32).astype(np.float64) for m in matrices]
    tree = {
        "freqs": [1.0, 2.0], f"{prefix}type": kind, "n_freqs": F, "n_feats": C, "n_quants": Q,
        "rank": R, "grid_res": 8, "grid_rles": [[4 * 64 + 3 * 8 + 5, 1]], "poses": [],
        f"{prefix}buffer": buffer.tobytes(),
        f"{prefix}density_layer_0": blocks(matrices[0]),
        f"{prefix}color_layer_0": blocks(matrices[1]),
        f"{prefix}color_layer_1": blocks(matrices[2]),
    }  # fmt: skip
    return tree, lattice, matrices


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("prefix", ["ppng_", "qff_"])
def test_ppng(tmp_path: Path, kind: int, prefix: str) -> None:
    tree, lattice, (dense, first, last) = ppng(kind, prefix)
    path = tmp_path / "lego.ppng"
    path.write_bytes(cbor2.dumps(tree))
    function = importers.function(path)
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.5, 1.5, (60, 3)).astype(np.float32)
    d = rng.standard_normal((60, 3)).astype(np.float32)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    p, w = (x * 0.33)[:, [1, 2, 0]], d[:, [1, 2, 0]]
    features = np.zeros((len(x), 0))
    for f, factor in enumerate((1.0, 2.0)):
        for wave, name in enumerate((np.sin, np.cos)):
            q = (name(np.pi * factor * p) + 1) / 2 * (Q - 1)
            low = np.minimum(np.floor(q).astype(int), Q - 2)
            found = np.zeros((len(x), C))
            for bits in np.ndindex(2, 2, 2):
                i, j, k = (low + bits).T
                share = np.prod(np.where(bits, q - low, 1 - (q - low)), axis=1)
                found += share[:, None] * lattice[f, wave][k, j, i]
            features = np.concatenate([features, found], axis=1)
    h = features @ dense.T
    basis = np.stack(spherical_harmonics(w[:, 0], w[:, 1], w[:, 2], 4), axis=1)
    color = relu(np.concatenate([h, basis], axis=1) @ first.T) @ last.T
    density, seen = function.values(x, d)
    np.testing.assert_allclose(density, 0.33 * np.exp(h[:, 0]), rtol=2e-2 if kind == 3 else 2e-4)
    np.testing.assert_allclose(seen, sigmoid(color[:, :3]), atol=5e-3 if kind == 3 else 5e-5)


def test_ppng_draws_cells_in_the_axes_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "lego.ppng"
    path.write_bytes(cbor2.dumps(ppng(1)[0]))
    function = importers.function(path)
    unit = (np.array([5, 3, 4]) + 0.5) / 8
    world = (unit[[2, 0, 1]] - 0.5) / 0.33
    far = world - np.array([0, 0.9, 0])
    assert function.occupied is not None
    assert function.occupied(np.stack([world, far]).astype(np.float32)).tolist() == [True, False]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("ppng_type", 4, "ppng_type is no whole number"), ("freqs", [1.0], "freqs is not 2"),
        ("ppng_buffer", b"12", "ppng_buffer holds 2 bytes"), ("rank", 60, "ppng_buffer holds"),
        ("grid_rles", [[9999]], "runs beyond"), ("grid_rles", [], "lists of runs"),
        ("grid_res", True, "grid_res"), ("ppng_color_layer_1", "x", "no bytes"),
    ],
)  # fmt: skip
def test_ppng_that_does_not_fit(tmp_path: Path, key: str, value: Any, message: str) -> None:
    path = tmp_path / "lego.ppng"
    path.write_bytes(cbor2.dumps(ppng(1)[0] | {key: value}))
    with pytest.raises(DamagedFileError, match=message):
        importers.function(path)
    path.write_bytes(cbor2.dumps(ppng(1)[0])[:-10])
    with pytest.raises(DamagedFileError, match="damaged or incomplete CBOR"):
        importers.function(path)


@pytest.mark.parametrize("outputs", [1, 4])
def test_bacon_reuses_filters(tmp_path: Path, outputs: int) -> None:
    shapes = {f"filters.{i}.linear": (8, 3) for i in range(9)}
    shapes |= {f"linear.{i}": (8, 8) for i in range(8)}
    shapes |= {f"output_linear.{i}": (outputs, 8) for i in range(9)}
    w = draw(0, **shapes)
    path = tmp_path / "lego.pth"
    torch.save(tensors(w), path)
    (tmp_path / "lego.pth.import.json").write_text('{"bounds": [[-1, -1, -1], [1, 1, 1]]}')
    x = np.random.default_rng(1).uniform(-1, 1, (50, 3))
    z = np.sin(linear(w, "filters.2.linear", x))
    for i, used in enumerate((2, 2, 4, 4, 6, 6, 8, 8)):
        z = np.sin(linear(w, f"filters.{used}.linear", x)) * linear(w, f"linear.{i}", z)
    out = linear(w, "output_linear.8", z)
    function = importers.function(path)
    if outputs == 1:
        assert function.kind == "sdf"
        np.testing.assert_allclose(function.values(x), out, atol=1e-4)
        return
    density, color = function.values(x, x)
    np.testing.assert_allclose(density, np.logaddexp(0, out[:, 3] - 1), atol=1e-4)
    np.testing.assert_allclose(color, sigmoid(out[:, :3]) * 1.002 - 0.001, atol=1e-4)


def test_bacon_that_does_not_fit(tmp_path: Path) -> None:
    w = draw(0, **{"filters.0.linear": (8, 3), "filters.1.linear": (8, 3), "linear.0": (8, 8),
                   "output_linear.0": (1, 8)})  # fmt: skip
    torch.save(tensors(w), tmp_path / "a.pth")
    with pytest.raises(InvalidFieldError, match="2 filters, 1 linear layers and 1 outputs"):
        importers.function(tmp_path / "a.pth")
