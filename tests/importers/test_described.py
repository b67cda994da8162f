"""MLPs that notes describe, and checkpoints that are written back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import importers
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError, UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.exporters import export
from tests.importers.test_nerf_mlps import draw, encode, linear, points, relu, sigmoid, tensors
from tests.importers.test_sdf_mlps import _siren

NOTES: dict[str, Any] = {
    "kind": "nerf", "bounds": [[-1.5] * 3, [1.5] * 3], "key": "weights", "networks": [
        {"name": "trunk", "inputs": [{"source": "position", "frequencies": 2}],
         "layers": [{"name": "fc1", "activation": "relu"},
                    {"name": "fc2", "activation": "relu", "skip": "eh"}]},
        {"name": "density", "inputs": [{"source": "trunk", "width": 8}],
         "layers": [{"name": "head", "activation": "softplus", "rows": [3, 4]}]},
        {"name": "color", "inputs": [{"source": "trunk", "width": 8}],
         "layers": [{"name": "head", "activation": "sigmoid", "rows": [0, 3]}]}],
}  # fmt: skip


def checkpoint(folder: Path, said: Any) -> tuple[Path, Any]:
    w = draw(0, fc1=(8, 15), fc2=(8, 23), head=(4, 8))
    path = folder / "mine.pth"
    torch.save({"weights": tensors(w), "step": 3}, path)
    (folder / "mine.pth.import.json").write_text(json.dumps(said))
    return path, w


def test_a_described_network(tmp_path: Path) -> None:
    path, w = checkpoint(tmp_path, NOTES)
    x, d = points()
    e = encode(x, 2)
    h = relu(linear(w, "fc2", np.concatenate([e, relu(linear(w, "fc1", e))], axis=1)))
    out = linear(w, "head", h)
    found = evaluate(importers.load(path), x, d)
    np.testing.assert_allclose(found[:, 0], np.logaddexp(0, out[:, 3]), rtol=1e-4)
    np.testing.assert_allclose(found[:, 1:], sigmoid(out[:, :3]), atol=1e-5)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("bounds",), 3, "bounds are not"), (("kind",), "voxels", "kind is none of"),
        (("networks",), [], "networks is no list"), (("networks", 0), 3, "no object"),
        (("networks", 0, "layers", 0, "name"), "fc9", r"no tensor fc9\.weight"),
        (("networks", 0, "layers", 1, "activation"), "swish", "activation is none of"),
        (("networks", 1, "layers", 0, "rows"), [3, 9], "rows are not"),
        (("networks", 0, "inputs", 0, "frequencies"), -1, "frequencies is no whole number"),
        (("networks", 0, "inputs", 0, "order"), "any", "order is none of"),
        (("networks", 0, "inputs", 0, "frequencies"), 3, "15 values, but 21 enter"),
        (("networks", 1, "inputs", 0, "source"), "nothing", "unknown source"),
    ],
)  # fmt: skip
def test_a_description_that_does_not_fit(
    tmp_path: Path, place: tuple[Any, ...], value: Any, message: str
) -> None:
    said = json.loads(json.dumps(NOTES))
    inner = said
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    path, _ = checkpoint(tmp_path, said)
    with pytest.raises(NfcodecError, match=message):
        importers.load(path)


def test_without_a_description_it_is_refused(tmp_path: Path) -> None:
    path, _ = checkpoint(tmp_path, {})
    with pytest.raises(UnsupportedError):
        importers.load(path)
    path.with_name("mine.pth.import.json").write_text("[]")
    with pytest.raises(DamagedFileError):
        importers.load(path)


def test_nglod_is_written_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    named = tensors(draw(0, **{"louts.0.0": (16, 7), "louts.0.2": (1, 16)}))
    for i, n in enumerate((3, 5)):
        grid = rng.standard_normal((1, 4, n, n, n)).astype(np.float32)
        named[f"features.{i}.fm"] = torch.from_numpy(grid)
    torch.save(named, tmp_path / "a.pth")
    field = importers.load(tmp_path / "a.pth")
    export(field, tmp_path / "b.pth")
    back = torch.load(tmp_path / "b.pth", weights_only=True)
    assert set(named) <= set(back)
    for name, value in named.items():
        assert torch.equal(back[name], value), name
    x = rng.uniform(-1, 1, (20, 3))
    np.testing.assert_array_equal(
        evaluate(importers.load(tmp_path / "b.pth"), x), evaluate(field, x)
    )


def test_siren_is_written_back(tmp_path: Path) -> None:
    named = {}
    for name, value in _siren(0, 16, 2).items():
        number, kind = name.split(".")
        named[f"net.net.{number}.0.{kind}"] = torch.from_numpy(value)
    torch.save(named, tmp_path / "a.pth")
    export(importers.load(tmp_path / "a.pth"), tmp_path / "b.pth")
    back = torch.load(tmp_path / "b.pth", weights_only=True)
    assert set(back) == set(named)
    for name, value in named.items():
        assert torch.equal(back[name], value), name


def test_what_no_tool_loads_is_not_written(tmp_path: Path) -> None:
    from tests.fields import random_field

    with pytest.raises(UsageError, match=r"NGLOD needs .* SIREN needs"):
        export(random_field(), tmp_path / "a.pth")
    assert not (tmp_path / "a.pth").exists()
