"""What fields are measured on, and learn from, where a mesh is not one closed surface."""

from __future__ import annotations

import numpy as np
import pytest

import nfcodec
from nfcodec.data.meshes import clean
from nfcodec.metrics import giou
from nfcodec.metrics.field_shapes import solid_of
from nfcodec.model.coded import to_field
from tests.data import solids
from tests.fields import random_field

POINTS = np.random.default_rng(0).uniform(-1.2, 1.2, (20_000, 3))


def test_a_field_is_measured_on_the_union_of_parts_that_overlap() -> None:
    """The exact union has the full score, however its mesh would be read for training."""
    mesh = clean(*solids.join(solids.box(*solids.A), solids.box(*solids.B)), "overlapping")
    exact = np.minimum(
        solids.distance_to_box(POINTS, *solids.A), solids.distance_to_box(POINTS, *solids.B)
    )
    with pytest.warns(UserWarning, match="what is inside of any part counts as inside"):
        solid = solid_of(mesh)
    distances = solid.signed(POINTS)
    assert giou(distances, exact) > 0.99
    assert giou(distances, solids.distance_to_box(POINTS, *solids.A)) < 0.7


def test_a_field_is_measured_on_the_solid_of_a_scan_with_a_hole() -> None:
    for surface in (solids.opened(solids.ball()), solids.opened(solids.turned(solids.ball()))):
        mesh = clean(*surface, "scan")
        exact = np.linalg.norm(POINTS, axis=1) - 0.8
        assert giou(solid_of(mesh).signed(POINTS), exact) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("method", ["vqad", "ecq"])
def test_a_field_learns_from_a_mesh_with_holes(method: str) -> None:
    """Training asks for --sign winding; coding, which has no such option, takes it."""
    scan = clean(*solids.opened(solids.ball()), "scan")
    assert not scan.watertight
    field = random_field("sdf", "octree")
    coded = nfcodec.encode(field, method, bits=2, steps=2, data=scan, seed=0, device="cpu")
    assert all(np.isfinite(v.features).all() for v in to_field(coded).levels)
