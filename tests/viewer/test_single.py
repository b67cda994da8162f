"""A page in one file, and what the publisher of a page may set."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from nfcodec import viewer
from nfcodec.errors import UsageError
from tests.cli.conftest import Run
from tests.viewer.browser import Browser

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
VIEW = "camera=1,2,3,0,0,0,0,0,1,0.6&background=ffffff"


def test_a_page_holds_the_field_and_names_its_script_by_hash(
    coded: Path, tmp_path: Path, nfcodec: Run
) -> None:
    page = tmp_path / "a.html"
    found = nfcodec("view", coded, "--export", page, "--title", 'A "jar" & <lid>')
    assert found.code == 0, found.err
    text = page.read_text()
    assert page.stat().st_size < 130_000 + 4 / 3 * coded.stat().st_size
    (field,) = re.findall(r'id="field" data-name="([^"]*)">([^<]*)<', text)
    assert field[0] == coded.name
    assert base64.b64decode(field[1]) == coded.read_bytes()
    assert "<title>A &quot;jar&quot; &amp; &lt;lid&gt;</title>" in text
    (script,) = re.findall(r'<script type="module">(.*?)</script>', text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' blob:;" in text
    assert not re.findall(r'(?:src|href)="(?!data:)', text), "something else would be loaded"


@pytest.mark.browser
def test_a_page_is_drawn_from_disk(coded: Path, tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "a.html"
    viewer.export_page(coded, page)
    browser.open(page.as_uri(), width=96, height=96)
    browser.sharp()
    assert browser.image(tmp_path).std() > 5
    assert [line for line in browser.do("said") if line.startswith("error")] == []


def test_a_site_takes_title_view_and_poster(coded: Path, tmp_path: Path, nfcodec: Run) -> None:
    poster = tmp_path / "p.png"
    poster.write_bytes(PNG)
    site = tmp_path / "site"
    link = f"https://host/site/?src=x.nfc#{VIEW}"
    given = ["--title", "Jar", "--description", "A jar.", "--view", link, "--poster", poster]
    found = nfcodec("view", coded, "--export", site, *given)
    assert found.code == 0, found.err
    assert f"{viewer.query(coded)}&amp;embed" in found.out
    text = (site / "index.html").read_text()
    assert f'<body data-view="{VIEW.replace("&", "&amp;")}"' in text
    assert '<img id="poster" src="poster.png" alt="Jar" />' in text
    assert '<meta property="og:description" content="A jar." />' in text
    assert (site / "poster.png").read_bytes() == PNG
    assert nfcodec("view", coded, "--export", site, "--overwrite").code == 0
    assert not (site / "poster.png").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--title", "x"], "--title goes with --export"),
        (["--export", "a.html", "--view", "https://host/#nothing"], "no link to a view"),
        (["--export", "a.html", "--view", 'camera="><script>'], "no link to a view"),
        (["--export", "a.html", "--poster", "there.txt"], "is no PNG, JPEG, WebP or AVIF"),
        (["--export", "none/a.html"], "does not exist"),
        (["--export", "there.html"], "exists"),
    ],
)
def test_wrong_settings_are_refused(
    coded: Path, tmp_path: Path, nfcodec: Run, monkeypatch: pytest.MonkeyPatch,
    options: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.txt").write_text("no image")
    (tmp_path / "there.html").write_text("kept")
    nfcodec("view", coded, *options).expect(2, said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.html", "there.txt"]
    assert (tmp_path / "there.html").read_text() == "kept"


def test_a_page_holds_one_field(coded: Path, tmp_path: Path, nfcodec: Run) -> None:
    nfcodec("view", coded, coded, "--export", tmp_path / "a.html").expect(2, "one field, not 2")


def test_a_poster_is_bounded() -> None:
    with pytest.raises(UsageError, match="before the field"):
        viewer.poster_of(PNG + bytes(1 << 23), "p.png")
