"""The page in a real browser: its images, as files arrive whole, slowly or not at all.

docs/viewer.md says how to run these tests.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nfcodec import coding, quantize
from nfcodec.model.coded import CodedField
from tests.fields import random_field
from tests.viewer.browser import Browser, psnr
from tests.viewer.images import ALIKE, SIDE, drawn
from tests.viewer.links import PIECE, Link, linked


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
def test_the_image_is_that_of_nfcodec_render(
    browser: Browser,
    fields: dict[str, CodedField],
    data: dict[str, bytes],
    tmp_path: Path,
    kind: str,
    link: str,
    options: dict[str, object],
) -> None:
    with linked(data) as server:
        browser.open(server.address(f"{kind}.nfc", link), width=SIDE, height=SIDE)
        browser.sharp(options.get("lod", fields[kind].num_lods - 1))  # type: ignore[arg-type]
        reference = drawn(fields[kind], **options)
        assert reference.std() > 10, "the reference shows nothing"
        assert psnr(browser.image(tmp_path), reference) >= ALIKE
    assert [line for line in browser.do("said") if not line.startswith("warning")] == []


@pytest.mark.parametrize("kind", ["nerf", "sdf"])
def test_without_a_hint_the_first_view_is_that_of_nfcodec_render(
    browser: Browser, fields: dict[str, CodedField], tmp_path: Path, kind: str
) -> None:
    plain = {key: value for key, value in fields[kind].metadata.items() if key != "camera"}
    field = replace(fields[kind], metadata=plain)
    content = coding.to_bytes(field)
    first = coding.describe(content)["lod_bytes"][0]
    # Only at first is the coarsest octree all that is known of where the content is.
    with linked({"plain.nfc": content}, Link(gate=first)) as server:
        browser.open(server.address("plain.nfc"), width=SIDE, height=SIDE)
        browser.sharp(0)
        server.gate = None
        browser.sharp(3)
        assert psnr(browser.image(tmp_path), drawn(field)) >= ALIKE


def test_a_field_without_levels_arrives_as_a_level_of_detail(browser: Browser) -> None:
    plain = quantize.encode(random_field("sdf", "none"), "float16")
    with linked({"plain.nfc": coding.to_bytes(plain)}) as server:
        browser.open(server.address("plain.nfc"), width=SIDE, height=SIDE)
        browser.sharp(0, 0)
        marks = "performance.getEntries().map(({ name }) => name)"
        names = browser.do("evaluate", code=f"{marks}.filter((name) => name.startsWith('nfc-'))")
        assert "nfc-decoded-0" in names
        assert "nfc-refined-0" not in names


def test_each_layer_is_drawn_as_soon_as_it_has_arrived(
    browser: Browser, fields: dict[str, CodedField], tmp_path: Path
) -> None:
    content = coding.to_bytes(fields["sdf"], layers=2)
    cuts = coding.describe(content)["cuts"]
    assert max(cut["layer"] for cut in cuts) == 1
    with linked({"sdf.nfc": content}, Link(gate=0)) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=SIDE)
        for cut in cuts:
            server.gate = cut["bytes"]
            browser.sharp(cut["lod"], cut["layer"])
            assert server.sent["sdf.nfc"] == cut["bytes"]
            part = coding.open(content[: cut["bytes"]])
            part = replace(part, metadata=fields["sdf"].metadata)
            assert psnr(browser.image(tmp_path), drawn(part)) >= ALIKE


def test_each_lod_is_drawn_as_soon_as_it_has_arrived(
    browser: Browser, fields: dict[str, CodedField], data: dict[str, bytes], tmp_path: Path
) -> None:
    content = data["nerf.nfc"]
    ends = coding.describe(content)["lod_bytes"]
    quality = []
    full = drawn(fields["nerf"])
    with linked({"nerf.nfc": content}, Link(gate=0)) as server:
        browser.open(server.address("nerf.nfc"), width=SIDE, height=SIDE)
        for lod, end in enumerate(ends):
            server.gate = end
            assert browser.sharp(lod)["lod"] == str(lod)
            assert server.sent["nerf.nfc"] == end
            image = browser.image(tmp_path)
            assert psnr(image, drawn(fields["nerf"], lod=lod)) >= ALIKE
            quality.append(psnr(image, full))
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


def test_the_image_stays_when_the_rest_never_comes(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    content = data["sdf.nfc"]
    first = coding.describe(content)["lod_bytes"][0]
    with linked({"sdf.nfc": content}, Link(gate=first + 40)) as server:
        browser.open(server.address("sdf.nfc"), width=400, height=400)
        browser.until("document.body.dataset.lod === '0'")
        server.answers["sdf.nfc"] = (404, {}, b"gone")
        server.drop = True
        seen = browser.until("!document.getElementById('notice').hidden", seconds=180)
        assert "did not arrive" in seen["notice"]
        assert seen["state"] == "showing"
        assert seen["message"] is None
        assert browser.image(tmp_path).std() > 10
        del server.answers["sdf.nfc"]
        server.gate = None
        browser.do("click", selector="#notice-retry")
        browser.sharp(3)
        assert browser.look()["notice"] is None


def test_a_file_cut_behind_a_lod_shows_what_it_has(
    browser: Browser, data: dict[str, bytes]
) -> None:
    content = data["sdf.nfc"]
    second = coding.describe(content)["lod_bytes"][1]
    with linked({"cut.nfc": content[: second + 100]}) as server:
        browser.open(server.address("cut.nfc"), width=400, height=400)
        browser.sharp(1)
        seen = browser.until("!document.getElementById('notice').hidden")
        assert "cut" in seen["notice"]
        assert "0-1 of 0-3" in seen["notice"]


def test_a_window_that_is_turned_shows_all_of_the_field(
    browser: Browser, data: dict[str, bytes], tmp_path: Path
) -> None:
    with linked(data) as server:
        browser.open(server.address("sdf.nfc"), width=SIDE, height=2 * SIDE)
        browser.sharp(3)
        upright = browser.image(tmp_path)
        browser.open(server.address("sdf.nfc"), width=2 * SIDE, height=SIDE)
        browser.sharp(3)
        browser.do("resize", width=SIDE, height=2 * SIDE)
        browser.until(f"document.getElementById('pixels').textContent.startsWith('{SIDE} ')")
        browser.sharp(3)
        assert psnr(browser.image(tmp_path), upright) >= ALIKE
