"""Meshes of radiance fields that name their distance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nfcodec.errors import UsageError
from nfcodec.exporters import surface
from nfcodec.exporters.shell import cells_within, distance_network
from nfcodec.model.field import Field, Occupancy
from nfcodec.model.networks import Input, Layer, Network
from tests.exporters.test_surface import CENTER, ONE, RADIUS, sphere

NAMED = {"surface": {"network": "distance"}}


def ball(occupied: np.ndarray | None = None, metadata: Any = NAMED) -> Field:
    """A ``nerf`` with the distance to a sphere, and a density that is highest outside."""
    names = ("distance", "density", "colour")
    wide = Layer(np.ones((3, 1), np.float32), None, "sigmoid")
    networks = tuple(
        Network(name, (Input("features"),), (wide if name == "colour" else ONE,)) for name in names
    )
    cells = None if occupied is None else Occupancy(occupied)
    field = replace(sphere("sdf"), kind="nerf", networks=networks, occupancy=cells)
    return replace(field, metadata=metadata)


def test_the_mesh_is_where_the_distance_is_zero() -> None:
    found = surface.extract(ball(), resolution=40, device="cpu")
    radii = np.linalg.norm(found.vertices - CENTER, axis=1)
    np.testing.assert_allclose(radii, RADIUS, atol=0.02)
    assert (surface.vertex_normals(found) * (found.vertices - CENTER)).sum(axis=1).min() > 0
    assert found.colors is not None


@pytest.mark.parametrize("resolution", [16, 33, 40])
def test_only_occupied_cells_have_a_mesh(resolution: int) -> None:
    occupied = np.zeros((8, 8, 8), np.bool_)
    occupied[4:, :, :4] = True  # upper z, lower x
    found = surface.extract(ball(occupied), resolution=resolution, device="cpu")
    whole = surface.extract(ball(), resolution=resolution, device="cpu")
    step = 2 / resolution
    assert found.vertices[:, 2].min() >= -step
    assert found.vertices[:, 0].max() <= step
    assert found.vertices[:, 0].max() >= -step
    centers = whole.vertices[whole.faces].mean(axis=1)
    inside = (centers[:, 2] > step) & (centers[:, 0] < -step)
    assert inside.sum() <= len(found.faces) < len(whole.faces)


def test_a_box_with_nothing_occupied_at_the_surface() -> None:
    occupied = np.zeros((8, 8, 8), np.bool_)
    occupied[0, 0, 0] = True
    with pytest.raises(UsageError, match="no surface"):
        surface.extract(ball(occupied), resolution=16, device="cpu")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"surface": None},
        {"surface": "distance"},
        {"surface": {"network": 3}},
        {"surface": {"network": "elsewhere"}},
        {"surface": {"network": "density"}},
        {"surface": {"network": "colour"}},
    ],
)
def test_metadata_that_name_no_distance(metadata: Any) -> None:
    assert distance_network(ball(metadata=metadata)) is None
    with pytest.raises(UsageError, match="needs --level"):
        surface.extract(ball(metadata=metadata), resolution=16, device="cpu")


def test_other_kinds_have_no_such_network() -> None:
    assert distance_network(ball()) == "distance"
    assert distance_network(replace(ball(), kind="sdf")) is None
    wide = replace(ball().networks[2], name="distance")
    assert distance_network(replace(ball(), networks=(wide, *ball().networks[1:]))) is None


def test_cells_are_named_by_their_upper_corner() -> None:
    occupied = np.zeros((2, 2, 2), np.bool_)
    occupied[1, 0, 1] = True
    found = cells_within(occupied, (4, 4, 4), (0, 0, 0), (5, 5, 5))
    wanted = np.zeros((5, 5, 5), np.bool_)
    wanted[3:, 1:3, 3:] = True
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(
        cells_within(occupied, (4, 4, 4), (2, 0, 0), (3, 5, 5)),
        wanted[2:] & (np.arange(3) > 0)[:, None, None],
    )
