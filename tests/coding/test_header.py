"""A header is taken at its word only where it makes sense; every refusal names the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nfcodec import coding
from nfcodec.codes import CODES
from nfcodec.coding import header as headers
from nfcodec.combine import COMBINES
from nfcodec.errors import DamagedFileError, LimitError, NfcodecError, UnsupportedError
from nfcodec.layouts import LAYOUTS
from nfcodec.layouts.dense import PADDINGS
from nfcodec.model import networks
from nfcodec.model.kinds import KINDS
from tests.coding.surgery import with_header
from tests.fields import random_coded

OCTREE = coding.to_bytes(random_coded("nerf", "octree"))
DENSE = coding.to_bytes(random_coded("sdf", "dense", "lowrank"))


def test_frozen_ids() -> None:
    # These are on disk: an entry may be added at the end, none may change.
    assert [(kind.tag, kind.name) for kind in KINDS] == [
        (0, "nerf"), (1, "sdf"), (2, "scalar"), (3, "vq-nerf"),
    ]  # fmt: skip
    assert [(way.tag, way.name) for way in COMBINES] == [
        (0, "sum"), (1, "concat"), (2, "product"), (3, "finest"),
    ]  # fmt: skip
    assert PADDINGS == ("zeros", "border")
    assert headers.ACTIVATIONS[:11] == (
        "none", "relu", "leaky_relu", "sine", "softplus", "exp", "sigmoid", "tanh", "snake_alt",
        "elu", "silu",
    )  # fmt: skip
    assert [(layout.tag, layout.name) for layout in LAYOUTS] == [(0, "dense"), (1, "octree")]
    assert [(code.tag, code.name) for code in CODES] == [
        (0, "float16"),
        (1, "vq"),
        (2, "lowrank"),
        (3, "lattice"),
    ]
    assert {i: name for i, (name, _) in headers.ENCODING_IDS.items()} == {
        0: "identity", 1: "frequency", 2: "spherical_harmonics",
    }  # fmt: skip


def test_everything_the_data_model_names_has_an_id() -> None:
    assert set(headers.ACTIVATIONS) == set(networks.ACTIVATIONS)
    assert {name for name, _ in headers.ENCODING_IDS.values()} == set(networks.ENCODINGS)


def level(tree: Any) -> Any:
    return tree[2][0][1][2]


def box(low: float, high: float) -> bytes:
    return np.repeat([low, high], 3).astype("<f8").tobytes()


Case = tuple[bytes, Callable[[Any], None], type[NfcodecError], str]
CASES: list[Case] = [
    (OCTREE, lambda t: t.pop(0), DamagedFileError, "kind"),
    (OCTREE, lambda t: t.update({0: 4}), UnsupportedError, "kind"),
    (OCTREE, lambda t: t.update({0: True}), DamagedFileError, "kind is True"),
    (OCTREE, lambda t: t.update({9: 1}), UnsupportedError, "9"),
    (OCTREE, lambda t: t.clear() or t.update({"x": 1}), DamagedFileError, "'x' for a key"),
    (OCTREE, lambda t: t.update({1: b"\0" * 40}), DamagedFileError, "bounds"),
    (OCTREE, lambda t: t.update({1: b"\0" * 48}), DamagedFileError, "bounds"),
    (OCTREE, lambda t: t.update({2: {}}), DamagedFileError, "grids"),
    (OCTREE, lambda t: t[2][0].update({0: 4}), UnsupportedError, r"grids\[0\].combine"),
    (OCTREE, lambda t: t[2][0].update({1: []}), DamagedFileError, r"grids\[0\].levels"),
    (OCTREE, lambda t: t[2][0].update({2: b"\0" * 12}), DamagedFileError, "transform"),
    (OCTREE, lambda t: t[2][0].update({2: b"\xff" * 48}), DamagedFileError, "transform"),
    (OCTREE, lambda t: level(t).update({0: 7}), DamagedFileError, "levels of detail"),
    (OCTREE, lambda t: level(t).update({0: 64}), LimitError, "lod"),
    (OCTREE, lambda t: level(t).update({1: [2, 3]}), UnsupportedError, "layout"),
    (OCTREE, lambda t: level(t).update({1: [1, 3]}), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t).update({1: [1, 4, 40]}), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t).update({1: [1, 11, 9, 40]}), LimitError, "layout"),
    (OCTREE, lambda t: level(t).update({1: [1, 4, 8**4 + 1, 40]}), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t)[1].__setitem__(3, 2**40), LimitError, r"levels\[2\].layout"),
    (OCTREE, lambda t: level(t)[1].__setitem__(3, -1), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t)[1].__setitem__(3, 1.5), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t)[1].__setitem__(3, 981), DamagedFileError, "corners"),
    (OCTREE, lambda t: level(t).update({2: 5}), DamagedFileError, "widths"),
    (OCTREE, lambda t: level(t).update({4: b"\0" * 32}), DamagedFileError, "layout"),
    (OCTREE, lambda t: level(t).update({2: 0}), DamagedFileError, "features"),
    (OCTREE, lambda t: level(t).update({3: [4]}), UnsupportedError, "code"),
    (OCTREE, lambda t: level(t).update({3: [1]}), DamagedFileError, "code"),
    (OCTREE, lambda t: level(t).update({3: [1, *range(1, 10)]}), DamagedFileError, "code"),
    (OCTREE, lambda t: level(t).update({3: [1, 0, 16]}), DamagedFileError, "code"),
    (OCTREE, lambda t: level(t).update({3: [1, 16, 16]}), DamagedFileError, "do not grow"),
    (OCTREE, lambda t: level(t).update({3: [1, 5, 3, 16]}), DamagedFileError, "do not grow"),
    (OCTREE, lambda t: level(t).update({3: [1, 5, 257]}), DamagedFileError, "code"),
    (OCTREE, lambda t: level(t).update({3: [1, 5, 16]}), DamagedFileError, "REFN"),
    (OCTREE, lambda t: level(t).update({3: [1, 65537]}), DamagedFileError, "65537, not an integer"),
    (OCTREE, lambda t: t.update({3: []}), DamagedFileError, "networks"),
    (OCTREE, lambda t: t[3][0].update({0: ""}), DamagedFileError, "name"),
    (OCTREE, lambda t: t[3][0][1][0].update({0: "nowhere"}), DamagedFileError, "nowhere"),
    (OCTREE, lambda t: t[3][0][1][0].update({1: [7]}), UnsupportedError, "encoding"),
    (OCTREE, lambda t: t[3][1][1][0].update({2: [3, 3]}), DamagedFileError, "channels"),
    (OCTREE, lambda t: t[3][0][2][0].update({0: 2**20}), LimitError, "outputs"),
    (OCTREE, lambda t: t[3][0][2][0].update({2: 99}), UnsupportedError, "activation"),
    (OCTREE, lambda t: t[3][0][2][0].update({3: 1}), DamagedFileError, "bias"),
    (OCTREE, lambda t: t[3][0][2][0].update({4: 1}), DamagedFileError, "gain"),
    (OCTREE, lambda t: t[3][1].update({3: [3]}), DamagedFileError, "skips"),
    (OCTREE, lambda t: t[3][1].update({3: [0]}), DamagedFileError, "skips"),
    (OCTREE, lambda t: t[3][0][1][0].update({1: [2, 5]}), DamagedFileError, "encoding"),
    (OCTREE, lambda t: t[3][0][1][0].update({1: [1, 33, 1.0, True]}), LimitError, "encoding"),
    (OCTREE, lambda t: t[3][0][1][0].update({1: [1, 3, 2e30, True]}), DamagedFileError, "2e\\+30"),
    (OCTREE, lambda t: t[3][0][2][0].update({4: -2e30}), DamagedFileError, "gain"),
    (OCTREE, lambda t: t.update({1: box(-1.0, 2e30)}), DamagedFileError, "bounds"),
    (OCTREE, lambda t: t.update({1: box(1.0, 1.0 + 1e-7)}), DamagedFileError, "bounds"),
    (OCTREE, lambda t: t.update({1: box(0.0, 1e-31)}), DamagedFileError, "bounds"),
    (OCTREE, lambda t: t.update({4: [1024] * 3}), LimitError, "decoded size"),
    (OCTREE, lambda t: t.update({4: [128] * 3}), DamagedFileError, "OCCU"),
    (OCTREE, lambda t: t.update({4: [4, 4, 4]}), DamagedFileError, "OCCU"),
    (DENSE, lambda t: level(t).update({1: [0, True, 1, 12, 16]}), DamagedFileError, "dimensions"),
    (DENSE, lambda t: level(t).update({1: [0, 1, 1, 12, 16, 20]}), DamagedFileError, "layout"),
    (DENSE, lambda t: level(t).update({3: [2, 5]}), DamagedFileError, "code"),
]


@pytest.mark.parametrize(("data", "change", "error", "message"), CASES)
def test_refused(
    data: bytes, change: Callable[[Any], None], error: type[NfcodecError], message: str
) -> None:
    with pytest.raises(error, match=message):
        coding.open(with_header(data, change))


def test_a_shape_of_two_to_the_forty_corners_is_over_the_limit() -> None:
    def change(tree: Any) -> None:
        level(tree)[1] = [0, True, 1, 1 << 13, 1 << 13, 1 << 14]

    with pytest.raises(LimitError, match="number of vectors"):
        coding.open(with_header(DENSE, change))


def test_more_than_fits_in_memory_is_over_the_limit() -> None:
    def change(tree: Any) -> None:
        level(tree)[1] = [0, True, 1, 1 << 9, 1 << 9, 1 << 9]
        level(tree)[3] = [0]

    assert coding.open(with_header(DENSE, lambda tree: None))
    with pytest.raises(DamagedFileError):  # within the limit, but the values are not there
        coding.open(with_header(DENSE, change))

    def more(tree: Any) -> None:
        change(tree)
        for index in (0, 1, 2):
            tree[2][0][1][index] = {**level(tree), 0: index, 2: features}

    features = 10
    with pytest.raises(LimitError, match="decoded size"):
        coding.open(with_header(DENSE, more))
    features = 11
    with pytest.raises(LimitError, match="number of feature values"):
        coding.open(with_header(DENSE, more))
