"""The viewer as a folder of static files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from nfcodec.errors import NfcodecError, UsageError
from nfcodec.viewer import export, pages
from nfcodec.viewer.export import check_export
from tests.viewer.conftest import Run, published


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_site_is_complete_and_works_anywhere(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    found = nfcodec("view", coded, "--export", site, "--json")
    assert (found.code, found.err) == (0, "")
    content = tree(site)
    assert found.json["bytes"] == sum(map(len, content.values()))
    page_parts = tree(pages.SITE).keys() - {pages.BUILD, pages.SINGLE}
    assert page_parts > {"index.html", "favicon.svg", "assets/viewer.js", "assets/worker.js"}
    assert content.keys() == {*page_parts, "files.json", "a field.nfc"}
    assert content["a field.nfc"] == coded.read_bytes()
    page = content["index.html"].decode()
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    named = {address.split("?")[0] for address in addresses}
    # The decoder in the page itself is loaded where workers are forbidden, and not before.
    late = {name for name in page_parts if name.startswith("assets/read-")}
    assert named == page_parts - late - {"index.html"}
    for address in addresses:  # relative, so that the site works in any folder of any server
        assert not re.match(r"/|[a-z]+:", address)
        assert address.split("?")[0] in content
    for name, data in content.items():
        if name != "a field.nfc":
            assert str(tmp_path).encode() not in data
            assert str(pages.SITE.parent).encode() not in data
    with published(tmp_path) as address:
        base = f"{address}site"
        assert urlopen(f"{base}/?src=a%20field.nfc").read() == content["index.html"]
        assert urlopen(f"{base}/a%20field.nfc").read() == coded.read_bytes()


def test_what_is_there_is_kept(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    nfcodec("view", coded, "--export", site)
    (site / "index.html").write_text("edited")
    before = tree(site)
    nfcodec("view", coded, "--export", site).expect(2, "kept", "--overwrite")
    assert tree(site) == before
    assert nfcodec("view", coded, "--export", site, "--overwrite").code == 0
    assert tree(site)["index.html"] == (pages.SITE / "index.html").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["site"]


def test_what_is_replaced_passes_on_its_permissions(
    nfcodec: Run, coded: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    nfcodec("view", coded, "--export", site)
    modes = {site: 0o750, site / "assets": 0o700, site / coded.name: 0o640}
    for place, mode in modes.items():
        place.chmod(mode)
    assert nfcodec("view", coded, "--export", site, "--overwrite").code == 0
    assert {place: place.stat().st_mode & 0o777 for place in modes} == modes


def test_other_peoples_files_are_never_removed(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    nfcodec("view", coded, "--export", site)
    (site / "assets" / "notes.txt").write_text("mine")
    found = nfcodec("view", coded, "--export", site, "--overwrite")
    found.expect(2, "assets/notes.txt", "not written by an export")
    home = tmp_path / "home"
    home.mkdir()
    (home / "diary.txt").write_text("mine")
    nfcodec("view", coded, "--export", home, "--overwrite").expect(2, "diary.txt")
    assert (home / "diary.txt").read_text() == "mine"


def test_an_empty_folder_is_taken(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert nfcodec("view", coded, "--export", tmp_path / "site").code == 0
    assert (tmp_path / "site" / "index.html").is_file()


def test_places_that_cannot_be(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    nfcodec("view", coded, "--export", tmp_path / "no" / "site").expect(2, "does not exist")
    (tmp_path / "file").write_text("x")
    nfcodec("view", coded, "--export", tmp_path / "file").expect(2, "a folder is needed")
    assert (tmp_path / "file").read_text() == "x"


def test_options_that_do_not_go_together(nfcodec: Run, coded: Path, tmp_path: Path) -> None:
    nfcodec("view", coded, "--export", tmp_path / "s", "--port", 9000).expect(2, "--port")
    nfcodec("view", coded, "--overwrite", "--no-open").expect(2, "--export")


def test_a_failure_leaves_nothing(
    coded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    export([coded], tmp_path / "site")
    before = tree(tmp_path)
    monkeypatch.setattr(shutil, "copyfile", full)
    for name in ("site", "new"):
        with pytest.raises(NfcodecError, match="no space left"):
            export([coded], tmp_path / name, overwrite=True)
    assert tree(tmp_path) == before


def test_names_that_collide(coded: Path, tmp_path: Path) -> None:
    twin = tmp_path / coded.name
    taken = tmp_path / "index.html"
    for path in (twin, taken):
        shutil.copyfile(coded, path)
    with pytest.raises(UsageError, match="the same name"):
        pages.resources([coded, twin])
    with pytest.raises(UsageError, match="the viewer has a file of that name"):
        pages.resources([taken])


def test_export_needs_no_server(coded: Path, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.modules['uvicorn'] = sys.modules['starlette'] = None\n"
        "from nfcodec.cli.app import run\n"
        f"sys.exit(run(['view', {str(coded)!r}, '--export', {str(tmp_path / 's')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "s" / "index.html").is_file()


@pytest.mark.parametrize("kind", ["link", "broken link", "empty folder"])
def test_what_is_not_a_file_is_kept_as_well(tmp_path: Path, kind: str) -> None:
    site, mine = tmp_path / "site", tmp_path / "mine"
    site.mkdir()
    mine.mkdir()
    if kind == "empty folder":
        (site / "empty").mkdir()
    else:
        (site / "link").symlink_to(mine if kind == "link" else tmp_path / "nowhere")
    with pytest.raises(UsageError, match="--overwrite"):
        check_export(site)
    with pytest.raises(UsageError, match="not written by an export"):
        check_export(site, overwrite=True)
