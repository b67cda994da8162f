"""NGLOD: ``features.{i}.fm`` on lattices of 2^k cells a side, and one decoder for each LOD.

Facts (nv-tlabs/nglod ``OctreeSDF``): levels are summed up to the LOD that is drawn; align_corners,
border; the decoder takes x first, then the features, and has one hidden layer of relu; [-1, 1]^3,
with the shape in the unit sphere. Our fields have one decoder: that of the finest LOD, of which
coarser LODs of the file are made as well.
"""

from __future__ import annotations

import numpy as np

from nfcodec.check.field import check_field
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError
from nfcodec.importers.about import metadata
from nfcodec.importers.blocks import Block, plain
from nfcodec.importers.layers import Part, Step, float32, network
from nfcodec.importers.nerf_mlp import finest
from nfcodec.layouts import DenseLayout
from nfcodec.model.field import Field, Grid, Level
from nfcodec.model.networks import Input
from nfcodec.untrusted.source import InputFile, Source

NAME = "NGLOD"


def _part(file: InputFile) -> Part | None:
    part = finest(file, (("*", ""),), "features.0.fm")
    return None if part is None or part.shape("louts.0.0.weight") is None else part


def recognize(file: InputFile) -> bool:
    return file.checkpoint is not None and _part(file) is not None


def read(file: InputFile) -> Field:
    part = _part(file)
    assert part is not None
    levels: list[Level] = []
    while part.shape(f"features.{len(levels)}.fm") is not None and len(levels) < limits.LODS:
        levels.append(_level(file, part, len(levels)))
    last = max(0, len(part.numbered("louts.{}.0")) - 1)
    first, second = part.linear(f"louts.{last}.0"), part.linear(f"louts.{last}.2")
    width = levels[-1].num_features
    features = Block((Input("features"),), np.eye(width), np.zeros(width))
    decoder = network(
        "distance", (plain("position", 3), features), [Step(first, "relu"), Step(second)]
    )
    found = Field(
        "sdf", np.array([[-1.0] * 3, [1.0] * 3]), (Grid(tuple(levels), "sum"),), (decoder,),
        metadata=metadata(file, NAME, decoders=last + 1),
    )  # fmt: skip
    check_field(found, file.name)
    return found


def _level(file: InputFile, part: Part, number: int) -> Level:
    values = part.array(f"features.{number}.fm", 5)
    if values.shape[0] != 1:
        raise InvalidFieldError(
            f"{file.name}: features.{number}.fm has shape {values.shape}; 1 comes first"
        )
    rows = float32(values[0].reshape(values.shape[1], -1).T)
    layout = DenseLayout(values.shape[2:], align_corners=True, padding="border")
    return Level(layout, number, rows)


SOURCE = Source(NAME, "the distances of a surface, on lattices by LOD", recognize, read)
