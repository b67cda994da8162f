"""float16 sections: whatever the values, they come back bit for bit, in the shortest form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfcodec.arrays import HalfArray
from nfcodec.container import Builder, Cursor, Section
from nfcodec.entropy import float16
from nfcodec.errors import DamagedFileError, NfcodecError, UnsupportedError


def there_and_back(values: HalfArray, sizes: tuple[int, ...] = ()) -> Section:
    section = float16.encode(values, sizes)
    cursor = Cursor(section.data)
    found = float16.decode(cursor, *values.shape)
    cursor.finish()
    assert found.shape == values.shape
    np.testing.assert_array_equal(found.view(np.uint16), values.view(np.uint16))
    return section


def form(section: Section) -> int:
    return int.from_bytes(section.data[:4], "little")


@given(st.lists(st.integers(0, 0xFFFF), max_size=40), st.integers(0, 40))
def test_any_finite_values_come_back(bits: list[int], cut: int) -> None:
    values = np.array(bits, np.uint16).view(np.float16)
    values = values[np.isfinite(values)]
    cut = min(cut, values.size)
    there_and_back(values, (cut, values.size - cut))


@given(
    st.lists(st.integers(-2048, 2048), min_size=1, max_size=60),
    st.integers(0, float16.MAX_EXPONENT),
)
def test_multiples_of_any_step_come_back(multiples: list[int], exponent: int) -> None:
    exact = np.array(multiples) * 2.0 ** (exponent - float16.BIAS)
    values = exact.astype(np.float16)
    np.testing.assert_array_equal(values.astype(np.float64), exact)
    there_and_back(values)


def test_rounded_weights_take_few_bits() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(scale=0.3, size=4000)
    exact, rounded = (
        weights.astype(np.float16),
        (np.round(weights * 32) / 32 + 0).astype(np.float16),
    )
    plain, steps = there_and_back(exact), there_and_back(rounded)
    assert (form(plain), plain.cost) == (float16.SPLIT, 0)
    assert (form(steps), steps.cost) == (float16.STEPS, 4000)
    # The entropy of a normal distribution in steps of a tenth of its deviation, and the table.
    assert steps.size < 4000 * 5.5 / 8 + 100


def test_each_array_has_its_own_step() -> None:
    rng = np.random.default_rng(1)
    coarse = np.round(rng.normal(size=2000) * 8) / 8 + 0
    fine = np.round(rng.normal(size=2000) * 16) / 1024 + 0
    values = np.concatenate([coarse, fine]).astype(np.float16)
    assert there_and_back(values, (2000, 2000)).size < 0.8 * there_and_back(values).size


def test_negative_zero_is_kept() -> None:
    values = np.array([0.5, -0.0, 1.0] * 200, np.float16)
    assert form(there_and_back(values)) != float16.STEPS


@pytest.mark.parametrize(
    ("blocks", "fields"),
    [
        (0, []),
        (4097, []),
        (1, [(4, 3, 0, 29)]),
        (1, [(4, 3, 2049, 4)]),
        (1, [(4, 0, 0, 4)]),
        (1, [(4, 2060, 10, 4)]),
        (1, [(5, 3, 1, 4)]),
        (1, [(3, 3, 1, 4)]),
        (2, [(3, 3, 1, 4), (2, 3, 1, 4)]),
        (1, [(0xFFFFFFFF, 3, 1, 4)]),
    ],
)
def test_impossible_blocks_are_refused(blocks: int, fields: list[tuple[int, ...]]) -> None:
    section = Builder()
    section.fields("II", float16.STEPS, blocks)
    for values in fields:
        section.fields("IHHB", *values)
        section.fields("BBH", 0, 0, 0)
    with pytest.raises(DamagedFileError):
        float16.decode(Cursor(section.data), 4)


@given(st.binary(max_size=80))
def test_noise_is_refused_or_gives_finite_values(noise: bytes) -> None:
    data = float16.STEPS.to_bytes(4, "little") + noise
    try:
        found = float16.decode(Cursor(data + bytes(-len(data) % 4)), 7)
    except NfcodecError:
        return
    assert np.isfinite(found).all()


def test_a_newer_form_is_unsupported() -> None:
    with pytest.raises(UnsupportedError):
        float16.decode(Cursor((3).to_bytes(4, "little")), 1)
