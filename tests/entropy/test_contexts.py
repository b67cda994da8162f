"""Symbols in context: exact on any lattice, and shorter where neighbors tell something."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec.container import Cursor
from nfcodec.entropy import compiled, contexts, fitting, symbols, tables
from nfcodec.entropy.contexts import Layer
from nfcodec.entropy.lattice import FILLED, Lattice
from nfcodec.errors import DamagedFileError


def nothing_earlier(position: int) -> Layer:
    raise DamagedFileError(f"no level {position}")


@contextmanager
def chosen(fast: bool) -> Iterator[None]:
    """Whether sections are decoded by the compiled decoder or by its reference."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "pays", lambda count: fast)
        yield


def of_mask(mask: npt.NDArray[np.bool_]) -> Lattice:
    nz, ny, nx = mask.shape
    return Lattice(np.flatnonzero(mask), (nz, ny, nx))


def smooth(shape: tuple[int, ...], alphabet: int, seed: int) -> npt.NDArray[np.uint16]:
    """A quantized smooth function with some noise over all sites of a lattice."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, n) for n in shape], indexing="ij"))
    waves = rng.normal(size=(3, 3)) * 4
    value = np.sin(np.tensordot(waves, grid, 1) + rng.normal(size=3)[:, None, None, None]).sum(0)
    value += rng.normal(size=shape) * 0.1
    scaled = (value - value.min()) / np.ptp(value)
    return np.minimum(scaled * alphabet, alphabet - 1).astype(np.uint16)


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(2, 9)),
    st.integers(2, 100),
    st.floats(0.1, 1.0),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_exact(
    shape: tuple[int, int, int], alphabet: int, density: float, coarser: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < density
    mask[0, 0, 0] = True
    values = smooth(shape, alphabet, seed)[mask]
    vectors = np.linspace(0, 1, alphabet)[:, None] * np.ones(rng.integers(1, 5))
    below, layers = None, {}
    if coarser:
        coarse_mask = rng.random((3, 4, 2)) < 0.8
        classes = rng.integers(0, 5, int(coarse_mask.sum())).astype(np.uint8)
        layers[3] = Layer(of_mask(coarse_mask), classes, 5)
        below = 3, layers[3]
    section, layer = fitting.encode(values, vectors, of_mask(mask), below)
    for fast in (False, True):
        cursor = Cursor(section.getvalue())
        with chosen(fast):
            decoded, seen = contexts.read(cursor, alphabet, of_mask(mask), layers.__getitem__)
        cursor.finish()
        assert (decoded == values).all()
        assert (seen.classes == layer.classes).all()
        assert seen.num_classes == layer.num_classes


@pytest.mark.parametrize("alphabet", [4, 16, 200])
def test_neighbors_shorten(alphabet: int) -> None:
    values = smooth((24, 24, 24), alphabet, 1).reshape(-1)
    vectors = np.linspace(0, 1, alphabet)[:, None]
    section, _ = fitting.encode(values, vectors, of_mask(np.ones((24, 24, 24), np.bool_)), None)
    assert section.size < 0.9 * symbols.encode(values, alphabet).size


def test_a_coarser_level_shortens() -> None:
    fine = smooth((25, 25, 25), 8, 2)
    coarse = fine[::2, ::2, ::2]
    lattice = of_mask(np.ones(fine.shape, np.bool_))
    below = Layer(of_mask(np.ones(coarse.shape, np.bool_)), coarse.reshape(-1).astype("u1"), 8)
    vectors = np.linspace(0, 1, 8)[:, None]
    alone, _ = fitting.encode(fine.reshape(-1), vectors, lattice, None)
    after, _ = fitting.encode(fine.reshape(-1), vectors, lattice, (0, below))
    assert after.size < 0.97 * alone.size


@given(st.tuples(*[st.integers(1, 8)] * 3), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_lattice_against_a_slow_twin(shape: tuple[int, int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < (0.6, 0.06)[seed % 2]  # held as volumes, or as a list of sites
    lattice = of_mask(mask)
    few = math.prod(shape) > FILLED * mask.sum()
    assert lattice.is_sparse == few
    values = rng.integers(1, 200, int(mask.sum())).astype(np.uint8)
    by_pass = lattice.scatter(values)
    assert (lattice.gather(by_pass) == values).all()

    of_site = dict(zip(map(tuple, np.argwhere(mask).tolist()), values.tolist(), strict=True))
    coarse = rng.integers(1, 99, (2, 3, 4)).astype(np.uint32)
    coarse[rng.random(coarse.shape) < (0.3, 0.95)[seed // 2 % 2]] = 0
    coarser = of_mask(coarse > 0)
    spread = coarser.spread(coarse[coarse > 0])
    visited = lattice.visited()
    for p in range(8):
        visited[p][lattice.offsets[p]] = by_pass[p]
    for p in range(8):
        sites = [
            site
            for site in of_site
            if all(site[axis] % 2 == p >> (2 - axis) & 1 for axis in range(3))
        ]
        assert [of_site[site] for site in sites] == by_pass[p].tolist()
        beside, above = [], []
        for site in sites:
            total = 0
            for axis, step in itertools.product(range(3), (-1, 1)):
                there = list(site)
                there[axis] += step
                if p >> (2 - axis) & 1:
                    total += of_site.get(tuple(there), 0)
            beside.append(total)
            under = [
                s * (m - 1) // max(n - 1, 1) for s, n, m in zip(site, shape, (2, 3, 4), strict=True)
            ]
            above.append(coarse[tuple(under)])
        assert lattice.beside(visited, p).tolist() == beside
        assert lattice.above(coarser, spread, p).tolist() == above


def test_sublattice_shortcut_is_the_general_rule() -> None:
    lattice = of_mask(np.ones((5, 7, 9), np.bool_))
    coarse = np.arange(3 * 4 * 5, dtype=np.uint32).reshape(3, 4, 5)
    for p in range(8):
        z, y, x = (
            2 * half + (p >> (2 - axis) & 1)
            for axis, half in enumerate(np.unravel_index(lattice.offsets[p], lattice.halves))
        )
        coarser = of_mask(np.ones(coarse.shape, np.bool_))
        found = lattice.above(coarser, coarser.spread(coarse.reshape(-1)), p)
        assert (found == coarse[z // 2, y // 2, x // 2]).all()


def valid_section() -> tuple[bytes, Lattice]:
    lattice = of_mask(np.ones((9, 9, 9), np.bool_))
    values = smooth((9, 9, 9), 16, 0).reshape(-1)
    section, _ = fitting.encode(values, np.arange(16.0)[:, None], lattice, None)
    return section.getvalue(), lattice


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (1, 0), (1, 7),  # width
        (2, 0),  # a coarser level that is not there
        (4, 0), (4, 4),  # axes
        (5, 0), (5, 1), (5, 17), (5, 65),  # classes
        (7, 2),  # more than 256 tables
    ],
)  # fmt: skip
def test_impossible_parameters_are_damage(at: int, value: int) -> None:
    data, lattice = valid_section()
    broken = bytearray(data)
    broken[at] = value
    with pytest.raises(DamagedFileError):
        contexts.read(Cursor(bytes(broken)), 16, lattice, nothing_earlier)


def outcome(fast: bool, data: bytes, alphabet: int, lattice: Lattice) -> list[int] | str:
    with chosen(fast):
        try:
            return contexts.read(Cursor(data), alphabet, lattice, nothing_earlier)[0].tolist()
        except DamagedFileError as error:
            return str(error)


@pytest.mark.parametrize("alphabet", [16, 200])
def test_damage_is_noticed_or_harmless_and_both_decoders_agree(alphabet: int) -> None:
    lattice = of_mask(np.ones((9, 9, 9), np.bool_))
    values = smooth((9, 9, 9), alphabet, 0).reshape(-1)
    section, _ = fitting.encode(values, np.arange(float(alphabet))[:, None], lattice, None)
    data = section.getvalue()
    rng = np.random.default_rng(0)
    errors = 0
    for trial in range(200):
        broken = bytearray(data)
        if trial % 4:
            broken[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        else:  # noise from somewhere on
            start = int(rng.integers(8, len(data)))
            broken[start:] = rng.bytes(len(data) - start)
        found = outcome(True, bytes(broken), alphabet, lattice)
        assert found == outcome(False, bytes(broken), alphabet, lattice)
        if isinstance(found, str):
            errors += 1
        else:
            assert len(found) == 9**3
            assert max(found) < alphabet
    assert errors > 100


def test_entropy_of_nothing_is_zero() -> None:
    assert tables.entropy(np.zeros(4, np.int64)) == 0.0
