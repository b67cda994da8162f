"""The page in a real browser: what it says of wrong files and addresses, and of no graphics.

docs/viewer.md says how to run these tests.
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from nfcodec import coding
from nfcodec.coding import previews
from nfcodec.container.frame import MAGIC, PREAMBLE, crc32c
from nfcodec.model.coded import CodedField
from tests.viewer.browser import Browser, psnr
from tests.viewer.doctored import HOLD_WORK
from tests.viewer.images import ALIKE, SIDE, drawn
from tests.viewer.links import Link, linked


def front(major: int = 1, chunks: int = 0, header: int = 0, rest: bytes = b"") -> bytes:
    start = PREAMBLE.pack(MAGIC, major, 0, chunks, header, 0)[:-4]
    return start + crc32c(start + rest).to_bytes(4, "little") + rest


def wrong_answers(data: bytes) -> dict[str, tuple[int, dict[str, str], bytes, list[str]]]:
    """Answers with no field in them: status, headers, body, and words of the message for each."""
    middle = 1000  # in the networks
    flip = data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]
    html = b"<!doctype html><title>Sign in</title>"
    part = {"Content-Range": f"bytes 5-{len(data) - 1}/{len(data)}"}
    table = struct.Struct("<4sII")
    huge_chunk = table.pack(b"NETW", 0xFFFFFFFC, 0)
    return {
        "empty": (200, {}, b"", ["cannot be read", "0 bytes"]),
        "a page of HTML": (200, {"Content-Type": "text/html"}, html, ["not a .nfc file"]),
        "an image": (200, {}, b"\x89PNG\r\n\x1a\n" + bytes(400), ["not a .nfc file"]),
        "a text-mode copy": (200, {}, data.replace(b"\r\n", b"\n", 1), ["cannot be read"]),
        "cut in the preamble": (200, {}, data[:11], ["cannot be read"]),
        "cut in the header": (200, {}, data[:70], ["cannot be read"]),
        "cut before the first LOD": (200, {}, data[:2000], ["cannot be read"]),
        "flipped in the table": (200, {}, data[:21] + b"\xff" + data[22:], ["cannot be read"]),
        "flipped in a chunk": (200, {}, flip, ["cannot be read", "checksum"]),
        "version 2": (200, {}, front(major=2), ["cannot be shown by this viewer"]),
        "version 0": (200, {}, front(major=0), ["cannot be read"]),
        "a huge header": (200, {}, front(header=0xFFFFFFF0) + bytes(64), ["too large"]),
        "65535 chunks": (200, {}, front(chunks=65535) + bytes(64), ["too large"]),
        "a huge chunk": (200, {}, front(1, 1, 4, huge_chunk + b"\xa0\0\0\0"), ["cannot be read"]),
        "404": (404, {}, b"not found", ["could not be loaded", "404"]),
        "403": (403, {}, b"no", ["could not be loaded", "403"]),
        "500": (500, {}, b"oops", ["could not be loaded", "500"]),
        "206 of another range": (206, part, data[5:], ["could not be loaded", "206"]),
        "206 that says no range": (206, {}, data[9:], ["could not be loaded", "206"]),
        "206 of nonsense": (206, {"Content-Range": "bytes 9-2/x"}, data, ["could not be loaded"]),
        "416": (416, {"Content-Range": "bytes */0"}, b"", ["cannot be read"]),
        "a redirect to a page": (302, {"Location": "/index.html"}, b"", ["not a .nfc file"]),
    }


@pytest.mark.parametrize("name", wrong_answers(bytes(4000)))
def test_wrong_answers_give_a_message(
    browser: Browser, data: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    *answer, words = wrong_answers(data["sdf.nfc"])[name]
    link = Link(answers={"wrong.nfc": tuple(answer)})  # type: ignore[dict-item]
    with linked({}, link) as server:
        browser.open(server.address("wrong.nfc"), width=480, height=480)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert seen["message"] is not None
        said = " ".join(seen["message"])
        assert said.startswith("wrong.nfc")
        for word in words:
            assert word in said
        assert "defect" not in said
        assert not seen["canvas"], "an empty canvas is shown"
        assert browser.image(tmp_path, bare=False).std() > 5


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("..%2f..%2fsecret.nfc", ["could not be loaded", "404"]),
        ("javascript:alert(1)", ["names no file", "javascript"]),
        ("data:,x", ["names no file"]),
        ("file:///etc/passwd", ["names no file"]),
        ("http://", ["names no file"]),
        ("http://127.0.0.1:9/x.nfc", ["could not be loaded"]),
    ],
)
def test_wrong_addresses_give_a_message(browser: Browser, source: str, words: list[str]) -> None:
    with linked({}) as server:
        browser.open(server.address(source), width=480, height=480)
        seen = browser.until("document.body.dataset.state === 'failed'")
        for word in words:
            assert word in " ".join(seen["message"])


def test_nothing_named_asks_for_a_file_and_takes_one(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked({}) as server:
        browser.open(f"http://127.0.0.1:{server.port}/", width=SIDE, height=SIDE)
        seen = browser.until("document.body.dataset.state === 'welcome'")
        assert "Drop a .nfc file" in seen["message"][0]
        browser.drop("dropped.nfc", data["nerf.nfc"])
        seen = browser.sharp(3)
        assert seen["title"] == "still life"
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE
        browser.drop("page.html", b"<!doctype html>")
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert "page.html cannot be read" in seen["message"][0]
        assert seen["title"] == "page.html"
        assert not seen["canvas"]
        browser.do("evaluate", code="delete document.body.dataset.sharp")
        browser.drop("next.nfc", data["sdf.nfc"])
        assert browser.sharp(3)["title"] == "ornament"


def test_the_image_before_stays_until_the_first_one_of_another_file(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    unnamed = replace(fields["sdf"], metadata={"camera": fields["sdf"].metadata["camera"]})
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=HOLD_WORK)
        browser.sharp(3)
        browser.do("evaluate", code="hold()")
        browser.drop("unnamed.nfc", coding.to_bytes(unnamed))
        seen = browser.until("waiting > 0")  # behind the first tile of its first image
        assert seen["state"] == "loading"
        assert seen["title"] == "unnamed.nfc"
        assert seen["canvas"]
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE
        browser.do("evaluate", code="letGo()")
        assert browser.sharp(3)["title"] == "unnamed.nfc"
        assert psnr(browser.image(tmp_path), drawn(fields["sdf"])) >= ALIKE
        # A message takes the image's place; it does not come back while yet another file loads.
        browser.drop("page.html", b"<!doctype html>")
        browser.until("document.body.dataset.state === 'failed'")
        browser.do("evaluate", code="hold()")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        seen = browser.until("waiting > 0")
        assert seen["state"] == "loading"
        assert not seen["canvas"]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("Object.defineProperty(Navigator.prototype, 'gpu', {get: () => undefined})", "missing"),
        ("GPU.prototype.requestAdapter = () => Promise.resolve(null)", "no graphics adapter"),
    ],
)
def test_without_webgpu_the_preview_is_shown(
    browser: Browser, data: dict[str, bytes], tmp_path: Path, before: str, reason: str
) -> None:
    red = io.BytesIO()
    Image.new("RGB", (160, 160), (220, 20, 20)).save(red, format="WEBP")
    content = {
        "with.nfc": previews.add(data["nerf.nfc"], red.getvalue()),
        "without.nfc": data["nerf.nfc"],
        "wrong.nfc": b"<!doctype html>",
    }
    with linked(content) as server:
        browser.open(server.address("with.nfc"), width=480, height=720, before=before)
        seen = browser.until("document.body.dataset.preview !== undefined")
        assert seen["preview"]
        assert not seen["canvas"]
        assert reason in seen["message"][1]
        assert "preview stored in the file" in seen["message"][1]
        middle = browser.image(tmp_path, bare=False)[200:300, 200:280].reshape(-1, 3).mean(axis=0)
        assert middle[0] > 180
        assert middle[1] < 90
        # Of the file, only its front and the image were fetched for it.
        asked = [r for name, r in server.asked if name == "with.nfc" and r and not r.endswith("-")]
        assert len(asked) == 2
        browser.open(server.address("without.nfc"), width=480, height=720, before=before)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert reason in seen["message"][1]
        assert not seen["preview"]
        browser.open(server.address("wrong.nfc"), width=480, height=720, before=before)
        browser.until("document.getElementById('message-text').textContent.includes('not a .nfc')")
