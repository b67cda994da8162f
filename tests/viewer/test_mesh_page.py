"""The example page that shows a decoded surface with three.js, in a real browser."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nfcodec import exporters, importers
from tests.viewer.browser import WEB, Browser, require
from tests.viewer.conftest import published

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
PUBLISHED = "https://cdn.jsdelivr.net/npm/three@0.187.0/"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The page with the library beside it instead of on the web, and two meshes."""
    require()
    page = (EXAMPLES / "mesh_page.html").read_text()
    assert page.count(PUBLISHED) == 2
    (tmp_path / "index.html").write_text(page.replace(PUBLISHED, "./three/"))
    three = WEB / "node_modules" / "three"
    shutil.copytree(three / "build", tmp_path / "three" / "build")
    shutil.copytree(three / "examples" / "jsm", tmp_path / "three" / "examples" / "jsm")
    for name, level in (("ornament", None), ("still_life", 20.0)):
        field = importers.load(EXAMPLES / "fields" / f"{name}.pt")
        exporters.export(field, tmp_path / f"{name}.glb", resolution=48, level=level)
    with published(tmp_path) as address:
        yield address


def state(browser: Browser) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = browser.do("evaluate", code="document.body?.dataset.state ?? ''")
        if found:
            return str(found)
        time.sleep(0.1)
    raise AssertionError(f"the page does not end: {browser.do('said')}")


def test_surfaces_are_shown_with_their_colors(site: str, browser: Browser, tmp_path: Path) -> None:
    spread = {}
    for name in ("ornament", "still_life"):
        up = "&up=z" if name == "ornament" else ""
        browser.open(f"{site}?mesh={name}.glb{up}", width=160, height=120)
        assert state(browser) == "showing", browser.do("said")
        image = browser.image(tmp_path, bare=False).astype(float)
        shown = abs(image - image[0, 0]).max(axis=2) > 24
        assert 0.08 < shown.mean() < 0.7
        assert not shown[0].any()  # in the middle of the window, whole
        assert not shown[:, 0].any()
        spread[name] = (image[shown].max(axis=1) - image[shown].min(axis=1)).mean()
    assert spread["still_life"] > 2 * spread["ornament"]


def test_a_mesh_that_is_not_there_is_told(site: str, browser: Browser) -> None:
    browser.open(f"{site}?mesh=missing.glb", width=160, height=120)
    assert state(browser) == "failed"
    assert "missing.glb cannot be shown" in browser.do("evaluate", code="document.body.innerText")
