"""The model of decisions and the range coder, as the specification has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import mixing, mixing_kernels, range_coder
from nfcodec.errors import DamagedFileError
from tests.formats import mixing_by_spec


@given(st.lists(st.tuples(st.booleans(), st.integers(16, 65520)), max_size=300))
@settings(max_examples=60, deadline=None)
def test_the_coder_ends_where_it_should(decisions: list[tuple[bool, int]]) -> None:
    """Also where carries run through many bytes."""
    chances = np.array([chance for _, chance in decisions], np.uint16)
    bits = np.array([bit for bit, _ in decisions], np.uint8)
    data = bytes(mixing_kernels.encode(chances, bits))
    value, size, at = int.from_bytes(data[:4], "big"), (1 << 32) - 1, 4
    for bit, chance in decisions:
        bound = (size >> 16) * chance
        assert (value < bound) == bit
        value, size = (value, bound) if bit else (value - bound, size - bound)
        while size < 1 << 24:
            value, size, at = value << 8 | data[at], size << 8, at + 1
    assert value == 0
    assert at == len(data)


def test_carries_run_through_bytes_that_are_held_back() -> None:
    chances = np.full(4000, 16, np.uint16)
    bits = np.zeros(4000, np.uint8)  # the upper part each time: low creeps up to all ones
    bits[::97] = 1
    data = mixing_kernels.encode(chances, bits)
    decoder = mixing_by_spec.Mixer(data.tobytes())
    assert [decoder._bit(16) for _ in bits] == bits.tolist()
    decoder.finish()


def test_constants_are_those_of_the_specification() -> None:
    shared = mixing.new_mixer(1, 1, 1)
    assert shared.squash.tolist() == mixing_by_spec.SQUASH
    assert shared.stretch.tolist() == mixing_by_spec.STRETCH
    assert shared.kind.tolist() == [mixing_by_spec.kind(seen) for seen in range(256)]


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\xff\xff\xff\xff"])
def test_bytes_that_no_coder_begins_with(data: bytes) -> None:
    section = Builder()
    section.fields("I", len(data))
    section.raw(data)
    with pytest.raises(DamagedFileError, match="begin"):
        range_coder.read(Cursor(section.data))
