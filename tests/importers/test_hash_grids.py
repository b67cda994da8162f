"""Hash grids, against values of the tools' own kernels and counts that people reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nfcodec.errors import InvalidFieldError
from nfcodec.importers import hash_grids
from nfcodec.importers.flat_networks import Flat

#: Base 4, growth 1.5, 4 levels, 2^9 entries, 2 features; entry i, channel f: sin(0.37 (2 i + f)).
GOLDEN = {
    "tiny-cuda-nn": (-0.949504, -0.917737, -0.350925, -0.116611, 0.195780, 0.380850, 0.357796,
                     0.351411),
    "smoothstep": (-0.967562, -0.970739, -0.350925, -0.116611, 0.202653, 0.381692, 0.350088,
                   0.362053),
    "torch-ngp": (0.767513, 0.930568, -0.658844, -0.701053, -0.505472, -0.575821, -0.303801,
                  -0.212608),
    "nerfstudio": (0.264742, 0.432144, -0.665868, -0.561087, -0.488619, -0.481584, -0.279988,
                   -0.125184),
}  # fmt: skip
POINT = np.array([[0.2, 0.5, 0.8]], np.float32)


def table(entries: int) -> Any:
    return np.sin(0.37 * np.arange(2 * entries)).astype(np.float32)


def grid(flavor: str) -> hash_grids.HashGrid:
    if flavor in ("tiny-cuda-nn", "smoothstep"):
        return hash_grids.of_tiny_cuda_nn(
            table(1304), 4, 2, 9, 4, 1.5, "x", smooth=flavor == "smoothstep"
        )
    if flavor == "torch-ngp":
        offsets = np.cumsum([0, 128, 344, 512, 512])
        return hash_grids.of_torch_ngp(table(1496).reshape(-1, 2), offsets, 4, 13.5, "x")
    return hash_grids.of_nerfstudio(table(2048).reshape(-1, 2), 4, 4, 13.5, "x")  # type: ignore[arg-type]


@pytest.mark.parametrize("flavor", GOLDEN)
def test_values_of_each_flavor(flavor: str) -> None:
    np.testing.assert_allclose(grid(flavor)(POINT)[0], GOLDEN[flavor], atol=2e-6)


def test_torch_ngp_is_empty_outside() -> None:
    assert not grid("torch-ngp")(np.array([[0.5, 1.01, 0.5]], np.float32)).any()


@pytest.mark.parametrize(
    ("largest", "count"),
    # nerfstudio #2241; both readings of tiny-cuda-nn #148, less the 3,072 of its network.
    [(2048, 12_196_240), (512, 10_495_120 - 3072), (512, 10_526_448 - 3072)],
)
def test_counts_that_people_reported(largest: int, count: int) -> None:
    growth = float(np.exp((np.log(largest) - np.log(16)) / 15))
    found = hash_grids.of_tiny_cuda_nn(np.zeros(count, np.float32), 16, 2, 19, 16, growth, "x")
    assert found.levels[-1].first + found.levels[-1].size == count // 2


def test_another_count_is_refused() -> None:
    with pytest.raises(InvalidFieldError, match="fit 0 readings"):
        hash_grids.of_tiny_cuda_nn(np.zeros(1304 * 2 - 16, np.float32), 4, 2, 9, 4, 1.5, "x")
    with pytest.raises(InvalidFieldError, match="level 1 of its hash grid has 352 entries"):
        hash_grids.of_torch_ngp(
            np.zeros((1504, 2), np.float32), np.cumsum([0, 128, 352, 512, 512]), 4, 13.5, "x"
        )
    with pytest.raises(InvalidFieldError, match="no power of two"):
        hash_grids.of_nerfstudio(np.zeros((100, 2), np.float32), 4, 4, 13, "x")


def test_padding_with_ones_is_a_bias() -> None:
    flat = Flat(inputs=31, outputs=3, width=16, hidden=2)
    assert flat.shapes == [(16, 32), (16, 16), (16, 16)]
    values = np.arange(flat.count, dtype=np.float64)
    first, _, last = flat.layers(values, "x")
    assert first.weight.shape == (16, 31)
    np.testing.assert_array_equal(first.bias, values[: 16 * 32].reshape(16, 32)[:, 31])
    assert last.weight.shape == (3, 16)
    assert not flat.layers(values, "x", ones=False)[0].bias.any()
    assert Flat(31, 3, 16, 2, padding=8).shapes[-1] == (8, 16)
    with pytest.raises(InvalidFieldError, match="take 1,024"):
        flat.layers(values[1:], "x")
