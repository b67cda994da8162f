"""The committed page is the one that the sources make, and it is in the package."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nfcodec.viewer import pages
from tests.web import node

ROOT = Path(__file__).resolve().parent.parent.parent
REMEDY = "the page is not built from these sources: run 'npm ci && npm run build:viewer' in web/"


def test_the_page_was_built_from_these_sources() -> None:
    sources = json.loads((pages.SITE / pages.BUILD).read_text())["sources"]
    assert "web/src/viewer/main.ts" in sources
    assert "nfcodec/shaders/radiance.wgsl" in sources
    changed = [
        name
        for name, digest in sources.items()
        if not (ROOT / name).is_file()
        or hashlib.sha256((ROOT / name).read_bytes()).hexdigest() != digest
    ]
    assert not changed, f"{REMEDY} (changed: {', '.join(changed)})"


@pytest.mark.browser
def test_a_fresh_build_gives_the_same_page(tmp_path: Path) -> None:
    node.require()
    node.run(["node", "scripts/build-viewer.js", "--out", str(tmp_path)])
    built = {path.relative_to(tmp_path): path.read_bytes() for path in files_in(tmp_path)}
    committed = {path.relative_to(pages.SITE): path.read_bytes() for path in files_in(pages.SITE)}
    assert built.keys() == committed.keys()
    assert [str(name) for name in built if built[name] != committed[name]] == [], REMEDY


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_part_of_the_page_is_used() -> None:
    """A source that no bundle takes in is dead, or was forgotten."""
    sources = json.loads((pages.SITE / pages.BUILD).read_text())["sources"]
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "web" / "src" / "viewer").iterdir()
        if path.is_file()
    }
    assert there <= sources.keys()


def test_the_page_asks_only_for_its_own_parts() -> None:
    for path in pages.SITE.rglob("*"):
        if path.suffix in {".html", ".css", ".js"}:
            text = path.read_text()
            for address in ("//cdn", "https://unpkg", "googleapis", "@import"):
                assert address not in text
    page = (pages.SITE / pages.INDEX).read_text()
    assert "<script>" not in page  # the policy allows no code in the page itself
    assert "style=" not in page
    assert "Content-Security-Policy" in page


@pytest.mark.slow
def test_the_page_is_in_the_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for path in pages.SITE.rglob("*"):
        if path.is_file():
            assert f"nfcodec/viewer/site/{path.relative_to(pages.SITE).as_posix()}" in names
    assert "nfcodec/shaders/radiance.wgsl" in names
