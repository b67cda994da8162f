"""Distances coded straight: sizes and errors that were asked for, and functions that are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from nfcodec import coding
from nfcodec.check.field import check_field
from nfcodec.codes import LatticeCode
from nfcodec.encoder.distances import encode_distances, encode_mesh
from nfcodec.encoder.lattice_request import LatticeRequest
from nfcodec.errors import InvalidFieldError, UsageError
from nfcodec.evaluate.reference import evaluate
from nfcodec.quantize.lattice.verify import coded_vertices, largest_error
from tests.data import shapes

Floats = npt.NDArray[np.float64]
BOX = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])


def ball(points: Floats) -> Floats:
    return np.asarray(np.linalg.norm(points - [0.1, 0.0, -0.05], axis=1) - 0.6)


def test_the_surface_is_where_it_was() -> None:
    found = encode_distances(ball, BOX, LatticeRequest(32))
    field = coding.open(found.data)
    rng = np.random.default_rng(0)
    way = rng.normal(size=(500, 3))
    points = [0.1, 0.0, -0.05] + 0.6 * way / np.linalg.norm(way, axis=1)[:, None]
    assert np.abs(evaluate(field, points)).mean() < 0.004
    assert (np.sign(evaluate(field, points * 0.9)) == -1).all()
    assert len(found.data) < 1500


def test_every_prefix_is_a_coarser_picture() -> None:
    data = encode_distances(ball, BOX, LatticeRequest(128)).data
    sides = []
    for lod in range(coding.open(data).num_lods):
        field = coding.open(data, lod=lod)
        check_field(field, "prefix")
        code = field.levels[-1].code
        assert isinstance(code, LatticeCode)
        sides.append(code.shape[0])
        assert np.abs(evaluate(field, [[0.7, 0.0, -0.05]])).max() < 0.01
    assert sides == [33, 65, 129]


@pytest.mark.parametrize("error", [0.01, 0.001, 0.0003])
def test_the_error_holds_at_every_coded_vertex(error: float) -> None:
    data = encode_distances(ball, BOX, LatticeRequest(64, max_error=error)).data
    field = coding.open(data)
    found = largest_error(field, ball)
    assert 0.2 * error < found <= error
    code = field.levels[-1].code
    assert isinstance(code, LatticeCode)
    # And by other means than the code's own: at vertices that lie on the surface's voxels.
    mask = coded_vertices(code)
    axis = np.linspace(-1, 1, mask.shape[0])
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    true = ball(np.stack([x, y, z], -1).reshape(-1, 3))
    wrong = np.abs(code.decode_rows()[:, 0] - true)[mask.ravel()]
    assert wrong.max() <= 2 * error


@pytest.mark.parametrize("size", [1200, 2500])
def test_a_target_size_is_met_and_used(size: int) -> None:
    mesh = shapes.torus()
    data = encode_mesh(mesh, LatticeRequest(target_size=size)).data
    assert 0.8 * size < len(data) <= size


@pytest.mark.parametrize("lod", [0, 1])
def test_no_step_by_the_stated_slope_passes_the_surface(lod: int) -> None:
    """Wherever a ray is, its step ends before the nearest point where the sign changes."""
    data = encode_mesh(shapes.torus(), LatticeRequest(64)).data
    field = coding.open(data, lod=lod)
    slope = field.metadata["render"]["slope"]
    assert 1.0 < slope < 3.0
    rng = np.random.default_rng(1)
    low, high = field.bounds
    points = rng.uniform(low, high, (300, 3))
    values = evaluate(field, points)[:, 0]
    way = rng.normal(size=(40, 3))
    way /= np.linalg.norm(way, axis=1)[:, None]
    for point, value in zip(points, values, strict=True):
        if value > 0:
            ends = point + way * (value / slope) * 0.999
            within = ends[((ends >= low) & (ends <= high)).all(axis=1)]
            assert (evaluate(field, within) > 0).all()


def test_a_size_that_cannot_be_met_says_what_can() -> None:
    with pytest.raises(UsageError, match=r"no file of 100 bytes can be made: the smallest takes"):
        encode_distances(ball, BOX, LatticeRequest(target_size=100))


def test_an_error_finer_than_units_is_refused() -> None:
    with pytest.raises(UsageError, match="finer than files hold"):
        encode_distances(ball, BOX, LatticeRequest(32, max_error=1e-7))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda p: np.full(len(p), np.nan), "NaN or infinity at"),
        (lambda p: np.ones(len(p)), "no surface"),
        (lambda p: p, "one value for each point"),
    ],
)
def test_functions_that_are_no_distances_are_refused(function: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        encode_distances(function, BOX)  # type: ignore[arg-type]


def test_a_base_that_is_not_the_level_before_is_refused() -> None:
    field = encode_distances(ball, BOX, LatticeRequest(128)).coded
    first = field.levels[0].code
    assert isinstance(first, LatticeCode)
    grid = field.grids[0]
    other = replace(grid.levels[0], code=replace(first))
    strange = replace(field, grids=(replace(grid, levels=(other, *grid.levels[1:])),))
    with pytest.raises(InvalidFieldError, match="level 1 goes on from another code"):
        coding.to_bytes(strange)
