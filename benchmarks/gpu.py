"""Images drawn on a GPU: a coded field against the same field in float16, time and memory.

    python benchmarks/gpu.py [--fields a.pt b.nfc ...] [--size 128] [--rounds 5]

Fields of the examples by default; what is not a coded file is coded by k-means at 4 bits. Both
forms hold the same vectors and are drawn on one device in one process, in turns. Writes
``benchmarks/results/gpu.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from common import interleaved, ratio, write

from nfcodec import coding
from nfcodec.importers import load
from nfcodec.model.coded import CodedField, to_field
from nfcodec.quantize import encode
from nfcodec.render import render, views
from nfcodec.render.gpu import Renderer
from nfcodec.render.gpu.device import adapter_name, request_device

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "fields"
#: The bars: the coded field's time and memory over float16's.
TIME_BAR, MEMORY_BAR = 1.1, 0.25


def measure(path: Path, device: Any, size: int, rounds: int) -> dict[str, Any]:
    """Time and memory of one field in both forms."""
    coded: CodedField
    if path.suffix == ".nfc":
        coded = coding.open(path)
    else:
        coded = encode(load(path), "kmeans", bits=4)
    half = encode(to_field(coded), "float16")
    drawn = {"coded": Renderer(coded, device), "float16": Renderer(half, device)}
    camera = views.camera(coded, size=(size, size))
    images: dict[str, Any] = {}

    def draw(form: str) -> None:
        images[form] = render(drawn[form], camera)

    for form in drawn:
        draw(form)  # compiles, and learns the size of tiles
    times = interleaved({form: (lambda form=form: draw(form)) for form in drawn}, rounds)
    memory = {form: renderer.field_bytes for form, renderer in drawn.items()}
    return {
        "kind": coded.kind,
        "corners": [level.code.num_rows for level in coded.levels],
        "features": coded.levels[0].num_features,
        "image": f"{size} x {size}",
        **{form: taken.summary() for form, taken in times.items()},
        "coded_over_float16_time": ratio(times["coded"], times["float16"]),
        "gpu_bytes": memory,
        "buffers": {form: dict(renderer.programs.sizes) for form, renderer in drawn.items()},
        "coded_over_float16_memory": round(memory["coded"] / memory["float16"], 4),
        "largest_difference": float(np.abs(images["coded"] - images["float16"]).max()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fields", type=Path, nargs="+", default=sorted(EXAMPLES.glob("*.pt")))
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    device = request_device()
    results = {
        path.name: measure(path, device, options.size, options.rounds) for path in options.fields
    }
    slowest = max(case["coded_over_float16_time"]["median"] for case in results.values())
    largest = max(case["coded_over_float16_memory"] for case in results.values())
    bars = {
        "coded_over_float16_time": {
            "bar": TIME_BAR, "most": slowest, "met": slowest <= TIME_BAR,
        },
        "coded_over_float16_memory": {
            "bar": MEMORY_BAR, "most": largest, "met": largest <= MEMORY_BAR,
        },
    }  # fmt: skip
    settings = {"adapter": adapter_name(device.adapter), "rounds": options.rounds}
    write("gpu", settings, {"fields": results, "bars": bars})


if __name__ == "__main__":
    main()
