"""The rules of the data model: each one is broken once, and said to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec.check.field import check_field, check_metadata
from nfcodec.codes import Float16Code, LowRankCode, VQCode
from nfcodec.container import limits
from nfcodec.errors import InvalidFieldError, LimitError, UnsupportedError
from nfcodec.layouts import DenseLayout, OctreeLayout
from nfcodec.model.coded import CodedField
from nfcodec.model.field import Field, Occupancy
from nfcodec.model.networks import ACTIVATIONS, Encoding, Input, Layer, Network
from nfcodec.model.packed import PackedIntegers
from tests.fields import LAYOUTS, placed_by, random_coded, random_field

KINDS = ("nerf", "sdf", "scalar")
COMBINATIONS = [
    (kind, layout) for kind in KINDS for layout in LAYOUTS if (kind, layout) != ("nerf", "dense2d")
]


@pytest.mark.parametrize(("kind", "layout"), COMBINATIONS)
def test_sound_fields_pass(kind: Any, layout: Any) -> None:
    check_field(random_field(kind, layout), "field")
    for method in ("vq", "float16", "lowrank"):
        check_field(random_coded(kind, layout, method), "field")


def _level(field: Field, index: int = 0, **changes: Any) -> Field:
    """``field`` with changes to one level of its first grid."""
    grid = field.grids[0]
    levels = list(grid.levels)
    levels[index] = replace(levels[index], **changes)
    return replace(field, grids=(replace(grid, levels=tuple(levels)), *field.grids[1:]))


def _network(field: Field, index: int = 0, **changes: Any) -> Field:
    networks = list(field.networks)
    networks[index] = replace(networks[index], **changes)
    return replace(field, networks=tuple(networks))


def _layer(field: Field, **changes: Any) -> Field:
    first, *others = field.networks[0].layers
    return _network(field, layers=(replace(first, **changes), *others))


def _input(field: Field, **changes: Any) -> Field:
    first, *others = field.networks[0].inputs
    return _network(field, inputs=(replace(first, **changes), *others))


def _spoiled(values: np.ndarray, *places: tuple[Any, float]) -> np.ndarray:
    spoiled = values.copy()
    for at, value in places:
        spoiled[at] = value
    return spoiled


def _some_nan(field: Field) -> Field:
    features = field.grids[0].levels[1].features
    bad = _spoiled(features, ((0, 1), np.nan), ((5, 0), np.nan), ((7, 2), -np.inf))
    return _level(field, 1, features=bad)


BROKEN: dict[str, tuple[Callable[[Field], Field], str]] = {
    "bounds shape": (lambda f: replace(f, bounds=np.zeros((2, 4))), "bounds have shape"),
    "bounds type": (
        lambda f: replace(f, bounds=f.bounds.astype(np.float32)),
        "bounds: a 2-D array of float64",
    ),
    "bounds order": (lambda f: replace(f, bounds=f.bounds[::-1].copy()), "no box"),
    "bounds nan": (lambda f: replace(f, bounds=_spoiled(f.bounds, ((0, 0), np.nan))), "no box"),
    "nan": (_some_nan, "grid 0, level 1: features: 2 NaN and 1 infinite among"),
    "empty grid": (lambda f: replace(f, grids=(replace(f.grids[0], levels=()),)), "no levels"),
    "transform shape": (
        lambda f: placed_by(f, np.eye(3, dtype=np.float32)),
        "transform has shape (3, 3)",
    ),
    "transform nan": (
        lambda f: placed_by(f, np.full((3, 4), np.nan, np.float32)),
        "transform: 12 NaN",
    ),
    "sum of widths": (
        lambda f: _level(f, features=f.grids[0].levels[0].features[:, :2].copy()),
        "widths [2, 4, 4] cannot be summed",
    ),
    "rows": (
        lambda f: _level(f, features=f.grids[0].levels[0].features[:-1].copy()),
        "vectors for a layout of",
    ),
    "feature type": (
        lambda f: _level(f, features=f.grids[0].levels[0].features.astype(np.float64)),
        "not float64",
    ),
    "negative lod": (lambda f: _level(f, lod=-1), "LOD -1"),
    "lod gap": (lambda f: _level(f, 2, lod=7), "LODs are [0, 1, 7]"),
    "no lod 0": (lambda f: _level(f, 0, lod=1), "LODs are [1, 2]"),
    "voxel order": (
        lambda f: _level(
            f, layout=replace(f.levels[0].layout, voxels=f.levels[0].layout.voxels[::-1].copy())
        ),
        "do not increase at position 1",
    ),
    "voxel range": (
        lambda f: _level(f, layout=OctreeLayout(1, f.levels[0].layout.voxels)),
        "outside an octree of depth 1",
    ),
    "no network": (lambda f: replace(f, networks=()), "no network"),
    "no layers": (lambda f: _network(f, layers=()), "has no layers"),
    "no inputs": (lambda f: _network(f, inputs=()), "has no inputs"),
    "network name": (lambda f: _network(f, 1, name="density"), "the name is taken"),
    "reserved name": (lambda f: _network(f, 1, name="features"), "the name is taken"),
    "source": (lambda f: _input(f, source="colour"), "unknown source 'colour'"),
    "forward source": (lambda f: _input(f, source="color"), "unknown source 'color'"),
    "channels": (lambda f: _input(f, channels=(2, 9)), "channels 2 to 9 of 'features'"),
    "no channels": (lambda f: _input(f, channels=(2, 2)), "channels 2 to 2"),
    "encoding": (lambda f: _input(f, encoding=Encoding("fourier")), "unknown encoding 'fourier'"),
    "harmonics": (
        lambda f: _input(f, encoding=Encoding("spherical_harmonics", degree=3)),
        "spherical harmonics of degree 3 of 4 values",
    ),
    "frequency scale": (
        lambda f: _input(f, encoding=Encoding("frequency", 2, float("inf"))),
        "scale inf",
    ),
    "scale of an identity": (
        lambda f: _input(f, encoding=Encoding(scale=float("nan"))),
        "scale nan",
    ),
    "input width": (
        lambda f: _input(f, encoding=Encoding("frequency", 2)),
        "but 20 values enter it",
    ),
    "skip": (lambda f: _network(f, 1, skips=(3,)), "skips (3,) must name layers 1 to 2"),
    "skip first": (lambda f: _network(f, 1, skips=(0,)), "skips (0,)"),
    "skip twice": (lambda f: _network(f, 1, skips=(1, 1)), "skips (1, 1)"),
    "weight nan": (
        lambda f: _layer(f, weight=np.full_like(f.networks[0].layers[0].weight, np.nan)),
        "network 'density', layer 0: weight: 64 NaN",
    ),
    "bias shape": (lambda f: _layer(f, bias=np.zeros(3, np.float32)), "bias has shape (3,)"),
    "activation": (lambda f: _layer(f, activation="gelu"), "unknown activation 'gelu'"),
    "gain": (lambda f: _layer(f, gain=float("nan")), "gain nan"),
    "gain size": (lambda f: _layer(f, gain=-2e30), "gain -2e+30"),
    "bounds size": (lambda f: replace(f, bounds=f.bounds * 2e30), "no box"),
    "bounds thin": (lambda f: replace(f, bounds=f.bounds * 1e-8 + 1), "no box"),
    "bounds tiny": (lambda f: replace(f, bounds=f.bounds * 1e-31), "no box"),
    "scale size": (
        lambda f: _input(f, encoding=Encoding("frequency", 2, 1e39, True)),
        "frequency scale 1e+39",
    ),
    "outputs": (lambda f: replace(f, networks=f.networks[:1]), "3 output(s), this one has 5"),
    "occupancy type": (
        lambda f: replace(f, occupancy=Occupancy(np.zeros((2, 2, 2), np.uint8))),
        "occupancy: a 3-D array of bool",
    ),
    "occupancy empty": (
        lambda f: replace(f, occupancy=Occupancy(np.zeros((0, 2, 2), np.bool_))),
        "no cells",
    ),
    "metadata": (lambda f: replace(f, metadata={"a": {"b": np.float32(1)}}), "numpy.float32"),
}


def _to(field: Field, outputs: int) -> tuple[Layer, ...]:
    first, last = field.networks[0].layers
    return (first, replace(last, weight=last.weight[:outputs].copy(), bias=last.bias[:outputs]))


BROKEN["no density"] = (
    lambda f: replace(f, networks=(replace(f.networks[0], name="value", layers=_to(f, 3)),)),
    "needs a network named 'density'",
)


def test_an_unknown_kind_is_not_supported() -> None:
    with pytest.raises(UnsupportedError, match="x: unknown kind 'voxels'; known are nerf, sdf"):
        check_field(replace(random_field("nerf", "octree"), kind="voxels"), "x")


def test_an_unknown_way_to_combine_is_not_supported() -> None:
    field = random_field("nerf", "octree")
    other = replace(field, grids=(replace(field.grids[0], combine="max"),))
    with pytest.raises(UnsupportedError, match="x: grid 0: unknown way to combine 'max'; known"):
        check_field(other, "x")


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_rule_is_named(name: str) -> None:
    spoil, message = BROKEN[name]
    with pytest.raises(InvalidFieldError) as caught:
        check_field(spoil(random_field("nerf", "octree")), "scene.pt")
    assert str(caught.value).startswith("scene.pt: ")
    assert message in str(caught.value)


def test_outputs_of_an_sdf() -> None:
    field = random_field("scalar", "dense")
    assert field.num_outputs == 2
    with pytest.raises(InvalidFieldError, match="1 output"):
        check_field(replace(field, kind="sdf"), "x")


def test_direction_is_for_nerf_alone() -> None:
    field = random_field("scalar", "none")
    with pytest.raises(InvalidFieldError, match="unknown source 'direction'"):
        check_field(_input(field, source="direction"), "x")


def test_every_activation_is_known() -> None:
    for name in ACTIVATIONS:
        check_field(_layer(random_field("nerf", "octree"), activation=name), "x")


@pytest.mark.parametrize(
    "layout",
    [DenseLayout((2**14,) * 3), DenseLayout((2**40, 1, 1)), OctreeLayout(11, np.zeros(0, "u8"))],
)
def test_absurd_layouts_are_refused_before_anything_is_allocated(layout: Any) -> None:
    with pytest.raises(LimitError):
        layout.check(3, "x")


@pytest.mark.parametrize(
    "layout",
    [DenseLayout((4, 4)), DenseLayout((4, 0, 4)), DenseLayout((4, 4, 4), padding="mirror")],  # type: ignore[arg-type]
)
def test_unsound_dense_layouts(layout: Any) -> None:
    with pytest.raises(InvalidFieldError):
        layout.check(3, "x")


def test_too_many_grids_and_too_wide_layers() -> None:
    field = random_field("nerf", "octree")
    with pytest.raises(LimitError, match="grids"):
        check_field(replace(field, grids=field.grids * (limits.GRIDS + 1)), "x")
    wide = Network("density", (Input("position"),), (Layer(np.zeros((20000, 3), "f4"), None),))
    with pytest.raises(LimitError, match="20000 x 3 weights"):
        check_field(replace(field, networks=(wide, *field.networks[1:])), "x")
    with pytest.raises(LimitError, match="frequencies"):
        check_field(_input(field, encoding=Encoding("frequency", 1000)), "x")


def _coded(code: Any) -> CodedField:
    coded = random_coded("nerf", "octree")
    grid = coded.grids[0]
    first, *others = grid.levels
    return replace(coded, grids=(replace(grid, levels=(replace(first, code=code), *others)),))


def _codes() -> dict[str, tuple[Any, str]]:
    good = random_coded("nerf", "octree").levels[0].code
    assert isinstance(good, VQCode)
    n, half = good.num_rows, good.codebook
    high = PackedIntegers.pack(np.full(n, 15), 4)
    lossy = PackedIntegers(4, n, good.indices.words[:-1])
    return {
        "index": (VQCode(high, half[:15]), "beyond the 15 codewords"),
        "words": (VQCode(lossy, half), "words for"),
        "codewords": (VQCode(PackedIntegers.pack(np.zeros(n, int), 1), half), "16 codewords"),
        "nan": (VQCode(good.indices, np.full_like(half, np.nan)), "codebook: 64 NaN"),
        "type": (Float16Code(np.zeros((n, 4), np.float32)), "float16 is needed"),
        "rows": (Float16Code(np.zeros((n + 1, 4), np.float16)), "vectors for a layout"),
        "factors": (
            LowRankCode(np.zeros((n, 2), "f2"), np.zeros((3, 4), "f2"), np.zeros(4, "f2")),
            "do not fit together",
        ),
        "infinite": (
            LowRankCode(np.zeros((n, 2), "f2"), np.zeros((2, 4), "f2"), np.full(4, np.inf, "f2")),
            "mean: 0 NaN and 4 infinite",
        ),
    }


@pytest.mark.parametrize("name", _codes())
def test_unsound_codes(name: str) -> None:
    code, message = _codes()[name]
    with pytest.raises(InvalidFieldError) as caught:
        check_field(_coded(code), "x")
    assert message in str(caught.value)
    assert "grid 0, level 0" in str(caught.value)


def test_a_prefix_cannot_have_more_lods_than_its_file() -> None:
    coded = random_coded("nerf", "octree")
    check_field(replace(coded, total_lods=5), "x")
    with pytest.raises(InvalidFieldError, match="the file states 2"):
        check_field(replace(coded, total_lods=2), "x")


def test_metadata_of_every_json_type_passes() -> None:
    check_metadata({"a": [1, 2.5, "x", None, True, {"b": ()}]}, "x")


def test_unsound_metadata() -> None:
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    shared: list[Any] = [0]
    for _ in range(31):
        shared = [shared, shared]
    for bad in ({"a": cyclic}, {"a": shared}):
        with pytest.raises(LimitError, match="metadata"):
            check_metadata(bad, "x")
    for worse in ({"a": float("nan")}, {1: 2}, {"a": {2: 3}}, {"a": b"x"}, [], {"a": {1, 2}}):
        with pytest.raises(InvalidFieldError, match="metadata"):
            check_metadata(worse, "x")
