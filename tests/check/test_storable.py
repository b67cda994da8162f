"""What a check accepts can be stored: both keep the same limits."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.codes import Float16Code
from nfcodec.container import limits
from nfcodec.errors import LimitError
from nfcodec.layouts import DenseLayout
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import Field, Grid, Level, Occupancy
from nfcodec.model.networks import Encoding, Input, Layer, Network


def near(limit: int) -> st.SearchStrategy[int]:
    """Small numbers, and those around a limit."""
    return st.one_of(st.integers(1, 3), st.integers(limit - 1, limit + 1))


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Fields of one cell a level, one number of which may be about at its limit."""
    big = draw(st.sampled_from(("name", "inputs", "lods", "side", "layers", "width", "networks",
                                "frequencies", "cells", "features")))  # fmt: skip

    def size(what: str, limit: int) -> int:
        return draw(near(limit)) if what == big else draw(st.integers(1, 3))

    features = size("features", limits.FEATURES)
    shape = (2, 2, size("side", limits.SIDE) if big == "side" else 2)
    lods = size("lods", limits.LODS)
    levels = tuple(
        Level(DenseLayout(shape), lod, np.zeros((int(np.prod(shape)), features), np.float32))
        for lod in range(lods)
    )
    encoding = Encoding("frequency", frequencies=size("frequencies", limits.FREQUENCIES))
    inputs = (Input("features"),) + (Input("position", encoding),) * (
        size("inputs", limits.INPUTS) - 1
    )
    entering = features + encoding.width(3) * (len(inputs) - 1)
    widths = [entering, *[size("width", limits.WIDTH)] * (size("layers", limits.LAYERS) - 1), 1]
    layers = tuple(
        Layer(np.zeros((out, into), np.float32), None, "none")
        for into, out in itertools.pairwise(widths)
    )
    name = "n" * size("name", limits.NAME)
    networks = [Network(name, inputs, layers)]
    for number in range(size("networks", limits.NETWORKS) - 1):
        plain = Layer(np.zeros((1, features), np.float32), None, "none")
        networks.append(Network(f"m{number}", (Input("features"),), (plain,)))
    cells = np.ones((1, 1, size("cells", limits.SIDE)), np.bool_) if big == "cells" else None
    return Field(
        kind="scalar",
        bounds=np.array([[0.0] * 3, [1.0] * 3]),
        grids=(Grid(levels),),
        networks=tuple(networks),
        occupancy=None if cells is None else Occupancy(cells),
        metadata={},
    )


def coded(field: Field) -> CodedField:
    def level(one: Any) -> CodedLevel:
        return CodedLevel(one.layout, one.lod, Float16Code(one.features.astype(np.float16)))

    grids = tuple(Grid(tuple(map(level, grid.levels)), grid.combine) for grid in field.grids)
    return CodedField(
        kind=field.kind, bounds=field.bounds, grids=grids, networks=field.networks,
        occupancy=field.occupancy, metadata=field.metadata,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(fields())
def test_what_the_check_accepts_can_be_stored(field: Field) -> None:
    try:
        check_field(field, "x")
    except LimitError:
        return
    assert coding.open(coding.to_bytes(coded(field))).num_lods == field.num_lods


def _named(field: Field, name: str) -> Field:
    return replace(field, networks=(replace(field.networks[0], name=name),))


def test_a_long_name_is_refused_by_its_beginning() -> None:
    from tests.fields import random_field

    field = random_field("scalar", "dense", levels=1)
    check_field(_named(field, "n" * limits.NAME), "x")
    with pytest.raises(LimitError, match="name of 65 characters, 'nnn"):
        check_field(_named(field, "n" * (limits.NAME + 1)), "x")
