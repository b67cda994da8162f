"""Files written by nfcodec, read by a decoder that follows the specification and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.codes import Float16Code, LatticeCode, LowRankCode, VQCode
from nfcodec.layouts import OctreeLayout
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Kind
from tests.fields import LAYOUTS, LayoutName, random_coded
from tests.formats.by_spec import Decoder


def check(coded: CodedField, decoder: Decoder) -> None:
    """Every decoded number of ``decoder`` is that of ``coded``."""
    assert len(decoder.levels) == len(coded.levels)
    for position, level in enumerate(coded.levels):
        found = decoder.levels[position]
        if isinstance(level.layout, OctreeLayout):
            assert found["voxels"] == level.layout.voxels.tolist()
        code = level.code
        if isinstance(code, VQCode):
            assert found["indices"] == code.indices.unpack().tolist()
            assert found["codebook"] == bits(code.codebook)
        elif isinstance(code, LowRankCode):
            assert found["mean"] == bits(code.mean)
            assert found["basis"] == bits(code.basis)
            assert found["coefficients"] == bits(code.coefficients)
        elif isinstance(code, LatticeCode):
            for lattice, values in zip(found["lattices"], code.values, strict=True):
                assert [lattice.values[site] for site in found["sites"]] == values.ravel().tolist()
        else:
            assert isinstance(code, Float16Code)
            assert found["values"] == bits(code.values)
    arrays = [
        array.reshape(-1).astype(np.float16)
        for network in coded.networks
        for layer in network.layers
        for array in (layer.weight, layer.bias)
        if array is not None
    ]
    assert decoder.networks == bits(np.concatenate(arrays))
    assert decoder.metadata == dict(coded.metadata)
    assert (decoder.occupancy is None) == (coded.occupancy is None)
    if coded.occupancy is not None and decoder.occupancy is not None:
        cells = np.zeros_like(coded.occupancy.cells)
        for x, y, z in decoder.occupancy:
            cells[(z, y, x)[3 - cells.ndim :]] = True
        assert (cells == coded.occupancy.cells).all()


def bits(values: np.ndarray) -> list[int]:  # type: ignore[type-arg]
    return values.astype("<f2").view("<u2").reshape(-1).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_and_method(layout: LayoutName, method: str) -> None:
    kind = "sdf" if layout == "dense2d" else "nerf"
    coded = random_coded(kind, layout, method)  # type: ignore[arg-type]
    check(coded, Decoder(coding.to_bytes(coded)))


@pytest.mark.parametrize("bits_", [1, 3, 6, 8, 12])
def test_every_form_of_symbols(bits_: int) -> None:
    coded = random_coded("scalar", "dense", "vq", bits_)
    decoder = Decoder(coding.to_bytes(coded))
    check(coded, decoder)
    if bits_ == 3:
        assert {level["form"] for level in decoder.levels.values()} >= {3}


@pytest.mark.parametrize("layout", ["octree", "dense", "dense2d", "multigrid"])
@pytest.mark.parametrize("layers", [2, 3, 8])
def test_layers(layout: LayoutName, layers: int) -> None:
    kind: Kind = "sdf" if layout == "dense2d" else "nerf"
    coded = random_coded(kind, layout, "vq", 6)
    data = coding.to_bytes(coded, layers=layers)
    decoder = Decoder(data)
    check(coded, decoder)
    assert {len(found) for found in decoder.layers.values()} <= {*range(1, layers)}
    assert max(map(len, decoder.layers.values())) >= min(layers, 4) - 1
