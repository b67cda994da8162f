"""Inside and outside of what people bring, against solids that are known exactly."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from nfcodec.data import meshes
from nfcodec.data.sdf import SurfaceDistance
from nfcodec.errors import DamagedFileError
from tests.data.solids import (
    A,
    B,
    Inside,
    Surface,
    ball,
    box,
    distance_to_box,
    in_ball,
    in_box,
    in_ring,
    join,
    opened,
    overlap,
    ring,
    turned,
)

FLIPPED, TWICE, COPIED = "faced the wrong way", "once for each side", "more than once"
HIDDEN, SHEETS = "has the solid in front of it", "sheets"


def both_sides(surface: Surface, share: float = 1.0, quads: bool = False) -> Surface:
    """With faces a second time, seen from behind; ``quads``: cut along the other diagonal."""
    vertices, faces = surface
    count = round(share * len(faces)) // 2 * 2
    backs = faces[:count, ::-1]
    if quads:  # a b c, a c d: from behind d c b, d b a
        (a, b, c), d = faces[:count:2].T, faces[1:count:2, 2]
        backs = np.stack([d, c, b, d, b, a], axis=1).reshape(-1, 3)
    return vertices, np.concatenate([faces, backs])


def shuffled(surface: Surface, seed: int = 0) -> Surface:
    """Faces in random order, a third of them turned."""
    rng = np.random.default_rng(seed)
    faces = surface[1][rng.permutation(len(surface[1]))].copy()
    some = rng.random(len(faces)) < 0.3
    faces[some] = faces[some, ::-1]
    return surface[0], faces


def two(p: Any) -> Any:
    return in_box(p, *LEFT) | in_box(p, *RIGHT)


def union(p: Any) -> Any:
    return in_box(p, *A) | in_box(p, *B)


def hollow(p: Any) -> Any:
    return in_ball(p, 0.9) & ~in_ball(p, 0.5)


def island(p: Any) -> Any:
    return hollow(p) | in_ball(p, 0.25)


LEFT, RIGHT = ((-1, -1, -1), (-0.2, 1, 1)), ((0.2, -1, -1), (1, 1, 1))
OUTER, CAVITY, INNER = ball(0.9), turned(ball(0.5)), ball(0.25)
TOUCH = ((0, -1, -1), (1, 1, 1))
CORNER, OTHER = ((-1, -1, -1), (0, 0, 1)), ((0, 0, -1), (1, 1, 1))
STEPS = (-1, -0.25, 0.25, 1)
PILE = [box([STEPS[i] for i in at], [STEPS[i + 1] for i in at]) for at in np.ndindex(3, 3, 3)]

#: name: surface, the solid, what is said (None: nothing), whether it has holes
SOLIDS: dict[str, tuple[Surface, Inside, str | None, bool]] = {
    "one part inside out": (join(box(*LEFT), turned(box(*RIGHT))), two, FLIPPED, False),
    "all parts inside out": (turned(join(box(*LEFT), box(*RIGHT))), two, FLIPPED, False),
    "random faces": (shuffled(join(box(*LEFT), box(*RIGHT, 4))), two, FLIPPED, False),
    "a ring inside out": (turned(ring()), in_ring, FLIPPED, False),
    "a cavity": (join(OUTER, CAVITY), hollow, None, False),
    "a cavity, all turned": (turned(join(OUTER, CAVITY)), hollow, FLIPPED, False),
    "a cavity in a shell inside out": (join(turned(OUTER), CAVITY), hollow, FLIPPED, False),
    "an island": (join(OUTER, CAVITY, INNER), island, None, False),
    "an island inside out": (join(OUTER, CAVITY, turned(INNER)), island, FLIPPED, False),
    "an island, all turned": (turned(join(OUTER, CAVITY, INNER)), island, FLIPPED, False),
    "a body beside a hollow one": (
        join(OUTER, CAVITY, turned(box((1.1, 0, 0), (1.4, 1, 1)))),
        lambda p: hollow(p) | in_box(p, (1.1, 0, 0), (1.4, 1, 1)), FLIPPED, False,
    ),
    "a shell within that looks outwards": (join(OUTER, ball(0.5)), lambda p: in_ball(p, 0.9),
                                           HIDDEN, False),
    "parts that reach into each other": (join(box(*A), box(*B)), union, HIDDEN, False),
    "the same, one inside out": (join(box(*A), turned(box(*B))), union, FLIPPED, False),
    "a ball in a ring": (join(ring(), ball(0.5)), lambda p: in_ring(p) | in_ball(p, 0.5), HIDDEN,
                         False),
    "a part that is there twice": (join(ball(), ball()), in_ball, COPIED, False),
    "both sides": (both_sides(ball()), in_ball, TWICE, False),
    "both sides of a box": (both_sides(box(cuts=3), quads=True), in_box, TWICE, False),
    "both sides of a ring": (both_sides(ring(), quads=True), in_ring, TWICE, False),
    "both sides, in disorder": (shuffled(both_sides(ball())), in_ball, TWICE, False),
    "both sides of a third": (both_sides(ball(), 1 / 3), in_ball, TWICE, False),
    "both sides of a side": (both_sides(box(cuts=3), 1 / 6, quads=True), in_box, TWICE, False),
    "both sides of two parts": (both_sides(join(box(*LEFT), box(*RIGHT))), two, TWICE, False),
    "both sides of one part": (join(box(*LEFT), both_sides(box(*RIGHT))), two, TWICE, False),
    "both sides, twice": (both_sides(both_sides(box(cuts=2))), in_box, TWICE, False),
    "a wall in common": (join(box((-1, -1, -1), (0, 1, 1)), box(*TOUCH)), in_box, None, False),
    "a wall in common, other squares": (join(box((-1, -1, -1), (0, 1, 1), 3), box(*TOUCH, 2)),
                                        in_box, HIDDEN, False),
    "both sides and a wall in common": (both_sides(join(box((-1, -1, -1), (0, 1, 1)), box(*TOUCH))),
                                        in_box, TWICE, False),
    "an edge in common": (join(box(*CORNER), box(*OTHER)),
                          lambda p: in_box(p, *CORNER) | in_box(p, *OTHER), None, False),
    "a pile of boxes": (join(*PILE), in_box, None, False),
    "both sides of a pile of boxes": (both_sides(join(*PILE)), in_box, TWICE, False),
    "a scan with a hole": (opened(ball()), in_ball, None, True),
    "a scan that looks inwards": (turned(opened(ball())), in_ball, FLIPPED, True),
    "a ring with a hole inside out": (turned(opened(ring())), in_ring, FLIPPED, True),
    "half a scan inside out": (
        join(opened(ball(0.4, (-0.5, 0, 0))), turned(opened(ball(0.4, (0.5, 0, 0))))),
        lambda p: in_ball(p, 0.4, (-0.5, 0, 0)) | in_ball(p, 0.4, (0.5, 0, 0)), FLIPPED, True,
    ),
    "a scan of both sides": (both_sides(opened(ball())), in_ball, TWICE, True),
    "a closed part and a scan": (join(turned(box(*LEFT)), turned(opened(ball(0.4, (0.6, 0, 0))))),
                                 lambda p: in_box(p, *LEFT) | in_ball(p, 0.4, (0.6, 0, 0)), FLIPPED,
                                 True),
    "a closed part and a sheet": (join(box(*LEFT), (box(*RIGHT)[0], box(*RIGHT)[1][:2])),
                                  lambda p: in_box(p, *LEFT), SHEETS, True),
    "scans that reach into each other": (
        join(opened(box(*A, 8)), opened(box(*B, 8))), union, HIDDEN, True,
    ),
}  # fmt: skip


def solid(surface: Surface, holes: bool) -> tuple[SurfaceDistance, str]:
    """What is made of a surface, and what is said about it."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        mesh = meshes.clean(*surface)
        assert mesh.watertight != holes
        found = SurfaceDistance(mesh, "winding" if holes else "pseudonormal")
        found.signed(np.random.default_rng(2).uniform(-1.1, 1.1, (2000, 3)))
    return found, " ".join(str(warning.message) for warning in said)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOLIDS)
def test_the_solid_is_the_one_that_was_meant(name: str) -> None:
    surface, inside, words, holes = SOLIDS[name]
    found, said = solid(surface, holes)
    assert (words in said) if words else not said
    points = np.random.default_rng(1).uniform(-1.1, 1.4, (20_000, 3))
    assert overlap(found.signed(points) < 0, inside(points)) > 0.97


def test_distances_are_those_to_the_union() -> None:
    """Hidden faces are no surface: just before them it is as far to the surface as it is."""
    found, _ = solid(join(box(*A), box(*B)), holes=False)
    points = np.random.default_rng(3).uniform(-1.1, 1.1, (5000, 3))
    apart = np.minimum(distance_to_box(points, *A), distance_to_box(points, *B))
    outside = apart > 0
    np.testing.assert_allclose(found.signed(points[outside]), apart[outside], atol=0.01)
    surface = _union_surface()
    inside = np.flatnonzero(~outside)[:300]
    wanted = [np.linalg.norm(surface - points[i], axis=1).min() for i in inside]
    np.testing.assert_allclose(-found.signed(points[inside]), wanted, atol=0.03)
    area = 2 * 6 * 1.2**2 - 6 * 0.4**2
    assert found.mesh.areas.sum() == pytest.approx(area, rel=0.01)


def _union_surface() -> Any:
    """Points of the surface of A and B together, 0.03 apart."""
    grids = []
    for one, other in ((A, B), (B, A)):
        for axis in range(3):
            for end in (0, 1):
                u = np.linspace(0, 1, 41)
                grid = np.stack(np.meshgrid(u, u, [float(end)], indexing="ij"), -1).reshape(-1, 3)
                points = np.asarray(one[0]) + np.roll(grid, axis + 1, axis=1) * 1.2
                grids.append(points[~in_box(points, *other)])
    return np.concatenate(grids)


def test_a_surface_that_crosses_itself() -> None:
    """A bow tie: one half of it is inside out whichever way it is turned."""
    outline = np.array([[-1, -1], [1, 1], [1, -1], [-1, 1]], float)
    vertices = np.concatenate([np.insert(outline, 2, z, axis=1) for z in (-0.5, 0.5)])
    sides = [(i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i) for i in range(4)]
    faces = [t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))]
    caps = [(0, 3, 1), (1, 3, 2)]
    faces += caps + [(a + 4, c + 4, b + 4) for a, b, c in caps]
    found, said = solid((vertices, np.array(faces)), holes=False)
    points = np.random.default_rng(4).uniform(-1, 1, (20_000, 3))
    x, y, z = points.T
    assert HIDDEN in said
    wanted = (np.abs(y) < np.abs(x)) & (np.abs(z) < 0.5)
    assert overlap(found.signed(points) < 0, wanted) > 0.97
    on = np.einsum("c,tcd->td", [0.5, 0.3, 0.2], found.mesh.triangles)
    step = 1e-4 * found.mesh.normals
    areas = found.mesh.areas
    assert areas[found.signed(on + step) > 0].sum() > 0.98 * areas.sum()  # both halves look
    assert areas[found.signed(on - step) < 0].sum() > 0.98 * areas.sum()  # outwards now


def bowl(angle: float) -> Surface:
    """The cap of a sphere up to ``angle`` degrees from its pole."""
    vertices, faces = ball()
    top = vertices[faces].mean(axis=1)[:, 2] > 0.8 * np.cos(np.radians(angle))
    return vertices, faces[top]


def waves() -> Surface:
    """A terrain."""
    x, y = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21), indexing="ij")
    grid = np.arange(441).reshape(21, 21)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    height = 0.3 * np.sin(3 * x) * np.cos(4 * y)
    return np.stack([x, y, height], -1).reshape(-1, 3), faces


SIDE = (box()[0], box()[1][:2])


@pytest.mark.parametrize("sheet", [
    SIDE, turned(SIDE), both_sides(SIDE), join(SIDE, (SIDE[0] * 0.5 + 3, SIDE[1])), bowl(40),
    waves(), turned(waves()), both_sides(waves()),
    join(bowl(40), turned((bowl(40)[0] + 3, bowl(40)[1]))),
])  # fmt: skip
def test_a_sheet_encloses_nothing(sheet: Surface) -> None:
    with pytest.raises(DamagedFileError, match="encloses no volume"):
        solid(sheet, holes=True)


def test_a_pillow_without_thickness_encloses_nothing() -> None:
    """Closed, but front and back are one place, cut along other diagonals."""
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesh = meshes.clean(square, [[0, 1, 2], [0, 2, 3], [3, 2, 1], [3, 1, 0]])
        with pytest.raises(DamagedFileError, match="encloses no volume"):
            SurfaceDistance(mesh, "winding")


def test_half_a_ball_is_a_solid() -> None:
    found, said = solid(bowl(95), holes=True)
    assert not said
    points = np.random.default_rng(1).uniform(-1, 1, (20_000, 3))
    half = in_ball(points) & (points[:, 2] > 0)
    assert overlap(found.signed(points) < 0, half) > 0.7  # the open side bulges


def test_bodies_far_from_the_origin_are_turned_as_well() -> None:
    """Volumes are those of differences, not of coordinates in the millions."""
    far = np.array([500_000.0, 4_600_000.0, 120.0])
    vertices, faces = join(box(*LEFT), turned(box(*RIGHT)))
    found, said = solid((vertices + far, faces), holes=False)
    assert "1 of 2 parts" in said
    points = np.random.default_rng(1).uniform(-1.1, 1.1, (5000, 3))
    assert overlap(found.signed(points + far) < 0, two(points)) > 0.99


def tents(*heights: float) -> list[Surface]:
    """Pyramids without a floor over one square."""
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float)
    faces = np.array([[i, (i + 1) % 4, 4] for i in range(4)])
    return [(np.concatenate([square, [[0, 0, z]]]), faces) for z in heights]


def test_faces_that_disagree_at_a_shared_edge() -> None:
    """Two bodies have a rim in common, at which four faces meet."""
    a, b, c, d = tents(0.8, 0.4, -0.4, -0.8)
    found, said = solid(join(a, turned(b), c, turned(d)), holes=False)
    assert not said
    points = np.random.default_rng(1).uniform(-1, 1, (20_000, 3))
    height = points[:, 2] / (1 - np.abs(points[:, :2]).max(axis=1))
    wanted = (np.abs(height) > 0.4) & (np.abs(height) < 0.8)
    assert overlap(found.signed(points) < 0, wanted) > 0.97
    mesh = meshes.clean(*join(a, b, c, turned(d)))
    with pytest.raises(DamagedFileError, match=r"4 edges and disagree .* --sign winding"):
        SurfaceDistance(mesh)
