"""What every code promises, and what follows for another one that a test registers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.codes import CODES, Code, Float16Code, LatticeCode, LowRankCode, VQCode
from nfcodec.container import Cursor
from nfcodec.container.tree import Node
from nfcodec.entropy import lattice
from nfcodec.entropy.lattice import Octave
from nfcodec.errors import InvalidFieldError, UnsupportedError
from nfcodec.evaluate import FieldModule
from nfcodec.evaluate.locators import locator_of
from nfcodec.evaluate.reference import evaluate
from nfcodec.evaluate.storage import storage_of
from nfcodec.layouts import DenseLayout
from nfcodec.layouts.memory import Around, Memory, sites_of
from nfcodec.model.coded import CodedField, CodedLevel
from nfcodec.model.field import map_levels
from nfcodec.model.packed import PackedIntegers
from nfcodec.render import render, views
from tests.contract.toys import StepCode
from tests.fields import random_coded

LAYOUT = DenseLayout((10, 9, 8))
ROWS, FEATURES = LAYOUT.num_rows, 3
_RNG = np.random.default_rng(0)


def _vq(codes: int) -> VQCode:
    indices = _RNG.integers(0, codes, ROWS)
    indices[: ROWS // 2] = 0
    book = _RNG.normal(size=(codes, FEATURES)).astype(np.float16)
    return VQCode(PackedIntegers.pack(indices, max(1, (codes - 1).bit_length())), book)


def _halves(*shape: int) -> Any:
    return _RNG.normal(size=shape).astype(np.float16)


def _lattice(*octaves: Octave) -> LatticeCode:
    """Random differences, where they may be."""
    channels: list[tuple[Any, ...]] = []
    for _ in range(FEATURES):
        sides = lattice.shapes(LAYOUT.shape, len(octaves))
        drawn = [_RNG.integers(-9, 9, shape).astype(np.int32) for shape in sides]
        kept = [np.zeros_like(found) for found in drawn]

        def visit(
            values: Any, found: Any, odd: Any, octave: Octave, drawn: Any = drawn, kept: Any = kept
        ) -> None:
            part = tuple(slice(start, None, 2) for start in odd)
            found[part][np.abs(values[part]) > octave.limit] = 0
            for one, other in zip(drawn, kept, strict=True):
                if one is found:
                    other[part] = found[part]
            lattice.add(values, found, odd, octave)

        lattice.run(octaves, drawn, None, visit)
        kept[0] = drawn[0]
        channels.append(tuple(kept))
    return LatticeCode(octaves, tuple(channels), 0.125, -3.0)


#: Examples of each code, by name; a code without one fails.
EXAMPLES: dict[str, list[Code]] = {
    "float16": [Float16Code(_halves(ROWS, FEATURES))],
    "vq": [_vq(1), _vq(20), _vq(700)],
    "lowrank": [LowRankCode(_halves(ROWS, 2), _halves(2, FEATURES), _halves(FEATURES))],
    "lattice": [
        _lattice(Octave(7, 0)),
        _lattice(Octave(40, 0), Octave(10, 0), Octave(3, 60), Octave(0, 0)),
    ],
    "steps": [StepCode.of(_RNG.normal(size=(ROWS, FEATURES)).astype(np.float32))],
}
EVERY = [code for name in (*CODES.names, "steps") for code in EXAMPLES[name]]
each = pytest.mark.parametrize("code", EVERY, ids=lambda code: f"{code.name} {code.header()}")


@each
def test_sizes_agree(code: Code) -> None:
    code.check("x")
    rows = code.decode_rows()
    assert rows.dtype == np.float32
    assert rows.shape == (code.num_rows, code.num_features) == (ROWS, FEATURES)
    assert 0 < code.paper_bytes <= code.nbytes
    assert code.nbytes == sum(array.nbytes for _, array in code.arrays())


@each
def test_slices_of_rows_are_the_same_to_the_bit(code: Code) -> None:
    rows = code.decode_rows()
    for start, stop in ((0, 7), (5, 5), (100, 301), (600, None)):
        np.testing.assert_array_equal(code.decode_rows(start, stop), rows[start:stop])


@each
@pytest.mark.parametrize("layers", [None, 1, 3])
def test_every_candidate_holds_it(code: Code, layers: int | None) -> None:
    candidates = code.candidates(sites_of(LAYOUT), layers)
    for candidate in candidates:
        nodes = [Node(value, f"x[{i}]") for i, value in enumerate(candidate.header, 1)]
        header = type(code).read_header(Node([], "x"), nodes, FEATURES)
        assert header.name == code.name
        assert max(len(header.layers), 1) == len(candidate.sections)
        assert min(header.memory(ROWS, FEATURES)) >= 0
        memory = Memory()
        around = Around(LAYOUT, memory)
        found: Code | None = None
        for layer, section in enumerate(candidate.sections):
            cursor = Cursor(section.data)
            if found is None:
                found = header.decode(cursor, ROWS, FEATURES, around)
            else:
                found = header.refine(cursor, found, layer, around)
            cursor.finish()
            if candidate.layers is not None:
                _same(candidate.layers.code(code, layer), found)
        assert found is not None
        np.testing.assert_array_equal(found.decode_rows(), code.decode_rows())
        assert memory.work.done == candidate.cost
    least = candidates[-1]
    assert least.layers is None
    assert all(least.cost <= other.cost for other in candidates)


@each
def test_rows_without_neighbors_can_be_coded(code: Code) -> None:
    assert all(candidate.layers is None for candidate in code.candidates(None, 3))


@each
def test_a_header_of_another_length_is_damage(code: Code) -> None:
    nodes = [Node(1, "x")] * 20
    with pytest.raises(InvalidFieldError.__base__, match="does not take"):
        type(code).read_header(Node([], "x"), nodes, FEATURES)


@each
def test_the_storage_gives_the_vectors(code: Code) -> None:
    storage, locator = storage_of(CodedLevel(LAYOUT, 0, code)), locator_of(LAYOUT)
    u = torch.from_numpy(_RNG.uniform(-1.1, 1.1, (100, 3)).astype(np.float32))
    rows, weights = LAYOUT.locate(u.numpy().astype(np.float64))
    vectors = code.decode_rows()[np.maximum(rows, 0)]
    expected = np.einsum("pc,pcf->pf", np.where(rows < 0, 0.0, weights), vectors)
    np.testing.assert_allclose(storage(u, locator).numpy(), expected, atol=1e-4)
    moved = storage(u.clone().requires_grad_(True), locator)
    np.testing.assert_allclose(moved.detach().numpy(), expected, atol=1e-4)
    moved.sum().backward()


@each
def test_it_says_what_it_is(code: Code) -> None:
    assert isinstance(code.describe({"values": 10}), dict)


def test_not_a_number_is_refused() -> None:
    bad = np.full((2, 2), np.nan, np.float16)
    for code in (Float16Code(bad), VQCode(PackedIntegers.pack(np.zeros(2, np.uint8), 1), bad)):
        with pytest.raises(InvalidFieldError, match=r"x: .* 4 NaN"):
            code.check("x")


def _in_steps() -> CodedField:
    coded = random_coded("scalar", "dense", "float16")

    def stepped(level: CodedLevel) -> CodedLevel:
        return replace(level, code=StepCode.of(level.code.decode_rows()))

    return replace(coded, grids=map_levels(coded.grids, stepped))


@pytest.mark.usefixtures("installed")
def test_a_code_of_another_distribution_goes_all_the_way() -> None:
    """Coded, evaluated, drawn, described; it is found when a file names it."""
    coded = _in_steps()
    check_field(coded, "x")
    data = coding.to_bytes(coded)
    CODES.discard(StepCode)  # which writing has looked up
    found = coding.open(data)
    for one, other in zip(found.levels, coded.levels, strict=True):
        _same(one.code, other.code)
    points = np.random.default_rng(6).uniform(found.bounds[0], found.bounds[1], (50, 3))
    with torch.no_grad():
        got = FieldModule(found)(torch.from_numpy(points)).numpy()
    np.testing.assert_allclose(got, evaluate(coded, points), atol=1e-3)
    described = coding.describe(data)
    assert described["levels"][0]["code"] == "steps"
    assert described["levels"][0]["step"] > 0
    image = render(found, views.camera(found, size=(16, 12)), device="cpu")
    assert image.shape[:2] == (12, 16)


def test_a_code_that_nobody_brings_is_not_supported() -> None:
    CODES.add(StepCode)
    try:
        data = coding.to_bytes(_in_steps())
    finally:
        CODES.discard(StepCode)
    with pytest.raises(UnsupportedError, match="id 200 is not known"):
        coding.open(data)


def _same(one: Code, other: Code) -> None:
    assert type(one) is type(other)
    assert one.header() == other.header()
    np.testing.assert_array_equal(one.decode_rows(), other.decode_rows())
