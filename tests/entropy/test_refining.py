"""Codes refined by mixed counts: exact on any lattice, as the specification has it, and cheap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Cursor
from nfcodec.entropy import adaptive, refining, tables
from nfcodec.entropy.lattice import Lattice
from nfcodec.entropy.symbols import symbol_bits
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers
from tests.entropy.test_adaptive import octree
from tests.entropy.test_contexts import of_mask, smooth
from tests.entropy.twins import damage_noticed, places
from tests.formats import mixing_by_spec

Values = npt.NDArray[np.uint16]


def read(
    data: bytes, alphabet: int, groups: int, known: Values, lattice: Lattice,
    voxels: adaptive.Voxels,
) -> list[int]:  # fmt: skip
    cursor = Cursor(data)
    forest = refining.read_forest(cursor, alphabet, groups)
    found = refining.read(cursor, forest, known, lattice, voxels)
    cursor.finish()
    return [int(code) for code in found]


def by_specification(
    data: bytes, alphabet: int, groups: int, known: Values, lattice: Lattice,
    voxels: adaptive.Voxels,
) -> list[int]:  # fmt: skip
    """What the decoder that was written from the specification alone finds."""
    cursor = Cursor(data)
    _, width, _ = cursor.fields("BBH")
    bits = symbol_bits(groups)
    words = cursor.words((alphabet * bits + 31) // 32)
    group_of = PackedIntegers(bits, alphabet, words).unpack().tolist()
    levels = tables.unpack(cursor.words((alphabet * width + 31) // 32), alphabet, width)
    (size,) = cursor.fields("I")
    sites, cells = places(lattice, voxels)
    coded = cursor.octets(size).tobytes()
    weights = tables.WEIGHTS[levels].tolist()
    return mixing_by_spec.refined(coded, weights, group_of, known.tolist(), sites, cells)


@given(
    st.integers(1, 6), st.floats(0.02, 1.0), st.integers(2, 40), st.integers(1, 12),
    st.booleans(), st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_exact_and_as_specified(
    side: int, share: float, alphabet: int, groups: int, dense: bool, seed: int
) -> None:
    lattice, voxels = octree(side, share, seed)
    rng = np.random.default_rng(seed)
    if dense:
        lattice, voxels = of_mask(np.ones(tuple(rng.integers(1, 7, 3)), np.bool_)), None
    groups = min(groups, alphabet - 1)
    group_of = rng.integers(0, groups, alphabet).astype(np.uint16)
    values = np.minimum(rng.geometric(0.2, lattice.sites.size), alphabet) - 1
    codes = values.astype(np.uint16)
    data = refining.write(codes, alphabet, group_of, groups, lattice, voxels).getvalue()
    arguments = data, alphabet, groups, group_of[codes], lattice, voxels
    assert read(*arguments) == codes.tolist()
    assert by_specification(*arguments) == codes.tolist()


def field_of(side: int, alphabet: int, noise: float) -> tuple[Values, Lattice]:
    """Codes that are alike where they are near, some at random."""
    rng = np.random.default_rng(1)
    values = smooth((side,) * 3, alphabet, 3)
    values[rng.random(values.shape) < noise] = 0
    return values.reshape(-1), of_mask(np.ones(values.shape, np.bool_))


def test_two_layers_take_hardly_more_bytes_than_one() -> None:
    codes, lattice = field_of(30, 24, 0.3)
    group_of = (np.arange(24) // 6).astype(np.uint16)
    plain = adaptive.write(codes, 24, lattice, None)
    coarse = adaptive.write(group_of[codes], 4, lattice, None)
    fine = refining.write(codes, 24, group_of, 4, lattice, None)
    assert fine.minor == 4
    assert 0.2 * plain.size < coarse.size < 0.8 * plain.size
    assert coarse.size + fine.size < 1.03 * plain.size


def test_groups_that_follow_shorten() -> None:
    """Codes that say whether the site behind is of their own group."""
    rng = np.random.default_rng(2)
    group = rng.integers(0, 2, (20, 20, 20))
    same = np.zeros_like(group)
    same[:, :, :-1] = group[:, :, 1:] == group[:, :, :-1]
    codes = (2 * group + same).astype(np.uint16).reshape(-1)
    lattice = of_mask(np.ones((20, 20, 20), np.bool_))
    group_of = np.array([0, 0, 1, 1], np.uint16)
    assert refining.write(codes, 4, group_of, 2, lattice, None).size < 0.1 * 8000 / 8


def test_a_group_of_one_code_takes_nothing() -> None:
    codes, lattice = field_of(12, 6, 0.0)
    group_of = np.arange(6, dtype=np.uint16)
    section = refining.write(codes, 7, np.append(group_of, np.uint16(5)), 6, lattice, None)
    assert section.size == 4 + 4 + 8 + 8
    known = group_of[codes]
    assert read(section.getvalue(), 7, 6, known, lattice, None) == codes.tolist()


def valid() -> tuple[bytes, Values, Lattice]:
    codes, lattice = field_of(9, 16, 0.0)
    group_of = (np.arange(16) % 5).astype(np.uint16)
    data = refining.write(codes, 16, group_of, 5, lattice, None).getvalue()
    return data, group_of[codes], lattice


@pytest.mark.parametrize(
    ("at", "value", "error"),
    [(0, 1, UnsupportedError), (1, 0, DamagedFileError), (1, 7, DamagedFileError),
     (2, 1, DamagedFileError), (3, 1, DamagedFileError), (4, 0b101, DamagedFileError)],
)  # fmt: skip
def test_impossible_parameters(at: int, value: int, error: type[Exception]) -> None:
    data, known, lattice = valid()
    broken = bytearray(data)
    broken[at] = value
    with pytest.raises(error):
        read(bytes(broken), 16, 5, known, lattice, None)


@pytest.mark.parametrize(("alphabet", "groups"), [(5, 5), (4, 5), (257, 5)])
def test_numbers_of_codes_that_there_are_not(alphabet: int, groups: int) -> None:
    data, _, _ = valid()
    with pytest.raises(DamagedFileError, match="groups of"):
        refining.read_forest(Cursor(data), alphabet, groups)


@pytest.mark.parametrize("levels", [[0, 0, 0], [63] * 256])
def test_weights_that_make_no_trees(levels: list[int]) -> None:
    group_of = np.zeros(len(levels), np.uint16)
    with pytest.raises(DamagedFileError, match="no trees"):
        refining.Forest.of(np.array(levels, np.uint8), group_of, 2)


def test_a_group_without_codes_must_not_be_used() -> None:
    data, known, lattice = valid()
    with pytest.raises(DamagedFileError, match="group 5 is used but has no codes"):
        read(data, 16, 6, np.where(known == 3, 5, known).astype(np.uint16), lattice, None)


def test_trees_count_their_nodes_on_from_group_to_group() -> None:
    levels = np.array([9, 3, 0, 4, 12, 1, 5], np.uint8)
    group_of = np.array([2, 0, 0, 2, 0, 0, 3], np.uint16)
    forest = refining.Forest.of(levels, group_of, 5)
    # Group 0: 5 and 1, then 4; group 2: 3 and 0.
    assert forest.children.tolist() == [[1, 5], [4, 7], [0, 3]]
    assert forest.roots.tolist() == [8, -1, 9, 6, -1]
    assert forest.length.tolist() == [1, 2, 0, 1, 1, 2, 0]
    assert forest.path.tolist() == [0, 0b01, 0, 1, 0, 0b11, 0]
    assert forest.top == 4


def test_damage_is_noticed_or_harmless_and_both_decoders_agree() -> None:
    data, known, lattice = valid()
    noticed = damage_noticed(
        data,
        lambda broken: read(broken, 16, 5, known, lattice, None),
        lambda broken: by_specification(broken, 16, 5, known, lattice, None),
    )
    assert noticed > 50
