"""The compiled decoder is the reference decoder, bit for bit, whatever the words hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfcodec import coding
from nfcodec.codes import VQCode
from nfcodec.entropy import ans, compiled, grouping, tables
from nfcodec.errors import DamagedFileError
from nfcodec.layouts import OctreeLayout
from tests.entropy.test_contexts import chosen

VECTORS = sorted((Path(__file__).parents[2] / "formats/vectors/v1").glob("*.nfc"))


def random_models(rng: np.random.Generator, count: int, alphabet: int) -> grouping.Models:
    """Tables with gaps, from nearly even ones to ones of a single symbol."""
    top = 64 if alphabet <= 64 else 40  # weights must not sum to more than 2^24
    levels = rng.integers(0, top, (count, alphabet)) * (rng.random((count, alphabet)) < 0.7)
    levels[np.arange(count), rng.integers(alphabet, size=count)] = 39
    levels[0] = np.arange(alphabet) == rng.integers(alphabet)
    return grouping.Models(tables.frequencies(levels.astype(np.uint8)))


def read(
    decoder: grouping.Decoder, models: grouping.Models, parts: list[np.ndarray]
) -> tuple[list[list[int]], bool]:
    """The symbols of all ``parts``, and whether the words end as they should."""
    found = [grouping.decode(decoder, keys, models).tolist() for keys in parts]
    try:
        decoder.finish()
    except DamagedFileError:
        return found, False
    return found, True


@given(
    st.integers(1, 12),
    st.sampled_from([1, 2, 3, 16, 64, 300, 5000]),
    st.lists(st.integers(0, 200), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_sound_and_hostile_words(count: int, alphabet: int, sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    models = random_models(rng, count, alphabet)
    parts = [rng.integers(0, count, size).astype(np.uint8) for size in sizes]
    likely = [np.flatnonzero(row) for row in models.frequencies]
    wanted = [np.array([rng.choice(likely[key]) for key in keys], np.uint16) for keys in parts]
    words = ans.encode(
        group
        for keys, symbols in zip(parts, wanted, strict=True)
        for group in grouping.split(keys, symbols, models)
    )
    found = read(compiled.Decoder(words), models, parts)
    assert found == ([symbols.tolist() for symbols in wanted], True)
    for length in (0, 1, 2, words.size // 2, words.size + 3):
        hostile = rng.integers(1, 2**32, length).astype(np.uint32)
        expected = read(ans.Decoder(hostile), models, parts)
        assert read(compiled.Decoder(hostile), models, parts) == expected


def test_a_first_word_of_zero_is_damage() -> None:
    with pytest.raises(DamagedFileError, match="start with zero"):
        compiled.Decoder(np.array([0, 1], np.uint32))


def test_the_largest_alphabet() -> None:
    models = grouping.Models(np.full((1, 65536), 256))
    symbols = np.random.default_rng(0).integers(0, 65536, 3000).astype(np.uint16)
    words = ans.encode([(symbols, models.one_by_one[0])])
    decoder = compiled.Decoder(words)
    assert (decoder.decode(models.one_by_one[0], symbols.size) == symbols).all()
    decoder.finish()


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_golden_files(path: Path) -> None:
    with chosen(False):
        reference = coding.open(path)
    with chosen(True):
        fast = coding.open(path)
    for slow_level, fast_level in zip(reference.levels, fast.levels, strict=True):
        if isinstance(slow_level.layout, OctreeLayout):
            assert isinstance(fast_level.layout, OctreeLayout)
            assert (fast_level.layout.voxels == slow_level.layout.voxels).all()
        if isinstance(slow_level.code, VQCode):
            assert isinstance(fast_level.code, VQCode)
            assert (fast_level.code.indices.words == slow_level.code.indices.words).all()


def test_numba_is_loaded_only_where_that_pays() -> None:
    script = """
import sys
from nfcodec import coding
from nfcodec.entropy import compiled
coding.open(sys.argv[1])
print("numba" in sys.modules, compiled.pays(compiled.LOAD_AFTER), compiled.pays(0))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(VECTORS[0])], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True", "True"]
