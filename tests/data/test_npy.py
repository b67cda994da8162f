"""Arrays from bytes that nobody vouches for."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from nfcodec.data import npy


def with_header(text: str) -> bytes:
    """A file of version 1.0 with this header and eight bytes behind it."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + bytes(8)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", ["<f4", ">f4", "u1"])
def test_arrays_come_back(kind: str, turned: bool) -> None:
    array = np.arange(6).reshape(2, 3).astype(kind)
    array = array.T if turned else array  # which is in Fortran's order
    file = io.BytesIO()
    np.save(file, array)
    found = npy.array(file.getvalue())
    np.testing.assert_array_equal(found, array)
    assert found.dtype == np.dtype(kind).newbyteorder("=")


@pytest.mark.parametrize(
    "header",
    [
        "(",
        "'''",
        "-" * 9000 + "1",
        "{'descr': (), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': ('<f8',), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (99999999999,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
    ],
)
def test_damaged_headers_are_value_errors(header: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        npy.array(with_header(header))
