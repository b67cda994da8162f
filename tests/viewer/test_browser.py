"""The viewer in a real browser, with software WebGPU: what is on the screen is looked at.

docs/viewer.md says how to run these tests. They are skipped where there is no browser, and fail
there with NFCODEC_REQUIRE_GPU_TESTS=1.
"""

from __future__ import annotations

import io
import json
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nfcodec import importers, quantize, render, stream
from nfcodec.coded import CodedField
from nfcodec.container.frame import MAGIC, PREAMBLE, crc32c
from nfcodec.render import views
from nfcodec.render.images import to_uint8
from nfcodec.stream import previews
from nfcodec.viewer import export, query
from tests.fields import random_field
from tests.viewer.browser import Browser, decoded, psnr, require
from tests.viewer.links import PIECE, Link, linked

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "fields"
SIDE = 96
ALIKE = 45.0  # dB
Picture = npt.NDArray[np.uint8]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    require()
    running = Browser()
    yield running
    running.close()


@pytest.fixture(scope="session")
def fields() -> dict[str, CodedField]:
    """A field of each kind, coded, with a camera hint for square pictures."""
    plain = {
        "nerf": importers.load(EXAMPLES / "still_life.pt"),
        "sdf": importers.load(EXAMPLES / "ornament.pt"),
        "scalar": random_field("scalar", "dense"),
    }
    found = {}
    for kind, field in plain.items():
        coded = quantize.encode(field, "kmeans", bits=4)
        camera = views.default_camera(coded, (SIDE, SIDE))
        hint = {
            "eye": camera.pose[:3, 3].tolist(),
            "target": (camera.pose[:3, 3] - camera.pose[:3, 2]).tolist(),
            "up": camera.pose[:3, 1].tolist(),
            "vertical_fov": float(2 * np.arctan(0.5 * camera.height / camera.fy)),
            "width": SIDE,
            "height": SIDE,
        }
        found[kind] = replace(coded, metadata={**coded.metadata, "camera": hint})
    return found


@pytest.fixture(scope="session")
def data(fields: dict[str, CodedField]) -> dict[str, bytes]:
    return {f"{kind}.nfc": stream.to_bytes(field) for kind, field in fields.items()}


def drawn(field: CodedField, size: int = SIDE, **options: object) -> Picture:
    """What ``nfcodec render --device cpu`` draws from the field's hint."""
    camera = views.default_camera(field, (size, size))
    picture = render.render(field, camera, device="cpu", **options)  # type: ignore[arg-type]
    return to_uint8(picture)


@pytest.mark.parametrize(
    ("kind", "link", "options"),
    [
        ("nerf", "", {}),
        ("nerf", "#lod=1", {"lod": 1}),
        ("nerf", "#mode=depth", {"mode": "depth"}),
        ("sdf", "", {}),
        ("sdf", "#mode=normals", {"mode": "normals"}),
        ("sdf", "#mode=depth&lod=0", {"mode": "depth", "lod": 0}),
        ("scalar", "", {}),
        ("scalar", "#colormap=magma&range=-0.2,0.3",
         {"colormap": "magma", "value_range": (-0.2, 0.3)}),
        ("scalar", "#mode=iso", {"mode": "iso"}),
    ],
)  # fmt: skip
def test_the_picture_is_that_of_nfcodec_render(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path,
    kind: str, link: str, options: dict[str, object],
) -> None:  # fmt: skip
    with linked(data) as server:
        browser.open(server.address(f"{kind}.nfc", link), width=SIDE, height=SIDE)
        browser.sharp(options.get("lod", fields[kind].num_lods - 1))  # type: ignore[arg-type]
        reference = drawn(fields[kind], **options)
        assert reference.std() > 10, "the reference shows nothing"
        assert psnr(browser.picture(tmp_path), reference) >= ALIKE
    assert [line for line in browser.do("said") if not line.startswith("warning")] == []


@pytest.mark.parametrize("kind", ["nerf", "sdf"])
def test_without_a_hint_the_first_view_is_that_of_nfcodec_render(
    browser: Browser, fields: dict[str, CodedField], tmp_path: Path, kind: str
) -> None:
    plain = {key: value for key, value in fields[kind].metadata.items() if key != "camera"}
    field = replace(fields[kind], metadata=plain)
    content = stream.to_bytes(field)
    first = stream.describe(content)["lod_bytes"][0]
    # Only at first is the coarsest octree all that is known of where the content is.
    with linked({"plain.nfc": content}, Link(gate=first)) as server:
        browser.open(server.address("plain.nfc"), width=SIDE, height=SIDE)
        browser.sharp(0)
        server.gate = None
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), drawn(field)) >= ALIKE


def test_a_field_without_levels_arrives_as_a_level_of_detail(browser: Browser) -> None:
    plain = quantize.encode(random_field("sdf", "none"), "float16")
    with linked({"plain.nfc": stream.to_bytes(plain)}) as server:
        browser.open(server.address("plain.nfc"), width=SIDE, height=SIDE)
        browser.sharp(0, 0)
        marks = "performance.getEntries().map(({ name }) => name)"
        names = browser.do("evaluate", code=f"{marks}.filter((name) => name.startsWith('nfc-'))")
        assert "nfc-decoded-0" in names
        assert "nfc-refined-0" not in names


def test_each_layer_is_drawn_as_soon_as_it_has_arrived(
    browser: Browser, fields: dict[str, CodedField], tmp_path: Path
) -> None:
    content = stream.to_bytes(fields["sdf"], layers=2)
    cuts = stream.describe(content)["cuts"]
    assert max(cut["layer"] for cut in cuts) == 1
    with linked({"sdf.nfc": content}, Link(gate=0)) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        for cut in cuts:
            server.gate = cut["bytes"]
            browser.sharp(cut["lod"], cut["layer"])
            assert server.sent["sdf.nfc"] == cut["bytes"]
            part = stream.open(content[: cut["bytes"]])
            part = replace(part, metadata=fields["sdf"].metadata)
            assert psnr(browser.picture(tmp_path), drawn(part)) >= ALIKE


def test_each_lod_is_drawn_as_soon_as_it_has_arrived(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    content = data["nerf.nfc"]
    ends = stream.describe(content)["lod_bytes"]
    quality = []
    full = drawn(fields["nerf"])
    with linked({"nerf.nfc": content}, Link(gate=0)) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE)
        for lod, end in enumerate(ends):
            server.gate = end
            assert browser.sharp(lod)["lod"] == str(lod)
            assert server.sent["nerf.nfc"] == end
            picture = browser.picture(tmp_path)
            assert psnr(picture, drawn(fields["nerf"], lod=lod)) >= ALIKE
            quality.append(psnr(picture, full))
        server.gate = None
        browser.until("document.getElementById('bar').getAttribute('aria-valuenow') === '100'")
    assert quality == sorted(quality)
    assert quality[-1] >= ALIKE
    assert quality[0] < 30


def test_a_cut_connection_goes_on_where_it_ended(browser: Browser, data: dict[str, bytes]) -> None:
    content = data["sdf.nfc"]
    holds = [len(content) * part // 10 for part in (2, 4, 6)]
    bar = "Number(document.getElementById('bar').getAttribute('aria-valuenow'))"
    with linked({"sdf.nfc": content}, Link(holds=list(holds))) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        for hold in holds:
            browser.until(f"{bar} >= {100 * hold // len(content)}")
            server.holds.pop(0)
        browser.sharp(3)
        browser.until(f"{bar} === 100")
        # On a busy machine a wait may be so long that the page asks anew for the same.
        asked = list(dict.fromkeys(byte for name, byte in server.asked if name == "sdf.nfc"))
        starts = [int(str(request).removeprefix("bytes=").removesuffix("-")) for request in asked]
        assert len(starts) == 4
        # What the page had counted is not asked for again.
        for start, hold in zip(starts, [0, *holds], strict=True):
            assert hold - len(content) // 100 <= start <= hold + PIECE
        assert browser.look()["notice"] is None


def test_a_server_that_is_cut_before_anything_arrives(
    browser: Browser, data: dict[str, bytes]
) -> None:
    with linked(data, Link(cuts=3, cut_after=0)) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        browser.sharp(3)
        assert server.cuts == 0
        assert browser.look()["notice"] is None


def test_a_server_without_ranges_and_a_cut_connection(
    browser: Browser, data: dict[str, bytes]
) -> None:
    content = data["sdf.nfc"]
    with linked({"sdf.nfc": content}, Link(ranges=False, cuts=2, cut_after=9000)) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        browser.sharp(3)
        assert browser.look()["notice"] is None
        assert server.cuts == 0


def test_the_picture_stays_when_the_rest_never_comes(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    content = data["sdf.nfc"]
    first = stream.describe(content)["lod_bytes"][0]
    with linked({"sdf.nfc": content}, Link(gate=first + 40)) as server:
        browser.open(server.address("sdf.nfc"), width=400, height=400)
        browser.until("document.body.dataset.lod === '0'")
        server.answers["sdf.nfc"] = (404, {}, b"gone")
        server.drop = True
        seen = browser.until("!document.getElementById('notice').hidden", seconds=180)
        assert "did not arrive" in seen["notice"]
        assert seen["state"] == "showing"
        assert seen["message"] is None
        assert browser.picture(tmp_path).std() > 10
        del server.answers["sdf.nfc"]
        server.gate = None
        browser.do("click", selector="#notice-retry")
        browser.sharp(3)
        assert browser.look()["notice"] is None


def test_a_file_cut_behind_a_lod_shows_what_it_has(
    browser: Browser, data: dict[str, bytes]
) -> None:
    content = data["sdf.nfc"]
    second = stream.describe(content)["lod_bytes"][1]
    with linked({"cut.nfc": content[: second + 100]}) as server:
        browser.open(server.address("cut.nfc"), width=400, height=400)
        browser.sharp(1)
        seen = browser.until("!document.getElementById('notice').hidden")
        assert "cut" in seen["notice"]
        assert "0-1 of 0-3" in seen["notice"]


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
        "a picture": (200, {}, b"\x89PNG\r\n\x1a\n" + bytes(400), ["not a .nfc file"]),
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
    }  # fmt: skip


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
        assert browser.picture(tmp_path, bare=False).std() > 5


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
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE
        browser.drop("page.html", b"<!doctype html>")
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert "page.html cannot be read" in seen["message"][0]
        assert seen["title"] == "page.html"
        assert not seen["canvas"]
        browser.do("evaluate", code="delete document.body.dataset.sharp")
        browser.drop("next.nfc", data["sdf.nfc"])
        assert browser.sharp(3)["title"] == "ornament"


def test_the_picture_before_stays_until_the_first_one_of_another_file(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    hold = (
        "let open, gate = null; window.waiting = 0;"
        "window.hold = () => { waiting = 0; gate = new Promise((go) => (open = go)); };"
        "window.letGo = () => { gate = null; open(); };"
        "const wait = GPUQueue.prototype.onSubmittedWorkDone;"
        "GPUQueue.prototype.onSubmittedWorkDone = async function () {"
        "  await wait.call(this); if (gate !== null) { waiting++; await gate; } };"
    )
    unnamed = replace(fields["sdf"], metadata={"camera": fields["sdf"].metadata["camera"]})
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=hold)
        browser.sharp(3)
        browser.do("evaluate", code="hold()")
        browser.drop("unnamed.nfc", stream.to_bytes(unnamed))
        seen = browser.until("waiting > 0")  # behind the first tile of its first picture
        assert seen["state"] == "loading"
        assert seen["title"] == "unnamed.nfc"
        assert seen["canvas"]
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE
        browser.do("evaluate", code="letGo()")
        assert browser.sharp(3)["title"] == "unnamed.nfc"
        assert psnr(browser.picture(tmp_path), drawn(fields["sdf"])) >= ALIKE
        # A message takes the picture's place; it does not come back while yet another file loads.
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
        middle = browser.picture(tmp_path, bare=False)[200:300, 200:280].reshape(-1, 3).mean(axis=0)
        assert middle[0] > 180
        assert middle[1] < 90
        # Of the file, only its front and the picture were fetched for it.
        asked = [r for name, r in server.asked if name == "with.nfc" and r and not r.endswith("-")]
        assert len(asked) == 2
        browser.open(server.address("without.nfc"), width=480, height=720, before=before)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert reason in seen["message"][1]
        assert not seen["preview"]
        browser.open(server.address("wrong.nfc"), width=480, height=720, before=before)
        browser.until("document.getElementById('message-text').textContent.includes('not a .nfc')")


def test_a_lost_gpu_is_asked_for_again(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    keep = (
        "const ask = GPUAdapter.prototype.requestDevice;"
        "window.devices = [];"
        "GPUAdapter.prototype.requestDevice = async function (...a) {"
        "  const device = await ask.apply(this, a); window.devices.push(device); return device; }"
    )
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=keep)
        browser.sharp(3)
        browser.do("evaluate", code="delete document.body.dataset.sharp; devices[0].destroy()")
        browser.until("devices.length === 2")
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE


@pytest.mark.parametrize(
    "starved",
    [
        # No frames after the first.
        "const ask = requestAnimationFrame; let left = 1;"
        "window.requestAnimationFrame = (act) => left-- > 0 ? ask.call(window, act) : 0;",
        # The end of work is told only when there is more of it.
        "const ask = GPUQueue.prototype.onSubmittedWorkDone;"
        "const submit = GPUQueue.prototype.submit;"
        "let told = [];"
        "GPUQueue.prototype.submit = function (work) {"
        "  submit.call(this, work); told.forEach((tell) => tell()); told = []; };"
        "GPUQueue.prototype.onSubmittedWorkDone = async function () {"
        "  await ask.call(this); await new Promise((tell) => told.push(tell)); };",
    ],
    ids=["no frames", "no answers"],
)
def test_a_starved_browser_shows_all_lods(
    browser: Browser, data: dict[str, bytes], starved: str
) -> None:
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=starved)
        browser.sharp(3)


def test_a_gpu_lost_in_the_middle_of_a_picture(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    keep = (
        "const ask = GPUAdapter.prototype.requestDevice;"
        "let device;"
        "GPUAdapter.prototype.requestDevice = async function (...a) {"
        "  return (device = await ask.apply(this, a)); };"
        "const wait = GPUQueue.prototype.onSubmittedWorkDone;"
        "window.waits = 0;"
        "GPUQueue.prototype.onSubmittedWorkDone = function () {"
        "  if (++waits !== 2) return wait.call(this);"
        "  device.destroy();"
        "  return new Promise(() => {}); }"  # as if its process had hung
    )
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=keep)
        browser.sharp(3)
        assert browser.do("evaluate", code="waits") > 2
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE


def test_a_file_that_was_left_is_not_shown(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    red = replace(fields["nerf"], metadata={**fields["nerf"].metadata, "background": [1, 0, 0]})
    hold = (
        "let open; const gate = new Promise((resolve) => (open = resolve));"
        "window.letGo = () => open();"
        "window.corners = []; window.waiting = 0;"
        "const wait = GPUQueue.prototype.onSubmittedWorkDone;"
        "GPUQueue.prototype.onSubmittedWorkDone = async function () {"
        "  await wait.call(this); waiting++; await gate; };"
        "const put = CanvasRenderingContext2D.prototype.putImageData;"
        "CanvasRenderingContext2D.prototype.putImageData = function (image, ...at) {"
        "  if (image.height > 1) corners.push([...image.data.slice(0, 3)].join());"
        "  return put.call(this, image, ...at); };"
    )
    with linked({"red.nfc": stream.to_bytes(red)}) as server:
        browser.open(server.address("red.nfc"), width=SIDE, height=SIDE, before=hold)
        browser.until("waiting > 0")  # behind the last tile of its first picture
        browser.until("performance.getEntriesByName('nfc-decoded-3').length > 0")
        browser.drop("ornament.nfc", data["sdf.nfc"])
        browser.until("performance.getEntriesByName('nfc-decoded-3').length > 1")
        browser.do("evaluate", code="letGo()")
        browser.until("document.getElementById('name').textContent === 'ornament'")
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), drawn(fields["sdf"])) >= ALIKE
        corners = browser.do("evaluate", code="corners")
        assert corners
        assert "255,0,0" not in corners, corners
    assert [line for line in browser.do("said") if not line.startswith("warning")] == []


def test_a_file_that_was_left_does_not_come_back(browser: Browser, data: dict[str, bytes]) -> None:
    slow = (
        "let open; const gate = new Promise((resolve) => (open = resolve));"
        "window.letGo = () => open();"
        "const ask = GPUAdapter.prototype.requestDevice;"
        "GPUAdapter.prototype.requestDevice = async function (...a) {"
        "  await gate; window.made = await ask.apply(this, a); return made; };"
    )
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=480, height=480, before=slow)
        browser.until("performance.getEntriesByName('nfc-decoded-3').length > 0")
        browser.drop("page.html", b"<!doctype html>")
        browser.until("document.body.dataset.state === 'failed'")
        browser.do("evaluate", code="letGo()")
        browser.until("window.made !== undefined")
        time.sleep(1)
        seen = browser.look()
        assert seen["state"] == "failed"
        assert "page.html" in seen["message"][0]
        assert seen["notice"] is None


def test_what_the_gpu_refuses_is_said(browser: Browser, data: dict[str, bytes]) -> None:
    spoil = (
        "const make = GPUDevice.prototype.createComputePipelineAsync;"
        "GPUDevice.prototype.createComputePipelineAsync = function () {"
        "  return Promise.reject(new Error('the program is too long for this GPU')); };"
        "GPUDevice.prototype.createComputePipeline = function () {"
        "  throw new Error('the program is too long for this GPU'); }"
    )
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=480, height=480, before=spoil)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert "too long for this GPU" in seen["message"][1]
        assert not seen["canvas"]


def test_what_the_gpu_refuses_of_a_file_says_nothing_about_the_next(
    browser: Browser, data: dict[str, bytes]
) -> None:
    spoil = (
        "window.spoilt = true;"
        "const make = GPUDevice.prototype.createComputePipelineAsync;"
        "GPUDevice.prototype.createComputePipelineAsync = function (...a) {"
        "  return spoilt ? Promise.reject(new Error('too long')) : make.apply(this, a); }"
    )
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, before=spoil)
        browser.until("document.body.dataset.state === 'failed'")
        browser.do("evaluate", code="spoilt = false")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        assert browser.sharp(3)["title"] == "still life"


@pytest.mark.parametrize("told", ["where it is asked for", "later"])
def test_a_gpu_without_memory_for_a_file_draws_the_next(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path,
    told: str,
) -> None:  # fmt: skip
    spoil = (
        "window.full = true; let device;"
        "const ask = GPUAdapter.prototype.requestDevice;"
        "GPUAdapter.prototype.requestDevice = async function (...a) {"
        "  return (device = await ask.apply(this, a)); };"
        "const error = new GPUOutOfMemoryError('no memory left');"
    )
    if told == "later":
        spoil += (
            "const write = GPUQueue.prototype.writeBuffer;"
            "GPUQueue.prototype.writeBuffer = function (...a) {"
            "  if (full) device.dispatchEvent("
            "    new GPUUncapturedErrorEvent('uncapturederror', {error}));"
            "  return write.apply(this, a); };"
        )
    else:
        spoil += (
            "const pop = GPUDevice.prototype.popErrorScope;"
            "GPUDevice.prototype.popErrorScope = async function () {"
            "  const found = await pop.call(this); return full ? error : found; };"
        )
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, before=spoil)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert "memory" in seen["message"][1]
        assert "defect" not in seen["message"][2]
        browser.do("evaluate", code="full = false")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        assert browser.sharp(3)["title"] == "still life"
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE


def test_a_window_that_is_turned_shows_all_of_the_field(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=2 * SIDE)
        browser.sharp(3)
        upright = browser.picture(tmp_path)
        browser.open(server.address("sdf.nfc"), width=2 * SIDE, height=SIDE)
        browser.sharp(3)
        browser.do("resize", width=SIDE, height=2 * SIDE)
        browser.until(f"document.getElementById('pixels').textContent.startsWith('{SIDE} ')")
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), upright) >= ALIKE


def test_keys_work_behind_a_click_on_a_setting(browser: Browser, data: dict[str, bytes]) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=900, height=700)
        browser.sharp(3)
        browser.do("focus", selector="#modes input")
        browser.do("key", key="[")
        browser.sharp(2)


def test_a_file_of_the_list_is_opened_again_behind_one_from_disk(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    from tests.viewer.conftest import serving

    for name in ("sdf.nfc", "scalar.nfc"):
        (tmp_path / name).write_bytes(data[name])
    with serving(tmp_path / "sdf.nfc", tmp_path / "scalar.nfc") as running:
        browser.open(running.address, width=SIDE, height=SIDE)
        browser.sharp(3)
        picked = "document.getElementById('file').value"
        browser.until(f"{picked} === 'sdf.nfc'")
        browser.drop("dropped.nfc", data["nerf.nfc"])
        browser.until(f"{picked} === ''")


def test_a_link_asks_for_no_more_detail_than_there_is(
    browser: Browser, data: dict[str, bytes]
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc", "#lod=99"), width=SIDE, height=SIDE)
        browser.sharp(3)
        said = browser.do("evaluate", code="document.getElementById('lod-value').textContent")
        assert "waiting" not in said


def test_where_there_is_no_picture_no_tool_is_offered_for_it(
    browser: Browser, data: dict[str, bytes]
) -> None:
    seen = (
        "[...document.querySelectorAll('#tools button')]"
        ".filter((tool) => tool.checkVisibility()).map(({ id }) => id)"
    )
    with linked(data) as server:
        browser.open(server.address("missing.nfc"), width=480, height=480)
        browser.until("document.body.dataset.state === 'failed'")
        assert browser.do("evaluate", code=seen) == ["theme", "help"]


def camera_of(link: str) -> npt.NDArray[np.float64]:
    (stated,) = [part for part in link.split("#")[1].split("&") if part.startswith("camera=")]
    return np.array([float(v) for v in stated[7:].split(",")])


def shared(browser: Browser) -> str:
    browser.do("evaluate", code="document.getElementById('toast').classList.remove('seen')")
    browser.do("key", key="l")
    browser.until("document.getElementById('toast').classList.contains('seen')")
    link: str = browser.do("evaluate", code="navigator.clipboard.readText()")
    return link


def test_the_view_follows_pointer_wheel_and_keys_and_comes_home(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE)
        browser.sharp(3)
        browser.do("key", key="h")  # in so small a window the controls would be in the way
        home = camera_of(shared(browser))
        eye, target = home[:3], home[3:6]
        reach = np.linalg.norm(eye - target)

        def after(deed: str, **options: object) -> npt.NDArray[np.float64]:
            browser.do("focus", selector="#picture")
            browser.do(deed, **options)
            return camera_of(shared(browser))

        turned = after("drag", **{"from": [30, 60], "to": [60, 60]})
        assert np.isclose(np.linalg.norm(turned[:3] - turned[3:6]), reach, rtol=1e-3)
        assert np.isclose(turned[2], eye[2], atol=0.02 * reach)  # about the upright axis
        assert np.linalg.norm(turned[:3] - eye) > 0.3 * reach
        moved = after("drag", **{"from": [30, 60], "to": [60, 60]}, button="right")
        assert np.linalg.norm(moved[3:6] - target) > 0.1 * reach
        assert np.allclose(moved[:3] - moved[3:6], turned[:3] - turned[3:6], atol=1e-3 * reach)
        nearer = after("wheel", at=[48, 48], by=-200)
        assert np.linalg.norm(nearer[:3] - nearer[3:6]) < 0.9 * reach
        assert np.allclose(after("key", key="Home"), home, rtol=1e-4, atol=1e-4)
        keyed = after("key", key="ArrowRight")
        assert 0.05 * reach < np.linalg.norm(keyed[:3] - eye) < 0.3 * reach
        browser.do("key", key="Home")
        browser.do("key", key="m")
        browser.do("key", key="m")
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), drawn(fields["nerf"])) >= ALIKE


def test_a_plane_is_moved_and_zoomed(browser: Browser, tmp_path: Path) -> None:
    coded = quantize.encode(random_field("scalar", "dense2d"), "kmeans", bits=4)
    newest = coded.num_lods - 1
    with linked({"plane.nfc": stream.to_bytes(coded)}) as server:
        browser.open(server.address("plane.nfc"), width=SIDE, height=SIDE)
        browser.sharp(newest)
        browser.do("key", key="h")
        home = browser.picture(tmp_path)
        assert psnr(home, drawn(coded)) >= ALIKE

        def after(deed: str, **options: object) -> Picture:
            browser.do("focus", selector="#picture")
            browser.do(deed, **options)
            browser.sharp(newest)
            return browser.picture(tmp_path)

        moved = after("drag", **{"from": [30, 60], "to": [46, 52]})
        assert psnr(moved[:-8, 16:], home[8:, :-16]) >= 35  # samples lie elsewhere in pixels
        assert psnr(moved, home) < 25
        link = shared(browser)
        assert psnr(after("key", key="Home"), home) >= ALIKE
        nearer = after("wheel", at=[48, 48], by=-300)
        assert camera_of(shared(browser))[2] < 0.7
        assert psnr(nearer, home) < 25
        browser.open(link, width=SIDE, height=SIDE)
        browser.sharp(newest)
        assert psnr(browser.picture(tmp_path), moved) >= ALIKE


def test_fingers_turn_and_zoom(browser: Browser, data: dict[str, bytes]) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=390, height=700, touch=True)
        browser.until("document.body.dataset.lod === '3'")
        before = camera_of(shared(browser))
        browser.do("touch", fingers=[[[150, 300], [200, 300], [260, 300]]])
        turned = camera_of(shared(browser))
        assert np.linalg.norm(turned[:3] - before[:3]) > 0.1
        browser.do(
            "touch",
            fingers=[[[180, 300], [160, 300], [120, 300]], [[220, 300], [240, 300], [280, 300]]],
        )
        pinched = camera_of(shared(browser))
        reach = [np.linalg.norm(c[:3] - c[3:6]) for c in (turned, pinched)]
        assert reach[1] < 0.6 * reach[0]


def test_a_shared_link_shows_the_same_picture(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        browser.sharp(3)
        browser.do("key", key="h")
        home = camera_of(shared(browser))
        browser.do("drag", **{"from": [30, 60], "to": [50, 70]})
        browser.do("evaluate", code="document.querySelector('#modes [value=normals]').click()")
        browser.do("key", key="[")
        browser.sharp(2)
        link = shared(browser)
        assert "lod=2" in link
        assert "mode=normals" in link
        assert not np.allclose(camera_of(link), home, atol=0.1)
        before = browser.picture(tmp_path)
        browser.open(link, width=SIDE, height=SIDE)
        browser.sharp(2)
        assert psnr(browser.picture(tmp_path), before) >= ALIKE


def test_a_link_to_the_same_file_is_followed_without_reading_it_again(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, dark=True)
        browser.sharp(3)
        browser.do("key", key="h")
        home = browser.picture(tmp_path)
        first = shared(browser)
        assert "background=14171c" in first
        browser.do("drag", **{"from": [30, 60], "to": [60, 70]})
        browser.do("evaluate", code="document.querySelector('#modes [value=depth]').click()")
        browser.do("evaluate", code="document.querySelector('#backgrounds [value=black]').click()")
        browser.do("key", key="[")
        browser.sharp(2)
        second = shared(browser)
        assert "background=000000" in second
        other = browser.picture(tmp_path)
        assert psnr(other, home) < 30
        for link, lod, expected in ((first, 3, home), (second, 2, other)):
            browser.do("evaluate", code="delete document.body.dataset.sharp")
            browser.do("evaluate", code=f"location.hash = {json.dumps(link.split('#')[1])}")
            browser.sharp(lod)
            assert psnr(browser.picture(tmp_path), expected) >= ALIKE
        # On another page the first link looks as it did here.
        browser.open(first, width=SIDE, height=SIDE)
        browser.sharp(3)
        assert psnr(browser.picture(tmp_path), home) >= ALIKE
        assert len([name for name, _ in server.asked if name == "sdf.nfc"]) == 2


def test_an_absurd_camera_in_a_link_shows_something(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        for camera in ("1e30,0,0,0,0,0,0,1,0,0.6", "1e30,0,1,1e30,0,0,0,1,0,0.6"):
            link = server.address("sdf.nfc", f"#camera={camera}")
            browser.open(link, width=SIDE, height=SIDE)
            browser.sharp(3)
            browser.do("focus", selector="#picture")
            browser.do("key", key="Home")
            browser.do("evaluate", code="delete document.body.dataset.sharp")
            browser.do("key", key="m")
            browser.sharp(3)
            assert browser.picture(tmp_path).std() > 10


def test_a_saved_picture_is_what_is_on_the_screen(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes]
) -> None:
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE)
        browser.sharp(3)
        name, content = browser.save("s")
        assert name == "nerf.png"
        assert psnr(decoded(content), drawn(fields["nerf"])) >= ALIKE


def test_the_readout_says_what_is_so(browser: Browser, data: dict[str, bytes]) -> None:
    size = len(data["nerf.nfc"])
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=900, height=300)
        browser.sharp(3)
        seen = browser.until(
            "document.getElementById('bar').getAttribute('aria-valuenow') === '100'"
        )
        rounded = f"{size / 1000:.0f} kB"
        assert seen["received"] == f"{rounded} / {rounded}"
        assert seen["level"] == "3 of 0-3"
        assert seen["pixels"] == "900 x 300"
        amount, unit = seen["memory"].split()
        held = float(amount) * {"kB": 1e3, "MB": 1e6}[unit]
        assert 20e3 < held < 20e6
        browser.do("click", selector="#auto")
        browser.do(
            "evaluate",
            code="""(() => {
            const slider = document.getElementById('lod');
            slider.value = '1';
            slider.dispatchEvent(new Event('input'));
        })()""",
        )
        assert browser.sharp(1)["level"] == "1 of 0-3"


def test_people_who_cannot_see_it_are_told(browser: Browser, data: dict[str, bytes]) -> None:
    with linked(data) as server:
        browser.open(server.address("scalar.nfc"), width=900, height=700)
        browser.until("document.body.dataset.lod !== undefined")
        tree = browser.do("tree")
        for name in ("Picture of the field", "First view", "Copy a link to this view", "Received",
                     "Save a picture", "Level", "Map", "Surface"):  # fmt: skip
            assert name in tree
        # Everything can be reached by the keyboard alone.
        reached = set()
        for _ in range(24):
            browser.do("key", key="Tab")
            reached.add(browser.do("evaluate", code="document.activeElement.id"))
        assert {"picture", "reset", "share", "screenshot", "theme", "help", "settings"} <= reached
        assert {"colormap", "low", "high"} <= reached


def test_light_and_dark(browser: Browser, data: dict[str, bytes], tmp_path: Path) -> None:
    with linked(data) as server:
        corner = {}
        for dark in (False, True):
            browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, dark=dark)
            browser.sharp(3)
            corner[dark] = browser.picture(tmp_path)[-1, -1].mean()
        assert corner[False] > 250
        assert corner[True] < 40
        browser.do("key", key="t")
        browser.until("document.documentElement.dataset.theme === 'light'")
        browser.sharp(3)
        assert browser.picture(tmp_path)[-1, -1].mean() > 250


AWKWARD = ("a#b 100%?.nfc", "größe & maß.nfc", "%41+b.nfc")


def test_files_of_any_name_are_shown(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    from tests.viewer.conftest import serving

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
    folder = partial(Quiet, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for file in files:
            address = f"http://127.0.0.1:{server.server_port}/{query(file)}"
            browser.open(address, width=SIDE, height=SIDE)
            browser.sharp()
            assert browser.do("evaluate", code="document.title") == f"{file.name} · nfcodec"
    finally:
        server.shutdown()
        server.server_close()


def choose(name: str) -> str:
    return f"""(() => {{
        delete document.body.dataset.sharp;
        const select = document.getElementById('file');
        select.value = {json.dumps(name)};
        select.dispatchEvent(new Event('change'));
    }})()"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def test_the_local_server_and_its_policy_let_everything_work(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    from tests.viewer.conftest import serving

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
