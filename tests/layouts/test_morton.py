"""Morton codes against the definition, bit by bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nfcodec.layouts import morton

_COORDINATE = st.integers(0, 2**morton.MAX_DEPTH - 1)


def _slow(x: int, y: int, z: int) -> int:
    code = 0
    for bit in range(morton.MAX_DEPTH):
        for axis, value in enumerate((x, y, z)):
            code |= (value >> bit & 1) << (3 * bit + axis)
    return code


@given(st.lists(st.tuples(_COORDINATE, _COORDINATE, _COORDINATE), min_size=1, max_size=20))
def test_encode_follows_the_definition_and_decode_undoes_it(points: list[tuple[int, ...]]) -> None:
    coordinates = np.array(points)
    codes = morton.encode(coordinates)
    assert codes.dtype == np.uint64
    assert codes.tolist() == [_slow(*point) for point in points]
    assert np.array_equal(morton.decode(codes), coordinates)


def test_order_of_the_first_codes() -> None:
    assert morton.decode(np.arange(8, dtype=np.uint64)).tolist() == [
        [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1],
    ]  # fmt: skip


def test_shapes_are_kept() -> None:
    coordinates = np.random.default_rng(0).integers(0, 2**21, (4, 5, 3))
    assert morton.encode(coordinates).shape == (4, 5)
    assert np.array_equal(morton.decode(morton.encode(coordinates)), coordinates)
