"""The page in a real browser, as `nfcodec view` and `nfcodec view --export` serve it.

docs/viewer.md says how to run these tests.
"""

from __future__ import annotations

import json
from pathlib import Path

from nfcodec.viewer import export, query
from tests.viewer.browser import Browser
from tests.viewer.conftest import published, serving
from tests.viewer.images import SIDE

AWKWARD = ("a#b 100%?.nfc", "größe & maß.nfc", "%41+b.nfc")


def choose(name: str) -> str:
    return f"""(() => {{
        delete document.body.dataset.sharp;
        const select = document.getElementById('file');
        select.value = {json.dumps(name)};
        select.dispatchEvent(new Event('change'));
    }})()"""


def test_files_of_any_name_are_shown(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    files = [tmp_path / name for name in AWKWARD]
    for file in files:
        file.write_bytes(data["scalar.nfc"])
    with serving(*files) as running:
        browser.open(running.address, width=SIDE, height=SIDE)
        browser.sharp()
        picked = "document.getElementById('file').value"
        for name in AWKWARD:
            if name != AWKWARD[0]:
                browser.do("evaluate", code=choose(name))
                browser.sharp()
            assert browser.do("evaluate", code="document.title") == f"{name} · nfcodec"
            browser.until(f"{picked} === {json.dumps(name)}")
        browser.do("evaluate", code="delete document.body.dataset.sharp; history.back()")
        browser.until(f"document.title === {json.dumps(AWKWARD[1] + ' · nfcodec')}")
        browser.sharp()
        assert browser.do("evaluate", code=picked) == AWKWARD[1]
    site, _ = export(files, tmp_path / "site")
    with published(site) as base:
        for file in files:
            browser.open(f"{base}{query(file)}", width=SIDE, height=SIDE)
            browser.sharp()
            assert browser.do("evaluate", code="document.title") == f"{file.name} · nfcodec"


def test_the_local_server_and_its_policy_let_everything_work(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    for name, content in data.items():
        (tmp_path / name).write_bytes(content)
    with serving(tmp_path / "nerf.nfc", tmp_path / "sdf.nfc") as running:
        browser.open(f"http://127.0.0.1:{running.port}/", width=SIDE, height=SIDE)
        browser.sharp(3)
        assert browser.look()["title"] == "still life"
        browser.do("evaluate", code=choose("sdf.nfc"))
        browser.until("document.getElementById('name').textContent === 'ornament'")
        browser.sharp(3)
        assert "src=sdf.nfc" in browser.do("evaluate", code="location.href")
    said = json.dumps(browser.do("said"))
    assert "Content Security Policy" not in said
    assert "Content-Security-Policy" not in said
