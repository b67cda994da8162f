"""The local server: what it gives, to whom, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nfcodec.viewer import pages
from tests.viewer.conftest import Run, Served, serving

FIELD = "/a%20field.nfc"


def test_it_gives_the_page_its_parts_and_the_file(served: Served) -> None:
    page = served.ask("/?src=a%20field.nfc")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.body == (pages.SITE / "index.html").read_bytes()
    for part, kind in (
        ("viewer.js", "text/javascript"),
        ("worker.js", "text/javascript"),
        ("style.css", "text/css"),
    ):
        answer = served.ask(f"/assets/{part}")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(kind)
        assert answer.body == (pages.SITE / "assets" / part).read_bytes()
    whole = served.ask(FIELD)
    assert whole.status == 200
    assert whole.body == served.file.read_bytes()
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == pages.FIELD_TYPE
    listing = json.loads(served.ask("/files.json").body)
    assert listing == {"files": [{"name": "a field.nfc", "bytes": len(whole.body)}]}


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=-7", -7, -1),
        ("bytes=100-", 100, -1),
        ("bytes=0-99999999999", 0, -1),
        ("bytes=-99999999999", 0, -1),
        ("BYTES=3-4", 3, 4),
    ],
)
def test_ranges(served: Served, asked: str, first: int, last: int) -> None:
    data = served.file.read_bytes()
    first, last = first % len(data), last % len(data)
    answer = served.ask(FIELD, Range=asked)
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.body == data[first : last + 1]


def test_several_ranges(served: Served) -> None:
    data = served.file.read_bytes()
    answer = served.ask(FIELD, Range="bytes=0-3, 100-103")
    assert answer.status == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert data[:4] in answer.body
    assert data[100:104] in answer.body
    assert len(answer.body) == int(answer.headers["content-length"]) < 600


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes={size}-{size}", "bytes=-0"])
def test_ranges_that_cannot_be_had(served: Served, asked: str) -> None:
    size = served.file.stat().st_size
    answer = served.ask(FIELD, Range=asked.format(size=size))
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "asked", ["lines=0-3", "bytes", "bytes=", "bytes=x-y", "bytes=1", "bytes=" + "9" * 5000 + "-"]
)
def test_ranges_that_are_ignored(served: Served, asked: str) -> None:
    answer = served.ask(FIELD, Range=asked)
    assert answer.status == 200
    assert answer.body == served.file.read_bytes()


def test_a_range_only_of_the_version_that_is_known(served: Served) -> None:
    etag = served.ask(FIELD).headers["etag"]
    assert served.ask(FIELD, Range="bytes=0-3", If_Range=etag).status == 206
    for stale in ('"of another file"', f"W/{etag}", "Sat, 01 Jan 2000 00:00:00 GMT"):
        answer = served.ask(FIELD, Range="bytes=0-3", If_Range=stale)
        assert answer.status == 200
        assert answer.body == served.file.read_bytes()


def test_a_file_that_changed_is_another_version(coded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.nfc"
    copy.write_bytes(coded.read_bytes())
    with serving(copy) as running:
        before = running.ask("/copy.nfc")
        copy.write_bytes(before.body + b"x")
        os.utime(copy, (1, 1))
        after = running.ask("/copy.nfc", If_None_Match=before.headers["etag"])
        assert (after.status, after.body) == (200, before.body + b"x")
        assert after.headers["etag"] != before.headers["etag"]
        copy.unlink()
        assert running.ask("/copy.nfc").status == 404
        copy.mkdir()
        assert running.ask("/copy.nfc").status == 404


def test_what_the_browser_has_is_not_sent_again(served: Served) -> None:
    known = served.ask(FIELD).headers["etag"]
    for condition in (known, f"W/{known}", f'"other", {known}', "*"):
        answer = served.ask(FIELD, If_None_Match=condition)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == known
    assert served.ask(FIELD, If_None_Match='"other"').status == 200


def test_head_is_get_without_the_body(served: Served) -> None:
    for target in ("/", FIELD, "/files.json", "/assets/viewer.js"):
        got, head = served.ask(target), served.ask(target, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(got.body))
        assert head.headers["content-type"] == got.headers["content-type"]
    assert served.ask(FIELD, "HEAD", Range="bytes=0-3").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    answer = served.ask(FIELD, method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%252e%252e%252fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/etc/passwd",
        "/assets//viewer.js",
        "/assets/",
        "/assets",
        "/./index.html",
        "/index.html/",
        "/index.html%00.txt",
        "/a%20field.nfc%00",
        "/a%20field.nfc/",
        "/%ff%fe",
        "/build.json",
        "/server.py",
        "/nothing.nfc",
        "/.git/config",
        "/" + "a/" * 3000,
    ],
)
def test_nothing_else_is_there(served: Served, target: str) -> None:
    answer = served.ask(target)
    assert answer.status == 404
    assert b"root:" not in answer.body
    assert b"not for browsers" not in answer.body


def test_a_target_that_is_no_path_is_refused(served: Served) -> None:
    for target in ("*", "http://evil.example/a%20field.nfc", "a%20field.nfc"):
        assert served.ask(target).status in {400, 404}


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", ""],
)
def test_other_names_for_this_machine_are_refused(served: Served, host: str) -> None:
    answer = served.ask("/", Host=host)
    assert answer.status == 400
    assert b"<!doctype" not in answer.body.lower()


def test_its_own_names_are_good(served: Served) -> None:
    for host in (f"127.0.0.1:{served.port}", f"localhost:{served.port}", "LOCALHOST"):
        assert served.ask("/", Host=host).status == 200


@pytest.mark.parametrize("target", ["/", FIELD, "/files.json", "/nothing", "/assets/viewer.js"])
def test_every_answer_is_safe_to_show(served: Served, target: str) -> None:
    for answer in (served.ask(target), served.ask(target, "POST"), served.ask(target, Host="x.y")):
        rules = dict(
            rule.strip().split(" ", 1)
            for rule in answer.headers["content-security-policy"].split(";")
        )
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["connect-src"] == rules["worker-src"] == "'self'"
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    listening = Path("/proc/net/tcp")
    if not listening.exists():
        pytest.skip("needs /proc/net/tcp")
    port = f"{served.port:04X}"
    lines = [line.split() for line in listening.read_text().splitlines()[1:]]
    local = [line[1] for line in lines if line[3] == "0A" and line[1].endswith(":" + port)]
    assert local == [f"0100007F:{port}"]
    if Path("/proc/net/tcp6").exists():
        assert f":{port} " not in " ".join(
            " ".join(line.split()[1:2]) + " "
            for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]
        )


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_ends_at_once_and_cleanly(coded: Path, sent: signal.Signals, code: int) -> None:
    with serving(coded) as running, socket.create_connection(("127.0.0.1", running.port)) as idle:
        idle.sendall(b"GET /files.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        began = time.monotonic()
        running.process.send_signal(sent)
        out, err = running.process.communicate(timeout=30)
        assert running.process.returncode == code, err
        assert out == ""
        assert "Traceback" not in err
        assert (err == "") == (sent == signal.SIGINT)
        assert time.monotonic() - began < 20


def test_a_port_that_is_taken(nfcodec: Run, coded: Path, served: Served) -> None:
    found = nfcodec("view", coded, "--no-open", "--port", served.port)
    found.expect(2, f"port {served.port}", "taken", "--port")


def test_two_servers_at_a_time(coded: Path, served: Served) -> None:
    with serving(coded) as second:
        assert second.port != served.port
        assert second.ask(FIELD).status == 200


def test_the_usual_port_is_not_insisted_on(coded: Path) -> None:
    from nfcodec.viewer import server

    with socket.socket() as other:
        try:
            other.bind((server.HOST, server.USUAL_PORT))
            other.listen()
        except OSError:
            pass  # taken by something else: as good
        with server.listen(None) as listener:
            assert listener.getsockname()[1] != server.USUAL_PORT


def test_without_the_extra_it_says_what_to_install(coded: Path) -> None:
    script = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "from nfcodec.cli.app import run\n"
        f"sys.exit(run(['view', {str(coded)!r}, '--no-open']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'nfcodec-core[view]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
