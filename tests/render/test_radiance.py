"""Radiance fields through `render`: the same as the slow renderer, plain or coded."""

from __future__ import annotations

import numpy as np
import pytest

from nfcodec.evaluate import FieldModule
from nfcodec.render import render, views
from nfcodec.render.volume import step_size
from tests.fields import random_coded, random_field
from tests.render import reference
from tests.render.shapes import expanded

GREEN = np.array([0.1, 0.6, 0.3])


@pytest.mark.parametrize("layout", ["octree", "dense", "none"])
def test_matches_the_slow_renderer(layout: str) -> None:
    field = random_field("nerf", layout)  # type: ignore[arg-type]
    module = FieldModule(field)
    view = views.default_camera(field, (12, 9))
    for lod in range(field.num_lods):
        slow = reference.draw_radiance(field, view, step_size(module, lod), GREEN, lod)
        fast = render(module, view, lod=lod, background=GREEN)

        assert reference.psnr(fast, slow) >= 60.0
        assert np.abs(slow - GREEN).max() > 0.05


@pytest.mark.parametrize("method", ["vq", "float16", "lowrank"])
def test_coded_fields_look_as_their_expansion(method: str) -> None:
    field = random_coded("nerf", "octree", method)  # type: ignore[arg-type]
    view = views.default_camera(field, (16, 12))
    one, two = (render(f, view, device="cpu") for f in (field, expanded(field)))
    assert reference.psnr(one, two) >= 55.0


def test_background_is_the_fields_own_by_default() -> None:
    field = random_field("nerf", "octree")
    view = views.default_camera(field, (12, 12))
    assert (render(field, view, device="cpu")[0, 0] == 1.0).all()
    np.testing.assert_allclose(render(field, view, background=GREEN, device="cpu")[0, 0], GREEN)


def test_depth() -> None:
    field = random_field("nerf", "octree")
    view = views.default_camera(field, (15, 15))
    depth = render(field, view, mode="depth", background=(0.0, 0.0, 0.0), device="cpu")
    assert depth[0, 0, 0] == 0.0
    assert 0.05 < depth[7, 7, 0] < 1.0
