"""The page in a real browser whose GPU is lost, refuses programs or is out of memory.

docs/viewer.md says how to run these tests.
"""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from nfcodec import coding
from nfcodec.coding import previews
from nfcodec.model.coded import CodedField
from tests.viewer.browser import Browser, psnr
from tests.viewer.doctored import GATE, HOLD_WORK, KEEP_DEVICES, REFUSE_PROGRAMS
from tests.viewer.images import ALIKE, SIDE, drawn
from tests.viewer.links import Link, linked


def test_a_lost_gpu_is_asked_for_again(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=KEEP_DEVICES)
        browser.sharp(3)
        browser.do("evaluate", code="delete document.body.dataset.sharp; devices[0].destroy()")
        browser.until("devices.length === 2")
        browser.sharp(3)
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE


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


def test_a_gpu_lost_in_the_middle_of_an_image(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    lose = KEEP_DEVICES + (
        "const wait = GPUQueue.prototype.onSubmittedWorkDone;"
        "window.waits = 0;"
        "GPUQueue.prototype.onSubmittedWorkDone = function () {"
        "  if (++waits !== 2) return wait.call(this);"
        "  devices[0].destroy();"
        "  return new Promise(() => {}); }"  # as if its process had hung
    )
    with linked(data) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE, before=lose)
        browser.sharp(3)
        assert browser.do("evaluate", code="waits") > 2
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE


def test_a_file_that_was_left_is_not_shown(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    red = replace(fields["nerf"], metadata={**fields["nerf"].metadata, "background": [1, 0, 0]})
    hold = HOLD_WORK + (
        "hold(); window.corners = [];"
        "const put = CanvasRenderingContext2D.prototype.putImageData;"
        "CanvasRenderingContext2D.prototype.putImageData = function (image, ...at) {"
        "  if (image.height > 1) corners.push([...image.data.slice(0, 3)].join());"
        "  return put.call(this, image, ...at); };"
    )
    with linked({"red.nfc": coding.to_bytes(red)}) as server:
        browser.open(server.address("red.nfc"), width=SIDE, height=SIDE, before=hold)
        browser.until("waiting > 0")  # behind the last tile of its first image
        browser.until("performance.getEntriesByName('nfc-decoded-3').length > 0")
        browser.drop("ornament.nfc", data["sdf.nfc"])
        browser.until("performance.getEntriesByName('nfc-decoded-3').length > 1")
        browser.do("evaluate", code="letGo()")
        browser.until("document.getElementById('name').textContent === 'ornament'")
        browser.sharp(3)
        assert psnr(browser.image(tmp_path), drawn(fields["sdf"])) >= ALIKE
        corners = browser.do("evaluate", code="corners")
        assert corners
        assert "255,0,0" not in corners, corners
    assert [line for line in browser.do("said") if not line.startswith("warning")] == []


def test_a_file_that_was_left_does_not_come_back(browser: Browser, data: dict[str, bytes]) -> None:
    slow = GATE + (
        "hold();"
        "const ask = GPUAdapter.prototype.requestDevice;"
        "GPUAdapter.prototype.requestDevice = async function (...a) {"
        "  await passed(); window.made = await ask.apply(this, a); return made; };"
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
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=480, height=480, before=REFUSE_PROGRAMS)
        seen = browser.until("document.body.dataset.state === 'failed'")
        assert "too long for this GPU" in seen["message"][1]
        assert not seen["canvas"]


def test_what_the_gpu_refuses_of_a_file_says_nothing_about_the_next(
    browser: Browser, data: dict[str, bytes]
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, before=REFUSE_PROGRAMS)
        browser.until("document.body.dataset.state === 'failed'")
        browser.do("evaluate", code="refusing = false")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        assert browser.sharp(3)["title"] == "still life"


def test_of_a_file_that_cannot_be_drawn_no_more_is_read(
    browser: Browser, fields: dict[str, CodedField]
) -> None:
    spoil = (
        "window.ended = 0;"
        "GPUDevice.prototype.popErrorScope = async () => new GPUOutOfMemoryError('no memory');"
        "const end = Worker.prototype.terminate;"
        "Worker.prototype.terminate = function () { ended++; end.call(this); };"
    )
    content = coding.to_bytes(fields["sdf"])
    first = coding.describe(content)["lod_bytes"][0]
    with linked({"sdf.nfc": content}, Link(gate=first)) as server:
        browser.open(server.address("sdf.nfc"), width=480, height=480, before=spoil)
        seen = browser.until("ended > 0")
        assert seen["state"] == "failed"
        assert "memory" in seen["message"][1]


def test_a_preview_that_decodes_late_does_not_hide_the_file_behind_it(
    browser: Browser, data: dict[str, bytes]
) -> None:
    spoil = (
        GATE
        + REFUSE_PROGRAMS
        + (
            "hold();"
            "const decode = HTMLImageElement.prototype.decode;"
            "HTMLImageElement.prototype.decode = async function () {"
            "  await decode.call(this); await passed(); };"
        )
    )
    red = io.BytesIO()
    Image.new("RGB", (16, 16), (220, 20, 20)).save(red, format="WEBP")
    with linked({"with.nfc": previews.add(data["sdf.nfc"], red.getvalue())}) as server:
        browser.open(server.address("with.nfc"), width=SIDE, height=SIDE, before=spoil)
        browser.until("waiting > 0")
        browser.do("evaluate", code="refusing = false")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        browser.sharp(3)
        browser.do("evaluate", code="letGo()")
        seen = browser.look()
        assert seen["state"] == "showing"
        assert not seen["preview"]


def test_a_gpu_that_comes_back_with_less_memory_says_nothing_about_the_next_file(
    browser: Browser, data: dict[str, bytes]
) -> None:
    spoil = (
        GATE
        + KEEP_DEVICES
        + (
            "window.full = false; window.told = 0;"
            "const pop = GPUDevice.prototype.popErrorScope;"
            "GPUDevice.prototype.popErrorScope = async function () {"
            "  const found = await pop.call(this); if (!full) return found;"
            "  told++; return new GPUOutOfMemoryError('no memory'); };"
            "const post = Worker.prototype.postMessage;"
            "Worker.prototype.postMessage = async function (...a) {"
            "  await passed(); post.apply(this, a); };"
        )
    )
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, before=spoil)
        browser.sharp(3)
        browser.do("evaluate", code="hold(); full = true")
        browser.drop("still_life.nfc", data["nerf.nfc"])
        browser.do("evaluate", code="devices[0].destroy()")
        assert browser.until("told > 0")["state"] == "loading"
        browser.do("evaluate", code="full = false; letGo()")
        assert browser.sharp(3)["title"] == "still life"


@pytest.mark.parametrize("told", ["where it is asked for", "later"])
def test_a_gpu_without_memory_for_a_file_draws_the_next(
    browser: Browser,
    fields: dict[str, CodedField],
    data: dict[str, bytes],
    tmp_path: Path,
    told: str,
) -> None:
    spoil = KEEP_DEVICES + (
        "window.full = true; const error = new GPUOutOfMemoryError('no memory left');"
    )
    if told == "later":
        spoil += (
            "const write = GPUQueue.prototype.writeBuffer;"
            "GPUQueue.prototype.writeBuffer = function (...a) {"
            "  if (full) devices[0].dispatchEvent("
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
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE
