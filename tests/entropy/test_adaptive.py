"""Symbols by mixed counts: exact on any lattice, as the specification has it, and shorter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Builder, Cursor
from nfcodec.entropy import adaptive, fitting, mixing, mixing_kernels, symbols, tables
from nfcodec.entropy.lattice import Lattice
from nfcodec.errors import DamagedFileError
from tests.entropy.test_contexts import of_mask, smooth
from tests.entropy.twins import damage_noticed, places
from tests.formats import mixing_by_spec


def read(data: bytes, alphabet: int, lattice: Lattice, voxels: adaptive.Voxels) -> list[int]:
    cursor = Cursor(data)
    tree = adaptive.read_tree(cursor, alphabet)
    found = adaptive.read(cursor, tree, lattice, voxels)
    cursor.finish()
    return found.tolist()


def by_specification(
    data: bytes, alphabet: int, lattice: Lattice, voxels: adaptive.Voxels
) -> list[int]:
    """What the decoder that was written from the specification alone finds."""
    cursor = Cursor(data)
    _, width, _ = cursor.fields("BBH")
    levels = tables.unpack(cursor.words((alphabet * width + 31) // 32), alphabet, width)
    (size,) = cursor.fields("I")
    sites, cells = places(lattice, voxels)
    weights = tables.WEIGHTS[levels].tolist()
    return mixing_by_spec.symbols(cursor.octets(size).tobytes(), weights, sites, cells)


def octree(side: int, share: float, seed: int) -> tuple[Lattice, adaptive.Voxels]:
    """A lattice of the corners of random voxels."""
    cells = np.random.default_rng(seed).random((side,) * 3) < share
    cells[0, 0, 0] = True
    corners = np.zeros((side + 1,) * 3, np.bool_)
    z, y, x = np.nonzero(cells)
    for k in range(8):
        corners[z + (k >> 2), y + (k >> 1 & 1), x + (k & 1)] = True
    return of_mask(corners), np.stack([x, y, z], 1).astype(np.uint16)


@given(
    st.integers(1, 6), st.floats(0.02, 1.0), st.integers(2, 40), st.booleans(),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_exact_and_as_specified(
    side: int, share: float, alphabet: int, dense: bool, seed: int
) -> None:
    lattice, voxels = octree(side, share, seed)
    if dense:
        shape = tuple(np.random.default_rng(seed).integers(1, 7, 3).tolist())
        lattice, voxels = of_mask(np.ones(shape, np.bool_)), None
    if lattice.sites.size < 2:
        return
    rng = np.random.default_rng(seed)
    values = np.minimum(rng.geometric(0.3, lattice.sites.size), alphabet) - 1
    values[0], values[1] = 0, alphabet - 1
    values = values.astype(np.uint16)
    data = adaptive.write(values, alphabet, lattice, voxels).getvalue()
    assert read(data, alphabet, lattice, voxels) == values.tolist()
    assert by_specification(data, alphabet, lattice, voxels) == values.tolist()


def test_noisy_codes_take_fewer_bytes_than_by_the_other_forms() -> None:
    rng = np.random.default_rng(1)
    values = smooth((30, 30, 30), 12, 3)
    values[rng.random(values.shape) < 0.5] = 0
    lattice = of_mask(np.ones(values.shape, np.bool_))
    flat = values.reshape(-1)
    mixed = adaptive.write(flat, 12, lattice, None)
    static, _ = fitting.encode(flat, np.arange(12.0)[:, None], lattice, None)
    assert mixed.size < static.size < symbols.encode(flat, 12).size
    assert mixed.minor == 3


def test_the_pattern_of_voxels_shortens() -> None:
    lattice, voxels = octree(24, 0.3, 5)
    assert voxels is not None
    there = np.zeros((26, 26, 26), np.int64)
    x, y, z = voxels.T.astype(np.int64)
    there[z + 1, y + 1, x + 1] = 1
    around = sum(there[k >> 2 :, k >> 1 & 1 :, k & 1 :][:25, :25, :25] for k in range(8))
    values = np.asarray(around).reshape(-1)[lattice.sites].astype(np.uint16)
    told = adaptive.write(values, 9, lattice, voxels)
    untold = adaptive.write(values, 9, lattice, None)
    assert told.size < 0.4 * untold.size


def valid() -> tuple[bytes, Lattice]:
    lattice = of_mask(np.ones((9, 9, 9), np.bool_))
    values = smooth((9, 9, 9), 16, 0).reshape(-1)
    return adaptive.write(values, 16, lattice, None).getvalue(), lattice


@pytest.mark.parametrize(("at", "value"), [(0, 3), (1, 0), (1, 7), (2, 1), (3, 1)])
def test_impossible_parameters_are_damage(at: int, value: int) -> None:
    data, lattice = valid()
    broken = bytearray(data)
    broken[at] = value
    with pytest.raises(DamagedFileError):
        read(bytes(broken), 16, lattice, None)


@pytest.mark.parametrize("alphabet", [1, 257])
def test_alphabets_that_there_are_not(alphabet: int) -> None:
    data, _ = valid()
    with pytest.raises(DamagedFileError, match="symbols"):
        adaptive.read_tree(Cursor(data), alphabet)


@pytest.mark.parametrize("levels", [[0, 0, 0], [0, 9, 0], [63] * 256])
def test_weights_that_make_no_tree(levels: list[int]) -> None:
    with pytest.raises(DamagedFileError, match="no tree"):
        adaptive.Tree.of(np.array(levels, np.uint8))


def test_a_tree_is_that_of_the_specification() -> None:
    rng = np.random.default_rng(0)
    for size in (2, 3, 17, 256):
        levels = rng.integers(0, 40, size).astype(np.uint8)
        levels[:2] = 1
        tree = adaptive.Tree.of(levels)
        inner, top = mixing_by_spec.tree_of(tables.WEIGHTS[levels].tolist())
        assert [tuple(pair) for pair in tree.children.tolist()] == inner
        assert tree.top == top
        for symbol in np.flatnonzero(levels):
            node = size + len(inner) - 1
            for depth in range(int(tree.length[symbol])):
                node = inner[node - size][int(tree.path[symbol]) >> depth & 1]
            assert node == symbol


def test_damage_is_noticed_or_harmless_and_both_decoders_agree() -> None:
    data, lattice = valid()
    noticed = damage_noticed(
        data,
        lambda broken: read(broken, 16, lattice, None),
        lambda broken: by_specification(broken, 16, lattice, None),
    )
    assert noticed > 55


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
    shared = mixing.constants()
    assert shared.squash.tolist() == mixing_by_spec.SQUASH
    assert shared.stretch.tolist() == mixing_by_spec.STRETCH
    assert shared.kind.tolist() == [mixing_by_spec.kind(seen) for seen in range(256)]


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\xff\xff\xff\xff"])
def test_bytes_that_no_coder_begins_with(data: bytes) -> None:
    section = Builder()
    section.fields("I", len(data))
    section.raw(data)
    with pytest.raises(DamagedFileError, match="begin"):
        mixing.Decoder(mixing.read_bytes(Cursor(section.getvalue())))
