"""Codes beside their neighbors: exact on any lattice, as the specification has it, and short."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Cursor
from nfcodec.entropy import neighbors, symbols, tables
from nfcodec.entropy.symbols import symbol_bits
from nfcodec.errors import DamagedFileError, UnsupportedError
from nfcodec.model.packed import PackedIntegers
from nfcodec.model.sites import SiteSet
from tests.entropy.twins import damage_noticed, full, octree, places, sites_of, smooth
from tests.formats import mixing_by_spec

Values = npt.NDArray[np.uint16]


def read(
    data: bytes, alphabet: int, sites: SiteSet, groups: int = 1, known: Values | None = None
) -> list[int]:
    cursor = Cursor(data)
    forest = neighbors.read_forest(cursor, alphabet, sites, groups)
    found = neighbors.read(cursor, forest, sites, known)
    cursor.finish()
    return [int(code) for code in found]


def by_specification(
    data: bytes, alphabet: int, sites: SiteSet, groups: int = 1, known: Values | None = None
) -> list[int]:
    """What the decoder that was written from the specification alone finds."""
    cursor = Cursor(data)
    _, width, _ = cursor.fields("BBH")
    group_of = [0] * alphabet
    if groups > 1:
        bits = symbol_bits(groups)
        words = cursor.words((alphabet * bits + 31) // 32)
        group_of = PackedIntegers(bits, alphabet, words).unpack().tolist()
    levels = tables.unpack(cursor.words((alphabet * width + 31) // 32), alphabet, width)
    (size,) = cursor.fields("I")
    found, cells = places(sites)
    weights = tables.WEIGHTS[levels].tolist()
    of_sites = [0] * sites.count if known is None else known.tolist()
    coded = cursor.octets(size).tobytes()
    return mixing_by_spec.codes(coded, weights, group_of, of_sites, found, cells)


@given(
    st.integers(1, 6), st.floats(0.02, 1.0), st.integers(2, 40), st.integers(1, 12),
    st.booleans(), st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_exact_and_as_specified(
    side: int, share: float, alphabet: int, groups: int, dense: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sites = full(*rng.integers(1, 7, 3).tolist()) if dense else octree(side, share, seed)
    groups = min(groups, alphabet - 1)
    group_of = rng.integers(0, groups, alphabet).astype(np.uint16)
    codes = (np.minimum(rng.geometric(0.2, sites.count), alphabet) - 1).astype(np.uint16)
    section = neighbors.write(codes, alphabet, sites, group_of, groups)
    known = None if groups == 1 else group_of[codes]
    assert read(section.data, alphabet, sites, groups, known) == codes.tolist()
    assert by_specification(section.data, alphabet, sites, groups, known) == codes.tolist()
    cursor = Cursor(section.data)
    assert neighbors.read_forest(cursor, alphabet, sites, groups).cost(sites) == section.cost


def test_noisy_codes_take_fewer_bytes_than_by_the_other_forms() -> None:
    codes, sites = field_of(30, 12, 0.5)
    assert neighbors.write(codes, 12, sites).size < 0.8 * symbols.encode(codes, 12).size


def test_the_pattern_of_voxels_shortens() -> None:
    sites = octree(24, 0.3, 5)
    cells = sites.cells
    assert cells is not None
    there = np.zeros((26, 26, 26), np.int64)
    x, y, z = cells.T.astype(np.int64)
    there[z + 1, y + 1, x + 1] = 1
    around = sum(there[k >> 2 :, k >> 1 & 1 :, k & 1 :][:25, :25, :25] for k in range(8))
    values = np.asarray(around).reshape(-1)[sites.sites].astype(np.uint16)
    mask = np.zeros(25**3, np.bool_)
    mask[sites.sites] = True
    told = neighbors.write(values, 9, sites)
    untold = neighbors.write(values, 9, sites_of(mask.reshape(25, 25, 25)))
    assert told.size < 0.4 * untold.size


def field_of(side: int, alphabet: int, noise: float) -> tuple[Values, SiteSet]:
    """Codes that are alike where they are near, some at random."""
    rng = np.random.default_rng(1)
    values = smooth((side,) * 3, alphabet, 3)
    values[rng.random(values.shape) < noise] = 0
    return values.reshape(-1), full(*values.shape)


def test_two_layers_take_hardly_more_bytes_than_one() -> None:
    codes, sites = field_of(30, 24, 0.3)
    group_of = (np.arange(24) // 6).astype(np.uint16)
    plain = neighbors.write(codes, 24, sites)
    coarse = neighbors.write(group_of[codes], 4, sites)
    fine = neighbors.write(codes, 24, sites, group_of, 4)
    assert 0.2 * plain.size < coarse.size < 0.8 * plain.size
    assert coarse.size + fine.size < 1.03 * plain.size


def test_groups_that_follow_shorten() -> None:
    """Codes that say whether the next site is of their own group."""
    rng = np.random.default_rng(2)
    group = rng.integers(0, 2, (20, 20, 20))
    same = np.zeros_like(group)
    same[:, :, :-1] = group[:, :, 1:] == group[:, :, :-1]
    codes = (2 * group + same).astype(np.uint16).reshape(-1)
    group_of = np.array([0, 0, 1, 1], np.uint16)
    assert neighbors.write(codes, 4, full(20, 20, 20), group_of, 2).size < 0.1 * 8000 / 8


def test_a_group_of_one_code_takes_nothing() -> None:
    codes, sites = field_of(12, 6, 0.0)
    group_of = np.append(np.arange(6, dtype=np.uint16), np.uint16(5))
    section = neighbors.write(codes, 7, sites, group_of, 6)
    assert section.size == 4 + 4 + 8 + 8
    assert read(section.data, 7, sites, 6, group_of[codes]) == codes.tolist()


def valid(groups: int = 5) -> tuple[bytes, Values, SiteSet]:
    codes, sites = field_of(9, 16, 0.0)
    group_of = (np.arange(16) % groups).astype(np.uint16)
    return neighbors.write(codes, 16, sites, group_of, groups).data, group_of[codes], sites


@pytest.mark.parametrize("groups", [1, 5])
@pytest.mark.parametrize(
    ("at", "value", "error"),
    [(0, 4, UnsupportedError), (0, 2, DamagedFileError), (1, 0, DamagedFileError),
     (1, 7, DamagedFileError), (2, 1, DamagedFileError), (3, 1, DamagedFileError)],
)  # fmt: skip
def test_impossible_parameters(groups: int, at: int, value: int, error: type[Exception]) -> None:
    data, known, sites = valid(groups)
    broken = bytearray(data)
    broken[at] = value
    with pytest.raises(error):
        read(bytes(broken), 16, sites, groups, known)


def test_a_group_that_is_none() -> None:
    data, known, sites = valid()
    broken = bytearray(data)
    broken[4] = 0b101
    with pytest.raises(DamagedFileError, match="group 5 of 5"):
        read(bytes(broken), 16, sites, 5, known)


def test_alphabets_and_lattices_that_are_too_large() -> None:
    data, _, sites = valid()
    with pytest.raises(DamagedFileError, match="257 codes"):
        neighbors.read_forest(Cursor(data), 257, sites, 5)
    wide = SiteSet((1 << 14, 1 << 14, 2), sites.find)
    with pytest.raises(DamagedFileError, match="536,870,912 sites"):
        neighbors.read_forest(Cursor(data), 16, wide, 5)


@pytest.mark.parametrize("levels", [[0, 0, 0], [63] * 256])
def test_weights_that_make_no_trees(levels: list[int]) -> None:
    group_of = np.zeros(len(levels), np.uint16)
    with pytest.raises(DamagedFileError, match="no trees"):
        neighbors.Forest.of(np.array(levels, np.uint8), group_of, 2)


def test_a_group_without_codes_must_not_be_used() -> None:
    data, known, sites = valid()
    with pytest.raises(DamagedFileError, match="group 5 is used but has no codes"):
        read(data, 16, sites, 6, np.where(known == 3, 5, known).astype(np.uint16))


def test_trees_count_their_nodes_on_from_group_to_group() -> None:
    levels = np.array([9, 3, 0, 4, 12, 1, 5], np.uint8)
    group_of = np.array([2, 0, 0, 2, 0, 0, 3], np.uint16)
    forest = neighbors.Forest.of(levels, group_of, 5)
    # Group 0: 5 and 1, then 4; group 2: 3 and 0.
    assert forest.trees.children.tolist() == [[1, 5], [4, 7], [0, 3]]
    assert forest.trees.roots.tolist() == [8, -1, 9, 6, -1]
    assert forest.length.tolist() == [1, 2, 0, 1, 1, 2, 0]
    assert forest.trees.path.tolist() == [0, 0b01, 0, 1, 0, 0b11, 0]
    assert forest.top == 4


@pytest.mark.parametrize("groups", [1, 5])
def test_damage_is_noticed_or_harmless_and_both_decoders_agree(groups: int) -> None:
    data, known, sites = valid(groups)
    noticed = damage_noticed(
        data,
        lambda broken: read(broken, 16, sites, groups, known),
        lambda broken: by_specification(broken, 16, sites, groups, known),
    )
    assert noticed > 50
