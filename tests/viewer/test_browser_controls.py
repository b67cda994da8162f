"""The page in a real browser: keys, pointers, fingers, links, settings and the readout.

docs/viewer.md says how to run these tests.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nfcodec import coding, quantize
from nfcodec.model.coded import CodedField
from tests.fields import random_field
from tests.viewer.browser import Browser, decoded, psnr
from tests.viewer.conftest import serving
from tests.viewer.images import ALIKE, SIDE, Image, drawn
from tests.viewer.links import linked


def test_keys_work_behind_a_click_on_a_setting(browser: Browser, data: dict[str, bytes]) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=700, height=140)
        browser.sharp(3)
        browser.do("click", selector="#settings")
        browser.do("focus", selector="#modes input")
        assert browser.do("evaluate", code="document.activeElement.type") == "radio"
        browser.do("key", key="[")
        browser.sharp(2)


def test_a_file_of_the_list_is_opened_again_behind_one_from_disk(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
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


def test_where_there_is_no_image_no_tool_is_offered_for_it(
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
            browser.do("focus", selector="#image")
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
        assert psnr(browser.image(tmp_path), drawn(fields["nerf"])) >= ALIKE


def test_a_plane_is_moved_and_zoomed(browser: Browser, tmp_path: Path) -> None:
    coded = quantize.encode(random_field("scalar", "dense2d"), "kmeans", bits=4)
    newest = coded.num_lods - 1
    with linked({"plane.nfc": coding.to_bytes(coded)}) as server:
        browser.open(server.address("plane.nfc"), width=SIDE, height=SIDE)
        browser.sharp(newest)
        browser.do("key", key="h")
        home = browser.image(tmp_path)
        assert psnr(home, drawn(coded)) >= ALIKE

        def after(deed: str, **options: object) -> Image:
            browser.do("focus", selector="#image")
            browser.do(deed, **options)
            browser.sharp(newest)
            return browser.image(tmp_path)

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
        assert psnr(browser.image(tmp_path), moved) >= ALIKE


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


def test_a_shared_link_shows_the_same_image(
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
        before = browser.image(tmp_path)
        browser.open(link, width=SIDE, height=SIDE)
        browser.sharp(2)
        assert psnr(browser.image(tmp_path), before) >= ALIKE


def test_a_link_to_the_same_file_is_followed_without_reading_it_again(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, dark=True)
        browser.sharp(3)
        browser.do("key", key="h")
        home = browser.image(tmp_path)
        first = shared(browser)
        assert "background=14171c" in first
        browser.do("drag", **{"from": [30, 60], "to": [60, 70]})
        browser.do("evaluate", code="document.querySelector('#modes [value=depth]').click()")
        browser.do("evaluate", code="document.querySelector('#backgrounds [value=black]').click()")
        browser.do("key", key="[")
        browser.sharp(2)
        second = shared(browser)
        assert "background=000000" in second
        other = browser.image(tmp_path)
        assert psnr(other, home) < 30
        for link, lod, expected in ((first, 3, home), (second, 2, other)):
            browser.do("evaluate", code="delete document.body.dataset.sharp")
            browser.do("evaluate", code=f"location.hash = {json.dumps(link.split('#')[1])}")
            browser.sharp(lod)
            assert psnr(browser.image(tmp_path), expected) >= ALIKE
        # On another page the first link looks as it did here.
        browser.open(first, width=SIDE, height=SIDE)
        browser.sharp(3)
        assert psnr(browser.image(tmp_path), home) >= ALIKE
        assert len([name for name, _ in server.asked if name == "sdf.nfc"]) == 2


def test_an_absurd_camera_in_a_link_shows_something(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        for camera in ("1e30,0,0,0,0,0,0,1,0,0.6", "1e30,0,1,1e30,0,0,0,1,0,0.6"):
            link = server.address("sdf.nfc", f"#camera={camera}")
            browser.open(link, width=SIDE, height=SIDE)
            browser.sharp(3)
            browser.do("focus", selector="#image")
            browser.do("key", key="Home")
            browser.do("evaluate", code="delete document.body.dataset.sharp")
            browser.do("key", key="m")
            browser.sharp(3)
            assert browser.image(tmp_path).std() > 10


def test_a_saved_image_is_what_is_on_the_screen(
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
        browser.do("click", selector="#settings")
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
        for name in (
            "Image of the field",
            "First view",
            "Copy a link to this view",
            "Received",
            "Save an image",
            "Level",
            "Map",
            "Surface",
        ):
            assert name in tree
        # Everything can be reached by the keyboard alone.
        reached = set()
        for _ in range(24):
            browser.do("key", key="Tab")
            reached.add(browser.do("evaluate", code="document.activeElement.id"))
        assert {"image", "reset", "share", "screenshot", "theme", "help", "settings"} <= reached
        assert {"colormap", "low", "high"} <= reached


def test_light_and_dark(browser: Browser, data: dict[str, bytes], tmp_path: Path) -> None:
    with linked(data) as server:
        corner = {}
        for dark in (False, True):
            browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE, dark=dark)
            browser.sharp(3)
            corner[dark] = browser.image(tmp_path)[-1, -1].mean()
        assert corner[False] > 250
        assert corner[True] < 40
        browser.do("key", key="t")
        browser.until("document.documentElement.dataset.theme === 'light'")
        browser.sharp(3)
        assert browser.image(tmp_path)[-1, -1].mean() > 250


def test_embedded_there_is_nothing_but_the_image(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        address = server.address("sdf.nfc").replace("?", "?embed&")
        browser.open(address, width=SIDE, height=SIDE)
        browser.sharp()
        parts = "['title', 'tools', 'panel', 'message']"
        seen = f"{parts}.filter(id => document.getElementById(id).checkVisibility())"
        assert browser.do("evaluate", code=seen) == []
        full = "document.getElementById('full').checkVisibility()"
        assert browser.do("evaluate", code=full) is True
        before = browser.image(tmp_path)
        wheel = (
            "!document.getElementById('image').dispatchEvent("
            "new WheelEvent('wheel', {deltaY: 400, cancelable: true, ctrlKey: %s}))"
        )
        # The page around is scrolled, until the image was clicked or with Ctrl.
        assert browser.do("evaluate", code=wheel % "false") is False
        assert psnr(browser.image(tmp_path), before) > 60
        assert browser.do("evaluate", code=wheel % "true") is True
        browser.until("document.body.dataset.sharp === 'false'")
        browser.do("drag", **{"from": [40, 40], "to": [41, 40]})
        assert browser.do("evaluate", code=wheel % "false") is True
    touch = "getComputedStyle(document.getElementById('image')).touchAction"
    assert browser.do("evaluate", code=touch) == "pan-y"


def test_the_scene_is_framed_clear_of_the_controls(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    boxes = (
        "['title','tools','readout'].map(id => document.getElementById(id).getBoundingClientRect())"
        ".map(r => [r.left, r.top, r.right, r.bottom])"
    )
    with linked(data) as server:
        for width, height in ((400, 300), (240, 420)):
            browser.open(server.address("sdf.nfc"), width=width, height=height)
            browser.until("Number(document.body.dataset.lod) >= 0")
            covered = browser.do("evaluate", code=boxes)
            image = browser.image(tmp_path).astype(int)
            thing = np.abs(image - image[2, 2]).sum(-1) > 24
            under = np.zeros_like(thing)
            for left, top, right, bottom in covered:
                under[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = True
            assert thing.mean() > 0.02, "the image shows nothing"
            assert (thing & under).sum() <= 0.05 * thing.sum()
