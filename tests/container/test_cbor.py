"""The CBOR reader takes the deterministic encoding of plain values and nothing else."""

from __future__ import annotations

import struct
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import cbor
from nfcodec.errors import DamagedFileError

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(plain, st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_exact(tree: Any, zeros: int) -> None:
    assert cbor.loads(cbor.dumps(tree) + b"\0" * zeros, "x") == tree


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        tree = cbor.loads(data, "x")
    except DamagedFileError:
        return
    encoded = cbor.dumps(tree)
    assert data.startswith(encoded)
    assert not any(data[len(encoded) :])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x18",  # an argument is missing
        b"\x18\x01",  # longer than it must be
        b"\x9f\x01\xff",  # indefinite length
        b"\xc1\x01",  # a tag
        b"\xf7",  # undefined
        b"\xe0",  # a simple value
        b"\xf9\x7e\x00",  # NaN
        b"\xf9\x7c\x00",  # infinity
        b"\xfb" + struct.pack(">d", 1.0),  # not the shortest float
        b"\xa2\x61a\x01\x61a\x02",  # equal keys
        b"\xa2\x61b\x01\x61a\x02",  # keys not in order
        b"\x62\xff\xff",  # not UTF-8
        b"\xa1\x80\x01",  # a key that cannot be one
        b"\xa1\x20\x01",  # a negative key
        b"\xa2\x01\x01\x61a\x02",  # an integer and a text for keys
        b"\x81\xa2\x18\x64\xa0\x61a\x02",
        b"\x81" * 50 + b"\x01",  # nested too deep
        b"\x9b" + b"\xff" * 8,  # 2^64 - 1 entries
        b"\x5b" + b"\x7f" + b"\xff" * 7,  # 2^63 - 1 bytes
        b"\xbb" + b"\x7f" + b"\xff" * 7,
        b"\x01\x01",  # something follows
        b"\x01\0\0\0\0",
    ],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(DamagedFileError, match="x: "):
        cbor.loads(data, "x")


@pytest.mark.parametrize("tree", [{-1: 0}, {1: 0, "a": 1}, [{"a": {100: 0, -1: 0}}], {True: 0}])
def test_keys_of_other_kinds_are_not_written(tree: Any) -> None:
    with pytest.raises(ValueError, match="keys"):
        cbor.dumps(tree)


@given(
    st.dictionaries(st.text(max_size=30), st.none(), max_size=8)
    | st.dictionaries(st.integers(0, 2**64 - 1), st.none(), max_size=8)
)
@settings(max_examples=100, deadline=None)
def test_keys_are_in_the_order_of_their_encodings(tree: Any) -> None:
    keys = [cbor2.dumps(key) for key in cbor.loads(cbor.dumps(tree), "x")]
    assert keys == sorted(keys)


def test_what_cbor2_writes_in_canonical_form_is_what_we_read() -> None:
    tree = {1: [0.5, 1e300, -1], 0: {"longer": b"\0", "a": None}}
    assert cbor.loads(cbor2.dumps(tree, canonical=True), "x") == tree
