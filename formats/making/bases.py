"""Small sound files that vectors are made from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formats import make_images, make_vectors
from formats.making.apart import Apart, take_apart
from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Grid, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network
from nfcodec.model.packed import PackedIntegers
from nfcodec.vqnerf.sharing import name_of
from nfcodec.vqnerf.stage import DecoderStage


def indices(values: list[int], codes: int) -> VQCode:
    """A code of one feature: ``values`` below ``codes``."""
    rows = np.arange(1.0, codes + 1)[:, None].astype(np.float16)
    bits = max(1, (codes - 1).bit_length())
    return VQCode(PackedIntegers.pack(np.array(values, np.uint16), bits), rows)


def network(name: str, source: str, fan_in: int, outputs: int) -> Network:
    """One layer of ones."""
    ones = np.ones((outputs, fan_in), np.float32)
    return Network(name, (Input(source),), (Layer(ones, None),))


def dense(sides: tuple[int, ...] = (2, 2, 2), codes: int = 5) -> CodedField:
    """An sdf of one dense level of one feature."""
    layout = DenseLayout(sides)
    step = 3 if codes % 3 else 7
    code = indices([step * i % codes for i in range(layout.num_rows)], codes)
    made = make_vectors.field("sdf", (Grid((CodedLevel(layout, 0, code),)),), 1, dims=len(sides))
    return replace(made, networks=(network("v", "features", 1, 1),))


def octrees() -> CodedField:
    """Two LODs of octrees, the finer one within the coarser one."""
    coarse = OctreeLayout(1, np.array([0, 3, 5], np.uint64))
    fine = OctreeLayout(2, np.array([0, 1, 7, 24, 30, 40], np.uint64))
    levels = tuple(
        CodedLevel(layout, lod, indices([i % 5 for i in range(layout.num_rows)], 5))
        for lod, layout in enumerate((coarse, fine))
    )
    return replace(dense(), grids=(Grid(levels),))


def nerf() -> CodedField:
    """A nerf with directions, a range of channels, skips and cells."""
    view = Input("direction", Encoding("spherical_harmonics", degree=2))
    density = Network(
        "density",
        (Input("features"), Input("position", Encoding("frequency", frequencies=1))),
        (
            Layer(np.ones((3, 10), np.float32), np.zeros(3, np.float32), "relu"),
            Layer(np.ones((4, 13), np.float32), None, "softplus", 2.0),
        ),
        skips=(1,),
    )
    color = Network(
        "color",
        (Input("density", channels=(1, 4)), view),
        (Layer(np.ones((3, 7), np.float32), None),),
    )
    cells = np.zeros((2, 3, 2), np.bool_)
    cells[0, 1] = True
    return replace(
        dense(), kind="nerf", networks=(density, color), occupancy=Occupancy(cells),
        metadata={"name": "nerf", "a": {"b": [1, 2.5, None, True]}},
    )  # fmt: skip


def layered() -> CodedField:
    """A level in layers."""
    return dense((5, 6, 7), 12)


def apart(coded: CodedField, layers: int = 1) -> Apart:
    """The file of ``coded``, taken apart."""
    return take_apart(coding.to_bytes(coded, layers=layers))


def images(named: bool = False) -> Apart:
    """A small vq-nerf; ``named``: with its decoder kept elsewhere."""

    def of(name: str, source: str, outputs: int) -> Network:
        return network(name, source, 3 if source == "position" else 1, outputs)

    networks = (
        of("trunk", "features", 1), of("distance", "trunk", 1), of("density", "distance", 1),
        of("latent", "trunk", 3), of("trust", "trunk", 1), of("color", "position", 3),
    )  # fmt: skip
    stage = DecoderStage(make_images.decoder(), np.zeros(3, np.float32))
    if named:
        stage = replace(stage, decoder=name_of(make_images.decoder()))
    return apart(replace(dense(), kind="vq-nerf", networks=networks, image=stage))
