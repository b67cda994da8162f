"""Payload fields and arrays are aligned, and their padding is zero."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.container import Builder, Cursor
from nfcodec.errors import DamagedFileError


def test_round_trip() -> None:
    section = Builder()
    section.fields("BH", 1, 515)
    section.array(np.array([1.5, -2.0, 0.25], np.float16))
    section.array(np.arange(5, dtype=np.uint8))
    section.array(np.array([7, 8], np.uint32))
    assert len(section.data) == 4 + 8 + 8 + 8
    cursor = Cursor(section.data)
    assert cursor.peek() == 1
    with cursor.part("first"):
        assert cursor.fields("BH") == (1, 515)
    assert cursor.halves(3).tolist() == [1.5, -2.0, 0.25]
    assert cursor.octets(5).tolist() == [0, 1, 2, 3, 4]
    assert cursor.words(2).tolist() == [7, 8]
    cursor.finish()
    assert cursor.peek() == -1
    assert cursor.spans[0] == ("first", 3)
    assert sum(size for _, size in cursor.spans) == len(section.data)


def test_padding_must_be_zero() -> None:
    with pytest.raises(DamagedFileError, match="padding"):
        Cursor(b"\x01\0\0\x01").octets(2)


def test_leftovers_are_damage() -> None:
    with pytest.raises(DamagedFileError, match="too many"):
        Cursor(b"\0" * 4).finish()


def test_arrays_beyond_the_end_are_refused_before_anything_is_allocated() -> None:
    with pytest.raises(DamagedFileError):
        Cursor(b"\0" * 4).halves(1 << 40, 1 << 20)
