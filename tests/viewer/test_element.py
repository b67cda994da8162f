"""`<nf-viewer>` of the npm package, in a page of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.viewer.browser import Browser, psnr
from tests.viewer.conftest import published
from tests.viewer.images import ALIKE, SIDE, drawn
from tests.web import node

PAGE = """<!doctype html>
<link rel="icon" href="data:,">
<style>
  body {{ margin: 0; height: 3000px }}
  nf-viewer {{ width: {side}px; height: {side}px }}
</style>
<script>
  document.addEventListener("DOMContentLoaded", () => {{
    const viewer = document.querySelector("nf-viewer");
    for (const name of ["load", "shown", "error", "view-change"]) {{
      viewer.addEventListener(name, ({{ detail }}) => {{
        document.body.dataset[name.replace("-change", "")] = String(detail.error?.message ?? "yes");
        if (detail.sharp !== undefined) document.body.dataset.sharp = String(detail.sharp);
        if (detail.lod !== undefined) document.body.dataset.lod = String(detail.lod);
      }});
    }}
  }});
</script>
<script type="module" src="package/nf-viewer.js"></script>
<nf-viewer src="{src}" poster="poster.svg" {more}></nf-viewer>
"""
POSTER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>'
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, data: dict[str, bytes]) -> Iterator[str]:
    node.require()
    folder = tmp_path_factory.mktemp("element")
    code = "import('./scripts/bundles.js').then(({ bundles }) => bundles(process.argv[1]))"
    node.run(["node", "-e", code, str(folder / "package")])
    (folder / "poster.svg").write_text(POSTER)
    (folder / "sdf.nfc").write_bytes(data["sdf.nfc"])
    pages = {
        "plain": ("sdf.nfc", ""),
        "turning": ("sdf.nfc", "auto-rotate"),
        "lost": ("no.nfc", ""),
    }
    for name, (src, more) in pages.items():
        (folder / f"{name}.html").write_text(PAGE.format(side=SIDE, src=src, more=more))
    with published(folder) as address:
        yield address


def test_it_draws_what_render_draws(
    site: str, browser: Browser, fields: dict[str, object], tmp_path: Path
) -> None:
    browser.open(f"{site}plain.html", width=SIDE, height=SIDE)
    browser.do("until", code="document.body.dataset.load === 'yes'", seconds=120)
    newest = fields["sdf"].num_lods - 1  # type: ignore[attr-defined]
    there = f"document.body.dataset.sharp === 'true' && document.body.dataset.lod === '{newest}'"
    browser.do("until", code=there, seconds=120)
    assert psnr(browser.image(tmp_path, bare=False), drawn(fields["sdf"])) >= ALIKE  # type: ignore[arg-type]
    assert [line for line in browser.do("said") if line.startswith("error")] == []
    # The page around is scrolled by the wheel, until the image was clicked.
    browser.do("wheel", at=[40, 40], by=200)
    browser.do("until", code="scrollY > 0", seconds=10)
    browser.do("evaluate", code="scrollTo(0, 0)")
    browser.do("drag", **{"from": [30, 40], "to": [60, 40]})
    browser.do("until", code="document.body.dataset.view === 'yes'", seconds=10)
    browser.do("wheel", at=[60, 41], by=200)
    assert browser.do("evaluate", code="scrollY") == 0


def test_it_turns_and_stops_when_it_is_taken_away(site: str, browser: Browser) -> None:
    browser.open(f"{site}turning.html", width=SIDE, height=SIDE)
    browser.do("until", code="document.body.dataset.lod !== undefined", seconds=120)
    eye = "document.querySelector('nf-viewer').view.then(view => view.eye)"
    first = np.array(browser.do("evaluate", code=eye))
    moved = f"{eye}.then(eye => Math.hypot(...eye.map((v, i) => v - {first.tolist()}[i])) > 0.01)"
    browser.do("until", code=moved, seconds=60)
    gone = "document.querySelector('nf-viewer').remove(); document.body.childElementCount >= 0"
    assert browser.do("evaluate", code=gone)
    assert [line for line in browser.do("said") if line.startswith("error")] == []


def test_it_says_what_is_wrong_over_its_poster(site: str, browser: Browser, tmp_path: Path) -> None:
    browser.open(f"{site}lost.html", width=SIDE, height=SIDE)
    browser.do("until", code="document.body.dataset.error !== undefined", seconds=60)
    assert "404" in browser.do("evaluate", code="document.body.dataset.error")
    poster = "document.querySelector('nf-viewer').shadowRoot.querySelector('img').checkVisibility()"
    assert browser.do("evaluate", code=poster) is True
