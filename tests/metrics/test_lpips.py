"""LPIPS with small made-up weights against a NumPy reference, and against the lpips package."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec.errors import DamagedFileError, LimitError, UsageError
from nfcodec.metrics import Lpips
from nfcodec.metrics import lpips as module

torch = pytest.importorskip("torch")

Floats = npt.NDArray[np.float64]
VGG = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))
ALEX = ((0,), (3,), (6,), (8,), (10,))


def lpips_state(net: str) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    state, channels, width = {}, 3, 3
    for index, numbers in enumerate(VGG if net == "vgg" else ALEX):
        for number in numbers:
            size = 3 if net == "vgg" else (11, 5, 3, 3, 3)[index]
            name = f"net.slice{index + 1}.{number}"
            shape = (width, channels, size, size)
            state[f"{name}.weight"] = torch.randn(shape, generator=generator) / size
            state[f"{name}.bias"] = torch.randn(width, generator=generator) * 0.1
            channels = width
        state[f"lin{index}.model.1.weight"] = torch.rand((1, width, 1, 1), generator=generator)
        width += 1
    return state


def _convolve(x: Floats, weight: Floats, bias: Floats, stride: int, pad: int) -> Floats:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    size = weight.shape[2]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weight) + bias[:, None, None]


def _pool(x: Floats, size: int, stride: int) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return np.asarray(windows[:, ::stride, ::stride].max(axis=(3, 4)))


def _reference(net: str, state: dict[str, Any], a: Floats, b: Floats) -> float:
    values = {k: v.double().numpy() for k, v in state.items()}
    total = 0.0
    pair = []
    for image in (a, b):
        x = image.transpose(2, 0, 1) * 2 - 1
        x = x - np.array([-0.030, -0.088, -0.188])[:, None, None]
        pair.append(x / np.array([0.458, 0.448, 0.450])[:, None, None])
    for index, numbers in enumerate(VGG if net == "vgg" else ALEX):
        for i, x in enumerate(pair):
            if net == "vgg" and index > 0:
                x = _pool(x, 2, 2)
            if net == "alex" and index in (1, 2):
                x = _pool(x, 3, 2)
            for number in numbers:
                name = f"net.slice{index + 1}.{number}"
                weight = values[f"{name}.weight"]
                stride, pad = (4, 2) if weight.shape[2] == 11 else (1, weight.shape[2] // 2)
                x = np.maximum(_convolve(x, weight, values[f"{name}.bias"], stride, pad), 0)
            pair[i] = x
        u, v = (x / (np.sqrt((x**2).sum(axis=0)) + 1e-10) for x in pair)
        linear = values[f"lin{index}.model.1.weight"][0]
        total += float(((u - v) ** 2 * linear).sum(axis=0).mean())
    return total


@pytest.mark.parametrize("net", ["alex", "vgg"])
def test_equals_a_numpy_reference(tmp_path: Path, net: str) -> None:
    state = lpips_state(net)
    torch.save(state, tmp_path / "w.pt")
    metric = Lpips(tmp_path / "w.pt")
    assert metric.net == net
    rng = np.random.default_rng(1)
    a = rng.random((40, 37, 3))
    b = np.clip(a + rng.normal(size=a.shape) * 0.2, 0, 1)
    expected = _reference(net, state, a, b)
    assert expected > 1e-3
    assert metric(a, b) == pytest.approx(expected, rel=1e-4)
    assert metric(a, a) == 0
    assert metric(b, a) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("net", ["alex", "vgg"])
def test_equals_the_package(tmp_path: Path, net: str) -> None:
    lpips = pytest.importorskip("lpips", reason="the lpips package is not installed")
    model = lpips.LPIPS(net=net, pretrained=True, pnet_rand=True, verbose=False)
    torch.save(model.state_dict(), tmp_path / "w.pt")
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 64, 48, 3)).astype(np.float32)
    with torch.no_grad():
        tensors = (torch.from_numpy(x).permute(2, 0, 1)[None] * 2 - 1 for x in (a, b))
        theirs = float(model(*tensors))
    assert Lpips(tmp_path / "w.pt")(a, b) == pytest.approx(theirs, rel=1e-4)


def test_bad_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.pt"
    with pytest.raises(UsageError, match="no such file"):
        Lpips(path)
    path.write_bytes(b"not weights")
    with pytest.raises(DamagedFileError, match="cannot be read"):
        Lpips(path)
    torch.save([1, 2], path)
    with pytest.raises(DamagedFileError, match="no state dict"):
        Lpips(path)
    state = lpips_state("alex")
    broken: list[dict[str, Any]] = [
        {},
        {k: v for k, v in state.items() if k != "lin3.model.1.weight"},
        {**state, "net.slice2.3.weight": torch.zeros(4, 9, 5, 5)},
        {**state, "lin0.model.1.weight": torch.zeros(1, 9, 1, 1)},
        {**state, "net.slice1.0.bias": torch.full((3,), float("nan"))},
        {**state, "net.slice5.10.weight": "text"},
    ]
    for bad in broken:
        torch.save(bad, path)
        with pytest.raises(DamagedFileError, match=r"w\.pt"):
            Lpips(path)
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    with pytest.raises(LimitError):
        Lpips(path)


def test_pickles_are_never_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"net.slice1.0.weight": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(DamagedFileError):
        Lpips(tmp_path / "trap.pt")
    assert not (tmp_path / "sprung").exists()


def test_bad_images(tmp_path: Path) -> None:
    torch.save(lpips_state("alex"), tmp_path / "w.pt")
    metric = Lpips(tmp_path / "w.pt")
    for one, two in itertools.permutations([(32, 32, 3), (31, 40, 3), (32, 32), (40, 32, 4)], 2):
        with pytest.raises(UsageError, match="LPIPS needs"):
            metric(np.zeros(one), np.zeros(two))
    assert metric(np.zeros((32, 32, 3)), np.ones((32, 32, 3))) > 0


def test_distances_of_a_batch_are_differentiable(tmp_path: Path) -> None:
    torch.save(lpips_state("vgg"), tmp_path / "vgg.pt")
    lpips = Lpips(tmp_path / "vgg.pt")
    generator = torch.Generator().manual_seed(2)
    one, two = torch.rand((2, 2, 3, 40, 36), generator=generator)
    one[1] = two[1] = 0.0  # where layers are silent, gradients stay finite
    two.requires_grad_()
    found = lpips.distances(one, two)
    alone = lpips(one[0].permute(1, 2, 0).numpy(), two[0].detach().permute(1, 2, 0).numpy())
    assert found.tolist() == pytest.approx([alone, 0.0], rel=1e-5)
    found.sum().backward()
    assert torch.isfinite(two.grad).all()
    step = 1e-2 * two.grad[0] / two.grad[0].norm()
    nearer = float(lpips.distances(one[:1], (two[:1] - step).detach()))
    assert nearer < alone
