"""Lattices predicted from coarser ones: they come back, and hostile sections are refused."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.container import Cursor
from nfcodec.container.work import Work
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import MAX_DIFFERENCE, Ints, Octave, Start
from nfcodec.errors import DamagedFileError, InvalidFieldError, LimitError

SHAPE = (7, 10, 13)
OCTAVES = (Octave(9, 0), Octave(3, 0), Octave(1, 0))


def differences(seed: int, size: float, octaves: tuple[Octave, ...] = OCTAVES) -> list[Ints]:
    rng = np.random.default_rng(seed)
    found = []
    for number, sides in enumerate(lattice.shapes(SHAPE, len(octaves))):
        values = np.round(rng.laplace(scale=size, size=sides)).astype(np.int32)
        if number and octaves[number].step >= octaves[number - 1].step:
            values[::2, ::2, ::2] = 0
        found.append(values)
    return found


@pytest.mark.parametrize("size", [0.0, 0.3, 5.0, 1e6])
def test_what_is_written_is_read(size: float) -> None:
    given = [differences(seed, size) for seed in (1, 2)]
    section = lattice.write(OCTAVES, given, [None, None])
    work = Work()
    cursor = Cursor(section.data)
    found, values = lattice.read(cursor, OCTAVES, SHAPE, [None, None], work)
    cursor.finish()
    assert work.done == section.cost
    for one, other, value in zip(given, found, values, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(value, lattice.values_of(OCTAVES, one, None))


def test_the_largest_difference_can_be_held() -> None:
    given = [np.array([[[MAX_DIFFERENCE, -MAX_DIFFERENCE]]], np.int32)]
    section = lattice.write([Octave(1, 0)], [given], [None])
    found, _ = lattice.read(Cursor(section.data), [Octave(1, 0)], (1, 1, 2), [None], Work())
    np.testing.assert_array_equal(found[0][0], given[0])


def test_a_smooth_function_is_predicted() -> None:
    z, y, x = np.meshgrid(*[np.arange(n) for n in (9, 9, 9)], indexing="ij")
    values = (1000 * z + 70 * y * y - 13 * x * x).astype(np.int32)
    coarse = np.ascontiguousarray(values[::2, ::2, ::2])
    octave = Octave(0, 0)
    found = lattice.values_of([octave], [lattice.none((9, 9, 9))], Start(coarse, 1))
    inner = (slice(3, -3),) * 3  # cubics are exact where they have four points
    np.testing.assert_array_equal(found[inner], values[inner])


def test_only_sites_within_reach_are_coded() -> None:
    octaves = (Octave(1, 0), Octave(1, 5))
    given = differences(3, 2.0, octaves)
    with pytest.raises(InvalidFieldError, match="differs from its prediction where it may not"):
        lattice.write(octaves, [given], [None])


@pytest.mark.parametrize("cut", [1, 4, 9])
def test_a_cut_section_is_refused(cut: int) -> None:
    data = lattice.write(OCTAVES, [differences(1, 2.0)], [None]).data
    body = data[4:-cut] if cut < 9 else data[4:8]
    size = len(body).to_bytes(4, "little")
    padded = size + body + bytes(-len(body) % 4)
    with pytest.raises(DamagedFileError):
        lattice.read(Cursor(padded), OCTAVES, SHAPE, [None], Work())


def test_a_large_lattice_of_few_bytes_is_refused_before_it_is_coded() -> None:
    data = lattice.write([Octave(1, 0)], [[np.zeros((1, 1, 1), np.int32)]], [None]).data
    with pytest.raises(LimitError, match="the work of decoding"):
        lattice.read(Cursor(data), [Octave(1, 0)], (200, 200, 200), [None], Work())
