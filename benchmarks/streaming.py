"""How soon there is something to see: the viewer in a browser, over a link of 5 Mbit/s.

    python benchmarks/streaming.py [--coded lego.nfc] [--reference lego.pt] [--mbit 5] [--size 160]

By default the example ``still_life`` is coded by k-means at 4 bits. The file and the page come over
one token bucket on the loopback device, to Chromium with WebGPU in software. Two passes: one as it
goes, for how many bytes have arrived and how much time has passed when each LOD is decoded and on
the screen; and one in which the link waits behind each LOD, for its image. PSNR is of the page's
image against ``--reference`` (the field before coding) drawn by ``nfcodec render --device cpu``
from the same camera, and against the complete file's image on the page. Writes
``benchmarks/results/streaming.json`` and, with ``--plot``, the image in the documentation.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
from common import write

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nfcodec import coding, importers, quantize, render  # noqa: E402
from nfcodec.render import views  # noqa: E402
from nfcodec.render.images import to_uint8  # noqa: E402
from tests.viewer.browser import Browser, missing, psnr  # noqa: E402
from tests.viewer.links import Link, linked  # noqa: E402

NAME = "field.nfc"
#: Bytes of the file, the field's networks included, from which its first image is drawn.
FIRST_BAR = 20_000
MARKS = """JSON.stringify(performance.getEntriesByType("mark").map(
    (mark) => [mark.name, (performance.timeOrigin + mark.startTime) / 1000]))"""


def timeline(browser: Browser, data: bytes, lods: int, rate: float, size: int) -> dict[str, Any]:
    """One load as it goes."""
    link = Link(rate=rate)
    with linked({NAME: data}, link) as server:
        browser.open(server.address(NAME), width=size, height=size)
        browser.sharp(lods - 1)
        marks: dict[str, float] = {}
        for name, at in json.loads(browser.do("evaluate", code=MARKS)):
            marks.setdefault(name, at)
        began = min(at for at, _, _ in link.log)

        def moment(name: str) -> dict[str, Any]:
            if name not in marks:  # a slow GPU may go on to a later LOD at once
                return {"seconds": None, "bytes": None}
            sent = [count for at, what, count in link.log if what == NAME and at <= marks[name]]
            seconds = round(marks[name] - began, 3)
            return {"seconds": seconds, "bytes": max(sent, default=0)}

        page = sum(count for name, count in link.sent.items() if name != NAME)
        rows = [
            {"decoded": moment(f"nfc-decoded-{lod}"), "shown": moment(f"nfc-shown-{lod}")}
            for lod in range(lods)
        ]
        return {"page_bytes": page, "lods": rows}


def images(browser: Browser, data: bytes, ends: list[int], size: int, folder: Path) -> list[Any]:
    """What the page shows when the file has arrived up to each LOD."""
    found = []
    with linked({NAME: data}, Link(gate=0)) as server:
        browser.open(server.address(NAME), width=size, height=size)
        for lod, end in enumerate(ends):
            server.gate = end
            browser.sharp(lod)
            assert server.sent[NAME] == end
            found.append(browser.image(folder))
        server.gate = None
    return found


def plot(rows: list[dict[str, Any]], total: int, path: Path) -> None:
    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 3.6), dpi=150)
    x = [row["bytes"] / 1000 for row in rows]
    y = [row["psnr"] for row in rows]
    axes.step([*x, total / 1000], [*y, y[-1]], where="post", color="#2463d4", linewidth=1.8)
    axes.plot(x, y, "o", color="#2463d4")
    for row, left, up in zip(rows, x, y, strict=True):
        axes.annotate(
            f"LOD {row['lod']}", (left, up), (-6, 6), textcoords="offset points", ha="right"
        )
    axes.set(xlabel="received / kB", ylabel="PSNR of the page's image / dB", xlim=(0, None))
    axes.margins(y=0.15)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coded", type=Path, help="a .nfc file with a camera hint")
    parser.add_argument("--reference", type=Path, help="the field before coding")
    parser.add_argument("--mbit", type=float, default=5.0, help="rate of the link")
    parser.add_argument("--size", type=int, default=160, help="side of the images in pixels")
    parser.add_argument("--plot", type=Path, help="image to write (.png)")
    parser.add_argument("--output", default="streaming", help="name of the result")
    options = parser.parse_args()
    reason = missing()
    if reason is not None:
        sys.exit(f"needs a browser: {reason}")
    reference = options.reference
    if options.coded is None:
        reference = reference or ROOT / "examples" / "fields" / "still_life.pt"
        data = coding.to_bytes(quantize.encode(importers.load(reference), "kmeans", bits=4))
    else:
        data = options.coded.read_bytes()
    described = coding.describe(data)
    ends = described["lod_bytes"]
    field = coding.open(data) if reference is None else importers.load(reference)
    camera = views.default_camera(coding.open(data), (options.size, options.size))
    original = to_uint8(render.render(field, camera, device="cpu"))
    browser = Browser()
    try:
        rate = options.mbit * 1e6 / 8
        passing = timeline(browser, data, len(ends), rate, options.size)
        with tempfile.TemporaryDirectory() as folder:
            seen = images(browser, data, ends, options.size, Path(folder))
    finally:
        browser.close()
    rows = [
        {
            "lod": lod,
            "bytes": end,
            "psnr": round(psnr(image, original), 2),
            "psnr_to_complete": round(min(psnr(image, seen[-1]), 144.0), 2),
            **passing["lods"][lod],
        }
        for lod, (end, image) in enumerate(zip(ends, seen, strict=True))
    ]
    first = rows[0]["bytes"]
    write(
        options.output,
        {
            "field": described["metadata"].get("name"),
            "kind": described["kind"],
            "mbit_per_second": options.mbit,
            "size": options.size,
            "bytes": len(data),
            "encoding": described["metadata"].get("encoding"),
            "reference": "the field before coding" if reference else "the complete file",
            "browser": browser.version,
            "webgpu": "SwiftShader",
        },
        {
            "page_bytes": passing["page_bytes"],
            "lods": rows,
            "bars": {
                "bytes of the file from which the first image is drawn": {
                    "bar": FIRST_BAR,
                    "measured": first,
                    "met": first <= FIRST_BAR,
                },
                "PSNR rises at every LOD": {
                    "met": all(a["psnr"] < b["psnr"] for a, b in pairwise(rows))
                },
            },
        },
    )
    if options.plot is not None:
        plot(rows, len(data), options.plot)


if __name__ == "__main__":
    main()
